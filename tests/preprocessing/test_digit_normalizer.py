"""DigitNormalizer: pictures of digits to images like MNIST's."""

import pickle
import re
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd
import pytest
from distorted_pictures import (
    make_bilevel,
    paste,
    photograph,
    resize,
    shrink_to_4_bits,
)
from helpers import run_python, small
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image
from scipy.ndimage import label
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from skdigits import DigitNormalizer, FlattenScaler, load_mnist
from skdigits.preprocessing._digit_normalizer import normalization_stages


@pytest.fixture(scope="session")
def digits():
    """Some hundreds of MNIST's training images, as they are."""
    train = load_mnist("train")
    images, target = train.images[:400].copy(), train.target[:400].copy()
    images.flags.writeable = target.flags.writeable = False
    return images, target


@pytest.fixture
def three():
    """A picture of 60 x 40 pixels: a dark "1" with a foot, not in the middle."""
    picture = np.full((60, 40), 220, np.uint8)
    picture[10:42, 8:13] = 30
    picture[37:42, 8:24] = 30
    return picture


def normalize(X, **parameters):
    rows = DigitNormalizer(**parameters).transform(X)
    side = parameters.get("size", 28)
    return rows.reshape(-1, side, side)


def difference(one, other):
    """The mean difference of images, in grey levels of 255."""
    return np.abs(np.subtract(one, other, dtype=float)).mean()


def box(image):
    """Top, bottom, left and right of what is at least half as bright as can be."""
    (rows,), (columns,) = (np.nonzero((image > 127).any(axis=axis)) for axis in (1, 0))
    return rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


# scikit-learn's checks


@pytest.mark.thorough
def test_check_estimator_passes_as_a_user_calls_it():
    results = check_estimator(DigitNormalizer())

    assert {result["status"] for result in results} == {"passed"}
    assert not any(result["expected_to_fail"] for result in results)


@parametrize_with_checks([DigitNormalizer(deskew=True)])
def test_passes_every_check_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.thorough
@parametrize_with_checks(
    [
        DigitNormalizer(size=9, inner_size=9, invert=False),
        DigitNormalizer(invert=True),
    ]
)
def test_passes_every_check_with_other_parameters(estimator, check):
    check(estimator)


def test_its_tags_leave_no_check_out_but_that_of_a_forgotten_fit():
    tags, ordinary = get_tags(DigitNormalizer()), get_tags(FlattenScaler())

    assert not tags.requires_fit
    assert not get_tags(Normalizer()).requires_fit
    for part in ("no_validation", "non_deterministic", "_skip_test", "target_tags"):
        assert getattr(tags, part) == getattr(ordinary, part)
    assert tags.transformer_tags == ordinary.transformer_tags
    assert not tags.input_tags.allow_nan
    assert not tags.input_tags.positive_only


# MNIST's own images


def test_images_of_mnist_come_out_as_they_were(digits):
    images, _ = digits
    changes = np.abs(normalize(images).astype(int) - images).max(axis=(1, 2))

    # The darkest pixel of one image in ten is 254, and becomes 255
    assert np.mean(changes == 0) > 0.85
    assert np.mean(changes <= 1) > 0.97
    assert difference(normalize(images), images) < 0.2


@pytest.mark.slow
def test_all_test_images_of_mnist_come_out_nearly_as_they_were():
    images = load_mnist("test").images
    changes = np.abs(normalize(images).astype(int) - images).max(axis=(1, 2))

    assert np.mean(changes == 0) > 0.85
    assert np.mean(changes <= 1) > 0.98
    assert difference(normalize(images), images) < 0.2


def test_to_normalize_twice_changes_as_little(digits):
    once = normalize(digits[0])

    assert difference(normalize(once), once) < 0.05


# What is undone


def test_a_stroke_has_twenty_pixels_and_its_mass_in_the_middle(three):
    image = normalize([three])[0].astype(float)
    top, bottom, left, right = box(image)

    assert bottom - top == 20
    assert right - left == 10  # half as wide as high, as in the picture
    places = np.arange(28)
    for axis in (0, 1):
        middle = image.sum(axis=axis) @ places / image.sum()
        assert abs(middle - 14) <= 0.5


def test_sizes_are_parameters(three):
    image = normalize([three], size=50, inner_size=40)[0]
    top, bottom, left, right = box(image)

    assert image.shape == (50, 50)
    assert (bottom - top, right - left) == (40, 20)


def test_strokes_may_fill_the_image(three):
    image = normalize([three], size=20, inner_size=20)[0]
    top, bottom, *_ = box(image)

    assert (top, bottom) == (0, 20)


def test_place_and_size_of_a_digit_make_little_difference(digits):
    images, _ = digits

    assert difference(normalize(paste(images, seed=0)), images) < 12
    # What a picture resized as a whole differs by
    assert difference(resize(paste(images, seed=0)), images) > 30


@pytest.mark.parametrize("paper", [0, 1])
def test_margins_make_no_difference(digits, paper):
    images = digits[0][:60]
    cropped, padded = [], []
    for image in images:
        rows, columns = (np.nonzero(image.any(axis=axis))[0] for axis in (1, 0))
        digit = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        cropped.append(255 * paper + (-1) ** paper * digit.astype(int))
        padded.append(np.pad(cropped[-1], 40, constant_values=255 * paper))

    assert difference(normalize(cropped), normalize(images)) < 0.5
    assert difference(normalize(padded), normalize(images)) < 0.1


def test_light_noise_blur_and_ink_make_little_difference(digits):
    images, _ = digits

    spoiled = normalize(photograph(images, seed=0, tilt=0))
    assert difference(spoiled, images) < 16
    assert spoiled.any(axis=(1, 2)).mean() > 0.99


def test_pictures_of_8_x_8_pixels_become_digits_again(digits):
    images, _ = digits

    assert difference(normalize(shrink_to_4_bits(images)), images) < 25


@pytest.mark.parametrize("scale", [1e-300, 1e-3, 1, 1e3, 1e300])
def test_only_the_relation_of_values_matters(digits, scale):
    images = digits[0][:20].astype(float)

    np.testing.assert_array_equal(normalize(scale * (images + 1)), normalize(images))


def test_light_strokes_and_dark_ones_give_the_same(digits):
    images, _ = digits

    np.testing.assert_array_equal(normalize(255 - images), normalize(images))


def test_inversion_may_be_said(digits):
    images = digits[0][:50]
    expected = normalize(images)

    np.testing.assert_array_equal(normalize(images, invert=False), expected)
    np.testing.assert_array_equal(normalize(255 - images, invert=True), expected)


def test_a_closely_cropped_one_needs_the_inversion_said():
    stroke = np.full((20, 5), 1.0)
    stroke[0, 0] = 0

    (guessed,) = normalization_stages(DigitNormalizer(), [stroke])
    (image,) = normalize([stroke], invert=False)

    assert np.count_nonzero(guessed["background removed"]) == 1  # that one dark pixel
    assert np.subtract(*box(image)[1::-1]) == 20
    assert np.subtract(*box(image)[:1:-1]) == 5


def test_ink_is_found_where_light_falls_off(three):
    light = np.linspace(0.5, 1, 60)[:, np.newaxis] * np.linspace(0.7, 1, 40)

    (stages,) = normalization_stages(DigitNormalizer(), [three * light])
    np.testing.assert_array_equal(stages["background removed"] > 0.4, three < 100)


# A median of whole grey levels is up to half a level off
@pytest.mark.parametrize(("paper", "grain"), [(219.7, 0.3), (219.7, 1.0), (219.5, 2.0)])
def test_ink_is_found_on_evenly_lit_paper_between_two_grey_levels(three, paper, grain):
    digit = np.kron(three, np.ones((8, 8)))
    digit = np.pad(digit, 60, constant_values=255)
    noise = np.random.default_rng(0).normal(0, grain, digit.shape)
    photo = np.where(digit < 100, 30, (paper + noise).round()).astype(np.uint8)

    got, expected = normalize([photo, np.where(digit < 100, 30, 220)])
    assert np.abs(got.astype(int) - expected).mean() < 5


# Bilevel and low-resolution digits that touch the edges of their pictures


@pytest.mark.parametrize("side", [16, 20, 32])
@pytest.mark.parametrize("bold", [0, 1])
@pytest.mark.parametrize("stretch", [False, True])
def test_bilevel_digits_are_told_from_their_background(digits, side, bold, stretch):
    pictures = make_bilevel(digits[0][:50], side=side, bold=bold, stretch=stretch)
    expected = normalize(pictures, invert=False)
    inverted = normalize([255 - picture for picture in pictures])

    assert expected.any(axis=(1, 2)).all()
    for images in (normalize(pictures), inverted):
        same = (images == expected).all(axis=(1, 2))
        assert same.mean() >= 0.98


def test_bilevel_digits_may_be_of_any_type(digits):
    pictures = make_bilevel(digits[0][:20], bold=0.5)
    for same in (
        [picture > 0 for picture in pictures],
        [picture // 255 for picture in pictures],
        [picture / 255 for picture in pictures],
    ):
        np.testing.assert_array_equal(normalize(same), normalize(pictures))


def test_a_digit_without_noise_on_all_edges_keeps_all_its_strokes(digits):
    for picture in make_bilevel(digits[0][:40], bold=0.5, stretch=True):
        (stages,) = normalization_stages(DigitNormalizer(), [picture])
        np.testing.assert_array_equal(
            stages["background removed"] > 0.5, picture > 0, strict=True
        )


# The thickness of strokes


@pytest.mark.parametrize("width", [2, 4, 6, 9, 14, 18])
@pytest.mark.parametrize("side", [48, 300])
def test_a_bar_of_any_width_becomes_a_thin_one(width, side):
    bar = np.zeros((48, 48))
    bar[8:40, 24 - width // 2 : 24 + (width + 1) // 2] = 1
    bar = np.kron(bar, np.ones((side // 48, side // 48)))
    (image,) = normalize([bar])
    top, bottom, left, right = box(image)

    assert bottom - top == 20
    assert 1 <= right - left <= 4


def test_a_one_that_was_stretched_to_a_square_becomes_narrow():
    one = np.zeros((16, 16))
    for row in range(16):
        one[row, max(0, 9 - row) : 18 - row] = 1
    assert one.any(axis=0).all()
    (image,) = normalize([one])
    top, bottom, left, right = box(image)

    assert bottom - top == 20
    assert right - left < 12


def rings(radius, thickness, side=90):
    """A picture of a "0"."""
    y, x = np.mgrid[:side, :side] - side / 2
    return (np.abs(np.hypot(1.5 * x, y) - radius) < thickness / 2).astype(float)


@pytest.mark.parametrize("thickness", [2, 6, 10, 18])
def test_strokes_become_as_thick_as_mnists(digits, thickness):
    (image,) = normalize([rings(30, thickness)])
    share = (image > 127).sum()
    usual = (digits[0] > 127).sum(axis=(1, 2))[digits[1] == 0]

    assert 0.8 * usual.min() < share < usual.max()
    assert image[14, 14] == 0  # the hole stays
    assert label(image > 127)[1] == 1


def test_hairlines_become_thicker():
    (stages,) = normalization_stages(DigitNormalizer(), [rings(400, 6, side=900)])

    assert (stages["evened"] > 0.5).sum() > 1.3 * (stages["scaled"] > 0.5).sum()


def test_images_of_mnist_keep_their_thickness(digits):
    same = [
        np.array_equal(stages["evened"], stages["scaled"])
        for stages in normalization_stages(DigitNormalizer(), digits[0])
    ]

    assert np.mean(same) > 0.98


def test_specks_are_dropped(three):
    speckled = three.copy()
    speckled[2:4, 30:32] = speckled[55, 3] = 30

    assert difference(normalize([speckled]), normalize([three])) < 0.1


@pytest.mark.parametrize("seed", range(4))
def test_a_corner_in_shadow_is_no_stroke(seed, three):
    noise = np.random.default_rng(seed).normal(0, 8, three.shape)
    shadow = three.astype(float)
    shadow[46:, 26:] -= 80
    photos = [(page + noise).round().clip(0, 255) for page in (shadow, three)]

    assert difference(*normalize(photos)) < 8


def test_a_large_smudge_is_no_stroke():
    dots = np.zeros((40, 40))
    dots[2:20:2, 2:38:2] = 1
    dots[2:8, 2:8] = 0
    smudged = dots.copy()
    smudged[23:35, 3:15] = 0.3

    assert difference(normalize([smudged]), normalize([dots])) < 1


def test_separate_strokes_stay(three):
    without_bar = normalize([three])
    three[20:25, 24:32] = 30

    assert difference(normalize([three]), without_bar) > 5


def test_deskew_makes_slanted_strokes_upright(three):
    slanted = np.stack([np.roll(row, -y // 4) for y, row in enumerate(three[:, ::-1])])
    slanted[:] = 220
    for y in range(10, 50):
        slanted[y, 30 - y // 2 : 34 - y // 2] = 30

    (left, right), (upright_left, upright_right) = (
        box(normalize([slanted], deskew=deskew)[0])[2:] for deskew in (False, True)
    )
    assert right - left > 10
    assert upright_right - upright_left < 5


def test_deskew_keeps_a_picture_of_two_dark_pixels():
    picture = np.array([[1, 0], [0, 0], [0, 3]], np.uint8)

    assert normalize([picture], deskew=True)[0].any()


# What pictures may be


def test_any_layout_and_type_give_the_same(digits):
    images = digits[0][:20]
    expected = normalize(images)
    for same in (
        np.asfortranarray(images),
        images[::-1][::-1],
        images.astype(">i4"),
        images.astype(np.float16),
        images.astype(np.longdouble),
        images / 255,
        images[..., np.newaxis],
        list(images),
        tuple(images),
        images.tolist(),
        np.array([*images, None], dtype=object)[:-1],
        images.reshape(20, 784),
        list(images.reshape(20, 784)),
        pd.DataFrame(images.reshape(20, 784)),
    ):
        np.testing.assert_array_equal(normalize(same), expected)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (np.uint8, np.uint8),
        (np.int64, np.uint8),
        (bool, np.uint8),
        (np.float16, np.uint8),
        (np.float32, np.float32),
        (np.float64, np.float64),
    ],
)
def test_floats_keep_their_type_and_all_else_becomes_bytes(digits, given, expected):
    rows = DigitNormalizer().fit_transform(digits[0][:3].astype(given))

    assert rows.dtype == expected
    assert rows.shape == (3, 784)
    assert rows.max() == 255
    np.testing.assert_array_equal(rows, np.round(rows))


def test_a_list_may_hold_pictures_of_all_kinds(digits, three):
    image = digits[0][0]
    mixed = [
        three,
        image,
        image / 255,
        image > 127,
        image.ravel(),
        image.tolist(),
        np.dstack([three] * 3),
        three[..., np.newaxis],
    ]
    rows = DigitNormalizer().fit(mixed).transform(mixed)

    assert rows.dtype == np.float64
    for row, picture in zip(rows, mixed, strict=True):
        np.testing.assert_array_equal(row, DigitNormalizer().transform([picture])[0])
    for index in (2, 4, 5):
        np.testing.assert_array_equal(rows[index], rows[1])
    for index in (6, 7):
        np.testing.assert_array_equal(rows[index], rows[0])


@pytest.mark.parametrize("container", [list, tuple, np.array, pd.Series])
def test_files_are_pictures(three, digits, container, tmp_path):
    paths = [str(tmp_path / name) for name in ("one.png", "another.png")]
    for path, picture in zip(paths, (three, digits[0][0]), strict=True):
        Image.fromarray(picture).save(path)

    np.testing.assert_array_equal(
        normalize(container(paths)), normalize([three, digits[0][0]])
    )


def test_a_list_may_hold_files_images_of_pillows_and_arrays(three, tmp_path):
    drawn = Image.fromarray(three)
    drawn.save(tmp_path / "three.png")

    for image in normalize([tmp_path / "three.png", drawn, three.tolist()]):
        np.testing.assert_array_equal(image, normalize([three])[0])


def test_colours_become_grey():
    ink, paper = np.array([30, 30, 160]), np.array([230, 220, 190])
    picture = np.where(np.eye(30, dtype=bool)[..., np.newaxis], ink, paper)

    np.testing.assert_array_equal(
        normalize(picture[np.newaxis].astype(np.uint8)),
        normalize(np.eye(30)[np.newaxis]),
    )


@pytest.mark.parametrize("ink", [0, 255])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("n_channels", [2, 4])
def test_what_is_transparent_is_background(three, ink, dtype, n_channels):
    largest = 1 if dtype == np.float32 else np.iinfo(dtype).max
    opacity = (three < 100) * largest
    colours = [np.full(three.shape, ink // 255 * largest)] * (n_channels - 1)
    drawn = np.stack([*colours, opacity], axis=-1).astype(dtype)

    np.testing.assert_array_equal(normalize([drawn]), normalize([three]))


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.int64, np.float64])
@pytest.mark.parametrize("n_channels", [2, 4])
def test_transparent_bytes_may_come_in_a_larger_type(three, dtype, n_channels):
    opacity = (three < 100) * 255
    drawn = np.stack([np.zeros_like(three)] * (n_channels - 1) + [opacity], axis=-1)

    np.testing.assert_array_equal(normalize([drawn.astype(dtype)]), normalize([three]))


def test_rows_that_are_no_squares_are_images_of_one_row():
    rows = np.array([[0, 0, 1.0, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0, 1]])

    np.testing.assert_array_equal(normalize(rows), normalize(rows[:, np.newaxis]))
    assert normalize(rows).any(axis=(1, 2)).all()


def test_an_image_depends_on_no_other(digits):
    pictures = photograph(digits[0][:30], seed=0)
    together = normalize(pictures)

    for index in (0, 7, 29):
        np.testing.assert_array_equal(
            normalize(pictures[index : index + 1])[0], together[index]
        )


def test_pictures_larger_than_what_is_looked_at_at_a_time(three):
    large = np.kron(three, np.ones((20, 20), np.uint8))

    assert difference(normalize([large, three, large])[[0, 2]], normalize([three])) < 5


def test_the_pictures_stay_as_they_were(digits):
    pictures = photograph(digits[0][:5], seed=0).astype(np.float32)
    before = pictures.copy()

    DigitNormalizer().fit_transform(pictures)

    np.testing.assert_array_equal(pictures, before)


# Pictures without a digit


@pytest.mark.parametrize(
    "nothing",
    [
        np.zeros((28, 28)),
        np.full((5, 9), 0.1),
        np.ones((1, 1)),
        np.full((40, 40, 4), 7, np.uint8),
        np.linspace(0, 1, 900).reshape(30, 30),
        np.random.default_rng(0).normal(size=(64, 64)),
        np.random.default_rng(0).integers(100, 110, size=(50, 80)),
    ],
    ids=["zeros", "constant", "one pixel", "transparent", "light", "noise", "paper"],
)
def test_a_picture_without_a_clear_stroke_gives_zeros(nothing, three):
    rows = DigitNormalizer().transform([nothing, three])

    assert not rows[0].any()
    assert rows[1].any()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (np.zeros((0, 5)), r"X\[2\] has no pixels: its shape is (0, 5)"),
        ([], r"X\[2\] has no pixels: its shape is (0,)"),
        (np.zeros((5, 5, 5)), r"X\[2\] has shape (5, 5, 5). Expected the path"),
        (3.0, r"X\[2\] has shape (). Expected the path"),
        (np.full((5, 5), np.nan), r"X\[2\] contains NaN"),
        (np.full((5, 5), -np.inf), r"X\[2\] contains infinity"),
        (np.full((5, 5), np.longdouble("1e4000")), r"X\[2\] contains infinity"),
        ([[1, 2], [3]], r"X\[2\] is no image: its rows differ in length"),
        (__file__, r"X\[2\] is the file '.*', which cannot be read as a picture"),
        (b"seven", r"X\[2\] is a bytes. Expected the path of a picture file"),
        (None, r"X\[2\] is None. Expected the path of a picture file"),
        (np.zeros((5, 5), "M8[s]"), r"X\[2\] has values of type datetime64"),
        (np.zeros((5, 5), complex), r"X\[2\] has values of type complex128"),
    ],
)
@pytest.mark.parametrize("method", ["fit", "transform"])
def test_what_is_no_picture_is_named_by_its_index(wrong, words, method, three):
    pattern = words.replace("(", r"\(").replace(")", r"\)")
    with pytest.raises(ValueError, match=pattern):
        getattr(DigitNormalizer(), method)([three, three[:9], wrong, three])


def test_a_file_that_is_missing_is_named_by_its_index(three):
    with pytest.raises(FileNotFoundError, match=r"X\[1\] is the path 'my3.png'"):
        DigitNormalizer().transform([three, "my3.png"])


@pytest.mark.parametrize("X", ["my3.png", Path("my3.png")])
def test_a_single_path_is_told_how_to_be_one_of_several(X):
    with pytest.raises(ValueError, match=r"single path, 'my3.png'. .* pass \[X\]"):
        DigitNormalizer().transform(X)


@pytest.mark.parametrize("shape", [(5, 16), (5, 4, 4), (5, 4, 4, 3)])
def test_not_a_number_is_named_by_its_index_in_an_array(shape):
    X = np.zeros(shape)
    X[3].flat[2] = np.nan
    with pytest.raises(ValueError, match=re.escape("X[3] contains NaN")):
        DigitNormalizer().transform(X)


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.zeros((0, 28, 28)), "X has no images"),
        (np.zeros((3, 0, 28)), "X has images without pixels"),
        (np.zeros((3, 0)), r"0 feature\(s\)"),
        (np.zeros((28, 28, 3)), r"pass X\[np.newaxis\] for one"),
        (np.zeros((3, 1, 28, 28)), r"X has shape \(3, 1, 28, 28\)"),
        (np.zeros((3, 28, 28), complex), "values of type complex128"),
        (np.zeros((3, 28, 28), "m8[s]"), "values of type timedelta64"),
        ([], "X has no images: it is an empty list"),
        ([1, 2, 3], "1D array"),
    ],
)
def test_what_is_no_pictures_is_refused(X, words):
    with pytest.raises(ValueError, match=words):
        DigitNormalizer().transform(X)


def test_narrow_grey_images_may_be_a_list():
    narrow = np.zeros((2, 20, 3))
    narrow[:, 4:16, 1] = 1

    assert normalize(list(narrow)).any(axis=(1, 2)).all()


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"size": 0}, "'size' parameter"),
        ({"size": 28.0}, "'size' parameter"),
        ({"inner_size": -1}, "'inner_size' parameter"),
        ({"invert": "yes"}, "'invert' parameter"),
        ({"deskew": 1.5}, "'deskew' parameter"),
        ({"size": 19}, "inner_size must be at most size, which is 19. Got 20."),
    ],
)
@pytest.mark.parametrize("method", ["fit", "transform"])
def test_bad_parameters_are_refused(parameters, words, method, three):
    with pytest.raises(ValueError, match=words):
        getattr(DigitNormalizer(**parameters), method)([three])


# As scikit-learn's transformers


def test_fit_learns_nothing_and_transform_needs_none(digits, three):
    normalizer = DigitNormalizer()
    unfitted = normalizer.transform([three])

    np.testing.assert_array_equal(
        normalizer.fit(digits[0]).transform([three]), unfitted
    )


def test_rows_must_be_as_long_as_in_fit_and_images_need_not(digits, three):
    normalizer = DigitNormalizer().fit(digits[0].reshape(-1, 784))

    assert normalizer.n_features_in_ == 784
    with pytest.raises(ValueError, match="X has 64 features"):
        normalizer.transform(np.ones((2, 64)))
    assert normalizer.transform(np.ones((2, 8, 8))).shape == (2, 784)
    assert not hasattr(normalizer.fit([three]), "n_features_in_")


def test_a_call_that_raises_leaves_it_as_it_was(digits):
    normalizer = DigitNormalizer().fit(digits[0].reshape(-1, 784))
    before = pickle.dumps(normalizer)
    for wrong in (np.full((2, 9), np.nan), np.zeros((0, 3, 3)), [[[1]], None]):
        with pytest.raises(ValueError, match="X"):
            normalizer.fit(wrong)

    assert pickle.dumps(normalizer) == before


def test_names_are_those_of_the_pixels_of_the_result(digits):
    normalizer = DigitNormalizer(size=4, inner_size=3)
    with pytest.raises(NotFittedError):
        normalizer.get_feature_names_out()

    names = normalizer.fit(digits[0]).get_feature_names_out()
    assert names.tolist()[:5] == [*(f"pixel_0_{c}" for c in range(4)), "pixel_1_0"]
    assert len(names) == 16


def test_set_output_gives_dataframes(digits, three):
    normalizer = DigitNormalizer().set_output(transform="pandas")

    frame = normalizer.fit_transform([three, digits[0][0]])

    assert isinstance(frame, pd.DataFrame)
    assert frame.columns[-1] == "pixel_27_27"
    assert (frame.dtypes == np.uint8).all()


def test_dataframes_need_a_fit_as_of_stateless_transformers_of_scikit_learn(three):
    for transformer, X in ((DigitNormalizer(), [three]), (Normalizer(), three)):
        with pytest.raises(NotFittedError, match="Call 'fit'"):
            transformer.set_output(transform="pandas").transform(X)


def test_clones_and_pickles_do_the_same(three):
    normalizer = DigitNormalizer(size=30, invert=True, deskew=True).fit([three])
    expected = normalizer.transform([three])

    for same in (clone(normalizer), pickle.loads(pickle.dumps(normalizer))):
        np.testing.assert_array_equal(same.transform([three]), expected)


def test_pictures_of_different_sizes_go_through_a_search(digits):
    images, y = digits[0], digits[1][:150]
    pictures = [
        *paste(images[:50], seed=0),
        *images[50:100],
        *shrink_to_4_bits(images[100:150]),
    ]
    model = make_pipeline(DigitNormalizer(), KNeighborsClassifier(1))

    predicted = cross_val_predict(model, pictures, y, cv=2)
    search = GridSearchCV(
        model, {"digitnormalizer__deskew": [False, True]}, cv=2, error_score="raise"
    ).fit(pictures, y)

    assert np.mean(predicted == y) > 0.6
    assert search.best_score_ > 0.6
    assert search.score(pictures, y) > 0.7


def test_a_network_trained_on_mnist_reads_pictures_behind_it(digits):
    images, y = digits
    raw = make_pipeline(FlattenScaler(), small(epochs=20)).fit(images[:300], y[:300])
    behind = make_pipeline(DigitNormalizer(), *[step for _, step in raw.steps])
    pictures, y = paste(images[300:], seed=0), y[300:]

    assert behind.score(pictures, y) > raw.score(images[300:], y) - 0.05
    assert raw.score(resize(pictures), y) < 0.5


def test_the_package_works_without_pillow_as_long_as_nothing_is_normalized():
    code = """
import sys
sys.modules["PIL"] = None
from skdigits import DigitNormalizer, FlattenScaler
print(FlattenScaler().fit_transform([[1, 2]]), DigitNormalizer())
"""
    assert "DigitNormalizer()" in run_python(code).stdout


# Any picture at all

KINDS = ["?", "u1", "i2", ">u4", "i8", "f2", "f4", "f8", "<g"]


@st.composite
def pictures(draw):
    """An image of any shape, type and memory layout, of finite numbers."""
    shape = draw(npst.array_shapes(min_dims=1, max_dims=2, min_side=1, max_side=40))
    channels = draw(st.sampled_from([(), (1,), (2,), (3,), (4,)]))
    shape = (*shape, *channels) if len(shape) == 2 else shape
    dtype = np.dtype(draw(st.sampled_from(KINDS)))
    few = draw(st.booleans())
    elements = {}
    if dtype.kind == "f":
        elements = {"allow_nan": False, "allow_infinity": False}
        if dtype.itemsize > 8:
            dtype, elements = np.dtype("f8"), elements
    values = npst.from_dtype(dtype, **elements)
    if few:
        values = st.sampled_from(draw(st.lists(values, min_size=1, max_size=3)))
    image = draw(npst.arrays(dtype, shape, elements=values))
    layout = draw(st.sampled_from(["C", "F", "reversed", "strided"]))
    if layout == "F":
        return np.asfortranarray(image)
    if layout == "reversed":
        return np.flip(image)
    if layout == "strided":
        return np.repeat(image, 2, axis=0)[::2]
    return image


def check_any_pictures(batch, parameters):
    normalizer = DigitNormalizer(**parameters)
    before = [image.copy() for image in batch]

    rows = normalizer.fit(batch).transform(batch)

    assert rows.shape == (len(batch), normalizer.size**2)
    assert rows.dtype in (np.uint8, np.float32, np.float64)
    assert np.isfinite(rows).all()
    largest = rows.max(axis=1)
    assert set(largest) <= {0, 255}
    assert rows.min() >= 0
    for row, image, unchanged in zip(rows, batch, before, strict=True):
        np.testing.assert_array_equal(image, unchanged)
        if image.ndim > 1:
            alone = normalizer.transform([np.ascontiguousarray(image)])
            np.testing.assert_array_equal(alone[0], row)


ANY = given(
    batch=st.lists(pictures(), min_size=1, max_size=3).filter(
        lambda batch: any(image.ndim > 1 for image in batch)
    ),
    parameters=st.sampled_from(
        [
            {},
            {"deskew": True},
            {"invert": True},
            {"invert": False, "size": 20},
            {"size": 5, "inner_size": 1},
            {"size": 40, "inner_size": 33, "deskew": True},
        ]
    ),
)
LARGE_INPUT = [HealthCheck.too_slow, HealthCheck.data_too_large]


@ANY
@settings(max_examples=60, suppress_health_check=LARGE_INPUT)
def test_any_pictures_give_images_or_zeros(batch, parameters):
    check_any_pictures(batch, parameters)


@pytest.mark.slow
@ANY
@settings(max_examples=3000, suppress_health_check=LARGE_INPUT)
def test_any_of_many_more_pictures_give_images_or_zeros(batch, parameters):
    check_any_pictures(batch, parameters)


# Speed


@pytest.mark.parametrize("dtype", [np.uint8, bool, np.float32, np.int64])
def test_large_pictures_give_what_small_ones_do(three, dtype):
    small = (three < 100).astype(dtype)
    large = np.kron(small, np.ones((50, 50), dtype))
    got, expected = normalize([large]), normalize([small])

    assert got.dtype == expected.dtype
    assert difference(got, expected) < 3


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int32, np.int64, np.uint64])
def test_large_pictures_may_have_the_extremes_of_their_type(three, dtype):
    limits = np.iinfo(dtype)
    large = np.kron(three, np.ones((50, 50), np.uint8)) > 99
    extremes = np.where(large, limits.max, limits.min).astype(dtype)

    np.testing.assert_array_equal(normalize([extremes]), normalize([large]))


@pytest.mark.slow
def test_a_picture_of_eight_megapixels_takes_less_than_half_a_second(three):
    large = np.kron(np.dstack([three] * 3), np.ones((60, 55, 1), np.uint8))
    assert large.size > 3 * 7.9e6

    start = process_time()
    normalize([large])

    assert process_time() - start < 0.4


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["array", "list"])
def test_four_thousand_images_take_a_second_of_one_core_at_most(kind):
    images = load_mnist("train").images[:4000]
    images = list(images) if kind == "list" else images
    normalizer = DigitNormalizer()
    normalizer.transform(images[:10])

    start = process_time()
    normalizer.transform(images)

    # The time of all threads together, which other programs do not add to
    assert len(images) / (process_time() - start) > 4000

"""Pictures to their single digits."""

import time
import tracemalloc
import warnings

import numpy as np
import photo_pictures
import pytest
import scipy.ndimage as ndi
from _pictures import draw_row
from helpers import thorough_but
from page_pictures import KINDS, draw, find_problem
from PIL import Image, ImageDraw, ImageFont, ImageOps

from skdigits import find_digits, load_mnist, load_reader
from skdigits.preprocessing._page.touching import _choose

TEST = load_mnist("test")
READER = load_reader()


def draw_test_row(seed):
    """A picture of 5 test digits, and where they are."""
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, len(TEST.images), 5)
    return draw_row(TEST.images[chosen], rng)


def is_found(picture, boxes):
    """Whether there are as many boxes as digits, in order, around the same places."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = find_digits(picture)
    if len(found.boxes) != len(boxes) or found.lines.any():
        return False
    middle = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    return bool(((middle > boxes[:, :2]) & (middle < boxes[:, 2:])).all())


def blots(*boxes, shape=(60, 120)):
    """A picture of dark rectangles on white."""
    picture = np.full(shape, 255, np.uint8)
    for top, left, bottom, right in boxes:
        picture[top:bottom, left:right] = 0
    return picture


# Photos


def test_rows_of_digits_in_uneven_light_are_found():
    assert sum(is_found(*draw_test_row(seed)) for seed in range(8)) >= 7


@pytest.mark.slow
def test_of_200_rows_at_least_95_percent_are_found():
    found = np.mean([is_found(*draw_test_row(seed)) for seed in range(200)])
    print(f"{found:.1%} of 200 rows")
    assert found >= 0.95


def test_boxes_are_those_of_the_digits():
    images = TEST.images[:5]
    found = find_digits(np.hstack(list(images)))
    for k, (image, box) in enumerate(zip(images, found.boxes, strict=True)):
        rows, columns = np.nonzero(image)
        inked = rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
        expected = np.add(inked, [0, 28 * k, 0, 28 * k])
        np.testing.assert_allclose(box, expected, atol=1)


@pytest.mark.parametrize("labels", [(1, 7, 5), (7, 5, 1)])
def test_a_picture_cropped_to_a_number_has_all_its_digits(labels):
    found = []
    for k in range(6):
        digits = []
        for label in labels:
            image = TEST.images[TEST.target == label][k]
            box = (
                Image.fromarray(image).point(lambda value: 255 * (value > 80)).getbbox()
            )
            digit = Image.fromarray(image).crop(box)
            digit = digit.resize((40 * digit.width // digit.height, 40))
            digits += [np.asarray(digit) / 255, np.zeros((40, 10))]
        found.append(len(find_digits(1 - 0.8 * np.hstack(digits[:-1])).boxes))
    assert found.count(len(labels)) >= 5, found


def test_images_are_light_strokes_on_dark_with_a_margin_around_their_boxes():
    picture = 255 - np.hstack(list(TEST.images[:5]))
    found = find_digits(picture)
    for image, (top, left, bottom, right) in zip(
        found.images, found.boxes, strict=True
    ):
        margin = 1 + max(bottom - top, right - left) // 5
        assert image.shape == (bottom - top + 2 * margin, right - left + 2 * margin)
        assert image.dtype == np.float32
        assert image.min() >= 0
        assert 0.9 < image.max() <= 1
        drawn = np.pad(255 - picture[top:bottom, left:right], margin)
        assert np.corrcoef(image.ravel(), drawn.ravel())[0, 1] > 0.85


def test_lines_go_from_top_to_bottom_and_digits_from_left_to_right():
    images = TEST.images[:12].reshape(3, 4, 28, 28)
    found = find_digits(np.vstack([np.hstack(list(line)) for line in images]))
    np.testing.assert_array_equal(found.lines, np.repeat([0, 1, 2], 4))
    places = found.boxes[:, :2] // 28
    np.testing.assert_array_equal(places, [(i, j) for i in range(3) for j in range(4)])


def test_a_line_whose_halves_are_not_level_is_one():
    images = TEST.images[:12].reshape(2, 6, 28, 28)
    first, second = (
        np.pad(np.hstack(list(line)), ((14, 14), (8, 8))) for line in images
    )
    first[:, 92:] = np.roll(first[:, 92:], -11, axis=0)
    found = find_digits(np.vstack([first, second]))
    np.testing.assert_array_equal(found.lines, np.repeat([0, 1], 6))


@pytest.mark.parametrize("angle", [-10, 10])
def test_lines_may_slope(angle):
    images = TEST.images[:12].reshape(2, 6, 28, 28)
    picture = np.vstack([np.hstack(list(line)) for line in images])
    found = find_digits(ndi.rotate(picture, angle, order=1))
    np.testing.assert_array_equal(found.lines, np.repeat([0, 1], 6))
    for line in (0, 1):
        assert (np.diff(found.boxes[found.lines == line, 1]) > 0).all()


def test_parts_of_a_digit_are_joined():
    # As in a 5, whose upper bar does not touch the rest
    picture = blots((10, 14, 14, 30), (17, 10, 50, 16), (10, 60, 50, 66))
    found = find_digits(picture)
    np.testing.assert_allclose(
        found.boxes, [(10, 10, 50, 30), (10, 60, 50, 66)], atol=1
    )


def test_specks_are_left_out():
    picture = blots((10, 20, 50, 26), (10, 80, 50, 86), (30, 50, 32, 52), (4, 4, 6, 6))
    assert len(find_digits(picture).boxes) == 2


def test_frames_and_ruled_lines_are_left_out():
    digits = np.hstack(list(TEST.images[:4]))
    picture = 255 - np.pad(digits, 8)
    for left in range(6, picture.shape[1], 28):
        picture[4:-4, left : left + 2] = 60
    picture[[4, 5, -6, -5]] = 60
    found = find_digits(picture)
    assert len(found.boxes) == 4
    np.testing.assert_array_equal((found.boxes[:, 1] - 8) // 28, range(4))


def test_a_round_zero_is_no_frame():
    # As high and as wide as a cell, with straight sides
    train = load_mnist("train").images
    first, second, zero, *others = (train[i] for i in (3, 7, 19915, 9, 11))
    row = np.hstack([first, second, np.pad(zero, ((0, 0), (4, 4))), *others])
    picture = np.kron(255 - np.pad(row, 40), np.ones((2, 2), np.uint8))
    found = find_digits(picture)
    assert len(found.boxes) == 5
    middle = (found.boxes[2, 1] + found.boxes[2, 3]) / 2
    assert abs(middle - 2 * (40 + 2 * 28 + 18)) < 10


@pytest.mark.parametrize("tilt", [0, 3])
def test_empty_cells_are_no_zeros(tilt):
    picture = Image.new("L", (300, 160), 255)
    draw = ImageDraw.Draw(picture)
    for left in (110, 190):
        draw.rectangle((left, 60, left + 40, 100), outline=0, width=3)
    picture = np.array(picture.rotate(tilt, Image.Resampling.BILINEAR, fillcolor=255))
    # A "1" and a "7", beside the cells
    picture[60:100, 50:54] = picture[60:100, 260:264] = picture[60:64, 240:264] = 0
    assert len(find_digits(picture).boxes) == 2


def test_a_stroke_that_lies_on_a_fainter_line_stays():
    # Squared paper, and a "1" on an upright line that is as thick
    picture = np.full((160, 240), 255, np.uint8)
    picture[10::40] = picture[:, 10::40] = 150
    picture[11::40] = picture[:, 11::40] = 150
    for left in (50, 90, 130, 170):
        picture[62:98, left : left + 2] = 20
    found = find_digits(picture)
    np.testing.assert_allclose(
        found.boxes, [(62, x, 98, x + 2) for x in (50, 90, 130, 170)], atol=3
    )


# What a picture may be


@pytest.fixture(scope="module")
def row():
    picture, _ = draw_row(TEST.images[:5], np.random.default_rng(0))
    return picture, find_digits(picture)


def assert_same(found, expected):
    # To the pixel that the work is done on, whose rounding differs from type to type
    np.testing.assert_allclose(found.boxes, expected.boxes, atol=2)
    np.testing.assert_array_equal(found.lines, expected.lines)
    for image, other in zip(found.images, expected.images, strict=True):
        if image.shape == other.shape:
            assert np.corrcoef(image.ravel(), other.ravel())[0, 1] > 0.95


@pytest.mark.parametrize(
    "change",
    [
        lambda picture: 255 - picture,
        lambda picture: picture.astype(np.uint16) * 257,
        lambda picture: picture.astype(np.int64),
        lambda picture: picture / 255,
        lambda picture: picture.astype(np.float32) - 1000,
        lambda picture: picture / 255 * np.finfo(float).max,
        lambda picture: picture.tolist(),
        lambda picture: picture[..., np.newaxis],
        lambda picture: np.dstack([picture] * 3),
        lambda picture: np.dstack([picture] * 3 + [np.full_like(picture, 255)]),
        lambda picture: np.dstack([picture / 255] * 3 + [np.ones(picture.shape)]),
    ],
    ids=[
        "light on dark",
        "uint16",
        "int64",
        "from 0 to 1",
        "negative",
        "huge",
        "list",
        "one channel",
        "RGB",
        "RGBA",
        "RGBA from 0 to 1",
    ],
)
def test_the_same_picture_in_another_form_gives_the_same(row, change):
    picture, expected = row
    assert_same(find_digits(change(picture)), expected)


@pytest.mark.parametrize("ink", [0, 255])
def test_what_is_transparent_is_background(ink):
    opacity = np.hstack(list(TEST.images[:5]))
    drawing = np.dstack([np.full((*opacity.shape, 3), ink, np.uint8), opacity])
    assert_same(find_digits(drawing), find_digits(255 - opacity))


def test_a_file_is_read(tmp_path, row):
    picture, expected = row
    Image.fromarray(picture).save(tmp_path / "row.png")
    assert_same(find_digits(tmp_path / "row.png"), expected)


def test_booleans_are_a_picture():
    assert len(find_digits(np.hstack(list(TEST.images[:5])) > 127).boxes) == 5


def test_the_picture_stays_as_it_is(row):
    picture = row[0] / 255
    before = picture.copy()
    find_digits(picture)
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((50, 80)),
        np.full((50, 80, 4), 255),
        np.ones((1, 1)),
        np.zeros((1, 30)),
        np.zeros((3, 1, 3)),
        np.random.default_rng(0).standard_normal((100, 200)),
    ],
    ids=["black", "white", "one pixel", "one row", "one column", "noise"],
)
def test_where_nothing_is_the_result_is_empty(picture):
    with pytest.warns(UserWarning, match="found nothing"):
        found = find_digits(picture)
    assert found.images == []
    assert found.boxes.shape == (0, 4)
    assert found.lines.shape == (0,)
    assert found.boxes.dtype.kind == found.lines.dtype.kind == "i"


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (np.zeros(5), ValueError, r"image has shape \(5,\). Expected the path"),
        (np.zeros((5, 5, 5)), ValueError, r"image has shape \(5, 5, 5\)"),
        (np.zeros((0, 5)), ValueError, r"image has no pixels: its shape is \(0, 5\)"),
        (np.full((5, 5), np.nan), ValueError, "image contains NaN"),
        (np.full((5, 5), np.inf), ValueError, "image contains infinity"),
        (np.zeros((5, 5), complex), ValueError, "image has values of type complex128"),
        ("digits.png", FileNotFoundError, "image is the path 'digits.png', but"),
    ],
)
def test_what_is_no_picture_is_refused(image, error, message):
    with pytest.raises(error, match=message):
        find_digits(image)


# What people draw and hold beside numbers


def written(*, zoom=2, depth=0.8, pad=40):
    """Six test digits on white, of about 40 pixels, and their boxes."""
    ink = np.hstack(list(TEST.images[:6])) / 255
    ink = np.pad(ndi.zoom(ink, zoom, order=1), pad)
    boxes = []
    for k in range(6):
        rows, columns = np.nonzero(ink[:, pad + 28 * zoom * k :][:, : 28 * zoom] > 0.3)
        columns += pad + 28 * zoom * k
        boxes.append((rows.min(), columns.min(), rows.max() + 1, columns.max() + 1))
    return 1 - depth * ink, np.array(boxes)


def around(boxes, margin):
    """The box around some boxes, larger by a margin."""
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return (*(low - margin), *(high + margin))


def test_a_ring_around_a_number_is_left_out():
    picture, boxes = written()
    # The first three
    picture, boxes = picture[:, : boxes[3, 1] - 2], boxes[:3]
    image = Image.fromarray(np.uint8(255 * picture))
    top, left, bottom, right = around(boxes, 0)
    image = ImageOps.expand(image, 40, 255)
    ring = left + 10, top + 15, right + 70, bottom + 65
    ImageDraw.Draw(image).ellipse(ring, outline=50, width=5)
    assert find_problem(find_digits(image), boxes + 40) is None


def test_a_long_ring_that_touches_a_digit_is_left_out():
    picture, boxes = written(pad=120)
    image = Image.fromarray(np.uint8(255 * picture))
    top, left, bottom, right = around(boxes, 1)
    # It is level where it crosses the digits in the middle, and far away at its ends
    ImageDraw.Draw(image).ellipse(
        (left - 60, top - 16, right + 60, bottom + 4), outline=50, width=4
    )
    assert find_problem(find_digits(image), boxes) is None


def test_the_holes_of_a_binder_are_left_out():
    picture, boxes = written()
    y, x = np.ogrid[: picture.shape[0], : picture.shape[1]]
    for row in (25, 110):
        picture[(y - row) ** 2 + (x - 25) ** 2 < 12**2] = 0.1
    assert find_problem(find_digits(picture), boxes) is None


def photo_of_training_digits(kind, seed):
    train = load_mnist("train")
    train.images, train.target = train.images[-10000:], train.target[-10000:]
    return photo_pictures.draw(kind, train, seed)


@pytest.mark.parametrize("seed", [901, 922])
def test_the_holes_and_wires_of_a_spiral_are_left_out(seed):
    photo = photo_of_training_digits("notebook", seed)
    found = find_digits(photo.picture)
    assert photo_pictures.find_problem(found, photo) is None


def test_a_thumb_is_no_digit_in_a_shadow():
    photo = photo_of_training_digits("thumb", 2010)
    found = find_digits(photo.picture)
    assert photo_pictures.find_problem(found, photo) is None


def test_ones_below_one_another_are_no_spiral():
    ones = TEST.images[TEST.target == 1][42:49] / 255
    column = 1 - 0.8 * np.pad(ndi.zoom(np.vstack(list(ones)), 2, order=1), 30)
    assert len(find_digits(column).boxes) == 7


def test_commas_nearly_half_as_high_as_digits_are_left_out():
    picture, boxes = written()
    base = boxes[:, 2].max()
    for column in (boxes[1, 3] + boxes[2, 1]) // 2, (boxes[3, 3] + boxes[4, 1]) // 2:
        for row in range(19):
            left = column - row // 4
            picture[base - 8 + row, left : left + 5] = 0.2
    assert find_problem(find_digits(picture), boxes) is None


def test_a_number_in_pencil_below_one_in_ink_is_found():
    ink, boxes = written(depth=0.85)
    pencil, _ = written(depth=0.42)
    both = np.vstack([boxes, boxes + (len(ink), 0) * 2])
    assert find_problem(find_digits(np.vstack([ink, pencil])), both) is None


def test_print_of_the_other_side_below_a_number_is_left_out():
    ink, boxes = written(depth=0.85)
    print_, _ = written(depth=0.42)
    blurred = ndi.gaussian_filter(print_[:, ::-1], 3)
    assert find_problem(find_digits(np.vstack([ink, blurred])), boxes) is None


@pytest.mark.parametrize(("table", "shadow"), [(0.6, 0.35), (0.8, 0.55)])
def test_the_shadow_at_the_edge_of_a_sheet_is_left_out(table, shadow):
    picture, boxes = written(depth=0.7)
    ground = np.full((len(picture), 80), table)
    for row in range(20, len(picture) - 20, 45):
        ground[row : row + 36, -8:] = shadow
    found = find_digits(ndi.gaussian_filter(np.hstack([ground, picture]), 1))
    assert find_problem(found, boxes + (0, 80) * 2) is None


def test_ruled_lines_of_five_degrees_are_left_out():
    picture, boxes = written()
    y, x = np.ogrid[: picture.shape[0], : picture.shape[1]]
    is_line = abs((y - 0.09 * x) % 75 - 12) < 1
    picture = np.where(is_line, np.minimum(picture, 0.5), picture)
    assert find_problem(find_digits(picture), boxes) is None


def test_the_short_dividers_of_a_comb_are_left_out():
    picture, boxes = written()
    base = boxes[:, 2].max() + 6
    picture[base : base + 2, 35:-35] = 0.3
    for k in range(7):
        picture[base - 20 : base, 40 + 56 * k : 42 + 56 * k] = 0.3
    assert find_problem(find_digits(picture), boxes) is None


def test_a_digit_in_two_pieces_that_are_apart_is_one():
    picture, boxes = written()
    # The "2" has a gap below its bow, a third as high as a digit
    top, left, bottom, right = boxes[1]
    middle = (top + bottom) // 2
    picture[middle - 6 : middle + 6, left - 2 : right + 2] = 1
    assert find_problem(find_digits(picture), boxes) is None


def test_a_stroke_that_fades_belongs_to_its_digit():
    picture, boxes = written()
    # The upper half of the "4"
    top, left, bottom, right = boxes[4]
    upper = picture[top - 2 : (top + bottom) // 2, left - 2 : right + 2]
    upper += 0.75 * (1 - upper)
    assert find_problem(find_digits(picture), boxes) is None


# Pictures of anything but digits


def salt_and_pepper(shape):
    picture = np.full(shape, 128, np.uint8)
    drawn = np.random.default_rng(0).random(shape)
    picture[drawn < 0.05], picture[drawn > 0.95] = 0, 255
    return picture


def specks(shape, step=12):
    picture = np.full(shape, 255, np.uint8)
    rng = np.random.default_rng(0)
    for top in range(0, shape[0] - step, step):
        for left in range(0, shape[1] - step, step):
            y, x = np.add((top, left), rng.integers(0, step - 3, 2))
            picture[y : y + 3, x : x + 3] = 0
    return picture


def text(shape):
    image = Image.new("L", shape[::-1], 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=14)
    for top in range(0, shape[0], 28):
        draw.text((0, top), "as dense a page as there can be " * 20, font=font)
    return np.asarray(image)


@pytest.mark.parametrize(
    "draw", thorough_but([salt_and_pepper], [salt_and_pepper, specks, text])
)
def test_noise_and_text_are_warned_of_and_take_little_time_and_memory(draw):
    picture = draw((1000, 1000))
    tracemalloc.start()
    start = time.process_time()
    with pytest.warns(
        UserWarning, match="image looks like noise or a page of text|found nothing"
    ):
        find_digits(picture)
    seconds, (_, peak) = time.process_time() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 10
    assert peak < 20 * 8 * picture.size


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "LA", "CMYK", "1"])
def test_a_picture_of_pillow_is_found_as_its_pixels(mode):
    picture = np.hstack(list(load_mnist("test").images[:4]))
    found = find_digits(Image.fromarray(picture).convert(mode))
    assert found.boxes.shape == (4, 4)


def test_twenty_thousand_specks_take_less_than_five_seconds():
    picture = specks((1200, 1200), step=8)
    start = time.process_time()
    with pytest.warns(UserWarning, match="found nothing|looks like noise|covers most"):
        find_digits(picture)
    assert time.process_time() - start < 5


# What people photograph and scan


OFTEN = ["vignette", "dark table or border", "ruled", "pencil", "columns"]


@pytest.mark.parametrize(
    "kind", thorough_but(OFTEN, [k for k in KINDS if k != "touching pairs"])
)
def test_pages_of_each_kind_are_read(kind):
    problems = []
    for seed in range(3):
        picture, boxes = draw(kind, TEST.images, seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            problems.append(find_problem(find_digits(picture), boxes))
    # Where lines cross digits, more go wrong
    least = 1 if kind in ("squared", "crossed out") else 2
    assert problems.count(None) >= least, problems


def test_the_grain_of_a_table_is_not_taken_for_ink():
    # On a page whose table is larger than its digits
    picture, boxes = draw("phone", load_mnist("train").images, 20024)
    assert find_problem(find_digits(picture), boxes) is None


TRAIN = load_mnist("train").images[-10000:]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("kind", "seed"),
    [
        # Holes part strokes
        ("chalk", 5008),
        # Pieces of digits look like smaller digits
        ("chalk", 5029),
        # A strip of the table is as wide as the picture; the edge of a sheet is grainy
        ("phone", 5021),
        ("phone", 5014),
        # The grain of the table is as clear as ink
        ("phone", 1029),
        # Digits in a shadow are alone
        ("shadow", 1027),
        # A "1" stands on the edge of a shadow
        ("shadow", 1008),
        # Strokes lie along fainter lines; faint lines are in many pieces
        ("squared", 5001),
        ("squared", 5022),
        # Only pieces of a line are as dark as ink
        ("squared", 1096),
        # The stem of a "6" is as thin as a line
        ("squared", 1031),
        # Two dividers in a row are missing
        ("cells with frames", 5028),
    ],
)
def test_pages_with_one_kind_of_trouble_are_read(kind, seed):
    picture, boxes = draw(kind, TRAIN, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        assert find_problem(find_digits(picture), boxes) is None


def test_an_underline_darker_than_the_paper_s_lines_is_left_out():
    row = np.hstack(
        [np.pad(digit[:, 3:25], ((2, 2), (1, 1))) for digit in TEST.images[:4]]
    )
    ink = np.pad(np.kron(row, np.ones((2, 2))) / 255, 100)
    ink[::50] = np.maximum(ink[::50], 0.3)
    ink[:, ::50] = np.maximum(ink[:, ::50], 0.3)
    ink[170:173, 100:-100] = 1
    assert len(find_digits(1 - ink).boxes) == 4


def test_the_work_is_done_at_the_scale_of_the_strokes():
    rng = np.random.default_rng(0)
    picture, boxes = KINDS["vignette"](TEST.images[:12], rng, (8, 8))
    start = time.process_time()
    found = find_digits(picture)
    assert time.process_time() - start < 3
    assert find_problem(found, boxes) is None


def test_memory_stays_below_twelve_times_the_picture():
    rng = np.random.default_rng(0)
    picture, _ = KINDS["vignette"](TEST.images[:12], rng, (8, 8))
    tracemalloc.start()
    find_digits(picture)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * picture.nbytes


@pytest.mark.parametrize("part", [1, 2, 4])
def test_smaller_copies_have_as_many_digits(part):
    rng = np.random.default_rng(0)
    picture, boxes = KINDS["a third of the page high"](TEST.images[:5], rng)
    assert len(find_digits(Image.fromarray(picture).reduce(part)).boxes) == len(boxes)


# Digits that touch


class SureOf:
    """Takes images for digits whose width, relative to their height, is in a range."""

    def __init__(self, *widths):
        self.widths = widths

    def predict_proba(self, images):
        inked = [np.argwhere(image > 0.3) for image in images]
        widths = np.array([np.ptp(ink[:, 1]) / np.ptp(ink[:, 0]) for ink in inked])
        least, largest = self.widths
        sure = np.where((widths > least) & (widths < largest), 0.99, 0.3)
        return np.column_stack([sure, 1 - sure])


def cropped(digit):
    inked = np.flatnonzero((digit > 127).any(axis=0))
    return digit[:, inked[0] : inked[-1] + 1]


def test_digits_are_taken_apart_where_a_classifier_is_surer():
    zero = cropped(TEST.images[3])
    picture = 255 - np.pad(np.hstack([zero, zero]), 14)
    assert len(find_digits(picture, classifier=SureOf(0, 1.2)).boxes) == 2


def test_a_digit_stays_whole_where_a_classifier_is_sure():
    picture = 255 - np.pad(cropped(TEST.images[3]), 14)
    assert len(find_digits(picture, classifier=SureOf(0.6, 1.2)).boxes) == 1


def test_three_digits_that_touch_are_taken_apart_with_a_reader():
    picture = 255 - np.pad(np.hstack([cropped(image) for image in TEST.images[:3]]), 14)
    assert len(find_digits(picture, classifier=READER).boxes) == 3


def test_most_rows_of_four_digits_that_touch_are_taken_apart():
    n_right = 0
    for start in range(0, 40, 4):
        row = np.hstack([cropped(image) for image in TEST.images[start : start + 4]])
        n_right += len(find_digits(255 - np.pad(row, 14)).boxes) == 4
    assert n_right >= 8


def test_a_classifier_may_know_one_class_only():
    class Digit:
        def predict_proba(self, images):
            return np.ones((len(images), 1))

    picture = 255 - np.pad(cropped(TEST.images[3]), 14)
    assert len(find_digits(picture, classifier=Digit()).boxes) == 1


def test_crossed_out_digits_stay_whole_with_a_reader():
    for seed in range(3):
        picture, boxes = draw("crossed out", TEST.images, seed)
        assert len(find_digits(picture, classifier=READER).boxes) <= len(boxes)


@pytest.mark.parametrize(
    "classifier", thorough_but([None], [None, READER]), ids=["alone", "reader"]
)
def test_most_pairs_that_touch_are_taken_apart(classifier):
    n_apart = n_pairs = 0
    for seed in range(4):
        picture, boxes = draw("touching pairs", TEST.images, seed)
        found = find_digits(picture, classifier=classifier)
        n_pairs += len(boxes) // 2
        n_apart += len(boxes) // 2 - abs(len(boxes) - len(found.boxes))
    assert n_apart >= 0.9 * n_pairs


def test_touching_digits_have_boxes_of_their_own():
    right = []
    for seed in range(4):
        picture, boxes = draw("touching pairs", TEST.images, seed)
        found = find_digits(picture)
        right.append(find_problem(found, boxes) is None)
    assert sum(right) >= 3


def test_a_one_is_taken_off_the_digit_that_it_leans_on():
    one, zero = (cropped(TEST.images[k]) for k in (5, 3))
    pairs = [np.hstack(pair) for pair in ([one, zero], [zero, one])]
    picture = 255 - np.pad(np.hstack([np.pad(pair, 8) for pair in pairs]), 8)
    assert len(find_digits(picture).boxes) == 4


def test_the_short_hook_of_a_six_is_taken_off_the_three_beside_it():
    picture, boxes = draw("touching pairs", load_mnist("train").images[-10000:], 60051)
    assert find_problem(find_digits(picture), boxes) is None


def test_many_that_may_touch_are_taken_apart_where_one_doubtful_digit_is_not():
    doubtful = 2.0
    assert list(_choose({3: doubtful}, 12)) == []
    assert len(_choose(dict.fromkeys(range(6), doubtful), 7)) == 6


def test_what_clearly_touches_is_taken_apart_also_if_it_is_alone():
    assert list(_choose({3: 6.0, 5: -1.0, 8: -np.inf}, 12)) == [3]


def test_the_network_is_loaded_only_where_something_is_wide():
    from skdigits.preprocessing._page import segmentation

    segmentation._layers.cache_clear()
    bars = blots(*((10, 20 * k, 40, 20 * k + 5) for k in range(1, 5)), shape=(50, 110))
    assert len(find_digits(bars).boxes) == 4
    assert segmentation._layers.cache_info().currsize == 0


def test_single_digits_stay_whole_with_a_reader():
    for seed in range(4):
        picture, boxes = draw("plain rows", TEST.images, seed)
        assert find_problem(find_digits(picture, classifier=READER), boxes) is None


@pytest.mark.parametrize("label", [0, 4])
def test_a_wide_digit_stays_whole_without_a_classifier(label):
    digits = TEST.images[TEST.target == label][:30]
    widths = digits.any(axis=1).sum(axis=1)
    n_found = []
    for digit in digits[np.argsort(widths)[-8:]]:
        # Beside one of the usual width
        picture = 255 - np.pad(np.hstack([digit, TEST.images[0]]), 10)
        n_found.append(len(find_digits(picture).boxes))
    assert n_found.count(2) == 8


# Scores and warnings


def test_scores_are_lower_for_what_is_unlike_the_rest():
    tall = blots(
        (10, 20, 50, 26), (10, 60, 50, 66), (10, 100, 50, 106), shape=(60, 160)
    )
    tall[20:45, 130:136] = 0
    found = find_digits(tall)
    assert found.scores.shape == (4,)
    assert found.scores.argmin() == 3
    assert (found.scores > 0).all()
    assert found.scores.max() <= 1


def test_a_box_over_most_of_the_picture_is_warned_of():
    digit = 255 - np.asarray(
        Image.fromarray(TEST.images[3][3:25, 3:25]).resize((90, 90))
    )
    with pytest.warns(UserWarning, match="A box covers most of image"):
        find_digits(digit)

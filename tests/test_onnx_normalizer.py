"""DigitNormalizer as an ONNX graph, compared with itself in Python."""

from functools import cache

import numpy as np
import pytest
import skl2onnx
from distorted_pictures import paste, photograph
from helpers import small, thorough_but, tried_on
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from onnxruntime import InferenceSession
from pen_strokes import STROKES, draw, drawings
from skl2onnx.common.data_types import (
    BooleanTensorType,
    DoubleTensorType,
    FloatTensorType,
    Int8TensorType,
    Int32TensorType,
    Int64TensorType,
    UInt8TensorType,
)
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline

from skdigits import DigitNormalizer, FlattenScaler, load_mnist
from skdigits._utils.pictures import to_grey
from skdigits.onnx import _normalizer, register_converters
from skdigits.onnx._graph import Graph, tensor_type
from skdigits.preprocessing._digit_normalizer import _LONGEST, _stretch

TRAIN, TEST = load_mnist("train"), load_mnist("test")
PICTURES = paste(TRAIN.images[:8], seed=1)

ANY_SIZE = UInt8TensorType([None, None, None])

# All that a graph takes
TYPES = {
    "bool": BooleanTensorType,
    "uint8": UInt8TensorType,
    "int8": Int8TensorType,
    "int32": Int32TensorType,
    "int64": Int64TensorType,
    "float32": FloatTensorType,
    "float64": DoubleTensorType,
}


@pytest.fixture(autouse=True, scope="module")
def _converters():
    register_converters()


def export(model, input_type=ANY_SIZE, **settings):
    """Return a session of a normalizer, or of a pipeline that starts with one."""
    exported = skl2onnx.to_onnx(model, initial_types=[("X", input_type)], **settings)
    return InferenceSession(
        exported.SerializeToString(), providers=["CPUExecutionProvider"]
    )


@pytest.fixture(scope="module")
def normalizer():
    return DigitNormalizer().fit(PICTURES)


@pytest.fixture(scope="module")
def session(normalizer):
    """Takes pictures of bytes, of any size."""
    return export(normalizer)


def run(session, pictures):
    """Return the first result, of a hundred pictures at a time."""
    return np.concatenate(
        [
            session.run(None, {"X": pictures[start : start + 100]})[0]
            for start in range(0, len(pictures), 100)
        ]
    )


def differences(session, normalizer, pictures):
    """Return the largest difference of grey levels for each picture."""
    expected = normalizer.transform(list(pictures))
    found = run(session, pictures)
    assert found.dtype == expected.dtype
    return np.abs(found.astype(float) - expected.astype(float)).max(axis=1)


def assert_the_same(session, normalizer, pictures):
    assert differences(session, normalizer, pictures).max() <= 2


def assert_nearly_the_same(session, normalizer, photos):
    """Compare what noise makes differ: a pixel that is just dark enough to be ink."""
    assert np.mean(differences(session, normalizer, photos) <= 2) > 0.95


# The whole of it


@pytest.fixture(scope="module")
def reader():
    images, labels = TRAIN.images[:1000], TRAIN.target[:1000]
    model = make_pipeline(DigitNormalizer(), FlattenScaler(), small(epochs=10))
    return model.fit(images, labels)


@pytest.mark.parametrize("n", [40, pytest.param(1000, marks=pytest.mark.slow)])
def test_drawings_of_any_size_get_the_same_image_and_label(n, reader):
    pictures, labels = drawings(n, seed=0)
    images, predict = export(reader[0]), export(reader, options={"zipmap": False})
    found = [images.run(None, {"X": picture[None]})[0][0] for picture in pictures]
    predicted = [predict.run(None, {"X": picture[None]})[0][0] for picture in pictures]

    expected = reader[0].transform(pictures)
    np.testing.assert_allclose(
        np.array(found, int), expected.astype(int), rtol=0, atol=2
    )
    assert np.mean(predicted == reader.predict(pictures)) >= 0.999
    assert np.mean(predicted == np.array(labels)) > 0.5


@pytest.mark.parametrize("n", [100, pytest.param(10_000, marks=pytest.mark.slow)])
def test_images_of_mnist_get_the_same_image_and_label(n, reader, session):
    images = TEST.images[:n]
    found, expected = run(session, images), reader[0].transform(images)

    np.testing.assert_allclose(found.astype(int), expected.astype(int), rtol=0, atol=2)
    predicted = reader[1:].predict(found)
    assert np.mean(predicted == reader[1:].predict(expected)) >= 0.999


# Pictures


def test_dark_strokes_become_light(session, normalizer):
    assert_the_same(session, normalizer, 255 - PICTURES // 2)


def test_large_digits_are_shrunk(session, normalizer):
    assert_the_same(session, normalizer, paste(PICTURES[:4], 2, side=300, zoom=(1, 4)))


def test_digits_of_few_pixels_are_enlarged(session, normalizer):
    assert_the_same(session, normalizer, load_digits().images[:40].astype(np.uint8))


def test_specks_are_dropped(session, normalizer):
    rng = np.random.default_rng(0)
    spotted = PICTURES.copy()
    for picture in spotted:
        for y, x in rng.integers(0, 70, (6, 2)):
            picture[y : y + 2, x : x + 2] = 255

    assert_the_same(session, normalizer, spotted)


def test_strokes_in_spirals_are_one(session, normalizer):
    # Whose number has to travel a long way
    y, x = np.mgrid[-60:61, -60:61]
    turns = np.hypot(x, y) / 10 - np.arctan2(y, x) / (2 * np.pi)
    spiral = ((turns % 1 < 0.4) & (np.hypot(x, y) < 50)) * 200
    pieces = (np.hypot(x - 55, y - 55) < 3) * 200

    assert_the_same(session, normalizer, (spiral + pieces)[None].astype(np.uint8))


@pytest.mark.parametrize("grain", [1, 2])
def test_faint_noise_is_removed(grain, session, normalizer):
    noise = np.random.default_rng(0).normal(0, grain, PICTURES.shape)
    photos = (220 - 0.7 * PICTURES + noise).round().clip(0, 255).astype(np.uint8)

    assert_nearly_the_same(session, normalizer, photos)


def test_uneven_light_is_subtracted(session, normalizer):
    photos = photograph(TRAIN.images[:40], seed=0)

    assert_nearly_the_same(session, normalizer, photos)


def test_shadows_in_corners_are_treated_alike(session, normalizer):
    noise = np.random.default_rng(0).normal(0, 8, PICTURES.shape)
    photos = 220 - 0.7 * PICTURES
    photos[:, -14:, -14:] -= 80
    photos = (photos + noise).round().clip(0, 255).astype(np.uint8)

    assert_nearly_the_same(session, normalizer, photos)


@pytest.mark.parametrize("dtype", thorough_but([np.uint8], [np.uint8, np.float32]))
def test_photos_of_many_pixels_are_averaged_first(dtype):
    large = np.kron(photograph(TRAIN.images[:2], seed=1), np.ones((1, 15, 17)))
    large = large[:, 3:].astype(dtype)
    normalizer = DigitNormalizer().fit(large)
    kind = UInt8TensorType if dtype == np.uint8 else FloatTensorType

    assert_the_same(export(normalizer, kind([None] * 3)), normalizer, large)


@pytest.mark.parametrize("pen", [2, 30])
def test_thin_and_thick_strokes_are_evened(pen, session, normalizer):
    digits = [draw(STROKES[i], height=120, width=90, pen=pen) for i in STROKES]

    assert_the_same(session, normalizer, np.stack(digits))


def test_digits_that_fill_their_picture_have_their_polarity(session, normalizer):
    # Which what comes in more parts decides
    pictures = [
        draw(np.array(STROKES[i]) * 1.5 - 0.25, height=60, width=50, pen=12)
        for i in (0, 1, 2, 7, 8)
    ]
    pictures = np.stack(pictures)

    assert_the_same(session, normalizer, np.concatenate([pictures, 255 - pictures]))


def test_what_has_no_stroke_is_empty(session):
    nothing = np.full((2, 30, 20), 7, np.uint8)

    assert not session.run(None, {"X": nothing})[0].any()


@tried_on(few=10, many=500)
@given(
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.lists(st.tuples(*[st.integers(0, 59)] * 4), max_size=4),
    st.booleans(),
)
def test_pictures_of_any_rectangles_are_the_same(
    session, normalizer, shape, rectangles, is_dark
):
    picture = np.zeros((1, *shape), np.uint8)
    for top, left, height, width in rectangles:
        picture[0, top : top + height, left : left + width] = 200

    assert_the_same(session, normalizer, 255 - picture if is_dark else picture)


# Grey, which a graph computes anew of all that a picture may be


class Grey(DigitNormalizer):
    """The first step alone, whose graph is made in no time."""

    def transform(self, X):
        return [
            image
            for _, images in self._read(X, reset=False)
            for image in _stretch(to_grey(images))
        ]


def convert_grey(scope, operator, container):
    grey = _normalizer._to_grey(Graph(scope, operator, container), operator)
    stretched = _normalizer._stretch(_normalizer._shrink(grey, operator))
    stretched.apply("Identity", output=operator.outputs[0].full_name)


def set_type_of_grey(operator):
    operator.outputs[0].set_type(tensor_type(np.float32)([None, None, None]))


@cache
def grey_session(dtype, n_channels):
    skl2onnx.update_registered_converter(
        Grey, "SkdigitsGrey", set_type_of_grey, convert_grey
    )
    return export(Grey(), TYPES[dtype]([None, None, None, n_channels]))


def assert_same_grey(images):
    session = grey_session(images.dtype.name, images.shape[3])
    (found,) = session.run(None, {"X": images})

    np.testing.assert_allclose(found, Grey().transform(images), rtol=0, atol=5e-5)


@tried_on(few=200, many=5000)
@given(
    npst.arrays(
        st.sampled_from(sorted(TYPES)),
        st.tuples(*[st.integers(1, 4)] * 3, st.sampled_from([1, 2, 3, 4])),
    ).filter(lambda images: np.isfinite(images).all())
)
def test_grey_of_any_values_is_the_same(images):
    assert_same_grey(images)


def tones(dtype, picture):
    """Bytes in another type, whose largest value is white and opaque."""
    if dtype.startswith("float"):
        return picture.astype(dtype) / 255
    if dtype == "bool":
        return picture > 127
    largest = np.iinfo(dtype).max
    return (picture // 255).astype(dtype) * largest


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("n_channels", [2, 4])
@pytest.mark.parametrize("is_light", [False, True])
@pytest.mark.parametrize("margin", [0, 3, 40])
def test_grey_around_opaque_paper_is_the_same(margin, is_light, n_channels, dtype):
    paper = (TRAIN.images[:8] > 127) * np.uint8(255)
    paper = paper if is_light else 255 - paper
    values = np.pad(paper, [(0, 0), *[(margin, margin)] * 2])
    opacity = np.pad(np.full_like(paper, 255), [(0, 0), *[(margin, margin)] * 2])
    picture = np.stack([values] * (n_channels - 1) + [opacity], axis=-1)

    assert_same_grey(tones(dtype, picture))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("n_channels", [1, 2, 3, 4])
def test_grey_of_large_pictures_is_the_same(n_channels, dtype):
    rng = np.random.default_rng(0)
    picture = 255 * rng.integers(0, 2, (1, 2 * _LONGEST, 7, n_channels), np.uint8)
    # A block of the largest value, whose average is that
    picture[:, :4] = 255

    assert_same_grey(tones(dtype, picture))


# Their types and shapes


@pytest.mark.parametrize("n_channels", [1, 2, 3, 4])
def test_pictures_have_channels(n_channels):
    rng = np.random.default_rng(0)
    colour = rng.integers(0, 100, n_channels)
    few = PICTURES[:4]
    if n_channels in (1, 3):
        ink = few[..., np.newaxis] / 255
        pictures = (ink * colour + (1 - ink) * 220).astype(np.uint8)
    else:
        pictures = np.broadcast_to(colour, (*few.shape, n_channels))
        pictures = pictures.astype(np.uint8)
        pictures[..., -1] = few
    normalizer = DigitNormalizer().fit(pictures)

    session = export(normalizer, UInt8TensorType([None, None, None, n_channels]))
    assert_the_same(session, normalizer, pictures)


@pytest.mark.parametrize("largest", [1.0, 255.0])
def test_opacity_of_floats_has_the_scale_of_their_values(largest):
    pictures = np.zeros((4, 72, 72, 4), np.float32)
    pictures[..., 3] = PICTURES[:4] * (largest / 255)
    normalizer = DigitNormalizer().fit(pictures)

    session = export(normalizer, FloatTensorType([None, None, None, 4]))
    assert_the_same(session, normalizer, pictures)


def test_floats_give_floats_and_booleans_bytes(normalizer):
    floats = (PICTURES / 255).astype(np.float32)
    session = export(normalizer, FloatTensorType([None, None, None]))
    assert_the_same(session, normalizer, floats)

    session = export(normalizer, BooleanTensorType([None, None, None]))
    assert_the_same(session, normalizer, PICTURES > 127)


def test_rows_are_square_pictures():
    rows = PICTURES.reshape(len(PICTURES), -1)
    normalizer = DigitNormalizer().fit(rows)

    assert_the_same(export(normalizer, UInt8TensorType([None, None])), normalizer, rows)


@pytest.mark.parametrize(
    "settings",
    [
        {"size": 20, "inner_size": 16},
        {"inner_size": 28},
        {"invert": True},
        {"deskew": True},
    ],
    ids=str,
)
def test_parameters_are_those_of_the_normalizer(settings):
    normalizer = DigitNormalizer(**settings).fit(PICTURES)

    assert_the_same(export(normalizer), normalizer, PICTURES)


def test_each_picture_of_a_call_is_deskewed_as_it_is_alone():
    slanted = [
        np.pad(np.tri(40, 44, k - 36) - np.tri(40, 44, k - 40), 8) for k in (0, 2)
    ]
    upright = np.zeros_like(slanted[0])
    upright[10:40, 20:25] = 1
    pictures = (200 * np.array([*slanted, upright, 0 * upright])).astype(np.uint8)
    normalizer = DigitNormalizer(deskew=True)

    assert_the_same(export(normalizer), normalizer, pictures)


@pytest.mark.thorough
def test_mnists_images_are_deskewed_in_the_same_way():
    normalizer = DigitNormalizer(deskew=True)

    assert_the_same(export(normalizer), normalizer, TRAIN.images[:100])


# What is refused


def test_old_versions_of_onnx_are_refused(normalizer):
    with pytest.raises(ValueError, match=r"target_opset=18 or more\. Got 17"):
        export(normalizer, target_opset=17)


@pytest.mark.parametrize("shape", [[None] * 5, [None, None, None, 7]], ids=str)
def test_what_is_no_picture_is_refused(shape, normalizer):
    with pytest.raises(ValueError, match=r"takes pictures of shape .* Got X of shape"):
        export(normalizer, UInt8TensorType(shape))


def test_rows_of_another_length_are_refused():
    rows = PICTURES.reshape(len(PICTURES), -1)
    with pytest.raises(ValueError, match=r"rows of 5184 pixels.* Got X of shape"):
        export(DigitNormalizer().fit(rows), UInt8TensorType([None, 100]))


def test_rows_of_unknown_length_are_refused():
    normalizer = DigitNormalizer().fit([PICTURES[0], PICTURES[1][:50]])
    with pytest.raises(ValueError, match="rows of a known number of pixels"):
        export(normalizer, UInt8TensorType([None, None]))


def test_a_normalizer_needs_no_fit():
    assert_the_same(export(DigitNormalizer()), DigitNormalizer(), PICTURES)


def test_parameters_are_validated():
    with pytest.raises(ValueError, match="'invert' parameter"):
        export(DigitNormalizer(invert="dark"))

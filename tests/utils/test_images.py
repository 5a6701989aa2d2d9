"""Images as rows, whatever holds them."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
from PIL import Image

from skdigits._utils.images import (
    as_images,
    check_image_shape,
    flatten_images,
)

IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
ROWS = IMAGES.reshape(2, 12)


@pytest.mark.parametrize(
    ("X", "image_shape"),
    [
        (IMAGES, (3, 4)),
        (IMAGES[..., np.newaxis], (3, 4, 1)),
        (list(IMAGES), (3, 4)),
        (tuple(IMAGES), (3, 4)),
        (IMAGES.tolist(), (3, 4)),
        (list(IMAGES[..., np.newaxis]), (3, 4, 1)),
        (list(ROWS), None),
        (ROWS.tolist(), None),
        (pd.Series(list(IMAGES)), (3, 4)),
    ],
)
def test_images_become_rows_in_reading_order(X, image_shape):
    rows, shape = flatten_images(X)
    np.testing.assert_array_equal(rows, ROWS)
    assert shape == image_shape


def test_an_object_with_only_array_protocol_is_images():
    class Images:
        def __array__(self, dtype=None, copy=None):
            return IMAGES

    rows, shape = flatten_images(Images())
    np.testing.assert_array_equal(rows, ROWS)
    assert shape == (3, 4)


def test_a_list_may_hold_files(tmp_path):
    paths = [tmp_path / "first.png", str(tmp_path / "second.png")]
    for path, image in zip(paths, IMAGES, strict=True):
        Image.fromarray(image).save(path)
    rows, shape = flatten_images(paths)
    np.testing.assert_array_equal(rows, ROWS)
    assert shape == (3, 4)


def test_a_list_of_images_keeps_its_type():
    assert flatten_images(list(IMAGES))[0].dtype == np.uint8


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 3, 4, 1)])
def test_flattening_does_not_copy(shape):
    X = IMAGES.reshape(shape)
    assert np.shares_memory(flatten_images(X)[0], X)


def test_a_memory_map_stays_one(tmp_path):
    X = np.memmap(tmp_path / "images", dtype=np.uint8, mode="w+", shape=(2, 3, 4))
    rows, _ = flatten_images(X)
    assert isinstance(rows, np.memmap)
    assert np.shares_memory(rows, X)


def test_any_layout_gives_the_same_rows():
    for X in (np.asfortranarray(IMAGES), IMAGES[::-1][::-1], IMAGES.astype(">i4")):
        np.testing.assert_array_equal(flatten_images(X)[0], ROWS)


@pytest.mark.parametrize(
    "X",
    [
        ROWS,
        ROWS[0],
        np.array(1.0),
        ROWS[0].tolist(),
        [],
        None,
        3,
        pd.DataFrame(ROWS),
        pd.Series(ROWS[0]),
        pl.DataFrame(ROWS),
        sp.csr_array(ROWS),
        sp.coo_matrix(ROWS),
    ],
    ids=lambda X: type(X).__name__,
)
def test_what_is_no_stack_of_images_passes_untouched(X):
    rows, shape = flatten_images(X)
    assert rows is X
    assert shape is None


@pytest.mark.parametrize(
    ("shape", "rows"), [((0, 3, 4), (0, 12)), ((2, 0, 4), (2, 0)), ((0, 0, 0), (0, 0))]
)
def test_no_images_and_no_pixels_keep_their_shape(shape, rows):
    assert flatten_images(np.empty(shape))[0].shape == rows


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((2, 3, 4, 3), "images with 3 colour channels"),
        ((2, 3, 4, 4), "images with 4 colour channels"),
        ((2, 1, 8, 8), "channel axis first"),
        ((2, 3, 4, 2), "X has 4 dimensions"),
        ((2, 3, 4, 1, 1), "X has 5 dimensions"),
    ],
)
def test_other_shapes_are_refused_with_what_is_accepted(shape, words):
    with pytest.raises(ValueError, match=words) as caught:
        flatten_images(np.zeros(shape))
    assert str(shape) in str(caught.value)
    assert "(n_samples, height, width)" in str(caught.value)


def test_a_list_of_unequal_images_names_the_two_shapes():
    images = [np.zeros((3, 4)), np.zeros((3, 4)), np.zeros((4, 4))]
    words = "item 0 has shape (3, 4), item 2 (4, 4)"
    with pytest.raises(ValueError, match=re.escape(words)):
        flatten_images(images)


def test_a_ragged_list_of_numbers_is_refused():
    with pytest.raises(ValueError, match="X is a list whose items differ in shape"):
        flatten_images([[1, 2], [3]])


class Estimator:
    """Only its name matters."""


@pytest.mark.parametrize(
    ("shape", "fitted"),
    [
        ((2, 3, 4), (3, 4)),
        ((2, 3, 4, 1), (3, 4)),
        ((2, 3, 4), (3, 4, 1)),
        ((2, 12), (3, 4)),
        ((2, 3, 4), None),
        ((1, 4), (1, 4)),
    ],
)
def test_the_fitted_size_is_welcome_in_any_form(shape, fitted):
    check_image_shape(
        *flatten_images(np.zeros(shape)), fitted_shape=fitted, estimator=Estimator()
    )


def test_another_size_is_refused_even_with_as_many_pixels():
    words = "X has images of 2 x 6 pixels, but Estimator was fitted on images of 3 x 4"
    with pytest.raises(ValueError, match=words):
        check_image_shape(
            *flatten_images(np.zeros((5, 2, 6))),
            fitted_shape=(3, 4),
            estimator=Estimator(),
        )


def test_a_single_image_is_told_how_to_be_one_of_several():
    with pytest.raises(ValueError, match=r"pass X\[np.newaxis\]"):
        check_image_shape(IMAGES[0], None, fitted_shape=(3, 4), estimator=Estimator())


@pytest.mark.parametrize(
    ("n_pixels", "size"), [(1, (1, 1)), (2, (1, 2)), (9, (3, 3)), (784, (28, 28))]
)
def test_rows_are_squares_or_of_one_row(n_pixels, size):
    assert as_images(np.zeros((4, n_pixels))).shape == (4, *size)
    assert as_images(np.zeros(n_pixels)).shape == size

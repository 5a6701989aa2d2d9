"""Digits that touch: what a network sees of a shape, and what is made of its answer."""

import numpy as np
import pytest
import train_segmentation
from hypothesis import given
from hypothesis import strategies as st
from page_pictures import draw
from PIL import Image

from skdigits import load_mnist
from skdigits.preprocessing._find_digits import find_unsplit
from skdigits.preprocessing._page import segmentation, touching
from skdigits.preprocessing._page.segmentation import (
    FRAME,
    INSIDE,
    MASK,
    MOST_DIGITS,
    NONE,
    from_frame,
    segment,
    to_frame,
)
from skdigits.preprocessing._page.touching import split

SIDES = st.integers(3, 200)


@pytest.fixture(scope="module")
def page():
    picture, _ = draw("touching pairs", load_mnist("test").images, 1)
    return find_unsplit(Image.fromarray(picture))


def wide_shapes(page):
    return [
        (digit, touching.ink_of(digit, page.ink.clarity))
        for digit in page.digits
        if touching.is_wide(digit, page.height)
    ]


# What the network sees


@given(SIDES, SIDES)
def test_a_shape_fits_into_the_middle_of_its_frame(height, width):
    frame = to_frame(np.ones((height, width)))
    for axis, room, inside in zip((1, 0), FRAME, INSIDE, strict=True):
        places = np.flatnonzero(frame.any(axis=axis))
        assert len(places) <= inside
        assert abs((places[0] + places[-1]) / 2 - (room - 1) / 2) <= 0.5


@given(SIDES, SIDES)
def test_a_shape_fills_its_frame_in_one_direction(height, width):
    frame = to_frame(np.ones((height, width)))
    sides = [frame.any(axis=axis).sum() for axis in (1, 0)]
    assert any(side == inside for side, inside in zip(sides, INSIDE, strict=True))


def test_an_answer_lies_where_the_shape_does(page):
    for _, ink in wide_shapes(page):
        rows, columns = MASK
        frame = to_frame(ink).reshape(rows, 2, columns, 2).mean(axis=(1, 3))
        seen = from_frame(frame.astype(np.float32), ink.shape) / 255
        # Blurred by as much as the frame is coarser
        assert np.corrcoef(seen.ravel(), ink.ravel())[0, 1] > 0.9


# The network


def test_the_network_gives_the_answers_of_keras(page):
    model = train_segmentation.network()
    for name, weights in segmentation._layers().items():
        model.get_layer(name).set_weights(weights)
    inks = [ink for _, ink in wide_shapes(page)]
    frames = np.stack([to_frame(ink) for ink in inks])
    sizes = np.array([ink.shape for ink in inks], np.float32) / page.height
    expected = model([frames[..., np.newaxis].astype(np.float32) / 255, sizes])
    digits, masks = segment(frames, sizes)
    np.testing.assert_allclose(digits, expected["digits"], atol=1e-3)
    expected_masks = np.transpose(expected["masks"], (0, 3, 1, 2))
    np.testing.assert_allclose(masks, expected_masks, atol=1e-3)


# 64 at a time
@pytest.mark.parametrize("n_shapes", [1, 64, 65, 130])
def test_any_number_of_shapes_is_segmented(n_shapes):
    frames = np.zeros((n_shapes, *FRAME), np.uint8)
    digits, masks = segment(frames, np.ones((n_shapes, 2)))
    assert digits.shape == (n_shapes, MOST_DIGITS, NONE + 1)
    assert masks.shape == (n_shapes, MOST_DIGITS, *MASK)


# What is made of its answer


def halves(n_columns, *, shared=0):
    """Logits of a left and a right half, that share some columns."""
    column = np.arange(n_columns)
    left = np.where(column < n_columns / 2 + shared, 4.0, -4.0)
    right = np.where(column >= n_columns / 2 - shared, 4.0, -4.0)
    return np.broadcast_to([left, right], (MASK[0], 2, n_columns)).transpose(1, 0, 2)


def parts_of(ink, masks):
    whole = touching.Digit(np.array([10, 20, 10, 20]), np.ones(ink.shape, bool), 1.0)
    whole.box[2:] += ink.shape
    own = touching._own(masks.astype(np.float32), ink)
    return [touching._part(whole, ink, each) for each in own]


def test_parts_have_tight_boxes():
    ink = np.zeros((28, 60))
    ink[5:20, 4:26] = ink[2:28, 34:50] = 1
    left, right = parts_of(ink, halves(MASK[1]))
    assert left.box.tolist() == [15, 24, 30, 46]
    assert right.box.tolist() == [12, 54, 38, 70]


def test_ink_that_two_digits_share_belongs_to_both():
    ink = np.ones((28, 60))
    left, right = parts_of(ink, halves(MASK[1], shared=4))
    assert left.box[3] > right.box[1]


def test_ink_that_no_digit_covers_goes_to_the_likelier():
    ink = np.ones((28, 60))
    left, right = parts_of(ink, halves(MASK[1], shared=-4))
    assert left.mask.sum() + right.mask.sum() == ink.size


def test_a_small_piece_beside_a_digit_is_left_out():
    ink = np.zeros((28, 60))
    ink[:, :20] = ink[:, 40:] = ink[0:3, 26:29] = 1
    left, _ = parts_of(ink, halves(MASK[1]))
    assert left.box.tolist() == [10, 20, 38, 40]


def test_a_piece_is_small_beside_a_digit_not_beside_a_row_of_digits():
    ink = np.zeros((28, 200))
    ink[:, 5:8] = ink[:, 12:] = 1
    whole = touching.Digit(np.array([0, 0, *ink.shape]), np.ones(ink.shape, bool), 1.0)
    everything = np.ones(ink.shape, bool)
    rest = touching._part(whole, ink, everything, n_inked=200)
    assert rest.box.tolist() == [0, 5, 28, 200]


def test_there_is_no_part_without_ink():
    ink = np.zeros((28, 60))
    ink[:, :20] = 1
    assert parts_of(ink, halves(MASK[1]))[1] is None


def test_hardly_any_ink_is_lost_where_digits_are_taken_apart(page):
    clarity = page.ink.clarity
    covered = np.zeros(clarity.shape, bool)
    for digit in split(page.digits, clarity, page.height):
        top, left, bottom, right = digit.box
        covered[top:bottom, left:right] |= digit.mask
    for digit, ink in wide_shapes(page):
        top, left, bottom, right = digit.box
        lost = ink * ~covered[top:bottom, left:right]
        assert lost.sum() < 0.05 * ink.sum()

"""Ink that is no stroke of a digit, by its shape alone."""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage as ndi

from skdigits.preprocessing._page.bindings import in_bindings


@dataclass(frozen=True)
class ShapeConstants:
    """What was chosen on photos of MNIST's training images.

    All is relative to the height of a digit, unless it says otherwise.
    """

    # A line that is too uneven or tilted to be found as one is at least so long, and
    # so high relative to that
    long: float = 1.6
    flat: float = 0.22

    # The holes of a binder and other discs hold a square of this side, relative to
    # their own; bold digits whose loops are full do not
    solid: float = 0.62

    # A frame or a ring, drawn by hand, is around something at least so high, relative
    # to itself or to a digit
    inner: float = 0.4


CONSTANTS = ShapeConstants()


def find_strokes(labels, boxes, areas, height):
    """Tell which parts of ink may be strokes of digits.

    Parameters
    ----------
    labels : ndarray of int of shape (n_rows, n_columns)

    boxes : ndarray of int of shape (n_parts, 4)

    areas : ndarray of int of shape (n_parts,)

    height : float
        Of a digit, in pixels.

    Returns
    -------
    is_stroke : ndarray of bool of shape (n_parts,)
    """
    heights, widths = (boxes[:, 2:] - boxes[:, :2]).T
    is_flat = (widths >= CONSTANTS.long * height) & (heights <= CONSTANTS.flat * widths)
    is_stroke = ~is_flat
    own_side = np.maximum(heights, widths)
    sides = np.ceil(CONSTANTS.solid * own_side).astype(int)
    may_be_solid = (np.minimum(heights, widths) >= sides) & (areas >= sides**2)
    for i in np.flatnonzero(may_be_solid & (own_side >= 0.4 * height)):
        top, left, bottom, right = boxes[i]
        own = labels[top:bottom, left:right] == i + 1
        square = ndi.minimum_filter(own.astype(np.uint8), sides[i], mode="constant")
        is_stroke[i] &= not square.any()
    is_stroke &= ~in_bindings(labels, boxes, areas, height)
    for i, inside in _around(boxes, heights, height):
        is_stroke[i] &= not _surrounds(labels, i, boxes[i], boxes[inside])
    return is_stroke


def _around(boxes, heights, height):
    """Yield parts, and which others their boxes hold that are large enough."""
    order = np.argsort(boxes[:, 1], kind="stable")
    left = boxes[order, 1]
    for i in np.flatnonzero(heights > 0.5 * height):
        first, last = np.searchsorted(left, [boxes[i, 1] + 1, boxes[i, 3]])
        some = order[first:last]
        some = some[
            (boxes[some, 0] > boxes[i, 0])
            & (boxes[some, 2:] < boxes[i, 2:]).all(axis=1)
            & (heights[some] >= CONSTANTS.inner * min(heights[i], height))
        ]
        if len(some):
            yield i, some


def _surrounds(labels, i, box, inner):
    """Tell whether a part has ink on all sides of what its box holds."""
    top, left = box[:2]
    own = labels[top : box[2], left : box[3]] == i + 1
    low = inner.min(axis=0)[:2] - (top, left)
    high = inner.max(axis=0)[2:] - (top, left)
    y, x = (low + high) // 2
    return (
        own[y, : low[1]].any()
        and own[y, high[1] :].any()
        and own[: low[0], x].any()
        and own[high[0] :, x].any()
    )

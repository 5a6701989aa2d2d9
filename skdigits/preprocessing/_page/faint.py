"""Strokes that fade: what of a digit is fainter than ink, but belongs to it."""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage as ndi

from skdigits.preprocessing._page.parts import boxes_of


@dataclass(frozen=True)
class FaintConstants:
    """What was chosen on photos of MNIST's training images.

    All is relative to the height of a digit, unless it says otherwise.
    """

    # What is lower is hardly a whole digit
    low: float = 0.85

    # With its faint strokes, a digit is at least and at most so high, and at most so
    # wide; it is higher than without them by this factor, and hardly wider
    heights: tuple = (0.65, 1.4)
    width: float = 1.2
    higher: float = 1.15
    wider: float = 1.3

    # The part of its pixels that are ink, at least
    inked: float = 0.4

    # How much pieces are above one another, relative to the narrower one
    above: float = 0.5


CONSTANTS = FaintConstants()


def with_faint_strokes(strokes, marks, height):
    """Add the faint strokes of low digits to ink.

    Parameters
    ----------
    strokes, marks : ndarray of bool of shape (n_rows, n_columns)
        Ink, and all that is darker than paper.

    height : float
        Of a digit, in pixels.

    Returns
    -------
    strokes : ndarray of bool of shape (n_rows, n_columns)
    """
    labels, n_labels = ndi.label(marks | strokes, np.ones((3, 3)))
    boxes = boxes_of(labels)
    heights, widths = (boxes[:, 2:] - boxes[:, :2]).T / height
    low, high = CONSTANTS.heights
    may_be = (heights >= low) & (heights <= high) & (widths <= CONSTANTS.width)
    n_pixels = np.bincount(labels.ravel(), minlength=n_labels + 1)[1:]
    n_inked = np.bincount(labels[strokes], minlength=n_labels + 1)[1:]
    may_be &= (n_inked >= CONSTANTS.inked * n_pixels) & (n_inked < n_pixels)
    result = strokes.copy()
    for i in np.flatnonzero(may_be):
        top, left, bottom, right = boxes[i]
        place = slice(top, bottom), slice(left, right)
        own = labels[place] == i + 1
        if _is_low(own & strokes[place], own, height):
            result[place] |= own
    return result


def _is_low(inked, own, height):
    """Tell whether the ink of a digit is low pieces, one above the other."""
    pieces = boxes_of(ndi.label(inked, np.ones((3, 3)))[0])
    tall = pieces[:, 2] - pieces[:, 0]
    tallest = tall.max()
    if tallest >= CONSTANTS.low * height or len(own) < CONSTANTS.higher * tallest:
        return False
    if np.ptp(inked.any(axis=0).nonzero()) + 1 < own.shape[1] / CONSTANTS.wider:
        return False
    # Specks say nothing
    pieces = pieces[tall >= 0.2 * tallest]
    shared = pieces[:, 3].min() - pieces[:, 1].max()
    narrowest = (pieces[:, 3] - pieces[:, 1]).min()
    return shared >= CONSTANTS.above * narrowest

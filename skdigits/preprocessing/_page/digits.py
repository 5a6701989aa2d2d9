"""Digits as they are found: parts of ink that belong together."""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage as ndi

from skdigits.preprocessing._page import edges
from skdigits.preprocessing._page.parts import (
    CONSTANTS,
    MOST_PARTS,
    box_of,
    join,
    mask_of,
    weighted_quantile,
)

# No page of digits has more
_MOST_IN_ROWS = 1000


@dataclass
class Digit:
    """One digit.

    Attributes
    ----------
    box : ndarray of int of shape (4,)

    mask : ndarray of bool
        Its pixels and the rim around them, within the box.

    contrast : float
        How much darker than paper it is.
    """

    box: np.ndarray
    mask: np.ndarray
    contrast: float


def find_single_digits(parts, ink, height):
    """Return the digits that parts make up, those of a digit's height and ink."""
    if not len(parts.boxes) or parts.n_parts > MOST_PARTS:
        return []
    groups = join(parts, height)
    boxes = np.array([box_of(parts, group) for group in groups])
    sides = (boxes[:, 2:] - boxes[:, :2]) / height
    areas = np.array([parts.areas[group].sum() for group in groups])
    contrasts = np.array(
        [np.average(parts.contrasts[g], weights=parts.areas[g]) for g in groups]
    )
    is_digit = _may_be_digits(*sides.T)
    steps = edges.find_steps(ink.paper, boxes, height)
    is_digit &= ~edges.in_rows_at_steps(boxes, steps, height)
    if not is_digit.any():
        return []
    typical = weighted_quantile(
        contrasts[is_digit],
        # Many faint pieces hold little ink
        areas[is_digit] * contrasts[is_digit],
        CONSTANTS.clear_share,
    )
    is_digit &= contrasts >= CONSTANTS.faint * typical
    is_beside = _is_beside(boxes)
    is_blurred = is_digit & (contrasts < CONSTANTS.blurred * typical)
    if is_blurred.any():
        # A number in pencil is as sharp as that of a pen beside it, and not one stroke
        is_like = contrasts < CONSTANTS.alike * contrasts[:, np.newaxis]
        has_neighbour = (is_beside & is_like & is_digit).any(axis=1)
        masks = [mask_of(parts, groups[i], boxes[i]) for i in np.flatnonzero(is_digit)]
        is_sharp = np.zeros(len(groups), bool)
        is_sharp[is_digit] = _are_sharp(
            ink.contrast, boxes[is_digit], masks, is_blurred[is_digit]
        )
        is_digit &= ~is_blurred | (is_sharp & has_neighbour)
    is_digit &= ~edges.along_border(parts, groups, boxes, is_digit, is_beside)
    least = edges.least_contrast(boxes, steps, ink.paper.shape)
    may_be_edge = is_digit & (contrasts < least * typical)
    is_digit &= ~may_be_edge
    # A "1" at the edge of a shadow is on a line with digits that are as high
    one, other = np.nonzero(may_be_edge[:, np.newaxis] & is_beside & is_digit)
    is_digit[one[_are_level(boxes[one], boxes[other])]] = True
    is_off, brightness = edges.off_paper(ink.paper, boxes)
    if (is_digit & ~is_off).any():
        low, high = CONSTANTS.sized
        is_clear = (sides[:, 0] >= low) & (sides[:, 0] <= high)
        is_clear &= contrasts >= CONSTANTS.clear * typical
        absolute = contrasts * brightness
        usual = np.median(absolute[is_digit & ~is_off])
        is_clear &= absolute >= CONSTANTS.bright * usual
        is_digit &= ~is_off | is_clear
        # Most pieces of a table's grain are no digits, and one that looks like a digit
        # is alone, as a thumb is. Of what is in a shadow, most are digits
        n_in_shadow = max(2, CONSTANTS.in_shadow * is_off.sum())
        if (is_digit & is_off).sum() < n_in_shadow:
            has_neighbour = _is_beside(boxes[is_digit]).any(axis=1)
            is_digit[is_digit] = ~is_off[is_digit] | has_neighbour
    is_digit[is_digit] = ~_between_higher(boxes[is_digit])
    return [
        Digit(
            boxes[i],
            ndi.binary_dilation(mask_of(parts, groups[i], boxes[i]), np.ones((3, 3))),
            float(contrasts[i]),
        )
        for i in np.flatnonzero(is_digit)
    ]


def _may_be_digits(heights, widths):
    """Tell what may be digits by its size, relative to the height of a digit."""
    least, largest = CONSTANTS.least_height, CONSTANTS.largest_height
    may_be = (heights >= least) & (heights <= largest)
    may_be &= widths <= CONSTANTS.largest_width
    # A "1" is about as high as others; commas, dividers and sides of frames are not
    low, high = CONSTANTS.slim_heights
    is_slim = widths <= CONSTANTS.slim * heights
    return may_be & ~(is_slim & ((heights < low) | (heights > high)))


def _are_sharp(contrast, boxes, masks, is_blurred):
    """Tell which digits have edges about as steep as those that are not blurred."""
    sharp = np.array(
        [
            _sharpness(contrast[top:bottom, left:right], mask)
            for (top, left, bottom, right), mask in zip(boxes, masks, strict=True)
        ]
    )
    return sharp >= CONSTANTS.sharp * np.median(sharp[~is_blurred])


def _sharpness(values, mask):
    """Return how steep the edges of a digit are, relative to its contrast."""
    steep = np.hypot(ndi.sobel(values, 0), ndi.sobel(values, 1)) / 8
    rim = ndi.binary_dilation(mask, np.ones((3, 3)))
    inked = values[mask]
    return np.percentile(steep[rim], 90) / np.average(inked, weights=inked)


def _is_beside(boxes):
    """Tell which boxes are in a row with others, next to them.

    Returns
    -------
    is_beside : ndarray of bool of shape (n_boxes, n_boxes)
        Nowhere on a page of text, since that would take long.
    """
    if len(boxes) > _MOST_IN_ROWS:
        return np.zeros((len(boxes), len(boxes)), bool)
    top, left, bottom, right = boxes.T
    heights, y, x = bottom - top, (top + bottom) / 2, (left + right) / 2
    is_beside = abs(x[:, np.newaxis] - x) < 1.5 * heights
    is_beside &= (top <= y[:, np.newaxis]) & (bottom >= top[:, np.newaxis])
    np.fill_diagonal(is_beside, False)
    return is_beside


def _are_level(boxes, others):
    """Tell which boxes span about the same rows as another."""
    (top, _, bottom, _), (other_top, _, other_bottom, _) = boxes.T, others.T
    shared = np.minimum(bottom, other_bottom) - np.maximum(top, other_top)
    spanned = np.maximum(bottom, other_bottom) - np.minimum(top, other_top)
    return shared >= CONSTANTS.level * spanned


def _between_higher(boxes):
    """Tell which boxes are much lower than those on both sides, as commas are."""
    heights, x = boxes[:, 2] - boxes[:, 0], boxes[:, 1] + boxes[:, 3]
    is_higher = _is_beside(boxes)
    is_higher &= CONSTANTS.low * heights > heights[:, np.newaxis]
    is_right = x > x[:, np.newaxis]
    return (is_higher & is_right).any(axis=1) & (is_higher & ~is_right).any(axis=1)

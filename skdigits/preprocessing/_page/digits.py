"""Digits as they are found: parts of ink that belong together."""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage as ndi

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


def find_single_digits(parts, ink, height, constants=CONSTANTS):
    """Return the digits that parts make up, those of a digit's height and ink."""
    if not len(parts.boxes) or parts.n_parts > MOST_PARTS:
        return []
    digits = []
    groups = join(parts, height, constants)
    boxes = np.array([box_of(parts, group) for group in groups])
    heights, widths = (boxes[:, 2:] - boxes[:, :2]).T
    areas = np.array([parts.areas[group].sum() for group in groups])
    contrasts = np.array(
        [np.average(parts.contrasts[g], weights=parts.areas[g]) for g in groups]
    )
    is_digit = _may_be_digits(heights / height, widths / height, constants)
    if not is_digit.any():
        return []
    typical = weighted_quantile(
        contrasts[is_digit],
        # Many faint pieces hold little ink
        areas[is_digit] * contrasts[is_digit],
        constants.clear_share,
    )
    is_digit &= contrasts >= constants.faint * typical
    is_faint = is_digit & (contrasts < constants.blurred * typical)
    if is_faint.any():
        # A number in pencil is as sharp as that of a pen beside it, and not one stroke
        sharp = np.zeros(len(groups))
        for i in np.flatnonzero(is_digit):
            mask = mask_of(parts, groups[i], boxes[i])
            sharp[i] = _sharpness(ink.contrast, boxes[i], mask)
        is_sharp = sharp >= constants.sharp * np.median(sharp[is_digit & ~is_faint])
        is_like = contrasts < constants.alike * contrasts[:, np.newaxis]
        has_neighbour = (_is_beside(boxes) & is_like & is_digit).any(axis=1)
        is_digit &= ~is_faint | (is_sharp & has_neighbour)
    is_sized = (heights >= constants.sized[0] * height) & (
        heights <= constants.sized[1] * height
    )
    at_edge = _along_edge(parts, groups, boxes, ink.paper.shape)
    if at_edge[is_digit].mean() < constants.few:
        is_digit &= ~at_edge
    on_edge = _on_an_edge(ink.paper, boxes, height, constants)
    is_digit &= ~on_edge | (contrasts >= constants.on_edge * typical)
    off_paper, brightness = _off_paper(ink.paper, boxes, constants.dark)
    absolute = contrasts * brightness
    on_paper = is_digit & ~off_paper
    if on_paper.any():
        is_digit &= ~off_paper | (
            is_sized
            & (contrasts >= constants.clear * typical)
            & (absolute >= constants.bright * np.median(absolute[on_paper]))
        )
    is_digit[is_digit] = ~_between_higher(boxes[is_digit], constants)
    for i in np.flatnonzero(is_digit):
        mask = ndi.binary_dilation(mask_of(parts, groups[i], boxes[i]), np.ones((3, 3)))
        digits.append(Digit(boxes[i], mask, float(contrasts[i])))
    return digits


def _may_be_digits(heights, widths, constants):
    """Tell what may be digits by its size, relative to the height of a digit."""
    least, largest = constants.least_height, constants.largest_height
    may_be = (heights >= least) & (heights <= largest)
    may_be &= widths <= constants.largest_width
    # A "1" is about as high as others; commas, dividers and sides of frames are not
    low, high = constants.slim_heights
    is_slim = widths <= constants.slim * heights
    return may_be & ~(is_slim & ((heights < low) | (heights > high)))


def _sharpness(contrast, box, mask):
    """Return how steep the edges of a digit are, relative to its contrast."""
    top, left, bottom, right = box
    values = contrast[top:bottom, left:right]
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


def _between_higher(boxes, constants):
    """Tell which boxes are much lower than those on both sides, as commas are."""
    heights, x = boxes[:, 2] - boxes[:, 0], boxes[:, 1] + boxes[:, 3]
    is_higher = _is_beside(boxes)
    is_higher &= constants.low * heights > heights[:, np.newaxis]
    is_right = x > x[:, np.newaxis]
    return (is_higher & is_right).any(axis=1) & (is_higher & ~is_right).any(axis=1)


def _along_edge(parts, groups, boxes, shape):
    """Tell which digits lie along the picture's edge, as a strip of a scanner does."""
    along = np.zeros(len(groups), bool)
    touching = (boxes[:, :2] == 0).any(axis=1) | (boxes[:, 2:] == shape).any(axis=1)
    for i in np.flatnonzero(touching):
        mask = mask_of(parts, groups[i], boxes[i])
        sides = (mask[0], mask[:, 0], mask[-1], mask[:, -1])
        is_out = np.append(boxes[i, :2] == 0, boxes[i, 2:] == shape)
        along[i] = any(
            side.mean() >= 0.5 for side, out in zip(sides, is_out, strict=True) if out
        )
    return along


def _on_an_edge(paper, boxes, height, constants):
    """Tell which narrow boxes are where paper ends: much less bright on one side.

    There, the shadow that a sheet casts looks like strokes.
    """
    top, left, bottom, right = boxes.T
    tall, wide = bottom - top, right - left
    reach = round(constants.beside * height)
    y, x = (top + bottom) // 2, (left + right) // 2

    def brightness(rows, columns):
        rows = rows.clip(0, paper.shape[0] - 1)
        return paper[rows, columns.clip(0, paper.shape[1] - 1)]

    across = brightness(y, left - reach), brightness(y, right + reach)
    along = brightness(top - reach, x), brightness(bottom + reach, x)
    is_on = np.zeros(len(boxes), bool)
    for (one, other), is_narrow in (
        (across, wide < constants.narrow * tall),
        (along, tall < constants.narrow * wide),
    ):
        ratio = np.minimum(one, other) / np.maximum(one, other)
        is_on |= is_narrow & (ratio < constants.step)
    return is_on


def _off_paper(paper, boxes, dark):
    """Tell which boxes are where it is dark up to the picture's edge, as a table is.

    Returns
    -------
    off_paper : ndarray of bool of shape (n_boxes,)

    brightness : ndarray of shape (n_boxes,)
        Of the ground.
    """
    step = max(1, min(paper.shape) // 200)
    rough = paper[::step, ::step]
    labels, n_labels = ndi.label(rough < dark * np.percentile(rough, 80))
    is_outside = np.zeros(n_labels + 1, bool)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        is_outside[side] = True
    is_outside[0] = False
    outside = is_outside[labels]
    rows, columns = (boxes[:, :2] + boxes[:, 2:]).T // (2 * step)
    place = rows.clip(0, len(outside) - 1), columns.clip(0, outside.shape[1] - 1)
    return outside[place], rough[place]

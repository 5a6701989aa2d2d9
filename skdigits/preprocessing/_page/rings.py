"""Rings and frames drawn around numbers: found in ink, and taken out of it.

Lines are taken out after them, which would leave the ends of a long ring.
"""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage as ndi

from skdigits.preprocessing._page.parts import boxes_of


@dataclass(frozen=True)
class RingConstants:
    """What was chosen on photos of MNIST's training images.

    All is relative to the height of a digit, unless it says otherwise.
    """

    # Sides of a ring's box, at least and at most, and the thickest stroke
    shorter: float = 1.1
    longer: float = 20.0
    thickness: float = 0.3

    # The widest gap in it
    gap: float = 0.12

    # The part of its box that it encloses, at least; a ring, rather than a frame, at
    # most so much
    enclosed: float = 0.6
    round: float = 0.88

    # The part of its ink that is not on the outline, at most, of a frame and of a
    # ring, which a digit may touch
    other: float = 0.03
    touching: float = 0.4

    # The least height of something inside
    inner: float = 0.4


CONSTANTS = RingConstants()


def without_rings(strokes, height):
    """Take closed curves around something out of ink.

    Parameters
    ----------
    strokes : ndarray of bool of shape (n_rows, n_columns)

    height : float
        Of a digit, in pixels.

    Returns
    -------
    strokes : ndarray of bool of shape (n_rows, n_columns)
    """
    labels, _ = ndi.label(strokes, np.ones((3, 3)))
    boxes = boxes_of(labels)
    sides = boxes[:, 2:] - boxes[:, :2]
    may_be = (sides.min(axis=1) >= CONSTANTS.shorter * height) & (
        sides.max(axis=1) <= CONSTANTS.longer * height
    )
    kept = strokes
    for i in np.flatnonzero(may_be):
        inside = (boxes[:, :2] > boxes[i, :2]) & (boxes[:, 2:] < boxes[i, 2:])
        if not (sides[inside.all(axis=1), 0] >= CONSTANTS.inner * height).any():
            continue
        top, left, bottom, right = boxes[i]
        outline = _outline(labels[top:bottom, left:right] == i + 1, height)
        if outline is not None:
            if kept is strokes:
                kept = strokes.copy()
            kept[top:bottom, left:right] &= ~outline
    return kept


def _outline(own, height):
    """Return the ink of a closed curve, without what it touches, or None."""
    reach = max(1, round(CONSTANTS.gap * height / 2))
    wide = np.pad(own, reach + 1)
    filled = ndi.binary_fill_holes(ndi.binary_dilation(wide, iterations=reach))
    filled = ndi.binary_erosion(filled, iterations=reach)
    depth = ndi.distance_transform_edt(filled)
    # Strokes that stick out are thin, unlike what a ring encloses
    thickness = CONSTANTS.thickness * height
    if depth.max() <= thickness:
        return None
    body = ndi.distance_transform_edt(depth <= thickness) <= thickness + 1
    enclosed = body.sum() / np.prod([np.ptp(k) + 1 for k in body.nonzero()])
    outline = wide & body & (depth <= thickness)
    other = 1 - outline.sum() / wide.sum()
    if enclosed < CONSTANTS.enclosed or other > CONSTANTS.touching:
        return None
    if other > CONSTANTS.other:
        if enclosed > CONSTANTS.round:
            return None
        # A line's ink is half as deep as its thickness, in the median
        outline &= depth <= 2.5 * np.median(depth[outline]) + 1
    return outline[reach + 1 : -reach - 1, reach + 1 : -reach - 1]

"""Connected parts of ink, and the digits that they make up."""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage as ndi

from skdigits.preprocessing._page.components import connected
from skdigits.preprocessing._page.shapes import find_strokes


@dataclass(frozen=True)
class PartConstants:
    """What was chosen on pages of MNIST's training images, by `tune_pages.py`.

    All is relative to the height of a digit, unless it says otherwise.
    """

    # Areas of specks, relative to the square of the height
    speck: float = 0.012

    # Heights of digits, and of parts that need no other
    least_height: float = 0.45
    largest_height: float = 2.2
    whole: float = 0.6

    # What is narrower than this part of its height is at least and at most so high
    slim: float = 0.4
    slim_heights: tuple = (0.6, 1.6)

    # What is lower than this part of the height of those on both sides is a comma
    low: float = 0.55

    # What is wider is an edge or a line
    largest_width: float = 6.0

    # Higher parts may still be one digit if they are one above the other, overlap by
    # this part of the narrower one's width, and are no higher together than this
    nearly_whole: float = 0.85
    overlap: float = 0.6
    together: float = 1.4

    # So much of its box inside another's makes a digit a part of that
    inside: float = 0.6

    # How far from a digit a part of it may lie, beside it, and above or below it
    gap: float = 0.15
    vertical_gap: float = 0.25

    # How far apart two pieces of a digit may lie that are one above the other, the
    # lower and the higher at most so high, together at least and at most so high, and
    # overlap by so much
    broken_gap: float = 0.35
    pieces: tuple = (0.5, 0.65)
    broken: tuple = (0.7, 1.25)
    broken_overlap: float = 0.3

    # How clear a digit is, relative to most of the picture's ink, at least
    faint: float = 0.38

    # What is less clear than this is blurred print of the other side, unless its edges
    # are so steep, relative to the others', and one beside it is not this much clearer
    blurred: float = 0.5
    sharp: float = 0.85
    alike: float = 1.4

    # Of the ink, so much is fainter than what this is relative to
    clear_share: float = 0.75

    # Digits that are on a line, and as high, share this part of the rows they span
    level: float = 0.75

    # On what may be a table, digits are of usual heights, and this clear relative to
    # others, and to others' contrast times the brightness of the ground
    sized: tuple = (0.6, 1.6)
    clear: float = 0.6
    bright: float = 0.28

    # Where more than this part of what is there are digits, it is a shadow
    in_shadow: float = 0.5


CONSTANTS = PartConstants()

# No picture of digits has more parts than that
MOST_PARTS = 5000


@dataclass
class Parts:
    """Connected parts of ink, without specks.

    Attributes
    ----------
    labels : ndarray of int of shape (n_rows, n_columns)
        The number of the part that each pixel is in, from 1; 0 for none.

    boxes : ndarray of int of shape (n_parts, 4)

    areas : ndarray of int of shape (n_parts,)

    contrasts : ndarray of float of shape (n_parts,)
        Mean contrast, weighted by itself: the rims of thin strokes say little.

    n_parts : int
        How many there are, those included that are too many.

    n_specks : int
        How many parts were too small.
    """

    labels: np.ndarray
    boxes: np.ndarray
    areas: np.ndarray
    contrasts: np.ndarray
    n_parts: int
    n_specks: int

    @property
    def heights(self):
        return self.boxes[:, 2] - self.boxes[:, 0]

    @property
    def widths(self):
        return self.boxes[:, 3] - self.boxes[:, 1]


def find_parts(strokes, contrast, height):
    """Find connected parts of ink that are no specks, and no frames, holes or lines.

    Of very many parts, the largest are returned.

    Returns
    -------
    parts : Parts
    """
    labels, n_labels = ndi.label(strokes, np.ones((3, 3)))
    inked = np.flatnonzero(labels)
    label = labels.ravel()[inked]
    areas = np.bincount(label, minlength=n_labels + 1)
    areas[0] = 0
    is_kept = areas >= max(4, CONSTANTS.speck * height**2)
    n_parts = np.count_nonzero(is_kept)
    if n_parts > MOST_PARTS:
        is_kept[areas.argsort(kind="stable")[:-MOST_PARTS]] = False
    numbers = np.where(is_kept, np.cumsum(is_kept), 0)
    labels.ravel()[inked] = label = numbers[label]
    n_kept = np.count_nonzero(is_kept)
    ink = contrast.ravel()[inked]
    totals, squares = (
        np.bincount(label, ink**k, minlength=n_kept + 1)[1:] for k in (1, 2)
    )
    boxes = boxes_of(labels)
    areas = areas[is_kept]
    contrasts = squares / totals
    is_stroke = find_strokes(labels, boxes, areas, height)
    if not is_stroke.all():
        numbers = np.append(0, np.where(is_stroke, np.cumsum(is_stroke), 0))
        labels = numbers[labels]
        boxes, areas, contrasts = (a[is_stroke] for a in (boxes, areas, contrasts))
    return Parts(labels, boxes, areas, contrasts, n_parts, n_labels - n_parts)


def boxes_of(labels):
    """Return the box around each label, from 1 on, of shape (n_labels, 4)."""
    boxes = [
        (rows.start, columns.start, rows.stop, columns.stop)
        for rows, columns in ndi.find_objects(labels)
    ]
    return np.array(boxes, dtype=int).reshape(-1, 4)


def run_lengths(ink, axis):
    """Return the length of the run of ink along an axis that each pixel is on.

    It says nothing of pixels without ink.
    """
    ink = ink if axis == 0 else ink.T
    place = np.arange(len(ink), dtype=np.int32)[:, np.newaxis]
    last_paper = np.maximum.accumulate(np.where(ink, -1, place), axis=0)
    next_paper = np.minimum.accumulate(np.where(ink, len(ink), place)[::-1], axis=0)
    lengths = next_paper[::-1] - last_paper - 1
    return lengths if axis == 0 else lengths.T


def weighted_quantile(values, weights, share):
    """Return the value up to which a share of the weight lies."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, share * total[-1])])


def join(parts, height):
    """Return the numbers of the parts of each digit.

    A part that is too low to be a digit by itself goes to the nearest part, if that is
    near.

    Returns
    -------
    groups : list of ndarray of int
        Indices of parts.
    """
    pairs = []
    for i in np.flatnonzero(parts.heights < CONSTANTS.nearly_whole * height):
        nearest = _nearest(parts, i, height)
        if nearest is not None:
            pairs.append((i, nearest))
    groups = connected(pairs, len(parts.boxes))
    return _join_overlapping(parts, groups, height)


def _join_overlapping(parts, groups, height):
    """Join digits of which one is mostly in the other's box: one has come apart."""
    boxes = np.array([box_of(parts, group) for group in groups]).reshape(-1, 4)
    order = np.argsort(boxes[:, 1], kind="stable")
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    pairs = []
    for place, i in enumerate(order):
        # Those that begin at most a digit's width after this one
        stop = np.searchsorted(boxes[order, 1], boxes[i, 3])
        others = order[place + 1 : stop]
        low = np.maximum(boxes[i, :2], boxes[others, :2])
        high = np.minimum(boxes[i, 2:], boxes[others, 2:])
        shared = (high - low).clip(0).prod(axis=1)
        together = np.maximum(boxes[i, 2], boxes[others, 2]) - np.minimum(
            boxes[i, 0], boxes[others, 0]
        )
        is_one = (shared >= CONSTANTS.inside * np.minimum(area[i], area[others])) & (
            together <= CONSTANTS.together * height
        )
        pairs.extend((i, j) for j in others[is_one])
    return [
        np.concatenate([groups[i] for i in members])
        for members in connected(pairs, len(groups))
    ]


def _nearest(parts, i, height):
    """Return the part nearest to one, within reach, or None."""
    above = max(CONSTANTS.vertical_gap, CONSTANTS.broken_gap) * height
    beside = CONSTANTS.gap * height
    own = top, left, bottom, right = parts.boxes[i]
    first = max(0, int(top - above - 1)), max(0, int(left - beside - 1))
    window = parts.labels[
        first[0] : int(bottom + above + 2), first[1] : int(right + beside + 2)
    ]
    is_other = (window > 0) & (window != i + 1)
    if not is_other.any():
        return None
    far = ndi.distance_transform_edt(window != i + 1)
    others = window[is_other] - 1
    numbers = np.unique(others)
    distance = ndi.minimum(far[is_other], others, numbers)
    ratio = distance / _reach(own, parts.boxes[numbers], height)
    best = np.argmin(ratio)
    return numbers[best] if ratio[best] <= 1 else None


def _reach(own, others, height):
    """Return how far a part may be from each of others to be of the same digit.

    If it is high, only those that are above or below it.
    """
    top, left, bottom, right = own
    heights = others[:, 2] - others[:, 0]
    shared = np.minimum(others[:, 3], right) - np.maximum(others[:, 1], left)
    narrower = np.minimum(others[:, 3] - others[:, 1], right - left)
    together = np.maximum(others[:, 2], bottom) - np.minimum(others[:, 0], top)
    reach = np.where(shared >= 0.5 * narrower, CONSTANTS.vertical_gap, CONSTANTS.gap)
    low, high = CONSTANTS.broken
    lower, higher = (piece * height for piece in CONSTANTS.pieces)
    is_broken = np.minimum(heights, bottom - top) <= lower
    is_broken &= np.maximum(heights, bottom - top) <= higher
    is_broken &= (together >= low * height) & (together <= high * height)
    is_broken &= shared >= CONSTANTS.broken_overlap * narrower
    reach[is_broken] = CONSTANTS.broken_gap
    reach = np.maximum(reach * height, 1.5)
    if bottom - top >= CONSTANTS.whole * height:
        is_one = shared >= CONSTANTS.overlap * narrower
        is_one &= together <= CONSTANTS.together * height
        # No two parts are nearer than a pixel
        reach[~is_one] = 0.5
    return reach


def box_of(parts, group):
    """Return the box around some parts."""
    boxes = parts.boxes[group]
    return np.hstack([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def mask_of(parts, group, box):
    """Return the pixels of some parts within a box."""
    top, left, bottom, right = box
    window = parts.labels[top:bottom, left:right]
    return np.isin(window, np.asarray(group) + 1)

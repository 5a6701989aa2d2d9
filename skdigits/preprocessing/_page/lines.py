"""Ruled lines, squares and frames: found in ink."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.ndimage as ndi
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from skdigits.preprocessing._page.parts import boxes_of


@dataclass(frozen=True)
class LineConstants:
    """What was chosen on pages of MNIST's training images, by `tune_pages.py`.

    All is relative to the height of a digit, unless it says otherwise.
    """

    # The least length of a line by itself, level and upright: a "1" may be tall
    level: float = 2.2
    upright: float = 1.7

    # And of a side of a frame, which meets others at both ends, within some distance
    side: float = 0.8
    meeting: float = 0.06

    # The size of the corners of a piece's box, relative to its shorter side. A frame
    # has ink in three or four of them, a round "0" in two at most
    corner: float = 0.1

    # What the largest hole in a "0" is of all its holes, and of its own box, at least
    one_hole: float = 0.9
    hollow: float = 0.6

    # The largest tilt that is looked for, and the step, in pixels per pixel: 3 degrees
    tilt: float = 0.054
    tilt_step: float = 0.0135

    # Further tilts, to 6 degrees, of all but sides of frames: digits' strokes lean
    steep: tuple = (0.08, 0.107)

    # Of how many upright sides on there may be rows of cells, by how much their
    # distances differ, and which part of them is there, at least
    least_dividers: int = 4
    regular: float = 0.09
    full: float = 0.5

    # The part of a line's pixels that are inked, at least
    filled: float = 0.93


CONSTANTS = LineConstants()


def find_lines(strokes, height):
    """Find straight lines, and sides of frames, in ink.

    Parameters
    ----------
    strokes : ndarray of bool of shape (n_rows, n_columns)

    height : float
        Of a digit, in pixels.

    Returns
    -------
    level, upright : ndarray of bool of shape (n_rows, n_columns)
    """
    found = []
    strokes = strokes & ~_round_zeros(strokes, height)
    side = CONSTANTS.side
    for ink, length in ((strokes, CONSTANTS.level), (strokes.T, CONSTANTS.upright)):
        long, short = _runs(ink, (length * height, side * height))
        found.append((long, short))
        # Dividers of a row of cells are about as long as its lines are apart
        side = np.clip(0.9 * _distance(long) / height, side, CONSTANTS.upright)
    (level, short_level), (upright, short_upright) = found
    upright, short_upright = upright.T, short_upright.T
    for _ in range(2):
        sides = _sides(short_upright & ~upright, level | short_level, 0, height)
        crossing = upright | sides
        sides = _sides(short_level & ~level, crossing, 1, height)
        short_level = sides
        short_upright = _sides(short_upright & ~upright, level | short_level, 0, height)
    return level | short_level, upright | _dividers(short_upright & ~upright, height)


def _round_zeros(strokes, height):
    """Return the pieces that look like a "0", and not like a frame.

    Longer ones may have lines in them.
    """
    labels, _ = ndi.label(strokes, np.ones((3, 3)))
    boxes = boxes_of(labels)
    sides = boxes[:, 2:] - boxes[:, :2]
    may_be = (sides.min(axis=1) >= CONSTANTS.side * height) & (
        sides.max(axis=1) < CONSTANTS.upright * height
    )
    is_zero = np.zeros(len(boxes) + 1, bool)
    for i in np.flatnonzero(may_be):
        top, left, bottom, right = boxes[i]
        near = labels[top:bottom, left:right]
        is_zero[i + 1] = _has_round_corners(near == i + 1) and _is_hollow(near > 0)
    return is_zero[labels]


def _has_round_corners(piece):
    """Tell whether a piece leaves two corners of its box free."""
    size = max(2, round(CONSTANTS.corner * min(piece.shape)))
    ends = slice(size), slice(-size, None)
    return sum(piece[rows, columns].any() for rows in ends for columns in ends) <= 2


def _is_hollow(inked):
    """Tell whether ink encloses one area, with nothing inside."""
    holes, _ = ndi.label(ndi.binary_fill_holes(inked) & ~inked)
    sizes = np.bincount(holes.ravel())[1:]
    # Strokes may have small holes, too
    if not len(sizes) or sizes.max() < CONSTANTS.one_hole * sizes.sum():
        return False
    hole = holes == sizes.argmax() + 1
    if (ndi.binary_fill_holes(hole) != hole).any():
        return False
    ((rows, columns),) = ndi.find_objects(hole.astype(np.uint8))
    return hole[rows, columns].mean() >= CONSTANTS.hollow


def _dividers(pieces, height):
    """Return upright sides of frames, without a "1" that is as high as its cell.

    Where most of a row are at regular distances, the others are no dividers.
    """
    labels, n_labels = ndi.label(pieces, np.ones((3, 3)))
    if n_labels < CONSTANTS.least_dividers:
        return pieces
    boxes = boxes_of(labels)
    heights = boxes[:, 2] - boxes[:, 0]
    y, x = (boxes[:, :2] + boxes[:, 2:]).T / 2
    tall = np.flatnonzero(heights >= 0.8 * np.percentile(heights, 80))
    tall = tall[np.argsort(y[tall], kind="stable")]
    is_kept = np.ones(n_labels + 1, bool)
    for row in np.split(tall, np.flatnonzero(np.diff(y[tall]) > 0.3 * height) + 1):
        is_kept[row + 1] = _at_regular_distances(x[row], height)
    return pieces & is_kept[labels]


def _at_regular_distances(x, height):
    """Tell which places are in a chain of equal steps, all if there is none."""
    apart = x - x[:, np.newaxis]
    steps = apart[(apart > CONSTANTS.side * height) & (apart < 4 * height)]
    if len(x) < CONSTANTS.least_dividers or not len(steps):
        return np.ones(len(x), bool)
    near = max(1.5, CONSTANTS.regular * height)
    n_near = (abs(steps - steps[:, np.newaxis]) <= near).sum(axis=1)
    step = np.median(steps[abs(steps - steps[n_near.argmax()]) <= near])
    # One or two may be missing
    linked = np.any([abs(apart - k * step) <= near for k in (1, 2, 3)], axis=0)
    chain = connected_components(coo_array(linked), directed=False)[1]
    counts = np.bincount(chain)[chain]
    most = round(np.ptp(x) / step) + 1
    is_full = counts >= max(CONSTANTS.least_dividers - 1, CONSTANTS.full * most)
    return is_full if is_full.any() else np.ones(len(x), bool)


def _distance(lines):
    """Return the usual distance of level lines, or 0 if there are fewer than two."""
    some = np.flatnonzero(lines.any(axis=0))[::8]
    gaps = []
    for column in some:
        rows = np.flatnonzero(lines[:, column])
        apart = np.diff(rows)
        gaps.append(apart[apart > 3])
    gaps = np.concatenate(gaps) if gaps else np.empty(0)
    return float(np.median(gaps)) if len(gaps) else 0.0


def _sides(pieces, others, axis, height):
    """Return the pieces along an axis that meet others at both ends."""
    if not pieces.any() or not others.any():
        return np.zeros_like(pieces)
    labels, _ = ndi.label(pieces, np.ones((3, 3)))
    reach = max(1, round(CONSTANTS.meeting * height))
    kept = np.zeros_like(pieces)
    for number, place in enumerate(ndi.find_objects(labels), 1):
        own = labels[place] == number
        across = 1 - axis
        if place[across].stop - place[across].start > 0.5 * height:
            continue
        meets = True
        for end in (0, -1):
            (inked,) = np.nonzero(own.take(end, axis=axis))
            middle = int(inked.mean()) + place[across].start
            at = (place[axis].start, place[axis].stop - 1)[end]
            window = [None, None]
            window[axis] = slice(max(0, at - reach), at + reach + 1)
            window[across] = slice(max(0, middle - reach), middle + reach + 1)
            meets &= bool(others[tuple(window)].any())
        if meets:
            kept[place] |= own
    return kept


def _runs(ink, lengths):
    """Return the pixels on straight, nearly level runs of ink of each least length.

    Of the first length, which is the largest, runs may be steeper.
    """
    found = [np.zeros_like(ink) for _ in lengths]
    lengths = [max(4, round(length)) for length in lengths]
    n_steps = round(CONSTANTS.tilt / CONSTANTS.tilt_step)
    tilts = [k * CONSTANTS.tilt_step for k in range(-n_steps, n_steps + 1)]
    steep = [sign * tilt for tilt in CONSTANTS.steep for sign in (-1, 1)]
    for tilt in tilts + steep:
        shifts = _shifts(ink.shape[1], tilt)
        sheared = _sheared(ink, shifts, 1)
        n_inked = np.count_nonzero(sheared, axis=1)
        some = slice(1) if tilt in steep else slice(None)
        for result, length in zip(found[some], lengths[some], strict=True):
            rows = np.flatnonzero(n_inked >= CONSTANTS.filled * length)
            if not len(rows) or length > ink.shape[1]:
                continue
            run = np.zeros_like(ink)
            run[rows] = _on_runs(sheared[rows], length, CONSTANTS.filled)
            if run.any():
                result |= _sheared(run, shifts, -1)
    return found


def _on_runs(ink, length, filled):
    """Return the inked pixels of stretches of a length that are nearly full."""
    total = np.zeros((len(ink), ink.shape[1] + 1), np.int32)
    np.cumsum(ink, axis=1, out=total[:, 1:])
    is_start = total[:, length:] - total[:, :-length] >= filled * length
    # How many stretches start at most a length before each pixel
    total[:, 1 : is_start.shape[1] + 1] = is_start
    total[:, is_start.shape[1] + 1 :] = 0
    np.cumsum(total, axis=1, out=total)
    covered = total[:, 1:].copy()
    covered[:, length:] -= total[:, 1:-length]
    return (covered > 0) & ink


def _shifts(n_columns, slope):
    """Return slices of columns and how far each is moved."""
    shift = np.round(slope * (np.arange(n_columns) - n_columns / 2)).astype(int)
    bounds = [0, *(np.flatnonzero(np.diff(shift)) + 1), n_columns]
    return [
        (slice(start, stop), int(shift[start]))
        for start, stop in pairwise(bounds)
        if stop > start
    ]


def _sheared(ink, shifts, sign):
    if len(shifts) == 1 and shifts[0][1] == 0:
        return ink
    moved = np.zeros_like(ink)
    n = len(ink)
    for columns, shift in shifts:
        # A row of the result is `shift` rows further down in the original
        shift *= sign
        if abs(shift) >= n:
            continue
        if shift >= 0:
            moved[: n - shift, columns] = ink[shift:, columns]
        else:
            moved[-shift:, columns] = ink[:shift, columns]
    return moved

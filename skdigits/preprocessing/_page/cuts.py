"""Cuts through ink: where digits that touch may be parted."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import scipy.ndimage as ndi

from skdigits.preprocessing._page.parts import run_lengths


@dataclass(frozen=True)
class CutConstants:
    """What was chosen on pairs of MNIST's training images, by `choose_cuts.py`."""

    # What counts as ink
    inked: float = 0.35

    # The most cuts that are considered, and by which part of the ink they differ
    most: int = 24
    differ: float = 0.04

    # Ink that a cut may go through, relative to the width of a stroke
    thickest: float = 3.5

    # Slopes of straight cuts, in columns per row
    slopes: tuple = (-0.8, -0.4, -0.2, 0.0, 0.2, 0.4, 0.8)

    # What a way through paper costs, relative to one through ink
    detour: float = 0.01

    # What a cut severs from one digit and is lower than this goes to the other one,
    # relative to the height: each cut is tried with all of these
    fragments: tuple = (0.35, 0.0)

    # The least part of the ink on either side
    least_ink: float = 0.1


CONSTANTS = CutConstants()


@dataclass
class Cut:
    """A cut from top to bottom.

    Attributes
    ----------
    right : ndarray of bool of shape (n_rows, n_columns)
        The pixels right of it.

    ink : float
        How much ink it goes through, in widths of a stroke.

    crossings : int
        How often it goes through ink. Digits touch in one place as a rule, and a cut
        through a loop crosses it twice.
    """

    right: np.ndarray
    ink: float
    crossings: int


def find_cuts(ink, constants=CONSTANTS):
    """Return cuts along little ink, from left to right.

    Parameters
    ----------
    ink : ndarray of float of shape (n_rows, n_columns)

    Returns
    -------
    cuts : list of Cut
    """
    inked = ink > constants.inked
    stroke = _stroke_width(inked)
    most = constants.thickest * stroke
    paths = [*_winding(ink, inked, most, constants), *_straight(ink, most, constants)]
    paths.sort(key=lambda each: each[0])
    total = ink.sum()
    cuts = []
    for (cost, rows, columns), fragment in product(paths, constants.fragments):
        if len(cuts) == constants.most:
            break
        right = _right_of(rows, columns, inked, fragment)
        n_right = ink[right].sum()
        if not constants.least_ink <= n_right / total <= 1 - constants.least_ink:
            continue
        if any(
            ink[right ^ other.right].sum() < constants.differ * total for other in cuts
        ):
            continue
        on_path = inked[rows, columns]
        crossings = int(on_path[0]) + np.count_nonzero(on_path[1:] & ~on_path[:-1])
        cuts.append(Cut(right, cost / stroke, crossings))
    cuts.sort(key=lambda cut: -ink[cut.right].sum())
    return cuts


def _stroke_width(inked):
    """Return the usual width of strokes: of the shorter run through each pixel."""
    shorter = np.minimum(run_lengths(inked, 0), run_lengths(inked, 1))[inked]
    return max(1.0, float(np.median(shorter))) if len(shorter) else 1.0


def _right_of(rows, columns, inked, fragment):
    """Tell which pixels are right of a cut, those of small fragments excepted.

    A cut may sever the end of a stroke, which goes with the stroke.
    """
    first = np.zeros(len(inked), int)
    np.maximum.at(first, rows, columns)
    right = np.arange(inked.shape[1]) >= first[:, np.newaxis]
    least = fragment * len(inked)
    result = right.copy()
    for side in (~right, right):
        labels, n_labels = ndi.label(inked & side, np.ones((3, 3)))
        if n_labels < 2:
            continue
        across = ndi.binary_dilation(inked & ~side, np.ones((3, 3)))
        for number, place in enumerate(ndi.find_objects(labels), 1):
            own = labels[place] == number
            if place[0].stop - place[0].start < least and (own & across[place]).any():
                result[place] ^= own
    return result


def _winding(ink, inked, most, constants):
    """Yield the ways along the least ink: the ink on each, its rows and columns."""
    n_rows, n_columns = ink.shape
    cost = ink + constants.detour
    down, *above = _cheapest(cost)
    up, *below = _cheapest(cost[::-1])
    through = down + up[::-1] - cost - constants.detour * n_rows
    # Those that go through ink, or through the middle
    is_start = inked.copy()
    is_start[n_rows // 2] = True
    reach = 2 * max(1, n_rows // 18) + 1
    is_start &= through <= most
    is_start &= through == ndi.minimum_filter1d(through, reach, axis=1)
    starts = np.argwhere(is_start)
    starts = starts[np.argsort(through[is_start], kind="stable")]
    passed = np.zeros((n_rows + 2, n_columns + 2), bool)
    n_found = 0
    for row, column in starts:
        if passed[row + 1, column + 1]:
            continue
        upper = _trace(*above, row, column)[::-1]
        lower = _trace(*below, n_rows - 1 - row, column)[1:]
        rows = np.array([r for r, _ in upper] + [n_rows - 1 - r for r, _ in lower])
        columns = np.array([c for _, c in upper + lower])
        for i in (0, 1, 2):
            passed[rows + 1, columns + i] = True
        yield max(0.0, float(ink[rows, columns].sum())), rows, columns
        n_found += 1
        if n_found == 3 * constants.most:
            return


def _cheapest(cost):
    """Return the cost of the cheapest path to each pixel from the top.

    Returns
    -------
    total : ndarray of float of shape (n_rows, n_columns)

    entered, came_from : ndarray of int of shape (n_rows, n_columns)
        In which column the path came into the row, and from which one in the row above.
    """
    n_rows, n_columns = cost.shape
    total = np.empty_like(cost)
    entered = np.empty(cost.shape, int)
    came_from = np.empty(cost.shape, int)
    column = np.arange(n_columns)
    above = np.zeros(n_columns + 2)
    above[[0, -1]] = np.inf
    for row in range(n_rows):
        # Aslant costs more, as it is longer
        ways = np.stack([above[:-2], above[1:-1], above[2:]])
        ways[[0, 2]] += 0.4 * cost[row]
        best = ways.argmin(axis=0)
        came_from[row] = column + best - 1
        value = ways[best, column] + cost[row]
        entry = column.copy()
        # And on along the row, to the right and to the left
        for step in (1, -1):
            along = cost[row, ::step].cumsum()
            least = value[::step] - along
            lowest = np.minimum.accumulate(least)
            place = np.maximum.accumulate(np.where(least <= lowest, column, 0))
            moved = (lowest + along)[::step]
            place = place[::step] if step == 1 else n_columns - 1 - place[::step]
            is_less = moved < value - 1e-9
            entry = np.where(is_less, entry[place], entry)
            value = np.where(is_less, moved, value)
        total[row] = value
        entered[row] = entry
        above[1:-1] = value
    return total, entered, came_from


def _trace(entered, came_from, row, column):
    """Return the pixels of the cheapest path to one, from there to the top."""
    path = []
    while row >= 0:
        entry = entered[row, column]
        step = 1 if entry >= column else -1
        path.extend((row, c) for c in range(column, entry + step, step))
        column = came_from[row, entry]
        row -= 1
    return path


def _straight(ink, most, constants):
    """Yield straight lines with less ink on them than those beside."""
    n_rows, n_columns = ink.shape
    row = np.arange(n_rows)
    for slope in constants.slopes:
        shift = np.round(slope * (row - n_rows / 2)).astype(int)
        column = np.arange(n_columns) + shift[:, np.newaxis]
        is_inside = (column >= 0) & (column < n_columns)
        column = column.clip(0, n_columns - 1)
        profile = (ink[row[:, np.newaxis], column] * is_inside).sum(axis=0)
        for place in _minima(profile, n_rows):
            if profile[place] <= most:
                yield float(profile[place]), row, column[:, place]


def _minima(values, n_rows):
    """Return where values are the least within some distance on both sides."""
    reach = max(1, n_rows // 18)
    lowest = ndi.minimum_filter1d(values, 2 * reach + 1, mode="nearest")
    places = np.flatnonzero(values == lowest)
    # Of a flat stretch, its middle
    runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    return [run[len(run) // 2] for run in runs if len(run)]

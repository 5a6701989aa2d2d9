"""Digits that touch: cut apart where the ink between them is thin.

Cuts run from top to bottom along the least ink, at the places where that is less than
beside them. Of all ways to cut, the one is taken whose pieces are the most like digits:
by the probabilities of a classifier, or, if there is none, by their widths.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.ndimage as ndi

from skdigits.preprocessing._page.digits import Digit
from skdigits.preprocessing._page.parts import run_lengths


@dataclass(frozen=True)
class TouchingConstants:
    """What was chosen on pairs of MNIST's training images, by `tune_pages.py`."""

    # Widths, relative to the height of a digit, from which digits may be two, with a
    # classifier and without
    wide: float = 0.62
    wide_alone: float = 1.5

    # Ink that a cut may go through, relative to the width of a stroke
    thickest_cut: float = 3.0
    thickest_cut_alone: float = 1.3

    # The least width and height of a piece, relative to the height of a digit, and the
    # least part of the ink
    least_width: float = 0.1
    least_height: float = 0.6
    least_height_alone: float = 0.75
    least_ink: float = 0.1

    # A page of more is a page of text, which would take long
    most_digits: int = 1000

    # The most cuts that are considered, how far apart they are, relative to the height,
    # and the slopes of straight ones, in columns per row
    most_cuts: int = 16
    apart: float = 0.05
    slopes: tuple = (-0.6, -0.3, 0.0, 0.3, 0.6)

    # What a cut severs from one digit and is lower than this goes to the other one,
    # relative to the height
    fragment: float = 0.35

    # What is wider than this, relative to the height of a digit, may be three
    wide_three: float = 1.4

    # What a cut costs, in natural logarithms of probabilities: any, and for each width
    # of a stroke that it goes through
    cut: float = 0.3
    cut_ink: float = 0.1

    # By how much the pieces must be likelier than the whole, whose own doubt counts
    # more often. Where so many wide digits of a page are surely two, by number and
    # share, others are hardly one.
    doubt: float = 2.0
    gain: float = 1.65
    gain_among_touching: float = -0.52
    sure: int = 2
    sure_share: float = 0.3

    # The same costs without a classifier
    cut_alone: float = 0.8
    cut_ink_alone: float = 0.25

    # The usual width of a digit, relative to its height, and its deviation
    width: float = 0.72
    deviation: float = 0.24


CONSTANTS = TouchingConstants()


def split(digits, clarity, height, classifier=None, to_image=None, constants=CONSTANTS):
    """Cut digits that touch apart.

    Parameters
    ----------
    digits : list of Digit

    clarity : ndarray of float32 of shape (n_rows, n_columns)

    height : float
        Of a digit, in pixels.

    classifier : object, default=None
        With `predict_proba` of lists of images.

    Returns
    -------
    digits : list of Digit
    """
    least = constants.wide_alone if classifier is None else constants.wide
    thickest = (
        constants.thickest_cut_alone if classifier is None else constants.thickest_cut
    )
    result = []
    pending = []
    if len(digits) > constants.most_digits:
        return digits
    for digit in digits:
        width = digit.mask.shape[1]
        # Small digits are narrower, too, but a row of them may be low
        own = min(height, 1.1 * digit.mask.shape[0])
        ways = None
        if width > least * own:
            ways = _pieces(digit, clarity, own, thickest, classifier is None, constants)
        if ways is None:
            result.append(digit)
        else:
            pending.append((digit, own, *ways))
    if classifier is not None and pending:
        images = [
            to_image(piece) for *_, pieces in pending for piece in pieces.values()
        ]
        best = np.log(classifier.predict_proba(images).max(axis=1).clip(1e-6))
        best = iter(best)
    ways = []
    for _, own, cuts, pieces in pending:
        likelihood = {}
        for ends, piece in pieces.items():
            ratio = piece.mask.shape[1] / own
            usual = -0.5 * ((ratio - constants.width) / constants.deviation) ** 2
            if classifier is None:
                # A "1" is narrow
                likelihood[ends] = (
                    min(0.0, usual) if ratio > constants.width else max(usual, -0.7)
                )
            else:
                sure = float(next(best))
                likelihood[ends] = sure + 0.25 * min(
                    0.0, usual if ratio > constants.width else 0.0
                )
                if ends == (0, len(cuts) - 1):
                    likelihood[ends] += constants.doubt * sure
        ways.append(_best_way(cuts, likelihood, classifier is None, constants))
    gains = np.array([gain for gain, _ in ways])
    least_gain = 0.0 if classifier is None else constants.gain
    n_sure = np.count_nonzero(gains > least_gain)
    if classifier is not None and n_sure >= max(
        constants.sure, constants.sure_share * len(gains)
    ):
        least_gain = constants.gain_among_touching
    for (digit, _, _, pieces), (gain, ends) in zip(pending, ways, strict=True):
        is_cut = gain > least_gain
        result.extend([pieces[pair] for pair in ends] if is_cut else [digit])
    return result


def _pieces(digit, clarity, height, thickest, is_alone, constants):
    """Return where a digit may be cut, and the pieces between any two cuts.

    Returns
    -------
    cuts : list of float
        What each costs, the digit's ends included.

    pieces : dict of (int, int) to Digit
        None instead of both if there is nothing to cut.
    """
    top, left, bottom, right = digit.box
    ink = clarity[top:bottom, left:right] * digit.mask
    stroke = _stroke_width(ink > 0.4)
    seams, costs = _seams(ink, thickest * stroke, constants)
    # Digits touch in one place; a cut through a loop crosses it twice
    crossings = np.array([_crossings(ink, seam) for seam in seams])
    if is_alone:
        seams = [seam for seam, n in zip(seams, crossings, strict=True) if n < 2]
        costs = costs[crossings < 2]
    else:
        costs = costs + stroke * np.maximum(0, crossings - 1)
    if not len(seams):
        return None
    # Whether each pixel is right of each cut
    right_of = [np.ones(ink.shape, bool)]
    right_of += [_right_of(seam, ink > 0.3, constants.fragment) for seam in seams]
    right_of.append(np.zeros(ink.shape, bool))
    total = ink.sum()
    least_height = constants.least_height_alone if is_alone else constants.least_height
    pieces = {}
    for i in range(len(right_of)):
        for j in range(i + 1, len(right_of)):
            is_middle = i > 0 and j < len(right_of) - 1
            if is_middle and ink.shape[1] < constants.wide_three * height:
                continue
            mask = digit.mask & right_of[i] & ~right_of[j]
            inked = (ink > 0.3) & mask
            rows, columns = (np.flatnonzero(inked.any(axis=axis)) for axis in (1, 0))
            if not len(rows):
                continue
            tall, wide = np.ptp(rows) + 1, np.ptp(columns) + 1
            is_whole = i == 0 and j == len(right_of) - 1
            if not is_whole and (
                tall < least_height * height
                or wide < constants.least_width * height
                or wide > 1.4 * height
                or ink[mask].sum() < constants.least_ink * total
            ):
                continue
            part = (
                slice(rows[0], rows[-1] + 1),
                slice(columns[0], columns[-1] + 1),
            )
            box = np.array(
                [
                    top + part[0].start,
                    left + part[1].start,
                    top + part[0].stop,
                    left + part[1].stop,
                ]
            )
            pieces[i, j] = Digit(box, mask[part], digit.contrast)
    return [0.0, *(costs / stroke), 0.0], pieces


def _best_way(costs, likelihood, is_alone, constants):
    """Return the most likely pieces, and by how much they are likelier than the whole.

    Returns
    -------
    gain : float
        Minus infinity if there is no way to cut.

    ends : list of (int, int)
        Those of each piece, from left to right.
    """
    cut = constants.cut_alone if is_alone else constants.cut
    cut_ink = constants.cut_ink_alone if is_alone else constants.cut_ink
    n = len(costs)
    best = np.full(n, -np.inf)
    best[0] = 0
    before = np.zeros(n, int)
    for j in range(1, n):
        for i in range(j):
            if (i, j) not in likelihood or (i, j) == (0, n - 1):
                continue
            value = best[i] + likelihood[i, j]
            if j < n - 1:
                value -= cut + cut_ink * costs[j]
            if value > best[j]:
                best[j], before[j] = value, i
    if best[-1] == -np.inf:
        return -np.inf, []
    ends = [n - 1]
    while ends[-1]:
        ends.append(int(before[ends[-1]]))
    ends.reverse()
    return float(best[-1] - likelihood[0, n - 1]), list(pairwise(ends))


def _crossings(ink, seam):
    """Return how often a path goes through ink."""
    column = seam.clip(0, ink.shape[1] - 1)
    inked = ink[np.arange(len(ink)), column] > 0.35
    return int(inked[0]) + np.count_nonzero(inked[1:] & ~inked[:-1])


def _stroke_width(inked):
    """Return the usual width of strokes: of the shorter run through each pixel."""
    shorter = np.minimum(run_lengths(inked, 0), run_lengths(inked, 1))[inked]
    return max(1.0, float(np.median(shorter))) if len(shorter) else 1.0


def _right_of(seam, inked, fragment):
    """Tell which pixels are right of a cut, those of small fragments excepted.

    A straight cut may sever the end of a stroke, which goes with the stroke.
    """
    right = np.arange(inked.shape[1]) >= seam[:, np.newaxis]
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


def _seams(ink, most, constants):
    """Return where to cut from top to bottom, and the ink on each cut.

    Cuts follow the least ink, or are straight, upright or aslant.

    Returns
    -------
    seams : list of ndarray of int of shape (n_rows,)
        From left to right. The first column right of the cut, for each row.

    costs : ndarray of shape (n_seams,)
    """
    found = [*_winding(ink), *_straight(ink, constants.slopes)]
    found = [(seam, cost) for seam, cost in found if cost <= most]
    found.sort(key=lambda each: each[1])
    n_rows, n_columns = ink.shape
    margin = max(1, n_rows // 12)
    kept = []
    for seam, cost in found:
        if (
            len(kept) < constants.most_cuts
            and margin <= seam.mean() <= n_columns - margin
            and all(
                abs(seam - other).mean() > constants.apart * n_rows for other, _ in kept
            )
        ):
            kept.append((seam, cost))
    kept.sort(key=lambda each: each[0].mean())
    return [seam for seam, _ in kept], np.array([cost for _, cost in kept])


def _winding(ink):
    """Return the paths along the least ink, and the ink on each."""
    n_rows = len(ink)
    # A detour costs a little
    cost = ink + 0.01
    down, came_from = _cheapest(cost)
    up, goes_to = _cheapest(cost[::-1])
    through = down + up[::-1] - cost
    for start in (n_rows // 4, n_rows // 2, 3 * n_rows // 4):
        for place in _minima(through[start], n_rows):
            seam = np.empty(n_rows, int)
            seam[start] = column = place
            for row in range(start, 0, -1):
                column = came_from[row, column]
                seam[row - 1] = column
            column = place
            for row in range(start, n_rows - 1):
                column = goes_to[n_rows - 1 - row, column]
                seam[row + 1] = column
            yield seam, max(0.0, through[start, place] - 0.01 * n_rows)


def _straight(ink, slopes):
    """Return straight lines with less ink on them than those beside, and the ink."""
    n_rows, n_columns = ink.shape
    row = np.arange(n_rows)
    for slope in slopes:
        shift = np.round(slope * (row - n_rows / 2)).astype(int)
        column = np.arange(n_columns) + shift[:, np.newaxis]
        is_inside = (column >= 0) & (column < n_columns)
        column = column.clip(0, n_columns - 1)
        profile = (ink[row[:, np.newaxis], column] * is_inside).sum(axis=0)
        for place in _minima(profile, n_rows):
            yield place + shift, float(profile[place])


def _minima(values, n_rows):
    """Return where values are the least within some distance on both sides."""
    reach = max(1, n_rows // 18)
    padded = np.pad(values, reach, constant_values=np.inf)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    places = np.flatnonzero(values == around.min(axis=1))
    # Of a flat stretch, its middle
    runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    return [run[len(run) // 2] for run in runs if len(run)]


def _cheapest(cost):
    """Return the cost of the cheapest path to each pixel, and where it came from."""
    total = cost.copy()
    came_from = np.zeros(cost.shape, int)
    column = np.arange(cost.shape[1])
    for row in range(1, len(cost)):
        above = np.pad(total[row - 1], 1, constant_values=np.inf)
        # Aslant costs more, as it is longer
        ways = np.stack([above[:-2], above[1:-1], above[2:]])
        aslant = 0.4 * cost[row]
        ways[0] += aslant
        ways[2] += aslant
        best = ways.argmin(axis=0)
        total[row] += ways[best, column]
        came_from[row] = column + best - 1
    return total, came_from

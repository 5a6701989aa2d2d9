"""Digits that touch: cut apart where the ink between them is thin.

Cuts run from top to bottom along the least ink, at the places where that is less than
beside them. Of all ways to cut, the one is taken whose pieces are the most like digits:
by the probabilities of a classifier, or, if there is none, by their widths.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from skdigits.preprocessing._page.digits import Digit


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

    # The most cuts that are considered
    most_cuts: int = 12

    # What a cut costs, in natural logarithms of probabilities: any, and for each width
    # of a stroke that it goes through
    cut: float = 0.1
    cut_ink: float = 0.25
    cut_alone: float = 0.8

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
    cut = constants.cut_alone if classifier is None else constants.cut
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
    for digit, own, cuts, pieces in pending:
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
                likelihood[ends] = float(next(best)) + 0.25 * min(
                    0.0, usual if ratio > constants.width else 0.0
                )
        result.extend(_best_way(digit, cuts, pieces, likelihood, cut, constants))
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
    seams, costs = _seams(ink, thickest * stroke, constants.most_cuts)
    # Digits touch in one place; a cut through a loop crosses it twice
    crossings = np.array([_crossings(ink, seam) for seam in seams])
    if is_alone:
        seams = [seam for seam, n in zip(seams, crossings, strict=True) if n < 2]
        costs = costs[crossings < 2]
    else:
        costs = costs + stroke * np.maximum(0, crossings - 1)
    if not len(seams):
        return None
    column = np.arange(ink.shape[1])
    # Whether each pixel is right of each cut
    right_of = [np.ones(ink.shape, bool)]
    right_of += [column >= seam[:, np.newaxis] for seam in seams]
    right_of.append(np.zeros(ink.shape, bool))
    total = ink.sum()
    least_height = constants.least_height_alone if is_alone else constants.least_height
    pieces = {}
    for i in range(len(right_of)):
        for j in range(i + 1, len(right_of)):
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


def _best_way(digit, costs, pieces, likelihood, cut, constants):
    """Return the most likely pieces, from one end to the other."""
    n = len(costs)
    best = np.full(n, -np.inf)
    best[0] = 0
    before = np.zeros(n, int)
    for j in range(1, n):
        for i in range(j):
            if (i, j) not in pieces:
                continue
            value = best[i] + likelihood[i, j]
            if j < n - 1:
                value -= cut + constants.cut_ink * costs[j]
            if value > best[j]:
                best[j], before[j] = value, i
    ends = [n - 1]
    while ends[-1]:
        ends.append(before[ends[-1]])
    ends.reverse()
    return [pieces[pair] if len(ends) > 2 else digit for pair in pairwise(ends)]


def _crossings(ink, seam):
    """Return how often a path goes through ink."""
    column = seam.clip(0, ink.shape[1] - 1)
    inked = ink[np.arange(len(ink)), column] > 0.35
    return int(inked[0]) + np.count_nonzero(inked[1:] & ~inked[:-1])


def _stroke_width(inked):
    """Return the usual width of strokes: of the shorter run through each pixel."""
    lengths = []
    for ink in (inked, inked.T):
        place = np.arange(ink.shape[1])
        last = np.maximum.accumulate(np.where(ink, -1, place), axis=1)
        following = np.minimum.accumulate(
            np.where(ink, ink.shape[1], place)[:, ::-1], axis=1
        )[:, ::-1]
        length = following - last - 1
        lengths.append(length if ink is inked else length.T)
    shorter = np.minimum(*lengths)[inked]
    return max(1.0, float(np.median(shorter))) if len(shorter) else 1.0


def _seams(ink, most, n_most):
    """Return paths from top to bottom along the least ink, and the ink on each.

    Returns
    -------
    seams : list of ndarray of int of shape (n_rows,)
        The first column right of the path, for each row.

    costs : ndarray of shape (n_seams,)
    """
    n_rows, n_columns = ink.shape
    # A detour costs a little
    cost = ink + 0.01
    down, came_from = _cheapest(cost)
    up, goes_to = _cheapest(cost[::-1])
    middle = n_rows // 2
    through = down[middle] + up[n_rows - 1 - middle] - cost[middle]
    # The least within some distance on both sides
    reach = max(1, n_rows // 18)
    padded = np.pad(through, reach, constant_values=np.inf)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    is_least = (through == around.min(axis=1)) & (through <= most + 0.01 * n_rows)
    margin = max(1, n_rows // 12)
    is_least[:margin] = is_least[n_columns - margin :] = False
    places = np.flatnonzero(is_least)
    # Of a flat stretch, its middle
    if len(places):
        runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
        places = np.array([run[len(run) // 2] for run in runs])
    places = np.sort(places[np.argsort(through[places], kind="stable")[:n_most]])
    seams = []
    for place in places:
        seam = np.empty(n_rows, int)
        seam[middle] = column = place
        for row in range(middle, 0, -1):
            column = came_from[row, column]
            seam[row - 1] = column
        column = place
        for row in range(middle, n_rows - 1):
            column = goes_to[n_rows - 1 - row, column]
            seam[row + 1] = column
        seams.append(seam)
    return seams, (through[places] - 0.01 * n_rows).clip(0)


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

"""Holes and wires of a spiral: like shapes at equal steps along a line."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from skdigits.preprocessing._page.components import connected


@dataclass(frozen=True)
class BindingConstants:
    """What was chosen on photos of MNIST's training images."""

    # Length of one of the shapes along the line, relative to the height of a digit: a
    # column may be of one digit. And of two that are alike, relative to the longer.
    lengths: tuple = (0.1, 0.7)
    alike: float = 0.85

    # How much of two shapes is shared, relative to what both cover, as a rule, and of
    # four in five of them
    shared: float = 0.72
    mostly_shared: float = 0.6

    # From one to the next, relative to the height of a digit, at most; how far to the
    # side, relative to that; and by which part two steps in turn may differ
    step: float = 3.0
    aside: float = 0.15
    regular: float = 0.15

    # Shapes in a line, at least: a column may have several "1"
    least: int = 8

    # Lines of holes, at most
    most: int = 2

    # Along a row only discs count, which fill so much of a box that is nearly a square
    filled: float = 0.65
    square: float = 0.7


CONSTANTS = BindingConstants()

# A page of text has more parts, and comparing all would take long
_MOST = 1500


def in_bindings(labels, boxes, areas, height):
    """Tell which parts of ink are along the holes and wires that bind a notebook.

    Parameters
    ----------
    labels : ndarray of int of shape (n_rows, n_columns)

    boxes : ndarray of int of shape (n_parts, 4)

    areas : ndarray of int of shape (n_parts,)

    height : float
        Of a digit, in pixels.

    Returns
    -------
    is_in : ndarray of bool of shape (n_parts,)
    """
    is_in = np.zeros(len(boxes), bool)
    if not CONSTANTS.least <= len(boxes) <= _MOST:
        return is_in
    sides = boxes[:, 2:] - boxes[:, :2]
    is_disc = areas >= CONSTANTS.filled * sides.prod(axis=1)
    is_disc &= sides.min(axis=1) >= CONSTANTS.square * sides.max(axis=1)
    upright = labels, boxes, np.ones(len(boxes), bool)
    level = labels.T, boxes[:, [1, 0, 3, 2]], is_disc
    for turned, turned_boxes, may_be in (upright, level):
        is_in |= _in_a_column(turned, turned_boxes, may_be, height)
        # Wires hold on to some holes, on one side
        width = turned.shape[1]
        mirrored = turned_boxes[:, [0, 3, 2, 1]] * (1, -1, 1, -1) + (0, width, 0, width)
        is_in |= _in_a_column(turned[:, ::-1], mirrored, may_be, height)
    return is_in


def _in_a_column(labels, boxes, may_be, height):
    """Tell which parts begin on a line with a column of like shapes at equal steps."""
    low, high = (length * height for length in CONSTANTS.lengths)
    heights = boxes[:, 2] - boxes[:, 0]
    some = np.flatnonzero(may_be & (heights >= low) & (heights <= high))
    lines = [
        _on_line(boxes, column)
        for column in _columns(boxes, some, height)
        if _are_alike(labels, boxes, column)
    ]
    n_lines = sum(
        # Some columns are parts of one line
        not any((line & other).sum() > 0.5 * line.sum() for other in lines[:k])
        for k, line in enumerate(lines)
    )
    # Where squares cross, what is left of them are many lines of dots
    is_binding = 0 < n_lines <= CONSTANTS.most
    return np.any(lines, axis=0) if is_binding else np.zeros(len(boxes), bool)


def _columns(boxes, some, height):
    """Yield numbers of parts that follow one another at equal steps, down a line."""
    if len(some) < CONSTANTS.least:
        return
    top, left, bottom, _ = boxes[some].T
    y, heights = (top + bottom) / 2, bottom - top
    steps = y - y[:, np.newaxis]
    is_next = (steps > 0) & (steps <= CONSTANTS.step * height)
    is_next &= abs(left - left[:, np.newaxis]) <= CONSTANTS.aside * steps + 1
    lower = np.minimum(heights, heights[:, np.newaxis])
    higher = np.maximum(heights, heights[:, np.newaxis])
    is_next &= lower + 1 >= CONSTANTS.alike * higher
    steps[~is_next] = np.inf
    following, step = steps.argmin(axis=1), steps.min(axis=1)
    has_two = np.flatnonzero(np.isfinite(step) & np.isfinite(step[following]))
    first, second = step[has_two], step[following[has_two]]
    links = has_two[abs(second - first) <= CONSTANTS.regular * first + 1]
    links = np.union1d(links, following[links])
    for members in connected(np.column_stack([links, following[links]]), len(some)):
        if len(members) >= CONSTANTS.least:
            yield some[members[np.argsort(y[members])]]


def _are_alike(labels, boxes, column):
    """Tell whether most shapes are like the next, where they begin."""
    shared = []
    for pair in pairwise(column):
        height, width = np.min([boxes[k, 2:] - boxes[k, :2] for k in pair], axis=0)
        first, second = (
            labels[boxes[k, 0] :, boxes[k, 1] :][:height, :width] == k + 1 for k in pair
        )
        shared.append((first & second).sum() / max(1, (first | second).sum()))
    low, usual = np.quantile(shared, (0.2, 0.5))
    return low >= CONSTANTS.mostly_shared and usual >= CONSTANTS.shared


def _on_line(boxes, column):
    """Tell which parts begin on the line of a column, which may go on."""
    y, left = (boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 1]
    slope, start = np.polyfit(y[column], left[column], 1)
    widths = boxes[column, 3] - left[column]
    near = np.maximum(2, 0.5 * np.quantile(widths, 0.25))
    return abs(left - start - slope * y) <= near

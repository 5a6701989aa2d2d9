"""Holes and wires of a spiral: like shapes at equal steps along a line."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True)
class BindingConstants:
    """What was chosen on photos of MNIST's training images."""

    # Length of one of the shapes along the line, relative to the height of a digit, and
    # of two that are alike, relative to the longer
    lengths: tuple = (0.1, 1.5)
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


def in_bindings(labels, boxes, areas, height, constants=CONSTANTS):
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
    if not constants.least <= len(boxes) <= _MOST:
        return is_in
    sides = boxes[:, 2:] - boxes[:, :2]
    is_disc = areas >= constants.filled * sides.prod(axis=1)
    is_disc &= sides.min(axis=1) >= constants.square * sides.max(axis=1)
    low, high = (length * height for length in constants.lengths)
    for axis, may_be in ((0, np.ones(len(boxes), bool)), (1, is_disc)):
        may_be = may_be & (sides[:, axis] >= low) & (sides[:, axis] <= high)
        some = np.flatnonzero(may_be)
        # Wires hold on to some holes, on one side
        for end in (0, 1):
            chains = [
                chain
                for chain in _chains(boxes, some, axis, end, height, constants)
                if _are_alike(labels, boxes, chain, axis, end, constants)
            ]
            lines = [_on_line(boxes, chain, axis, end) for chain in chains]
            # Where squares cross, what is left of them are many lines of dots
            if _n_apart(lines) <= constants.most:
                for on_line in lines:
                    is_in |= on_line
    return is_in


def _n_apart(lines):
    """Return how many lines have parts that are not all on one before."""
    return sum(
        not any((line & other).sum() > 0.5 * line.sum() for other in lines[:k])
        for k, line in enumerate(lines)
    )


def _chains(boxes, some, axis, end, height, constants):
    """Yield numbers of parts that follow one another at equal steps along an axis.

    One end of each is on a line.
    """
    if len(some) < constants.least:
        return
    along = (boxes[some, axis] + boxes[some, axis + 2]) / 2
    aside = boxes[some, 1 - axis + 2 * end]
    length = boxes[some, axis + 2] - boxes[some, axis]
    steps = along - along[:, np.newaxis]
    is_next = (steps > 0) & (steps <= constants.step * height)
    is_next &= abs(aside - aside[:, np.newaxis]) <= constants.aside * steps + 1
    shorter = np.minimum(length, length[:, np.newaxis])
    longer = np.maximum(length, length[:, np.newaxis])
    is_next &= shorter + 1 >= constants.alike * longer
    steps[~is_next] = np.inf
    following = steps.argmin(axis=1)
    step = steps.min(axis=1)
    has_two = np.flatnonzero(np.isfinite(step) & np.isfinite(step[following]))
    first, second = step[has_two], step[following[has_two]]
    links = has_two[abs(second - first) <= constants.regular * first + 1]
    links = np.union1d(links, following[links])
    graph = coo_array(
        (np.ones(len(links)), (links, following[links])), shape=(len(some), len(some))
    )
    number = connected_components(graph, directed=False)[1]
    for chain in np.flatnonzero(np.bincount(number) >= constants.least):
        members = np.flatnonzero(number == chain)
        yield some[members[np.argsort(along[members])]]


def _are_alike(labels, boxes, chain, axis, end, constants):
    """Tell whether most shapes are like the next, at their end on the line."""
    shared = []
    for one, other in pairwise(chain):
        size = np.minimum(*(boxes[k, 2:] - boxes[k, :2] for k in (one, other)))
        first, second = (
            _at_end(labels, k, boxes[k], size, axis, end) for k in (one, other)
        )
        shared.append((first & second).sum() / max(1, (first | second).sum()))
    low, usual = np.quantile(shared, (0.2, 0.5))
    return low >= constants.mostly_shared and usual >= constants.shared


def _at_end(labels, k, box, size, axis, end):
    """Return the pixels of a part within a window at one end of its box."""
    start = box[:2].copy()
    if end:
        start[1 - axis] = box[3 - axis] - size[1 - axis]
    window = tuple(slice(at, at + n) for at, n in zip(start, size, strict=True))
    return labels[window] == k + 1


def _on_line(boxes, chain, axis, end):
    """Tell which parts end on the line through a chain, which may go on."""
    along = (boxes[:, axis] + boxes[:, axis + 2]) / 2
    aside = boxes[:, 1 - axis + 2 * end]
    slope, start = np.polyfit(along[chain], aside[chain], 1)
    sides = boxes[chain, 2:] - boxes[chain, :2]
    near = np.maximum(2, 0.5 * np.quantile(sides[:, 1 - axis], 0.25))
    return abs(aside - start - slope * along) <= near

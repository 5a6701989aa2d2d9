"""Ruled lines, squares and frames: taken out of ink, without what crosses them."""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage as ndi

from skdigits.preprocessing._page.lines import find_lines
from skdigits.preprocessing._page.parts import boxes_of, run_lengths
from skdigits.preprocessing._page.rings import without_rings


@dataclass(frozen=True)
class RemovalConstants:
    """What was chosen on pages of MNIST's training images, by `tune_pages.py`.

    All is relative to the height of a digit, unless it says otherwise.
    """

    # The largest thickness of a line
    thickness: float = 0.22

    # On squared paper there are upright lines longer than this
    squared: float = 2.5

    # Which part of a piece of ink is on lines, at least, if it is left of them
    on_line: float = 0.7

    # How far along a line is nearby, and which part of it is in the ink there, at least
    nearby: float = 1.5
    in_ink: float = 0.6

    # How much of a line, and of all of a page, is no darker than what the darkness is
    # taken to be, and by which factor ink on it is darker
    own: float = 0.5
    usual: float = 0.75
    darker: float = 1.35

    # The length below which a line may be a stroke
    short: float = 3.0


CONSTANTS = RemovalConstants()


def without_lines(ink, height):
    """Take rings and straight lines out of ink.

    What crosses a line stays in one piece: only where the ink is as thin as the line,
    across it, and no darker, it is taken out.

    Parameters
    ----------
    ink : Ink
        Lines are looked for in its marks, too: those that are fainter than ink are in
        pieces where ink is near.

    height : float
        Of a digit, in pixels.

    Returns
    -------
    strokes : ndarray of bool of shape (n_rows, n_columns)

    marks : ndarray of bool of shape (n_rows, n_columns)
        What is left of the ink's marks where there are no lines at all.
    """
    strokes, marks = without_rings(ink.strokes, height), ink.marks
    # Of half the resolution: a quarter of the time, and steps of tilted lines vanish
    half = _halve(marks | strokes)
    level, upright = find_lines(half, height / 2)
    if not (level.any() or upright.any()):
        return strokes, marks
    kept = strokes.copy()
    off_lines = marks & ~_double(level | upright, strokes.shape)
    inked = _halve(strokes)
    is_squared = _is_squared(upright, height / 2)
    thickest = CONSTANTS.thickness * height
    found = [
        (
            lines,
            whole := _double(lines, strokes.shape),
            axis,
            _darkness(ink.contrast, whole, axis, thickest),
        )
        for lines, axis in ((level, 0), (upright, 1))
        if lines.any()
    ]
    # Printed lines are alike: a short one that is darker than them is a stroke
    usual = np.quantile(
        np.concatenate([dark[whole] for _, whole, _, dark in found]), CONSTANTS.usual
    )
    short = CONSTANTS.short * height
    all_thin = np.zeros_like(strokes)
    for lines, whole, axis, dark in found:
        thin = _thin_part(strokes, whole, axis, thickest)
        all_thin |= thin
        thin &= _as_faint(ink.contrast, whole, axis, dark, short, usual)
        if is_squared:
            is_in = _is_in(inked, lines, axis, height / 2)
            thin &= _double(is_in, strokes.shape)
        kept[thin] = False
    if is_squared:
        limit = CONSTANTS.darker * usual
        kept &= ~_pieces_of_lines(kept, all_thin, ink.contrast, limit)
    return kept, off_lines


def _is_squared(upright, height):
    """Tell squared paper from forms, which have no upright lines as long.

    The frames of forms are in the ink in part only, its squares along most of a line.
    """
    pieces = ndi.find_objects(ndi.label(upright, np.ones((3, 3)))[0])
    longest = max((rows.stop - rows.start for rows, _ in pieces), default=0)
    return longest > CONSTANTS.squared * height


def _is_in(strokes, lines, axis, height):
    """Return the pixels where lines are in the ink along most of their length nearby.

    Where they are not, since ink is much darker, a stroke on a line is to stay.
    """
    inked = ndi.maximum_filter1d(strokes & lines, 5, axis) & lines
    window = round(2 * CONSTANTS.nearby * height) | 1
    n_inked, n_all = (
        ndi.uniform_filter1d(each.astype(np.float32), window, 1 - axis, mode="constant")
        for each in (inked, lines)
    )
    return lines & (n_inked >= CONSTANTS.in_ink * n_all)


def _pieces_of_lines(strokes, lines, contrast, limit):
    """Return the pieces of strokes that are nearly all on lines, and as faint."""
    labels, n_labels = ndi.label(strokes, np.ones((3, 3)))
    if not n_labels:
        return strokes
    numbers = np.arange(1, n_labels + 1)
    on_lines, dark = (ndi.mean(each, labels, numbers) for each in (lines, contrast))
    is_piece = (on_lines >= CONSTANTS.on_line) & (dark <= limit)
    return np.append(False, is_piece)[labels]


def _thin_part(strokes, lines, axis, thickest):
    """Return the pixels of lines where the ink across them is as thin as they are."""
    on_line = strokes & lines
    rows, columns = np.nonzero(on_line)
    if not len(rows):
        return on_line
    extent = run_lengths(strokes, axis)[rows, columns]
    labels, n_labels = ndi.label(lines, np.ones((3, 3)))
    label = labels[rows, columns]
    thin = np.minimum(extent, thickest)
    order = np.lexsort((thin, label))
    counts = np.bincount(label, minlength=n_labels + 1)
    starts = np.cumsum(counts) - counts
    lower = np.where(counts > 0, starts + counts // 3, 0)
    typical = thin[order][np.minimum(lower, len(order) - 1)]
    limit = np.minimum(1.4 * typical + 1, thickest)
    is_thin = extent <= limit[label]
    on_line[rows, columns] = is_thin
    return on_line


def _darkness(contrast, lines, axis, thickest):
    """Return how dark lines are in their middle, at each of their pixels."""
    # The rims of a line are fainter than its middle
    return ndi.maximum_filter1d(contrast * lines, round(thickest) | 1, axis)


def _as_faint(contrast, lines, axis, dark, short, usual):
    """Return the pixels of lines that are about as dark as most of their line.

    And, on a short one, no darker than is usual on the page.
    """
    rows, columns = np.nonzero(lines)
    labels, _ = ndi.label(lines, np.ones((3, 3)))
    label = labels[rows, columns]
    boxes = boxes_of(labels)
    is_short = boxes[:, 3 - axis] - boxes[:, 1 - axis] < short
    dark = dark[rows, columns]
    order = np.lexsort((dark, label))
    counts = np.bincount(label)[1:]
    starts = np.cumsum(counts) - counts
    own = dark[order][starts + (CONSTANTS.own * counts).astype(int)]
    limit = CONSTANTS.darker * np.where(is_short, np.minimum(own, usual), own)
    result = np.zeros_like(lines)
    result[rows, columns] = contrast[rows, columns] <= limit[label - 1]
    return result


def _halve(ink):
    rows, columns = (-(-n // 2) * 2 for n in ink.shape)
    even = np.zeros((rows, columns), bool)
    even[: ink.shape[0], : ink.shape[1]] = ink
    return even[::2, ::2] | even[1::2, ::2] | even[::2, 1::2] | even[1::2, 1::2]


def _double(ink, shape):
    large = np.repeat(np.repeat(ink, 2, axis=0), 2, axis=1)
    return ndi.binary_dilation(large)[: shape[0], : shape[1]]

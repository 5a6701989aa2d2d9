"""Reading order: which line a digit is on, and its place there."""

import numpy as np

# Slopes that are tried, in pixels per pixel: up to 12 degrees
_SLOPES = np.linspace(-0.22, 0.22, 45)

# How far the halves of a line may be apart, relative to the height of digits
_JITTER = 0.75


def reading_order(boxes):
    """Return the order of boxes, and the line that each is on, in that order.

    Lines may slope: the slope is the one along which lines are the most distinct.

    Parameters
    ----------
    boxes : ndarray of shape (n_boxes, 4)

    Returns
    -------
    order : ndarray of shape (n_boxes,), int

    lines : ndarray of shape (n_boxes,), int
    """
    if not len(boxes):
        return np.empty(0, dtype=int), np.empty(0, dtype=int)
    top, left, bottom, right = boxes.T.astype(float)
    height = float(np.median(bottom - top))
    x, y = (left + right) / 2, (top + bottom) / 2
    y = y - _slope(x, y, height) * (x - x.mean())
    lines = _lines(x, y, bottom - top, height)
    order = np.lexsort((x, lines))
    return order, lines[order]


def _slope(x, y, height):
    """Return the slope that most pairs of neighbours in a line agree on."""
    n = len(x)
    if n < 2:
        return 0.0
    # Of each, the nearest few to its right
    order = np.argsort(x, kind="stable")
    ahead, level = [], []
    for k, i in enumerate(order):
        others = order[k + 1 :]
        dx, dy = x[others] - x[i], y[others] - y[i]
        near = (dx > 0.2 * height) & (abs(dy) < 0.25 * dx + 0.5 * height)
        some = np.flatnonzero(near)[:6]
        ahead.append(dx[some])
        level.append(dy[some])
    dx, dy = np.concatenate(ahead), np.concatenate(level)
    if not len(dx):
        return 0.0
    off = np.abs(dy - _SLOPES[:, np.newaxis] * dx) / height
    score = np.exp(-((off / 0.15) ** 2)).sum(axis=1)
    # Level, unless there is something to be gained
    return float(_SLOPES[np.argmax(score - 0.02 * len(dx) * np.abs(_SLOPES) / 0.1)])


def _lines(x, y, heights, height):
    """Return the line of each, by gaps between their rows, or by neighbours."""
    ends = []
    # From left to right, each goes to the line whose last digits are level with it
    for i in np.argsort(x, kind="stable"):
        best, least = None, np.inf
        for number, members in enumerate(ends):
            last = members[-3:]
            off = abs(y[i] - np.mean(y[last]))
            tallest = max(heights[i], heights[last].max())
            if off < 0.5 * max(height, 0.8 * tallest) and off < least:
                best, least = number, off
        if best is None:
            ends.append([i])
        else:
            ends[best].append(i)
    return _joined(ends, x, y, height)


def _joined(lines, x, y, height):
    """Return the line of each, from the top, where those almost level are one.

    They are if they are side by side and no other line is between.
    """
    lines = sorted(lines, key=lambda members: np.median(y[members]))
    joined = lines[:1]
    for below in lines[1:]:
        above = joined[-1]
        is_beside = x[above].max() < x[below].min() or x[below].max() < x[above].min()
        apart = np.median(y[below]) - np.median(y[above])
        if is_beside and apart < _JITTER * height:
            joined[-1] = above + below
        else:
            joined.append(below)
    line = np.empty(len(x), int)
    for number, members in enumerate(joined):
        line[members] = number
    return line

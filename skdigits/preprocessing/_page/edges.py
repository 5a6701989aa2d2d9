"""Where a sheet of paper ends, or the picture: what lies there looks like strokes."""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage as ndi

from skdigits.preprocessing._page.parts import mask_of


@dataclass(frozen=True)
class EdgeConstants:
    """What was chosen on pages and photos of MNIST's training images."""

    # Where it is darker than this part of the lightest paper, up to the picture's
    # edge, there may be a table
    dark: float = 0.55

    # A sheet may end where the ground this far beside a part, relative to the height
    # of a digit, has less than this part of the brightness on the other side
    beside: float = 0.35
    step: float = 0.7
    slight_step: float = 0.85

    # What is narrower than this part of its length may be the edge of a sheet there, if
    # it is less clear than this, relative to others. So may what the picture's edge
    # cuts off, of any form.
    narrow: float = 0.5
    on_step: float = 0.9
    on_slight_step: float = 0.7

    # And so are this many that follow one another, however clear; how far they are
    # from a line, relative to the distance and to the height of a digit
    least_in_row: int = 4
    aside: float = 0.12
    near: float = 0.2

    # If fewer of the digits lie along the picture's edge, these are none
    few: float = 0.5


CONSTANTS = EdgeConstants()


def find_steps(paper, boxes, height):
    """Return how much less bright the ground is on one side, across and along rows.

    Parameters
    ----------
    paper : ndarray of float of shape (n_rows, n_columns)
        Brightness of the ground.

    boxes : ndarray of int of shape (n_boxes, 4)

    height : float
        Of a digit, in pixels.

    Returns
    -------
    steps : ndarray of float of shape (2, n_boxes)
        The smaller brightness, relative to the larger: left and right of each box, and
        above and below. 1 where the box is wider than half its length in that
        direction, and the picture's edge does not cut it off.
    """
    top, left, bottom, right = boxes.T
    tall, wide = bottom - top, right - left
    reach = round(CONSTANTS.beside * height)
    y, x = (top + bottom) // 2, (left + right) // 2

    def brightness(rows, columns):
        rows = rows.clip(0, paper.shape[0] - 1)
        return paper[rows, columns.clip(0, paper.shape[1] - 1)]

    ends = np.array(
        [
            [brightness(y, left - reach), brightness(y, right + reach)],
            [brightness(top - reach, x), brightness(bottom + reach, x)],
        ]
    )
    steps = ends.min(axis=1) / ends.max(axis=1)
    is_narrow = np.array(
        [wide < CONSTANTS.narrow * tall, tall < CONSTANTS.narrow * wide]
    )
    steps[~is_narrow & ~_at_border(boxes, paper.shape)] = 1
    return steps


def in_rows_at_steps(boxes, steps, height):
    """Tell which boxes are pieces of a sheet's edge: several in line with it."""
    is_in = np.zeros(len(boxes), bool)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    for axis, ratios in enumerate(steps):
        some = np.flatnonzero(ratios < CONSTANTS.slight_step)
        apart = abs(middles[some, np.newaxis] - middles[some])
        in_line = apart[..., 1 - axis] <= (
            CONSTANTS.aside * apart[..., axis] + CONSTANTS.near * height
        )
        is_in[some] |= in_line.sum(axis=1) >= CONSTANTS.least_in_row
    return is_in


def least_contrast(boxes, steps, shape):
    """Return how clear ink must be, relative to others, not to be a sheet's edge."""
    step = steps.min(axis=0)
    slight = np.where(
        _at_border(boxes, shape), CONSTANTS.on_step, CONSTANTS.on_slight_step
    )
    least = np.where(step < CONSTANTS.slight_step, slight, 0)
    least[step < CONSTANTS.step] = CONSTANTS.on_step
    return least


def along_border(parts, groups, boxes, is_digit, is_beside):
    """Tell which digits are none: they lie along the picture's edge, unlike others.

    As a strip of a scanner does. What is beside others in a row is a digit of a picture
    that was cropped to the number.
    """
    shape = parts.labels.shape
    is_along = np.zeros(len(groups), bool)
    for i in np.flatnonzero(_at_border(boxes, shape)):
        mask = mask_of(parts, groups[i], boxes[i])
        sides = (mask[0], mask[:, 0], mask[-1], mask[:, -1])
        is_out = np.append(boxes[i, :2] == 0, boxes[i, 2:] == shape)
        is_along[i] = any(
            side.mean() >= 0.5 for side, out in zip(sides, is_out, strict=True) if out
        )
    # A strip says nothing of how the digits lie
    sides = boxes[:, 2:] - boxes[:, :2]
    is_strip = is_along & (sides.min(axis=1) < CONSTANTS.narrow * sides.max(axis=1))
    others = is_along[is_digit & ~is_strip]
    if not others.size or others.mean() >= CONSTANTS.few:
        return np.zeros(len(groups), bool)
    return is_along & ~(is_beside & is_digit & ~is_along).any(axis=1)


def off_paper(paper, boxes):
    """Tell which boxes are where it is dark up to the picture's edge, as a table is.

    Returns
    -------
    is_off : ndarray of bool of shape (n_boxes,)

    brightness : ndarray of shape (n_boxes,)
        Of the ground.
    """
    step = max(1, min(paper.shape) // 200)
    rough = paper[::step, ::step]
    labels, n_labels = ndi.label(rough < CONSTANTS.dark * np.percentile(rough, 80))
    is_outside = np.zeros(n_labels + 1, bool)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        is_outside[side] = True
    is_outside[0] = False
    outside = is_outside[labels]
    rows, columns = (boxes[:, :2] + boxes[:, 2:]).T // (2 * step)
    place = rows.clip(0, len(outside) - 1), columns.clip(0, outside.shape[1] - 1)
    return outside[place], rough[place]


def _at_border(boxes, shape):
    """Tell which boxes the picture's edge cuts off."""
    return (boxes[:, :2] == 0).any(axis=1) | (boxes[:, 2:] == shape).any(axis=1)

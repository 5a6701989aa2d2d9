"""Digits as they are found: parts of ink that belong together."""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage as ndi

from skdigits.preprocessing._page.parts import CONSTANTS, box_of, join, mask_of


@dataclass
class Digit:
    """One digit.

    Attributes
    ----------
    box : ndarray of int of shape (4,)

    mask : ndarray of bool
        Its pixels and the rim around them, within the box.

    contrast : float
        How much darker than paper it is.
    """

    box: np.ndarray
    mask: np.ndarray
    contrast: float


def find_groups(parts, height, constants=CONSTANTS):
    """Return the digits that parts make up, those of a digit's height and ink."""
    if not len(parts.boxes):
        return []
    digits = []
    groups = join(parts, height, constants)
    boxes = np.array([box_of(parts, group) for group in groups])
    heights = boxes[:, 2] - boxes[:, 0]
    areas = np.array([parts.areas[group].sum() for group in groups])
    contrasts = np.array(
        [np.average(parts.contrasts[g], weights=parts.areas[g]) for g in groups]
    )
    is_digit = (heights >= constants.least_height * height) & (
        heights <= constants.largest_height * height
    )
    if not is_digit.any():
        return []
    order = np.argsort(contrasts[is_digit])
    total = np.cumsum(areas[is_digit][order])
    typical = contrasts[is_digit][order][np.searchsorted(total, total[-1] / 2)]
    is_digit &= contrasts >= constants.faint * typical
    for i in np.flatnonzero(is_digit):
        mask = ndi.binary_dilation(mask_of(parts, groups[i], boxes[i]), np.ones((3, 3)))
        digits.append(Digit(boxes[i], mask, float(contrasts[i])))
    return digits

"""Digits that touch: taken apart, where a network sees several in one shape.

How many digits touch differs from page to page. So a shape is taken apart the more
readily, the more of the page's shapes seem to be several digits.
"""

from dataclasses import dataclass
from itertools import chain

import numpy as np
import scipy.ndimage as ndi
from scipy.special import betaln, logsumexp

from skdigits.preprocessing._page.digits import Digit
from skdigits.preprocessing._page.segmentation import (
    NONE,
    from_frame,
    segment,
    to_frame,
)


@dataclass(frozen=True)
class TouchingConstants:
    """What was chosen on pages of MNIST's training images, by `tune_pages.py`."""

    # What is known of a page before: as if so many of its digits touched, and did not
    touching: float = 0.1
    alone: float = 0.3

    # What is narrower, relative to the height of a digit, is one
    least_width: float = 0.4

    # What counts as ink
    inked: float = 0.3

    # Pieces of a digit with fewer inked pixels, relative to the largest, are none of it
    least_piece: float = 0.15

    # A page of more is a page of text, which would take long
    most_digits: int = 1000


CONSTANTS = TouchingConstants()


def split(digits, clarity, height, classifier=None, to_image=None, constants=CONSTANTS):
    """Take digits that touch apart.

    Parameters
    ----------
    digits : list of Digit

    clarity : ndarray of float32 of shape (n_rows, n_columns)
        How clear the ink of the page is, from 0 to 1.

    height : float
        Of a digit, in pixels.

    classifier : object, default=None
        With `predict_proba` of lists of images.

    to_image : callable, default=None
        Makes such an image of a Digit.

    Returns
    -------
    digits : list of Digit
    """
    wide = [k for k, digit in enumerate(digits) if is_wide(digit, height, constants)]
    if not wide or len(digits) > constants.most_digits:
        return digits
    inks = [ink_of(digits[k], clarity) for k in wide]
    sizes = np.array([ink.shape for ink in inks]) / height
    logits, masks = segment(np.stack([to_frame(ink) for ink in inks]), sizes)
    # Of the second and the third digit
    odds = logsumexp(logits[:, 1:, :NONE], axis=2) - logits[:, 1:, NONE]
    parts, gains = {}, {}
    for k, ink, mask, (second, third) in zip(wide, inks, masks, odds, strict=True):
        found = _parts(digits[k], ink, mask[: 3 if third > 0 else 2], constants)
        if found:
            parts[k], gains[k] = found, second
    if parts and classifier is not None:
        images = [
            [to_image(each) for each in (digits[k], *found)]
            for k, found in parts.items()
        ]
        for k, gain in zip(parts, _surer(images, classifier), strict=True):
            gains[k] += gain
    chosen = _choose(gains, len(digits), constants)
    result = []
    for k, digit in enumerate(digits):
        result.extend(parts[k] if k in chosen else [digit])
    return result


def is_wide(digit, height, constants=CONSTANTS):
    """Tell whether a digit is wide enough to be several."""
    # Small digits are narrower, too, but a row of them may be low
    own = min(height, 1.1 * digit.mask.shape[0])
    return digit.mask.shape[1] > constants.least_width * own


def ink_of(digit, clarity):
    """Return the ink of a digit, in its box, without what else is there."""
    top, left, bottom, right = digit.box
    return clarity[top:bottom, left:right] * digit.mask


def _parts(whole, ink, masks, constants):
    """Return what masks cover of a shape, or nothing if one of them covers no ink."""
    covered = np.stack([from_frame(mask, ink.shape) for mask in masks])
    nearest = covered.argmax(axis=0)
    inked = ink > constants.inked
    parts = []
    for number, likely in enumerate(covered):
        # No ink is lost
        mask = whole.mask & ((likely > 0) | (nearest == number))
        mask &= ~_small_pieces(mask & inked, constants)
        if not (mask & inked).any():
            return []
        ((rows, columns),) = ndi.find_objects((mask & inked).astype(np.uint8))
        inner = np.array([rows.start, columns.start, rows.stop, columns.stop])
        box = inner + np.tile(whole.box[:2], 2)
        parts.append(Digit(box, mask[rows, columns], whole.contrast))
    return parts


def _small_pieces(inked, constants):
    """Return the ink of pieces that are small beside the largest."""
    labels, n_labels = ndi.label(inked, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel(), minlength=n_labels + 1)
    sizes[0] = 0
    is_small = sizes < constants.least_piece * sizes.max()
    is_small[0] = False
    return is_small[labels]


def _surer(images, classifier):
    """Yield how much surer a classifier is of parts than of a whole.

    That is the mean difference of the logarithms of their highest probabilities.

    Parameters
    ----------
    images : list of list of ndarray
        A whole and its parts, of each shape. All are classified in one call.
    """
    probabilities = classifier.predict_proba(list(chain.from_iterable(images)))
    sure = np.log(probabilities.max(axis=1).clip(1e-5))
    ends = np.cumsum([len(some) for some in images])
    for whole, *parts in np.split(sure, ends[:-1]):
        yield np.mean(parts) - whole


def _choose(gains, n_digits, constants):
    """Return which digits to take apart, given the logarithms of the odds of each.

    The share of shapes that are several has a beta distribution, and the choice is the
    likeliest one.
    """
    ranked = sorted(gains, key=gains.__getitem__, reverse=True)
    n_apart = np.arange(len(ranked) + 1)
    prior = betaln(n_apart + constants.touching, n_digits - n_apart + constants.alone)
    best = np.argmax(prior + np.cumsum([0, *(gains[k] for k in ranked)]))
    return ranked[:best]

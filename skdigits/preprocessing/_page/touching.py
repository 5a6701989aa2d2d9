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

    # What is known before a page is seen: as if so many of its digits had touched, and
    # so many had stood alone
    touching: float = 0.1
    alone: float = 0.3

    # What is narrower, relative to the height of a digit, is one
    least_width: float = 0.4

    # What is wider, relative to its own height, is shown to the network in parts, since
    # it may be more digits than the network tells apart
    most_width: float = 1.5

    # What counts as ink
    inked: float = 0.3

    # Pieces of a digit with fewer inked pixels, relative to the largest, are none of it
    least_piece: float = 0.15

    # A page of more is a page of text, which would take long
    most_digits: int = 1000


CONSTANTS = TouchingConstants()


def split(digits, clarity, height, classifier=None, to_image=None):
    """Take touching digits apart.

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
    if len(digits) > CONSTANTS.most_digits:
        return digits
    digits = [piece for digit in digits for piece in _narrowed(digit, clarity, height)]
    wide = [k for k, digit in enumerate(digits) if is_wide(digit, height)]
    if not wide:
        return digits
    inks = [ink_of(digits[k], clarity) for k in wide]
    parts, gains = {}, {}
    answers = zip(wide, inks, *_segmented(inks, height), strict=True)
    for k, ink, gain, masks in answers:
        found = [_part(digits[k], ink, own) for own in _own(masks, ink)]
        found = [part for part in found if part is not None]
        if len(found) > 1:
            parts[k], gains[k] = found, gain
    if parts and classifier is not None:
        images = [
            [to_image(each) for each in (digits[k], *found)]
            for k, found in parts.items()
        ]
        for k, gain in zip(parts, _surer(images, classifier), strict=True):
            gains[k] += gain
    chosen = _choose(gains, len(digits))
    result = []
    for k, digit in enumerate(digits):
        result.extend(parts[k] if k in chosen else [digit])
    return result


def is_wide(digit, height):
    """Tell whether a digit is wide enough to be several."""
    # Small digits are narrower, too, but a row of them may be low
    own = min(height, 1.1 * digit.mask.shape[0])
    return digit.mask.shape[1] > CONSTANTS.least_width * own


def ink_of(digit, clarity):
    """Return the ink of a digit, in its box, without what else is there."""
    top, left, bottom, right = digit.box
    return clarity[top:bottom, left:right] * digit.mask


def _narrowed(digit, clarity, height):
    """Take digits off the left of a shape, until the rest is not so wide."""
    result = []
    while digit.mask.shape[1] > CONSTANTS.most_width * len(digit.mask):
        ink = ink_of(digit, clarity)
        shown = slice(round(CONSTANTS.most_width * len(ink)))
        left = Digit(digit.box, digit.mask[:, shown], digit.contrast)
        left_ink = ink[:, shown]
        (gain,), (masks,) = _segmented([left_ink], height)
        own, *of_others = _own(masks, left_ink)
        first = _part(left, left_ink, own)
        kept = np.ones_like(digit.mask)
        kept[:, shown] = ~own | np.any(of_others, axis=0)
        # What is left may be many digits: a piece is small beside the first
        n_inked = np.count_nonzero(own & (left_ink > CONSTANTS.inked))
        rest = _part(digit, ink, kept, n_inked)
        if gain < 0 or first is None or rest is None or rest.box[1] <= digit.box[1]:
            break
        result.append(first)
        digit = rest
    return [*result, digit]


def _segmented(inks, height):
    """Return what the network says of shapes.

    Returns
    -------
    gains : ndarray of shape (n_shapes,)
        How much likelier it is that they are several digits than one, in logarithms.

    masks : list of ndarray of float32 of shape (n_digits, *MASK)
        What each of several covers, at least two.
    """
    sizes = np.array([ink.shape for ink in inks]) / height
    logits, masks = segment(np.stack([to_frame(ink) for ink in inks]), sizes)
    # Of the second and the third digit
    second, third = (logsumexp(logits[:, 1:, :NONE], axis=2) - logits[:, 1:, NONE]).T
    n_digits = np.where(third > 0, 3, 2)
    return second, [mask[:n] for mask, n in zip(masks, n_digits, strict=True)]


def _own(masks, ink):
    """Return the pixels of each digit; each pixel belongs to at least one."""
    covered = np.stack([from_frame(mask, ink.shape) for mask in masks])
    is_nearest = covered.argmax(axis=0) == np.arange(len(masks))[:, None, None]
    return (covered > 0) | is_nearest


def _part(whole, ink, own, n_inked=None):
    """Return a part of a digit, in a tight box and without small pieces of ink.

    Parameters
    ----------
    n_inked : int, default=None
        Of a digit, beside which pieces are small. If None, of the largest piece.

    Returns
    -------
    part : Digit or None
        None if there is no ink.
    """
    inked = ink > CONSTANTS.inked
    mask = whole.mask & own
    labels, _ = ndi.label(mask & inked, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())
    least = CONSTANTS.least_piece * (n_inked or sizes[1:].max(initial=0))
    is_small = sizes < least
    # Those of no piece
    is_small[0] = False
    mask &= ~is_small[labels]
    if not (mask & inked).any():
        return None
    ((rows, columns),) = ndi.find_objects((mask & inked).astype(np.uint8))
    inner = np.array([rows.start, columns.start, rows.stop, columns.stop])
    box = inner + np.tile(whole.box[:2], 2)
    return Digit(box, mask[rows, columns], whole.contrast)


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


def _choose(gains, n_digits):
    """Return which digits to take apart, given the logarithms of the odds of each.

    The share of shapes that are several has a beta distribution, and the choice is the
    likeliest one.
    """
    ranked = sorted(gains, key=gains.__getitem__, reverse=True)
    n_apart = np.arange(len(ranked) + 1)
    prior = betaln(n_apart + CONSTANTS.touching, n_digits - n_apart + CONSTANTS.alone)
    best = np.argmax(prior + np.cumsum([0, *(gains[k] for k in ranked)]))
    return ranked[:best]

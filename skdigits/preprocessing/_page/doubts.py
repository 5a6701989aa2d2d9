"""What is off with a result: how like each other its digits are, and warnings."""

import warnings

import numpy as np

from skdigits.preprocessing._page.parts import MOST_PARTS

# A picture of digits has fewer of them, and fewer specks: one for so many pixels
_MOST_DIGITS = 1000
_PIXELS_PER_SPECK = 100

# The part of the picture's area, and of its sides, that a lone digit may cover
_MOST_AREA, _MOST_SIDE = 0.5, 0.6

# By how much digits' heights may differ
_HEIGHTS = 3


def scores(boxes, contrasts):
    """Return how like the picture's other digits each is, from 0 to 1."""
    score = np.ones(len(boxes))
    if len(boxes):
        for values in (boxes[:, 2] - boxes[:, 0], np.array(contrasts)):
            ratio = values / np.median(values)
            score = np.minimum(score, np.minimum(ratio, 1 / ratio))
    return score


def warn_of_doubts(boxes, shape, n_specks, n_parts):
    """Warn if the boxes are probably not the digits of the picture."""
    message = _doubt(boxes, shape, n_specks, n_parts)
    if message:
        # Of the caller of find_digits
        warnings.warn(message, UserWarning, stacklevel=4)


def _doubt(boxes, shape, n_specks, n_parts):
    n_strokes = n_specks + n_parts
    most_specks = max(_MOST_DIGITS, shape[0] * shape[1] / _PIXELS_PER_SPECK)
    if n_parts > MOST_PARTS or len(boxes) > _MOST_DIGITS or n_specks > most_specks:
        return (
            "image looks like noise or a page of text, not like a picture of digits: "
            f"it has {n_strokes} strokes. Crop it to the digits, or smooth the noise, "
            "for example with scipy.ndimage.median_filter."
        )
    if not len(boxes):
        why = (
            f"of {n_strokes} strokes, none has the size and form of a digit"
            if n_strokes
            else "no stroke stands out from the background"
        )
        return (
            f"find_digits found nothing: {why}. If there are digits in image, crop it "
            "to them, or take the picture in more even light."
        )
    sizes = boxes[:, 2:] - boxes[:, :2]
    share = sizes / np.array(shape)
    is_page = (share.prod(axis=1) > _MOST_AREA) & (share.min(axis=1) > _MOST_SIDE)
    if is_page.any():
        return (
            "A box covers most of image. If image holds more than one digit, crop it "
            "to the digits, without the edges of the paper. If it holds one, pass it "
            "to DigitNormalizer instead."
        )
    heights = sizes[:, 0]
    if heights.max() > _HEIGHTS * heights.min():
        return (
            f"The boxes are from {heights.min()} to {heights.max()} pixels high: some "
            "are hardly digits. Leave out those of a low score, or crop image to "
            "digits of one size."
        )
    return None

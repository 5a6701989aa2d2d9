"""What is off with a result: how like each other its digits are, and warnings."""

import warnings

import numpy as np


def scores(heights, contrasts):
    """Return how like the picture's other digits each is, from 0 to 1."""
    if not len(heights):
        return np.empty(0)
    score = np.ones(len(heights))
    for values in (np.asarray(heights, float), np.asarray(contrasts, float)):
        ratio = values / np.median(values)
        score = np.minimum(score, np.minimum(ratio, 1 / np.maximum(ratio, 1e-9)))
    return score.clip(0, 1)


def warn_of_doubts(boxes, shape, n_specks, n_parts, *, most_parts, most_digits):
    """Warn where what was found is hardly what the user is after."""
    message = _doubt(boxes, shape, n_specks, n_parts, most_parts, most_digits)
    if message:
        warnings.warn(message, UserWarning, stacklevel=3)


def _doubt(boxes, shape, n_specks, n_parts, most_parts, most_digits):
    n_strokes = n_specks + n_parts
    is_crowded = n_parts > most_parts or len(boxes) > most_digits
    # One for each 100 pixels that the work is done on
    is_speckled = n_specks > max(most_digits, 0.01 * shape[0] * shape[1])
    if is_crowded or is_speckled:
        return (
            "image looks like noise or a page of text, not like a picture of digits: "
            f"it has {n_strokes} strokes. Crop it to the digits, or smooth the noise, "
            "for example with scipy.ndimage.median_filter."
        )
    if not len(boxes):
        why = (
            "no stroke stands out from the background"
            if not n_strokes
            else f"of {n_strokes} strokes, none has the size and form of a digit"
        )
        return (
            f"find_digits found nothing: {why}. If there are digits in image, crop it "
            "to them, or take the picture in more even light."
        )
    sizes = boxes[:, 2:] - boxes[:, :2]
    share = sizes / np.array(shape)
    if (share.prod(axis=1) > 0.5).any() and (share.min(axis=1) > 0.6).any():
        return (
            "A box covers most of image. If it holds more than one digit, crop image to "
            "its digits, without the edges of the paper; if it is one digit, ignore "
            "this warning, or pass image to DigitNormalizer at once."
        )
    heights = sizes[:, 0]
    if len(boxes) >= 3 and heights.max() > 3 * heights.min():
        return (
            f"The boxes are from {heights.min()} to {heights.max()} pixels high: some "
            "are hardly digits. Leave out those of a low score, or crop image to "
            "digits of one size."
        )
    return None

"""Find the digits in a picture: `find_digits`."""

import numpy as np
from PIL import Image
from sklearn.utils import Bunch

from skdigits.preprocessing._page.doubts import scores, warn_of_doubts
from skdigits.preprocessing._page.ink import find_ink
from skdigits.preprocessing._page.lines import without_lines
from skdigits.preprocessing._page.order import reading_order
from skdigits.preprocessing._page.parts import find_parts
from skdigits.preprocessing._page.digits import find_groups
from skdigits.preprocessing._page.scale import find_scale, resize, work_size
from skdigits.preprocessing._page.touching import split
from skdigits._utils.pictures import read_picture, to_grey

# A picture of digits has fewer of them, and fewer strokes beside specks
_MOST_DIGITS = 1000
_MOST_PARTS = 5000

# The margin of a digit that is cut out, as a part of its longer side: one in so many
_MARGIN = 5


def find_digits(image, *, classifier=None):
    """Find the single digits of a picture, in reading order."""
    picture = _grey_picture(image)
    look = find_scale(picture)
    digits, n_specks, n_parts, scale = [], 0, 0, 1.0
    ink = None
    if look.height:
        scale = work_size(picture, look.height)
        grey = resize(picture, scale)
        if not look.is_dark:
            np.subtract(1, grey, out=grey)
        height = scale * look.height
        ink = find_ink(grey, height)
        del grey
        strokes = without_lines(ink.strokes, ink.marks, height)
        parts = find_parts(strokes, ink.contrast, 0.012 * height**2, _MOST_PARTS)
        n_specks, n_parts = parts.n_specks, len(parts.boxes)
        digits = find_groups(parts, ink.paper, height)
        digits = split(
            digits, ink.clarity, height, classifier,
            lambda digit: _cut_out(ink.clarity, digit, digit.box),
        )
    boxes = np.array([digit.box for digit in digits], dtype=int).reshape(-1, 4)
    order, lines = reading_order(boxes)
    digits, boxes = [digits[i] for i in order], boxes[order]
    score = scores(boxes[:, 2] - boxes[:, 0], [digit.contrast for digit in digits])
    full = _in_picture(boxes, scale, picture)
    images = [
        _cut_out(ink.clarity, digit, box) for digit, box in zip(digits, full, strict=True)
    ]
    warn_of_doubts(
        full, picture.size[::-1], n_specks, n_parts,
        most_parts=_MOST_PARTS, most_digits=_MOST_DIGITS,
    )
    return Bunch(images=images, boxes=full, lines=lines, scores=score)


def _grey_picture(image):
    pixels = read_picture(image)
    grey = to_grey(pixels[np.newaxis])[0]
    if grey.dtype == bool:
        return Image.fromarray(np.where(grey, np.uint8(255), np.uint8(0)))
    if grey.dtype == np.uint8:
        return Image.fromarray(np.ascontiguousarray(grey))
    # Halves, lest the range of the largest floats be infinite
    grey = grey.astype(np.float64 if grey.dtype.itemsize > 4 else np.float32) / 2
    low, high = grey.min(), grey.max()
    return Image.fromarray(((grey - low) / ((high - low) or 1)).astype(np.float32))


def _in_picture(boxes, scale, picture):
    """Return boxes in the pixels of the picture, each of one at least."""
    full = boxes / scale
    low, high = np.floor(full[:, :2] + 0.25), np.ceil(full[:, 2:] - 0.25)
    size = np.array(picture.size[::-1])
    low = low.clip(0, size - 1)
    return np.hstack([low, high.clip(low + 1, size)]).astype(int)


def _cut_out(clarity, digit, box):
    """Return a digit without what else is in its box, with a margin."""
    top, left, bottom, right = digit.box
    cut = clarity[top:bottom, left:right] * digit.mask
    shape = box[2:] - box[:2]
    if cut.shape != tuple(shape):
        cut = np.asarray(
            Image.fromarray(cut).resize(
                (int(shape[1]), int(shape[0])), Image.Resampling.BICUBIC
            )
        ).clip(0, 1)
    return np.pad(cut, 1 + max(cut.shape) // _MARGIN)

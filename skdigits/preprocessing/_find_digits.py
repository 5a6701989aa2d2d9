"""Find the digits in a picture: `find_digits`."""

from typing import Any

import numpy as np
from sklearn.utils import Bunch

from skdigits._utils.pictures import read_picture, to_grey
from skdigits._utils.types import Picture
from skdigits.preprocessing._page.digits import find_single_digits
from skdigits.preprocessing._page.doubts import scores, warn_of_doubts
from skdigits.preprocessing._page.faint import with_faint_strokes
from skdigits.preprocessing._page.ink import CHALK, find_ink, has_holes
from skdigits.preprocessing._page.line_removal import without_lines
from skdigits.preprocessing._page.order import reading_order
from skdigits.preprocessing._page.parts import find_parts
from skdigits.preprocessing._page.scale import find_scale, resize, work_scale
from skdigits.preprocessing._page.touching import split

# The margin of a digit that is cut out, as a part of its longer side: one in so many
_MARGIN = 5


def find_digits(image: Picture, *, classifier: Any = None) -> Bunch:
    """Find the single digits of a picture, in reading order.

    The picture may be a photo or a scan, for example of a form or of ruled paper, with
    noise, uneven light or a dark table around the paper. Ink is darker than the paper
    around it or, on a board, lighter. Separate parts of one digit are joined, and
    touching digits are taken apart. Specks, frames and ruled lines are left out.

    Nothing is recognised: letters and other small shapes are found, too. A classifier
    can reject them.

    Parameters
    ----------
    image : str, path-like, PIL.Image.Image, or array-like of shape (height, width[, \
n_channels])
        The picture: a file that Pillow reads, a Pillow image, or an array of integers,
        floats or booleans in any range. One channel is grey, two are grey
        and opacity, three are red, green and blue, four are these and opacity.
        Transparent parts are white behind dark ink and black behind light ink.

    classifier : object, default=None
        A fitted classifier or pipeline whose `predict_proba` takes lists of images of
        different sizes, such as one that starts with :class:`DigitNormalizer`. Its
        probabilities help to decide which shapes are several digits that touch, unless
        they are very wide. If None, a network of the package decides alone.

    Returns
    -------
    digits : :class:`sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        images : list of ndarray
            The digits, float32: 1 in strokes, 0 in the background, and between on the
            edges of strokes. Each image is its box with an empty margin of at least a
            fifth of the box's longer side, so that :class:`DigitNormalizer` recognises
            the background.
        boxes : ndarray of shape (n_digits, 4), int
            Where the digits are: `min_row`, `min_col`, `max_row`, `max_col`, so that
            ``image[min_row:max_row, min_col:max_col]`` is a digit. Files and Pillow
            images are turned upright first, as their EXIF data says.
        lines : ndarray of shape (n_digits,), int
            The line of text of each digit, from 0 at the top.
        scores : ndarray of shape (n_digits,), float
            How similar each digit is to the others, from 0 to 1. Its height is
            compared with the median height of the digits, the smaller divided by the
            larger, and its contrast likewise. The score is the lower of the two.

        Lines are in order from top to bottom, and digits in a line from left to right.
        If nothing is found, `images` is an empty list, and the others have no rows.

    Raises
    ------
    FileNotFoundError
        If there is no such file.

    ValueError
        If `image` is a file that is not a picture, an array of another shape or
        without pixels, or has values that are not finite numbers.

    Warns
    -----
    UserWarning
        If nothing is found; if a box covers most of `image`; if the boxes' heights
        differ by more than a factor of three; or if `image` looks like noise or a page
        of text, which means more than 1000 digits, more than 5000 strokes, or more
        than 1000 specks that are also more than one per 100 pixels.

    See Also
    --------
    DigitNormalizer : Converts the images to the form of MNIST's.
    read_numbers : Finds and reads the digits of a picture.

    Notes
    -----
    The picture is analysed at several sizes that differ by a factor of two. The size
    at which the most ink has the height of a digit determines the height of digits and
    all other lengths. A grey closing removes the strokes, which leaves the background.
    Ink is measured relative to it, so that shadows, dark corners and the edges of the
    paper belong to the background.

    The computation uses a copy in which digits are about 36 pixels high. Boxes are
    accurate to one pixel of this copy.

    Examples
    --------
    >>> import numpy as np
    >>> from skdigits import find_digits, load_mnist
    >>> picture = np.hstack(list(load_mnist("test").images[:4]))
    >>> digits = find_digits(picture)
    >>> digits.boxes.shape, digits.lines
    ((4, 4), array([0, 0, 0, 0]))
    >>> len(digits.images), digits.scores.shape
    (4, (4,))
    """
    picture = _to_pillow(image)
    found = find_unsplit(picture)
    if found is None:
        return _result(picture, [], 1.0, None, 0, 0)
    digits = split(
        found.digits,
        found.ink.clarity,
        found.height,
        classifier,
        lambda digit: _cut_out(found.ink.clarity, digit, digit.box),
    )
    parts = found.parts
    return _result(
        picture, digits, found.scale, found.ink, parts.n_specks, parts.n_parts
    )


def find_unsplit(picture):
    """Find digits, of which those that touch are one.

    Parameters
    ----------
    picture : PIL.Image.Image
        In grey.

    Returns
    -------
    found : Bunch or None
        `digits`, a list of Digit; `ink` and `parts`, which they are of; `height`, that
        of a digit; `scale`, the size of `ink` relative to the picture. None if nothing
        is there.
    """
    look = find_scale(picture)
    if not look.height:
        return None
    scale = work_scale(picture, look.height)
    height = scale * look.height
    grey = resize(picture, scale)
    if not look.is_dark:
        grey = 1 - grey
    ink = find_ink(grey, height)
    if not look.is_dark and has_holes(grey, ink):
        ink = find_ink(grey, height, CHALK)
    del grey
    strokes, marks = without_lines(ink, height)
    strokes = with_faint_strokes(strokes, marks, height)
    # Faint strokes say nothing of how clear a digit is
    parts = find_parts(strokes, ink.contrast * ink.strokes, height)
    digits = find_single_digits(parts, ink, height)
    return Bunch(digits=digits, ink=ink, parts=parts, height=height, scale=scale)


def _to_pillow(image):
    """Return a picture in grey, of bytes, or of floats from 0 to 1."""
    (grey,) = to_grey(read_picture(image)[np.newaxis])
    if grey.dtype == bool:
        grey = grey.astype(np.uint8) * 255
    if grey.dtype != np.uint8:
        # Halves, lest the range of the largest floats be infinite
        grey = grey.astype(np.float64 if grey.dtype.itemsize > 4 else np.float32) / 2
        grey -= min(0, grey.min())
        grey /= grey.max() or 1
        grey = grey.astype(np.float32, copy=False)
    # Importing the package needs no Pillow
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(grey))


def _result(picture, digits, scale, ink, n_specks, n_parts):
    """Put digits in order, and describe them in the pixels of the picture."""
    boxes = np.array([digit.box for digit in digits], dtype=int).reshape(-1, 4)
    order, lines = reading_order(boxes)
    digits = [digits[i] for i in order]
    boxes = _in_picture(boxes[order], scale, picture)
    warn_of_doubts(boxes, picture.size[::-1], n_specks, n_parts)
    return Bunch(
        images=[
            _cut_out(ink.clarity, digit, box)
            for digit, box in zip(digits, boxes, strict=True)
        ],
        boxes=boxes,
        lines=lines,
        scores=scores(boxes, [digit.contrast for digit in digits]),
    )


def _in_picture(boxes, scale, picture):
    """Return boxes in the pixels of the picture, each of one at least."""
    full = boxes / scale
    # Bounds within a quarter of a pixel are meant to be there
    low, high = np.floor(full[:, :2] + 0.25), np.ceil(full[:, 2:] - 0.25)
    size = np.array(picture.size[::-1])
    low = low.clip(0, size - 1)
    return np.hstack([low, high.clip(low + 1, size)]).astype(int)


def _cut_out(clarity, digit, box):
    """Return a digit, as large as a box, without what else is there, with a margin."""
    top, left, bottom, right = digit.box
    cut = clarity[top:bottom, left:right] * digit.mask
    height, width = (int(n) for n in box[2:] - box[:2])
    if cut.shape != (height, width):
        # Importing the package needs no Pillow
        from PIL import Image

        cut = np.asarray(Image.fromarray(cut).resize((width, height))).clip(0, 1)
    return np.pad(cut, 1 + max(cut.shape) // _MARGIN)

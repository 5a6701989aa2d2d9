"""From a picture to the numbers in it: `read_numbers`."""

from base64 import b64encode
from functools import cache
from html import escape
from io import BytesIO
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from skdigits._utils.pictures import read_picture
from skdigits._utils.types import Picture
from skdigits.preprocessing import find_digits
from skdigits.reading._reader import load_reader

# Inches of the picture's longer side in a notebook, and dots per inch
_INCHES, _DPI = 8, 90


class Numbers(Bunch):
    """Numbers that were read in a picture.

    The result of :func:`read_numbers`, a dictionary-like object with the attributes
    below. It prints as the numbers, one line for each line of text. A notebook shows it
    as the picture with a box around each digit.

    Attributes
    ----------
    numbers : list of str
        The digits of each line of text, from top to bottom.

    digits : ndarray of shape (n_digits,)
        The predicted label of each digit, in reading order.

    probabilities : ndarray of shape (n_digits, n_classes)
        The probability of each of the reader's classes.

    boxes : ndarray of shape (n_digits, 4), int
        Where the digits are: `min_row`, `min_col`, `max_row`, `max_col`.

    lines : ndarray of shape (n_digits,), int
        The line of text of each digit, from 0 at the top.

    scores : ndarray of shape (n_digits,)
        How similar each digit is to the others in height and contrast, see
        :func:`find_digits`.

    images : list of ndarray of shape (height, width)
        The digits, cut out, as light strokes on dark.

    picture : ndarray of shape (height, width[, n_channels])
        The picture, turned upright.

    See Also
    --------
    NumbersDisplay : Shows the picture and its numbers.
    read_numbers : Reads the numbers in a picture.
    """

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain numbers and lists, for JSON.

        Returns
        -------
        content : dict
            ``"numbers"``, and ``"digits"``, a list of dict with the keys ``"digit"``,
            ``"probability"``, ``"line"`` and ``"box"``.
        """
        columns = {
            "digit": self.digits,
            "probability": self.probabilities.max(axis=1),
            "line": self.lines,
            "box": self.boxes,
        }
        values = zip(*(column.tolist() for column in columns.values()), strict=True)
        digits = [dict(zip(columns, each, strict=True)) for each in values]
        return {"numbers": self.numbers, "digits": digits}

    def __repr__(self) -> str:
        return "\n".join(self.numbers) or "no digits found"

    def _repr_html_(self) -> str:
        """Return the picture and the numbers, for a notebook."""
        # Reading needs no matplotlib
        from matplotlib.figure import Figure

        from skdigits.inspection import NumbersDisplay

        size = np.array(self.picture.shape[1::-1])
        figure = Figure(np.maximum(1, _INCHES * size / size.max()), dpi=_DPI)
        NumbersDisplay(numbers=[self]).plot(ax=figure.add_axes((0, 0, 1, 1)))
        buffer = BytesIO()
        figure.savefig(buffer, format="png")
        png = b64encode(buffer.getvalue()).decode()
        text = escape(repr(self))
        return f'<img src="data:image/png;base64,{png}" alt="{text}"><pre>{text}</pre>'


def read_numbers(
    picture: Picture,
    reader: BaseEstimator | None = None,
) -> Numbers:
    """Read the numbers in a picture.

    :func:`find_digits` finds the digits, and the reader predicts the label of each. The
    picture may be a photo or a scan of one number, or of lines and columns of numbers.

    Parameters
    ----------
    picture : str, path-like, PIL.Image.Image, or array-like of shape (height, width[, \
n_channels])
        The picture: a file that Pillow reads, a Pillow image, or an array, as for
        :func:`find_digits`. A photo is turned upright, as its EXIF data says.

    reader : estimator instance, default=None
        A fitted classifier that accepts a list of pictures of single digits with
        different sizes, such as a pipeline that starts with a
        :class:`DigitNormalizer`. None for the one that :func:`load_reader` returns.

    Returns
    -------
    numbers : Numbers
        The numbers, with the box and the probabilities of each digit.

    Raises
    ------
    FileNotFoundError
        If there is no such file.

    ValueError
        If `picture` is not a picture, or `reader` does not accept the digits found.

    TypeError
        If `reader` cannot predict probabilities.

    sklearn.exceptions.NotFittedError
        If `reader` is not fitted.

    Warns
    -----
    UserWarning
        If `picture` does not look like a picture of digits, see :func:`find_digits`.

    See Also
    --------
    NumbersDisplay : Shows pictures and their numbers.
    find_digits : Finds the digits of a picture.
    load_reader : Loads the reader, which predicts pictures of single digits.

    Notes
    -----
    Letters and scribbles are read as digits, too, most of them with a low probability.
    ``numbers.probabilities.max(axis=1)`` is the probability of each predicted digit.

    Without `reader`, the weights are loaded once per process.

    Examples
    --------
    >>> import numpy as np
    >>> from skdigits import load_mnist, read_numbers
    >>> images = load_mnist("test").images
    >>> picture = 255 - np.vstack([np.hstack(images[:4]), np.hstack(images[4:8])])
    >>> numbers = read_numbers(picture)
    >>> numbers
    7210
    4149
    >>> numbers.digits
    array([7, 2, 1, 0, 4, 1, 4, 9])
    >>> numbers.boxes.shape, numbers.probabilities.shape
    ((8, 4), (8, 10))
    """
    reader = _stored_reader() if reader is None else reader
    if not hasattr(reader, "predict_proba"):
        raise TypeError(
            "reader must be a classifier with predict_proba, such as load_reader() "
            f"returns. Got {type(reader).__name__}."
        )
    check_is_fitted(reader)
    upright = read_picture(picture, "picture")
    found = find_digits(upright)
    try:
        probabilities = (
            reader.predict_proba(found.images)
            if found.images
            else np.empty((0, len(reader.classes_)))
        )
    except ValueError as error:
        error.add_note(
            "read_numbers gives the reader a list of pictures of different sizes. Let "
            "its pipeline start with a DigitNormalizer."
        )
        raise
    digits = reader.classes_[probabilities.argmax(axis=1)]
    lines = range(found.lines.max(initial=-1) + 1)
    numbers = ["".join(map(str, digits[found.lines == line])) for line in lines]
    return Numbers(
        numbers=numbers,
        digits=digits,
        probabilities=probabilities,
        picture=upright,
        **found,
    )


@cache
def _stored_reader():
    return load_reader()

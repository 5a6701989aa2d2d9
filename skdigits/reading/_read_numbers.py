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

    What :func:`read_numbers` returns: a dictionary whose keys are attributes, too. It
    shows itself as the numbers, a line for each line of text, and in a notebook as the
    picture with them.

    Attributes
    ----------
    numbers : list of str
        The digits of each line of text, from top to bottom.

    digits : ndarray of shape (n_digits,)
        What each digit was read as, in reading order: a label of the reader.

    probabilities : ndarray of shape (n_digits, n_classes)
        The probability of each of the reader's classes.

    boxes : ndarray of shape (n_digits, 4), int
        Where the digits are: `min_row`, `min_col`, `max_row`, `max_col`.

    lines : ndarray of shape (n_digits,), int
        The line of text that each digit is on, from 0 at the top.

    scores : ndarray of shape (n_digits,)
        How clearly each digit stands out, as :func:`find_digits` has it.

    images : list of ndarray of shape (height, width)
        The digits, cut out: light strokes on dark.

    picture : ndarray of shape (height, width[, n_channels])
        The picture, upright.

    See Also
    --------
    NumbersDisplay : Shows the picture with what was read.
    read_numbers : Makes one.
    """

    def to_dict(self) -> dict[str, Any]:
        """Return what was read as plain numbers and lists, for JSON.

        Returns
        -------
        content : dict
            The `numbers`, and `digits`: for each its `digit`, its `probability`, its
            `line` and its `box`.
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

    The digits are found by :func:`find_digits`, and the reader tells what each is. The
    picture may be a photo or a scan, of one number or of lines and columns of them.

    Parameters
    ----------
    picture : str, path-like, PIL.Image.Image, or array-like of shape (height, width[, \
n_channels])
        The picture: a file that Pillow reads, an image of Pillow's, or an array, as
        :func:`find_digits` takes it. A photo is turned as its camera says.

    reader : estimator instance, default=None
        A fitted classifier that takes a list of pictures of single digits, of different
        sizes: a pipeline that starts with a :class:`DigitNormalizer`. None is what
        :func:`load_reader` returns.

    Returns
    -------
    numbers : Numbers
        The numbers, with the box and the probabilities of each digit.

    Raises
    ------
    FileNotFoundError
        If there is no such file.

    ValueError
        If `picture` is no picture, or `reader` does not take the digits found.

    TypeError
        If `reader` cannot predict probabilities.

    sklearn.exceptions.NotFittedError
        If `reader` is not fitted.

    Warns
    -----
    UserWarning
        If the picture does not look like one of digits, see :func:`find_digits`.

    See Also
    --------
    NumbersDisplay : Shows pictures with what was read.
    find_digits : Finds the digits.
    load_reader : The reader, to read single digits with.

    Notes
    -----
    Letters and scribbles are read as digits, too, most of them with a low probability:
    ``numbers.probabilities.max(axis=1)`` tells how sure the reader is of each digit.

    Without `reader`, the weights are loaded once in a process.

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
    try:
        found = find_digits(upright, classifier=reader)
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

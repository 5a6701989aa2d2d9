"""NumbersDisplay: pictures and the numbers that were read in them."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from sklearn.base import BaseEstimator

from skdigits._utils.pictures import to_grey
from skdigits.inspection._base import (
    FONT_SIZE,
    GREEN,
    VERMILION,
    AxesLike,
    Style,
    artist_style,
    draw_image,
    figure_of,
    rows_and_columns,
    several_axes,
)
from skdigits.inspection._drawing import (
    as_text,
    columns_for,
    limits_of,
    points_per_unit,
)
from skdigits.inspection._validation import check_classifier, first_images
from skdigits.reading import Numbers, read_numbers

# Inches of a picture's longer side, and the largest number of columns
_LARGEST = 5
_MOST_COLUMNS = 3

# A digit with a lower probability is drawn in another colour
_CONFIDENT = 0.9

# The ground of labels, so that they can be read on any picture
_BEHIND_LABELS = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.5}

# The size of a letter, as fractions of the font size
_LETTER_WIDTH, _LETTER_HEIGHT = 0.8, 1.4


class NumbersDisplay:
    """Pictures with a box around each digit, and the predicted digits.

    A box is green, or orange if the probability of the predicted digit is below 0.9.
    Use :meth:`from_estimator` to make one.

    Parameters
    ----------
    numbers : list of Numbers
        The result of :func:`read_numbers` for each picture.

    Attributes
    ----------
    axes_ : ndarray of shape (n_images,) of matplotlib.axes.Axes
        The axes of the last plot.

    boxes_ : list of matplotlib.patches.Rectangle
        The boxes of all digits.

    figure_ : matplotlib.figure.Figure
        The figure of those axes.

    images_ : list of matplotlib.image.AxesImage
        The pictures.

    text_ : list of matplotlib.text.Text
        The predicted labels of all digits.

    See Also
    --------
    NormalizationDisplay : A digit at every step of its normalisation.
    PredictionsDisplay : Images and predicted labels.
    read_numbers : Reads the numbers in a picture.

    Examples
    --------
    >>> import numpy as np
    >>> from skdigits import NumbersDisplay, load_mnist, load_reader
    >>> picture = np.hstack(list(load_mnist("test").images[:4]))
    >>> display = NumbersDisplay.from_estimator(load_reader(), [picture])
    >>> display.numbers
    [7210]
    """

    def __init__(self, *, numbers: Sequence[Numbers]) -> None:
        self.numbers = numbers

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: Sequence[Any],
        *,
        n_images: int = 8,
        ax: AxesLike = None,
        im_kw: Style = None,
        box_kw: Style = None,
        text_kw: Style = None,
    ) -> Self:
        """Read the numbers in pictures and show them.

        Parameters
        ----------
        estimator : estimator instance
            A fitted classifier of pictures of single digits, such as the one that
            :func:`load_reader` returns.

        X : sequence of {str, path-like, PIL.Image.Image or array-like}
            The pictures, as for :func:`read_numbers`.

        n_images : int, default=8
            Maximum number of pictures to show, from the first.

        ax : matplotlib.axes.Axes or array-like of them, default=None
            Where to draw: single axes, which are split, or as many as there are in
            `axes_`. None for a new figure.

        im_kw : dict, default=None
            For matplotlib's ``imshow``, of the pictures.

        box_kw : dict, default=None
            For matplotlib's ``Rectangle``, of the boxes.

        text_kw : dict, default=None
            For matplotlib's ``text``, of the digits.

        Returns
        -------
        display : NumbersDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If `estimator` is not fitted.

        ValueError
            If `estimator` is not a classifier, `X` is empty or has what is not a
            picture, `n_images` is less than one, or `ax` is the wrong number of axes.

        TypeError
            If `n_images` is not an integer, or `ax` is not axes.

        FileNotFoundError
            If there is no such file.
        """
        check_classifier(estimator)
        numbers = [read_numbers(each, estimator) for each in first_images(X, n_images)]
        return cls(numbers=numbers).plot(
            ax=ax, im_kw=im_kw, box_kw=box_kw, text_kw=text_kw
        )

    def plot(
        self,
        ax: AxesLike = None,
        *,
        im_kw: Style = None,
        box_kw: Style = None,
        text_kw: Style = None,
    ) -> Self:
        """Draw again, without reading.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or array-like of them, default=None
            Where to draw: single axes, which are split, or as many as there are in
            `axes_`. None for a new figure.

        im_kw : dict, default=None
            For matplotlib's ``imshow``, of the pictures.

        box_kw : dict, default=None
            For matplotlib's ``Rectangle``, of the boxes.

        text_kw : dict, default=None
            For matplotlib's ``text``, of the digits.

        Returns
        -------
        display : NumbersDisplay
        """
        n_images = len(self.numbers)
        sizes = np.array([numbers.picture.shape[:2] for numbers in self.numbers])
        height, width = np.median(sizes / sizes.max(axis=1, keepdims=True), axis=0)
        n_columns = columns_for(n_images, width / height, _MOST_COLUMNS, ax)
        n_rows = -(-n_images // n_columns)
        side = _LARGEST if n_images > 1 else 2 * _LARGEST
        self.axes_ = several_axes(
            ax,
            rows_and_columns(n_rows, n_columns).reshape(-1, 2)[:n_images],
            (n_columns * max(1, side * width), n_rows * max(1, side * height)),
        )
        self.figure_ = figure_of(self.axes_[0])
        self.images_ = [
            draw_image(
                cell,
                picture := _as_drawn(numbers.picture),
                limits_of(picture),
                im_kw,
                cmap="gray",
                frame=True,
            )
            for cell, numbers in zip(self.axes_, self.numbers, strict=True)
        ]
        self.boxes_: list[Rectangle] = []
        self.text_: list[Text] = []
        for cell, numbers in zip(self.axes_, self.numbers, strict=True):
            self._draw_digits(cell, numbers, box_kw, text_kw)
        return self

    def _draw_digits(self, ax: Axes, numbers, box_kw, text_kw):
        if not len(numbers.boxes):
            return
        tops, lefts, bottoms, rights = numbers.boxes.T
        # A label must not be wider than its box
        points = points_per_unit(ax)
        width, height = np.median(rights - lefts), np.median(bottoms - tops)
        size = min(FONT_SIZE + 3, points * min(width, height) / _LETTER_WIDTH)
        room = _LETTER_HEIGHT * size / points - tops.min()
        ax.set_ylim(len(numbers.picture) - 0.5, -0.5 - max(0, room))
        for digit, probabilities, box in zip(
            numbers.digits, numbers.probabilities, numbers.boxes, strict=True
        ):
            color = GREEN if probabilities.max() >= _CONFIDENT else VERMILION
            top, left, bottom, right = box
            style = {"fill": False, "edgecolor": color, "linewidth": 1}
            rectangle = Rectangle(
                (left - 0.5, top - 0.5),
                right - left,
                bottom - top,
                **artist_style(Rectangle, style, box_kw),
            )
            self.boxes_.append(rectangle)
            ax.add_patch(rectangle)
            style = {
                "bbox": _BEHIND_LABELS,
                "color": color,
                "fontsize": size,
                "fontweight": "bold",
                "horizontalalignment": "center",
                "verticalalignment": "bottom",
            }
            text = ax.text(
                (left + right - 1) / 2,
                top - 0.5,
                as_text(digit),
                **artist_style(Text, style, text_kw),
            )
            self.text_.append(text)


def _as_drawn(picture):
    """Return a picture as matplotlib takes it: grey, colours as bytes or up to 1."""
    if picture.ndim == 2 or picture.shape[2] < 3:
        return to_grey(picture[np.newaxis])[0]
    if picture.dtype == np.uint8:
        return picture
    return (picture / (np.abs(picture).max() or 1)).clip(0, 1)

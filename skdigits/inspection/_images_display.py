"""ImagesDisplay: images and their labels."""

from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

from skdigits._utils.types import Samples
from skdigits.inspection._base import FONT_SIZE, Style, draw_image, figure_of, one_axes
from skdigits.inspection._drawing import (
    POINTS_PER_INCH,
    as_text,
    columns_for,
    fitting_font_size,
    in_rows,
    inches_per_pixel,
    limits_of,
    mosaic,
    points_per_unit,
)
from skdigits.inspection._validation import (
    check_images,
    check_labels,
    first_numbers,
    number_of_images,
)

# The gap between images, as a fraction of their smaller side; points of a line of text
_GAP = 0.1
_LINE = 14


class ImagesDisplay:
    """Images in a grid, with their labels.

    Shows the first images, each below its label, or one row of images per class. Use
    :meth:`from_images` to make one.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width)
        The images to show.

    labels : ndarray of shape (n_images,), default=None
        Their labels.

    by_class : bool, default=False
        Whether to show one row per class. If not, the images are shown in reading
        order, each below its label.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The axes of the last plot.

    figure_ : matplotlib.figure.Figure
        The figure of those axes.

    im_ : matplotlib.image.AxesImage
        All images, side by side.

    text_ : list of matplotlib.text.Text
        The labels: one for each row if `by_class`, else one for each image, and none
        without `labels`.

    See Also
    --------
    DistortionDisplay : Images beside distorted copies of them.
    PredictionsDisplay : Images and predicted labels.

    Examples
    --------
    >>> from skdigits import ImagesDisplay, load_mnist
    >>> test = load_mnist("test")
    >>> display = ImagesDisplay.from_images(test.images, test.target, n_images=5)
    >>> display.labels
    array([7, 2, 1, 0, 4])
    >>> display = ImagesDisplay.from_images(
    ...     test.images, test.target, n_images=10, by_class=True, random_state=0
    ... )
    >>> display.images.shape
    (100, 28, 28)
    """

    def __init__(
        self,
        *,
        images: NDArray[Any],
        labels: NDArray[Any] | None = None,
        by_class: bool = False,
    ) -> None:
        self.images = images
        self.labels = labels
        self.by_class = by_class

    @classmethod
    def from_images(
        cls,
        X: Samples,
        y: ArrayLike | None = None,
        *,
        n_images: int = 8,
        by_class: bool = False,
        random_state: int | RandomState | None = None,
        ax: Axes | None = None,
        im_kw: Style = None,
    ) -> Self:
        """Show the first images, or a sample of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_pixels), or \
array-like of shape (n_samples, height, width) or (n_samples, height, width, 1)
            The images. Rows must be of a square number of pixels.

        y : array-like of shape (n_samples,), default=None
            Their labels.

        n_images : int, default=8
            Maximum number of images to show; if `by_class`, of each class.

        by_class : bool, default=False
            Whether to show a row for each class of `y`, of images drawn at random
            without replacement. If not, the first images are shown.

        random_state : int, RandomState instance or None, default=None
            Seeds the choice of images of each class.

        ax : matplotlib.axes.Axes, default=None
            Where to draw. None for a new figure.

        im_kw : dict, default=None
            For matplotlib's ``imshow``, of the images.

        Returns
        -------
        display : ImagesDisplay

        Raises
        ------
        TypeError
            If `n_images` is not an integer, or `ax` is not axes.

        ValueError
            If `X` is not images or is empty, `y` is not one label for each image or
            missing for `by_class`, or `n_images` is less than one.
        """
        n_samples = number_of_images(X)
        chosen = first_numbers(n_images, n_samples)
        labels = None if y is None else check_labels(y, "y", n_samples)
        if by_class:
            if labels is None:
                raise ValueError("by_class=True needs the labels, y. Got None.")
            chosen = _sample_by_class(labels, n_images, random_state)
        display = cls(
            images=check_images(X, chosen),
            labels=None if labels is None else labels[chosen],
            by_class=by_class,
        )
        return display.plot(ax=ax, im_kw=im_kw)

    def plot(self, ax: Axes | None = None, *, im_kw: Style = None) -> Self:
        """Draw again, with the same images.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None for a new figure.

        im_kw : dict, default=None
            For matplotlib's ``imshow``, of the images.

        Returns
        -------
        display : ImagesDisplay
        """
        height, width = self.images.shape[1:]
        gap = max(1, round(_GAP * min(height, width)))
        gap_below = gap
        if self.by_class:
            grid = self._rows_of_classes()
        else:
            most = max(1, min(10, round(10 * np.sqrt(height / width))))
            n_columns = columns_for(len(self.images), width / height, most, ax)
            grid = in_rows(self.images, n_columns)
            if self.labels is not None:
                scale = inches_per_pixel((height, width)) * POINTS_PER_INCH
                gap_below = max(2, round(_LINE / scale))
        picture = mosaic(grid, gap, gap_below)

        # And room for the text
        size = np.add(picture.shape, (gap_below, 0))
        scale = inches_per_pixel((height, width), size)
        ax = one_axes(ax, scale * size[::-1] + (0.6, 0.2))
        self.im_ = draw_image(ax, picture, limits_of(self.images), im_kw)
        steps = height + gap_below, width + gap
        self.text_: list[Text] = []
        if self.by_class:
            self._name_rows(ax, steps, height)
        elif self.labels is not None:
            self._name_images(ax, steps, grid.shape[1], gap_below)
        self.ax_, self.figure_ = ax, figure_of(ax)
        return self

    def _rows_of_classes(self):
        classes, number = np.unique(self.labels, return_inverse=True)
        n_columns = np.bincount(number).max()
        return np.concatenate(
            [
                in_rows(self.images[number == row], n_columns)
                for row in range(len(classes))
            ]
        )

    def _name_rows(self, ax, steps, height):
        names = [as_text(label) for label in np.unique(self.labels)]
        ax.set_yticks(np.arange(len(names)) * steps[0] + (height - 1) / 2, names)
        row = points_per_unit(ax) * steps[0]
        ax.tick_params(axis="y", labelsize=min(FONT_SIZE + 1, row / 1.4))
        self.text_ = ax.get_yticklabels()

    def _name_images(self, ax, steps, n_columns, gap_below):
        ax.set_ylim(ax.get_ylim()[0], -0.5 - gap_below)
        names = [as_text(label) for label in self.labels]
        unit = points_per_unit(ax)
        font_size = fitting_font_size(names, unit * steps[1], unit * gap_below)
        for index, name in enumerate(names):
            row, column = divmod(index, n_columns)
            text = ax.text(
                column * steps[1] + (self.images.shape[2] - 1) / 2,
                row * steps[0] - 0.5 - 0.08 * gap_below,
                name,
                ha="center",
                va="bottom",
                fontsize=font_size,
            )
            self.text_.append(text)


def _sample_by_class(y, n_images, random_state):
    """Return the places of some samples of each class, class after class."""
    rng = check_random_state(random_state)
    return np.concatenate(
        [rng.permutation(np.flatnonzero(y == c))[:n_images] for c in np.unique(y)]
    )

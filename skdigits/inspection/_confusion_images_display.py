"""ConfusionImagesDisplay: a confusion matrix with images of what was confused."""

from numbers import Integral
from typing import Any, Self

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.utils import check_scalar

from skdigits._utils.types import Samples
from skdigits.inspection._base import (
    FONT_SIZE,
    Style,
    add_colorbar,
    figure_of,
    image_style,
    one_axes,
)
from skdigits.inspection._confusions import (
    count_confusions,
    draw_counts,
    draw_in_cell,
    worst_confusions,
)
from skdigits.inspection._drawing import as_text, limits_of, points_per_unit
from skdigits.inspection._validation import (
    check_classifier,
    check_images,
    check_labels,
    number_of_images,
)

_DIAGONAL = "0.88"


class ConfusionImagesDisplay:
    """Confusion matrix, with an image in each of the worst confusions.

    One row per true label and one column per predicted label, as in
    :class:`~sklearn.metrics.ConfusionMatrixDisplay`. The diagonal, with the correct
    predictions, is grey; the colours show the errors. Counts of zero are left out. Use
    :meth:`from_estimator` or :meth:`from_predictions` to make one.

    Parameters
    ----------
    confusion_matrix : ndarray of shape (n_classes, n_classes)
        Number of images by true and by predicted label.

    images : ndarray of shape (n_cells, height, width)
        An image for some of the cells.

    cells : ndarray of int of shape (n_cells, 2)
        Row and column of each of those cells.

    display_labels : ndarray of shape (n_classes,), default=None
        The labels. None for 0 to ``n_classes - 1``.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The axes of the last plot.

    colorbar_ : matplotlib.colorbar.Colorbar or None
        The scale of the counts off the diagonal, if it is shown.

    figure_ : matplotlib.figure.Figure
        The figure of those axes.

    im_ : matplotlib.image.AxesImage
        The matrix, its diagonal masked.

    images_ : list of matplotlib.image.AxesImage
        The images in its cells.

    text_ : ndarray of shape (n_classes, n_classes) of matplotlib.text.Text
        The counts. None where they are zero, or the cell is too small for text.

    See Also
    --------
    sklearn.metrics.ConfusionMatrixDisplay : The matrix alone.
    PredictionsDisplay : Images and the probabilities of their classes.

    Examples
    --------
    >>> from skdigits import ConfusionImagesDisplay, MLPDigitClassifier, load_mnist
    >>> train, test = load_mnist("train"), load_mnist("test")
    >>> classifier = MLPDigitClassifier((32,), epochs=3, random_state=0)
    >>> classifier = classifier.fit(train.images[:500] / 255, train.target[:500])
    >>> display = ConfusionImagesDisplay.from_estimator(
    ...     classifier, test.images[:200] / 255, test.target[:200], n_cells=5
    ... )
    >>> display.confusion_matrix.shape, display.images.shape
    ((10, 10), (5, 28, 28))
    """

    def __init__(
        self,
        confusion_matrix: NDArray[Any],
        *,
        images: NDArray[Any],
        cells: NDArray[Any],
        display_labels: ArrayLike | None = None,
    ) -> None:
        self.confusion_matrix = confusion_matrix
        self.images = images
        self.cells = cells
        self.display_labels = display_labels

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: Samples,
        y: ArrayLike,
        *,
        n_cells: int = 10,
        ax: Axes | None = None,
        cmap: str | Colormap = "Blues",
        colorbar: bool = False,
        im_kw: Style = None,
        text_kw: Style = None,
    ) -> Self:
        """Predict and show the predictions.

        Parameters
        ----------
        estimator : estimator instance
            A fitted classifier, a pipeline that ends in one, or a search over one.

        X : array-like, sparse matrix or dataframe
            The images, as `estimator` takes them: of shape (n_samples, height, width)
            or (n_samples, height, width, 1), or rows of shape (n_samples, n_pixels).
            Rows must be of a square number of pixels, unless `estimator` was fitted on
            images.

        y : array-like of shape (n_samples,)
            The true labels.

        n_cells : int, default=10
            Maximum number of cells with an image: those off the diagonal with the
            highest counts. It is the first such image in `X`.

        ax : matplotlib.axes.Axes, default=None
            Where to draw. None for a new figure.

        cmap : str or matplotlib.colors.Colormap, default="Blues"
            The colours of the counts off the diagonal.

        colorbar : bool, default=False
            Whether to show the scale of those colours.

        im_kw : dict, default=None
            For matplotlib's ``imshow``, of the images in the cells.

        text_kw : dict, default=None
            For matplotlib's ``text``, of the counts.

        Returns
        -------
        display : ConfusionImagesDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If `estimator` is not fitted.

        ValueError
            If `estimator` is not a classifier, `X` is not images or is empty, `y` is
            not one label for each, or `n_cells` is negative.

        TypeError
            If `n_cells` is not an integer, or `ax` is not axes.
        """
        check_classifier(estimator)
        display = cls._count(X, y, estimator.predict(X), n_cells, estimator)
        return display.plot(
            ax=ax, cmap=cmap, colorbar=colorbar, im_kw=im_kw, text_kw=text_kw
        )

    @classmethod
    def from_predictions(
        cls,
        X: Samples,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        *,
        n_cells: int = 10,
        ax: Axes | None = None,
        cmap: str | Colormap = "Blues",
        colorbar: bool = False,
        im_kw: Style = None,
        text_kw: Style = None,
    ) -> Self:
        """Show existing predictions.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_pixels), or \
array-like of shape (n_samples, height, width) or (n_samples, height, width, 1)
            The images. Rows must be of a square number of pixels.

        y_true : array-like of shape (n_samples,)
            The true labels.

        y_pred : array-like of shape (n_samples,)
            The predicted labels.

        n_cells, ax, cmap, colorbar, im_kw, text_kw
            As for :meth:`from_estimator`.

        Returns
        -------
        display : ConfusionImagesDisplay

        Raises
        ------
        TypeError, ValueError
            As :meth:`from_estimator`, for `y_true` and `y_pred`.
        """
        display = cls._count(X, y_true, y_pred, n_cells, name="y_true")
        return display.plot(
            ax=ax, cmap=cmap, colorbar=colorbar, im_kw=im_kw, text_kw=text_kw
        )

    @classmethod
    def _count(cls, X, y_true, y_pred, n_cells, estimator=None, name="y"):
        check_scalar(n_cells, "n_cells", Integral, min_val=0)
        n_images = number_of_images(X)
        y_true = check_labels(y_true, name, n_images)
        y_pred = check_labels(y_pred, "y_pred", n_images)
        known = [] if estimator is None else [estimator.classes_]
        labels, matrix = count_confusions(y_true, y_pred, *known)
        cells = worst_confusions(matrix, n_cells)
        examples = [
            np.flatnonzero((y_true == labels[row]) & (y_pred == labels[column]))[0]
            for row, column in cells
        ]
        return cls(
            matrix,
            images=check_images(X, np.array(examples, int), estimator=estimator),
            cells=cells,
            display_labels=labels,
        )

    def plot(
        self,
        ax: Axes | None = None,
        *,
        cmap: str | Colormap = "Blues",
        colorbar: bool = False,
        im_kw: Style = None,
        text_kw: Style = None,
    ) -> Self:
        """Draw again, without predicting.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None for a new figure.

        cmap : str or matplotlib.colors.Colormap, default="Blues"
            The colours of the counts off the diagonal.

        colorbar : bool, default=False
            Whether to show the scale of those colours.

        im_kw : dict, default=None
            For matplotlib's ``imshow``, of the images in the cells.

        text_kw : dict, default=None
            For matplotlib's ``text``, of the counts.

        Returns
        -------
        display : ConfusionImagesDisplay
        """
        n_classes = len(self.confusion_matrix)
        labels = self.display_labels
        labels = np.arange(n_classes) if labels is None else np.asarray(labels)
        names = [as_text(label) for label in labels]
        longest = max(map(len, names))
        inches = float(np.clip(0.62 * n_classes, 3, 11)) + 0.08 * longest
        ax = one_axes(ax, (inches + 0.5 + 0.7 * colorbar, inches + 0.5))
        matrix = ConfusionMatrixDisplay(self.confusion_matrix, display_labels=names)
        matrix.plot(
            ax=ax,
            include_values=False,
            cmap=colormaps.get_cmap(cmap).with_extremes(bad=_DIAGONAL),
            colorbar=False,
            xticks_rotation="horizontal" if longest <= 3 else "vertical",
        )
        self.ax_, self.figure_, self.im_ = ax, figure_of(ax), matrix.im_
        # Correct predictions are so many that all errors would look alike beside them
        diagonal = np.eye(n_classes, dtype=bool)
        errors = np.ma.masked_array(self.confusion_matrix, diagonal)
        self.im_.set_data(errors)
        self.im_.set_clim(0, max(1, errors.filled(0).max()))
        self.colorbar_ = None
        if colorbar:
            self.colorbar_ = add_colorbar(self.im_, [ax], label="Errors")
        ax.set_xlim(-0.5, n_classes - 0.5)

        style = image_style(limits_of(self.images), im_kw)
        self.images_ = [
            draw_in_cell(ax, image, *cell, **style)
            for image, cell in zip(self.images, self.cells, strict=True)
        ]
        cell_size = points_per_unit(ax)
        ax.tick_params(labelsize=min(FONT_SIZE + 1, cell_size / 1.3))
        self.text_ = draw_counts(
            self.im_, self.confusion_matrix, self.cells, cell_size, text_kw
        )
        return self

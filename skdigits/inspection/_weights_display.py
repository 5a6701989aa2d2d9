"""WeightsDisplay: what the units of the first layer look for."""

from numbers import Integral
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_scalar

from skdigits.inspection._base import (
    SIGNED,
    Style,
    add_colorbar,
    draw_image,
    figure_of,
    one_axes,
)
from skdigits.inspection._drawing import (
    columns_for,
    in_rows,
    inches_per_pixel,
    mosaic,
    symmetric_limit,
)
from skdigits.inspection._validation import size_of_images, unwrap

_GAP = 0.1


class WeightsDisplay:
    """Weights of the first layer, as images.

    One image per unit, with each weight at the place of its pixel. Bright pixels
    activate the unit where the weights are positive, and inhibit it where they are
    negative. Use :meth:`from_estimator` to make one.

    Parameters
    ----------
    weights : ndarray of shape (n_units, height, width)
        The weights of some units.

    units : ndarray of int of shape (n_units,), default=None
        Which units those are: columns of ``coefs_[0]``.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The axes of the last plot.

    colorbar_ : matplotlib.colorbar.Colorbar
        The scale of the weights.

    figure_ : matplotlib.figure.Figure
        The figure of those axes.

    im_ : matplotlib.image.AxesImage
        All units, side by side.

    See Also
    --------
    ContributionsDisplay : Contribution of each pixel to a prediction.

    Notes
    -----
    The colours end at the 99.5th percentile of the weights' magnitudes.

    Examples
    --------
    >>> from skdigits import MLPDigitClassifier, WeightsDisplay, load_mnist
    >>> train = load_mnist("train")
    >>> classifier = MLPDigitClassifier((32,), epochs=3, random_state=0)
    >>> classifier = classifier.fit(train.images[:500] / 255, train.target[:500])
    >>> display = WeightsDisplay.from_estimator(classifier, n_units=8)
    >>> display.weights.shape
    (8, 28, 28)
    """

    def __init__(
        self, *, weights: NDArray[Any], units: NDArray[Any] | None = None
    ) -> None:
        self.weights = weights
        self.units = units

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        *,
        n_units: int = 20,
        ax: Axes | None = None,
        im_kw: Style = None,
    ) -> Self:
        """Show the weights of a classifier's first layer.

        Parameters
        ----------
        estimator : MLPDigitClassifier, or a pipeline that ends in one, or a search
            Fitted on images, or on rows of a square number of pixels. Of a search,
            such as :class:`~sklearn.model_selection.GridSearchCV`, the best is shown.

        n_units : int, default=20
            Maximum number of units to show: those with the largest weights, by their
            Euclidean norm, in descending order. Without a hidden layer the units are
            the classes, which are shown in their order.

        ax : matplotlib.axes.Axes, default=None
            Where to draw. None for a new figure.

        im_kw : dict, default=None
            For matplotlib's ``imshow``, of the weights.

        Returns
        -------
        display : WeightsDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If `estimator` is not fitted.

        TypeError
            If `estimator` has no :class:`MLPDigitClassifier`, `n_units` is not an
            integer, or `ax` is not axes.

        ValueError
            If `n_units` is less than one, or the classifier was fitted on rows
            whose number of features is not a square.
        """
        check_scalar(n_units, "n_units", Integral, min_val=1)
        _, classifier = unwrap(estimator)
        weights = classifier.coefs_[0].T
        size = size_of_images(weights.shape[1], estimator=estimator)
        units = np.arange(len(weights))
        if len(classifier.coefs_) > 1:
            units = np.argsort(-np.linalg.norm(weights, axis=1), kind="stable")
        units = units[:n_units]
        display = cls(weights=weights[units].reshape(-1, *size), units=units)
        return display.plot(ax=ax, im_kw=im_kw)

    def plot(self, ax: Axes | None = None, *, im_kw: Style = None) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None for a new figure.

        im_kw : dict, default=None
            For matplotlib's ``imshow``, of the weights.

        Returns
        -------
        display : WeightsDisplay
        """
        size = self.weights.shape[1:]
        gap = max(1, round(_GAP * min(size)))
        n_columns = columns_for(len(self.weights), size[1] / size[0], 5, ax)
        picture = mosaic(in_rows(self.weights, n_columns), gap)
        scale = inches_per_pixel(size, picture.shape, side=1)
        # And room for the colour bar
        inches = np.maximum(scale * np.array(picture.shape[::-1]) + (1.2, 0.2), 1.8)
        ax = one_axes(ax, inches)
        largest = symmetric_limit(self.weights)
        self.im_ = draw_image(ax, picture, (-largest, largest), im_kw, cmap=SIGNED)
        ax.set_facecolor("0.8")
        self.colorbar_ = add_colorbar(self.im_, [ax], extend="both", label="Weight")
        self.ax_, self.figure_ = ax, figure_of(ax)
        return self

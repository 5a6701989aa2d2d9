"""NormalizationDisplay: pictures of digits at every step of their normalisation."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from skdigits._utils.types import Pictures
from skdigits.inspection._base import (
    FONT_SIZE,
    AxesLike,
    Style,
    draw_image,
    figure_of,
    rows_and_columns,
    several_axes,
)
from skdigits.inspection._drawing import as_text, limits_of
from skdigits.inspection._validation import first_images, steps_of
from skdigits.preprocessing._digit_normalizer import (
    DigitNormalizer,
    normalization_stages,
)

_INCHES_PER_CELL = 1.2


class NormalizationDisplay:
    """Pictures of digits at every step of their normalisation.

    Shows how :class:`DigitNormalizer` changes a picture, and where it fails: one row
    per picture, one column per step. Use :meth:`from_estimator` to make
    one.

    Parameters
    ----------
    stages : list of dict of str to ndarray of shape (height, width)
        What each picture is after each step, in this order: "raw", "background
        removed", "upright" if `deskew` is set, "cropped", "scaled", "evened" (the
        thickness of the strokes), "centred".

    y_pred : ndarray of shape (n_images,), default=None
        The predicted labels of the pictures.

    Attributes
    ----------
    axes_ : ndarray of shape (n_images, n_stages) of matplotlib.axes.Axes
        The axes of the last plot.

    figure_ : matplotlib.figure.Figure
        The figure of those axes.

    images_ : ndarray of shape (n_images, n_stages) of matplotlib.image.AxesImage
        The pictures on them.

    See Also
    --------
    DigitNormalizer : What it shows.
    PredictionsDisplay : Images and predicted labels.

    Examples
    --------
    >>> import numpy as np
    >>> from skdigits import DigitNormalizer, NormalizationDisplay
    >>> photo = np.full((90, 60), 200, np.uint8)  # light paper
    >>> photo[20:70, 25:32] = 40  # a "1" in dark ink
    >>> display = NormalizationDisplay.from_estimator(DigitNormalizer(), [photo])
    >>> {name: image.shape for name, image in display.stages[0].items()}
    {'raw': (90, 60), 'background removed': (90, 60), 'cropped': (50, 7),
    'scaled': (22, 5), 'evened': (22, 5), 'centred': (28, 28)}
    """

    def __init__(
        self,
        *,
        stages: Sequence[Mapping[str, NDArray[Any]]],
        y_pred: NDArray[Any] | None = None,
    ) -> None:
        self.stages = stages
        self.y_pred = y_pred

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: Pictures,
        *,
        n_images: int = 8,
        ax: AxesLike = None,
        im_kw: Style = None,
    ) -> Self:
        """Normalise pictures and show every step.

        Parameters
        ----------
        estimator : DigitNormalizer, a pipeline that starts with one, or a search
            Only a search must be fitted. If a pipeline is fitted and ends in a
            classifier, the predicted labels are shown, too.

        X : array-like of shape (n_samples, height, width[, n_channels]), list of \
array-like, or {array-like, dataframe} of shape (n_samples, n_pixels)
            The pictures, as :meth:`DigitNormalizer.transform` takes them.

        n_images : int, default=8
            Maximum number of pictures to show, from the first.

        ax : matplotlib.axes.Axes or array-like of them, default=None
            Where to draw: single axes, which are split, or as many as there are in
            `axes_`. None for a new figure.

        im_kw : dict, default=None
            For matplotlib's ``imshow``, of the pictures.

        Returns
        -------
        display : NormalizationDisplay

        Raises
        ------
        TypeError
            If `estimator` is neither a normaliser nor a pipeline that starts with one,
            `n_images` is not an integer, or `ax` is not axes.

        ValueError
            If `X` is not pictures or is empty, `n_images` is less than one, or `ax` is
            the wrong number of axes.
        """
        normalizer = _first_step(estimator)
        X = first_images(X, n_images)
        stages = normalization_stages(normalizer, X)
        predicts = is_classifier(estimator) and _is_fitted(estimator)
        display = cls(stages=stages, y_pred=estimator.predict(X) if predicts else None)
        return display.plot(ax=ax, im_kw=im_kw)

    def plot(self, ax: AxesLike = None, *, im_kw: Style = None) -> Self:
        """Draw again, without normalising.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or array-like of them, default=None
            Where to draw: single axes, which are split, or as many as there are in
            `axes_`. None for a new figure.

        im_kw : dict, default=None
            For matplotlib's ``imshow``, of the pictures.

        Returns
        -------
        display : NormalizationDisplay
        """
        shape = len(self.stages), len(self.stages[0])
        # And room for the text. Rounded, because matplotlib before 3.11.1 rounds down
        # the pixels of, for example, 3.9999999999999996 inches.
        height, width = np.round(_INCHES_PER_CELL * np.array(shape) + (0.4, 0.6), 2)
        self.axes_ = several_axes(ax, rows_and_columns(*shape), (width, height))
        self.figure_ = figure_of(self.axes_[0, 0])
        self.images_ = np.empty(shape, dtype=object)
        for row, stages in enumerate(self.stages):
            for column, name in enumerate(stages):
                cell = self.axes_[row, column]
                # High values are bright, as on a screen
                limits = limits_of(stages[name]) if name == "raw" else (0, 1)
                self.images_[row, column] = draw_image(
                    cell, stages[name], limits, im_kw, cmap="gray", frame=True
                )
                if row == 0:
                    cell.set_title(name, fontsize=FONT_SIZE)
            if self.y_pred is not None:
                cell.yaxis.set_label_position("right")
                cell.set_ylabel(
                    as_text(self.y_pred[row]),
                    rotation=0,
                    ha="left",
                    va="center",
                    fontsize=FONT_SIZE + 3,
                )
        return self


def _is_fitted(estimator):
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        return False
    return True


def _first_step(estimator):
    """Return the normaliser that an estimator is, or starts with."""
    first = steps_of(estimator)[0]
    if not isinstance(first, DigitNormalizer):
        raise TypeError(
            "estimator must be a DigitNormalizer, or a pipeline that starts with one. "
            f"Got {type(first).__name__}."
        )
    return first

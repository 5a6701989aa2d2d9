"""NormalizationDisplay: pictures of digits at every step of their normalisation."""

from numbers import Integral

import numpy as np
from sklearn.base import is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.utils import _safe_indexing, check_scalar
from sklearn.utils.validation import check_is_fitted

from skdigits.inspection._drawing import (
    FONT_SIZE,
    as_text,
    check_axes,
    image_axes,
    image_style,
    limits_of,
    split_axes,
)
from skdigits.inspection._validation import number_of_images
from skdigits.preprocessing._digit_normalizer import (
    STAGES,
    DigitNormalizer,
    normalization_stages,
)

_INCHES_PER_CELL = 1.2


class NormalizationDisplay:
    """Pictures of digits at every step of their normalisation.

    To see what :class:`DigitNormalizer` makes of a picture, and where it goes wrong: a
    row for each picture, a column for each step. Use :meth:`from_estimator` to make
    one.

    Parameters
    ----------
    stages : list of dict of str to ndarray of shape (height, width)
        What each picture is after each step, in this order: "raw", "background
        removed", "cropped", "scaled", "centred".

    y_pred : ndarray of shape (n_images,), default=None
        What the pictures are taken for.

    Attributes
    ----------
    axes_ : ndarray of shape (n_images, n_stages) of matplotlib.axes.Axes
        What it was drawn on last.

    figure_ : matplotlib.figure.Figure
        The figure of those axes.

    See Also
    --------
    DigitNormalizer : What it shows.
    PredictionsDisplay : Images and what a classifier takes them for.

    Examples
    --------
    >>> import numpy as np
    >>> from skdigits import DigitNormalizer, NormalizationDisplay
    >>> photo = np.full((90, 60), 200, np.uint8)  # light paper
    >>> photo[20:70, 25:32] = 40  # a "1" in dark ink
    >>> display = NormalizationDisplay.from_estimator(DigitNormalizer(), [photo])
    >>> {name: image.shape for name, image in display.stages[0].items()}
    {'raw': (90, 60), 'background removed': (90, 60), 'cropped': (50, 7),
    'scaled': (22, 5), 'centred': (28, 28)}
    """

    def __init__(self, *, stages, y_pred=None):
        self.stages = stages
        self.y_pred = y_pred

    @classmethod
    def from_estimator(cls, estimator, X, *, n_images=5, ax=None, **kwargs):
        """Normalise pictures and show every step.

        Parameters
        ----------
        estimator : DigitNormalizer, or Pipeline that starts with one
            Need not be fitted. What each picture is taken for is shown, too, by a
            fitted pipeline that ends in a classifier.

        X : array-like of shape (n_samples, height, width[, n_channels]), list of \
array-like, or {array-like, dataframe} of shape (n_samples, n_pixels)
            The pictures, as :meth:`DigitNormalizer.transform` takes them.

        n_images : int, default=5
            How many pictures to show at most, from the first.

        ax : matplotlib.axes.Axes, default=None
            Where to draw: its place is split. None for a new figure.

        **kwargs : dict
            For matplotlib's ``imshow``.

        Returns
        -------
        display : NormalizationDisplay

        Raises
        ------
        TypeError
            If `estimator` is neither a normaliser nor a pipeline that starts with one,
            or `n_images` is not an integer.

        ValueError
            If `X` is no pictures or of none, or `n_images` is less than one.
        """
        check_scalar(n_images, "n_images", Integral, min_val=1)
        normalizer = _first_step(estimator)
        n_samples = number_of_images(X)
        X = _safe_indexing(X, np.arange(min(n_images, n_samples)))
        stages = normalization_stages(normalizer, X)
        predicts = is_classifier(estimator) and _is_fitted(estimator)
        display = cls(stages=stages, y_pred=estimator.predict(X) if predicts else None)
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw, without normalising anew.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw: its place is split. None for a new figure.

        **kwargs : dict
            For matplotlib's ``imshow``.

        Returns
        -------
        display : NormalizationDisplay
        """
        check_axes(ax)
        shape = len(self.stages), len(STAGES)
        # And room for the words. Rounded, or 3.9999999999999996 inches are a pixel less
        # than 4, which matplotlib before 3.11.1 rounds down.
        height, width = np.round(_INCHES_PER_CELL * np.array(shape) + (0.4, 0.6), 2)
        grid, self.figure_ = split_axes(ax, shape, (width, height))
        self.axes_ = np.empty(shape, dtype=object)
        for row, stages in enumerate(self.stages):
            for column, name in enumerate(STAGES):
                cell = self.figure_.add_subplot(grid[row, column])
                # Bright is what has a high value, as on a screen
                limits = limits_of(stages[name]) if name == "raw" else (0, 1)
                style = image_style(limits, kwargs, cmap="gray")
                cell.imshow(stages[name], **style)
                image_axes(cell)
                cell.spines[:].set(visible=True, color="0.8")
                if row == 0:
                    cell.set_title(name, fontsize=FONT_SIZE)
                self.axes_[row, column] = cell
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
    model = getattr(estimator, "best_estimator_", estimator)
    first = model.steps[0][1] if hasattr(model, "steps") else model
    if not isinstance(first, DigitNormalizer):
        raise TypeError(
            "estimator must be a DigitNormalizer, or a pipeline that starts with one. "
            f"Got {type(first).__name__}."
        )
    return first

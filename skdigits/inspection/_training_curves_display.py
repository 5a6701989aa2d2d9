"""TrainingCurvesDisplay: loss and accuracy by epoch."""

from collections.abc import Mapping
from typing import Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.ticker import AutoLocator
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator

from skdigits.inspection._base import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    SKY_BLUE,
    VERMILION,
    AxesLike,
    Style,
    artist_style,
    figure_of,
    rows_and_columns,
    several_axes,
)
from skdigits.inspection._drawing import as_text
from skdigits.inspection._validation import unwrap

_TRAINING = {"linestyle": "-", "marker": "o"}
_VALIDATION = {"linestyle": "--", "marker": "s"}

# Colours of training and validation; the next pair is for the next curves in the axes
_COLORS = ((BLUE, VERMILION), (GREEN, PURPLE), (SKY_BLUE, ORANGE))

# Axes wider than this multiple of their height are split side by side
_WIDE = 1.5

# More markers would hide the lines
_MOST_MARKERS = 30


class TrainingCurvesDisplay:
    """Loss and accuracy by epoch, in training and validation.

    The epoch whose weights were kept is marked, if the classifier was trained with
    early stopping. A `scoring` other than accuracy and loss has axes of its own. Use
    :meth:`from_estimator` to make one.

    Parameters
    ----------
    history : dict of str to array-like of shape (n_epochs,)
        As `history_` has it: ``"loss"`` and ``"accuracy"``, and ``"val_loss"``,
        ``"val_accuracy"`` and ``"val_score"`` if available. NaN leaves a gap.

    best_epoch : int, default=None
        The epoch whose weights were kept, counted from 1. None to mark none.

    name : str, default=None
        The name of the classifier, for the legend.

    Attributes
    ----------
    axes_ : ndarray of shape (2,) or (3,) of matplotlib.axes.Axes
        The axes of the last plot: those of the loss, of the accuracy and, if
        `history` has ``"val_score"``, of the score.

    figure_ : matplotlib.figure.Figure
        The figure of those axes.

    lines_ : dict of str to matplotlib.lines.Line2D
        The curves, by their name in `history`.

    best_epoch_lines_ : list of matplotlib.lines.Line2D
        The marks of the best epoch, one on each of the axes, if there is one.

    See Also
    --------
    sklearn.model_selection.LearningCurveDisplay : Scores by number of samples.

    Notes
    -----
    Training values are means over the epoch, while the weights change, and include
    dropout, label smoothing and augmentation. Validation values are computed at the end
    of the epoch without these, and may therefore be better.

    Examples
    --------
    >>> from skdigits import MLPDigitClassifier, TrainingCurvesDisplay, load_mnist
    >>> train = load_mnist("train")
    >>> classifier = MLPDigitClassifier(
    ...     (32,), epochs=5, early_stopping=True, random_state=0
    ... ).fit(train.images[:500] / 255, train.target[:500])
    >>> display = TrainingCurvesDisplay.from_estimator(classifier)
    >>> sorted(display.lines_)
    ['accuracy', 'loss', 'val_accuracy', 'val_loss']
    """

    def __init__(
        self,
        *,
        history: Mapping[str, ArrayLike],
        best_epoch: int | None = None,
        name: str | None = None,
    ) -> None:
        self.history = history
        self.best_epoch = best_epoch
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        *,
        ax: AxesLike = None,
        name: str | None = None,
        line_kw: Style = None,
    ) -> Self:
        """Show how a classifier was trained.

        Parameters
        ----------
        estimator : MLPDigitClassifier, or a pipeline that ends in one, or a search
            Fitted. Of a search, such as
            :class:`~sklearn.model_selection.GridSearchCV`, the best is shown.

        ax : matplotlib.axes.Axes or array-like of them, default=None
            Where to draw: single axes, which are split, or as many as there are in
            `axes_`. None for a new figure. Curves in these axes are kept.

        name : str, default=None
            The name of the classifier, for the legend.

        line_kw : dict, default=None
            For matplotlib's ``plot``.

        Returns
        -------
        display : TrainingCurvesDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If `estimator` is not fitted.

        TypeError
            If `estimator` has no :class:`MLPDigitClassifier`, or `ax` is not axes.

        ValueError
            If `ax` is neither one nor as many axes as there are quantities to draw.
        """
        _, classifier = unwrap(estimator)
        best_epoch = classifier.best_epoch_
        display = cls(
            history=classifier.history_,
            best_epoch=None if best_epoch is None else best_epoch + 1,
            name=name,
        )
        return display.plot(ax=ax, line_kw=line_kw)

    def plot(self, ax: AxesLike = None, *, line_kw: Style = None) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or array-like of them, default=None
            Where to draw: single axes, which are split, or as many as there are in
            `axes_`. None for a new figure. Curves in these axes are kept.

        line_kw : dict, default=None
            For matplotlib's ``plot``.

        Returns
        -------
        display : TrainingCurvesDisplay
        """
        quantities = ["loss", "accuracy"]
        if "val_score" in self.history:
            quantities.append("score")
        axes = _axes(ax, len(quantities))
        for line in self._drawn_on(axes):
            line.remove()
        colors = _unused_colors(axes[0])
        self.lines_: dict[str, Line2D] = {}
        self.best_epoch_lines_: list[Line2D] = []
        for axis, quantity in zip(axes, quantities, strict=True):
            self._draw_curves(axis, quantity, colors, line_kw)
            if self.best_epoch is not None:
                self._mark_best_epoch(axis, colors)
            axis.set(xlabel="Epoch", ylabel=quantity.capitalize())
            axis.xaxis.set_major_locator(AutoLocator())
            axis.xaxis.get_major_locator().set_params(integer=True)
            if axis.dataLim.x1 <= 1:
                axis.set_xticks([1])
        # One legend for all axes, opaque so that lines do not shine through
        axes[0].legend(
            framealpha=1, fontsize="medium" if self.name is None else "small"
        )
        self.axes_, self.figure_ = axes, figure_of(axes[0])
        return self

    def _draw_curves(self, ax, quantity, colors, line_kw):
        prefix = "" if self.name is None else f"{as_text(self.name)}, "
        for key, label, color, style in (
            (quantity, "training", colors[0], _TRAINING),
            (f"val_{quantity}", "validation", colors[1], _VALIDATION),
        ):
            if key not in self.history:
                continue
            values = self.history[key]
            own = {"label": f"{prefix}{label}", "color": color, "markersize": 4}
            if len(values) > _MOST_MARKERS:
                own["marker"] = ""
            style = artist_style(Line2D, style | own, line_kw)
            (self.lines_[key],) = ax.plot(np.arange(len(values)) + 1, values, **style)

    def _mark_best_epoch(self, ax, colors):
        named = self.name is not None
        line = ax.axvline(
            self.best_epoch,
            color=colors[0] if named else "0.3",
            linestyle=":",
            # The colour shows the classifier; many labels would hide the curves
            label=None if named else f"best epoch: {self.best_epoch}",
            zorder=1,
        )
        self.best_epoch_lines_.append(line)

    def _drawn_on(self, axes):
        """Return the lines of this display that axes have."""
        lines = [*getattr(self, "lines_", {}).values()]
        lines += getattr(self, "best_epoch_lines_", [])
        return [line for line in lines if line.axes in list(axes)]


def _unused_colors(ax):
    """Return the first colours that no line has, or the first where all are used."""
    used = {to_hex(line.get_color()).upper() for line in ax.lines}
    return next((pair for pair in _COLORS if used.isdisjoint(pair)), _COLORS[0])


def _axes(ax, n_axes):
    shape, gaps = (1, n_axes), {}
    if isinstance(ax, Axes):
        place = ax.get_window_extent()
        is_wide = place.width > _WIDE * place.height
        shape = (1, n_axes) if is_wide else (n_axes, 1)
        if ax.figure.get_layout_engine() is None:
            # A layout engine makes room for the text itself
            gaps = {"wspace": 0.35, "hspace": 0.35}
    figsize = 4.5 * n_axes, 3.5
    return several_axes(ax, rows_and_columns(*shape), figsize, add=True, **gaps).ravel()

"""TrainingCurvesDisplay: loss and accuracy by epoch."""

import numpy as np

from skdigits.inspection._drawing import artist_style, check_axes, split_axes
from skdigits.inspection._validation import unwrap

_TRAINING = {"color": "#0072B2", "linestyle": "-", "marker": "o"}
_VALIDATION = {"color": "#D55E00", "linestyle": "--", "marker": "s"}

# Wider axes, as a multiple of their height, are split side by side
_WIDE = 1.5

# Beyond, markers would hide the lines
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
        ``"val_accuracy"`` and ``"val_score"`` if there are such. NaN leaves a gap.

    best_epoch : int, default=None
        The epoch whose weights were kept, counted from 1. None to mark none.

    Attributes
    ----------
    axes_ : ndarray of shape (2,) or (3,) of matplotlib.axes.Axes
        What it was drawn on last: the axes of the loss, of the accuracy and, if
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
    The training figures are means over the epoch, taken while the weights were
    changing, and with dropout, label smoothing and augmentation. Those of validation
    are without, and taken at the end of the epoch. Validation may so look better.

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

    def __init__(self, *, history, best_epoch=None):
        self.history = history
        self.best_epoch = best_epoch

    @classmethod
    def from_estimator(cls, estimator, *, ax=None, line_kw=None):
        """Show how a classifier was trained.

        Parameters
        ----------
        estimator : MLPDigitClassifier, or a pipeline that ends in one, or a search
            Fitted. Of a search, such as
            :class:`~sklearn.model_selection.GridSearchCV`, the best is shown.

        ax : matplotlib.axes.Axes or array-like of them, default=None
            Where to draw: axes for each quantity, or single axes, which are split.
            None for a new figure.

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
            If `estimator` has no :class:`MLPDigitClassifier`, or `ax` is no axes.

        ValueError
            If `ax` is neither one nor as many axes as there are quantities to draw.
        """
        _, classifier = unwrap(estimator)
        best_epoch = classifier.best_epoch_
        display = cls(
            history=classifier.history_,
            best_epoch=None if best_epoch is None else best_epoch + 1,
        )
        return display.plot(ax=ax, line_kw=line_kw)

    def plot(self, ax=None, *, line_kw=None):
        """Draw.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or array-like of them, default=None
            Where to draw: axes for each quantity, or single axes, which are split.
            None for a new figure.

        line_kw : dict, default=None
            For matplotlib's ``plot``.

        Returns
        -------
        display : TrainingCurvesDisplay
        """
        from matplotlib.lines import Line2D

        names = ["loss", "accuracy"]
        if "val_score" in self.history:
            names.append("score")
        axes = _axes(ax, len(names))
        n_epochs = len(self.history["loss"])
        self.lines_, self.best_epoch_lines_ = {}, []
        for axis, name in zip(axes, names, strict=True):
            for key, label, style in (
                (name, "training", _TRAINING),
                (f"val_{name}", "validation", _VALIDATION),
            ):
                values = self.history.get(key)
                if values is not None:
                    epochs = np.arange(n_epochs) + 1
                    style = artist_style(
                        Line2D, _style(style, n_epochs) | {"label": label}, line_kw
                    )
                    (line,) = axis.plot(epochs, values, **style)
                    self.lines_[key] = line
            if self.best_epoch is not None:
                line = axis.axvline(
                    self.best_epoch,
                    color="0.3",
                    linestyle=":",
                    label=f"best epoch: {self.best_epoch}",
                    zorder=1,
                )
                self.best_epoch_lines_.append(line)
            axis.set(xlabel="Epoch", ylabel=name.capitalize())
            axis.xaxis.get_major_locator().set_params(integer=True)
            if n_epochs == 1:
                axis.set_xticks([1])
        # One serves both, and must not let the lines shine through
        axes[0].legend(framealpha=1)
        self.axes_ = axes
        self.figure_ = axes[0].figure
        return self


def _style(style, n_epochs):
    marker = style["marker"] if n_epochs <= _MOST_MARKERS else ""
    return style | {"marker": marker, "markersize": 4}


def _axes(ax, n_axes):
    from matplotlib.axes import Axes

    if ax is not None and not isinstance(ax, Axes):
        axes = np.asarray(ax, dtype=object).ravel()
        if not all(isinstance(item, Axes) for item in axes):
            raise TypeError(
                f"ax must be a matplotlib.axes.Axes, {n_axes} of them, or None. Got "
                f"{type(ax).__name__}."
            )
        if len(axes) != n_axes:
            raise ValueError(
                f"ax must be one matplotlib.axes.Axes, or {n_axes}. Got an array of "
                f"{len(axes)}."
            )
        return axes
    check_axes(ax)
    shape, gaps = (1, n_axes), {}
    if ax is not None:
        place = ax.get_window_extent()
        is_wide = place.width > _WIDE * place.height
        shape = (1, n_axes) if is_wide else (n_axes, 1)
        if ax.figure.get_layout_engine() is None:
            # Else the layout makes room for the words
            gaps = {"wspace": 0.35, "hspace": 0.35}
    grid, figure = split_axes(ax, shape, (4.5 * n_axes, 3.5), **gaps)
    return np.array([figure.add_subplot(cell) for cell in grid], dtype=object)

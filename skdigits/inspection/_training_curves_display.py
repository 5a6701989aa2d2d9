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
    early stopping. Use :meth:`from_estimator` to make one.

    Parameters
    ----------
    history : dict of str to array-like of shape (n_epochs,)
        ``"loss"`` and ``"accuracy"``, and ``"val_loss"`` and ``"val_accuracy"`` if
        there are such. Shorter ones are of the last epochs.

    best_epoch : int, default=None
        The epoch whose weights were kept, counted from 1. None to mark none.

    Attributes
    ----------
    axes_ : ndarray of shape (2,) of matplotlib.axes.Axes
        What it was drawn on last: the axes of the loss and those of the accuracy.

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

        ax : matplotlib.axes.Axes or array-like of two of them, default=None
            Where to draw. Single axes are split in two. None for a new figure.

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
            If `ax` is not one or two axes.
        """
        _, classifier = unwrap(estimator)
        display = cls(history=_curves(classifier), best_epoch=classifier._best_epoch)
        return display.plot(ax=ax, line_kw=line_kw)

    def plot(self, ax=None, *, line_kw=None):
        """Draw.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or array-like of two of them, default=None
            Where to draw. Single axes are split in two. None for a new figure.

        line_kw : dict, default=None
            For matplotlib's ``plot``.

        Returns
        -------
        display : TrainingCurvesDisplay
        """
        from matplotlib.lines import Line2D

        axes = _two_axes(ax)
        n_epochs = len(self.history["loss"])
        self.lines_, self.best_epoch_lines_ = {}, []
        for axis, name in zip(axes, ("loss", "accuracy"), strict=True):
            for key, label, style in (
                (name, "training", _TRAINING),
                (f"val_{name}", "validation", _VALIDATION),
            ):
                values = self.history.get(key)
                if values is not None:
                    epochs = np.arange(n_epochs - len(values), n_epochs) + 1
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


def _two_axes(ax):
    from matplotlib.axes import Axes

    if ax is not None and not isinstance(ax, Axes):
        axes = np.asarray(ax, dtype=object).ravel()
        if not all(isinstance(item, Axes) for item in axes):
            raise TypeError(
                "ax must be a matplotlib.axes.Axes, two of them, or None. Got "
                f"{type(ax).__name__}."
            )
        if len(axes) != 2:
            raise ValueError(
                "ax must be one matplotlib.axes.Axes, or two. Got an array of "
                f"{len(axes)}."
            )
        return axes
    check_axes(ax)
    shape, gaps = (1, 2), {}
    if ax is not None:
        place = ax.get_window_extent()
        shape = (1, 2) if place.width > _WIDE * place.height else (2, 1)
        if ax.figure.get_layout_engine() is None:
            # Else the layout makes room for the words
            gaps = {"wspace": 0.35, "hspace": 0.35}
    grid, figure = split_axes(ax, shape, (9, 3.5), **gaps)
    return np.array([figure.add_subplot(cell) for cell in grid], dtype=object)


def _curves(classifier):
    """Return the curves of a history, which of the last epochs alone were validated.

    A history does not tell which epochs were validated, if only some fits with
    ``warm_start=True`` stopped early; `validation_scores_` are of the last epochs.
    """
    history = {
        name: classifier.history_[name]
        for name in ("loss", "accuracy", "val_loss", "val_accuracy")
        if name in classifier.history_
    }
    n_validated = len(classifier.validation_scores_ or [])
    for name in ("val_loss", "val_accuracy"):
        if n_validated:
            history[name] = history[name][-n_validated:]
        elif name in history and len(history[name]) < len(history["loss"]):
            del history[name]
    return history

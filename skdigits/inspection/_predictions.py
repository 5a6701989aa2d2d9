"""Which images PredictionsDisplay shows, and its bars."""

import numpy as np

from skdigits.inspection._drawing import POINTS_PER_INCH, artist_style, as_text

# Which images to show
SHOW = ("all", "errors", "least_confident")

_MOST_BARS = 10

_FONT_SIZE = 7

# Fewer are not to be fatter
_LEAST_ROOM = 5

_PREDICTED = {"color": "#0072B2"}
_TRUE = {"facecolor": "#F0C35E", "edgecolor": "0.2", "hatch": "//////", "linewidth": 1}
_OTHER = {"color": "0.7"}


def choose(show, y_pred, y, probabilities):
    """Return the places of the images that are asked for, the foremost first."""
    if show == "errors":
        if y is None:
            raise ValueError("show='errors' needs the true labels, y. Got None.")
        wrong = np.flatnonzero(y_pred != y)
        if probabilities is None:
            return wrong
        return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")]
    if show == "least_confident":
        if probabilities is None:
            raise ValueError(
                "show='least_confident' needs an estimator that has predict_proba."
            )
        return np.argsort(probabilities.max(axis=1), kind="stable")
    return np.arange(len(y_pred))


def draw_bars(ax, probabilities, classes, *, predicted, true, **kwargs):
    """Draw the probabilities of the most probable classes, and of the true one.

    Parameters
    ----------
    ax : matplotlib.axes.Axes

    probabilities, classes : ndarray of shape (n_classes,)

    predicted, true : label
        Drawn in styles of their own; `true` may be None.

    **kwargs : dict
        For ``barh``.

    Returns
    -------
    bars : matplotlib.container.BarContainer
    """
    from matplotlib.patches import Rectangle

    is_true = np.zeros(len(classes), bool) if true is None else classes == true
    order = np.argsort(-(probabilities + 2 * is_true), kind="stable")
    shown = np.sort(order[:_MOST_BARS])
    style = artist_style(Rectangle, _OTHER, kwargs)
    bars = ax.barh(np.arange(len(shown)), probabilities[shown], **style)
    for bar, number in zip(bars, shown, strict=True):
        if classes[number] == predicted:
            bar.set(**_PREDICTED)
        elif is_true[number]:
            bar.set(**_TRUE)
    ax.set_yticks(np.arange(len(shown)), [as_text(label) for label in classes[shown]])
    ax.tick_params(length=0, labelsize=_FONT_SIZE)
    middle, room = (len(shown) - 1) / 2, max(len(shown), _LEAST_ROOM) / 2
    ax.set(xlim=(0, 1), ylim=(middle + room, middle - room), xticks=[0, 1])
    ax.spines[["top", "right"]].set_visible(False)
    return bars


def shrink_labels(axes):
    """Let the labels of bars fit, however small the place that a user gave is."""
    figure = axes[0].get_figure(root=True)
    figure.draw_without_rendering()
    height = axes[0].get_window_extent().height * POINTS_PER_INCH / figure.dpi
    room = height / np.ptp(axes[0].get_ylim())
    for ax in axes:
        ax.tick_params(axis="y", labelsize=min(_FONT_SIZE, room / 1.3))

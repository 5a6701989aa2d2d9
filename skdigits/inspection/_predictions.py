"""Which images PredictionsDisplay shows, and its bars."""

import numpy as np
from matplotlib.patches import Rectangle

from skdigits.inspection._base import BLUE, LIGHT_ORANGE, artist_style
from skdigits.inspection._drawing import POINTS_PER_INCH, as_text

# Which images to show
SHOW = ("all", "errors", "least_confident")

_MOST_BARS = 10

FONT_SIZE = 8

# With fewer bars, there is room for this many, so that bars are not too thick
_LEAST_ROOM = 5

_STYLES = {
    "other": {"color": "0.7", "edgecolor": "none", "hatch": "", "linewidth": 1.0},
    "true": {
        "color": LIGHT_ORANGE,
        "edgecolor": "0.2",
        "hatch": "//////",
        "linewidth": 1.0,
    },
    "predicted": {"color": BLUE, "edgecolor": "none", "hatch": "", "linewidth": 1.0},
}


def choose(show, y_pred, y_true, probabilities, *, name):
    """Return the places of the images that are asked for, the foremost first.

    Parameters
    ----------
    show : {"all", "errors", "least_confident"}

    y_pred : ndarray of shape (n_images,)

    y_true : ndarray of shape (n_images,) or None

    probabilities : ndarray of shape (n_images, n_classes) or None

    name : str
        The parameter that has `y_true`, for messages.

    Returns
    -------
    chosen : ndarray of int
    """
    if show == "errors":
        if y_true is None:
            raise ValueError(f"show='errors' needs the true labels, {name}. Got None.")
        wrong = np.flatnonzero(y_pred != y_true)
        if probabilities is None:
            return wrong
        return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")]
    if show == "least_confident":
        if probabilities is None:
            raise ValueError(
                "show='least_confident' needs probabilities: y_proba, or an estimator "
                "that has predict_proba. Got neither."
            )
        return np.argsort(probabilities.max(axis=1), kind="stable")
    return np.arange(len(y_pred))


def draw_bars(ax, probabilities, classes, *, predicted, true, given=None):
    """Draw the probabilities of the most probable classes, and of the true one.

    Parameters
    ----------
    ax : matplotlib.axes.Axes

    probabilities, classes : ndarray of shape (n_classes,)

    predicted, true : label
        Drawn in styles of their own; `true` may be None.

    given : dict or None
        `bar_kw`, for ``barh``.

    Returns
    -------
    bars : matplotlib.container.BarContainer
    """
    is_true = np.zeros(len(classes), bool) if true is None else classes == true
    order = np.argsort(-(probabilities + 2 * is_true), kind="stable")
    shown = np.sort(order[:_MOST_BARS])
    kinds = np.where(is_true, "true", "other").astype(object)
    kinds[classes == predicted] = "predicted"
    styles = [_STYLES[kind] for kind in kinds[shown]]
    # A value for each bar
    style = {name: [style[name] for style in styles] for name in styles[0]}
    bars = ax.barh(
        np.arange(len(shown)),
        probabilities[shown],
        **artist_style(Rectangle, style, given),
    )
    ax.set_yticks(np.arange(len(shown)), [as_text(label) for label in classes[shown]])
    ax.tick_params(length=0, labelsize=FONT_SIZE)
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
        ax.tick_params(axis="y", labelsize=min(FONT_SIZE, room / 1.3))

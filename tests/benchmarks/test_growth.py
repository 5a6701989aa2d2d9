"""How the time of a fit grows with the images and with the epochs."""

from statistics import median

import numpy as np
from contenders import (
    SCIKIT_LEARN,
    SKDIGITS,
    forget_networks,
    scikit_learn_classifier,
    skdigits_classifier,
)
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from measuring import Contender, take_turns
from scipy.stats import linregress
from table import at_least, show_number

CLASSIFIERS = {SKDIGITS: skdigits_classifier, SCIKIT_LEARN: scikit_learn_classifier}

# As (images, epochs) of a fit. In all of them skdigits has XLA compile the network,
# which takes a second; fits of fewer steps do without and are on another line.
SIZES = {
    "images": [(20_000, 8), (30_000, 8), (40_000, 8), (60_000, 8)],
    "epochs": [(20_000, 8), (20_000, 12), (20_000, 16), (20_000, 20)],
}


def test_the_time_of_a_fit_grows_linearly_with_images_and_epochs(
    benchmark, table, mnist, pytestconfig
):
    X, y = mnist

    def fit(classifier, n_images, epochs):
        return lambda: classifier(epochs).fit(X[:n_images], y[:n_images])

    seconds = take_turns(
        benchmark,
        [
            Contender(
                name_of(name, size), fit(classifier, *size), prepare=forget_networks
            )
            for name, classifier in CLASSIFIERS.items()
            for size in dict.fromkeys(
                size for sizes in SIZES.values() for size in sizes
            )
        ],
        rounds=3,
        warm_up=False,
    )
    missed = []
    lines = {}
    for grows in SIZES:
        for name in CLASSIFIERS:
            lines[grows, name] = Line(grows, name, seconds)
        missed += table.limit(
            f"R² of a line through the time of a fit, by {grows}",
            lines[grows, SKDIGITS].r_squared,
            at_least(0.98),
            show=show_number,
        )
    path = pytestconfig.getoption("plot")
    if path:
        draw(lines).savefig(path, dpi=150)
    assert not missed


def name_of(classifier, size):
    n_images, epochs = size
    return f"{classifier}, {n_images:,} images, {epochs} epochs"


class Line:
    """A straight line through the medians of the rounds."""

    def __init__(self, grows, classifier, seconds):
        place = list(SIZES).index(grows)
        self.x = np.array([size[place] for size in SIZES[grows]])
        self.y = np.array(
            [median(seconds[name_of(classifier, size)]) for size in SIZES[grows]]
        )
        fitted = linregress(self.x, self.y)
        self.slope, self.intercept = fitted.slope, fitted.intercept
        self.r_squared = float(fitted.rvalue**2)

    def at(self, x):
        return self.intercept + self.slope * x


def draw(lines):
    """Plot points and lines, told apart by markers and dashes too."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    panels = figure.subplots(1, 2)
    styles = {
        SKDIGITS: {"color": "black", "marker": "o", "linestyle": "-"},
        SCIKIT_LEARN: {"color": "0.5", "marker": "s", "linestyle": "--"},
    }
    for panel, (grows, sizes) in zip(panels, SIZES.items(), strict=True):
        for name, style in styles.items():
            line = lines[grows, name]
            ends = line.x[[0, -1]]
            panel.plot(
                ends, line.at(ends), color=style["color"], linestyle=style["linestyle"]
            )
            panel.plot(line.x, line.y, style["marker"], color=style["color"])
            # For the legend alone: the line with its marker.
            panel.plot([], [], **style, label=f"{name}, R² = {line.r_squared:.3f}")
        n_images, epochs = sizes[0]
        constant = f"{epochs} epochs" if grows == "images" else f"{n_images:,} images"
        panel.set(
            title=f"{constant.capitalize()}",
            xlabel=f"number of {grows}",
            ylabel="time of a fit (s)",
            xlim=(0, None),
            ylim=(0, None),
        )
        panel.legend(loc="upper left", frameon=False)
    panels[1].xaxis.set_major_locator(MaxNLocator(integer=True))
    panels[0].xaxis.set_major_formatter("{x:,.0f}")
    return figure

"""
Compare with logistic regression and a support vector machine
=============================================================

Which classifier to take depends on how many images there are, and on how long fitting
and predicting may take. This example measures three on growing numbers of images, as
long as that takes seconds, and then shows a recorded measurement on all of MNIST, which
takes minutes. It takes about twenty seconds on two cores::

    python examples/plot_compare_classifiers.py
"""

# %%
# Growing numbers of images
# -------------------------
# The same pixels, scaled the same way, for all three. Before time is taken, the network
# is fitted once to each number of images: importing TensorFlow and compiling the
# network take seconds in every process, and would be counted as part of the first fits.

import json
import sys
from pathlib import Path
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist

train, test = load_mnist("train"), load_mnist("test")
X_test, y_test = test.images[:2000], test.target[:2000]
classifiers = [
    LogisticRegression(C=0.1, max_iter=1000),
    SVC(C=10),
    MLPDigitClassifier(random_state=0),
]
sizes = [500, 1000, 2000, 4000]
for size in sizes:
    model = make_pipeline(FlattenScaler(), classifiers[-1])
    model.fit(train.images[:size], train.target[:size])

measured = {}
for classifier in classifiers:
    name = type(classifier).__name__
    model = make_pipeline(FlattenScaler(), classifier)
    for size in sizes:
        start = perf_counter()
        model.fit(train.images[:size], train.target[:size])
        fitted = perf_counter()
        accuracy = model.score(X_test, y_test)
        seconds = fitted - start, perf_counter() - fitted
        measured.setdefault(name, []).append((100 * (1 - accuracy), *seconds))
    print(f"{name:18} {accuracy:.2%} right after {size:,} images")

# %%
# Look at the slopes, more than at the heights. The errors are still falling, and not
# all at the same rate. A support vector machine predicts by comparing each image with
# those of the training set that it has kept, its support vectors, so the more it
# has learned from, the longer each prediction takes; a network and a logistic
# regression predict in the same time however many images they have seen. All scales are
# logarithmic, so a line twice as steep is a power twice as high.

styles = {
    "LogisticRegression": {"color": "0.5", "marker": "^", "linestyle": ":"},
    "SVC": {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    "MLPClassifier": {"color": "#009E73", "marker": "D", "linestyle": "-."},
    "MLPDigitClassifier": {"color": "#56B4E9", "marker": "o", "linestyle": "-"},
    "MLPDigitClassifier, elastic": {"color": "#0072B2", "marker": "o"},
}
figure, axes = plt.subplots(1, 3, figsize=(11, 3.8), layout="constrained")
for name, values in measured.items():
    for ax, curve in zip(axes, np.transpose(values), strict=True):
        ax.plot(sizes, curve, label=name, **styles[name])
titles = "wrong test images (%)", "seconds to fit", "seconds to predict 2,000"
for ax, title in zip(axes, titles, strict=True):
    ax.set(title=title, xlabel="training images", xscale="log", yscale="log")
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.minorticks_off()
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=8))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.3)
axes[0].yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)

# %%
# All of MNIST
# ------------
# On 60,000 images some of these fits take minutes, so this is a record. In a clone of
# the repository, ::
#
#     python examples/compare_classifiers.py --full \
#         --figures docs/results/compare_classifiers.json
#
# makes it anew. scikit-learn's own network, with the same layers and as many epochs, is
# part of it. The record is older than the row of the distorted network.

RECORD = "docs/results/compare_classifiers.json"
try:
    # A program's name, and Sphinx-Gallery gives an example the same
    record = json.loads((Path(sys.argv[0]).resolve().parents[1] / RECORD).read_text())
except FileNotFoundError as error:
    raise FileNotFoundError(
        f"There is no record of a full run. To make it: python "
        f"examples/compare_classifiers.py --full --figures {RECORD}"
    ) from error

rows = sorted(record["rows"], key=lambda row: row["accuracy"])
print(
    f"{record['train_size']:,} training images\n\n"
    f"{'':27}  {'accuracy':>8}  {'95% interval':>16}  {'fit':>7}  "
    f"{'predict':>8}  {'pickled':>8}"
)
for row in reversed(rows):
    low, high = row["interval"]
    print(
        f"{row['name']:27}  {row['accuracy']:8.2%}  {low:7.2%}-{high:.2%}  "
        f"{row['fit_seconds']:5.1f} s  {row['predict_seconds']:6.2f} s  "
        f"{row['megabytes']:5.2f} MB"
    )

# %%
# Errors against each of their prices, again on logarithmic scales: the best place is
# the lower left corner. The bars are 95% confidence intervals: another 10,000 images
# would give another number of errors. Where those of two classifiers overlap much, let
# the price decide.

figure, axes = plt.subplots(
    1,
    3,
    figsize=(11, 4),
    sharey=True,
    gridspec_kw={"wspace": 0.05},
    layout="constrained",
)
prices = {
    "fit_seconds": "seconds to fit",
    "predict_seconds": "seconds to predict 10,000",
    "megabytes": "megabytes, pickled",
}
for ax, (price, title) in zip(axes, prices.items(), strict=True):
    for row in rows:
        errors = 100 * (1 - row["accuracy"])
        low, high = row["interval"]
        ends = [[errors - 100 * (1 - high)], [100 * (1 - low) - errors]]
        style = styles[row["name"]] | {"linestyle": "none"}
        ax.errorbar(
            row[price], errors, ends, label=row["name"], capsize=4, ms=8, **style
        )
    ax.set(xlabel=title, xscale="log", yscale="log")
    ax.margins(x=0.15)
    ax.minorticks_off()
    low, high = ax.get_xlim()
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 100 * low else (1,)))
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter("{x:g}")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.3)
axes[0].set_ylabel("wrong test images (%)")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=5)

plt.show()

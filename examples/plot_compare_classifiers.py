"""
Compare with logistic regression and a support vector machine
=============================================================

Which classifier is best depends on the number of images, and on how long fitting and
predicting may take. This example fits three classifiers to growing numbers of images.
It then shows a recorded measurement on all of MNIST, which takes minutes. The example
takes about twenty seconds on two cores.

To run it::

    python examples/plot_compare_classifiers.py
"""

# %%
# Growing numbers of images
# -------------------------
# All three classifiers get the same pixels, scaled in the same way.

import matplotlib.pyplot as plt
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
errors = {}
for classifier in classifiers:
    name = type(classifier).__name__
    model = make_pipeline(FlattenScaler(), classifier)
    for size in sizes:
        model.fit(train.images[:size], train.target[:size])
        accuracy = model.score(X_test, y_test)
        errors.setdefault(name, []).append(100 * (1 - accuracy))
    print(f"{name:18} {accuracy:.2%} right after {size:,} images")

# %%
# Look at the slopes more than at the heights. The errors still fall, and some fall
# faster than others. Both axes are logarithmic, so a straight line is a power law, and
# its slope is the exponent.

styles = {
    "LogisticRegression": {"color": "0.5", "marker": "^", "linestyle": ":"},
    "SVC": {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    "MLPClassifier": {"color": "#009E73", "marker": "D", "linestyle": "-."},
    "MLPDigitClassifier": {"color": "#56B4E9", "marker": "o", "linestyle": "-"},
    "MLPDigitClassifier, elastic": {"color": "#0072B2", "marker": "o"},
}
figure, ax = plt.subplots(figsize=(7, 4.9), layout="constrained")
for name, values in errors.items():
    ax.plot(sizes, values, label=name, **styles[name])
ax.set(
    xlabel="training images", ylabel="wrong test images (%)", xscale="log", yscale="log"
)
ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
ax.minorticks_off()
ax.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
ax.yaxis.set_major_formatter("{x:g}")
ax.spines[["top", "right"]].set_visible(False)
ax.grid(alpha=0.3)
ax.legend(frameon=False)

# %%
# All of MNIST
# ------------
# With 60,000 images, some of these fits take minutes. So the numbers here were recorded
# in a clone of the repository, on two cores of an AMD EPYC, by ::
#
#     python examples/compare_classifiers.py --full
#
# They include scikit-learn's own network, with the same layers and as many epochs. The
# intervals are 95% confidence intervals, because another 10,000 test images would give
# another number of errors.

columns = ["accuracy", "low", "high", "fit, s", "predict, s", "stored, MB"]
record = {
    "LogisticRegression": [92.60, 92.07, 93.10, 19.6, 0.039, 0.03],
    "SVC": [98.37, 98.10, 98.60, 272.8, 105.160, 74.26],
    "MLPClassifier": [98.00, 97.71, 98.26, 21.1, 0.038, 1.76],
    "MLPDigitClassifier": [98.61, 98.36, 98.82, 10.7, 0.044, 1.32],
    "MLPDigitClassifier, elastic": [99.36, 99.18, 99.50, 50.7, 0.048, 1.32],
}
print(f"{'60,000 training images':27}", *(f"{name:>10}" for name in columns))
for name, values in record.items():
    print(f"{name:27}", *(f"{value:>10.2f}" for value in values))

# %%
# To predict, a support vector machine compares each image with its support vectors, a
# part of the training images. So its predictions take longer the more images it was
# trained on. The time of a network or a logistic regression does not depend on the
# number of training images.
#
# The plots show the errors against time and size, on logarithmic axes. The best place
# is the lower left corner. If the intervals of two classifiers overlap, choose the
# faster or smaller one.

figure, axes = plt.subplots(1, 3, figsize=(11, 4), sharey=True, layout="constrained")
titles = "seconds to fit", "seconds to predict 10,000", "megabytes, pickled"
for name, (accuracy, low, high, *prices) in record.items():
    ends = [[high - accuracy], [accuracy - low]]
    style = styles[name] | {"linestyle": "none", "capsize": 4, "markersize": 8}
    for ax, price in zip(axes, prices, strict=True):
        ax.errorbar(price, 100 - accuracy, ends, label=name, **style)
for ax, title in zip(axes, titles, strict=True):
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

"""
How many images does it take?
=============================

A learning curve shows the accuracy against the number of training images. It says
whether more images would help, and which classifier is best for a number of images.
This example measures a small curve with scikit-learn's tools. It then shows a recorded
curve of five classifiers on up to 60,000 images. It takes about twenty seconds on two
cores.

To run it::

    python examples/plot_learning_curves.py
"""

# %%
# Your own learning curve
# -----------------------
# :class:`~sklearn.model_selection.LearningCurveDisplay` fits a model to a growing part
# of the data, and scores it on the same part and on other images. If the two lines are
# far apart and the lower one still rises, more images will help.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import LearningCurveDisplay, ShuffleSplit
from sklearn.pipeline import make_pipeline

from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist

train = load_mnist("train")
model = make_pipeline(FlattenScaler(), MLPDigitClassifier(random_state=0))
display = LearningCurveDisplay.from_estimator(
    model,
    train.images[:3000],
    train.target[:3000],
    train_sizes=[100, 300, 1000, 2000],
    cv=ShuffleSplit(2, test_size=1000, random_state=0),
    score_type="both",
    score_name="accuracy",
)
display.ax_.set(xlabel="training images", title="MLPDigitClassifier()")
for size, scores in zip(display.train_sizes, display.test_scores, strict=True):
    print(f"{size:>5,} images: {scores.mean():.1%} of other images right")

# %%
# Up to 60,000 images
# -------------------
# Distortion makes more images from the same ones: with ``augment="elastic"``, the
# network is trained on new variants of each image in every epoch. The effect was
# measured with all 10,000 test images, in about an hour, in a clone of the repository,
# by ::
#
#     python examples/learning_curves.py
#
# The table has the accuracy in percent, as the mean over random choices of the training
# images. The vertical axis is logarithmic in the errors: equal distances are equal
# ratios of errors.

sizes = np.array([100, 300, 1000, 3000, 10_000, 30_000, 60_000])
record = {
    "LogisticRegression": [75.13, 82.62, 87.77, 89.82, 91.39, 92.28, 92.61],
    "MLPClassifier": [76.66, 83.82, 90.20, 93.21, 95.83, 97.52, 98.00],
    "SVC": [78.12, 87.72, 93.09, 95.26, 96.89, 97.96, 98.37],
    "MLPDigitClassifier": [76.52, 84.66, 91.56, 94.24, 96.78, 97.94, 98.50],
    "MLPDigitClassifier, elastic": [91.14, 95.52, 97.56, 98.34, 98.94, 99.22, 99.32],
}
styles = {
    "MLPDigitClassifier, elastic": {"color": "#0072B2", "marker": "o", "lw": 2.5},
    "MLPDigitClassifier": {"color": "#56B4E9", "marker": "o"},
    "SVC": {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    "MLPClassifier": {"color": "#009E73", "marker": "D", "linestyle": "-."},
    "LogisticRegression": {"color": "0.6", "marker": "^", "linestyle": ":"},
}
errors = {name: 1 - np.array(record[name]) / 100 for name in styles}
# sphinx_gallery_thumbnail_number = 2
figure, ax = plt.subplots(figsize=(8, 5.6), layout="constrained")
for name, style in styles.items():
    ax.plot(sizes, errors[name], label=name, markersize=5, **style)
ax.set(xlabel="training images", ylabel="test accuracy", xscale="log", yscale="log")
ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
ticks = np.array([70, 80, 90, 95, 98, 99, 99.5])
ax.set_yticks(1 - ticks / 100, [f"{tick:g}%" for tick in ticks])
ax.minorticks_off()
ax.invert_yaxis()
ax.spines[["top", "right"]].set_visible(False)
ax.grid(alpha=0.3)
ax.legend(frameon=False)

# %%
# How many images for an accuracy
# -------------------------------
# A curve also says how many images an accuracy needs. Between the measured sizes, this
# interpolates along the straight lines of the plot.

print(f"{'images for':27} {'90%':>8} {'95%':>8} {'98%':>8}")
for name, curve in errors.items():
    cells = []
    for error in (0.1, 0.05, 0.02):
        # np.interp expects what increases
        n_images = np.exp(np.interp(-np.log(error), -np.log(curve), np.log(sizes)))
        cells.append(f"{n_images:,.0f}" if curve.min() <= error else "never")
        if curve[0] <= error:
            cells[-1] = f"< {sizes[0]}"
    print(f"{name:27}", *(f"{cell:>8}" for cell in cells))

plt.show()

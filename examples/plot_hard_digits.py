"""
Find out which digits are hard
==============================

The accuracy counts the errors, but does not show them. This example trains a network on
a part of MNIST and looks at its errors: which digits it confuses, which errors have the
highest probability, and which predictions have the lowest. Then it shows how many
errors are avoided if a person reads the uncertain images. It takes less than twenty
seconds on two cores.

To run it::

    python examples/plot_hard_digits.py
"""

# %%
# Which digits are confused
# -------------------------
# A confusion matrix has a row for each true digit and a column for each predicted
# digit. :class:`~skdigits.ConfusionImagesDisplay` adds an image to the cells with the
# most errors. The image shows whether the network or the handwriting is to blame. Look
# for pairs of digits that share strokes, such as 4 and 9.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import confusion_matrix
from sklearn.pipeline import make_pipeline

from skdigits import (
    ConfusionImagesDisplay,
    FlattenScaler,
    MLPDigitClassifier,
    PredictionsDisplay,
    load_mnist,
)

train, test = load_mnist("train"), load_mnist("test")
model = make_pipeline(FlattenScaler(), MLPDigitClassifier(random_state=0))
model.fit(train.images[:10_000], train.target[:10_000])
probabilities = model.predict_proba(test.images)
predicted = probabilities.argmax(axis=1)
wrong = predicted != test.target
print(f"wrong: {wrong.sum()} of {len(wrong)} test images")

ConfusionImagesDisplay.from_predictions(test.images, test.target, predicted, n_cells=12)

# %%
# Errors by class
# ---------------
# Each error counts for two digits: the true one, which was missed, and the predicted
# one. A digit with a long bar to the left is often missed. A digit with a long bar to
# the right is often predicted for others.

errors = confusion_matrix(test.target, predicted) * (1 - np.eye(10, dtype=int))
missed, claimed = errors.sum(axis=1), errors.sum(axis=0)
order = np.argsort(missed + claimed)
figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for values, name, color in (
    (-missed, "missed: this digit, called another", "#0072B2"),
    (claimed, "claimed: another, called this digit", "#F0C35E"),
):
    bars = ax.barh(np.arange(10), values[order], label=name, color=color)
    ax.bar_label(bars, [abs(value) for value in values[order]], padding=3)
ax.axvline(0, color="black", linewidth=0.8)
ax.set_yticks(np.arange(10), order)
ax.set(xlabel="test images", ylabel="digit")
ax.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
ax.margins(x=0.1)
ax.spines[["top", "right", "left"]].set_visible(False)
ax.tick_params(axis="y", length=0)
figure.legend(loc="outside upper center", ncols=2, frameon=False)
print("digits, the hardest first:", *order[::-1])

# %%
# Confident errors
# ----------------
# ``show="errors"`` shows the errors with the highest probability. A person might read
# some of these images as the network does. In the others, the network has learned
# something wrong.

# sphinx_gallery_thumbnail_number = 3
PredictionsDisplay.from_predictions(
    test.images, test.target, y_proba=probabilities, n_images=9, show="errors"
)

# %%
# Uncertain predictions
# ---------------------
# ``show="least_confident"`` shows the images whose predicted digit has the lowest
# probability. It needs no labels. Some predictions are right nevertheless. Look for
# what is unusual in these images: a slant, a flourish, a missing stroke. The bar of the
# true label is hatched if another digit is predicted.

PredictionsDisplay.from_predictions(
    test.images,
    test.target,
    y_proba=probabilities,
    n_images=9,
    show="least_confident",
)

# %%
# Leaving uncertain images to a person
# ------------------------------------
# If a person can read some images, set aside those with the lowest probability, and
# count the errors among the rest. If the probabilities are useful, there are fewer
# errors than after setting aside random images. The best possible curve is that of
# setting aside only errors.

confidence = probabilities.max(axis=1)
in_order = wrong[confidence.argsort(kind="stable")]
n_images, n_wrong = len(wrong), wrong.sum()
aside = np.arange(n_images // 5)
kept = n_images - aside
left = n_wrong - np.concatenate([[0], in_order.cumsum()])[aside]
best = np.maximum(n_wrong - aside, 0)

figure, ax = plt.subplots(figsize=(7.5, 4.2), layout="constrained")
percent, rate = 100 * aside / n_images, 100 * n_wrong / n_images
ax.axhline(rate, color="0.4", linestyle=":")
ax.plot(percent, 100 * left / kept, color="#0072B2", linewidth=2.5)
ax.plot(percent, 100 * best / kept, "--", color="#D55E00")
ax.text(12, 1.02 * rate, "set aside at random", va="bottom")
ax.text(5.2, 1.05 * 100 * left[500] / kept[500], "least confident first", va="bottom")
ax.text(0.5 * rate, 0.4 * rate, "errors\nfirst ", ha="right", va="center")
ax.set(
    xlabel="test images set aside (%)",
    ylabel="errors among the rest (%)",
    xlim=(0, 20),
    ylim=(0, 1.15 * rate),
)
ax.spines[["top", "right"]].set_visible(False)
ax.grid(alpha=0.3)

for share in (0, 0.01, 0.02, 0.05, 0.1):
    place = int(share * n_images)
    print(
        f"{share:4.0%} set aside, those below a probability of "
        f"{np.sort(confidence)[place]:.2f}: "
        f"{1 - left[place] / kept[place]:.2%} of the rest right"
    )

plt.show()

"""
Explain a prediction by its pixels
==================================

Which strokes make a network read a digit as a nine? This example shows the weights of
the first layer, and the contribution of each pixel to a prediction. It then removes the
pixels that contribute most, to test whether the explanation is right. It takes less
than twenty seconds on two cores.

To run it::

    python examples/plot_explain_prediction.py
"""

# %%
# What the first layer detects
# ----------------------------
# Each unit of the first layer has one weight per pixel, which can be drawn as an image.
# Ink on red pixels activates the unit, and ink on blue pixels inhibits it. The plot
# shows the units with the largest weights. They do not detect whole digits, but
# strokes, curves and gaps that several digits share. The next layers combine these.
#
# The network is trained on distorted images, with more weight decay than the default.
# With the defaults, much of the random initial weights would remain visible, because
# they do no harm where ink is rare.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.pipeline import make_pipeline

from skdigits import (
    ContributionsDisplay,
    FlattenScaler,
    MLPDigitClassifier,
    PredictionsDisplay,
    WeightsDisplay,
    load_mnist,
)

train, test = load_mnist("train"), load_mnist("test")
model = make_pipeline(
    FlattenScaler(),
    MLPDigitClassifier(augment="affine", epochs=20, weight_decay=1, random_state=0),
)
model.fit(train.images[:6000], train.target[:6000])
predicted = model.predict(test.images)
print(f"right: {np.mean(predicted == test.target):.2%} of the test images")

WeightsDisplay.from_estimator(model)

# %%
# What the pixels contribute
# --------------------------
# The contribution of a pixel is its value times the gradient of the class's logit with
# respect to the pixel. Red ink speaks for the predicted class, and blue ink against it.
# Pixels without ink contribute nothing, although gaps matter, too. Look for the strokes
# that distinguish similar digits: a two from a seven, or a four from a one.

right = [
    np.flatnonzero((predicted == test.target) & (predicted == d))[0] for d in range(10)
]
ContributionsDisplay.from_estimator(model, test.images[right][[2, 3, 4, 5, 6, 7, 8, 9]])

# %%
# Errors
# ------
# ``target=`` chooses another class than the predicted one. These are errors of four
# kinds, and of each kind the one with the highest probability. Each image is shown
# twice, with the contributions to the predicted class and with those to the true class.
# If there is much red in both, both digits were likely to the network.

confidence = model.predict_proba(test.images).max(axis=1)
wrong = np.flatnonzero(predicted != test.target)
wrong = wrong[np.argsort(-confidence[wrong])]
kinds = np.column_stack([test.target[wrong], predicted[wrong]])
wrong = wrong[np.sort(np.unique(kinds, axis=0, return_index=True)[1])[:4]]
ContributionsDisplay.from_estimator(
    model,
    np.repeat(test.images[wrong], 2, axis=0),
    target=np.column_stack([predicted[wrong], test.target[wrong]]).ravel(),
)

# %%
# Why this class and not the other
# --------------------------------
# The network predicts the class with the highest logit. So the difference between the
# contributions to two classes decides. Red ink now speaks for the wrong class *rather
# than* for the true one. You can make a display from your own numbers, here from this
# difference.


def contributions(images, target):
    """Return what each pixel contributes to the logit of each image's target."""
    scaler, classifier = model
    rows = scaler.transform(images)
    gradients = classifier.input_gradients(rows, target)
    return (rows * gradients).reshape(images.shape)


images, answers, truths = test.images[wrong], predicted[wrong], test.target[wrong]
ContributionsDisplay(
    images=images,
    contributions=contributions(images, answers) - contributions(images, truths),
    target=np.array([f"{a}, not {t}" for a, t in zip(answers, truths, strict=True)]),
).plot()

# %%
# Remove the pixels
# -----------------
# Plots like these look convincing even if they are wrong. So test them: if a pixel
# contributes to a class, the probability of this class should fall without its ink.
# Here are three images, and the same images without the ink of the 10, 20 and 30 pixels
# that contribute most.


def without(images, scores, n_pixels):
    """Take the ink away from the pixels of each image that score highest."""
    rows = images.reshape(len(images), -1).copy()
    highest = np.argsort(-scores.reshape(rows.shape), axis=1)[:, :n_pixels]
    np.put_along_axis(rows, highest, 0, axis=1)
    return rows.reshape(images.shape)


chosen = [right[3], right[7], right[9]]
images, answers = test.images[chosen], predicted[chosen]
scores = contributions(images, answers)
shown = np.stack([without(images, scores, n) for n in (0, 10, 20, 30)], axis=1)
PredictionsDisplay.from_estimator(
    model, shown.reshape(-1, 28, 28), np.repeat(answers, 4), n_images=12
)

# %%
# Three images are not enough, so this repeats the test with 2,000. For comparison, it
# also removes as many random pixels that have ink, and the pixels that contribute
# least. If the contributions are right, the first curve falls faster than the second,
# and the third hardly falls.

images, answers = test.images[:2000], predicted[:2000]
scores = contributions(images, answers)
rng = np.random.default_rng(0)
orders = {
    "contributing most": scores,
    "at random": np.where(images > 0, rng.random(images.shape), -1),
    "contributing least": np.where(images > 0, -scores, -np.inf),
}
styles = {
    "contributing most": {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    "at random": {"color": "0.5", "marker": "^", "linestyle": ":"},
    "contributing least": {"color": "#D55E00", "marker": "s", "linestyle": "--"},
}
counts = np.arange(0, 55, 5)
figure, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
for name, order in orders.items():
    kept = [
        100 * np.mean(model.predict(without(images, order, n)) == answers)
        for n in counts
    ]
    ax.plot(counts, kept, label=name, **styles[name])
    print(f"20 pixels taken away, {name}: {kept[4]:5.1f}% of the answers stay")
ax.set(
    xlabel="pixels whose ink is taken away",
    ylabel="answers that stay the same (%)",
    ylim=(0, 103),
)
ax.spines[["top", "right"]].set_visible(False)
ax.grid(alpha=0.3)
ax.legend(title="pixels", frameon=False, loc="lower left")

plt.show()

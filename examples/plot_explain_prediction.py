"""
Explain a prediction by its pixels
==================================

Which strokes make a network take a digit for a nine? This example looks at what its
first layer looks for, at what each pixel contributes to an answer, right or wrong, and
then takes away the pixels that are said to contribute most, to see whether the
explanation means anything. It takes less than twenty seconds on two cores::

    python examples/plot_explain_prediction.py
"""

# %%
# What the first layer looks for
# ------------------------------
# Each unit of the first layer has a weight for every pixel, and those make a picture:
# ink on red pixels drives the unit, ink on blue ones inhibits it. The units shown are
# those with the largest weights. They look for no whole digits, but for strokes, bows
# and gaps that several digits have in common; the layers after them put those together.
#
# The network is trained on distorted images and with a multiple of the default weight
# decay, and that is why there is something to see. With the defaults it would keep much
# of the random weights that it began with, since they do no harm where ink is rare.

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
# A pixel contributes its value times the gradient of the class's logit by it. Red ink
# speaks for the answer, blue ink against it, and where there is no ink nothing is
# contributed, though gaps say much. Look for what distinguishes a digit from those it
# resembles: the tail of a two from a seven, the bar of a four from a one.

right = [
    np.flatnonzero((predicted == test.target) & (predicted == d))[0] for d in range(10)
]
ContributionsDisplay.from_estimator(model, test.images[right][[2, 3, 4, 5, 6, 7, 8, 9]])

# %%
# Wrong answers
# -------------
# ``target=`` asks for another class than the predicted one. These are errors of four
# kinds, of each the one that the network was surest of. Every image is there twice:
# with what spoke for the wrong answer, then with what spoke for the true one. Where the
# second is much red too, the network saw the digit, but saw more of another.

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
# Why one and not the other
# -------------------------
# An answer is given because its logit is higher than another's, so what decides is the
# difference of the contributions to the two. Red ink now speaks for the wrong answer
# *rather than* for the true one. A display can be made from numbers of one's own, and
# so from this difference.


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
# Take the pixels away
# --------------------
# Pictures like these look convincing whether or not they are true. So put them to the
# test: if a pixel contributes to an answer, the network should be less sure of that
# answer without its ink. Here are three images as they are, then without the ink of the
# 10, 20 and 30 pixels that contribute most to the answer.


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
# Three images may have been lucky. So the same with 2,000, and beside it, to compare,
# with as many pixels that have ink chosen at random, and with those that contribute
# least, which speak against the answer or say nothing. If the contributions mean
# something, the first curve falls faster than the second, and the third hardly at all.

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

"""
Evaluate the classifier with scikit-learn's tools
=================================================

:class:`~skdigits.MLPDigitClassifier` is a scikit-learn classifier that Keras trains. So
scikit-learn's tools work with it. This example cross-validates the classifier, reports
precision and recall of each class, draws calibration curves, calibrates the
probabilities, and combines several classifiers in a vote. It takes less than half a
minute on two cores.

To run it::

    python examples/plot_with_scikit_learn.py
"""

# %%
# Pipeline
# --------
# Put the scaler into the pipeline. Cross-validation then learns the range of the pixels
# from the training part of each split only, and the fitted pipeline accepts unscaled
# images of any numeric type.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import binomtest
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, log_loss
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist

train, test = load_mnist("train"), load_mnist("test")
X, y = train.images[:4000], train.target[:4000]
network = make_pipeline(FlattenScaler(), MLPDigitClassifier(random_state=0))
network.fit(X, y)

# %%
# Cross-validation
# ----------------
# The score depends on the split of the images. Three splits give an idea of how much.

scores = cross_val_score(network, X, y, cv=3)
print("accuracy:", ", ".join(f"{score:.2%}" for score in scores))
print(f"mean {scores.mean():.2%}, standard deviation {scores.std():.2%}")

# %%
# Precision and recall
# --------------------
# The precision of a digit is the share of its predictions that are right. The recall is
# the share of its images that are predicted right. Look for rows with a low value:
# :ref:`sphx_glr_auto_examples_plot_hard_digits.py` shows how to find the cause.

print(classification_report(test.target, network.predict(test.images), digits=3))

# %%
# Calibration
# -----------
# Of the predictions with a probability of 80%, 80% should be right.
# :class:`~sklearn.calibration.CalibrationDisplay` draws one against the other. It needs
# two classes, which here are right and wrong predictions. Below the diagonal, the
# classifier is over-confident: predictions are right less often than their probability
# says. Above the diagonal, it is under-confident.
#
# ``label_smoothing`` may raise the accuracy, and makes the network under-confident. A
# temperature corrects this. It is one number that divides all logits, fitted on images
# that were not used for training. It does not change any predicted digit.

smoothed = make_pipeline(
    FlattenScaler(), MLPDigitClassifier(label_smoothing=0.1, random_state=0)
)
smoothed.fit(X, y)
logistic = make_pipeline(FlattenScaler(), LogisticRegression(C=0.1, max_iter=1000))
unseen = slice(4000, 5000)
tempered = CalibratedClassifierCV(FrozenEstimator(smoothed), method="temperature")
models = {
    "network": network,
    "label_smoothing=0.1": smoothed,
    "the same, with temperature": tempered.fit(
        train.images[unseen], train.target[unseen]
    ),
    "logistic regression": logistic.fit(X, y),
}

figure, ax = plt.subplots(figsize=(7.5, 5.4), layout="constrained")
styles = [("#0072B2", "o"), ("#D55E00", "s"), ("#009E73", "D"), ("0.5", "^")]
for (name, model), (color, marker) in zip(models.items(), styles, strict=True):
    # In float32, as the networks compute: log_loss checks sums with its precision
    probabilities = model.predict_proba(test.images).astype(np.float32)
    right = probabilities.argmax(axis=1) == test.target
    CalibrationDisplay.from_predictions(
        right,
        probabilities.max(axis=1),
        n_bins=8,
        strategy="quantile",
        name=name,
        ax=ax,
        color=color,
        marker=marker,
    )
    print(
        f"{name:27} probability {probabilities.max(axis=1).mean():.2%}, "
        f"right {right.mean():.2%}, "
        f"log loss {log_loss(test.target, probabilities):.3f}"
    )
ax.set(
    title="Predictions of the test images",
    xlabel="probability of the predicted digit",
    ylabel="share of predictions that are right",
    xlim=(0.35, 1.01),
    ylim=(0.35, 1.01),
)

# %%
# Each point of a line stands for the same number of images, so most points are at high
# probabilities. The log loss sums this up in one number: it is low if the true digits
# have high probabilities.

# %%
# Voting
# ------
# A vote of classifiers is often better than each of them, if they make different
# errors. :class:`~sklearn.ensemble.VotingClassifier` averages the probabilities of a
# network, a logistic regression and the nearest neighbours. A much weaker member may
# lower the accuracy of the vote. Three networks that differ only in their seed are
# equally good and still make different errors. The bars are 95% confidence intervals.

neighbors = make_pipeline(FlattenScaler(), KNeighborsClassifier(5, weights="distance"))
seeds = make_pipeline(
    FlattenScaler(),
    VotingClassifier(
        [(f"seed {i}", MLPDigitClassifier(random_state=i)) for i in range(3)],
        voting="soft",
    ),
)
members = [("logistic", logistic), ("neighbors", neighbors), ("network", network)]
candidates = {
    "logistic regression": logistic,
    "nearest neighbours": neighbors.fit(X, y),
    "network": network,
    "vote of these three": VotingClassifier(members, voting="soft").fit(X, y),
    "vote of three networks": seeds.fit(X, y),
}
figure, ax = plt.subplots(figsize=(7.5, 3.2), layout="constrained")
for place, (name, model) in enumerate(candidates.items()):
    n_right = np.sum(model.predict(test.images) == test.target)
    interval = binomtest(n_right, len(test.target)).proportion_ci(method="wilson")
    accuracy = n_right / len(test.target)
    ax.plot(100 * np.array(interval), [place, place], color="0.5", linewidth=4)
    ax.plot(100 * accuracy, place, "o", color="black", zorder=3)
    ax.text(100 * interval.high + 0.15, place, f"{accuracy:.2%}", va="center")
    print(f"{name:22} {accuracy:.2%}")
ax.set_yticks(range(len(candidates)), candidates)
ax.set(title="4,000 training images", xlabel="accuracy on the test images (%)")
ax.margins(x=0.15, y=0.12)
ax.invert_yaxis()
ax.grid(axis="x", alpha=0.3)
ax.spines[["top", "right"]].set_visible(False)

plt.show()

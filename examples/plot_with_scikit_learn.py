"""
Judge the classifier with scikit-learn's tools
==============================================

:class:`~skdigits.MLPDigitClassifier` is trained by Keras, and is a scikit-learn
classifier in every other respect. So scikit-learn's tools for judging a classifier are
there already: this example cross-validates it, reports on it class by class, asks
whether its probabilities can be believed, mends them, and lets it vote with others. It
takes less than half a minute on two cores::

    python examples/plot_with_scikit_learn.py
"""

# %%
# In a pipeline
# -------------
# The scaler belongs in the pipeline, not before it: cross-validation then learns the
# scale from the training part of each split alone, and the fitted pipeline takes images
# as they are, of any numeric type.

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
# One split of the images gives one score, and no idea of how much it depends on the
# split. Three give some.

scores = cross_val_score(network, X, y, cv=3)
print("accuracy:", ", ".join(f"{score:.2%}" for score in scores))
print(f"mean {scores.mean():.2%}, standard deviation {scores.std():.2%}")

# %%
# Class by class
# --------------
# Precision says how many of the images called a digit are that digit, recall how many
# of a digit's images are called so. Look for the rows where one of the two is low:
# :ref:`sphx_glr_auto_examples_plot_hard_digits.py` shows what is behind them.

print(classification_report(test.target, network.predict(test.images), digits=3))

# %%
# Can the probabilities be believed?
# ----------------------------------
# Of the images for which a classifier gives its answer a probability of 80%, it should
# have 80% right. :class:`~sklearn.calibration.CalibrationDisplay` draws one against the
# other. It is made for two classes, and there are two once one asks whether the answer
# is right. Points below the diagonal are answers less often right than promised, those
# above it more often.
#
# ``label_smoothing`` matters here. It teaches a network not to be certain, which may
# help accuracy and makes it too modest. That is mended by a temperature, one number to
# divide all logits by, fitted on images that the training has not seen. It changes no
# answer.

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
    # As float32, in which the networks compute: log_loss checks their sums as such
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
        f"{name:27} promised {probabilities.max(axis=1).mean():.2%}, "
        f"right {right.mean():.2%}, "
        f"log loss {log_loss(test.target, probabilities):.3f}"
    )
ax.set(
    title="Answers on the test images",
    xlabel="probability of the answer",
    ylabel="fraction of answers that are right",
    xlim=(0.35, 1.01),
    ylim=(0.35, 1.01),
)

# %%
# The points of each line stand for equal numbers of images, so most of them crowd where
# classifiers are sure. The log loss, which is small where right answers are given high
# probabilities, puts all of it into one number.

# %%
# Voting
# ------
# Classifiers that err on different images can help one another out.
# :class:`~sklearn.ensemble.VotingClassifier` averages the probabilities of a network,
# of a logistic regression and of the nearest neighbours. A member that is much weaker
# may cost a vote more than it brings. Three networks that differ only in their seed are
# equals, and still err differently. The bars are 95% confidence intervals.

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

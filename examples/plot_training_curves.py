"""
Read training curves, and see over-fitting
==========================================

A network is trained in epochs, each a pass over the training images, and after every
epoch it can be asked how well it does on images that it does not learn from. Drawn by
epoch, the two tell when to stop, and what to change. This example trains with early
stopping, then makes a network learn its images by heart, and keeps it from doing so.
It takes about twenty seconds on two cores::

    python examples/plot_training_curves.py
"""

# %%
# Early stopping
# --------------
# ``early_stopping=True`` holds ``validation_fraction`` of the training images out, to
# validate on, and stops when the accuracy on them has not improved for
# ``n_iter_no_change`` epochs. The learning rate is constant here, so that the curves
# show a training that is cut off. For the best accuracy keep the default schedule, with
# a larger ``n_iter_no_change``.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.pipeline import make_pipeline

from skdigits import (
    FlattenScaler,
    MLPDigitClassifier,
    TrainingCurvesDisplay,
    load_mnist,
)

train, test = load_mnist("train"), load_mnist("test")
model = make_pipeline(
    FlattenScaler(),
    MLPDigitClassifier(
        early_stopping=True,
        n_iter_no_change=5,
        epochs=100,
        learning_rate=0.001,
        learning_rate_schedule="constant",
        random_state=0,
    ),
)
model.fit(train.images[:5000], train.target[:5000])
TrainingCurvesDisplay.from_estimator(model)

# %%
# The dotted line marks the epoch whose weights were kept. Losses fall fast at first,
# then slowly; from where the accuracy of validation no longer rises, further epochs
# only improve what is known already. In the first epoch validation is ahead, because
# the training figures are means over the epoch, most of which was spent with worse
# weights.
#
# Everything in the picture is in ``history_``, a list for each curve, and
# ``best_validation_score_`` is the accuracy on the images held out, at the epoch kept.
# That epoch was chosen for its score on them, and they are few, so the score on the
# test images, which had no say in it, is the one to report.

classifier = model[-1]
print("curves:", ", ".join(classifier.history_))
print(f"epochs trained: {classifier.n_iter_} of {classifier.epochs}")
print(f"best validation score: {classifier.best_validation_score_:.2%}")
print(f"test score: {model.score(test.images, test.target):.2%}")

# %%
# Learning by heart
# -----------------
# Now a network without what restrains it, weight decay and dropout, and 1,000 images to
# learn. Another 1,000 are for validation, and as many epochs without a gain are allowed
# as there are, so that nothing stops it. The second network has both, and is shown its
# images distorted, each time in another way: see
# :ref:`sphx_glr_auto_examples_plot_augmentation.py`.

settings = {
    "early_stopping": True,
    "epochs": 60,
    "learning_rate": 0.002,
    "n_iter_no_change": 60,
    "random_state": 0,
    "validation_fraction": 0.5,
}
networks = {
    "unrestrained": MLPDigitClassifier(
        dropout=0, weight_decay=0, learning_rate_schedule="constant", **settings
    ),
    "restrained": MLPDigitClassifier(augment="affine", dropout=0.2, **settings),
}
# sphinx_gallery_thumbnail_number = 2
figure, axes = plt.subplots(2, 2, figsize=(9, 6.5), sharey="col", layout="constrained")
for row, (name, network) in zip(axes, networks.items(), strict=True):
    model = make_pipeline(FlattenScaler(), network)
    model.fit(train.images[:2000], train.target[:2000])
    TrainingCurvesDisplay.from_estimator(model, ax=row)
    row[0].set(title=name, ylim=(0, 1.5))
    row[1].set(title=name, ylim=(0.6, 1.02))
    history = model[-1].history_
    print(
        f"{name:13} "
        f"training {history['accuracy'][-1]:7.2%}  "
        f"validation {history['val_accuracy'][-1]:.2%}  "
        f"least validation loss {min(history['val_loss']):.3f}, "
        f"last {history['val_loss'][-1]:.3f}"
    )

# %%
# The upper row is what over-fitting looks like. In training everything is soon right
# and the loss goes to zero; in validation the loss turns and *rises*, though the
# accuracy stays: the wrong answers are given with ever more certainty. As the epoch to
# keep is chosen by accuracy, it may lie beyond the turn. Where probabilities matter,
# choose it by ``scoring="loss"``. In the lower row training is harder, so its curves
# look worse, and validation, which alone counts, looks better: its loss does not turn.

# %%
# Too few images
# --------------
# Over-fitting is not only a matter of epochs. The fewer the images, the wider the gap
# between what a network scores on them and on others. Where the gap is wide, more
# images or more restraint will help; where it is narrow and both are low, a larger
# network or more epochs will.

sizes = np.array([100, 300, 1000, 3000, 10000])
scores = []
for size in sizes:
    X, y = train.images[:size], train.target[:size]
    # Few images make few steps an epoch, and so take more epochs
    network = MLPDigitClassifier(epochs=max(10, 20_000 // size), random_state=0)
    model = make_pipeline(FlattenScaler(), network).fit(X, y)
    scores.append((model.score(X, y), model.score(test.images, test.target)))
    print(f"{size:6,} images: training {scores[-1][0]:.2%}, test {scores[-1][1]:.2%}")

figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
on_training, on_test = 100 * np.transpose(scores)
ax.fill_between(sizes, on_test, on_training, color="0.92")
ax.plot(sizes, on_training, "o-", color="#0072B2", label="on the training images")
ax.plot(sizes, on_test, "s--", color="#D55E00", label="on the test images")
ax.set(xscale="log", xlabel="training images", ylabel="accuracy (%)")
ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
ax.minorticks_off()
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False, loc="lower right")

plt.show()

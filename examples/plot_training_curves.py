"""
Read training curves, and see overfitting
=========================================

A network is trained in epochs, which are passes over the training images. After each
epoch, it can be scored on validation images, which it is not trained on. The curves of
both scores show when to stop, and what to change. This example trains with early
stopping. Then it trains a network that overfits, and one that does not. It takes about
twenty seconds on two cores.

To run it::

    python examples/plot_training_curves.py
"""

# %%
# Early stopping
# --------------
# ``early_stopping=True`` holds out ``validation_fraction`` of the training images for
# validation. Training stops if the accuracy on them has not improved for
# ``n_iter_no_change`` epochs. The learning rate is constant here, so that the training
# stops early. For the best accuracy, use the default schedule and a larger
# ``n_iter_no_change``.

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
# The dotted line marks the epoch whose weights were kept. The losses first fall fast,
# then slowly. Once the validation accuracy no longer rises, further epochs only improve
# the fit to the training images. In the first epoch, the validation score is higher
# than the training score. The reason is that training scores are means over the epoch,
# and the weights were worse during most of it.
#
# ``history_`` has a list for each curve. ``best_validation_score_`` is the validation
# accuracy of the epoch that was kept. This epoch was chosen by that score, on few
# images, so it is a little too high. Report the score on the test images instead.

classifier = model[-1]
print("curves:", ", ".join(classifier.history_))
print(f"epochs trained: {classifier.n_iter_} of {classifier.epochs}")
print(f"best validation score: {classifier.best_validation_score_:.2%}")
print(f"test score: {model.score(test.images, test.target):.2%}")

# %%
# Overfitting
# -----------
# The first network has no regularisation: neither weight decay nor dropout. It is
# trained on 1,000 images and validated on another 1,000. ``n_iter_no_change`` equals
# the number of epochs, so that it never stops early. The second network has weight
# decay and dropout, and is trained on distorted images: see
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
    "no regularisation": MLPDigitClassifier(
        dropout=0, weight_decay=0, learning_rate_schedule="constant", **settings
    ),
    "regularised": MLPDigitClassifier(augment="affine", dropout=0.2, **settings),
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
        f"{name:17} "
        f"training {history['accuracy'][-1]:7.2%}  "
        f"validation {history['val_accuracy'][-1]:.2%}  "
        f"lowest validation loss {min(history['val_loss']):.3f}, "
        f"last {history['val_loss'][-1]:.3f}"
    )

# %%
# The upper row shows overfitting. All training images are soon right, and the training
# loss approaches zero. The validation accuracy stays the same, but the validation loss
# *rises*, because the wrong predictions become more and more confident. The epoch to
# keep is chosen by accuracy, so it may be one at which the loss rises already. If the
# probabilities matter, use ``scoring="loss"``. In the lower row, training is harder,
# so the training curves look worse. The validation curves, which matter, look better:
# the loss does not rise.

# %%
# Too few images
# --------------
# Overfitting does not only depend on the number of epochs. With fewer training images,
# the gap between training and test accuracy is wider. If the gap is wide, more images
# or more regularisation help. If it is narrow and both accuracies are low, a larger
# network or more epochs help.

sizes = np.array([100, 300, 1000, 3000, 10000])
scores = []
for size in sizes:
    X, y = train.images[:size], train.target[:size]
    # With few images, an epoch has few steps, so more epochs are needed
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

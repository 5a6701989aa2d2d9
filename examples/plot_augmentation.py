"""
Distort the training images
===========================

A dense network does not know which pixels are neighbours. It has to learn from images
that a digit stays the same when it is shifted, turned or bent. This example shows
distorted digits, trains with and without them, and tests on original, shifted and
turned digits. It takes less than a minute on two cores.

To run it::

    python examples/plot_augmentation.py
"""

# %%
# Originals and distorted copies
# ------------------------------
# :class:`~skdigits.RandomDistortion` turns, scales, slants and shifts each image at
# random, and bends it with a smooth random field. Each epoch trains on new copies.

import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import rotate, shift
from sklearn.pipeline import make_pipeline

from skdigits import (
    DistortionDisplay,
    FlattenScaler,
    MLPDigitClassifier,
    RandomDistortion,
    load_mnist,
)

train, test = load_mnist("train"), load_mnist("test")
DistortionDisplay.from_images(train.images[:5], RandomDistortion(), random_state=0)

# %%
# The kinds of distortion
# -----------------------
# These are the same images with one kind of distortion at a time. The strengths are
# larger than in training, to make the effect visible.

kinds = {
    "rotation=45": RandomDistortion(rotation=45, zoom=0, shear=0, elastic=0),
    "zoom=0.5": RandomDistortion(rotation=0, zoom=0.5, shear=0, elastic=0),
    "shear=0.5": RandomDistortion(rotation=0, zoom=0, shear=0.5, elastic=0),
    "elastic=0.06": RandomDistortion(rotation=0, zoom=0, shear=0, elastic=0.06),
}
figure, axes = plt.subplots(2, 2, figsize=(10, 6), layout="constrained")
for ax, (name, distortion) in zip(axes.flat, kinds.items(), strict=True):
    DistortionDisplay.from_images(
        train.images[:3],
        distortion.set_params(translation=0),
        random_state=0,
        ax=ax,
    )
    ax.set_title(f"{name}, all else 0")

# %%
# Training with and without
# -------------------------
# With 5,000 images, this takes seconds. Distorted images are never the same twice, so
# the network cannot memorise them. It needs no dropout and less weight decay.

X, y = train.images[:5000], train.target[:5000]
models = {
    "no distortion": MLPDigitClassifier(epochs=30, random_state=0),
    'augment="affine"': MLPDigitClassifier(
        augment="affine", epochs=30, dropout=0, weight_decay=0.05, random_state=0
    ),
    'augment="elastic"': MLPDigitClassifier(
        augment="elastic", epochs=30, dropout=0, weight_decay=0.05, random_state=0
    ),
}
models = {
    name: make_pipeline(FlattenScaler(), classifier).fit(X, y)
    for name, classifier in models.items()
}

# %%
# Original, shifted and turned digits
# -----------------------------------
# Each test image is shifted by two pixels or turned by 15 degrees, in a random
# direction. This causes many errors without distortion in training, and few with it.

rng = np.random.default_rng(0)
direction = rng.choice([-1, 1], (2, len(test.images)))
tests = {
    "as they are": test.images,
    "shifted by 2 pixels": np.stack(
        [
            shift(image, 2 * signs, order=1)
            for image, signs in zip(test.images, direction.T, strict=True)
        ]
    ),
    "turned by 15 degrees": np.stack(
        [
            rotate(image, 15 * sign, reshape=False, order=1)
            for image, sign in zip(test.images, direction[0], strict=True)
        ]
    ),
}
errors = {
    name: [100 * (1 - model.score(images, test.target)) for images in tests.values()]
    for name, model in models.items()
}

figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
place = np.arange(len(tests))
for number, (name, values) in enumerate(errors.items()):
    bars = ax.bar(
        place + (number - 1) * 0.28, values, 0.26, label=name, color=f"{number * 0.35}"
    )
    ax.bar_label(bars, fmt="%.1f", padding=2)
ax.set_xticks(place, tests)
ax.set_ylabel("wrong digits (%)")
ax.set_title("10,000 test images, 5,000 training images")
ax.spines[["top", "right"]].set_visible(False)
ax.margins(y=0.1)
ax.legend(frameon=False)
for name, values in errors.items():
    print(f"{name:20}", *(f"{value:6.2f}%" for value in values))

plt.show()

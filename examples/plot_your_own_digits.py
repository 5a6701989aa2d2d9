"""
Your own digits
===============

A network that reads 98 of 100 test images of MNIST misreads most photos of its users.
In these, digits are larger or smaller, not in the middle, dark on light, and in uneven
light. MNIST's images were all prepared in one way. This example makes such photos,
shows the problem, and prepares the photos as MNIST's images were. It takes less than a
minute on two cores.

To run it::

    python examples/plot_your_own_digits.py
"""

# %%
# Photos of digits
# ----------------
# The photos are made from MNIST's test images, so that their digits are known. Each
# digit has a random size and place in a larger picture. It is dark ink on light paper,
# lit from one side, with some noise.

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline

from skdigits import (
    DigitNormalizer,
    FlattenScaler,
    ImagesDisplay,
    MLPDigitClassifier,
    NormalizationDisplay,
    load_mnist,
)


def photograph(image, rng):
    """Return a picture of 80 x 64 pixels in bytes."""
    size = round(28 * rng.uniform(0.8, 2))
    top, left = rng.integers(0, np.array([80, 64]) - size, endpoint=True)
    digit = Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)
    ink = np.zeros((80, 64))
    ink[top : top + size, left : left + size] = np.asarray(digit) / 255
    light = np.linspace(*rng.uniform(0.6, 1, 2), 80)[:, np.newaxis]
    light = light * np.linspace(*rng.uniform(0.6, 1, 2), 64)
    photo = 220 * light * (1 - 0.7 * ink) + rng.normal(0, 4, ink.shape)
    return photo.round().clip(0, 255).astype(np.uint8)


train, test = load_mnist("train"), load_mnist("test")
rng = np.random.default_rng(0)
photos = np.stack([photograph(image, rng) for image in test.images[:1000]])
y = test.target[:1000]
ImagesDisplay.from_images(photos, y, n_images=10, im_kw={"cmap": "gray"})

# %%
# Resizing is not enough
# ----------------------
# A network is trained on MNIST. The photos are inverted and resized to 28 x 28 pixels.
# The network misreads most of them.

X_train, y_train = train.images[:20_000], train.target[:20_000]
network = make_pipeline(FlattenScaler(), MLPDigitClassifier(random_state=0))
network.fit(X_train, y_train)


def resize(images):
    pictures = map(Image.fromarray, images)
    return np.stack([picture.resize((28, 28)) for picture in pictures])


right = {
    "MNIST's test images": network.score(test.images[:1000], y),
    "photos, resized": network.score(resize(255 - photos), y),
}

# %%
# Normalised photos
# -----------------
# :class:`~skdigits.DigitNormalizer` is the first step of this pipeline. Nothing else
# changes. It hardly changes MNIST's own images, so the network is trained on the same
# images as before.

model = make_pipeline(
    DigitNormalizer(), FlattenScaler(), MLPDigitClassifier(random_state=0)
)
model.fit(X_train, y_train)
right["photos, normalised"] = model.score(photos, y)

_, axes = plt.subplots(3, 1, figsize=(10, 3), layout="constrained")
rows = {
    "MNIST": test.images[:10],
    "resized": resize(255 - photos[:10]),
    "normalised": model[0].transform(photos[:10]),
}
for ax, (name, images) in zip(axes, rows.items(), strict=True):
    ImagesDisplay.from_images(images, n_images=10, ax=ax)
    ax.set_ylabel(name, rotation=0, ha="right", va="center")

# %%
# Step by step
# ------------
# :class:`~skdigits.NormalizationDisplay` shows each step, and so where something goes
# wrong. The predicted digit is on the right.

# sphinx_gallery_thumbnail_number = 3
NormalizationDisplay.from_estimator(model, photos, n_images=4)

# %%
# This photo goes wrong. A line of ruled paper is ink like any other, so the digit is
# cropped and scaled together with the line. Without the line, the digit is found.

ruled = photos[0].copy()
ruled[66:68] //= 2
NormalizationDisplay.from_estimator(model, [ruled, ruled[:66]])

# %%
# Small pictures
# --------------
# scikit-learn's digits have 8 x 8 pixels and were written by other people. The same
# pipeline accepts them without changes.

digits = load_digits()
NormalizationDisplay.from_estimator(model, digits.images, n_images=3)
enlarged = resize((digits.images * (255 / 16)).astype(np.uint8))
right["digits of 8 x 8 pixels, resized"] = network.score(enlarged, digits.target)
right["digits of 8 x 8 pixels, normalised"] = model.score(digits.images, digits.target)

for name, share in right.items():
    print(f"{name:36} {100 * share:5.1f}% right")

plt.show()

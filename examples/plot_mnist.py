"""
Take a first look at MNIST
==========================

Look at the images before you train: what they show, how many there are of each class,
which values the pixels have, and how different the images of a class are. This decides
which score to use and how to scale the pixels. The example takes a few seconds.

To run it::

    python examples/plot_mnist.py
"""

# %%
# The images
# ----------
# :func:`~skdigits.load_mnist` reads 70,000 images from the package. Each row of the
# plot has images of the same digit, chosen at random. Some people cross their sevens,
# and some close the top of their fours.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import euclidean_distances
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skdigits import FlattenScaler, ImagesDisplay, load_mnist

train, test = load_mnist("train"), load_mnist("test")
for name, images in (("training", train.images), ("test", test.images)):
    print(f"{name} images: {images.shape}, {images.dtype}")

ImagesDisplay.from_images(
    train.images, train.target, n_images=14, by_class=True, random_state=0
)

# %%
# How many of each class
# ----------------------
# If most images were of one class, always predicting that class would have a high
# accuracy. Here each class has about a tenth of the images, so the accuracy is a fair
# score. Always predicting the most frequent class has an accuracy of about 11%. The
# shares are similar in the training and test images, as they should be.

shares = {
    "training": np.bincount(train.target) / len(train.target),
    "test": np.bincount(test.target) / len(test.target),
}
print(f"largest share of a class among the test images: {shares['test'].max():.1%}")

figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
digits = train.target_names
for side, color, (name, share) in zip(
    (-1, 1), ("#0072B2", "#F0C35E"), shares.items(), strict=True
):
    ax.bar(digits + 0.2 * side, 100 * share, 0.36, label=name, color=color)
ax.axhline(10, color="0.3", linestyle=":", label="a tenth")
ax.set_xticks(digits)
ax.set(xlabel="digit", ylabel="share of the images (%)", ylim=(0, 15))
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False, ncols=3, loc="upper right")

# %%
# Pixel values
# ------------
# A pixel is a byte, from 0 for paper to 255 for ink. Most pixels are 0, and most of the
# others are nearly 255. The values between are the edges of strokes. The map on the
# right shows where the ink is. The crosses are pixels that never have ink, and so
# contain no information. Others have ink so rarely that little can be learned from
# them.

values = np.bincount(train.data.ravel(), minlength=256) / train.data.size
inked = (train.images > 0).mean(axis=0)
print(f"pixels from {train.data.min()} to {train.data.max()}")
print(f"of which {values[0]:.1%} are 0")
print(f"pixels that are 0 in every training image: {(inked == 0).sum()} of 784")

figure, (left, right) = plt.subplots(
    1, 2, figsize=(9, 3.4), width_ratios=(3, 2), layout="constrained"
)
left.bar(np.arange(0, 256, 8), 100 * values.reshape(-1, 8).sum(axis=1), 7, align="edge")
left.set(
    title="Values of the pixels",
    xlabel="value",
    ylabel="share of all pixels (%)",
    yscale="log",
    xticks=[0, 64, 128, 192, 256],
)
left.yaxis.set_major_formatter("{x:g}")
left.spines[["top", "right"]].set_visible(False)
drawn = right.imshow(100 * inked, cmap="gray_r")
rows, columns = np.nonzero(inked == 0)
right.plot(columns, rows, "x", color="#D55E00", markersize=5)
right.set(title="Where the ink is", xticks=[], yticks=[])
figure.colorbar(drawn, ax=right, label="images with ink here (%)")

# %%
# The average of each class
# -------------------------
# The average of a class is a blurred digit. It is sharp where people write alike, and
# vague where they do not. Below it are the test images of the class with the smallest
# and the largest distance to it. Many of the farthest images are ordinary digits with
# thick strokes, because the thickness of the pen changes many pixels.

means = np.array([train.images[train.target == digit].mean(axis=0) for digit in digits])
distances = euclidean_distances(test.data, means.reshape(10, -1))
closest, farthest = [], []
for digit in digits:
    of_digit = np.flatnonzero(test.target == digit)
    order = of_digit[distances[of_digit, digit].argsort()]
    closest.append(test.images[order[0]])
    farthest.append(test.images[order[-1]])
ImagesDisplay(
    images=np.concatenate([means, closest, farthest]),
    labels=np.repeat(["average", "closest", "farthest"], 10),
    by_class=True,
).plot()

# %%
# Predicting the digit with the closest average is a simple classifier, scikit-learn's
# :class:`~sklearn.neighbors.NearestCentroid`. A trained network has to be much more
# accurate to be worth its training.

accuracy = np.mean(distances.argmin(axis=1) == test.target)
print(f"right by the closest average: {accuracy:.1%} of the test images")

# %%
# What FlattenScaler does
# -----------------------
# Estimators expect rows, and networks learn best from small numbers.
# :class:`~skdigits.FlattenScaler` flattens each image to a row. It scales all pixels by
# one range, which it learns from the training images, so that paper becomes 0 and ink
# becomes 1. ``inverse_transform`` restores the images.

scaler = FlattenScaler().fit(train.images)
rows = scaler.transform(test.images)
print(f"{test.images.shape}, {test.images.dtype} -> {rows.shape}, {rows.dtype}")
print(
    f"from {scaler.data_min_:g} and {scaler.data_max_:g} to {rows.min()}, {rows.max()}"
)
restored = scaler.inverse_transform(rows)
print("restored:", np.allclose(restored, test.images))

# %%
# Why one range for all pixels? scikit-learn's own scalers scale each pixel separately.
# If a new image has ink where hardly any training image has it,
# :class:`~sklearn.preprocessing.StandardScaler` returns a very large number: look at
# the ends of the colour bars. This one pixel then outweighs the whole digit.
# :class:`~sklearn.preprocessing.MinMaxScaler` has the same effect, but a weaker one.
# The plot shows the test image with the strongest effect.

scalers = [FlattenScaler(), MinMaxScaler(), StandardScaler()]
scaled = [
    s.fit(train.data.astype(np.float32)).transform(test.data.astype(np.float32))
    for s in scalers
]
worst = scaled[-1].max(axis=1).argmax()
figure, axes = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
for ax, s, image in zip(axes, scalers, (rows[worst] for rows in scaled), strict=True):
    drawn = ax.imshow(image.reshape(28, 28), cmap="gray_r")
    ax.set(title=type(s).__name__, xticks=[], yticks=[])
    figure.colorbar(drawn, ax=ax)
    print(f"{type(s).__name__:14} {image.min():8.2f} to {image.max():8.2f}")

plt.show()

"""
Take a first look at MNIST
==========================

Before training on images, look at them: what they show, how many there are of each
kind, which numbers they hold, and how much of a class its average tells. That decides
which score means something and how the pixels should be scaled. It takes a few
seconds::

    python examples/plot_mnist.py
"""

# %%
# The images
# ----------
# :func:`~skdigits.load_mnist` reads 70,000 images from the package itself. In each row
# of the picture are images of the same digit, drawn at random: people cross their
# sevens or do not, and close the top of their fours or do not.

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
# Were most images of one class, always answering with that class would reach a high
# accuracy. Here no class is far from a tenth of the images, so accuracy is a fair
# score, and it has to be compared with about 11%, not with zero. That the shares are
# much the same in both parts is as it should be: the test images ask what the training
# images taught.

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
# What the pixels hold
# --------------------
# A pixel is a byte, from 0 for paper to 255 for ink. Most are 0, and of the others the
# commonest are nearly 255: the greys are the edges of strokes. The map on the right
# shows where the ink is. The crosses are pixels that never have any, and so tell
# nothing; others have it so rarely that little can be learned of them.

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
# The average of a class is a blurred digit where people write it alike, and a cloud
# where they do not. Below it are the test images of the class that are closest to it
# and farthest from it. The farthest are not all odd in shape: many are plain digits in
# heavy strokes. Distances between pixels make much of the pen.

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
# To take each image for the digit whose average is closest is a classifier already,
# scikit-learn's :class:`~sklearn.neighbors.NearestCentroid`. Its accuracy says how far
# the averages go. A trained network has to be much better to be worth its training.

accuracy = np.mean(distances.argmin(axis=1) == test.target)
print(f"right by the closest average: {accuracy:.1%} of the test images")

# %%
# What FlattenScaler does
# -----------------------
# Estimators take rows, and networks learn best from small numbers.
# :class:`~skdigits.FlattenScaler` makes a row of each image and scales all pixels by
# one range, learned from the training images, so that paper becomes 0 and ink 1. It
# can be undone.

scaler = FlattenScaler().fit(train.images)
rows = scaler.transform(test.images)
print(f"{test.images.shape}, {test.images.dtype} -> {rows.shape}, {rows.dtype}")
print(
    f"from {scaler.data_min_:g} and {scaler.data_max_:g} to {rows.min()}, {rows.max()}"
)
restored = scaler.inverse_transform(rows)
print("restored:", np.allclose(restored, test.images))

# %%
# Why one range for all pixels? scikit-learn's own scalers scale each pixel by itself.
# Of a pixel where hardly any training image has ink,
# :class:`~sklearn.preprocessing.StandardScaler` makes an enormous number if a new image
# has some: look at the ends of the colour bars. One pixel then outweighs the whole
# digit. :class:`~sklearn.preprocessing.MinMaxScaler` does the same more mildly. The
# picture is of the test image where it shows most.

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

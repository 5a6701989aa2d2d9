"""
Reject what is not a digit
==========================

A classifier of digits predicts a digit for every picture, also for a letter, a scribble
or a coffee stain. If it was trained for this, the probability of the predicted digit is
then low, and a threshold can reject the picture. The reader of the package was trained
for this. The example shows how many letters and scribbles it rejects, against how many
digits it rejects by mistake.

To run it::

    python examples/plot_no_digit.py
"""

# %%
# Pictures that are not digits
# ----------------------------
# There are three kinds: letters in the fonts of matplotlib, without those that look
# like digits, such as O, l and Z; curves through random points; and pairs of digits
# that were not cut apart. The digits are MNIST's test images.

from pathlib import Path
from string import ascii_letters

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.interpolate import make_interp_spline

from skdigits import PredictionsDisplay, load_mnist, load_reader

# Letters that look like digits
LIKE_DIGITS = "BDIOQSZbgiloqsz"


def draw_letters(size=48):
    """Draw all letters in the fonts of matplotlib.

    Returns
    -------
    letters : list of str

    pictures : list of ndarray of shape (height, width)
        Light on dark, of bytes.
    """
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    letters, pictures = [], []
    for file in sorted(folder.glob("DejaVu*.ttf")):
        if "Display" in file.name:  # which have mathematical signs alone
            continue
        font = ImageFont.truetype(file, size)
        for letter in ascii_letters:
            left, top, right, bottom = font.getbbox(letter)
            margin = size // 5
            shape = int(right - left) + 2 * margin, int(bottom - top) + 2 * margin
            image = Image.new("L", shape)
            place = margin - left, margin - top
            ImageDraw.Draw(image).text(place, letter, 255, font)
            letters.append(letter)
            pictures.append(np.asarray(image))
    return letters, pictures


def draw_scribbles(n_pictures, seed, size=64):
    """Draw smooth curves through random points.

    Returns
    -------
    pictures : list of ndarray of shape (size, size)
        Light on dark, of bytes.
    """
    rng = np.random.default_rng(seed)
    pictures = []
    for _ in range(n_pictures):
        n_points = int(rng.integers(5, 11))
        points = rng.uniform(0.15 * size, 0.85 * size, (n_points, 2))
        curve = make_interp_spline(np.arange(n_points), points, k=3)
        places = curve(np.linspace(0, n_points - 1, 20 * n_points))
        image = Image.new("L", (size, size))
        line = [tuple(place) for place in places]
        width = int(rng.integers(3, 7))
        ImageDraw.Draw(image).line(line, 255, width, joint="curve")
        pictures.append(np.asarray(image))
    return pictures


test = load_mnist("test")
rng = np.random.default_rng(0)
letters = [
    picture
    for letter, picture in zip(*draw_letters(), strict=True)
    if letter not in LIKE_DIGITS
]
pairs = test.images[rng.integers(0, len(test.images), (1000, 2))]
pictures = {
    "letters": letters,
    "scribbles": draw_scribbles(1000, seed=0),
    "pairs of digits": np.concatenate([pairs[:, 0], pairs[:, 1]], axis=2)[:, :, 4:-4],
}

# %%
# The reader's predictions
# ------------------------
# The probabilities are spread over several digits.

reader = load_reader()
normalizer = reader[0]
some = [picture for name in pictures for picture in pictures[name][7:400:100]]
display = PredictionsDisplay.from_predictions(
    normalizer.transform(some), y_proba=reader.predict_proba(some), n_images=12
)

# %%
# Choosing a threshold
# --------------------
# A picture is rejected if the probability of its predicted digit is below a threshold.
# This rejects most pictures that are not digits, and a few digits. Each point of a
# curve is a threshold.

confidences = {
    name: reader.predict_proba(some).max(axis=1) for name, some in pictures.items()
}
of_digits = reader.predict_proba(test.images).max(axis=1)
thresholds = np.quantile(of_digits, np.linspace(0, 0.1, 101))
fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
for name, of_others in confidences.items():
    rejected = [100 * np.mean(of_others < threshold) for threshold in thresholds]
    ax.plot(np.linspace(0, 10, 101), rejected, label=name)
ax.set(xlabel="digits rejected (%)", ylabel="others rejected (%)", ylim=(0, 101))
ax.legend()

for lost in (1, 2, 5):
    threshold = np.quantile(of_digits, lost / 100)
    rejected = ", ".join(
        f"{np.mean(of_others < threshold):.1%} of {name}"
        for name, of_others in confidences.items()
    )
    print(f"threshold {threshold:.2f} rejects {lost}% of digits, {rejected}")

# sphinx_gallery_thumbnail_number = 2
plt.show()

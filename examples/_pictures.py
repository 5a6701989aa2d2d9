"""Pictures of digits as a camera might take them, and of what is no digit."""

from pathlib import Path
from string import ascii_letters

import matplotlib
import numpy as np
import scipy.ndimage as ndi
from PIL import Image, ImageDraw, ImageFont
from scipy.interpolate import make_interp_spline


def draw_row(images, rng):
    """Draw digits in a row, as in a photo. Return the picture and their boxes.

    Sizes, heights on the line and gaps vary. The paper has fibres, the light is
    uneven, and the camera is noisy. Three in ten are light on dark.
    """
    height = rng.uniform(24, 70)
    digits = []
    for image in images:
        rows, columns = np.nonzero(image)
        digit = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        size = height * rng.uniform(0.75, 1.25) / len(digit)
        digits.append(ndi.zoom(digit / 255, size, order=1).clip(0, 1))
    margin = int(height * rng.uniform(0.4, 0.9))
    gaps = (height * rng.uniform(0.12, 0.8, len(digits))).astype(int)
    tallest = max(len(digit) for digit in digits)
    width = sum(digit.shape[1] for digit in digits) + gaps[:-1].sum()
    ink = np.zeros((tallest + 2 * margin, width + 2 * margin))
    boxes, left = [], margin
    for digit, gap in zip(digits, gaps, strict=True):
        top = margin + rng.integers(0, tallest - len(digit) + 1)
        bottom, right = np.add((top, left), digit.shape)
        ink[top:bottom, left:right] = digit
        boxes.append((top, left, bottom, right))
        left = right + gap
    light, paper = _light(ink.shape, rng), _fibres(ink.shape, rng)
    picture = light * paper * (1 - rng.uniform(0.45, 0.9) * ink)
    picture += 0.03 * rng.standard_normal(ink.shape)
    if rng.random() < 0.3:
        picture = 1 - picture
    return (picture.clip(0, 1) * 255).astype(np.uint8), np.array(boxes)


def _light(shape, rng):
    """A slope in some direction, and a lamp somewhere."""
    y, x = np.mgrid[: shape[0], : shape[1]] / max(shape)
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * (y - y.mean()) + np.sin(angle) * (x - x.mean())
    slope *= rng.uniform(0.14, 0.28) / np.abs(slope).max()
    distance = np.hypot(y - rng.uniform(0, y.max()), x - rng.uniform(0, 1))
    lamp = 0.3 * np.exp(-((distance / 0.4) ** 2) / 2)
    return (0.45 + slope + lamp).clip(0.2, 1.2) / 1.2


def _fibres(shape, rng):
    noise = rng.standard_normal(shape)
    smooth = ndi.gaussian_filter(noise, rng.uniform(1, 6, 2), mode="wrap")
    return 1 + 0.04 * smooth / smooth.std()


# Letters that are digits, too, to somebody who sees no word
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

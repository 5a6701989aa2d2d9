"""Pictures of digits as a camera might take them."""

import numpy as np
import scipy.ndimage as ndi


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

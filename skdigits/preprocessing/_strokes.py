"""The strokes of a digit, found in a picture: light, noise and specks removed.

All functions work on floats. Strokes are light: 0 is background and 1 is ink.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage


@dataclass(frozen=True)
class StrokeSettings:
    """What tells strokes from a background.

    Chosen on MNIST's training images, photographed, shrunk and made bilevel:
    ``python tests/reach/choose_strokes.py`` prints how many are read right with each
    value made smaller and larger.
    """

    # In pixels: images with a shorter side have too few to tell noise or light
    small: int = 12

    # Median deviation of the pixels along the edge, as a fraction of the image's range,
    # from which on the light is uneven
    uneven: float = 0.02

    # Unless this fraction of these pixels has the least or the largest value
    clean_edge: float = 0.25

    # Fraction of an image's pixels that have its least value or its largest one, above
    # which it has neither noise nor uneven light
    clean: float = 0.5

    # Strokes are dark if the corners are light, from -0.5 to 0.5, and so many times the
    # mean along the edge
    edge_weight: float = 2.0

    # Below this sum, what comes in more parts than the other is background: each more
    # counts this much, up to that many
    certain: float = 0.75
    part_weight: float = 0.2
    most_parts: int = 5

    # Pixels on a side, at most, that the light is fitted to
    samples: int = 32

    # A pixel that is so many times the usual distance from the fit counts a quarter
    far: float = 3.0

    # Standard deviation of the noise, as a fraction of the image's range, that matters
    noisy: float = 0.002

    # How far strokes stand out of the noise, in its standard deviations: every pixel of
    # theirs, and most of them
    above_noise: float = 3.0
    clearly_above_noise: float = 5.0

    # In a noisy picture, ink of less than this, from 0 to 1, is background
    least_ink: float = 0.25

    # What has less than this fraction of the largest stroke's ink is a speck. In a
    # noisy picture, only pixels at least half as dark as ink count: fainter ones may be
    # what a bad fit of the light has left
    speck: float = 0.05


SETTINGS = StrokeSettings()

# Neighbours in an image, not from image to image
_NEIGHBOURS = np.zeros((3, 3, 3), bool)
_NEIGHBOURS[1] = True


def find_strokes(images, invert):
    """Remove the background of images of one size: its light, its noise, its specks.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width)
        float32, from 0 to 1, both of which occur unless an image is constant.
        Overwritten.

    invert : bool or "auto"
        Whether strokes are dark.

    Returns
    -------
    strokes : ndarray of shape (n_images, height, width)
        About 1 where the ink is, 0 where there is none. All 0 if no stroke is clear.

    outlines : ndarray of shape (n_images, height, width)
        The same with less noise, to measure by.
    """
    edge = _edge(*images.shape[1:])
    clean = _are_clean(images)
    images, smooth, uneven = _even_out(images, edge, clean)
    strokes = _light_on_dark(images, smooth, uneven, edge, invert)
    noisy = (_noise(strokes) > SETTINGS.noisy) & ~clean
    outlines = np.maximum(strokes, 0)
    outlines[noisy] = _smooth(strokes[noisy])
    noise = np.where(noisy, _noise(outlines), 0)
    ink, n_inked = _ink(outlines, SETTINGS.above_noise * noise)
    clear = (
        (n_inked > 0)
        & (ink > SETTINGS.clearly_above_noise * noise)
        & (ink > SETTINGS.uneven)
    )
    # Where there is no ink, so that nothing is divided by 0
    ink[~clear] = np.inf
    least = np.where(
        noisy, np.maximum(SETTINGS.above_noise * noise / ink, SETTINGS.least_ink), 0
    )
    ink = ink[:, np.newaxis, np.newaxis]
    strokes /= ink
    outlines /= ink
    # Without noise the darkest pixel is ink, with noise it is darker than ink
    np.minimum(
        strokes, np.where(noisy, 1, np.inf)[:, np.newaxis, np.newaxis], out=strokes
    )
    kept, faint = _sort_out_specks(outlines, least)
    # Without noise, what is faint is ink, too, if it lies in the box of the rest
    inked = kept | (faint & ~noisy[:, np.newaxis, np.newaxis])
    return np.where(inked, strokes, 0).clip(0), np.where(kept, outlines, 0)


def _edge(height, width):
    """Mark the pixels along the edge, a twentieth of the shorter side wide."""
    depth = max(1, min(height, width) // 20)
    edge = np.ones((height, width), bool)
    edge[depth : height - depth, depth : width - depth] = False
    return edge


def _corners(height, width):
    """Mark the pixels in the corners, a twelfth of the shorter side wide."""
    depth = max(1, min(height, width) // 12)
    rows, columns = (
        np.minimum(np.arange(size), np.arange(size)[::-1]) < depth
        for size in (height, width)
    )
    return rows[:, np.newaxis] & columns


def _are_clean(images):
    """Tell which images have no noise: bilevel ones, and drawings."""
    darkest, lightest = (
        level[:, np.newaxis, np.newaxis] for level in _extremes(images)
    )
    extreme = (images == darkest) | (images == lightest)
    return extreme.mean(axis=(1, 2)) > SETTINGS.clean


def _even_out(images, edge, clean):
    """Subtract the light where it is uneven, in place.

    Returns
    -------
    images, smooth : ndarray of shape (n_images, height, width)
        The second with less noise, to find the background's level by: it lies between
        two of the grey levels that a picture of bytes has.

    uneven : ndarray of shape (n_images,)
        Which these are.
    """
    along = images[:, edge]
    deviation = np.abs(along - np.median(along, axis=1, keepdims=True))
    uneven = np.median(deviation, axis=1) > SETTINGS.uneven
    # Where many pixels have the very same value, that is a background
    darkest, lightest = (extreme[:, np.newaxis] for extreme in _extremes(images))
    for extreme in (darkest, lightest):
        uneven &= (along == extreme).mean(axis=1) < SETTINGS.clean_edge
    uneven &= ~clean
    if min(edge.shape) < SETTINGS.small:
        uneven[:] = False
        return images, images, uneven
    if uneven.any():
        images[uneven] -= _light(images[uneven])
    smooth = images.copy()
    smooth[~clean] = _smooth(images[~clean])
    return images, smooth, uneven


def _light_on_dark(images, smooth, uneven, edge, invert):
    """Turn images so that their strokes are above the background, which is 0."""
    level = np.median(smooth[:, edge], axis=1)
    if invert == "auto":
        dark = _are_dark_on_light(smooth, edge)
    else:
        dark = np.full(len(images), invert)
    sign = np.where(dark, -1, 1).astype(np.float32)
    # Where light was fitted, most pixels are background; elsewhere, there may be few
    below_ink = _level_below_ink(smooth * sign[:, np.newaxis, np.newaxis], edge)
    level = np.where(uneven, level * sign, below_ink)
    return images * sign[:, np.newaxis, np.newaxis] - level[:, np.newaxis, np.newaxis]


def _are_dark_on_light(images, edge):
    """Tell which images have dark strokes.

    Background is what there is more of in the corners and along the edge. Where a digit
    fills its image, neither is certain: there, it also is what comes in more parts.
    """
    darkest, lightest = (
        level[:, np.newaxis, np.newaxis] for level in _extremes(images)
    )
    light = (images - darkest) / np.where(
        lightest > darkest, lightest - darkest, 1
    ) - 0.5
    corners = light[:, _corners(*edge.shape)].mean(axis=1)
    evidence = corners + SETTINGS.edge_weight * light[:, edge].mean(axis=1)
    for index in np.flatnonzero(np.abs(evidence) < SETTINGS.certain):
        parts = _n_parts(light[index] > 0) - _n_parts(light[index] <= 0)
        parts = np.clip(parts, -SETTINGS.most_parts, SETTINGS.most_parts)
        evidence[index] += SETTINGS.part_weight * parts
    return evidence > 0


def _n_parts(pixels):
    """Return how many parts there are, on the mean of those with corners joined."""
    return (ndimage.label(pixels)[1] + ndimage.label(pixels, np.ones((3, 3)))[1]) / 2


def _light(images):
    """Fit a quadratic function of the place to each image, whatever its strokes.

    Iterated least squares, where a pixel counts less the farther it is from the fit,
    as strokes are.
    """
    _, height, width = images.shape
    y, x = (np.linspace(-1, 1, size, dtype=np.float32) for size in (height, width))
    rows, columns = (
        slice(None, None, -(-s // SETTINGS.samples)) for s in (height, width)
    )
    terms = _quadratic(y[rows], x[columns])
    values = images[:, rows, columns].reshape(len(images), -1, 1)
    weights = np.ones((len(images), 1, terms.shape[1]), np.float32)
    # Keeps the equations solvable where few pixels count
    ridge = 1e-4 * np.eye(len(terms), dtype=np.float32)
    for _ in range(5):
        weighted = weights * terms
        products = weighted @ terms.T + ridge * weights.sum(axis=2, keepdims=True)
        coefficients = np.linalg.solve(products, weighted @ values).swapaxes(1, 2)
        distance = np.abs(values.swapaxes(1, 2) - coefficients @ terms)
        usual = (weights * distance).sum(axis=2, keepdims=True)
        usual /= weights.sum(axis=2, keepdims=True)
        weights = (1 + (distance / (SETTINGS.far * usual + 1e-6)) ** 2) ** -2
    return (coefficients @ _quadratic(y, x)).reshape(images.shape)


def _quadratic(y, x):
    """Return the terms of a quadratic function of the place, a row each."""
    y, x = (part.ravel() for part in np.meshgrid(y, x, indexing="ij"))
    return np.stack([np.ones_like(y), y, x, y * y, y * x, x * x])


def _smooth(images):
    """Average over 3 x 3 pixels."""
    return ndimage.uniform_filter(images, (0, 3, 3), mode="nearest")


def _noise(images):
    """Estimate the standard deviation of noise around 0.

    Strokes are above 0, so what is below is noise, and there is as much of it above:
    the mean distance of a normal distribution is sqrt(2 / pi) of its deviation.
    """
    below = np.maximum(-images, 0).mean(axis=(1, 2))
    return 2 * below * np.sqrt(np.pi / 2)


def _extremes(images):
    return images.min(axis=(1, 2)), images.max(axis=(1, 2))


def _level_below_ink(images, edge):
    """Find the background's level: the median of pixels along the edge that are no ink.

    With ink on most of the edge, as where a "1" fills its image, that of the darkest.
    """
    darkest, lightest = _extremes(images)
    along = np.sort(images[:, edge], axis=1)
    n_below = (along <= ((darkest + lightest) / 2)[:, np.newaxis]).sum(axis=1)
    place = np.arange(len(images)), np.maximum(n_below - 1, 0) // 2
    return np.where(n_below > 0, along[place], darkest)


def _ink(outlines, least):
    """Find the ink's level: the upper quartile of the pixels above a least one.

    Returns
    -------
    ink : ndarray of shape (n_images,)

    n_inked : ndarray of shape (n_images,)
        How many pixels are above.
    """
    values = np.sort(outlines.reshape(len(outlines), -1), axis=1)
    n_inked = (values > least[:, np.newaxis]).sum(axis=1)
    place = np.arange(len(values)), values.shape[1] - 1 - n_inked // 4
    return values[place], n_inked


def _sort_out_specks(outlines, least):
    """Find which pixels belong to strokes.

    Returns
    -------
    kept : ndarray of bool
        Of connected pixels above the least, with enough ink among them.

    faint : ndarray of bool
        Of connected pixels above the least, none of which is half as dark as ink.
    """
    least = least[:, np.newaxis, np.newaxis]
    labels, n_labels = ndimage.label(outlines > least, _NEIGHBOURS)
    flat = labels.ravel()
    (inked,) = np.nonzero(flat)
    image_of = np.zeros(n_labels + 1, np.intp)
    image_of[flat[inked]] = inked // outlines[0].size

    # scipy.ndimage.sum_labels takes 1.8 times as long on 2,000 images of MNIST's
    def add_up(values):
        return np.bincount(flat, values.ravel(), minlength=n_labels + 1)

    dark = outlines > 0.5
    faint = add_up(dark) == 0
    is_clean = least == 0
    mass = add_up(outlines * (dark | is_clean))
    faint[0] = False  # the background
    mass[faint] = mass[0] = 0
    largest = np.zeros(len(outlines))
    np.maximum.at(largest, image_of, mass)
    kept = mass > SETTINGS.speck * largest[image_of]
    return kept[labels], faint[labels]

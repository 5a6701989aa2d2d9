"""The strokes of a digit: found in a picture, scaled and centred as MNIST's are.

All functions work on floats. Strokes are light: 0 is background and 1 is ink.
"""

import numpy as np
from scipy import ndimage

# Images with fewer pixels on a side have too few to tell noise or light from strokes
_SMALL = 12

# Median deviation of the pixels along the edge, as a fraction of the image's range,
# from which on the light is uneven
_UNEVEN = 0.02

# Unless so many of these pixels have the least value of the image, or the largest
_CLEAN = 0.25

# The light is fitted to so many pixels on a side
_SAMPLES = 32

# Standard deviation of the noise, as a fraction of the image's range, that matters
_NOISY = 0.002

# How far strokes stand out of the noise, in its standard deviations: every pixel of
# theirs, and most of them
_ABOVE_NOISE = 3.0
_CLEARLY_ABOVE_NOISE = 5.0

# In a noisy picture, ink of less than this is background
_LEAST_INK = 0.25

# What has less than this fraction of the largest stroke's ink is a speck
_SPECK = 0.05

# Ink that the box has to contain. All images of MNIST but one in a thousand then have
# a box of 20 pixels, as they were made.
_OUTLINE = 0.25

# Pixels around the scaled box, for the grey edges of strokes
_BORDER = 1

# Enlarged strokes are drawn at so many times the resolution, then averaged
_OVERSAMPLING = 4

# Enlarged strokes are thinned if they are thicker, in pixels, by raising the level at
# which ink begins: by so much for a pixel, and at most
_THICK = 3.5
_THINNING = 0.1
_MOST_THINNING = 0.25

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
    strokes = _light_on_dark(*_even_out(images, edge), edge, invert)
    noisy = _noise(strokes) > _NOISY
    if min(edge.shape) < _SMALL:
        noisy[:] = False
    outlines = np.maximum(strokes, 0)
    outlines[noisy] = _smooth(strokes[noisy])
    noise = np.where(noisy, _noise(outlines), 0)
    ink, n_inked = _ink(outlines, _ABOVE_NOISE * noise)
    clear = (n_inked > 0) & (ink > _CLEARLY_ABOVE_NOISE * noise) & (ink > _UNEVEN)
    # Where there is no ink, so that nothing is divided by 0
    ink[~clear] = np.inf
    least = np.where(noisy, np.maximum(_ABOVE_NOISE * noise / ink, _LEAST_INK), 0)
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


def deskew(strokes, outline):
    """Shear an image so that its strokes are upright, by their moments.

    Returns
    -------
    strokes, outline : ndarray of shape (height, new_width)
    """
    total = strokes.sum()
    y, x = (np.arange(size, dtype=np.float64) for size in strokes.shape)
    rows, columns = strokes.sum(axis=1), strokes.sum(axis=0)
    y -= rows @ y / total
    x -= columns @ x / total
    variance = rows @ y**2
    if not variance:
        return strokes, outline
    slant = np.clip(y @ strokes @ x / variance, -1, 1)
    margin = int(np.ceil(abs(slant) * np.abs(y).max()))
    return _shear(strokes, slant, y, margin), _shear(outline, slant, y, margin)


def bounding_box(outline, inner_size):
    """Find the box around strokes.

    Where the strokes are to be enlarged, a pixel is large, and one that is half as dark
    as others is half outside: the box has fractions of pixels.

    Returns
    -------
    box : tuple of float
        Left, top, right and bottom, in pixels.
    """
    sides = []
    ink = outline.clip(0, 1)
    profiles = [ink.max(axis=axis) for axis in (0, 1)]
    for profile in profiles:
        (inside,) = np.nonzero(profile > _OUTLINE)
        sides.append((inside[0], inside[-1] + 1))
    enlargement = inner_size / max(end - start for start, end in sides)
    share = min(1, max(0, enlargement - 1))
    (left, right), (top, bottom) = (
        (
            start + share * (1 - profile[start]),
            end - share * (1 - profile[end - 1]),
        )
        if end - start > 1
        else (start, end)
        for (start, end), profile in zip(sides, profiles, strict=True)
    )
    return float(left), float(top), float(right), float(bottom)


def scale(strokes, box, inner_size):
    """Scale what is in a box so that its longer side has `inner_size` pixels.

    MNIST's images were made of black and white ones, which anti-aliasing made grey
    along the edges. Shrinking does the same here. Enlarging makes edges wider than
    that, so it is done at a higher resolution, where the contrast is then raised.

    Returns
    -------
    scaled : ndarray of shape (new_height, new_width)
        With values from 0 to 1, the largest of which is 1, and a border for what is
        faint around the box.
    """
    # Prediction behind other preprocessing needs no Pillow
    from PIL import Image

    left, top, right, bottom = box
    enlargement = inner_size / max(right - left, bottom - top)
    width = max(1, round(enlargement * (right - left))) + 2 * _BORDER
    height = max(1, round(enlargement * (bottom - top))) + 2 * _BORDER
    border = _BORDER / enlargement
    # Around the image there is background, which the filter is to see
    margin = 3 + int(np.ceil(border))
    image = Image.fromarray(np.pad(strokes, margin).astype(np.float32, copy=False))
    low, high = margin - border, margin + border
    box = left + low, top + low, right + high, bottom + high
    lanczos = Image.Resampling.LANCZOS
    if enlargement <= 1:
        scaled = np.asarray(image.resize((width, height), lanczos, box)).clip(0)
    else:
        n = _OVERSAMPLING
        large = np.asarray(image.resize((n * width, n * height), lanczos, box))
        large = _sharpen(large, enlargement)
        scaled = large.reshape(height, n, width, n).mean(axis=(1, 3))
    largest = scaled.max()
    return scaled / largest if largest > 0 else scaled


def centre(scaled, size):
    """Paste strokes into an empty square, their centre of mass in the middle.

    MNIST's middle is the pixel at `size / 2`, half a pixel below and right of the
    square's.

    Returns
    -------
    image : ndarray of shape (size, size)
    """
    image = np.zeros((size + 2 * _BORDER,) * 2, scaled.dtype)
    mass = scaled.sum()
    if mass:
        top, left = (_start(scaled.sum(axis=axis) / mass, size) for axis in (1, 0))
        height, width = scaled.shape
        image[top : top + height, left : left + width] = scaled
    return image[_BORDER:-_BORDER, _BORDER:-_BORDER]


def _start(profile, size):
    """Return where in an image, with its border, a profile starts to be centred."""
    middle = profile @ np.arange(len(profile))
    # What is symmetric may be half a pixel off either way: not for rounding to decide
    start = int(np.floor(np.round(size / 2 - middle, 3) + 0.5)) + _BORDER
    # Inside, whatever the mass says
    return min(max(0, start), size + 2 * _BORDER - len(profile))


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


def _even_out(images, edge):
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
    uneven = np.median(deviation, axis=1) > _UNEVEN
    # Where many pixels have the very same value, that is a background
    darkest, lightest = (extreme[:, np.newaxis] for extreme in _extremes(images))
    for extreme in (darkest, lightest):
        uneven &= (along == extreme).mean(axis=1) < _CLEAN
    if min(edge.shape) < _SMALL:
        uneven[:] = False
        return images, images, uneven
    if uneven.any():
        images[uneven] -= _light(images[uneven])
    return images, _smooth(images), uneven


def _light_on_dark(images, smooth, uneven, edge, invert):
    """Turn images so that their strokes are above the background, which is 0."""
    level = np.median(smooth[:, edge], axis=1)
    if invert == "auto":
        # Where a digit fills its image, its corners are what it fills least
        darkest, lightest = _extremes(smooth)
        corners = smooth[:, _corners(*edge.shape)].mean(axis=1)
        dark = corners - darkest > lightest - corners
    else:
        dark = np.full(len(images), invert)
    sign = np.where(dark, -1, 1).astype(np.float32)
    # Where light was fitted, most pixels are background; elsewhere, there may be few
    below_ink = _level_below_ink(smooth * sign[:, np.newaxis, np.newaxis], edge)
    level = np.where(uneven, level * sign, below_ink)
    return images * sign[:, np.newaxis, np.newaxis] - level[:, np.newaxis, np.newaxis]


def _light(images):
    """Fit a quadratic function of the place to each image, whatever its strokes.

    Iterated least squares, where a pixel counts less the farther it is from the fit,
    as strokes are.
    """
    _, height, width = images.shape
    y, x = (np.linspace(-1, 1, size, dtype=np.float32) for size in (height, width))
    rows, columns = (slice(None, None, -(-s // _SAMPLES)) for s in (height, width))
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
        weights = (1 + (distance / (2 * usual + 1e-6)) ** 2) ** -2
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
    labels, n_labels = ndimage.label(
        outlines > least[:, np.newaxis, np.newaxis], _NEIGHBOURS
    )
    flat = labels.ravel()
    (inked,) = np.nonzero(flat)
    image_of = np.zeros(n_labels + 1, np.intp)
    image_of[flat[inked]] = inked // outlines[0].size

    def add_up(values):
        return np.bincount(flat, values.ravel(), minlength=n_labels + 1)

    faint = add_up(outlines > 0.5) == 0
    mass = add_up(outlines)
    faint[0] = False  # the background
    mass[faint] = mass[0] = 0
    largest = np.zeros(len(outlines))
    np.maximum.at(largest, image_of, mass)
    kept = mass > _SPECK * largest[image_of]
    return kept[labels], faint[labels]


def _shear(image, slant, y, margin):
    from PIL import Image

    padded = np.pad(image, ((0, 0), (margin, margin))).astype(np.float32, copy=False)
    # Where pixels come from: x of the result plus slant times y from the centre
    coefficients = (1, slant, slant * (y[0] - 0.5), 0, 1, 0)
    sheared = Image.fromarray(padded).transform(
        padded.shape[::-1],
        Image.Transform.AFFINE,
        coefficients,
        Image.Resampling.BICUBIC,
    )
    return np.asarray(sheared).clip(0)


def _sharpen(large, enlargement):
    """Raise the contrast of enlarged strokes, and thin them if they are thick."""
    level = 0.5
    sharp = ((large - level) * enlargement + 0.5).clip(0, 1)
    rise = np.hypot(np.diff(sharp, axis=0)[:, :-1], np.diff(sharp, axis=1)[:-1]).sum()
    if rise:
        # Of a long stroke, whose edges are its two long sides
        thickness = 2 * sharp.sum() / rise / _OVERSAMPLING
        thinning = _THINNING * (thickness - _THICK)
        level += min(max(0, thinning), _MOST_THINNING)
        sharp = ((large - level) * enlargement + 0.5).clip(0, 1)
    return sharp

"""Ink on a page, whatever the light: where it is, and how clear.

Strokes are thin and paper is not. Paper, shadows and dark tables are what is left when
everything thinner than some digits' strokes is taken away, by a morphological closing.
Ink is how much darker than that a pixel is, relative to it, since light multiplies.
"""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage as ndi


@dataclass(frozen=True)
class InkConstants:
    """What was chosen on pages of MNIST's training images, by `tune_pages.py`."""

    # Relative to the height of a digit: the deviation of the blur against noise, the
    # width of the widest stroke, what is nearby
    blur: float = 0.03
    widest_stroke: float = 0.55
    nearby: float = 2.5

    # Brightness of the darkest paper, relative to the lightest: what is darker has
    # no contrast that could be told from the camera's noise
    darkest_paper: float = 0.08

    # How far strokes stand out, all their pixels and at least one, relative to what
    # does so most nearby, and the least of that, relative to what does in the picture
    stroke: float = 0.34
    core: float = 0.45
    mark: float = 0.15
    faintest: float = 0.2

    # The same in deviations of the noise
    stroke_to_noise: float = 3.0
    core_to_noise: float = 5.0

    # The least contrast of ink, and the least noise: a picture of bytes has steps
    least_contrast: float = 0.04
    least_noise: float = 0.004


CONSTANTS = InkConstants()

# Chalk leaves holes, which are blurred over
CHALK = InkConstants(blur=0.06, stroke=0.25)

# How far their pixels differ, relative to their contrast, at least
_HOLES = 0.12


@dataclass
class Ink:
    """Ink, each of shape (height, width).

    Attributes
    ----------
    strokes : ndarray of bool
        Where it is.

    marks : ndarray of bool
        Where anything is that is darker than paper: lines may be fainter than ink.

    clarity : ndarray of float32
        1 in the middle of strokes, 0 for paper.

    paper : ndarray of float32
        Brightness of the paper.

    contrast : ndarray of float32
        How much darker than paper it is, relative to paper.

    off_level : ndarray of float32
        Signed difference to the median brightness of the surroundings: high in ink,
        about 0 in the paper between strokes.
    """

    strokes: np.ndarray
    marks: np.ndarray
    paper: np.ndarray
    clarity: np.ndarray
    contrast: np.ndarray
    off_level: np.ndarray


def find_ink(grey, height, constants=CONSTANTS):
    """Find dark ink on lighter paper.

    Parameters
    ----------
    grey : ndarray of shape (n_rows, n_columns)
        float32, from 0 to 1.

    height : float
        Of a digit, in pixels.

    Returns
    -------
    ink : Ink
    """
    smooth = ndi.gaussian_filter(
        grey, max(0.4, constants.blur * height), mode="nearest", truncate=2.5
    )
    width = round(constants.widest_stroke * height) | 1
    paper = _closing(smooth, width)
    brightest = float(paper[:: max(1, width // 4), :: max(1, width // 4)].max())
    paper = np.maximum(paper, max(constants.darkest_paper * brightest, 1e-6))
    contrast = 1 - smooth / paper
    block = max(4, round(2 * height))
    typical, noise = _spread(contrast, block)
    contrast -= typical
    level = _median(smooth, block)
    off_level = level - smooth
    del smooth, typical, level
    noise = np.maximum(noise, constants.least_noise)
    most = _most_nearby(contrast, constants.nearby * height)
    most = np.maximum(most, max(constants.faintest * most.max(), 1e-6))
    least = np.maximum(constants.stroke_to_noise * noise, constants.least_contrast / 2)
    marks = contrast > np.maximum(least, constants.mark * most)
    strokes = _hysteresis(
        contrast,
        np.maximum(constants.stroke * most, least, out=least),
        np.maximum(
            constants.core * most,
            np.maximum(constants.core_to_noise * noise, constants.least_contrast),
        ),
    )
    most *= 0.85
    clarity = np.clip(contrast / most, 0, 1, out=most)
    return Ink(strokes, marks, paper, clarity, contrast, off_level)


def has_holes(grey, ink):
    """Tell whether strokes differ from pixel to pixel, by more than paper does."""
    fine = (grey - ndi.uniform_filter(grey, 3, mode="nearest")) / ink.paper
    core = ndi.binary_erosion(ink.strokes, np.ones((3, 3)))
    if not core.any() or ink.marks.all():
        return False
    deviation = max(0, fine[core].var() - fine[~ink.marks].var()) ** 0.5
    return deviation > _HOLES * np.median(ink.contrast[core])


def _closing(values, width):
    for axis in (0, 1):
        values = ndi.maximum_filter1d(values, width, axis, mode="nearest")
    for axis in (0, 1):
        values = ndi.minimum_filter1d(values, width, axis, mode="nearest")
    return values


def _spread(contrast, block):
    """Return the level and the deviation of the noise nearby, of the shape given.

    Ink is on one side only, so that the other tells.
    """
    low, typical = _quantiles(contrast, block, (0.16, 0.5))
    deviation = ndi.median_filter(typical - low, 3, mode="nearest")
    typical = ndi.median_filter(typical, 3, mode="nearest")
    return _enlarge(typical, contrast.shape), _enlarge(deviation, contrast.shape)


def _median(values, block):
    return _enlarge(_quantiles(values, block, (0.5,))[0], values.shape)


def _quantiles(values, block, quantiles):
    """Return quantiles of square blocks, by a few hundred pixels of each."""
    step = max(1, block // 16)
    some = values[::step, ::step]
    side = max(1, block // step)
    n_blocks = [max(1, round(n / side)) for n in some.shape]
    rows, columns = (
        np.linspace(0, n, k + 1).astype(int)
        for n, k in zip(some.shape, n_blocks, strict=True)
    )
    result = np.empty((len(quantiles), *n_blocks), np.float32)
    for i in range(n_blocks[0]):
        for j in range(n_blocks[1]):
            part = some[rows[i] : rows[i + 1], columns[j] : columns[j + 1]].ravel()
            places = [int(q * (len(part) - 1)) for q in quantiles]
            result[:, i, j] = np.partition(part, places)[places]
    return result


def _enlarge(values, shape):
    # Importing the package needs no Pillow
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.array(image.resize(shape[::-1], Image.Resampling.BILINEAR))


def _most_nearby(contrast, nearby):
    """Return the largest contrast nearby, but for the few lightest pixels."""
    step = max(1, round(nearby / 12))
    rows, columns = (n // step * step for n in contrast.shape)
    if not rows or not columns:
        return np.full_like(contrast, contrast.max())
    blocks = contrast[:rows, :columns].reshape(
        rows // step, step, columns // step, step
    )
    most = blocks.max(axis=(1, 3))
    most = ndi.maximum_filter(most, round(nearby / step) | 1, mode="nearest")
    return _enlarge(ndi.uniform_filter(most, 5, mode="nearest"), contrast.shape)


def _hysteresis(values, low, high):
    """Return where connected values above `low` have one above `high`."""
    labels, n_labels = ndi.label(values > low, np.ones((3, 3)))
    is_kept = np.zeros(n_labels + 1, bool)
    is_kept[labels[values > high]] = True
    is_kept[0] = False
    return is_kept[labels]

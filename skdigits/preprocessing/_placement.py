"""A digit's strokes made like MNIST's: cropped, scaled, of its thickness, centred.

All functions work on floats. Strokes are light: 0 is background and 1 is ink.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage


@dataclass(frozen=True)
class PlacementSettings:
    """What a digit of MNIST's looks like. Lengths are fractions of the inner size.

    Chosen on MNIST's training images: ``python tests/reach/choose_strokes.py`` prints
    how many are read right with each value made smaller and larger.
    """

    # Ink that the box has to contain, from 0 to 1. All images of MNIST but one in a
    # thousand then have a box of 20 pixels, as they were made.
    outline: float = 0.25

    # Strokes are drawn at so many times the resolution to be measured and changed
    oversampling: int = 4

    # Where pixels are enlarged, strokes are thinned if they are thicker than this, by
    # raising the level at which ink begins: by so much for a length of 1, and at most
    thick: float = 0.175
    thinning: float = 2.0
    most_thinning: float = 0.25

    # Then, mean thickness that strokes are brought to from below and above. MNIST's
    # median is 0.12, and 98% of its images have 0.07 to 0.21.
    thinnest: float = 0.08
    thickest: float = 0.195

    # As the latter, for what has the inner size as it comes, as MNIST's images do:
    # they are hardly ever thicker
    thickest_unscaled: float = 0.3

    # To be thinned, strokes are smoothed by a Gaussian of this standard deviation, and
    # keep this fraction of that thickness along their middle lines, where the distance
    # from the edge grows by less than the third, in pixels for a pixel
    smoothing: float = 0.02
    kept: float = 0.6
    ridge: float = 0.5

    # What is taken off or added on each side, at most
    most_change: float = 0.2

    # What is thicker is a "1" if it fills a square and its strokes have less than this
    # length in all, or if its rows are of about the same width, with a difference of
    # less than this fraction of it
    one_length: float = 1.6
    uneven_bar: float = 0.25

    # Which is made narrower, to have this thickness
    one_thickness: float = 0.13


SETTINGS = PlacementSettings()

# Pixels around the scaled box, for the grey edges of strokes
_BORDER = 1

# Columns beside an image that is sheared, which its interpolation sees
_SHEAR_BORDER = 2


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
    upright = _shear(outline, slant, y, margin)
    if upright.max() <= SETTINGS.outline:
        # A stroke of few pixels, spread until it is too faint
        return strokes, outline
    return _shear(strokes, slant, y, margin), upright


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
        (inside,) = np.nonzero(profile > SETTINGS.outline)
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
    left, top, right, bottom = box
    enlargement = inner_size / max(right - left, bottom - top)
    if enlargement > 1:
        return _average(
            _draw_large(strokes, box, (enlargement, enlargement), inner_size)
        )
    return _to_one(_draw(strokes, box, (enlargement, enlargement), 1))


def even_out_thickness(strokes, box, scaled, inner_size):
    """Draw strokes again, no thicker and no thinner than MNIST's.

    Thin and thick strokes are dilated and eroded by a distance that is found by
    measuring them, and drawn larger or smaller to have the same height in the end. A
    thick stroke that is all there is, and so a "1", is made narrower instead: eroded,
    it would become shorter, too.

    Parameters
    ----------
    strokes : ndarray of shape (height, width)

    box : tuple of float
        As :func:`bounding_box` returns it.

    scaled : ndarray
        What :func:`scale` made of it.

    inner_size : int

    Returns
    -------
    evened : ndarray of shape (new_height, new_width)
        `scaled` itself if its strokes are like MNIST's.
    """
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    enlargement = inner_size / max(width, height)
    is_unscaled = enlargement == 1
    thickest = SETTINGS.thickest_unscaled if is_unscaled else SETTINGS.thickest
    if is_unscaled and _rough_thickness(scaled) < thickest * inner_size * 0.75:
        return scaled  # which saves most of the time on MNIST's own images
    zoom = np.array([enlargement, enlargement])
    large = _draw_large(strokes, box, zoom, inner_size)
    thickness, length = _measure(large, inner_size)
    if thickness > thickest and _is_one(large, length, width / height):
        zoom[0] *= SETTINGS.one_thickness / thickness
        return _average(_draw_large(strokes, box, zoom, inner_size))
    wanted = np.clip(thickness, SETTINGS.thinnest, thickest)
    if wanted == thickness or (is_unscaled and wanted > thickness):
        return scaled
    # Drawn larger by what is then taken off, strokes are thicker by as much, too
    change = (thickness - wanted) / max(1, 2 - 2 * thickness)
    change = np.clip(change, -SETTINGS.most_change, SETTINGS.most_change)
    large = _draw_large(strokes, box, zoom * (1 + 2 * change), inner_size)
    size = SETTINGS.oversampling * np.array(scaled.shape)
    large = _in_the_middle(large, np.maximum(size, large.shape))
    eroded = _erode(large, change, SETTINGS.kept * wanted, inner_size)
    return _average(_in_the_middle(eroded, size))


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
        # scipy.ndimage.center_of_mass would take a quarter of the time of all steps
        top, left = (_start(scaled.sum(axis=axis) / mass, size) for axis in (1, 0))
        height, width = scaled.shape
        image[top : top + height, left : left + width] = scaled
    return image[_BORDER:-_BORDER, _BORDER:-_BORDER]


def _start(profile, size):
    """Return where in an image, with its border, a profile starts to be centred."""
    middle = profile @ np.arange(len(profile))
    # What is symmetric may be half a pixel off: not for rounding errors to decide
    start = int(np.floor(np.round(size / 2 - middle, 3) + 0.5)) + _BORDER
    # Inside, whatever the mass says
    return min(max(0, start), size + 2 * _BORDER - len(profile))


def _draw(strokes, box, zoom, oversampling):
    """Draw what is in a box, and a border of a pixel, by Lanczos resampling."""
    # Prediction behind other preprocessing needs no Pillow
    from PIL import Image

    box, zoom = np.array(box), np.asarray(zoom)
    size = np.maximum(1, np.rint(zoom * (box[2:] - box[:2]))).astype(int) + 2 * _BORDER
    border = _BORDER / zoom
    # Around the image there is background, which the filter is to see
    margin = 3 + int(np.ceil(border.max()))
    low, high = box[:2] + margin - border, box[2:] + margin + border
    if oversampling == 1 and (zoom == 1).all() and (box == box.round()).all():
        (left, top), (right, bottom) = low.astype(int), high.astype(int)
        drawn = np.pad(strokes, margin)[top:bottom, left:right]
    else:
        image = Image.fromarray(np.pad(strokes, margin).astype(np.float32, copy=False))
        drawn = image.resize(
            tuple(oversampling * size), Image.Resampling.LANCZOS, (*low, *high)
        )
        drawn = np.asarray(drawn).clip(0)
    return drawn


def _draw_large(strokes, box, zoom, inner_size):
    """Draw strokes at several times the resolution, with the contrast of ink."""
    large = _draw(strokes, box, zoom, SETTINGS.oversampling)
    contrast = max(zoom)
    if contrast <= 1:
        return _to_one(large)
    level = 0.5
    sharp = ((large - level) * contrast + 0.5).clip(0, 1)
    # Where a grey pixel is wide, the level at which ink begins moves a stroke's edge
    thickness = _rough_thickness(sharp) / SETTINGS.oversampling / inner_size
    thinning = SETTINGS.thinning * (thickness - SETTINGS.thick)
    level += min(max(0, thinning), SETTINGS.most_thinning)
    return ((large - level) * contrast + 0.5).clip(0, 1)


def _average(large):
    n = SETTINGS.oversampling
    height, width = np.array(large.shape) // n
    return _to_one(large.reshape(height, n, width, n).mean(axis=(1, 3)))


def _in_the_middle(large, size):
    """Pad or cut an image to a size, with as much on either side."""
    missing = (np.asarray(size) - large.shape) // 2
    padded = np.pad(large, [(max(0, n), max(0, n)) for n in missing])
    top, left = np.maximum(0, -missing)
    return padded[top : top + size[0], left : left + size[1]]


def _to_one(drawn):
    """Scale values so that the largest is 1, if there is any."""
    largest = drawn.max()
    return drawn / largest if largest > 0 else drawn


def _rough_thickness(drawn):
    """Return the thickness of long strokes, whose edges are their two long sides."""
    rise = np.hypot(np.diff(drawn, axis=0)[:, :-1], np.diff(drawn, axis=1)[:-1]).sum()
    return 2 * drawn.sum() / rise if rise else 0.0


def _measure(large, inner_size):
    """Return thickness and length of strokes, in inner sizes."""
    inked = large > 0.5
    area = np.count_nonzero(inked)
    if not area:
        return SETTINGS.thinnest, np.inf
    # Over a stroke, the mean distance from its edge is a quarter of its thickness. The
    # edge is half a pixel nearer than the next pixel's middle.
    distance = ndimage.distance_transform_edt(inked)
    thickness = 4 * (distance.sum() / area - 0.5)
    unit = SETTINGS.oversampling * inner_size
    return thickness / unit, area / thickness / unit


def _is_one(large, length, aspect):
    """Tell whether thick strokes are a "1": one stretched to a square, or a bar."""
    if abs(aspect - 1) < 0.1:
        return length < SETTINGS.one_length
    return aspect < 1 and _is_bar(large > 0.5)


def _is_bar(inked):
    """Tell whether all rows are inked once and as wide, but for those at the ends."""
    widths = inked.sum(axis=1)
    (rows,) = np.nonzero(widths)
    inner = len(rows) // 5
    rows = rows[inner : len(rows) - inner]
    ends = np.diff(inked[rows].astype(np.int8), axis=1, prepend=0, append=0)
    once = (np.abs(ends).sum(axis=1) == 2).all()
    return once and np.ptp(widths[rows]) < SETTINGS.uneven_bar * np.mean(widths[rows])


def _erode(large, change, kept, inner_size):
    """Move the edges of strokes inwards, or outwards, by a length.

    Along their middle lines, strokes stay as thick as `kept` if they were.
    """
    unit = SETTINGS.oversampling * inner_size
    if change > 0:
        large = ndimage.gaussian_filter(large, SETTINGS.smoothing * unit)
    inked = large > 0.5
    inside = ndimage.distance_transform_edt(inked)
    edge = inside - ndimage.distance_transform_edt(~inked)
    moved = edge - change * unit
    if change > 0:
        growth = ndimage.maximum_filter(inside, 3) - inside
        off_middle = ndimage.distance_transform_edt(~inked | (growth > SETTINGS.ridge))
        moved = np.maximum(moved, np.minimum(kept * unit / 2 - off_middle, edge))
    return (moved + 0.5).clip(0, 1)


def _shear(image, slant, y, margin):
    # Prediction behind other preprocessing needs no Pillow
    from PIL import Image

    # Where pixels come from: x of the result plus slant times y from the centre. The
    # middle of a pixel is half a pixel from its corner.
    padded = np.pad(image, ((0, 0), (margin + _SHEAR_BORDER,) * 2))
    sheared = Image.fromarray(padded.astype(np.float32, copy=False)).transform(
        padded.shape[::-1],
        Image.Transform.AFFINE,
        (1, slant, slant * (y[0] - 0.5), 0, 1, 0),
        Image.Resampling.BICUBIC,
    )
    return np.asarray(sheared)[:, _SHEAR_BORDER:-_SHEAR_BORDER].clip(0)

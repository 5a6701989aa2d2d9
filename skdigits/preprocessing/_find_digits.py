"""Find the digits in a picture: `find_digits`."""

import warnings

import numpy as np
import scipy.ndimage as ndi
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from sklearn.utils import Bunch

from skdigits._utils.pictures import read_picture, to_grey
from skdigits._utils.types import Picture

# All of these were chosen on rows of MNIST's training images.

# Relative to the height of a digit: how far to blur, what is nearby, what is ruled
_BLUR = 0.03
_NEARBY = 2.5
_LINE_LENGTH = 1.4

# Relative to it, too: heights of digits, of parts that need no other, areas of specks
_HEIGHTS = 0.45, 2.2
_WHOLE = 0.6
_SPECK = 0.006

# And how far from a digit a part of it may lie, beside it, and above or below it
_GAP = 0.15
_VERTICAL_GAP = 0.3

# How far strokes stand out, all their pixels and at least one, relative to the pixel
# that does so most within a part of what is nearby, and to that of the whole picture
_STROKE, _CORE = 0.35, 0.5
_NEAREST = 0.5
_FAINTEST = 0.15

# And in standard deviations of the noise; the norm over all pixels of a digit is more
# than a blot of noise would have
_STROKE_TO_NOISE, _CORE_TO_NOISE = 2.5, 3.5
_CERTAIN = 30.0

# The least noise, relative to the pixel that stands out most
_LEAST_NOISE = 0.02

# And that norm, relative to the digits' median: at the picture's edge, where the
# background is half unknown, more is asked for
_FAINT, _FAINT_AT_EDGE = 0.25, 0.6

# A picture of digits has fewer of them, and fewer strokes, with and without the specks
# of noise, those relative to its pixels. Time grows with the square of their number.
_MOST_DIGITS = 1000
_MOST_PARTS = 5000
_MOST_SPECKS = 0.01

# The margin of a digit that is cut out, as a part of its longer side: one in so many
_MARGIN = 5


def find_digits(image: Picture) -> Bunch:
    """Find the single digits of a picture, in reading order.

    The picture may be a photo of a postcode or of a form field, with noise and in
    uneven light. Strokes are what stands out from the background nearby, dark on light
    or light on dark. Parts of one digit that came apart are joined; specks, frames and
    ruled lines are left out.

    Nothing is recognised: letters and other small things are found, too. What they are
    is for a classifier to tell.

    Parameters
    ----------
    image : str, path-like, PIL.Image.Image, or array-like of shape (height, width[, \
n_channels])
        The picture: a file that Pillow reads, an image of Pillow's, or an array of
        integers, floats or booleans in any range. One channel is grey, two are grey
        and opacity, three are red, green and blue, four are these and opacity.
        Transparent parts are white behind dark ink and black behind light ink.

    Returns
    -------
    digits : :class:`sklearn.utils.Bunch`
        A dictionary whose keys are attributes, too:

        images : list of ndarray
            The digits, float32: strokes are 1, all else is 0, and the rims of strokes
            are between. Each is as large as its box and an empty margin around it of a
            fifth of the box's longer side or more, so that :class:`DigitNormalizer`
            sees what is background.
        boxes : ndarray of shape (n_digits, 4), int
            Where the digits are: `min_row`, `min_col`, `max_row`, `max_col`, so that
            ``image[min_row:max_row, min_col:max_col]`` holds one.
        lines : ndarray of shape (n_digits,), int
            The line of text that each is on, from 0 at the top.

        Lines are in order from top to bottom, and digits in a line from left to right.
        If nothing is found, `images` is an empty list, `boxes` has the shape (0, 4) and
        `lines` (0,).

    Raises
    ------
    ImportError
        If scikit-image is not installed; ``pip install "skdigits[photos]"`` does it.

    FileNotFoundError
        If there is no such file.

    ValueError
        If `image` is a file that is no picture, an array of another shape or without
        pixels, or has values that are not numbers or not finite.

    Warns
    -----
    UserWarning
        If `image` looks like noise or a page of text: it has more than 1000 digits, a
        speck for every 100 pixels, or more than 5000 strokes beside specks. In the last
        case, no digit is found.

    See Also
    --------
    DigitNormalizer : Brings the images to the size and place of MNIST's.

    Notes
    -----
    The background is the median of what is nearby, some digits wide. The height of a
    digit, which all sizes derive from, is the median over the strokes of a first look.

    Digits that touch come as one. Lines are removed where they are straight, and
    horizontal or vertical; digits that they cross are joined again.

    Examples
    --------
    >>> import numpy as np
    >>> from skdigits import find_digits, load_mnist
    >>> picture = np.hstack(list(load_mnist("test").images[:4]))
    >>> digits = find_digits(picture)
    >>> digits.boxes.shape, digits.lines
    ((4, 4), array([0, 0, 0, 0]))
    >>> [image.shape for image in digits.images]
    [(30, 26), (30, 29), (30, 18), (30, 26)]
    """
    _check_scikit_image()
    grey = _to_grey(image)
    # The first look takes digits for half as high as the picture or less
    size = min(grey.shape)
    parts, *_ = _find_parts(grey, blur=size / 250, nearby=size)
    height = _typical_height(parts)
    groups: list[np.ndarray] = []
    if height:
        parts, n_parts, n_strokes, clarity = _find_parts(
            grey, _BLUR * height, _NEARBY * height, height
        )
        height = _typical_height(parts)
        groups = _join(parts, height) if height and n_parts <= _MOST_PARTS else []
        groups = _without_blots(groups, grey.shape)
        if (
            n_parts > _MOST_PARTS
            or len(groups) > _MOST_DIGITS
            or n_strokes > max(_MOST_DIGITS, _MOST_SPECKS * grey.size)
        ):
            warnings.warn(
                "image looks like noise or a page of text, not like a picture of "
                f"digits: it has {n_strokes} strokes. Crop it to the digits, or smooth "
                "the noise, for example with scipy.ndimage.median_filter.",
                UserWarning,
                stacklevel=2,
            )
    boxes = np.array([_box(group) for group in groups], dtype=int).reshape(-1, 4)
    order, lines = _reading_order(boxes)
    return Bunch(
        images=[_cut_out(clarity, groups[i], boxes[i]) for i in order],
        boxes=boxes[order],
        lines=lines,
    )


def _check_scikit_image():
    try:
        import skimage  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "find_digits needs scikit-image, which is not installed. Install it with "
            'pip install "skdigits[photos]".'
        ) from error


def _to_grey(image):
    """Return the brightness of a picture, from 0 to 1."""
    # A copy, and numbers of which the largest differences are finite
    (values,) = to_grey(read_picture(image)[np.newaxis]).astype(np.float64) / 2
    values -= values.min()
    return values / (values.max() or 1)


def _find_parts(grey, blur, nearby, height=None):
    """Find connected strokes.

    Parameters
    ----------
    grey : ndarray of shape (height, width)

    blur : float
        Standard deviation of the Gaussian against noise, in pixels.

    nearby : float
        How wide what pixels are compared to is, in pixels.

    height : float, default=None
        Height of a digit, if it is known: specks and ruled lines are left out then.

    Returns
    -------
    parts : list of skimage.measure._regionprops.RegionProperties
        Their intensity is how far they stand out, in standard deviations of the noise.

    n_parts : int
        How many there are. If they are more than `_MOST_PARTS`, the largest are given.

    n_strokes : int
        How many there are with the specks.

    clarity : ndarray of shape (height, width)
        1 in the middle of strokes, 0 for background.
    """
    from skimage.filters import apply_hysteresis_threshold, gaussian
    from skimage.measure import label, regionprops

    smooth = gaussian(grey, max(0.5, blur), mode="nearest")
    # Odd reflection goes on with the slope of the light where the picture ends
    contrast = smooth - _percentile_nearby(
        smooth, 50, nearby, mode="reflect", reflect_type="odd"
    )
    # Strokes are few and stand out far, whichever way
    if np.mean(contrast**3) < 0:
        contrast = -contrast
    # Strokes are on the other side; a normal distribution has 16% beyond one deviation
    noise = -_percentile_nearby(contrast, 16, 2 * nearby, mode="symmetric")
    # In a clean picture there is next to none, and nothing is as certain as that
    noise = noise.clip(max(_LEAST_NOISE * contrast.max(), 1e-9))
    most = ndi.maximum_filter(contrast, round(_NEAREST * nearby) | 1, mode="nearest")
    most = most.clip(max(_FAINTEST * contrast.max(), 1e-9))
    strokes = apply_hysteresis_threshold(
        contrast,
        np.maximum(_STROKE * most, _STROKE_TO_NOISE * noise),
        np.maximum(_CORE * most, _CORE_TO_NOISE * noise),
    )
    certainty, clarity = contrast / noise, (contrast / most).clip(0, 1)
    del smooth, contrast, noise, most  # each as large as the picture
    least = 4
    if height:
        strokes = _without_lines(strokes, round(_LINE_LENGTH * height))
        least = max(least, _SPECK * height**2)
    labels = label(strokes, connectivity=2)
    n_strokes = labels.max()
    labels, n_parts = _large_parts(labels, least)
    parts = _without_frames(regionprops(labels, certainty))
    return parts, n_parts, n_strokes, clarity


def _large_parts(labels, least):
    """Leave out parts of fewer pixels, and of very many parts all but the largest.

    Returns
    -------
    labels : ndarray of shape (height, width)

    n_parts : int
        How many have enough pixels.
    """
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    is_kept = areas >= least
    n_parts = np.count_nonzero(is_kept)
    if n_parts > _MOST_PARTS:
        is_kept[areas.argsort(kind="stable")[:-_MOST_PARTS]] = False
    numbers = np.where(is_kept, np.arange(len(areas), dtype=labels.dtype), 0)
    return numbers[labels], n_parts


def _percentile_nearby(values, percentile, nearby, **padding):
    """Return a percentile of what is nearby, by about twelve pixels a side of it."""
    from skimage.transform import resize

    step = max(1, min(round(nearby / 12), *values.shape))
    margin = max(1, round(nearby / step / 2))
    some = np.pad(values[step // 2 :: step, step // 2 :: step], margin, **padding)
    rough = ndi.percentile_filter(some, percentile, 2 * margin + 1)
    rough = rough[margin:-margin, margin:-margin]
    return resize(rough, values.shape, order=1, mode="edge", anti_aliasing=False)


def _without_lines(strokes, length):
    """Remove horizontal and vertical lines of at least a length."""
    lines = np.zeros_like(strokes)
    for axis in (0, 1):
        # Along one axis, these are erosion and dilation; of an even length, the middle
        # is on the other side the second time
        inner = ndi.minimum_filter1d(
            strokes.astype(np.uint8), length, axis, mode="constant"
        )
        lines |= ndi.maximum_filter1d(
            inner, length, axis, mode="constant", origin=length % 2 - 1
        ).astype(bool)
    return strokes & ~lines


def _without_frames(parts):
    """Leave out the parts that have another of half their height inside."""
    boxes = np.array([part.bbox for part in parts]).reshape(-1, 4)
    low, high = boxes[:, :2], boxes[:, 2:]
    heights = high[:, 0] - low[:, 0]
    kept = []
    # One at a time: of specks there may be too many for a matrix of pairs
    for part, start, stop, height in zip(parts, low, high, heights, strict=True):
        inside = ((start < low) & (stop > high)).all(axis=1)
        if not (inside & (heights >= 0.5 * height)).any():
            kept.append(part)
    return kept


def _typical_height(parts):
    """Return the median height, weighted by area, of parts that cannot be noise."""
    certain = [part for part in parts if _evidence([part]) >= _CERTAIN]
    if not certain:
        return None
    heights = np.array([part.bbox[2] - part.bbox[0] for part in certain])
    order = np.argsort(heights)
    areas = np.array([part.area for part in certain])[order].cumsum()
    return float(heights[order][np.searchsorted(areas, areas[-1] / 2)])


def _evidence(group):
    """Return the norm of how far all pixels stand out, in deviations of the noise."""
    return sum(part.area * part.intensity_mean**2 for part in group) ** 0.5


def _join(parts, height):
    """Return lists of the parts of the same digit, each of a digit's height.

    A part that is too low to be a digit by itself goes to the nearest part.
    """
    boxes = np.array([part.bbox for part in parts])
    low, high = boxes[:, :2], boxes[:, 2:]
    pairs = []
    for i in np.flatnonzero(high[:, 0] - low[:, 0] < _WHOLE * height):
        between = np.maximum(low - high[i], low[i] - high)
        narrower = np.minimum(high[:, 1] - low[:, 1], high[i, 1] - low[i, 1])
        is_above = -between[:, 1] >= 0.5 * narrower
        reach = np.where(is_above, _VERTICAL_GAP, _GAP) * height
        is_near = (between <= reach[:, np.newaxis]).all(axis=1)
        is_near[i] = False
        tree = cKDTree(parts[i].coords)
        gaps = {
            j: tree.query(parts[j].coords)[0].min() / reach[j]
            for j in np.flatnonzero(is_near)
        }
        if gaps and min(gaps.values()) <= 1:
            pairs.append((i, min(gaps, key=gaps.get)))
    members = _connected(pairs, len(parts))
    groups = [
        [parts[i] for i in np.flatnonzero(members == group)]
        for group in range(members.max() + 1)
    ]
    least, most = np.multiply(_HEIGHTS, height)
    heights = [bottom - top for top, _, bottom, _ in map(_box, groups)]
    return [
        group
        for group, height in zip(groups, heights, strict=True)
        if least <= height <= most
    ]


def _without_blots(groups, shape):
    """Leave out what stands out much less than the picture's digits do."""
    boxes = np.array([_box(group) for group in groups]).reshape(-1, 4)
    evidence = np.array([_evidence(group) for group in groups])
    at_edge = (boxes[:, :2] == 0).any(axis=1) | (boxes[:, 2:] == shape).any(axis=1)
    typical = np.median(evidence) if groups else 0
    is_digit = evidence >= np.where(at_edge, _FAINT_AT_EDGE, _FAINT) * typical
    return [groups[i] for i in np.flatnonzero(is_digit)]


def _connected(pairs, size):
    """Return the number of the group of each of some things, by pairs of them."""
    rows, columns = np.array(pairs, dtype=int).reshape(-1, 2).T
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    return connected_components(graph, directed=False)[1]


def _box(group):
    boxes = np.array([part.bbox for part in group])
    return np.hstack([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _reading_order(boxes):
    """Return the order of boxes, and the line that each is on, in that order.

    A box is on the line of the next to its right that shares half the height of the
    lower of the two, so that lines may slope.
    """
    if not len(boxes):
        return np.empty(0, dtype=int), np.empty(0, dtype=int)
    top, left, bottom, right = boxes.T
    height, middle = bottom - top, (left + right) / 2
    pairs = []
    for i in range(len(boxes)):
        shared = np.minimum(bottom[i], bottom) - np.maximum(top[i], top)
        is_level = shared >= 0.5 * np.minimum(height[i], height)
        ahead = middle - middle[i]
        ahead[~is_level | (ahead <= 0)] = np.inf
        if np.isfinite(ahead).any():
            pairs.append((i, ahead.argmin()))
    line = _connected(pairs, len(boxes))
    centers = np.bincount(line, top + bottom) / np.bincount(line)
    line = centers.argsort().argsort()[line]
    order = np.lexsort((middle, line))
    return order, line[order]


def _cut_out(clarity, group, box):
    """Return a digit without what else is in its box, with a margin."""
    low, high = box[:2], box[2:]
    own = np.zeros(high - low, dtype=bool)
    for part in group:
        own[tuple((part.coords - low).T)] = True
    own = ndi.binary_dilation(own, np.ones((3, 3)))
    digit = clarity[low[0] : high[0], low[1] : high[1]] * own
    return np.pad(digit.astype(np.float32), 1 + max(digit.shape) // _MARGIN)

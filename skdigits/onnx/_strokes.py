"""The strokes of a digit, found by an ONNX graph as in ``preprocessing/_strokes.py``."""

import numpy as np

from skdigits.preprocessing._strokes import SETTINGS




def find_strokes(images, invert):
    """Return strokes and outlines; the light is even."""
    edge = _edge(images)
    clean = _are_clean(images)
    strokes = _light_on_dark(images, clean, edge, invert)
    noisy = (_noise(strokes) > SETTINGS.noisy) & ~clean
    outlines = noisy.where(_smooth(strokes), strokes.maximum(0))
    noise = noisy.where(_noise(outlines), 0)
    ink, inked = _ink(outlines, noise * SETTINGS.above_noise)
    clear = inked & (ink > noise * SETTINGS.clearly_above_noise)
    clear &= ink > SETTINGS.uneven
    ink = clear.where(ink, np.inf)
    least = (noise * SETTINGS.above_noise / ink).maximum(SETTINGS.least_ink)
    least = noisy.where(least, 0)
    strokes = (strokes / ink).minimum(noisy.where(ink.constant(1), np.inf))
    outlines = outlines / ink
    kept, faint = _sort_out_specks(outlines, least)
    inked = kept | (faint & ~noisy)
    return inked.where(strokes, 0).maximum(0), kept.where(outlines, 0)


def _places(images, axis):
    """Return the numbers of the rows, or of the columns, and how many there are."""
    n = images.length(axis)
    places = n.constant(0).range(n)
    return places.reshape(*((-1, 1) if axis == 1 else (1, -1))), n


def _along(places, n, depth):
    """Tell which places are fewer than a depth from either end."""
    return (places < depth) | (places >= n - depth)


def _edge(images):
    (y, height), (x, width) = _places(images, 1), _places(images, 2)
    depth = (height.minimum(width) // 20).maximum(1)
    return _along(y, height, depth) | _along(x, width, depth)


def _corners(images):
    (y, height), (x, width) = _places(images, 1), _places(images, 2)
    depth = (height.minimum(width) // 12).maximum(1)
    return _along(y, height, depth) & _along(x, width, depth)


def _are_clean(images):
    extreme = images.equals(images.min(1, 2)) | images.equals(images.max(1, 2))
    return extreme.astype(np.float32).mean(1, 2) > SETTINGS.clean


def _light_on_dark(images, clean, edge, invert):
    large = images.length(1).minimum(images.length(2)) >= SETTINGS.small
    smooth = (large & ~clean).where(_smooth(images), images)
    if invert == "auto":
        dark = _are_dark_on_light(smooth, edge)
        sign = dark.where(images.constant(-1), 1)
    else:
        sign = images.constant(-1 if invert else 1)
    return images * sign - _level_below_ink(smooth * sign, edge)


def _are_dark_on_light(images, edge):
    darkest = images.min(1, 2)
    extent = images.max(1, 2) - darkest
    light = (images - darkest) / (extent > 0).where(extent, 1) - 0.5

    def mean_of(mask):
        mask = mask.astype(np.float32)
        return (light * mask).sum(1, 2) / mask.sum(0, 1)

    evidence = mean_of(_corners(images)) + mean_of(edge) * SETTINGS.edge_weight
    unsure = abs(evidence) < SETTINGS.certain
    parts = _n_parts((light > 0) & unsure) - _n_parts((light <= 0) & unsure)
    parts = parts.clip(-SETTINGS.most_parts, SETTINGS.most_parts)
    return evidence + parts * SETTINGS.part_weight > 0


def _n_parts(pixels):
    """Return how many parts there are, on the mean of those with corners joined."""
    numbers = _numbers(pixels).reshape(1, -1)
    n_parts = [
        (labels.equals(numbers)).astype(np.float32).sum(1)
        for labels in (_label(pixels, corners) for corners in (False, True))
    ]
    return ((n_parts[0] + n_parts[1]) / 2).reshape(-1, 1, 1)


def _smooth(images):
    """Average over 3 x 3 pixels, exactly where they are all the same."""
    padded = images.astype(np.float64).apply("Pad", [0, 1, 1, 0, 1, 1], mode="edge")
    for axis in (1, 2):
        shifted = [padded.part(axis, i, i - 2 or 2**31) for i in range(3)]
        padded = (shifted[0] + shifted[1] + shifted[2]) / 3
    return padded.astype(np.float32)


def _noise(images):
    below = (-images).maximum(0).mean(1, 2)
    return below * (2 * np.sqrt(np.pi / 2))


def _level_below_ink(images, edge):
    darkest, lightest = images.min(1, 2), images.max(1, 2)
    along = images.reshape(0, -1).apply("Compress", edge.reshape(-1), axis=1)
    along = along.sort(along.length(1), descending=False)
    middle = ((darkest + lightest) / 2).reshape(-1, 1)
    n_below = (along <= middle).astype(np.int64).sum(1)
    level = along.take((n_below - 1).maximum(0) // 2, axis=1).reshape(-1, 1, 1)
    return (n_below.reshape(-1, 1, 1) > 0).where(level, darkest)


def _ink(outlines, least):
    n_inked = (outlines > least).astype(np.int64).sum(1, 2).reshape(-1, 1)
    flat = outlines.reshape(0, -1)
    values = flat.sort(flat.length(1) // 4 + 1, descending=True)
    ink = values.take(n_inked // 4, axis=1).reshape(-1, 1, 1)
    return ink, n_inked.reshape(-1, 1, 1) > 0


def _sort_out_specks(outlines, least):
    labels = _label(outlines > least)
    flat = outlines.reshape(0, -1)
    places = (labels - 1).maximum(0).astype(np.int64)
    zeros = flat * 0

    def add_up(values):
        values = (labels > 0).where(values, 0)
        return zeros.apply("ScatterElements", places, values, axis=1, reduction="add")

    faint = add_up((flat > 0.5).astype(np.float32)) <= 0
    mass = faint.where(0, add_up(flat))
    kept = mass > mass.max(1) * SETTINGS.speck
    shape = outlines.apply("Shape", dtype=np.int64)
    return (
        (part.astype(np.float32).take(places, axis=1) * (labels > 0).astype(np.float32))
        .apply("Reshape", shape)
        .astype(bool)
        for part in (kept, faint)
    )


def _numbers(images):
    """Return the numbers of an image's pixels, from 1."""
    n_pixels = images.length(1) * images.length(2)
    return n_pixels.constant(1).range(n_pixels + 1).astype(np.float32)


def _label(inked, corners=True):
    """Give connected pixels the number of their last one, and others 0."""
    height, width = inked.length(1), inked.length(2)
    mask = inked.astype(np.float32).reshape(0, -1)
    shape = height.constant([0, 1]).apply(
        "Concat", height.reshape(1), width.reshape(1), axis=0
    )
    body = _SPREAD.replace("AROUND", _WITH_CORNERS if corners else _WITHOUT_CORNERS)
    most = height.constant(2**31)
    _, labels, *_ = inked.graph.loop(body, most, mask * _numbers(inked), mask, shape)
    return labels


_WITH_CORNERS = """
    around = MaxPool <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (image)"""
_WITHOUT_CORNERS = """
    above = MaxPool <kernel_shape = [3, 1], pads = [1, 0, 1, 0]> (image)
    beside = MaxPool <kernel_shape = [1, 3], pads = [0, 1, 0, 1]> (image)
    around = Max(above, beside)"""

# Every pixel takes the largest number around it, and so does the pixel that its old
# number is that of. Then it takes the number of the pixel that its new one is that of.
# So numbers reach the ends of a stroke in few steps.
_SPREAD = """
spread (int64 step, bool going, float[n, p] old, float[n, p] mask, int64[4] shape)
    => (bool go_on, float[n, p] new, float[n, p] same_mask, int64[4] same_shape)
{
    image = Reshape(old, shape)AROUND
    flat = Flatten <axis = 1> (around)
    largest = Mul(flat, mask)
    one = Constant <value_float = 1.0> ()
    zero = Constant <value_float = 0.0> ()
    old_place = Sub(old, one)
    old_place_or_0 = Max(old_place, zero)
    old_index = Cast <to = 7> (old_place_or_0)
    hooked = ScatterElements <axis = 1, reduction = "max"> (largest, old_index, largest)
    hooked_ink = Mul(hooked, mask)
    new_place = Sub(hooked_ink, one)
    new_place_or_0 = Max(new_place, zero)
    new_index = Cast <to = 7> (new_place_or_0)
    named = GatherElements <axis = 1> (hooked_ink, new_index)
    new = Mul(named, mask)
    change = Sub(new, old)
    largest_change = ReduceMax <keepdims = 0> (change)
    go_on = Cast <to = 9> (largest_change)
    same_mask = Identity(mask)
    same_shape = Identity(shape)
}
"""

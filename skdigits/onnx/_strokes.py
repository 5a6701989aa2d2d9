"""The strokes of a digit, found by an ONNX graph as in ``preprocessing``."""

import numpy as np

from skdigits.onnx._graph import Value
from skdigits.preprocessing._strokes import SETTINGS


def find_strokes(images, invert):
    edge = _edge(images)
    clean = _are_clean(images)
    images, smooth, uneven = _even_out(images, edge, clean)
    strokes = _light_on_dark(images, smooth, uneven, edge, invert)
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


def _even_out(images, edge, clean):
    along = _pixels_of(images, edge)
    uneven = _median(abs(along - _median(along))) > SETTINGS.uneven
    for extreme in (images.min(1, 2), images.max(1, 2)):
        share = along.equals(extreme.reshape(-1, 1)).astype(np.float32).mean(1)
        uneven &= share < SETTINGS.clean_edge
    large = images.length(1).minimum(images.length(2)) >= SETTINGS.small
    clean |= ~large
    uneven = uneven.reshape(-1, 1, 1) & ~clean
    images = uneven.where(images - _light(images), images)
    return images, clean.where(images, _smooth(images)), uneven


def _pixels_of(images, mask):
    """Return the pixels where a mask of one image is, in rows."""
    return images.reshape(0, -1).apply("Compress", mask.reshape(-1), axis=1)


def _median(rows):
    n = rows.length(1)
    rows = rows.sort(n, descending=False)
    return (_column(rows, (n - 1) // 2) + _column(rows, n // 2)) / 2


def _column(rows, place):
    return rows.apply("Gather", place.reshape(1), axis=1)


def _light_on_dark(images, smooth, uneven, edge, invert):
    if invert == "auto":
        dark = _are_dark_on_light(smooth, edge)
        sign = dark.where(images.constant(-1), 1)
    else:
        sign = images.constant(-1 if invert else 1)
    level = _median(_pixels_of(smooth, edge)).reshape(-1, 1, 1) * sign
    level = uneven.where(level, _level_below_ink(smooth * sign, edge))
    return images * sign - level


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


def _light(images):
    y, x = (
        (places.astype(np.float64) * 2 / (n - 1).maximum(1).astype(np.float64) - 1)
        for places, n in (_places(images, 1), _places(images, 2))
    )
    terms = _quadratic(y, x)
    few, at = images, [y, x]
    for axis in (1, 2):
        step = (images.length(axis) - 1) // SETTINGS.samples + 1
        step = step.reshape(1)
        few = few.apply("Slice", [0], [2**31], [axis], step)
        at[axis - 1] = at[axis - 1].apply("Slice", [0], [2**31], [axis - 1], step)
    few_terms = _quadratic(*at)
    values = few.reshape(0, -1, 1)
    weights = values.transpose(0, 2, 1) * 0 + 1
    first = weights @ few_terms.transpose(1, 0)  # of any value
    coefficients, *_ = images.graph.loop(
        _FIT, images.length(1).constant(5), first, weights, few_terms, values
    )
    light = coefficients @ terms
    return light.apply("Reshape", images.apply("Shape", dtype=np.int64))


def _quadratic(y, x):
    ones = y * 0 + x * 0 + 1
    y, x = y * ones, x * ones
    terms = [
        term.reshape(1, -1).astype(np.float32).name
        for term in (ones, y, x, y * y, y * x, x * x)
    ]
    graph = ones.graph
    return Value(graph, graph.node("Concat", *terms, axis=0), np.dtype(np.float32))


def _eliminate():
    """Write the steps of Gauss and Jordan's for six equations."""
    return "".join(
        f"""
    from{k} = Constant <value_ints = [{k}]> ()
    to{k} = Constant <value_ints = [{k + 1}]> ()
    row{k} = Slice(equations{k}, from{k}, to{k}, second)
    column{k} = Slice(equations{k}, from{k}, to{k}, third)
    pivot{k} = Slice(row{k}, from{k}, to{k}, third)
    scaled{k} = Div(row{k}, pivot{k})
    unit{k} = Slice(unit, from{k}, to{k}, second)
    less{k} = Sub(column{k}, unit{k})
    change{k} = Mul(less{k}, scaled{k})
    equations{k + 1} = Sub(equations{k}, change{k})"""
        for k in range(6)
    )


# Iterated least squares, as in Python. Its equations need no order to be solved in,
# since the products are positive definite.
_FIT = f"""
fit (int64 step, bool going, float[n, i, q] old, float[n, i, p] weights,
     float[q, p] terms, float[n, p, i] values)
    => (bool go_on, float[n, i, q] coefficients, float[n, i, p] new_weights,
        float[q, p] same_terms, float[n, p, i] same_values)
{{
    second = Constant <value_ints = [1]> ()
    third = Constant <value_ints = [2]> ()
    six = Constant <value_ints = [6]> ()
    seven = Constant <value_ints = [7]> ()
    square = Constant <value_ints = [6, 6]> ()
    zeros = ConstantOfShape(square)
    unit = EyeLike <dtype = 1> (zeros)
    small = Constant <value_float = 0.0001> ()
    tiny = Constant <value_float = 0.000001> ()
    one = Constant <value_float = 1.0> ()
    far = Constant <value_float = {SETTINGS.far}> ()
    weighted = Mul(weights, terms)
    turned = Transpose <perm = [1, 0]> (terms)
    products = MatMul(weighted, turned)
    total = ReduceSum(weights, third)
    little = Mul(unit, small)
    ridge = Mul(little, total)
    matrix = Add(products, ridge)
    targets = MatMul(weighted, values)
    equations0 = Concat <axis = 2> (matrix, targets)
{_eliminate()}
    solution = Slice(equations6, six, seven, third)
    row = Constant <value_ints = [0, 1, -1]> ()
    coefficients = Reshape(solution, row)
    fitted = MatMul(coefficients, terms)
    given = Reshape(values, row)
    error = Sub(given, fitted)
    distance = Abs(error)
    weighted_distance = Mul(weights, distance)
    sum = ReduceSum(weighted_distance, third)
    usual = Div(sum, total)
    far_away = Mul(far, usual)
    unit_distance = Add(far_away, tiny)
    ratio = Div(distance, unit_distance)
    ratio_squared = Mul(ratio, ratio)
    more = Add(ratio_squared, one)
    more_squared = Mul(more, more)
    new_weights = Reciprocal(more_squared)
    go_on = Identity(going)
    same_terms = Identity(terms)
    same_values = Identity(values)
}}
"""


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
    along = _pixels_of(images, edge)
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

    dark = flat > 0.5
    faint = add_up(dark.astype(np.float32)) <= 0
    is_clean = (least <= 0).reshape(-1, 1)
    mass = faint.where(0, add_up((dark | is_clean).where(flat, 0)))
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
    labels, *_ = inked.graph.loop(body, most, mask * _numbers(inked), mask, shape)
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

"""DigitNormalizer as an ONNX graph: its steps, written with a graph's values.

Each function here computes what that of the same name does in
``skdigits.preprocessing``. Images have no loop over them, and their height and width may
be known only when the graph runs.
"""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skdigits._utils.images import _LUMINANCE, image_size
from skdigits.onnx._graph import Graph, Value, dtype_of, tensor_type
from skdigits.preprocessing import _strokes
from skdigits.preprocessing._digit_normalizer import _LEAST_RANGE

# The first with axes as inputs of all reductions, and with scatters that add
_LEAST_OPSET = 18

_BORDER, _OVERSAMPLING = _strokes._BORDER, _strokes._OVERSAMPLING

# Of Lanczos's filter, in pixels
_SUPPORT = 3


def set_type_of_normalizer(operator):
    """Set the output's type and shape; raise for what cannot be exported."""
    normalizer = operator.raw_operator
    check_is_fitted(normalizer, "_n_features_out")
    if normalizer.deskew:
        raise ValueError(
            "DigitNormalizer(deskew=True) has no ONNX graph. Export one with "
            "deskew=False, or the steps after it."
        )
    _picture_shape(operator)
    output = tensor_type(_dtype_of_result(operator))
    n_samples = operator.inputs[0].get_first_dimension()
    operator.outputs[0].set_type(output([n_samples, normalizer.size**2]))


def convert_normalizer(scope, operator, container):
    """Add the operations of a DigitNormalizer to a graph."""
    normalizer = operator.raw_operator
    if not container.get_options(normalizer, {"even_light": False})["even_light"]:
        raise ValueError(
            "DigitNormalizer subtracts uneven light from photographs, which its ONNX "
            "graph does not do. If the pictures are drawings, scans or evenly lit, say "
            'so: options={id(normalizer): {"even_light": True}}. Otherwise export the '
            "steps after it."
        )
    if container.target_opset_onnx < _LEAST_OPSET:
        raise ValueError(
            f"DigitNormalizer needs target_opset={_LEAST_OPSET} or more. Got "
            f"{container.target_opset_onnx}."
        )
    graph = Graph(scope, operator, container)
    grey = _stretch(_to_grey(graph, operator))
    strokes, outlines = _find_strokes(grey, normalizer.invert)
    box = _bounding_box(outlines, normalizer.inner_size)
    scaled, lengths = _scale(strokes, box, normalizer.inner_size)
    image = _centre(scaled, lengths, normalizer.size)
    levels = (image * 255).apply("Round").reshape(0, normalizer.size**2)
    graph.cast(
        levels.name, _dtype_of_result(operator), output=operator.outputs[0].full_name
    )


def _dtype_of_result(operator):
    dtype = np.result_type(*(dtype_of(variable) for variable in operator.inputs))
    return dtype if dtype in (np.float32, np.float64) else np.dtype(np.uint8)


# Pictures


def _picture_shape(operator):
    """Return (height, width) of rows, (None, None[, n_channels]) of pictures."""
    normalizer = operator.raw_operator
    shapes = [variable.type.shape for variable in operator.inputs]
    if len(shapes[0]) > 2:
        if len(shapes[0]) > 4 or (len(shapes[0]) == 4 and shapes[0][3] not in range(1, 5)):
            raise ValueError(
                "DigitNormalizer takes pictures of shape (n_samples, height, width) or "
                "(n_samples, height, width, n_channels), with 1 to 4 channels, or rows "
                f"of pixels. Got X of shape {tuple(shapes[0])}."
            )
        return (None, None, *shapes[0][3:])
    expected = getattr(normalizer, "n_features_in_", normalizer._n_pixels)
    n_pixels = [shape[1] for shape in shapes]
    n_pixels = sum(n_pixels) if None not in n_pixels else expected
    if not n_pixels or expected not in (None, n_pixels):
        raise ValueError(
            f"DigitNormalizer takes rows of {expected or 'a known number of'} pixels, "
            f"or pictures. Got X of shape {tuple(shapes[0])}."
        )
    return image_size(n_pixels, None) or (1, n_pixels)


def _to_grey(graph, operator):
    height, width, *channels = _picture_shape(operator)
    if height is not None:
        rows = Value(graph, graph.rows(np.float64), np.dtype(np.float64))
        return rows.reshape(-1, height, width)
    given = operator.inputs[0].full_name
    pictures = Value(graph, graph.cast(given, np.float64), np.dtype(np.float64))
    if not channels:
        return pictures
    colours = [
        pictures.part(3, i, i + 1).apply("Squeeze", [3]) for i in range(channels[0])
    ]
    if len(colours) < 3:
        grey = colours[0]
    else:
        weighed = zip(_LUMINANCE, colours[:3], strict=True)
        red, green, blue = (colour * weight for weight, colour in weighed)
        grey = red + green + blue
    if len(colours) in (2, 4):
        largest = _largest_of_type(pictures, dtype_of(operator.inputs[0]))
        opacity = (colours[-1] / largest).clip(0, 1)
        light = (grey > largest / 2).where(opacity, -opacity).sum(1, 2) > 0
        grey = opacity * grey + (1 - opacity) * light.where(0, largest)
    return grey


def _largest_of_type(pictures, dtype):
    if dtype == bool:
        return pictures.constant(1)
    values = pictures.max(1, 2, 3).reshape(-1, 1, 1)
    if dtype.kind == "f":
        of_type = values.maximum(65535)
    else:
        of_type = pictures.constant(np.iinfo(dtype).max)
    if dtype.itemsize == 1:
        return of_type
    for level in (65535, 255, 1):
        of_type = (values <= level).where(level, of_type)
    return of_type


def _stretch(images):
    halves = images / 2
    darkest, lightest = halves.min(1, 2), halves.max(1, 2)
    largest = abs(darkest).maximum(abs(lightest)) * _LEAST_RANGE
    extent = lightest - darkest
    varied = extent > largest.maximum(np.finfo(np.float64).tiny)
    return ((halves - darkest) / varied.where(extent, np.inf)).astype(np.float32)


# Strokes


def _find_strokes(images, invert):
    large = images.length(1).minimum(images.length(2)) >= _strokes._SMALL
    edge = _edge(images)
    strokes = _light_on_dark(images, large, edge, invert)
    noisy = (_noise(strokes) > _strokes._NOISY) & large
    outlines = noisy.where(_smooth(strokes), strokes.maximum(0))
    noise = noisy.where(_noise(outlines), 0)
    ink, inked = _ink(outlines, noise * _strokes._ABOVE_NOISE)
    clear = inked & (ink > noise * _strokes._CLEARLY_ABOVE_NOISE)
    clear &= ink > _strokes._UNEVEN
    ink = clear.where(ink, np.inf)
    least = (noise * _strokes._ABOVE_NOISE / ink).maximum(_strokes._LEAST_INK)
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


def _light_on_dark(images, large, edge, invert):
    smooth = large.where(_smooth(images), images)
    if invert == "auto":
        corners = _corners(images).astype(np.float32)
        level = (smooth * corners).sum(1, 2) / corners.sum(0, 1)
        dark = level - smooth.min(1, 2) > smooth.max(1, 2) - level
        sign = dark.where(images.constant(-1), 1)
    else:
        sign = images.constant(-1 if invert else 1)
    return images * sign - _level_below_ink(smooth * sign, edge)


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
    kept = mass > mass.max(1) * _strokes._SPECK
    shape = outlines.apply("Shape", dtype=np.int64)
    return (
        (part.astype(np.float32).take(places, axis=1) * (labels > 0).astype(np.float32))
        .apply("Reshape", shape)
        .astype(bool)
        for part in (kept, faint)
    )


def _label(inked):
    """Give connected pixels one number: that of their last pixel, counted from 1."""
    from onnx.parser import parse_graph

    height, width = inked.length(1), inked.length(2)
    n_pixels = height * width
    numbers = n_pixels.constant(1).range(n_pixels + 1).astype(np.float32)
    mask = inked.astype(np.float32).reshape(0, -1)
    shape = height.constant([0, 1]).apply(
        "Concat", height.reshape(1), width.reshape(1), axis=0
    )
    graph = inked.graph
    labels, *unused = (graph.scope.get_unique_variable_name("labels") for _ in range(3))
    most, going = n_pixels.constant(2**31), graph.constant(np.array(True))
    graph.container.add_node(
        "Loop",
        [most.name, going, (mask * numbers).name, mask.name, shape.name],
        [labels, *unused],
        name=graph.scope.get_unique_operator_name("Loop"),
        body=parse_graph(_SPREAD),
    )
    return Value(graph, labels, np.dtype(np.float32))


# Every pixel takes the largest number around it, and so does the pixel that its old
# number is that of. Then it takes the number of the pixel that its new one is that of.
# So numbers reach the ends of a stroke in few steps.
_SPREAD = """
spread (int64 step, bool going, float[n, p] old, float[n, p] mask, int64[4] shape)
    => (bool go_on, float[n, p] new, float[n, p] same_mask, int64[4] same_shape)
{
    image = Reshape(old, shape)
    around = MaxPool <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (image)
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


# The form of MNIST's images


def _bounding_box(outlines, inner_size):
    """Return left and right, top and bottom, in this order of axes: columns, rows."""
    ink = outlines.clip(0, 1)
    sides = []
    for axis in (2, 1):
        profile = ink.max(3 - axis)
        inside = (profile > _strokes._OUTLINE).astype(np.float32)
        start, last = (
            inside.apply("ArgMax", axis=axis, select_last_index=i, dtype=np.int64)
            for i in (0, 1)
        )
        lacking = (1 - profile.take(place, axis) for place in (start, last))
        lacking = (part.astype(np.float64) for part in lacking)
        ends = start.astype(np.float64), last.astype(np.float64) + 1
        sides.append((*ends, *lacking))
    extents = [end - start for start, end, *_ in sides]
    share = (inner_size / extents[0].maximum(extents[1]) - 1).clip(0, 1)
    return [
        (
            (extent > 1).where(start + share * first, start),
            (extent > 1).where(end - share * last, end),
        )
        for extent, (start, end, first, last) in zip(extents, sides, strict=True)
    ]


def _scale(strokes, box, inner_size):
    extents = [end - start for start, end in box]
    enlargement = inner_size / extents[0].maximum(extents[1])
    enlarged = enlargement > 1
    times = enlarged.where(enlargement.constant(_OVERSAMPLING), 1)
    lengths = [
        (extent * enlargement).apply("Round").maximum(1) + 2 * _BORDER
        for extent in extents
    ]
    side = inner_size + 2 * _BORDER
    columns, rows = (
        _resize(ends, length * times, enlargement, strokes.length(axis), side)
        for ends, length, axis in zip(box, lengths, (2, 1), strict=True)
    )
    large = rows @ (strokes @ columns.transpose(0, 2, 1))
    # The result fills part of a square, which is larger than that of what is shrunk
    places = large.constant(np.arange(side * _OVERSAMPLING))
    width, height = ((length * times).astype(np.float32) for length in lengths)
    filled = (places.reshape(-1, 1) < height) & (places < width)
    large = filled.where(large, 0)
    shrunk = large.part(1, 0, side).part(2, 0, side).maximum(0)
    sharp = _sharpen(large, enlargement.astype(np.float32), filled)
    shape = -1, side, _OVERSAMPLING, side, _OVERSAMPLING
    sharp = sharp.reshape(*shape).mean(2, 4).reshape(-1, side, side)
    scaled = enlarged.where(sharp, shrunk)
    largest = scaled.max(1, 2)
    lengths = [length.astype(np.float32) for length in reversed(lengths)]
    return scaled / (largest > 0).where(largest, 1), lengths


def _resize(ends, length, enlargement, n_pixels, side):
    """Return the weights of an image's pixels in those of its box resized, as Pillow.

    Parameters
    ----------
    ends : tuple of Value
        Where the box starts and ends, without its border.

    length : Value
        How many pixels it is to have, with its border, of `side * _OVERSAMPLING`.

    Returns
    -------
    weights : Value of shape (n_images, side * _OVERSAMPLING, n_pixels)
    """
    border = _BORDER / enlargement
    margin = border.apply("Ceil") + 3
    # Pillow's box is of floats
    start, end = (
        (place + margin).astype(np.float32).astype(np.float64) - margin
        for place in (ends[0] - border, ends[1] + border)
    )
    step = (end - start) / length
    width = step.maximum(1)
    places = step.constant(np.arange(side * _OVERSAMPLING) + 0.5)
    centres = start + places.reshape(-1, 1) * step
    # Around the image there is background, as far as its margin goes
    most = margin.max(0).astype(np.int64).reshape(-1).apply("Squeeze")
    pixels = (-most).range(n_pixels + most).astype(np.float64)
    within = (pixels >= -margin) & (pixels < n_pixels.astype(np.float64) + margin)
    weights = within.where(_lanczos((pixels + 0.5 - centres) / width), 0)
    weights = weights / weights.sum(2)
    return weights.part(2, most, most + n_pixels).astype(np.float32)


def _lanczos(x):
    x = x * np.pi
    at_0 = x.equals(0)
    x = at_0.where(1, x)
    values = x.apply("Sin") * (x / _SUPPORT).apply("Sin") * _SUPPORT / (x * x)
    return at_0.where(1, (abs(x) < _SUPPORT * np.pi).where(values, 0))


def _sharpen(large, enlargement, filled):
    mask = filled.astype(np.float32)

    def sharpen(level):
        return ((large - level) * enlargement + 0.5).clip(0, 1) * mask

    sharp = sharpen(large.constant(0.5))
    n = 2**31
    down = sharp.part(1, 1, n) - sharp.part(1, 0, -1)
    right = sharp.part(2, 1, n) - sharp.part(2, 0, -1)
    down, right = down.part(2, 0, -1), right.part(1, 0, -1)
    steps = (down * down + right * right).apply("Sqrt")
    rise = (steps * mask.part(1, 1, n).part(2, 1, n)).sum(1, 2)
    length = (rise > 0).where(rise, np.inf) * _OVERSAMPLING
    thickness = sharp.sum(1, 2) * 2 / length
    thinning = (thickness - _strokes._THICK) * _strokes._THINNING
    return sharpen(thinning.clip(0, _strokes._MOST_THINNING) + 0.5)


def _centre(scaled, lengths, size):
    mass = scaled.sum(1, 2)
    mass = (mass > 0).where(mass, 1)
    rows, columns = (
        _shift(scaled.sum(other) / mass, length, size)
        for other, length in zip((2, 1), lengths, strict=True)
    )
    return rows @ scaled @ columns.transpose(0, 2, 1)


def _shift(profile, length, size):
    """Return a matrix of ones where a pixel along an axis is to be in the result."""
    profile = profile.reshape(0, 1, -1)
    places = profile.length(2).constant(0).range(profile.length(2)).astype(np.float32)
    middle = (profile * places).sum(2)
    offset = ((size / 2 - middle) * 1000).apply("Round") / 1000
    start = (offset + 0.5).apply("Floor") + _BORDER
    start = start.maximum(0).minimum(size + 2 * _BORDER - length)
    result = profile.constant(np.arange(size) + _BORDER).reshape(-1, 1)
    return (start + places).equals(result).astype(np.float32)

"""DigitNormalizer as an ONNX graph: its steps, written with a graph's values.

Each function here and in the modules for strokes and placement computes what the one of
the same name computes in ``skdigits.preprocessing``, for all pictures at once. Their
height and width may be known only when the graph runs.
"""

import numpy as np

from skdigits._utils.images import image_size
from skdigits._utils.pictures import (
    _LUMINANCE,
    _MOSTLY_OPAQUE,
    _OPAQUE,
    _OPAQUE_WITHIN_MARGINS,
    _TWO_TONES,
    dtype_of_grey,
)
from skdigits.onnx._graph import Graph, Value, dtype_of, tensor_type
from skdigits.onnx._placement import deskew, place
from skdigits.onnx._strokes import find_strokes
from skdigits.preprocessing._digit_normalizer import (
    _LEAST_RANGE,
    _LEVELS_GAINED,
    _LONGEST,
)

# The first with axes as inputs of all reductions, and with scatters that add
_LEAST_OPSET = 18


def set_type_of_normalizer(operator):
    """Set the output's type and shape; raise for what cannot be exported."""
    normalizer = operator.raw_operator
    normalizer._validate_params()  # it needs no fit, which would have done this
    _picture_shape(operator)
    output = tensor_type(_dtype_of_result(operator))
    n_samples = operator.inputs[0].get_first_dimension()
    operator.outputs[0].set_type(output([n_samples, normalizer.size**2]))


def convert_normalizer(scope, operator, container):
    """Add the operations of a DigitNormalizer to a graph."""
    normalizer = operator.raw_operator
    if container.target_opset_onnx < _LEAST_OPSET:
        raise ValueError(
            f"DigitNormalizer needs target_opset={_LEAST_OPSET} or more. Got "
            f"{container.target_opset_onnx}."
        )
    graph = Graph(scope, operator, container)
    grey = _stretch(_shrink(_to_grey(graph, operator), operator))
    strokes, outlines = find_strokes(grey, normalizer.invert)
    if normalizer.deskew:
        strokes, outlines = deskew(strokes, outlines)
    image = place(strokes, outlines, normalizer.inner_size, normalizer.size)
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
        if len(shapes[0]) > 4 or (
            len(shapes[0]) == 4 and shapes[0][3] not in range(1, 5)
        ):
            raise ValueError(
                "DigitNormalizer takes pictures of shape (n_samples, height, width) or "
                "(n_samples, height, width, n_channels), with 1 to 4 channels, or rows "
                f"of pixels. Got X of shape {tuple(shapes[0])}."
            )
        return (None, None, *shapes[0][3:])
    expected = getattr(
        normalizer, "n_features_in_", getattr(normalizer, "_n_pixels", None)
    )
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
    # In the types of Python's, whose rounding may decide what is light
    dtype = dtype_of_grey(dtype_of(operator.inputs[0]))
    parts = [
        pictures.part(3, i, i + 1).apply("Squeeze", [3]) for i in range(channels[0])
    ]
    if len(parts) < 3:
        grey = parts[0].astype(dtype)
    else:
        weighed = zip(_LUMINANCE, parts[:3], strict=True)
        red, green, blue = (part.astype(dtype) * weight for weight, part in weighed)
        grey = red + green + blue
    if len(parts) in (2, 4):
        largest = _largest_of_type(pictures, dtype_of(operator.inputs[0]))
        opacity = (parts[-1] / largest).clip(0, 1).astype(dtype)
        is_light = _is_light_outside(grey, opacity, largest)
        ground = is_light.where(largest, 0).astype(dtype)
        grey = opacity * grey + (1 - opacity) * ground
    return grey.astype(np.float64)


def _is_light_outside(grey, opacity, largest):
    opacity = opacity.astype(np.float32).astype(np.float64)
    is_light = grey.astype(np.float64) > largest / 2
    opaque, light = opacity.sum(1, 2), is_light.where(opacity, 0).sum(1, 2)
    dark = opaque - light
    height, width = (
        (opacity.max(axis) > _OPAQUE).astype(np.float64).sum(3 - axis)
        for axis in (2, 1)
    )
    size = (opacity.length(1) * opacity.length(2)).astype(np.float64)
    within_margins = height * width * _OPAQUE_WITHIN_MARGINS
    has_paper = opaque > (size * _MOSTLY_OPAQUE).minimum(within_margins)
    has_paper &= light.minimum(dark) > opaque * _TWO_TONES
    return (has_paper & (light > dark)) | (~has_paper & (light <= dark))


def _largest_of_type(pictures, dtype):
    if dtype.kind == "b":
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


def _shrink(images, operator):
    height, width = images.length(1), images.length(2)
    step = height.maximum(width) // _LONGEST
    is_large = step >= 2
    step = step.maximum(1)
    shape = []
    for axis, length in enumerate((height, width), 1):
        n_blocks = (length // step).maximum(1)
        block = step.minimum(length)
        images = images.part(axis, 0, n_blocks * block)
        shape += [n_blocks.reshape(1), block.reshape(1)]
    shape = height.constant([-1]).apply("Concat", *shape, axis=0)
    small = images.apply("Reshape", shape).mean(2, 4).apply("Squeeze", [2, 4])
    dtype = np.result_type(*(dtype_of(variable) for variable in operator.inputs))
    if dtype.kind == "f":
        return small.astype(dtype).astype(np.float64)
    return is_large.where((small * _LEVELS_GAINED.get(dtype, 1)).apply("Round"), small)


def _stretch(images):
    halves = images / 2
    darkest, lightest = halves.min(1, 2), halves.max(1, 2)
    largest = abs(darkest).maximum(abs(lightest)) * _LEAST_RANGE
    extent = lightest - darkest
    varied = extent > largest.maximum(np.finfo(np.float64).tiny)
    return ((halves - darkest) / varied.where(extent, np.inf)).astype(np.float32)

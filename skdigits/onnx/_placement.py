"""A digit's strokes made like MNIST's by an ONNX graph, as in ``preprocessing``.

What is drawn fills part of a square, which is as large as any picture's result may be.
"""

import math
from dataclasses import dataclass

import numpy as np

from skdigits.onnx._graph import Value
from skdigits.preprocessing._placement import _BORDER, SETTINGS

# Of Lanczos's filter, in pixels
_SUPPORT = 3

# Larger than any distance in a drawing
_FAR = 1000

_TO_END = 2**31


@dataclass(frozen=True)
class Drawing:
    """Strokes drawn in the upper left of squares.

    Attributes
    ----------
    pixels : Value of shape (n_pictures, side, side)
        0 where nothing is drawn.

    height, width : Value of shape (n_pictures, 1, 1)
        Of what is drawn.
    """

    pixels: Value
    height: Value
    width: Value

    @property
    def filled(self):
        """Where it is drawn."""
        places = _places(self.pixels)
        rows = places.reshape(-1, 1) < self.height
        return rows & (places < self.width)

    def of(self, pixels):
        """Return other pixels, drawn in the same part."""
        return Drawing(self.filled.where(pixels, 0), self.height, self.width)


def _places(pixels):
    n = pixels.length(2)
    return n.constant(0).range(n).astype(np.float32)


def deskew(strokes, outlines):
    """Shear images so that their strokes are upright, by their moments.

    All become as much wider as the one that is sheared most.
    """
    exact = strokes.astype(np.float64)
    total = exact.sum(1, 2)
    total = total.equals(0).where(1, total)
    rows, columns = exact.sum(2), exact.sum(1)
    y, x = (
        _places(side).astype(np.float64) for side in (rows.transpose(0, 2, 1), columns)
    )
    y = y.reshape(-1, 1)
    y, x = y - (rows * y).sum(1, 2) / total, x - (columns * x).sum(1, 2) / total
    variance = (rows * y * y).sum(1, 2)
    slant = (exact * y * x).sum(1, 2) / variance.equals(0).where(1, variance)
    slant = variance.equals(0).where(0, slant.clip(-1, 1))
    margin = abs(slant * y).max(0, 1, 2).apply("Ceil")
    margin = margin.astype(np.int64).reshape(-1).apply("Squeeze")
    shifts = slant * y
    faint = _shear(outlines, shifts, margin).max(1, 2) <= SETTINGS.outline
    shifts = faint.where(0, shifts)
    return _shear(strokes, shifts, margin), _shear(outlines, shifts, margin)


def _shear(images, shifts, margin):
    """Take each row from so far to the right, and from a margin on both sides."""
    n_pixels = images.length(2)
    places = (-margin).range(n_pixels + margin).astype(np.float64) + shifts
    before = places.apply("Floor")
    part = (places - before).astype(np.float32)
    square = part * part
    cube = square * part
    # Pillow's bicubic interpolation
    weights = [
        2 * square - part - cube,
        cube - 2 * square + 1,
        part + square - cube,
        cube - square,
    ]
    # Far enough outside, all four are background
    reach = len(weights)
    padded = images.apply("Pad", [0, 0, reach, 0, 0, reach])
    first = before.astype(np.int64).maximum(1 - reach).minimum(n_pixels + 1) + reach - 1
    taken = [padded.take(first + k, 2) * weight for k, weight in enumerate(weights)]
    return (taken[0] + taken[1] + taken[2] + taken[3]).maximum(0)


def place(strokes, outlines, inner_size, size):
    """Return images of `size` x `size`, with strokes like MNIST's."""
    box = _bounding_box(outlines, inner_size)
    scaled = _even_out_thickness(strokes, box, inner_size)
    return _centre(scaled, size)


def _bounding_box(outlines, inner_size):
    """Return left and right, and top and bottom."""
    ink = outlines.clip(0, 1)
    sides = []
    for axis in (2, 1):
        profile = ink.max(3 - axis)
        inside = (profile > SETTINGS.outline).astype(np.float32)
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


def _even_out_thickness(strokes, box, inner_size):
    """Return what is scaled, and drawn again if it is too thick or too thin."""
    width, height = (end - start for start, end in box)
    zoom = inner_size / width.maximum(height)
    is_unscaled = zoom.equals(1)
    side = inner_size + 2 * _BORDER
    large = _draw_large(strokes, box, (zoom, zoom), inner_size, side)
    shrunk = _to_one(_draw(strokes, box, (zoom, zoom), 1, side))
    enlarged = _average(large, side)
    scaled = shrunk.of((zoom > 1).where(enlarged.pixels, shrunk.pixels))

    limits = SETTINGS.thickest_unscaled, SETTINGS.thickest
    thickest = is_unscaled.where(zoom.constant(limits[0]), limits[1])
    thickest = thickest.astype(np.float32)
    thickness, length = _measure(large, inner_size)
    is_one = (thickness > thickest) & _is_one(large, length, width / height)
    narrow = SETTINGS.one_thickness / thickness.astype(np.float64)
    wanted = thickness.maximum(SETTINGS.thinnest).minimum(thickest)
    change = ((thickness - wanted) / (2 - 2 * thickness).maximum(1)).clip(
        -SETTINGS.most_change, SETTINGS.most_change
    )
    grown = zoom * (change.astype(np.float64) * 2 + 1)
    zooms = is_one.where(zoom * narrow, grown), is_one.where(zoom, grown)
    most = math.ceil(inner_size * (1 + 2 * SETTINGS.most_change)) + 2 * _BORDER
    n = SETTINGS.oversampling
    large = _draw_large(strokes, box, zooms, inner_size, most)
    height, width = scaled.height * n, scaled.width * n
    around = height.maximum(large.height), width.maximum(large.width)
    eroded = _in_the_middle(large, *around, n * most)
    eroded = _erode(eroded, change, wanted * SETTINGS.kept, inner_size)
    eroded = _in_the_middle(eroded, height, width, n * side)
    narrow = _in_corner(large, n * side)
    evened = _average(_choose(is_one, narrow, eroded), side)

    same = wanted.equals(thickness) | (is_unscaled & (wanted > thickness))
    thin = _rough_thickness(scaled) < thickest * (0.75 * inner_size)
    same = (same & ~is_one) | (is_unscaled & thin)
    return _choose(same, scaled, evened)


def _choose(condition, one, other):
    return Drawing(
        condition.where(one.pixels, other.pixels),
        condition.where(one.height, other.height),
        condition.where(one.width, other.width),
    )


def _in_corner(drawn, side):
    """Return it in smaller squares."""
    return Drawing(
        drawn.pixels.part(1, 0, side).part(2, 0, side), drawn.height, drawn.width
    )


def _in_the_middle(drawn, height, width, side):
    """Add or take away as much on both sides, in squares of another side."""
    given = _places(drawn.pixels)
    places = given.constant(np.arange(side)).reshape(-1, 1)

    def matrix(length, new_length):
        offset = (new_length - length) / 2
        moved = (given + offset).equals(places) & (places < new_length)
        return moved.astype(np.float32)

    rows, columns = matrix(drawn.height, height), matrix(drawn.width, width)
    pixels = rows @ drawn.pixels @ columns.transpose(0, 2, 1)
    return Drawing(pixels, height, width)


def _draw(strokes, box, zooms, times, side):
    """Draw what is in a box, and a border of a pixel, by Lanczos resampling."""
    borders = [_BORDER / zoom for zoom in zooms]
    margin = borders[0].maximum(borders[1]).apply("Ceil") + 3
    lengths = [
        ((end - start) * zoom).apply("Round").maximum(1) * times + 2 * _BORDER * times
        for (start, end), zoom in zip(box, zooms, strict=True)
    ]
    columns, rows = (
        _resize((start - border, end + border), length, margin, n_pixels, times * side)
        for (start, end), border, length, n_pixels in zip(
            box, borders, lengths, (strokes.length(2), strokes.length(1)), strict=True
        )
    )
    pixels = (rows @ (strokes @ columns.transpose(0, 2, 1))).maximum(0)
    width, height = (length.astype(np.float32) for length in lengths)
    drawn = Drawing(pixels, height, width)
    return drawn.of(pixels)


def _resize(ends, length, margin, n_pixels, side):
    """Return the weights of an image's pixels in those of its box, as Pillow has them.

    Parameters
    ----------
    ends : tuple of Value
        Where the box starts and ends.

    length : Value
        How many pixels it is to have, of `side`.

    margin : Value
        How many pixels of background the image has around.

    n_pixels : Value
        How many it has itself.

    Returns
    -------
    weights : Value of shape (n_pictures, side, n_pixels)
    """
    # Pillow's box is of floats
    start, end = (
        (place + margin).astype(np.float32).astype(np.float64) - margin
        for place in ends
    )
    step = (end - start) / length
    width = step.maximum(1)
    places = step.constant(np.arange(side) + 0.5)
    centres = start + places.reshape(-1, 1) * step
    most = margin.max(0).astype(np.int64).reshape(-1).apply("Squeeze")
    pixels = (-most).range(n_pixels + most).astype(np.float64)
    within = (pixels >= -margin) & (pixels < n_pixels.astype(np.float64) + margin)
    weights = within.where(_lanczos((pixels + 0.5 - centres) / width), 0)
    total = weights.sum(2)
    weights = weights / total.equals(0).where(1, total)
    return weights.part(2, most, most + n_pixels).astype(np.float32)


def _lanczos(x):
    x = x * np.pi
    at_0 = x.equals(0)
    x = at_0.where(1, x)
    values = x.apply("Sin") * (x / _SUPPORT).apply("Sin") * _SUPPORT / (x * x)
    return at_0.where(1, (abs(x) < _SUPPORT * np.pi).where(values, 0))


def _draw_large(strokes, box, zooms, inner_size, side):
    """Draw strokes at several times the resolution, with the contrast of ink."""
    large = _draw(strokes, box, zooms, SETTINGS.oversampling, side)
    contrast = zooms[0].maximum(zooms[1]).astype(np.float32)

    def sharpen(level):
        return large.of(((large.pixels - level) * contrast + 0.5).clip(0, 1))

    sharp = sharpen(large.pixels.constant(0.5))
    thickness = _rough_thickness(sharp) / (SETTINGS.oversampling * inner_size)
    thinning = (thickness - SETTINGS.thick) * SETTINGS.thinning
    sharp = sharpen(thinning.clip(0, SETTINGS.most_thinning) + 0.5)
    return large.of((contrast > 1).where(sharp.pixels, _to_one(large).pixels))


def _average(large, side):
    n = SETTINGS.oversampling
    pixels = large.pixels.reshape(-1, side, n, side, n).mean(2, 4)
    pixels = pixels.reshape(-1, side, side)
    return _to_one(Drawing(pixels, large.height / n, large.width / n))


def _to_one(drawn):
    largest = drawn.pixels.max(1, 2)
    return drawn.of(drawn.pixels / (largest > 0).where(largest, 1))


def _rough_thickness(drawn):
    pixels = drawn.pixels
    down = pixels.part(1, 1, _TO_END) - pixels.part(1, 0, -1)
    right = pixels.part(2, 1, _TO_END) - pixels.part(2, 0, -1)
    down, right = down.part(2, 0, -1), right.part(1, 0, -1)
    steps = (down * down + right * right).apply("Sqrt")
    filled = drawn.filled.astype(np.float32)
    rise = (steps * filled.part(1, 1, _TO_END).part(2, 1, _TO_END)).sum(1, 2)
    return pixels.sum(1, 2) * 2 / (rise > 0).where(rise, np.inf)


def _measure(large, inner_size):
    inked = large.pixels > 0.5
    ink = inked.astype(np.float32)
    area = ink.sum(1, 2)
    unit = SETTINGS.oversampling * inner_size
    inside = _distance(large.filled & ~inked)
    thickness = ((inside * ink).sum(1, 2) / area.maximum(1) - 0.5) * 4
    is_empty = area <= 0
    length = area / thickness.maximum(1e-9) / unit
    return (
        is_empty.where(SETTINGS.thinnest, thickness / unit),
        is_empty.where(np.inf, length),
    )


def _is_one(large, length, aspect):
    is_square = abs(aspect - 1) < 0.1
    is_short = length < SETTINGS.one_length
    is_bar = (aspect < 1) & _is_bar(large.pixels > 0.5)
    return (is_square & is_short) | (~is_square & is_bar)


def _is_bar(inked):
    ink = inked.astype(np.float32)
    widths = ink.sum(2)
    rows = (widths > 0).astype(np.float32)
    n_rows = rows.sum(1)
    places = _places(inked)
    below = (places.reshape(-1, 1) > places).astype(np.float32)
    before = below @ rows  # how many rows with ink each row has above
    inner = (n_rows / 5).apply("Floor")
    among = (rows > 0) & (before >= inner) & (before < n_rows - inner)
    times = ink.sum(2) - (ink.part(2, 1, _TO_END) * ink.part(2, 0, -1)).sum(2)
    least, most = (
        among.where(widths, far).apply(kind, [1], keepdims=1)
        for kind, far in (("ReduceMin", np.inf), ("ReduceMax", 0))
    )
    mean = among.where(widths, 0).sum(1) / among.astype(np.float32).sum(1).maximum(1)
    once = among.where(abs(times - 1), 0).max(1) <= 0
    return once & (most - least < mean * SETTINGS.uneven_bar)


def _erode(large, change, kept, inner_size):
    unit = SETTINGS.oversampling * inner_size
    smooth = _blur(large, SETTINGS.smoothing * unit)
    inked = (change > 0).where(smooth, large.pixels) > 0.5
    inside = inked.where(_distance(large.filled & ~inked), 0)
    edge = inside - _distance(inked)
    moved = edge - change * unit
    around = inside.apply("Unsqueeze", [1])
    around = around.apply("MaxPool", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    growth = around.apply("Squeeze", [1]) - inside
    off_middle = _distance(inked & (growth <= SETTINGS.ridge))
    with_middle = moved.maximum((kept * (unit / 2) - off_middle).minimum(edge))
    moved = (change > 0).where(with_middle, moved)
    return large.of((moved + 0.5).clip(0, 1))


def _blur(drawn, sigma):
    """Filter as scipy's gaussian_filter, by products with matrices."""
    reach = int(4 * sigma + 0.5)
    total = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2).sum()
    x = _places(drawn.pixels)
    y = x.reshape(-1, 1)

    def matrix(length):
        # What is beyond an end is reflected there
        distances = abs(x - y), x + y + 1, length * 2 - 1 - x - y
        weights = [
            (distance <= reach).where(
                (distance * distance * (-0.5 / sigma**2)).apply("Exp"), 0
            )
            for distance in distances
        ]
        inside = (x < length).astype(np.float32)
        return (weights[0] + weights[1] + weights[2]) * inside / total

    rows, columns = matrix(drawn.height), matrix(drawn.width)
    return rows @ drawn.pixels @ columns.transpose(0, 2, 1)


def _distance(sources):
    """Return the distance of each pixel from the nearest source, as scipy's edt."""
    squares = sources.where(sources.astype(np.float32).constant(0), _FAR**2)
    shape = squares.apply("Shape", dtype=np.int64)
    for _ in range(2):  # along rows, then along columns
        n_blocks = squares.length(2) // _BLOCK
        _, _, blocks = squares.graph.loop(
            _NEAREST, n_blocks, squares, _places(squares), n_results=1
        )
        squares = blocks.transpose(1, 0, 2, 3).apply("Reshape", shape)
    return squares.apply("Sqrt")


# Places in a row or column for which the nearest source is found at a time: the number
# of pixels in a row or column is a multiple. More would take more memory.
_BLOCK = SETTINGS.oversampling

# The least sum of a square distance along the last axis and the square that is there.
# The blocks are of the last axis, too.
_NEAREST = f"""
nearest (int64 step, bool going, float[n, m, p] squares, float[p] places)
    => (bool go_on, float[n, m, p] same, float[p] same_places, float[n, b, m] block)
{{
    length = Constant <value_ints = [{_BLOCK}]> ()
    first = Constant <value_ints = [0]> ()
    last = Constant <value_ints = [1]> ()
    start = Mul(step, length)
    end = Add(start, length)
    here = Slice(places, start, end, first)
    here_below = Unsqueeze(here, last)
    away = Sub(places, here_below)
    away_squares = Mul(away, away)
    away_in_rows = Unsqueeze(away_squares, last)
    squares_of_all = Unsqueeze(squares, last)
    sums = Add(squares_of_all, away_in_rows)
    axis = Constant <value_ints = [3]> ()
    block = ReduceMin <keepdims = 0> (sums, axis)
    go_on = Identity(going)
    same = Identity(squares)
    same_places = Identity(places)
}}
"""


def _centre(scaled, size):
    pixels = scaled.pixels
    mass = pixels.sum(1, 2)
    mass = (mass > 0).where(mass, 1)
    rows, columns = (
        _shift(pixels.sum(axis) / mass, length, size)
        for axis, length in ((2, scaled.height), (1, scaled.width))
    )
    return rows @ pixels @ columns.transpose(0, 2, 1)


def _shift(profile, length, size):
    """Return a matrix of ones where a pixel along an axis is to be in the result."""
    profile = profile.reshape(0, 1, -1)
    places = _places(profile)
    middle = (profile * places).sum(2)
    offset = ((size / 2 - middle) * 1000).apply("Round") / 1000
    start = (offset + 0.5).apply("Floor") + _BORDER
    start = start.maximum(0).minimum(size + 2 * _BORDER - length)
    result = profile.constant(np.arange(size) + _BORDER).reshape(-1, 1)
    return (start + places).equals(result).astype(np.float32)

"""Digits as other people write, scan and photograph them, made of MNIST's images.

The stored reader is trained on these. What is no digit is made of them, too.
"""

from functools import partial

import numpy as np
from PIL import Image, ImageDraw
from scipy.interpolate import make_interp_spline
from scipy.ndimage import distance_transform_edt, gaussian_filter

from skdigits import RandomDistortion

# Pictures are drawn twice as large as MNIST's images, with a margin of a few pixels
ZOOM, MARGIN = 2, 4
SIDE = ZOOM * (28 + 2 * MARGIN)

WRITING = RandomDistortion(
    rotation=12, zoom=0.2, shear=0.3, translation=0, elastic=0.025
)

# Of strokes, on either side, in pixels
MOST_GROWTH = 7

# Of pictures, in pixels: few, since the normaliser takes those of one size together
SIDES = 20, 26, 34, 44, 56, 70

# How many 1s, 4s and 7s are made a form that MNIST's writers seldom wrote
EXTRA_STROKES = 0.5


def write(images, labels, rng):
    """Draw digits as other people would, each with the stroke width of another pen.

    Parameters
    ----------
    images : ndarray of shape (n_images, 28, 28)
        Of bytes, light digits on dark.

    labels : ndarray of shape (n_images,)

    rng : numpy.random.Generator

    Returns
    -------
    ink : ndarray of shape (n_images, SIDE, SIDE)
        float32, 1 is ink.
    """
    sheets = enlarge(images)
    for index in np.flatnonzero(rng.random(len(labels)) < EXTRA_STROKES):
        if labels[index] in EXTRA:
            sheets[index] = EXTRA[labels[index]](sheets[index], rng)
    return np.stack([with_another_pen(sheet, rng) for sheet in WRITING(sheets, rng)])


def enlarge(images):
    """Return images with a margin, enlarged, as float32 from 0 to 1."""
    padded = np.pad(images, ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN)))
    bicubic = Image.Resampling.BICUBIC
    large = [Image.fromarray(image).resize((SIDE, SIDE), bicubic) for image in padded]
    return np.stack(large).astype(np.float32) / 255


def with_flag_and_foot(sheet, rng):
    """Give a 1 the short stroke at its head, and half of them the one at its foot."""
    rows = np.flatnonzero((sheet > 0.5).any(axis=1))
    top, bottom = rows[0] + 2, rows[-1] - 2
    height = bottom - top
    head, foot = middle(sheet, top), middle(sheet, bottom)
    length, angle = height * rng.uniform(0.2, 0.55), np.deg2rad(rng.uniform(20, 60))
    end = head - length * np.cos(angle), top + length * np.sin(angle)
    lines = [[(head, top), end]]
    if rng.random() < 0.5:
        left, right = height * rng.uniform(0.12, 0.35, 2)
        lines.append([(foot - left, bottom), (foot + right, bottom)])
    return with_lines(sheet, lines, rng)


def with_crossbar(sheet, rng):
    """Cross the stem of a 7."""
    rows = np.flatnonzero((sheet > 0.5).any(axis=1))
    height = rows[-1] - rows[0]
    y = rows[0] + height * rng.uniform(0.4, 0.65)
    x = middle(sheet, int(y))
    left, right = height * rng.uniform(0.15, 0.35, 2)
    tilt = rng.uniform(-2, 3)
    return with_lines(sheet, [[(x - left, y + tilt), (x + right, y - tilt)]], rng)


def with_short_stem(sheet, rng):
    """Cut the upper part of the stem off a 4 that is open at the top."""
    rows = np.flatnonzero((sheet > 0.5).any(axis=1))
    height = rows[-1] - rows[0]
    part = slice(rows[0], rows[0] + int(height * rng.uniform(0.25, 0.45)))
    gaps = {}
    for row, inked in enumerate(sheet[part] > 0.5):
        (sides,) = np.nonzero(np.diff(inked))
        if len(sides) == 4:  # of an arm and of the stem
            gaps[row] = (sides[1] + sides[2]) // 2 + 1
    cut = sheet.copy()
    for row, pixels in enumerate(cut[part] if gaps else ()):
        nearest = min(gaps, key=lambda other: abs(other - row))
        pixels[gaps[nearest] :] = 0
    return cut


EXTRA = {1: with_flag_and_foot, 4: with_short_stem, 7: with_crossbar}


def middle(sheet, row):
    """Return the mean column of the ink in a row."""
    columns = np.flatnonzero(sheet[row] > 0.5)
    return columns.mean() if len(columns) else sheet.shape[1] / 2


def with_lines(sheet, lines, rng):
    image = Image.new("L", sheet.shape[::-1])
    draw = ImageDraw.Draw(image)
    for line in lines:
        draw.line(line, fill=255, width=int(rng.integers(4, 7)), joint="curve")
    return np.maximum(sheet, np.asarray(image, np.float32) / 255)


def with_another_pen(sheet, rng):
    """Draw strokes thinner or thicker, from half of their width to twice as wide."""
    inside = sheet > 0.5
    if not inside.any():
        return sheet
    box = tuple(
        slice(max(0, places.min() - MOST_GROWTH), places.max() + MOST_GROWTH + 1)
        for places in np.nonzero(inside)
    )
    inside = inside[box]
    depth = distance_transform_edt(inside) - distance_transform_edt(~inside)
    # Of a stroke, whose pixels are half as deep in the mean as in the middle
    half_width = 2 * depth[inside].mean()
    growth = min(rng.uniform(-0.5, 1.1) * half_width, MOST_GROWTH)
    drawn = np.zeros_like(sheet)
    drawn[box] = (depth + growth + 0.5).clip(0, 1)
    return drawn


def crop(ink):
    """Cut out what is drawn."""
    rows, columns = (np.flatnonzero((ink > 0.5).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return ink
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def resized(ink, height, width, resample=Image.Resampling.BOX):
    image = Image.fromarray(ink).resize((width, height), resample)
    return np.asarray(image).clip(0, 1)


def small_copy(ink, height, rng):
    """Shrink what is drawn to a height: two in five fill a square."""
    digit = crop(ink)
    width = max(2, round(height * digit.shape[1] / digit.shape[0]))
    if rng.random() < 0.4 and 3 * width > height:
        width = height
    return resized(digit, height, width)


def scanned(ink, rng):
    """Black and white, of few pixels, with hardly a margin."""
    digit = small_copy(ink, int(rng.integers(12, 33)), rng)
    inked = digit > rng.uniform(0.25, 0.6)
    margins = rng.integers(0, 3, (2, 2))
    return maybe_dark(np.pad(inked, margins).astype(np.uint8), 1, rng)


def counted(ink, rng):
    """Grey, of very few pixels."""
    digit = small_copy(ink, int(rng.integers(8, 15)), rng)
    return np.rint(16 * square(digit, 0)).astype(np.uint8)


def square(ink, margin):
    """Put what is drawn into the middle of a square with a margin."""
    digit = crop(ink)
    sides = max(digit.shape) + 2 * margin - np.array(digit.shape)
    return np.pad(digit, [(side // 2, side - side // 2) for side in sides])


def clean(ink, rng):
    """Grey, of many pixels or few."""
    side = int(rng.choice(SIDES))
    picture = resized(square(ink, int(rng.integers(1, 12))), side, side)
    picture = gaussian_filter(picture, rng.uniform(0, 0.04) * side)
    return maybe_dark(np.rint(255 * picture).astype(np.uint8), 255, rng)


def photographed(ink, rng):
    """In uneven light, blurred, with noise."""
    side = int(rng.choice(SIDES[2:]))
    picture = resized(square(ink, int(rng.integers(4, 16))), side, side)
    blurred = gaussian_filter(picture, rng.uniform(0, 0.03) * side)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    slope_y, slope_x = rng.uniform(-0.25, 0.25, 2)
    light = 0.75 + slope_y * y + slope_x * x - rng.uniform(0, 0.15) * (y**2 + x**2)
    picture = light * (1 - rng.uniform(0.35, 0.8) * blurred)
    picture += rng.uniform(0, 0.04) * rng.standard_normal(picture.shape)
    picture = np.rint(255 * picture.clip(0, 1)).astype(np.uint8)
    return maybe_dark(picture, 255, rng)


def maybe_dark(picture, white, rng):
    return white - picture if rng.random() < 0.5 else picture


KINDS = [scanned, counted, clean, photographed]


def copies(images, labels, rng):
    """Return a picture of each digit, written and taken by other people.

    Returns
    -------
    pictures : list of ndarray of shape (height, width)
    """
    kinds = rng.integers(0, len(KINDS), len(labels))
    ink = write(images, labels, rng)
    return [KINDS[kind](sheet, rng) for kind, sheet in zip(kinds, ink, strict=True)]


def no_digits(images, labels, rng):
    """Return as many pictures of what is no digit, made of digits and of scribbles."""
    sheets = enlarge(images)
    makers = rng.integers(0, len(NO_DIGITS), len(sheets))
    others = rng.permutation(len(sheets))
    ink = np.stack(
        [
            NO_DIGITS[maker](sheet, label, sheets[other], rng)
            for maker, sheet, label, other in zip(
                makers, sheets, labels, others, strict=True
            )
        ]
    )
    kinds = rng.integers(0, len(KINDS), len(sheets))
    ink = [with_another_pen(sheet, rng) for sheet in WRITING(ink, rng)]
    return [KINDS[kind](sheet, rng) for kind, sheet in zip(kinds, ink, strict=True)]


def pair(sheet, _, other, rng):
    """Two digits that touch."""
    one, two = crop(sheet), crop(other)
    height = max(len(one), len(two))
    overlap = int(rng.integers(-3, 5))
    width = one.shape[1] + two.shape[1] - overlap
    both = np.zeros((height, max(width, one.shape[1], two.shape[1])), np.float32)
    top, below = rng.integers(0, height - np.array([len(one), len(two)]) + 1)
    both[top : top + len(one), : one.shape[1]] = one
    beside = both[below : below + len(two), -two.shape[1] :]
    np.maximum(beside, two, out=beside)
    return on_sheet(both)


def mixture(sheet, label, other, rng):
    """The upper part of one digit and the lower part of another, out of place."""
    one, two = (resized(crop(digit), 40, 30) for digit in (sheet, other))
    cut = int(rng.integers(15, 26))
    return on_sheet(np.vstack([one[:cut, ::-1], two[::-1][cut:]]))


def turned(sheet, label, other, rng):
    """A digit that lies on its side, if that is no other digit then."""
    if label not in {2, 3, 4, 5, 7}:
        return scribble(sheet, label, other, rng)
    return np.rot90(sheet, rng.choice([1, 3]))


def scribble(sheet, label, other, rng):
    """A smooth curve through some points, or straight lines between them."""
    n_points = int(rng.integers(4, 10))
    points = rng.uniform(12, SIDE - 12, (n_points, 2))
    if rng.random() < 0.6:
        curve = make_interp_spline(np.arange(n_points), points, k=3)
        points = curve(np.linspace(0, n_points - 1, 12 * n_points))
    lines = [list(map(tuple, points.clip(4, SIDE - 4)))]
    if rng.random() < 0.5:
        lines.append(list(map(tuple, rng.uniform(12, SIDE - 12, (2, 2)))))
    return with_lines(np.zeros_like(sheet), lines, rng)


def figure(sheet, label, other, rng):
    """A cross, a frame, a blot, stripes: what lines and areas there are in forms."""
    image = Image.new("L", sheet.shape[::-1])
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = rng.uniform([8, 8, 42, 42], [28, 28, 64, 64])
    box, width = (left, top, right, bottom), int(rng.integers(4, 8))
    across = [(left, (top + bottom) / 2), (right, (top + bottom) / 2)]
    down = [((left + right) / 2, top), ((left + right) / 2, bottom)]
    match rng.integers(6):
        case 0:
            draw.line(across, 255, width)
            draw.line(down, 255, width)
        case 1:
            draw.line([(left, top), (right, bottom)], 255, width)
            draw.line([(left, bottom), (right, top)], 255, width)
        case 2:
            draw.rectangle(box, outline=255, width=width)
        case 3:
            draw.ellipse(box, fill=255)
        case 4:
            for y in np.linspace(top, bottom, int(rng.integers(2, 4))):
                draw.line([(left, y), (right, y)], 255, width)
        case 5:
            for x in np.linspace(left, right, int(rng.integers(2, 4))):
                draw.line([(x, top), (x, bottom)], 255, width)
            draw.line(across, 255, width)
    return np.asarray(image, np.float32) / 255


NO_DIGITS = [pair, pair, mixture, turned, scribble, scribble, figure]


def on_sheet(ink):
    """Put what is drawn into the middle of a sheet, shrunk if it is too large."""
    height, width = ink.shape
    factor = min(1, (SIDE - 12) / max(height, width))
    height, width = (max(2, round(factor * side)) for side in (height, width))
    sheet = np.zeros((SIDE, SIDE), np.float32)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    sheet[top : top + height, left : left + width] = resized(ink, height, width)
    return sheet


def in_batches(make, images, labels, seed, size=1000):
    """Yield functions that make the pictures of some images each, in their order."""
    for number, start in enumerate(range(0, len(labels), size)):
        part = slice(start, start + size)
        rng = np.random.default_rng([seed, number])
        yield partial(make, images[part], labels[part], rng)

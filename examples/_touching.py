"""Pages on which some digits touch, as people write them, made of MNIST's images.

The network that takes them apart is trained on these.
"""

from dataclasses import dataclass

import numpy as np
from _handwriting import crop, enlarge, resized, write
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from skdigits.preprocessing._page.digits import find_single_digits
from skdigits.preprocessing._page.ink import find_ink
from skdigits.preprocessing._page.parts import find_parts
from skdigits.preprocessing._page.scale import resize
from skdigits.preprocessing._page.segmentation import MASK, MOST_DIGITS, NONE, to_frame
from skdigits.preprocessing._page.touching import TouchingConstants, ink_of, is_wide

# Digits on a page
N_DIGITS = 60

# How many digits touch each other, and how often
SIZES, SHARES = (1, 2, 3), (0.35, 0.5, 0.15)

# How many pages have pieces of lines, and how many groups on these
LINES, LINED = 0.3, 0.4

# Of a digit, in pixels, where `find_digits` looks for them; its estimate is not exact
HEIGHT = 36.0
MISTAKEN = 0.85, 1.15

# A little narrower than what `find_digits` asks the network about
ALSO_NARROWER = TouchingConstants(least_width=0.35)

# What counts as ink, and the least part of a shape's that each of its digits has
INKED, LEAST_SEEN = 0.4, 0.1


@dataclass
class Page:
    """A page.

    Attributes
    ----------
    picture : ndarray of uint8 of shape (height, width)
        Dark ink on light paper.

    places : list of (int, int)
        First row and column of each digit.

    digits : list of ndarray of float32
        The ink of each.

    groups : list of list
        Of digits that touch.

    height : float
        Of a digit, in pixels.
    """

    picture: np.ndarray
    places: list
    digits: list
    groups: list
    height: float


def draw_page(images, labels, rng):
    """Draw a page of some digits, alone, in pairs, and in threes."""
    sheets = write(images, labels, rng) if rng.random() < 0.5 else enlarge(images)
    height = rng.uniform(22, 56)
    alike = rng.uniform(0.05, 0.25)
    slant = rng.uniform(-0.3, 0.3) if rng.random() < 0.5 else 0
    digits = []
    for sheet in sheets:
        digit = crop(sheared(sheet, slant))
        tall = height * rng.uniform(1 - alike, 1 + alike)
        wide = tall * digit.shape[1] / len(digit) * rng.uniform(0.85, 1.2)
        digits.append(resized(digit, max(4, round(tall)), max(2, round(wide))))
    jitter = rng.uniform(0, 0.2)
    groups = list(grouped(digits, height, jitter, rng))
    margin, line = int(height), int(2.2 * height)
    most = 20 * height
    places, row, column, widest = [], margin, margin, 0
    for group in groups:
        if column > most:
            row, column = row + line, margin
        first = min(left for _, left in group)
        for top, left in group:
            digit = digits[len(places)]
            places.append((row + top, column + left - first))
            widest = max(widest, places[-1][1] + digit.shape[1])
        column = max(
            left + digit.shape[1]
            for (_, left), digit in zip(
                places[-len(group) :],
                digits[len(places) - len(group) : len(places)],
                strict=True,
            )
        ) + int(height * rng.uniform(0.3, 1))
    ink = np.zeros((row + line + margin, widest + margin), np.float32)
    adds = rng.random() < 0.5
    for (top, left), digit in zip(places, digits, strict=True):
        area = ink[top : top + len(digit), left : left + digit.shape[1]]
        area[:] = area + digit if adds else np.maximum(area, digit)
    if rng.random() < LINES:
        ink = np.maximum(ink, lines_beside(groups, places, digits, ink.shape, rng))
    return Page(
        taken(ink.clip(0, 1.3 if adds else 1), rng), places, digits, groups, height
    )


def grouped(digits, height, jitter, rng):
    """Yield where the digits of each group are, relative to one another."""
    start = 0
    while start < len(digits):
        size = rng.choice(SIZES, p=SHARES)
        placed = []
        for digit in digits[start : start + size]:
            top = height * (0.5 + rng.uniform(-jitter, jitter)) - len(digit) / 2
            top, left = round(max(0, top)), 0
            if placed:
                overlap = height * rng.uniform(-0.04, 0.14)
                left = round(beside(*placed[-1], digit, top) - overlap)
            placed.append((digit, top, left))
        yield [(top, left) for _, top, left in placed]
        start += size


def lines_beside(groups, places, digits, shape, rng):
    """Draw what `find_digits` may leave of lines: bars at the edges of some groups.

    Others go through a group, which crosses it out.
    """
    sheet = Image.new("L", shape[::-1])
    draw = ImageDraw.Draw(sheet)
    number = 0
    for group in groups:
        members = range(number, number + len(group))
        number += len(group)
        if rng.random() > LINED:
            continue
        corners = [(*places[k], *np.add(places[k], digits[k].shape)) for k in members]
        top, left = np.min(corners, axis=0)[:2]
        bottom, right = np.max(corners, axis=0)[2:]
        tall = bottom - top
        near = rng.uniform(-0.06, 0.1) * tall
        tilt = rng.uniform(-0.05, 0.05)
        start, end = rng.uniform(-0.2, 0.4), rng.uniform(0.6, 1.2)
        kind = rng.choice(["left", "right", "above", "below", "through"])
        if kind in ("left", "right"):
            column = left - near if kind == "left" else right + near
            rows = top + start * tall, top + end * tall
            line = (column, rows[0], column + tilt * tall, rows[1])
        else:
            row = {"above": top - near, "below": bottom + near}.get(
                kind, top + rng.uniform(0.35, 0.65) * tall
            )
            if kind == "through":
                start, end = -0.15, 1.15
            columns = left + start * (right - left), left + end * (right - left)
            line = (columns[0], row, columns[1], row + tilt * (right - left))
        width = max(1, round(rng.uniform(0.03, 0.1) * tall))
        draw.line(line, fill=int(rng.uniform(120, 255)), width=width)
    return np.asarray(sheet, np.float32) / 255


def beside(first, first_top, first_left, second, top):
    """Return where a digit's left is so that its ink is beside that of another."""
    upper, lower = max(first_top, top), min(first_top + len(first), top + len(second))
    left_rows = first[upper - first_top : lower - first_top] > 0.5
    right_rows = second[upper - top : lower - top] > 0.5
    both = left_rows.any(axis=1) & right_rows.any(axis=1)
    if not both.any():
        return first_left + first.shape[1]
    ends = first.shape[1] - left_rows[both][:, ::-1].argmax(axis=1)
    return first_left + (ends - right_rows[both].argmax(axis=1)).max()


def sheared(sheet, slant):
    """Move each row of a sheet by its distance from the middle."""
    if not slant:
        return sheet
    shifts = np.rint(slant * (np.arange(len(sheet)) - len(sheet) / 2)).astype(int)
    wide = np.pad(sheet, ((0, 0), (12, 12)))
    return np.stack([np.roll(row, s) for row, s in zip(wide, shifts, strict=True)])


def taken(ink, rng):
    """Photograph ink: with some blur and noise."""
    ink = gaussian_filter(ink, rng.uniform(0, 0.8))
    picture = rng.uniform(0.75, 0.95) * (1 - rng.uniform(0.5, 0.75) * ink)
    picture += rng.uniform(0, 0.03) * rng.standard_normal(ink.shape)
    return np.rint(255 * picture.clip(0, 1)).astype(np.uint8)


def true_ink(page, shape):
    """Yield the ink of each digit, on a page of another size, and how many pixels."""
    scales = np.array(shape) / page.picture.shape
    for place, digit in zip(page.places, page.digits, strict=True):
        margin = 12
        top, left = (scales * place).astype(int) - 3
        height, width = (scales * digit.shape).astype(int) + 8
        ends = np.array([[top, left], [top + height, left + width]]) / scales
        (y, x), (y_end, x_end) = ends - place + margin
        scaled = Image.fromarray(np.pad(digit, margin)).resize(
            (width, height), Image.Resampling.BILINEAR, box=(x, y, x_end, y_end)
        )
        ink = np.zeros(shape, np.float32)
        area = ink[top : top + height, left : left + width]
        area[:] = np.asarray(scaled)[: area.shape[0], : area.shape[1]]
        yield ink, (area > 0.5).sum()


# Shapes


@dataclass
class Shapes:
    """Shapes of ink, and the digits that they are made of.

    Attributes
    ----------
    frames : ndarray of uint8 of shape (n_shapes, *FRAME)

    sizes : ndarray of float32 of shape (n_shapes, 2)
        Height and width, relative to the height of a digit.

    digits : ndarray of uint8 of shape (n_shapes, MOST_DIGITS)
        Which ones they are, from left to right, and `NONE`.

    masks : ndarray of uint8 of shape (n_shapes, *MASK, MOST_DIGITS)
        How much of a place has ink of each, up to 255.
    """

    frames: np.ndarray
    sizes: np.ndarray
    digits: np.ndarray
    masks: np.ndarray


def shapes_of_page(images, labels, seed):
    """Draw a page, and return its wide shapes, or None if it has none."""
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, len(images), N_DIGITS)
    labels = labels[chosen]
    page = draw_page(images[chosen], labels, rng)
    scale = HEIGHT / page.height * rng.uniform(*MISTAKEN)
    grey = resize(Image.fromarray(page.picture), scale)
    ink = find_ink(grey, HEIGHT)
    parts = find_parts(ink.strokes, ink.contrast, HEIGHT)
    truth = list(true_ink(page, grey.shape))
    shapes = []
    for shape in find_single_digits(parts, ink, HEIGHT):
        if not is_wide(shape, HEIGHT, ALSO_NARROWER):
            continue
        numbers = digits_in(shape, ink.clarity, truth)
        if not 1 <= len(numbers) <= MOST_DIGITS:
            continue
        digits = np.full(MOST_DIGITS, NONE, np.uint8)
        digits[: len(numbers)] = labels[numbers]
        masks = np.zeros((*MASK, MOST_DIGITS), np.uint8)
        top, left, bottom, right = shape.box
        for place, number in enumerate(numbers):
            own = truth[number][0][top:bottom, left:right] > INKED
            masks[..., place] = halved(to_frame(own))
        inside = ink_of(shape, ink.clarity)
        sizes = np.array(inside.shape, np.float32) / HEIGHT
        shapes.append((to_frame(inside), sizes, digits, masks))
    return Shapes(*map(np.stack, zip(*shapes, strict=True))) if shapes else None


def digits_in(shape, clarity, truth):
    """Return the numbers of the digits of which at least half is in a shape.

    There are none if one of these can hardly be seen.
    """
    top, left, bottom, right = shape.box
    inside = slice(top, bottom), slice(left, right)
    numbers = [
        number
        for number, (ink, n_inked) in enumerate(truth)
        if (ink[inside] > 0.5).sum() >= max(1, 0.5 * n_inked)
    ]
    if not numbers:
        return []
    inked = ink_of(shape, clarity) > INKED
    inks = np.array([gaussian_filter(truth[k][0][inside], 1) for k in numbers])
    nearest = inked & (inks == inks.max(axis=0))
    is_hidden = nearest.sum(axis=(1, 2)) < LEAST_SEEN * inked.sum()
    return [] if is_hidden.any() else numbers


def halved(frames):
    """Return the means of two by two pixels, of a frame or of several."""
    rows, columns = MASK
    return frames.reshape(*frames.shape[:-2], rows, 2, columns, 2).mean(axis=(-3, -1))

"""Pages of digits as people photograph and scan them: seeded, with known boxes.

Each function in `KINDS` takes images of digits and a random generator, and returns the
picture, of bytes, and the digits' boxes (`min_row`, `min_col`, `max_row`, `max_col`) in
reading order.
"""

import io
from dataclasses import dataclass

import numpy as np
import scipy.ndimage as ndi
from PIL import Image


@dataclass
class Page:
    """Ink on a page, from 0 to 1, the boxes of the digits, and their height."""

    ink: np.ndarray
    boxes: np.ndarray
    height: float


def find_problem(found, boxes):
    """Say what is wrong with what was found in a picture, or return None.

    There must be one box for each digit, in order, with its middle in the digit's box,
    at most one and a half times as wide and high, and at least half as high.
    """
    if len(found.boxes) != len(boxes):
        return f"{len(found.boxes)} boxes instead of {len(boxes)}"
    middle = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    if not ((middle > boxes[:, :2]) & (middle < boxes[:, 2:])).all():
        return "a box elsewhere, or in another order"
    size, expected = (b[:, 2:] - b[:, :2] for b in (found.boxes, boxes))
    # A "1" may be a few pixels wide
    slack = np.maximum(expected, 0.4 * expected[:, :1])
    if (size > 1.5 * slack).any():
        return "a box of one and a half digits"
    if (size[:, 0] < 0.5 * expected[:, 0]).any():
        return "a box of half a digit"
    return None


# Ink


def draw_digit(image, height, rng):
    """Scale a digit of MNIST to a height. Return its ink."""
    rows, columns = np.nonzero(image)
    digit = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    height = max(4, round(height * rng.uniform(0.85, 1.15)))
    width = max(2, round(height * digit.shape[1] / digit.shape[0]))
    scaled = Image.fromarray(digit).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(scaled, np.float32) / 255


def box_of(ink):
    rows, columns = np.nonzero(ink > 0.3)
    return rows.min(), columns.min(), rows.max() + 1, columns.max() + 1


def write(
    images,
    rng,
    *,
    height=None,
    page=None,
    n_lines=None,
    gap=(0.2, 0.8),
    pitch=None,
    jitter=0.12,
    slope=0.0,
    spread=1.0,
    overlap=None,
):
    """Write digits on an empty page, line by line.

    Parameters
    ----------
    images : list of ndarray of shape (28, 28)

    rng : numpy.random.Generator

    height : float, default=None
        Of a digit, in pixels. From 24 to 60 by default.

    page : tuple of int, default=None
        Height and width of the page in pixels. As large as needed, with a margin of
        one to three digits, by default.

    n_lines : int, default=None

    gap : tuple of float
        Least and largest gap between two digits, relative to their height.

    pitch : float, default=None
        Distance of the middles of two digits, instead of a gap, relative to height.

    jitter : float
        How far a digit may be off its line, relative to its height.

    slope : float
        Angle of lines, in degrees.

    spread : float
        Distance of lines beyond the least, relative to the height.

    overlap : tuple of float, default=None
        Least and largest overlap, in pixels, of the second
        digit of each pair and the first, of which none is then by itself.
    """
    height = rng.uniform(24, 60) if height is None else height
    n_lines = n_lines or rng.integers(1, 1 + max(1, min(4, len(images) // 4)))
    lines, rise = [], np.tan(np.deg2rad(slope))
    for line in np.array_split(np.arange(len(images)), n_lines):
        placed, left = [], 0.0
        for k, i in enumerate(line):
            ink = draw_digit(images[i], height, rng)
            if pitch:
                left = (k + 0.5) * pitch * height - ink.shape[1] / 2
            top = height * rng.uniform(-jitter, jitter) + (height - len(ink)) / 2
            if overlap and k % 2:
                wanted = rng.uniform(*overlap)
                left = touch(placed[-1], (ink, top), wanted)
            placed.append((ink, top, left))
            left += ink.shape[1] + height * rng.uniform(*gap)
        lines.append(placed)
    width = max(p[-1][2] + p[-1][0].shape[1] for p in lines)
    # Sloping lines need more room
    distance = height * (1.4 + rng.uniform(0, spread))
    tall = distance * (n_lines - 1) + height * (1 + 2 * jitter + 0.2)
    tall += abs(rise) * width
    if page is None:
        margins = height * rng.uniform(1, 3, 4)
        page = int(tall + margins[:2].sum()), int(width + margins[2:].sum())
        top, left = margins[0], margins[2]
    else:
        room = page[0] - tall, page[1] - width
        if min(room) < 0.6 * height:
            raise ValueError(f"{len(images)} digits do not fit into {page}")
        top, left = (rng.uniform(0.3 * height, r - 0.3 * height) for r in room)
    ink = np.zeros(page, np.float32)
    top += max(0, -rise * width) + height * (jitter + 0.1)
    boxes = []
    for number, placed in enumerate(lines):
        for digit, y, x in placed:
            row = int(top + number * distance + y + rise * x)
            column = int(left + x)
            area = ink[row : row + digit.shape[0], column : column + digit.shape[1]]
            np.maximum(area, digit, out=area)
            boxes.append(np.add(box_of(digit), [row, column] * 2))
    return Page(ink, np.array(boxes), height)


def touch(placed, second, overlap):
    """Return where a digit's left is so that its ink is just over that of another."""
    (first, top, left), (ink, second_top) = placed, second
    shift = int(second_top) - int(top)
    gaps = []
    for row in range(len(ink)):
        other = row + shift
        if 0 <= other < len(first) and (first[other] > 0.5).any():
            right = np.flatnonzero(first[other] > 0.5)[-1]
            inked = np.flatnonzero(ink[row] > 0.5)
            if len(inked):
                gaps.append(inked[0] - right)
    # Where all rows differ, they stand side by side
    return left + 1 - min(gaps, default=-first.shape[1]) - overlap


# Paper, light and camera


def take(page, rng, *, depth=None, light=1.0, paper=1.0, noise=None, dark=0.0):
    """Photograph a page. Return the picture, of bytes.

    `depth` is how dark the ink is, relative to paper; `dark` is the least brightness.
    """
    depth = rng.uniform(0.5, 0.9) if depth is None else depth
    noise = rng.uniform(0.005, 0.025) if noise is None else noise
    brightness = rng.uniform(0.75, 0.95)
    picture = brightness * light * paper * (1 - depth * page.ink) + dark
    picture += noise * rng.standard_normal(page.ink.shape, np.float32)
    return to_bytes(picture)


def to_bytes(picture):
    return np.round(255 * picture.clip(0, 1)).astype(np.uint8)


def blobs(shape, scale, rng):
    """Smooth random values, with a deviation of 1, as large as `scale` pixels."""
    scale = max(scale, 0.3)
    step = max(1, int(scale / 2))
    small = tuple(-(-n // step) + 2 for n in shape)
    values = ndi.gaussian_filter(
        rng.standard_normal(small, np.float32), scale / step, mode="wrap"
    )
    values /= values.std() or 1
    if step == 1:
        return values[: shape[0], : shape[1]]
    size = small[1] * step, small[0] * step
    large = Image.fromarray(values).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(large)[: shape[0], : shape[1]]


def grid(shape):
    """Rows and columns, from -1 to 1."""
    return np.meshgrid(
        np.linspace(-1, 1, shape[0], dtype=np.float32),
        np.linspace(-1, 1, shape[1], dtype=np.float32),
        indexing="ij",
        sparse=True,
    )


def a_page(images, rng, megapixels=(0.25, 0.6), **writing):
    """Write on a page of a sheet's form, larger than what is written on it."""
    pixels = 1e6 * rng.uniform(*megapixels)
    ratio = rng.uniform(0.6, 1.6)
    shape = int((pixels / ratio) ** 0.5), int((pixels * ratio) ** 0.5)
    n_lines = -(-len(images) // 6)
    # So that lines of six, widely written, fit
    largest = min(shape[1] / 13, shape[0] / (3 * n_lines + 2))
    height = max(16, largest * rng.uniform(0.45, 1))
    writing = {"height": height, "page": shape, "n_lines": n_lines} | writing
    return write(images, rng, **writing)


# Plain rows


def plain(images, rng):
    page = write(images, rng)
    paper = 1 + 0.02 * blobs(page.ink.shape, rng.uniform(1, 6), rng)
    y, x = grid(page.ink.shape)
    light = 1 - rng.uniform(0, 0.15) * y - rng.uniform(0, 0.15) * x
    picture = take(page, rng, light=light / light.max(), paper=paper)
    return (255 - picture if rng.random() < 0.3 else picture), page.boxes


# Light


def vignette(images, rng, megapixels=(0.3, 0.7)):
    page = a_page(images, rng, megapixels)
    y, x = grid(page.ink.shape)
    distance = np.hypot(y - rng.uniform(-0.2, 0.2), x - rng.uniform(-0.2, 0.2))
    corner = rng.uniform(0.25, 0.5)
    fall = (distance / distance.max()) ** rng.uniform(1.5, 4)
    return take(page, rng, light=1 - (1 - corner) * fall), page.boxes


def shadow(images, rng):
    page = a_page(images, rng)
    y, x = grid(page.ink.shape)
    angle = rng.uniform(0, 2 * np.pi)
    side = np.cos(angle) * y + np.sin(angle) * x - rng.uniform(-0.5, 0.5)
    edge = rng.uniform(0.002, 0.03)
    light = 1 - rng.uniform(0.3, 0.65) / (1 + np.exp(-(side / edge).clip(-50, 50)))
    return take(page, rng, light=light), page.boxes


def gradient(images, rng):
    page = a_page(images, rng)
    y, x = grid(page.ink.shape)
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * y + np.sin(angle) * x
    slope = (slope - slope.min()) / (slope.max() - slope.min())
    return take(page, rng, light=1 - rng.uniform(0.4, 0.75) * slope), page.boxes


def glare(images, rng):
    page = a_page(images, rng)
    y, x = grid(page.ink.shape)
    spot = np.hypot(y - rng.uniform(-0.8, 0.8), x - rng.uniform(-0.8, 0.8))
    flash = rng.uniform(0.15, 0.4) * np.exp(-((spot / rng.uniform(0.2, 0.5)) ** 2))
    y_light = 0.6 + 0.1 * y
    return take(page, rng, light=y_light, dark=flash, depth=0.8), page.boxes


def table(images, rng):
    """A sheet on a dark table, of which two to four sides are seen."""
    page = a_page(images, rng)
    return _on_a_table(page, rng)


def _on_a_table(page, rng):
    n_sides = rng.integers(2, 5)
    sides = rng.permutation(4)[:n_sides]
    margins = np.zeros(4, int)
    width = min(page.ink.shape)
    margins[sides] = width * rng.uniform(0.02, 0.3, n_sides)
    top, bottom, left, right = margins
    around = (top, bottom), (left, right)
    sheet = np.pad(np.ones(page.ink.shape, np.float32), around)
    sheet = ndi.gaussian_filter(sheet, rng.uniform(0.5, 2))
    wood = blobs(sheet.shape, rng.uniform(1, 6), rng)
    wood = rng.uniform(0.1, 0.4) * (1 + rng.uniform(0, 0.15) * wood)
    larger = Page(np.pad(page.ink, around), page.boxes, page.height)
    picture = take(larger, rng, light=sheet + (1 - sheet) * wood)
    return picture, page.boxes + np.array([top, left] * 2)


def strip(images, rng):
    """A dark strip along one or two edges, as a scanner leaves it."""
    page = a_page(images, rng)
    light = np.ones(page.ink.shape, np.float32)
    page.ink[:3] = 0
    for side in rng.permutation(4)[: rng.integers(1, 3)]:
        free = [
            page.boxes[:, 0].min(),
            page.boxes[:, 1].min(),
            light.shape[0] - page.boxes[:, 2].max(),
            light.shape[1] - page.boxes[:, 3].max(),
        ][side]
        widest = max(2, min(0.8 * free, 0.05 * max(light.shape)))
        width = int(rng.uniform(1, widest))
        rows = np.rot90(light, side)
        # Of uneven width, as where the lid was a little open
        edge = width * (1 + 0.1 * np.sin(np.arange(rows.shape[1]) / 40))
        inside = np.arange(len(rows))[:, np.newaxis] < edge
        rows[inside] = rng.uniform(0.05, 0.4)
    light = ndi.gaussian_filter(light, rng.uniform(0.3, 1.5))
    return take(page, rng, light=light), page.boxes


# Lines


def draw_lines(shape, rng, *, rows=(), columns=(), width=1.0, tilt=0.0, ends=None):
    """Draw lines across a page, turned about its middle by `tilt` degrees.

    `ends` are the first and last row and column of lines; all of the page by default.
    """
    y = np.arange(shape[0], dtype=np.float32)[:, np.newaxis]
    x = np.arange(shape[1], dtype=np.float32)
    rise = np.tan(np.deg2rad(tilt))
    v, u = y - rise * (x - shape[1] / 2), x + rise * (y - shape[0] / 2)
    top, left, bottom, right = ends or (-1, -1, shape[0], shape[1])
    lines = np.zeros(shape, np.float32)
    reach = 0.5 * width
    for row in rows:
        line = (0.5 + reach - abs(v - row)).clip(0, 1)
        inside = (u >= left - reach) & (u <= right + reach)
        np.maximum(lines, line * inside, out=lines)
    for column in columns:
        line = (0.5 + reach - abs(u - column)).clip(0, 1)
        inside = (v >= top - reach) & (v <= bottom + reach)
        np.maximum(lines, line * inside, out=lines)
    return lines


def ruled(images, rng):
    """Lines under the writing, which hangs through them here and there."""
    page = a_page(images, rng, spread=0)
    distance = page.height * rng.uniform(1.3, 2)
    first = rng.uniform(0, distance)
    rows = np.arange(first, page.ink.shape[0], distance)
    width = rng.uniform(1, max(1, 0.06 * page.height))
    lines = draw_lines(
        page.ink.shape, rng, rows=rows, width=width, tilt=rng.uniform(-2, 2)
    )
    page.ink = np.maximum(page.ink, rng.uniform(0.3, 1) * lines)
    return take(page, rng), page.boxes


def squared(images, rng):
    page = a_page(images, rng)
    distance = page.height * rng.uniform(0.5, 1.4)
    first = rng.uniform(0, distance, 2)
    rows, columns = (
        np.arange(start, size, distance)
        for start, size in zip(first, page.ink.shape, strict=True)
    )
    lines = draw_lines(
        page.ink.shape,
        rng,
        rows=rows,
        columns=columns,
        width=rng.uniform(1, max(1, 0.04 * page.height)),
        tilt=rng.uniform(-2, 2),
    )
    page.ink = np.maximum(page.ink, rng.uniform(0.2, 0.8) * lines)
    return take(page, rng), page.boxes


def cells(images, rng):
    """A form: a row of cells with frames, one for each digit."""
    height = rng.uniform(22, 60)
    pitch = rng.uniform(1.15, 1.8)
    tall = rng.uniform(1.1, 1.8)
    page = write(images[:12], rng, height=height, n_lines=1, pitch=pitch, jitter=0.05)
    top = page.boxes[:, [0, 2]].mean() - tall * height / 2
    centers = page.boxes[:, [1, 3]].mean(axis=1)
    # Digits are in the middle of their cells, give or take
    left = np.median(centers - pitch * height * (np.arange(len(centers)) + 0.5))
    width = min(3.0, rng.uniform(1, max(1, 0.08 * height)))
    columns = left + pitch * height * np.arange(len(centers) + 1)
    rows = np.array([top, top + tall * height])
    if rng.random() < 0.4:
        # Each cell by itself
        inset = rng.uniform(2, max(2.5, 0.05 * height)) + width
        columns = np.concatenate([columns[:-1] + inset, columns[1:] - inset])
        columns.sort()
        pieces = columns.reshape(-1, 2)
    else:
        pieces = [(columns[0], columns[-1])]
    lines = np.zeros_like(page.ink)
    tilt = rng.uniform(-2, 2)
    for start, stop in pieces:
        inside = columns[(columns >= start) & (columns <= stop)]
        ends = rows[0], start, rows[1], stop
        one = draw_lines(
            page.ink.shape,
            rng,
            rows=rows,
            columns=inside,
            width=width,
            tilt=tilt,
            ends=ends,
        )
        np.maximum(lines, one, out=lines)
    page.ink = np.maximum(page.ink, rng.uniform(0.4, 1) * lines)
    return take(page, rng), page.boxes


def underlined(images, rng):
    page = write(images[:10], rng, n_lines=1)
    rows = [page.boxes[:, 2].max() + page.height * rng.uniform(-0.1, 0.3)]
    ends = (
        0,
        page.boxes[0, 1] - page.height * rng.uniform(0, 0.4),
        0,
        page.boxes[-1, 3] + page.height * rng.uniform(0, 0.4),
    )
    line = draw_lines(
        page.ink.shape,
        rng,
        rows=rows,
        width=page.height * rng.uniform(0.05, 0.12),
        tilt=rng.uniform(-2, 2),
        ends=ends,
    )
    page.ink = np.maximum(page.ink, line)
    return take(page, rng), page.boxes


def crossed_out(images, rng):
    """Digits of which one has a stroke through it; it stays a digit."""
    page = write(images[:10], rng, n_lines=1, gap=(0.4, 0.9))
    crossed = rng.integers(len(page.boxes))
    top, left, bottom, right = page.boxes[crossed]
    middle, reach = (top + bottom) / 2, 0.1 * page.height
    line = draw_lines(
        page.ink.shape,
        rng,
        rows=[middle],
        width=page.height * 0.08,
        ends=(0, left - reach, 0, right + reach),
    )
    # The stroke is part of the digit
    page.boxes[crossed, [1, 3]] += np.round([-reach, reach]).astype(int)
    page.ink = np.maximum(page.ink, line)
    return take(page, rng), page.boxes


# Touching


def touching(images, rng):
    """Pairs that touch, or overlap by up to three pixels."""
    n_lines = -(-len(images) // 10)
    page = write(
        images, rng, n_lines=n_lines, overlap=(0, 3), gap=(0.25, 0.8), jitter=0.08
    )
    return take(page, rng), page.boxes


# Ground


def shine_through(images, rng):
    page = a_page(images, rng)
    count = rng.integers(3, len(images) + 1)
    other = write(
        images[:count],
        rng,
        height=page.height * rng.uniform(0.7, 1.2),
        n_lines=1,
        gap=(0.1, 0.3),
    ).ink[:, ::-1]
    behind = np.zeros_like(page.ink)
    rows, columns = (min(a, b) for a, b in zip(other.shape, behind.shape, strict=True))
    top, left = (
        rng.integers(0, n - m + 1)
        for n, m in zip(behind.shape, (rows, columns), strict=True)
    )
    behind[top : top + rows, left : left + columns] = other[:rows, :columns]
    behind = ndi.gaussian_filter(behind, 0.04 * page.height)
    paper = 1 - rng.uniform(0.1, 0.25) * behind
    return take(page, rng, paper=paper, depth=rng.uniform(0.6, 0.9)), page.boxes


def grain(images, rng):
    """Rough paper, a fold or two, and a stain of coffee."""
    page = a_page(images, rng)
    shape = page.ink.shape
    paper = 1 + rng.uniform(0.02, 0.05) * blobs(shape, rng.uniform(0.7, 5), rng)
    y, x = grid(shape)
    for _ in range(rng.integers(0, 3)):
        angle = rng.uniform(0, np.pi)
        side = np.cos(angle) * y + np.sin(angle) * x - rng.uniform(-0.6, 0.6)
        width = rng.uniform(0.004, 0.02)
        paper = paper * (1 - 0.12 * np.tanh(side / width) * np.exp(-abs(side) / 0.3))
    if rng.random() < 0.5:
        spot = np.hypot(y - rng.uniform(-1, 1), x - rng.uniform(-1, 1))
        radius = rng.uniform(0.2, 0.6)
        cup = 1 / (1 + np.exp(((spot - radius) / 0.01).clip(-50, 50)))
        rim = np.exp(-(((spot - radius) / 0.02) ** 2))
        paper = paper * (1 - 0.12 * cup - 0.12 * rim)
    return take(page, rng, paper=paper, depth=rng.uniform(0.5, 0.9)), page.boxes


def jpeg(images, rng):
    page = a_page(images, rng)
    file = io.BytesIO()
    Image.fromarray(take(page, rng)).save(file, "jpeg", quality=30)
    return np.asarray(Image.open(file)), page.boxes


def pencil(images, rng):
    """Faint ink: from 15 to 30 per cent darker than the paper."""
    page = a_page(images, rng)
    texture = (0.8 + 0.2 * blobs(page.ink.shape, 0.7, rng)).clip(0.3, 1)
    page.ink *= texture
    depth = rng.uniform(0.15, 0.3) / 0.8
    noise = rng.uniform(0.005, 0.015)
    return take(page, rng, depth=depth, noise=noise), page.boxes


PENS = {
    "blue": (25, 40, 140),
    "red": (200, 30, 40),
    "green": (20, 120, 60),
    "black": (30, 30, 30),
    "violet": (110, 40, 130),
}
SHEETS = {
    "white": (245, 245, 240),
    "yellow": (250, 235, 120),
    "pink": (250, 190, 200),
    "light blue": (180, 215, 245),
    "light green": (190, 235, 190),
    "kraft": (190, 150, 105),
}


def colour(images, rng):
    """A coloured pen on coloured paper."""
    page = a_page(images, rng)
    pen = np.array(PENS[rng.choice(list(PENS))], np.float32) / 255
    sheet = np.array(SHEETS[rng.choice(list(SHEETS))], np.float32) / 255
    ink = page.ink[..., np.newaxis] * rng.uniform(0.7, 1)
    picture = sheet * (1 - ink) + pen * sheet * ink
    y, _ = grid(page.ink.shape)
    picture *= (1 - rng.uniform(0, 0.3) * (y + 1) / 2)[..., np.newaxis]
    picture += 0.02 * rng.standard_normal(picture.shape, np.float32)
    return to_bytes(picture), page.boxes


def chalk(images, rng):
    """Light strokes with holes on a dark board that was wiped."""
    page = a_page(images, rng)
    shape = page.ink.shape
    holes = (0.75 + 0.3 * blobs(shape, 0.02 * page.height, rng)).clip(0, 1)
    board = 0.2 * (1 + 0.2 * blobs(shape, 3 * page.height, rng))
    picture = board + (0.85 - board) * page.ink * holes
    picture += 0.02 * rng.standard_normal(shape, np.float32)
    return to_bytes(picture), page.boxes


# Size and layout


def small(images, rng):
    """Digits of 12 to 16 pixels."""
    page = write(images, rng, height=rng.uniform(12.5, 16) / 0.95)
    return take(page, rng, depth=rng.uniform(0.6, 0.9)), page.boxes


def large(images, rng):
    """Digits a third as high as the page."""
    tall = rng.integers(300, 700)
    n = min(len(images), 5)
    page = write(images[:n], rng, height=tall / 3, n_lines=1)
    return take(page, rng), page.boxes


def many(images, rng):
    """A hundred digits, of 2% of the height of the page."""
    chosen = [images[i % len(images)] for i in range(100)]
    tall = rng.integers(1000, 1400)
    page = write(
        chosen, rng, height=0.02 * tall, page=(tall, int(0.75 * tall)), n_lines=10
    )
    return take(page, rng), page.boxes


def slanted(images, rng):
    """Several lines that all slope, by up to 10 degrees."""
    page = write(images, rng, slope=rng.uniform(-10, 10), n_lines=len(images) // 4)
    return take(page, rng), page.boxes


def columns(images, rng):
    """A table of numbers: two or three columns, each of numbers of two digits."""
    n_columns = int(rng.integers(2, 4)) if len(images) > 5 else 2
    per_line = 2 * n_columns
    n_lines = max(1, len(images) // per_line)
    images = images[: n_lines * per_line]
    height = rng.uniform(24, 48)
    stretches = np.array_split(np.arange(len(images)), n_lines)
    parts, boxes = [], []
    # Two wide digits fit
    number_width = 5 * height
    between = height * rng.uniform(1.5, 4)
    for line in stretches:
        row = []
        for pair in line.reshape(n_columns, 2):
            one = write(
                [images[i] for i in pair],
                rng,
                height=height,
                n_lines=1,
                page=(int(2.2 * height), int(number_width)),
                gap=(0.15, 0.3),
            )
            row.append((one.ink, one.boxes))
        parts.append(row)
    step = int(number_width + between)
    tall, margin = int(2.2 * height), int(height)
    ink = np.zeros(
        (n_lines * tall + 2 * margin, n_columns * step + 2 * margin), np.float32
    )
    for i, row in enumerate(parts):
        for j, (part, inside) in enumerate(row):
            top, left = margin + i * tall, margin + j * step
            # On one line, whatever chance said
            shift = int(1.1 * height - inside[:, [0, 2]].mean())
            part = np.roll(part, shift, axis=0)
            ink[top : top + part.shape[0], left : left + part.shape[1]] = part
            boxes.extend(inside + np.array([top + shift, left] * 2))
    page = Page(ink, np.array(boxes), height)
    return take(page, rng), page.boxes


def phone(images, rng):
    """A sheet on a table, seen from the side, out of focus, in a corner's shade."""
    page = a_page(images, rng, megapixels=(0.5, 1))
    picture, boxes = _on_a_table(page, rng)
    picture, boxes = turn(picture, boxes, rng)
    y, x = grid(picture.shape)
    shade = 1 - rng.uniform(0, 0.5) * (y * rng.choice([-1, 1]) + 1) / 2 * (x + 1) / 2
    blurred = ndi.gaussian_filter(picture * shade, rng.uniform(0.5, 1.2))
    noisy = blurred + rng.uniform(1, 5) * rng.standard_normal(picture.shape)
    file = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(
        file, "jpeg", quality=int(rng.integers(40, 90))
    )
    return np.asarray(Image.open(file)), boxes


def turn(picture, boxes, rng):
    """Take a picture in perspective, its corners moved by up to 4% of its sides."""
    height, width = picture.shape
    corners = np.array([(0, 0), (0, height), (width, height), (width, 0)], float)
    moved = corners + rng.uniform(-0.04, 0.04, (4, 2)) * (width, height)
    # Pillow asks for where in the old picture a new pixel is from
    rows = []
    for (x, y), (u, v) in zip(moved, corners, strict=True):
        rows += [
            [x, y, 1, 0, 0, 0, -u * x, -u * y],
            [0, 0, 0, x, y, 1, -v * x, -v * y],
        ]
    back = np.linalg.solve(np.array(rows), corners.ravel())
    image = Image.fromarray(picture).transform(
        (width, height),
        Image.Transform.PERSPECTIVE,
        tuple(back),
        Image.Resampling.BICUBIC,
        fillcolor=int(picture[0, 0]),
    )
    ahead = np.linalg.inv(np.append(back, 1).reshape(3, 3))
    turned = []
    for top, left, bottom, right in boxes:
        x = np.array([left, right, right, left, (left + right) / 2])
        y = np.array([top, top, bottom, bottom, (top + bottom) / 2])
        u, v, w = ahead @ np.array([x, y, np.ones(5)])
        u, v = u / w, v / w
        turned.append((v.min(), u.min(), v.max(), u.max()))
    return np.asarray(image), np.round(turned).astype(int)


KINDS = {
    "plain rows": plain,
    "vignette": vignette,
    "shadow": shadow,
    "gradient": gradient,
    "flash glare": glare,
    "dark table or border": table,
    "scanner's strip": strip,
    "ruled": ruled,
    "squared": squared,
    "cells with frames": cells,
    "underlined": underlined,
    "crossed out": crossed_out,
    "touching pairs": touching,
    "shine-through": shine_through,
    "grain, folds, coffee": grain,
    "JPEG, quality 30": jpeg,
    "pencil": pencil,
    "coloured pen and paper": colour,
    "chalk": chalk,
    "12 to 16 pixels high": small,
    "a third of the page high": large,
    "100 digits of 2%": many,
    "slanted lines": slanted,
    "columns": columns,
    "phone": phone,
}


def draw(kind, digits, seed):
    """Draw the picture of a kind with a seed, of 5 to 20 of some digits."""
    rng = np.random.default_rng([list(KINDS).index(kind), seed])
    chosen = digits[rng.integers(0, len(digits), rng.integers(5, 21))]
    return KINDS[kind](chosen, rng)

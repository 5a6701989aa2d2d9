"""Hands, pens and paper, and what it lies on, for `photo_pictures.py`."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pen_strokes
import scipy.ndimage as ndi
from PIL import Image, ImageDraw, ImageFont

# Digits as some people write them, besides those of `pen_strokes.py`
OTHER_STROKES = {
    1: [[(0.5, 0.18), (0.5, 0.82)]],
    4: [[(0.6, 0.85), (0.6, 0.18), (0.28, 0.6), (0.74, 0.6)]],
    7: [
        [(0.3, 0.2), (0.7, 0.2), (0.46, 0.82)],
        [(0.4, 0.52), (0.68, 0.5)],
    ],
}

# Ratios of pictures taken across
WIDE = (4 / 3, 16 / 9)

BLUE, BLACK, RED, GREEN = (30, 45, 125), (35, 35, 40), (190, 35, 40), (20, 110, 70)


@dataclass
class Sheet:
    """Paper and what is on it: colours from 0 to 1, and which mark each pixel is of.

    Marks of digits have numbers from 1, those of letters and signs from 255 down.
    """

    colour: np.ndarray
    marks: np.ndarray
    labels: list = field(default_factory=list)
    lines: list = field(default_factory=list)
    n_others: int = 0
    shadow: bool = False
    glare: bool = False

    @property
    def size(self):
        return self.marks.shape

    def ink(self, alpha, top, left, tint, mark=0):
        """Multiply colours by those of ink."""
        top, left = int(top), int(left)
        rows = slice(max(0, top), min(self.size[0], top + alpha.shape[0]))
        columns = slice(max(0, left), min(self.size[1], left + alpha.shape[1]))
        if rows.stop <= rows.start or columns.stop <= columns.start:
            return
        part = alpha[
            rows.start - top : rows.stop - top,
            columns.start - left : columns.stop - left,
        ]
        self.colour[rows, columns] *= 1 - part[..., None] * (1 - np.float32(tint))
        if mark:
            self.marks[rows, columns][part > 0.3] = mark

    def add_digit(self, label, line):
        self.labels.append(label)
        self.lines.append(line)
        return len(self.labels)

    def add_other(self):
        self.n_others += 1
        return 256 - self.n_others


@dataclass
class Pen:
    """How ink looks. Thickness is relative to the height of digits."""

    tint: tuple
    thickness: float
    kind: str

    def stroke(self, alpha, rng):
        """Give ink the texture of the pen."""
        if self.kind == "pencil":
            grain = rng.random(alpha.shape, np.float32)
            return alpha * (0.45 + 0.55 * grain**0.7)
        if self.kind == "marker":
            inside = ndi.gaussian_filter(alpha, max(1, 0.02 * len(alpha)))
            return alpha * (1 - 0.25 * inside * rng.uniform(0, 1))
        flow = clouds(alpha.shape, 0.3 * len(alpha), rng)
        return alpha * (0.92 + 0.1 * flow).clip(0.6, 1)


def a_pen(rng, kinds=("ball", "ball", "fountain", "marker", "pencil")):
    kind = str(rng.choice(kinds))
    if kind == "pencil":
        grey = rng.uniform(0.25, 0.5)
        return Pen((grey, grey, grey), rng.uniform(0.05, 0.1), kind)
    colours = (BLUE, BLUE, BLACK, BLACK, RED, GREEN)
    tint = np.array(colours[rng.integers(len(colours))]) / 255
    thickness = {"ball": (0.05, 0.1), "fountain": (0.07, 0.13), "marker": (0.1, 0.19)}
    return Pen(tuple(tint), rng.uniform(*thickness[kind]), kind)


class Hand:
    """Somebody who writes numbers, with digits of MNIST or strokes of a pen.

    Parameters
    ----------
    digits : Bunch
        With `images` and `target`.

    rng : numpy.random.Generator
    """

    def __init__(self, digits, rng):
        self.images = digits.images
        self.of_label = [np.flatnonzero(digits.target == label) for label in range(10)]
        self.rng = rng
        self.draws = rng.random() < 0.35
        self.strokes = {
            label: OTHER_STROKES.get(label, strokes) if rng.random() < 0.5 else strokes
            for label, strokes in pen_strokes.STROKES.items()
        }
        self.slant = rng.normal(0, 0.08)
        self.gap = rng.uniform(0.12, 0.4)

    def digit(self, label, height, pen):
        """Return the ink of a digit, from 0 to 1, cropped to its edges."""
        height = max(6, height * self.rng.uniform(0.88, 1.12))
        # Strokes get their thickness at this height, then their size
        fine = max(96, round(height))
        shape = self._drawn if self.draws else self._copied
        signed = shape(label, fine, pen.thickness)
        ink = (signed + 0.5).clip(0, 1).astype(np.float32)
        rows, columns = np.nonzero(ink > 0.3)
        ink = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        size = max(1, round(ink.shape[1] * height / fine)), round(height)
        return pen.stroke(resized(ink, size).clip(0, 1), self.rng)

    def _copied(self, label, height, thickness):
        """Return how far inside a digit of MNIST's pixels are, restroked."""
        image = self.images[self.rng.choice(self.of_label[label])]
        rows, columns = np.nonzero(image > 60)
        image = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        zoom = 0.85 * height / len(image)
        large = resized(
            np.pad(image, 4).astype(np.float32) / 255,
            tuple(round(zoom * (n + 8)) for n in image.shape[::-1]),
        )
        inside = ndi.gaussian_filter(large, 0.5 * zoom) > 0.45
        signed = ndi.distance_transform_edt(inside) - ndi.distance_transform_edt(
            ~inside
        )
        radius = 2 * signed[inside].mean()
        # Much thinner, a stroke would break; much thicker, loops would close
        return signed + np.clip(
            0.5 * thickness * height - radius, -0.35 * radius, 0.15 * radius
        )

    def _drawn(self, label, height, thickness):
        rng = self.rng
        slant, stretch = self.slant + rng.normal(0, 0.03), rng.uniform(0.85, 1.2)
        strokes = []
        for stroke in self.strokes[label]:
            points = np.array(stroke) - 0.5
            points += rng.normal(0, 0.006, points.shape).cumsum(axis=0)
            points = points @ np.array([[stretch, 0], [-slant, 1]])
            strokes.append(points * 0.9 + 0.5)
        side = round(1.5 * height)
        pen = max(2, thickness * height)
        drawn = pen_strokes.draw(strokes, height=side, width=side, pen=pen)
        return 0.5 - drawn.astype(np.float32) / 255

    def sign(self, sign, height, pen):
        """Return the ink of a sign, how far below the top it is, if it is as high."""
        side = round(1.3 * height)
        image = Image.new("L", (2 * side, 2 * side))
        draw, pen_width = (
            ImageDraw.Draw(image),
            max(2, round(2 * pen.thickness * height)),
        )
        x, y = 0.4 * side, 2 * height
        length = self.rng.uniform(0.25, 0.4) * height
        lines = {
            ".": [(x, y - pen_width, x + 0.5, y - pen_width)],
            ":": [(x, y - height * k, x + 0.5, y - height * k) for k in (0.4, 1.2)],
            ",": [(x, y - 0.1 * height, x - 0.12 * height, y + 0.25 * height)],
            "-": [
                (x, y - height, x + 2 * length, y - height * self.rng.uniform(0.9, 1.1))
            ],
            "/": [(x + 0.7 * height, y - 2 * height, x, y)],
            "+": [
                (x, y - height, x + height, y - height),
                (
                    x + 0.5 * height,
                    y - 1.5 * height,
                    x + 0.5 * height,
                    y - 0.5 * height,
                ),
            ],
        }[sign]
        for x1, y1, x2, y2 in lines:
            draw.line((x1, y1, x2, y2), 255, pen_width)
            for x0, y0 in ((x1, y1), (x2, y2)):
                r = 0.5 * pen_width
                draw.ellipse((x0 - r, y0 - r, x0 + r, y0 + r), 255)
        ink = np.asarray(image.reduce(2), np.float32) / 255
        rows, columns = np.nonzero(ink)
        ink = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        return pen.stroke(ink, self.rng), rows.min(), sign in "/+"

    def write(self, sheet, text, top, left, height, pen, line, pitch=None):
        """Write a number into a sheet. Return where it ends.

        With a `pitch`, each character is in the middle of a cell as wide.
        """
        rng, rise = self.rng, 0.0
        for character in text:
            if character == " ":
                left += pitch or height * rng.uniform(0.4, 0.7)
                continue
            if character.isdigit():
                ink = self.digit(int(character), height, pen)
                down = height - len(ink) * rng.uniform(0.9, 1)
                mark = sheet.add_digit(int(character), line)
            else:
                ink, down, is_high = self.sign(character, height, pen)
                mark = sheet.add_other() if is_high else 0
            rise = 0.7 * rise + rng.normal(0, 0.025) * height
            at = left + (pitch - ink.shape[1]) / 2 if pitch else left
            sheet.ink(ink, top + down + rise, at, pen.tint, mark)
            gap = height * self.gap * rng.uniform(0.7, 1.3)
            left += pitch or ink.shape[1] + max(gap, 2)
        return left

    def width(self, text, height):
        """Return about how wide a number will be."""
        wide = sum(0.62 if c.isdigit() else 0.6 if c == " " else 0.35 for c in text)
        return height * (wide + self.gap * len(text))

    def scribble(self, sheet, top, left, height, width, pen):
        """Write a word that nobody can read."""
        n = max(4, int(width / height * 3))
        x = np.linspace(0, 1, 12 * n)
        y = np.interp(x, np.linspace(0, 1, 2 * n), self.rng.uniform(0, 1, 2 * n))
        wave = 0.03 * np.sin(2 * np.pi * n * x)
        mark = sheet.add_other()
        points = [
            (left + (a + b) * width, top + c * height)
            for a, b, c in zip(x, wave, y, strict=True)
        ]
        stroke(sheet, points, pen.thickness * height * 1.3, pen.tint, mark)


def number(rng, low=2, high=6):
    return "".join(map(str, rng.integers(0, 10, rng.integers(low, high + 1))))


def telephone(rng):
    form = str(
        rng.choice(
            [
                "0### #######",
                "0###-######",
                "0##/### ## ##",
                "### ####",
                "+## ### ######",
                "(###) ###-####"[1:4] + "-###-####",
            ]
        )
    )
    return filled(form, rng)


def date(rng):
    return filled(
        str(rng.choice(["##.##.20##", "#/#/##", "20##-##-##", "#.##.##"])), rng
    )


def amount(rng):
    return filled(str(rng.choice(["##,##", "#.##", "###,##", "#.###,##", "##"])), rng)


def filled(form, rng):
    return "".join(str(rng.integers(10)) if c == "#" else c for c in form)


# Paper


def resized(values, size):
    image = Image.fromarray(np.ascontiguousarray(values, np.float32))
    down = size[0] < values.shape[1]
    how = Image.Resampling.BOX if down else Image.Resampling.BICUBIC
    return np.asarray(image.resize(size, how))


def clouds(shape, scale, rng, across=None):
    """Smooth random values of about unit deviation, `scale` pixels large."""
    steps = max(1.0, scale), max(1.0, across or scale)
    small = [int(n / step) + 3 for n, step in zip(shape, steps, strict=True)]
    return resized(rng.standard_normal(small, np.float32), shape[::-1])


def paper(size, rng, tint=None):
    if tint is None:
        tint = rng.uniform(0.82, 0.97) * np.array([1, 1, rng.uniform(0.9, 1)])
    grain = 1 + 0.008 * clouds(size, rng.uniform(1, 4), rng)
    colour = (grain[..., None] * np.float32(tint)).clip(0, 1)
    return Sheet(colour.astype(np.float32), np.zeros(size, np.uint8))


def stroke(sheet, points, width, tint, mark=0):
    """Draw a line through points, (x, y)."""
    points = np.array(points, float)
    low = np.floor(points.min(axis=0) - width - 2).astype(int)
    size = np.ceil(points.max(axis=0) + width + 2).astype(int) - low
    image = Image.new("L", tuple(2 * int(n) for n in size))
    draw = ImageDraw.Draw(image)
    at = [tuple(p) for p in 2 * (points - low)]
    draw.line(at, 255, max(1, round(2 * width)), joint="curve")
    ink = np.asarray(image.reduce(2), np.float32) / 255
    sheet.ink(ink, low[1], low[0], tint, mark)


def rule(sheet, distance, width, tint, *, first=0.0, axis=0, bounds=None):
    """Print lines at a distance: level ones along axis 0, upright ones along 1."""
    n = sheet.size[axis]
    place = np.arange(n) + 0.5
    far = abs((place - first + distance / 2) % distance - distance / 2)
    alpha = (0.5 + width / 2 - far).clip(0, 1).astype(np.float32)
    if bounds:
        alpha *= (place >= bounds[0]) & (place < bounds[1])
    colour = 1 - alpha[:, None] * (1 - np.float32(tint))
    sheet.colour *= colour[:, None] if axis == 0 else colour[None]


def frame(sheet, box, width, tint):
    """Print a rectangle: top, left, bottom, right."""
    top, left, bottom, right = box
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    for start, end in pairwise(corners):
        stroke(sheet, [start, end], width, tint)


def print_text(sheet, text, top, left, size, tint, digit_height):
    """Print a text. If letters are nearly as high as digits, they are others."""
    font = ImageFont.load_default(size)
    width = int(font.getlength(text)) + 2
    image = Image.new("L", (width, round(1.4 * size)))
    ImageDraw.Draw(image).text((0, 0), text, 255, font)
    mark = sheet.add_other() if size > 0.3 * digit_height else 0
    sheet.ink(np.asarray(image, np.float32) / 255, top, left, tint, mark)


def printed_blue(rng):
    return np.array([rng.uniform(0.45, 0.8), rng.uniform(0.6, 0.85), 0.9])


# Grounds


def wood(size, rng):
    colours = (
        np.array([(190, 150, 105), (150, 100, 60), (95, 60, 38), (60, 45, 38)]) / 255
    )
    base = colours[rng.integers(len(colours))]
    scale = max(size) / 60
    grain = clouds(size, 0.15 * scale, rng, 12 * scale) + clouds(
        size, scale, rng, 30 * scale
    )
    planks = rng.uniform(0.15, 0.5) * size[0]
    board = np.sin(np.floor(np.arange(size[0]) / planks) * 12.9) * 0.06
    value = 1 + 0.07 * grain + board[:, None]
    sheet = Sheet(
        (value[..., None] * base).clip(0.02, 1).astype(np.float32),
        np.zeros(size, np.uint8),
    )
    rule(sheet, planks, max(1, 0.1 * scale), (0.5, 0.45, 0.4))
    return sheet


def desk(size, rng):
    tint = rng.uniform(0.12, 0.75) * np.array(
        [1, rng.uniform(0.9, 1), rng.uniform(0.8, 1)]
    )
    value = 1 + 0.02 * clouds(size, max(size) / 300, rng)
    return Sheet(
        (value[..., None] * tint).clip(0, 1).astype(np.float32),
        np.zeros(size, np.uint8),
    )


def lay(ground, sheet, top, left, rng, thickness=1.0):
    """Lay a sheet on a ground, with its soft shadow."""
    top, left = int(top), int(left)
    shade = np.zeros(ground.size, np.float32)
    reach = thickness * 0.006 * max(ground.size)
    y, x = (round(n) for n in rng.uniform(-reach, reach, 2))
    height, width = sheet.size
    shade[max(0, top + y) : top + y + height, max(0, left + x) : left + x + width] = 1
    shade = ndi.uniform_filter(shade, max(3, round(2 * reach)))
    ground.colour *= (1 - rng.uniform(0.3, 0.6) * shade)[..., None]
    rows = slice(max(0, top), min(ground.size[0], top + height))
    columns = slice(max(0, left), min(ground.size[1], left + width))
    own = (
        slice(rows.start - top, rows.stop - top),
        slice(columns.start - left, columns.stop - left),
    )
    ground.colour[rows, columns] = sheet.colour[own]
    ground.marks[rows, columns] = sheet.marks[own]
    ground.labels, ground.lines = sheet.labels, sheet.lines
    ground.n_others = sheet.n_others
    return ground


def a_size(rng, megapixels=(0.3, 3.0), ratios=(3 / 4, 4 / 3, 9 / 16, 16 / 9)):
    """Height and width of a scene, in pixels: a fifth more than is seen of it."""
    low, high = np.log(megapixels)
    pixels = 1.44e6 * np.exp(rng.uniform(low, high))
    ratio = rng.choice(ratios)
    return int((pixels / ratio) ** 0.5), int((pixels * ratio) ** 0.5)


def on_a_ground(size, rng, share=(0.6, 0.85), ratio=None, ground=None, tint=None):
    """Return a ground and a sheet that is to lie in its middle, and its place there."""
    part = rng.uniform(*share, 2)
    height, width = (int(n * p) for n, p in zip(size, part, strict=True))
    if ratio:
        width = min(width, int(height * ratio))
        height = int(width / ratio)
    sheet = paper((height, width), rng, tint)
    under = (ground or (wood if rng.random() < 0.5 else desk))(size, rng)
    place = [
        (n - m) * rng.uniform(0.4, 0.6)
        for n, m in zip(size, (height, width), strict=True)
    ]
    return under, sheet, place


def close_up(size, rng, tint=None):
    """Paper that is larger than the picture."""
    return paper(size, rng, tint)


def seen(size):
    """The part that is seen whatever the perspective: top, left, bottom, right."""
    return 0.16 * size[0], 0.16 * size[1], 0.84 * size[0], 0.84 * size[1]


def write_lines(
    hand,
    sheet,
    texts,
    box,
    rng,
    *,
    pens=None,
    pitch=1.7,
    align="left",
    largest=0.3,
    least=14,
):
    """Write numbers below each other into a box. Return their height and places."""
    top, left, bottom, right = box
    pens = pens or [a_pen(rng)]
    wide = max(hand.width(text, 1) for text in texts)
    height = min((right - left) / wide, (bottom - top) / (pitch * len(texts)))
    height = max(least, min(height, largest * (bottom - top)) * rng.uniform(0.5, 0.95))
    room = bottom - top - pitch * height * (len(texts) - 1) - height
    first = top + max(0, room) * rng.random()
    spare = max(0, right - left - wide * height) * rng.random()
    places = []
    for k, text in enumerate(texts):
        own = hand.width(text, height)
        start = left + spare + (wide * height - own if align == "right" else 0)
        start += rng.normal(0, 0.05) * height
        at = first + k * pitch * height
        end = hand.write(sheet, text, at, start, height, pens[k % len(pens)], k)
        places.append((at, start, end))
    return height, places

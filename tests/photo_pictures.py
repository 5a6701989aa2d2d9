"""Photos of handwritten numbers as people take them: seeded, with what is written.

They are made apart from those of `page_pictures.py`: of sheets that lie on something,
with pens, light and a camera of their own. Each function in `KINDS` takes a `Hand`,
which writes, and a random generator, and returns a scene. `draw` takes its photo.
"""

import io
from dataclasses import dataclass, field

import numpy as np
import pen_strokes
import scipy.ndimage as ndi
from PIL import Image, ImageDraw, ImageFilter, ImageFont

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


def find_problem(found, photo):
    """Say what is wrong with what was found in a photo, or return None.

    There must be one box for each digit, in order, with the middle of each in the other
    and at most one and a half times as wide and high, and at least half as high. Boxes
    of letters and signs are passed over.
    """
    boxes = found.boxes
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    digits = photo.boxes
    inside = _inside(middle, digits)
    is_other = _inside(middle, photo.others).any(axis=1) & ~inside.any(axis=1)
    inside, boxes = inside[~is_other], boxes[~is_other]
    problems = []
    if n := (~inside.any(axis=1)).sum():
        problems.append(f"{n} where no digit is")
    if n := (inside.sum(axis=0) > 1).sum():
        problems.append(f"{n} in pieces")
    if n := (~inside.any(axis=0)).sum():
        problems.append(f"{n} missing")
    if problems:
        return ", ".join(problems)
    if (inside.argmax(axis=1) != np.arange(len(digits))).any():
        return "another order"
    size, expected = (b[:, 2:] - b[:, :2] for b in (boxes, digits))
    # A "1" may be a few pixels wide
    slack = np.maximum(expected, 0.4 * expected[:, :1])
    if n := (size > 1.5 * slack).any(axis=1).sum():
        return f"{n} too large"
    if n := (size[:, 0] < 0.5 * expected[:, 0]).sum():
        return f"{n} too low"
    return None


def _inside(points, boxes):
    """Tell which points are in which boxes."""
    points = points[:, None]
    return ((points > boxes[:, :2]) & (points < boxes[:, 2:])).all(axis=2)


# What is written


@dataclass
class Photo:
    """A picture, of bytes, with what is written on it.

    `boxes`, `labels` and `lines` are those of the digits, in reading order. `others`
    are the boxes of letters and signs that are as high as digits.
    """

    picture: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray
    lines: np.ndarray
    others: np.ndarray


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
            (left + (a + b) * width, top + c * height) for a, b, c in zip(x, wave, y)
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
    for start, end in zip(corners, corners[1:]):
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
    y, x = (int(round(n)) for n in rng.uniform(-reach, reach, 2))
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
    """Height and width of what is photographed, in pixels: a fifth more than is seen."""
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
    place = [(n - m) * rng.uniform(0.4, 0.6) for n, m in zip(size, (height, width))]
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


# Kinds


def slip(hand, rng):
    """A telephone number on a slip of paper."""
    under, sheet, place = on_a_ground(a_size(rng), rng, share=(0.4, 0.75))
    h, w = sheet.size
    texts = [telephone(rng) for _ in range(rng.integers(1, 3))]
    write_lines(
        hand, sheet, texts, (0.1 * h, 0.06 * w, 0.9 * h, 0.94 * w), rng, largest=0.5
    )
    return lay(under, sheet, *place, rng)


def corner(hand, rng):
    """A date or number in a corner of a large sheet, which may be ruled."""
    size = a_size(rng, (1, 8))
    under, sheet, place = on_a_ground(size, rng, share=(0.66, 0.78), ratio=0.71)
    h, w = sheet.size
    if rng.random() < 0.5:
        distance = h / rng.uniform(25, 35)
        rule(sheet, distance, max(1, 0.0012 * h), printed_blue(rng))
        rule(sheet, 10 * w, max(1, 0.0015 * h), (0.9, 0.5, 0.5), first=0.12 * w, axis=1)
    text = date(rng) if rng.random() < 0.6 else number(rng, 3, 6)
    height = max(16, h / rng.uniform(22, 40))
    top = rng.choice([0.05, 0.5, 0.88]) * h
    left = rng.choice([0.16, 0.94]) * w
    left = min(left, 0.95 * w - hand.width(text, height))
    hand.write(sheet, text, top, left, height, a_pen(rng), 0)
    return lay(under, sheet, *place, rng)


def column_sum(hand, rng):
    """A sum in columns on squared paper, with its line."""
    sheet = close_up(a_size(rng), rng)
    top, left, bottom, right = seen(sheet.size)
    n = rng.integers(2, 5)
    numbers = [int(number(rng, 2, 5)) for _ in range(n)]
    texts = [str(each) for each in [*numbers, sum(numbers)]]
    height = min((bottom - top) / (1.7 * len(texts)), (right - left) / 6) * rng.uniform(
        0.5, 0.9
    )
    height = max(14, height)
    square = height * rng.uniform(0.8, 1.3)
    for axis in (0, 1):
        rule(sheet, square, max(1, 0.03 * height), printed_blue(rng), axis=axis)
    pen, pitch = a_pen(rng), 0.9 * height
    digits = max(map(len, texts))
    first = top + (bottom - top - 1.7 * height * len(texts)) * rng.random()
    for k, text in enumerate(texts):
        at = first + 1.5 * k * height + (0.4 * height if k == n else 0)
        start = left + height + pitch * (digits - len(text))
        hand.write(sheet, text, at, start, height, pen, k, pitch=pitch)
    sign, _, _ = hand.sign("+", height, pen)
    sheet.ink(
        sign,
        first + 1.5 * (n - 1) * height + 0.3 * height,
        left,
        pen.tint,
        sheet.add_other(),
    )
    y = first + 1.5 * n * height + rng.uniform(0, 0.1) * height
    slope = rng.normal(0, 0.01) * digits * height
    stroke(
        sheet,
        [(left, y), (left + height + digits * pitch, y + slope)],
        pen.thickness * height,
        pen.tint,
    )
    return sheet


def amounts(hand, rng):
    """Amounts below each other."""
    sheet = close_up(a_size(rng), rng)
    texts = [amount(rng) for _ in range(rng.integers(3, 7))]
    write_lines(hand, sheet, texts, seen(sheet.size), rng, align="right")
    return sheet


def numbered_list(hand, rng):
    """Numbers 1. to n., a word behind each, and an amount."""
    sheet = close_up(a_size(rng), rng)
    top, left, bottom, right = seen(sheet.size)
    n = rng.integers(3, 7)
    height = max(
        14,
        min((bottom - top) / (1.8 * n), (right - left) / 11) * rng.uniform(0.6, 0.95),
    )
    if rng.random() < 0.5:
        rule(
            sheet,
            1.8 * height,
            max(1, 0.025 * height),
            printed_blue(rng),
            first=top + 1.1 * height,
        )
    pen = a_pen(rng)
    for k in range(n):
        at = top + 1.8 * k * height
        hand.write(sheet, f"{k + 1}.", at, left, height, pen, k)
        hand.scribble(
            sheet, at + 0.2 * height, left + 2 * height, 0.7 * height, 3.5 * height, pen
        )
        hand.write(sheet, number(rng, 1, 4), at, left + 7 * height, height, pen, k)
    return sheet


def boxed(hand, rng):
    """A number with a box, a circle or two lines around it, drawn by hand."""
    size = a_size(rng)
    sheet = close_up(size, rng)
    pen, text = a_pen(rng), number(rng, 2, 6)
    top, left, bottom, right = seen(size)
    height = min((right - left) / (hand.width(text, 1) + 2), (bottom - top) / 3)
    height = max(16, height * rng.uniform(0.3, 0.9))
    y = rng.uniform(top + height, bottom - 2 * height)
    x = rng.uniform(left + height, right - height - hand.width(text, height))
    end = hand.write(sheet, text, y, x, height, pen, 0) - hand.gap * height
    room = rng.uniform(0.25, 0.6) * height
    y1, x1, y2, x2 = y - room, x - room, y + height + room, end + room
    wobble = lambda n: rng.normal(0, 0.02 * height, (n, 2))  # noqa: E731
    form = rng.integers(3)
    if form == 0:
        sides = [(x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1)]
        lines = [np.array(sides) + wobble(5)]
    elif form == 1:
        angle = np.linspace(-0.2, 2 * np.pi + 0.3, 40)
        middle, axes = (
            ((x1 + x2) / 2, (y1 + y2) / 2),
            ((x2 - x1) * 0.65, (y2 - y1) * 0.65),
        )
        lines = [
            np.column_stack(
                [
                    middle[0] + axes[0] * np.cos(angle),
                    middle[1] + axes[1] * np.sin(angle),
                ]
            )
        ]
    else:
        lines = [
            np.array([(x1, y2 + k * 0.2 * height), (x2, y2 + k * 0.2 * height)])
            + wobble(2)
            for k in range(2)
        ]
    for line in lines:
        stroke(sheet, line, pen.thickness * height, pen.tint)
    return sheet


def in_squares(hand, rng):
    """A digit in each square of squared paper."""
    sheet = close_up(a_size(rng), rng)
    top, left, bottom, right = seen(sheet.size)
    n_lines = rng.integers(1, 5)
    square = min((right - left) / rng.uniform(8, 16), (bottom - top) / (2 * n_lines))
    square = max(18, square)
    first = rng.uniform(0, square, 2)
    tint = printed_blue(rng)
    for axis in (0, 1):
        rule(sheet, square, max(1, 0.03 * square), tint, first=first[axis], axis=axis)
    y = first[0] + np.ceil((top - first[0]) / square) * square
    x = first[1] + np.ceil((left - first[1]) / square) * square
    most = int((right - x) / square)
    height = square * rng.uniform(0.65, 0.85)
    pen = a_pen(rng)
    for k in range(n_lines):
        text = number(rng, 3, max(3, min(9, most)))
        at = y + 2 * k * square + (square - height) / 2
        hand.write(sheet, text, at, x, height, pen, k, pitch=square)
    return sheet


def comb(hand, rng):
    """A form with a row of cells in a common frame, whose dividers may be short."""
    sheet = close_up(a_size(rng, (0.5, 3)), rng)
    top, left, bottom, right = seen(sheet.size)
    tint = np.array([(0.3, 0.3, 0.3), (0.5, 0.7, 0.65), (0.9, 0.55, 0.5)])[
        rng.integers(3)
    ]
    n_rows, most = rng.integers(1, 4), rng.integers(6, 11)
    pitch = min((right - left) / most, (bottom - top) / (3 * n_rows))
    pitch = max(20, pitch * rng.uniform(0.6, 1))
    tall = pitch * rng.uniform(1.1, 1.5)
    height = tall * rng.uniform(0.6, 0.75)
    width = max(1, 0.03 * pitch)
    pen = a_pen(rng, ("ball", "ball", "fountain"))
    short = rng.random() < 0.5
    for k in range(n_rows):
        y = top + 3 * k * pitch + 0.5 * pitch
        print_text(
            sheet,
            "Number of account"[: rng.integers(6, 17)],
            y - 0.5 * pitch,
            left,
            0.35 * pitch,
            tint,
            height,
        )
        frame(sheet, (y, left, y + tall, left + most * pitch), width, tint)
        for j in range(1, most):
            x = left + j * pitch
            start = y + (0.65 * tall if short else 0)
            stroke(sheet, [(x, start), (x, y + tall)], width, tint)
        text = number(rng, 4, most)
        hand.write(
            sheet, text, y + 0.5 * (tall - height), left, height, pen, k, pitch=pitch
        )
    return sheet


def sticky_note(hand, rng):
    tint = np.array(
        [
            (0.98, 0.92, 0.45),
            (0.98, 0.65, 0.7),
            (0.6, 0.85, 0.6),
            (0.55, 0.8, 0.95),
            (0.98, 0.7, 0.35),
        ]
    )[rng.integers(5)]
    under, sheet, place = on_a_ground(
        a_size(rng), rng, share=(0.45, 0.75), ratio=1.0, tint=tint
    )
    h, w = sheet.size
    sheet.colour *= np.linspace(0.9, 1, h, dtype=np.float32)[:, None, None]
    texts = [number(rng, 3, 6) for _ in range(rng.integers(1, 4))]
    write_lines(
        hand,
        sheet,
        texts,
        (0.15 * h, 0.1 * w, 0.9 * h, 0.9 * w),
        rng,
        pens=[a_pen(rng, ("ball", "fountain", "marker"))],
        largest=0.5,
    )
    return lay(under, sheet, *place, rng, 2.5)


def wooden_table(hand, rng):
    """A sheet on a wooden table, in the shadow of a hand or a phone."""
    under, sheet, place = on_a_ground(a_size(rng), rng, ground=wood)
    h, w = sheet.size
    texts = [number(rng, 3, 8) for _ in range(rng.integers(1, 5))]
    write_lines(hand, sheet, texts, (0.1 * h, 0.1 * w, 0.9 * h, 0.9 * w), rng)
    scene = lay(under, sheet, *place, rng)
    scene.shadow = True
    return scene


def notebook(hand, rng):
    """Ruled paper with a margin line and punched holes or a spiral at its side."""
    size = a_size(rng)
    under, sheet, place = on_a_ground(size, rng, share=(0.76, 0.86))
    h, w = sheet.size
    box = 0.12 * h, 0.2 * w, 0.92 * h, 0.92 * w
    n = rng.integers(2, 6)
    distance = (box[2] - box[0]) / (n + 0.5)
    rule(
        sheet,
        distance / rng.integers(1, 3),
        max(1, 0.0015 * h),
        printed_blue(rng),
        first=box[0],
    )
    rule(sheet, 10 * w, max(1, 0.002 * w), (0.9, 0.45, 0.45), first=0.15 * w, axis=1)
    pen = a_pen(rng)
    texts = [number(rng, 2, 7) for _ in range(n)]
    wide = max(hand.width(text, 1) for text in texts)
    height = max(
        14, min((box[3] - box[1]) / wide, 0.8 * distance) * rng.uniform(0.6, 0.95)
    )
    for k, text in enumerate(texts):
        at = box[0] + (k + 1) * distance - height * rng.uniform(0.95, 1.1)
        hand.write(sheet, text, at, box[1], height, pen, k)
    holes, spiral = rng.uniform(0.03, 0.06) * h, rng.random() < 0.5
    radius = 0.25 * holes if spiral else 0.012 * max(h, w)
    y, x = np.ogrid[:h, : int(0.1 * w)]
    apart = holes if spiral else 0.3 * h
    far = np.hypot((y - 0.1 * h) % apart - apart / 2, x - 0.05 * w)
    sheet.colour[:, : int(0.1 * w)][far < radius] = rng.uniform(0.05, 0.4)
    scene = lay(under, sheet, *place, rng)
    if spiral:
        for row in np.arange(0.1 * h + apart / 2, h, apart):
            y, x = place[0] + row, place[1]
            stroke(
                scene,
                [(x - 0.03 * w, y - 0.1 * apart), (x + 0.05 * w, y)],
                max(1, 0.12 * holes),
                (0.3, 0.3, 0.32),
            )
    return scene


def thumb(hand, rng):
    """A thumb that holds the sheet, at the picture's edge."""
    sheet = close_up(a_size(rng), rng)
    texts = [number(rng, 3, 7) for _ in range(rng.integers(1, 4))]
    h, w = sheet.size
    write_lines(hand, sheet, texts, (0.16 * h, 0.16 * w, 0.68 * h, 0.84 * w), rng)
    x, y = rng.uniform(0.25, 0.75) * w, rng.uniform(0.8, 0.86) * h
    wide, skin = rng.uniform(0.06, 0.09) * w, np.array([0.85, 0.62, 0.5])
    skin = skin * rng.uniform(0.35, 1)
    v, u = np.ogrid[:h, :w]
    lean = (v - y) * rng.uniform(-0.4, 0.4)
    inside = np.abs((u - x - lean) / wide) ** 2.5 + (np.minimum(v - y, 0) / wide) ** 2
    round_off = np.sqrt((1 - inside).clip(0, 1))[..., None]
    is_thumb = inside < 1
    colour = skin * (0.55 + 0.45 * round_off)
    nail = ((u - x - lean) / (0.6 * wide)) ** 2 + (
        (v - y - 0.1 * wide) / (0.8 * wide)
    ) ** 2
    colour[nail < 1] *= (1.12, 1.15, 1.2)
    sheet.colour[is_thumb] = colour.clip(0, 1)[is_thumb]
    return sheet


def whiteboard(hand, rng):
    """A whiteboard with smears of what was wiped off, and glare."""
    size = a_size(rng)
    sheet = paper(size, rng, rng.uniform(0.85, 0.97) * np.ones(3))
    for _ in range(rng.integers(1, 4)):
        smear = clouds(size, 0.03 * size[0], rng, 0.3 * size[1]).clip(0, 2) / 2
        where = clouds(size, 0.4 * size[0], rng).clip(0, 1)
        sheet.ink(
            rng.uniform(0.05, 0.2) * smear * where, 0, 0, a_pen(rng, ("marker",)).tint
        )
    texts = [number(rng, 2, 7) for _ in range(rng.integers(1, 5))]
    pens = [a_pen(rng, ("marker",)) for _ in range(rng.integers(1, 3))]
    write_lines(hand, sheet, texts, seen(size), rng, pens=pens)
    sheet.glare = True
    return sheet


def folded(hand, rng):
    """Paper that was folded: its parts are more or less bright, with edges between."""
    under, sheet, place = on_a_ground(a_size(rng), rng, share=(0.72, 0.85))
    h, w = sheet.size
    texts = [number(rng, 3, 7) for _ in range(rng.integers(2, 5))]
    write_lines(hand, sheet, texts, (0.1 * h, 0.1 * w, 0.9 * h, 0.9 * w), rng)
    for axis, n in enumerate((h, w)):
        place_of = np.arange(n, dtype=np.float32)
        shade = np.ones(n, np.float32)
        for fold in n * np.arange(1, 3) / 3 + rng.normal(0, 0.02, 2) * n:
            shade *= 1 + rng.uniform(-0.12, 0.12) * np.sign(place_of - fold)
            far = abs(place_of - fold) / max(1, 0.002 * n)
            shade *= 1 - rng.uniform(0.05, 0.3) * np.exp(-(far**2))
        sheet.colour *= shade[:, None, None] if axis == 0 else shade[None, :, None]
    sheet.colour.clip(0, 1, out=sheet.colour)
    return lay(under, sheet, *place, rng)


def envelope(hand, rng):
    """A postcode and a house number on an envelope, with a stamp."""
    tints = np.array([(0.95, 0.95, 0.93), (0.75, 0.6, 0.42), (0.9, 0.86, 0.75)])
    under, sheet, place = on_a_ground(
        a_size(rng, (0.5, 3), WIDE),
        rng,
        share=(0.66, 0.78),
        ratio=1.6,
        tint=tints[rng.integers(3)],
    )
    h, w = sheet.size
    stamp = paper((int(0.25 * h), int(0.13 * w)), rng, rng.uniform(0.2, 0.8, 3))
    y, x = np.ogrid[-1 : 1 : stamp.size[0] * 1j, -1 : 1 : stamp.size[1] * 1j]
    stamp.colour[y**2 + x**2 < 0.5] *= rng.uniform(0.6, 1)
    top, left = int(0.06 * h), int(0.83 * w)
    sheet.colour[top : top + stamp.size[0], left : left + stamp.size[1]] = stamp.colour
    pen = a_pen(rng, ("ball", "fountain", "marker"))
    height = max(16, 0.09 * h * rng.uniform(0.8, 1.3))
    for k in range(2):
        at = 0.42 * h + 1.8 * k * height
        hand.scribble(sheet, at + 0.2 * height, 0.4 * w, 0.7 * height, 0.25 * w, pen)
    hand.write(sheet, number(rng, 1, 3), at, 0.7 * w, height, pen, 0)
    hand.write(sheet, number(rng, 5, 5), at + 1.8 * height, 0.4 * w, height, pen, 1)
    return lay(under, sheet, *place, rng)


def cheque(hand, rng):
    """A printed form with a pattern of fine lines, and an amount in a frame."""
    under, sheet, place = on_a_ground(
        a_size(rng, (0.7, 3), WIDE), rng, share=(0.66, 0.78), ratio=2.0
    )
    h, w = sheet.size
    y, x = np.mgrid[:h, :w].astype(np.float32)
    waves = np.sin(
        (y + 0.02 * h * np.sin(x / (0.03 * w))) * 2 * np.pi / max(4, 0.015 * h)
    )
    tint = rng.uniform(0.75, 0.95, 3)
    sheet.ink((0.5 * waves + 0.5) * rng.uniform(0.2, 0.6), 0, 0, tint)
    black, pen = (0.25, 0.25, 0.25), a_pen(rng, ("ball", "fountain"))
    height = max(18, 0.11 * h)
    print_text(
        sheet, "Pay to the order of", 0.35 * h, 0.05 * w, 0.4 * height, black, height
    )
    stroke(
        sheet, [(0.25 * w, 0.42 * h), (0.65 * w, 0.42 * h)], max(1, 0.004 * h), black
    )
    hand.scribble(sheet, 0.32 * h, 0.27 * w, 0.7 * height, 0.25 * w, pen)
    hand.write(
        sheet, filled("##.##.20##", rng), 0.1 * h, 0.62 * w, 0.8 * height, pen, 0
    )
    text = str(rng.choice(["###,##", "##,##", "####"]))
    wide = hand.width(text, height)
    left = 0.95 * w - wide - 0.5 * height
    hand.write(sheet, filled(text, rng), 0.4 * h, left, height, pen, 1)
    box = 0.4 * h - 0.3 * height, left - 0.4 * height, 0.4 * h + 1.4 * height, 0.97 * w
    frame(sheet, box, max(1, 0.004 * h), black)
    hand.scribble(sheet, 0.75 * h, 0.6 * w, 1.2 * height, 0.25 * w, pen)
    return lay(under, sheet, *place, rng)


def table(hand, rng):
    """Numbers in the cells of a table that was drawn by hand, on squared paper or not."""
    sheet = close_up(a_size(rng, (0.6, 3)), rng)
    top, left, bottom, right = seen(sheet.size)
    n_rows, n_columns = rng.integers(2, 7), rng.integers(2, 5)
    tall, wide = (bottom - top) / n_rows, (right - left) / n_columns
    height = max(14, min(0.6 * tall, wide / 4) * rng.uniform(0.7, 1))
    tall, wide = min(tall, 2.5 * height), min(wide, 6 * height)
    if rng.random() < 0.5:
        for axis in (0, 1):
            rule(
                sheet,
                tall / 2,
                max(1, 0.02 * height),
                printed_blue(rng),
                axis=axis,
                first=(top, left)[axis],
            )
    pen, line = a_pen(rng), a_pen(rng, ("ball", "pencil"))
    for k in range(n_rows + 1):
        y = top + k * tall + rng.normal(0, 0.03, 2) * height
        stroke(
            sheet,
            [(left, y[0]), (left + n_columns * wide, y[1])],
            line.thickness * 0.7 * height,
            line.tint,
        )
    for k in range(n_columns + 1):
        x = left + k * wide + rng.normal(0, 0.03, 2) * height
        stroke(
            sheet,
            [(x[0], top), (x[1], top + n_rows * tall)],
            line.thickness * 0.7 * height,
            line.tint,
        )
    for i in range(n_rows):
        for j in range(n_columns):
            at = top + (i + 0.5) * tall - 0.5 * height
            start = left + (j + rng.uniform(0.08, 0.15)) * wide
            hand.write(sheet, number(rng, 1, 3), at, start, height, pen, i)
    return sheet


def several_pens(hand, rng):
    """Lines of a ballpoint, a pencil, a marker, of blue, black and red."""
    sheet = close_up(a_size(rng), rng)
    texts = [number(rng, 3, 7) for _ in range(rng.integers(3, 6))]
    kinds = rng.permutation(["ball", "fountain", "marker", "pencil"])
    pens = [a_pen(rng, (kind,)) for kind in kinds]
    write_lines(hand, sheet, texts, seen(sheet.size), rng, pens=pens)
    return sheet


KINDS = {
    "slip of paper": slip,
    "corner of a sheet": corner,
    "sum in columns": column_sum,
    "amounts": amounts,
    "numbered list": numbered_list,
    "boxed by hand": boxed,
    "in squares": in_squares,
    "comb": comb,
    "sticky note": sticky_note,
    "wooden table": wooden_table,
    "notebook": notebook,
    "thumb": thumb,
    "whiteboard": whiteboard,
    "folded": folded,
    "envelope": envelope,
    "cheque": cheque,
    "table of numbers": table,
    "several pens": several_pens,
}


# The camera


def draw(kind, digits, seed):
    """Take the photo of a kind with a seed, with digits of MNIST, or drawn ones."""
    for attempt in range(20):
        rng = np.random.default_rng([list(KINDS).index(kind), seed, attempt])
        photo = take(KINDS[kind](Hand(digits, rng), rng), rng)
        if photo is not None:
            return photo
    raise ValueError(f"The digits of {kind!r}, {seed}, are not in the picture.")


def take(scene, rng):
    """Photograph a scene, from its front or a little from the side."""
    height, width = (int(n / 1.2) for n in scene.size)
    back = _perspective(scene.size, (height, width), rng)
    how = ((width, height), Image.Transform.PERSPECTIVE, back)
    image = Image.fromarray(np.uint8(255 * scene.colour.clip(0, 1)))
    image = image.transform(*how, Image.Resampling.BICUBIC)
    marks = np.asarray(Image.fromarray(scene.marks).transform(*how))
    picture = np.asarray(image, np.float32) / 255
    picture *= _light((height, width), rng, getattr(scene, "shadow", False))[..., None]
    if getattr(scene, "glare", False):
        picture += 0.5 * _spot((height, width), rng)[..., None]
    # White balance
    picture *= np.float32([rng.uniform(0.92, 1.04), 0.97, rng.uniform(0.86, 1.04)])
    picture = _expose(picture, rng)
    return _photo(picture, marks, scene)


def _perspective(full, size, rng):
    """Return the coefficients that Pillow asks for."""
    height, width = size
    top, left = (full[0] - height) / 2, (full[1] - width) / 2
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    middle = np.array([width, height]) / 2
    angle = np.clip(rng.normal(0, 1.5), -4, 4) * np.pi / 180
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    seen_at = (corners - middle) @ turn.T + middle + (left, top)
    seen_at += rng.uniform(-0.03, 0.03, (4, 2)) * (width, height)
    rows = []
    for (x, y), (u, v) in zip(corners, seen_at, strict=True):
        rows += [
            [x, y, 1, 0, 0, 0, -u * x, -u * y],
            [0, 0, 0, x, y, 1, -v * x, -v * y],
        ]
    return tuple(np.linalg.solve(np.array(rows), seen_at.ravel()))


def _light(size, rng, shadow):
    """Return how bright the scene is, by a lamp, a shadow and the lens."""
    small = [max(8, n // 8) for n in size]
    y, x = np.meshgrid(*(np.linspace(-1, 1, n) for n in small), indexing="ij")
    lamp = rng.uniform(-2, 2, 2)
    light = (1 + ((y - lamp[0]) ** 2 + (x - lamp[1]) ** 2) / rng.uniform(8, 60)) ** -1
    light /= light.max()
    light *= 1 - rng.uniform(0, 0.45) * ((y**2 + x**2) / 2) ** 1.5
    if shadow or rng.random() < 0.15:
        image = Image.new("L", (small[1], small[0]), 255)
        angle, middle = rng.uniform(0, 2 * np.pi), rng.uniform(-0.4, 0.4, 2)
        ahead = np.array([np.cos(angle), np.sin(angle)])
        side = np.array([-ahead[1], ahead[0]]) * rng.uniform(0.25, 0.6)
        corners = [
            middle + side,
            middle - side,
            middle - side + 3 * ahead,
            middle + side + 3 * ahead,
        ]
        at = [tuple((c + 1) / 2 * (small[1], small[0])) for c in corners]
        ImageDraw.Draw(image).polygon(at, fill=round(255 * rng.uniform(0.35, 0.7)))
        soft = rng.uniform(0.005, 0.05) * max(small)
        light *= np.asarray(image.filter(ImageFilter.GaussianBlur(soft))) / 255
    # Pictures store about the square root of light
    return resized(light.clip(0.02) ** 0.5, size[::-1])


def _spot(size, rng):
    small = [max(8, n // 8) for n in size]
    y, x = np.meshgrid(*(np.linspace(-1, 1, n) for n in small), indexing="ij")
    at, reach = rng.uniform(-0.8, 0.8, 2), rng.uniform(0.15, 0.5, 2)
    spot = np.exp(-(((y - at[0]) / reach[0]) ** 2) - ((x - at[1]) / reach[1]) ** 2)
    return resized(rng.uniform(0.2, 1) * spot, size[::-1])


def _expose(picture, rng):
    """Return a picture, of bytes: blurred, with noise, sharpened and compressed."""
    side = max(picture.shape)
    blur = rng.uniform(0.3, 0.8) + rng.uniform(0, 0.0006) * side
    level = rng.uniform(0.75, 1.1)
    image = Image.fromarray(np.uint8(255 * (level * picture).clip(0, 1)))
    image = image.filter(ImageFilter.GaussianBlur(blur))
    picture = np.asarray(image, np.float32)
    if rng.random() < 0.25:
        motion = max(2, round(rng.uniform(0.0005, 0.002) * side))
        picture = ndi.uniform_filter1d(picture, motion, int(rng.integers(2)))
    noise = rng.uniform(0.5, 6) * (0.5 + picture.mean(axis=2) / 255)
    picture = (
        picture + (noise * rng.standard_normal(noise.shape, np.float32))[..., None]
    )
    image = Image.fromarray(np.uint8(picture.clip(0, 255)))
    if rng.random() < 0.5:
        image = image.filter(ImageFilter.UnsharpMask(1.5, int(rng.uniform(30, 120)), 3))
    file = io.BytesIO()
    image.save(file, "jpeg", quality=int(rng.integers(40, 95)))
    return np.asarray(Image.open(file))


def _photo(picture, marks, scene):
    """Put the boxes of what is written in order: by line, from left to right.

    Return None if not all digits are in the picture.
    """
    boxes = [
        place and (place[0].start, place[1].start, place[0].stop, place[1].stop)
        for place in ndi.find_objects(marks, 255)
    ]
    n = len(scene.labels)
    if None in boxes[:n] or len(boxes) < n:
        return None
    lines = np.array(scene.lines)
    digits = np.array(boxes[:n])
    if (digits[:, :2] < 2).any() or (digits[:, 2:] > np.array(marks.shape) - 2).any():
        return None
    order = np.lexsort((digits[:, 1] + digits[:, 3], lines))
    others = np.array([box for box in boxes[n:] if box]).reshape(-1, 4)
    labels = np.array(scene.labels)[order]
    return Photo(picture, digits[order], labels, lines[order], others)

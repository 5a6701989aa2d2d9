"""Photos of handwritten numbers as people take them: seeded, with what is written.

They are made apart from those of `page_pictures.py`: of sheets that lie on something,
with pens, light and a camera of their own. Each function in `KINDS` takes a `Hand`,
which writes, and a random generator, and returns a scene. `draw` takes its photo.
"""

import io
from dataclasses import dataclass

import numpy as np
import scipy.ndimage as ndi
from photo_sheets import (
    WIDE,
    Hand,
    a_pen,
    a_size,
    amount,
    close_up,
    clouds,
    date,
    filled,
    frame,
    lay,
    number,
    on_a_ground,
    paper,
    print_text,
    printed_blue,
    resized,
    rule,
    seen,
    stroke,
    telephone,
    wood,
    write_lines,
)
from PIL import Image, ImageDraw, ImageFilter


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


def find_problem(found, photo):
    """Say what is wrong with what was found in a photo, or return None.

    There must be one box for each digit, in order, with the middle of each in the other
    and at most one and a half times as wide and high, and at least half as high. Boxes
    of letters and signs are passed over.
    """
    boxes = found.boxes
    digits = photo.boxes
    inside = middles_in(boxes, digits)
    is_other = middles_in(boxes, photo.others).any(axis=1) & ~inside.any(axis=1)
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


def middles_in(boxes, others):
    """Tell which boxes have their middle in which others."""
    middle = (boxes[:, :2] + boxes[:, 2:])[:, None] / 2
    return ((middle > others[:, :2]) & (middle < others[:, 2:])).all(axis=2)


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
    """Numbers in a table that was drawn by hand, on squared paper or not."""
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
    picture *= _light((height, width), rng, scene.shadow)[..., None]
    if scene.glare:
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

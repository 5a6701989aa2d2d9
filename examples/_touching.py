"""Pages on which some digits touch, as people write them, made of MNIST's images.

The network that judges cuts between digits is trained on these.
"""

from dataclasses import dataclass, replace

import numpy as np
from _handwriting import crop, enlarge, resized, write
from PIL import Image
from scipy.ndimage import gaussian_filter

from skdigits.preprocessing._page import touching
from skdigits.preprocessing._page.cuts import CutConstants
from skdigits.preprocessing._page.digits import find_single_digits
from skdigits.preprocessing._page.ink import find_ink
from skdigits.preprocessing._page.judge import features
from skdigits.preprocessing._page.parts import find_parts
from skdigits.preprocessing._page.scale import resize

# Digits on a page
N_DIGITS = 60

# How many digits touch each other, and how often
SIZES, SHARES = (1, 2, 3), (0.35, 0.5, 0.15)

# Of a digit, in pixels, where `find_digits` cuts; the estimate is not exact
HEIGHT = 36.0
MISTAKEN = 0.85, 1.15

# What is narrower, relative to the height, is not cut
LEAST_WIDTH = 0.35

# Fewer ways to cut than `find_digits` has, which takes less time
FEWER_CUTS = replace(
    touching.CONSTANTS,
    cuts=CutConstants(most=10, slopes=(-0.6, -0.3, 0.0, 0.3, 0.6), fragments=(0.35,)),
)

# How much of a piece and of a digit is shared, and of their boxes, where a piece is
# that digit, and where it is not; and of the best piece less than which it is not
IS_DIGIT, IS_NONE = (0.88, 0.65), (0.75, 0.5)
NEARLY, WORSE = 0.03, 0.12

# The label of what is no digit
NONE = 10

# The same for the worst piece of a way to cut that is right
IS_RIGHT, AS_RIGHT = 0.6, 0.06


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
class Shape:
    """A shape of ink and the ways to cut it.

    Attributes
    ----------
    rows : ndarray of uint8 of shape (n_pieces, n_features)

    labels : ndarray of int of shape (n_pieces,)
        Which digit it is; `NONE` if it is none, and -1 if it is in between.

    ways : ndarray of int of shape (n_ways, 3)
        The numbers of its pieces, and -1 where there are fewer.

    is_right : ndarray of bool of shape (n_ways,)
    """

    rows: np.ndarray
    labels: np.ndarray
    ways: np.ndarray
    is_right: np.ndarray


def shapes_of_page(images, labels, seed, constants):
    """Return the wide shapes of a page."""
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
    for digit in find_single_digits(parts, ink, HEIGHT):
        own = min(HEIGHT, 1.1 * len(digit.mask))
        if digit.mask.shape[1] <= LEAST_WIDTH * own:
            continue
        candidate = touching._candidate(digit, ink.clarity, HEIGHT, own, constants)
        true = digits_in(candidate.whole, ink.clarity, truth)
        if true is not None and len(candidate.pieces) > 1:
            shared = [true.shared_with(piece) for piece in candidate.pieces.values()]
            shapes.append(
                Shape(
                    features(candidate, ink.clarity),
                    label(labels[true.numbers], *np.array(shared).T),
                    *ways_to_cut(candidate, len(true.boxes), shared),
                )
            )
    return shapes


@dataclass
class Truth:
    """The digits that a shape is made of.

    Attributes
    ----------
    corner : ndarray of int of shape (2,)
        First row and column of the shape.

    inked : ndarray of bool of shape (n_rows, n_columns)
        Its ink.

    nearest : ndarray of bool of shape (n_digits, n_rows, n_columns)
        Which ink is of one digit more than of others.

    own : ndarray of bool of shape (n_digits, n_rows, n_columns)
        Which ink a digit has, also where it overlaps with others.

    boxes : ndarray of int of shape (n_digits, 4)

    numbers : list of int
        Of the digits, on the page.
    """

    corner: np.ndarray
    inked: np.ndarray
    nearest: np.ndarray
    own: np.ndarray
    boxes: np.ndarray
    numbers: list

    def shared_with(self, piece):
        """Return of which digit a piece has the most, and how much ink and box."""
        top, left, bottom, right = piece.box - np.tile(self.corner, 2)
        mask = np.zeros_like(self.inked)
        mask[top:bottom, left:right] = piece.mask
        mask &= self.inked
        result = []
        for number, box in enumerate(self.boxes):
            found = (mask & self.nearest[number]).sum() / self.nearest[number].sum()
            pure = (mask & self.own[number]).sum() / max(1, mask.sum())
            result.append(
                (
                    number,
                    found * pure,
                    overlap(piece.box - np.tile(self.corner, 2), box),
                )
            )
        return max(result, key=lambda each: each[1] * each[2])


def digits_in(whole, clarity, truth):
    """Return the digits of which at least half is in a shape, or None."""
    top, left, bottom, right = whole.box
    inside = slice(top, bottom), slice(left, right)
    inked = (clarity[inside] * whole.mask) > 0.35
    numbers = [
        number
        for number, (ink, n_inked) in enumerate(truth)
        if (ink[inside] > 0.5).sum() >= max(1, 0.5 * n_inked)
    ]
    if not numbers:
        return None
    inks = np.array([gaussian_filter(truth[k][0][inside], 1) for k in numbers])
    most = inks.max(axis=0)
    nearest = inked & (inks == most)
    # Hardly anything is seen of some
    if (nearest.sum(axis=(1, 2)) < 0.1 * inked.sum()).any():
        return None
    own = inked & ((inks > 0.5 * most) | (inks > 0.3))
    boxes = np.array([box_of(each) for each in nearest])
    return Truth(whole.box[:2], inked, nearest, own, boxes, numbers)


def box_of(mask):
    rows, columns = np.nonzero(mask)
    return rows.min(), columns.min(), rows.max() + 1, columns.max() + 1


def overlap(one, two):
    """Return how much two boxes have in common, relative to what they cover."""
    sides = np.minimum(one[2:], two[2:]) - np.maximum(one[:2], two[:2])
    common = sides.clip(0).prod()
    areas = (one[2:] - one[:2]).prod() + (two[2:] - two[:2]).prod()
    return common / (areas - common)


def label(classes, numbers, inks, boxes):
    """Say which digit each piece is, by the number of the one it has the most of."""
    digits = numbers.astype(int)
    best = np.array([inks[digits == digit].max() for digit in digits])
    is_digit = (inks > IS_DIGIT[0]) & (boxes > IS_DIGIT[1])
    is_digit |= (inks > IS_NONE[0]) & (inks >= best - NEARLY) & (boxes > 0.6)
    is_none = (inks < IS_NONE[0]) | (boxes < IS_NONE[1]) | (inks < best - WORSE)
    return np.where(is_digit, classes[digits], np.where(is_none, NONE, -1))


def ways_to_cut(candidate, n_digits, shared):
    """Return the ways to cut a shape, up to two times, and which are right."""
    ends = len(candidate.cuts) + 1
    number = {piece: k for k, piece in enumerate(candidate.pieces)}
    ways = [((0, ends),)]
    ways += [((0, j), (j, ends)) for j in range(1, ends)]
    ways += [((0, i), (i, j), (j, ends)) for i, j in number if i > 0 and j < ends]
    ways = [
        [number[piece] for piece in way]
        for way in ways
        if all(piece in number for piece in way)
    ]
    fits = np.zeros(len(ways))
    for k, way in enumerate(ways):
        if len(way) == n_digits == 1:
            fits[k] = 1
        elif len(way) == n_digits:
            digits, inks, boxes = zip(*(shared[piece] for piece in way), strict=True)
            if len(set(digits)) == n_digits and min(boxes) > IS_NONE[1]:
                fits[k] = min(inks)
    ways = np.array([way + [-1] * (3 - len(way)) for way in ways])
    return ways, (fits > IS_RIGHT) & (fits >= fits.max() - AS_RIGHT)

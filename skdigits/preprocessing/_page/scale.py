"""How large digits are: the scale at which the most ink looks like digits."""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage as ndi

from skdigits.preprocessing._page.ink import InkConstants, find_ink
from skdigits.preprocessing._page.line_removal import without_lines
from skdigits.preprocessing._page.parts import find_parts, weighted_quantile


@dataclass(frozen=True)
class ScaleConstants:
    """What was chosen on pages of MNIST's training images, by `tune_pages.py`."""

    # A look takes digits for so high, in pixels, and finds those within the range;
    # looks are a factor of two apart
    height: float = 26.0
    heights: tuple = (12.0, 44.0)

    # Dark ink is the rule, and paper between digits looks like light ink
    light: float = 0.15

    # Of what is no stroke, squares of so many pixels a side cover this part, at least,
    # if it is wide, and their middles that part
    thick: int = 9
    covered: float = 0.75
    middles: float = 0.3

    # Digits are whole in a coarser look that takes at least this part of the ink for
    # digits that are higher by this factor
    whole: float = 0.75
    larger: float = 1.2

    # The weight of ink that the picture's edge cuts off
    at_edge: float = 0.02

    # Pixels of the finest of the first looks: what is smaller is looked for thereafter
    pixels: float = 1.0e6

    # Digits of fewer pixels make a closer look worth while, up to so many pixels
    closer: float = 20.0
    most_pixels: float = 1.6e6

    # Height of digits in the picture that is worked on, in pixels, the most pixels
    # it has, and the least height that this may lead to
    work_height: float = 36.0
    work_pixels: float = 2.2e6
    least_work_height: float = 20.0


CONSTANTS = ScaleConstants()

# Chalk and pencil leave holes, which the first look is to pass over
ROUGH = InkConstants(blur=0.045)


@dataclass
class Look:
    """What a look at a picture finds.

    Attributes
    ----------
    height : float
        Of the digits, in pixels of the whole picture; 0 if there are none.

    ink : float
        How much ink is in what may be digits, in pixels of the whole picture.

    is_dark : bool
        Whether it is darker than paper.

    factor : float
        By which the picture was reduced.
    """

    height: float = 0.0
    ink: float = 0.0
    is_dark: bool = True
    factor: float = 1.0

    @property
    def mass(self):
        """Ink, less in coarse looks: many digits count more than one large stain."""
        return self.ink / self.factor**1.5


def find_scale(picture):
    """Return what is found at the scale where most ink looks like digits.

    Parameters
    ----------
    picture : PIL.Image.Image
        Of mode "L" or "F".

    Returns
    -------
    look : Look
    """
    pixels = picture.width * picture.height
    finest = max(1, int(np.ceil((pixels / CONSTANTS.pixels) ** 0.5)))
    factors = [finest]
    while min(picture.size) / factors[-1] > 2 * CONSTANTS.height:
        factors.append(2 * factors[-1])
    looks = [_look(picture, factor) for factor in factors]
    best = max(looks, key=lambda look: look.mass)
    # Where digits are small, or none is seen, a closer look may show more
    while best.height <= CONSTANTS.closer * finest:
        finest = finest // 2 or 0.5
        if finest < 1 and pixels / finest**2 > CONSTANTS.most_pixels:
            break
        looks.append(_look(picture, finest))
        best = max(looks, key=lambda look: look.mass)
        if finest < 1:
            break
    return _where_whole(best, looks)


def _where_whole(best, looks):
    """Return the next coarser look instead, if digits are in pieces in the best one.

    As chalk and thin strokes are, in a fine look.
    """
    for look in looks:
        if (
            look.factor == 2 * best.factor
            and look.is_dark == best.is_dark
            and look.ink >= CONSTANTS.whole * best.ink
            and look.height > CONSTANTS.larger * best.height
        ):
            return look
    return best


def _look(picture, factor):
    grey = resize(picture, 1 / factor)
    looks = []
    for is_dark in (True, False):
        ink = find_ink(grey if is_dark else 1 - grey, CONSTANTS.height, ROUGH)
        strokes, _ = without_lines(ink, CONSTANTS.height)
        parts = find_parts(strokes, ink.contrast, CONSTANTS.height)
        heights, widths = parts.heights, parts.widths
        low, high = CONSTANTS.heights
        middles = ndi.minimum_filter(strokes.astype(np.uint8), CONSTANTS.thick)
        squares = ndi.maximum_filter(middles, CONSTANTS.thick)
        in_middles, in_squares = (
            np.bincount(parts.labels[each > 0], minlength=len(heights) + 1)[1:]
            for each in (middles, squares)
        )
        fill = parts.areas / np.maximum(1, heights * widths)
        is_digit = (heights >= low) & (heights <= high) & (widths <= 3 * heights)
        # A sheet of paper is no stroke
        is_narrow = widths < 0.6 * heights
        is_digit &= in_middles < CONSTANTS.middles * parts.areas
        is_digit &= (in_squares < CONSTANTS.covered * parts.areas) | is_narrow
        is_digit &= (fill < 0.75) | is_narrow
        label = parts.labels.ravel()
        inked = np.flatnonzero(label)
        # The grain of a dark table, however large, is no ink on paper
        light = ink.paper.ravel()[inked] / ink.paper.max()
        off = np.bincount(
            label[inked],
            (light * ink.off_level.ravel()[inked]).clip(0) ** 2,
            minlength=len(heights) + 1,
        )[1:]
        # Ink, not the paper in its loops, is off the level of what is around. Squares
        # are less where several digits blur into one.
        mass = np.where(is_digit, off, 0.0)
        # What the picture's edge cuts off is rather the edge of the paper
        at_edge = (parts.boxes[:, :2] == 0).any(axis=1)
        at_edge |= (parts.boxes[:, 2:] == grey.shape).any(axis=1)
        mass[at_edge] *= CONSTANTS.at_edge
        total = float(mass.sum())
        if total > 0:
            height = factor * weighted_quantile(heights, mass, 0.5)
            seen = factor**2 * total * (1 if is_dark else CONSTANTS.light)
            looks.append(Look(height, seen, is_dark, factor))
    return max(looks, key=lambda look: look.mass, default=Look())


def work_scale(picture, height):
    """Return by how much to scale a picture to work on it."""
    scale = CONSTANTS.work_height / height
    largest = (CONSTANTS.work_pixels / (picture.width * picture.height)) ** 0.5
    least = CONSTANTS.least_work_height / height
    return min(scale, max(largest, least))


def resize(picture, scale):
    """Scale a picture. Return it as float32, from 0 to 1.

    Its lightest pixel is 1 and black is 0, so that light still multiplies.
    """
    # Importing the package needs no Pillow
    from PIL import Image

    lightest = picture.getextrema()[1] or 1
    if scale < 1:
        factor = int(1 / scale)
        if factor > 1:
            shape = picture.size
            picture = picture.reduce(factor)
            scale *= shape[0] / picture.width
    size = tuple(max(1, round(n * scale)) for n in picture.size)
    if size != picture.size:
        picture = picture.resize(
            size,
            Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX,
        )
    grey = np.array(picture, np.float32)
    grey /= lightest
    return grey.clip(0, 1, out=grey)

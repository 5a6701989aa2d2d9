"""What the displays draw with: mosaics, sizes, text that fits."""

import numpy as np
from matplotlib.axes import Axes

from skdigits.inspection._base import FONT_SIZE

# The side of a square image
INCHES_PER_IMAGE = 0.7

POINTS_PER_INCH = 72

# Inches of a picture's longer side
_LARGEST = 11

_QUANTILE = 0.995

# A wide character's width, as a fraction of the font size
_CHARACTER = 0.65


def mosaic(images, gap, gap_below=None):
    """Lay images out as one picture.

    Parameters
    ----------
    images : ndarray of shape (n_rows, n_columns, height, width)

    gap : int
        Pixels between images.

    gap_below : int, default=None
        Pixels between rows, if not as many.

    Returns
    -------
    picture : ndarray of shape (height, width)
        NaN between the images.
    """
    gap_below = gap if gap_below is None else gap_below
    n_rows, n_columns, height, width = images.shape
    padded = np.pad(
        images.astype(np.result_type(images, np.float32), copy=False),
        ((0, 0), (0, 0), (0, gap_below), (0, gap)),
        constant_values=np.nan,
    )
    shape = n_rows * (height + gap_below), n_columns * (width + gap)
    picture = padded.swapaxes(1, 2).reshape(shape)
    return picture[: shape[0] - gap_below, : shape[1] - gap]


def in_rows(images, n_columns):
    """Arrange images in rows, the last filled up with NaN."""
    n_rows = -(-len(images) // n_columns)
    missing = n_rows * n_columns - len(images)
    padded = np.pad(
        images.astype(np.result_type(images, np.float32), copy=False),
        ((0, missing), (0, 0), (0, 0)),
        constant_values=np.nan,
    )
    return padded.reshape(n_rows, n_columns, *images.shape[1:])


def in_parts(n_images, n_columns, n_parts):
    """Arrange images that have several axes each, with a column of space behind them.

    Parameters
    ----------
    n_images : int

    n_columns : int
        Images in a row.

    n_parts : int
        Axes of an image, side by side.

    Returns
    -------
    cells : ndarray of int of shape (n_images, n_parts, 2)
        Row and column of each of the axes.
    """
    rows, columns = np.divmod(np.arange(n_images)[:, np.newaxis], n_columns)
    columns = columns * (n_parts + 1) + np.arange(n_parts)
    return np.stack(np.broadcast_arrays(rows, columns), axis=-1)


def columns_for(n_cells, aspect, most, ax=None):
    """Choose in how many columns to show cells.

    Parameters
    ----------
    n_cells : int

    aspect : float
        Width of a cell as a multiple of its height.

    most : int
        Columns in a figure of our own.

    ax : matplotlib.axes.Axes, default=None
        What is to be filled instead. Whatever else it is does not count.

    Returns
    -------
    n_columns : int
        No more than it takes, in as many rows.
    """
    if isinstance(ax, Axes):
        place = ax.get_window_extent()
        most = round(np.sqrt(n_cells * place.width / place.height / aspect))
    n_rows = -(-n_cells // max(1, min(n_cells, most)))
    return -(-n_cells // n_rows)


def inches_per_pixel(image_size, picture_size=(0, 0), *, side=INCHES_PER_IMAGE):
    """Choose a scale at which neither an image nor the picture is too large."""
    height, width = image_size
    return min(side / np.sqrt(height * width), _LARGEST / max(1, *picture_size))


def symmetric_limit(values):
    """Return where the colours of signed values are to end, the few largest aside."""
    sizes = np.abs(values)
    return np.quantile(sizes, _QUANTILE) or sizes.max() or 1


def limits_of(images):
    """Return the least and the largest value of images, of which there may be none."""
    return (images.min(), images.max()) if images.size else (0, 1)


def points_per_unit(ax):
    """Return how many points wide a unit of the data is, once the figure is laid out.

    Text is to fit between images, and the layout decides how large those are.
    """
    figure = ax.get_figure(root=True)
    figure.draw_without_rendering()
    ends = ax.transData.transform([(0, 0), (1, 0)])
    return np.ptp(ends[:, 0]) * POINTS_PER_INCH / figure.dpi


def fitting_font_size(texts, width, height=np.inf, largest=FONT_SIZE):
    """Return the font size at which each of the texts fits into width and height.

    All lengths are in points.
    """
    longest = max((len(line) for text in texts for line in text.split("\n")), default=1)
    return min(largest, width / (_CHARACTER * max(longest, 1)), height / 1.4)


def as_text(label):
    """Return a label as matplotlib is to show it: dollars are no mathematics."""
    return str(label).replace("$", r"\$")

"""What the displays draw with: mosaics, grids of axes, text that fits."""

import numpy as np

# The side of an image, if it is square
INCHES_PER_IMAGE = 0.7

# Of words beside images
FONT_SIZE = 9

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
        What is to be filled instead.

    Returns
    -------
    n_columns : int
        No more than it takes, in as many rows.
    """
    if ax is not None:
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


def check_axes(ax):
    """Raise if `ax` is neither None nor matplotlib's axes."""
    from matplotlib.axes import Axes

    if ax is not None and not isinstance(ax, Axes):
        raise TypeError(
            f"ax must be a matplotlib.axes.Axes or None. Got {type(ax).__name__}."
        )


def axes_or_new(ax, figsize):
    """Return the axes given, or those of a new figure."""
    import matplotlib.pyplot as plt

    check_axes(ax)
    if ax is None:
        _, ax = plt.subplots(figsize=figsize, layout="constrained")
    return ax


def split_axes(ax, shape, figsize, **kwargs):
    """Split axes, or a new figure, into a grid.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
        Its place is split and it is hidden, as scikit-learn's
        :class:`~sklearn.inspection.PartialDependenceDisplay` does.

    shape : tuple of int
        Rows and columns.

    figsize : tuple of float
        In inches, of a new figure.

    **kwargs : dict
        For the grid.

    Returns
    -------
    grid : matplotlib.gridspec.GridSpecBase

    figure : matplotlib.figure.Figure
    """
    import matplotlib.pyplot as plt

    check_axes(ax)
    if ax is None:
        figure = plt.figure(figsize=figsize, layout="constrained")
        return figure.add_gridspec(*shape, **kwargs), figure
    ax.set_axis_off()
    spec = ax.get_subplotspec()
    if spec is not None:
        return spec.subgridspec(*shape, **kwargs), ax.figure
    place = ax.get_position()
    edges = {
        "left": place.x0,
        "right": place.x1,
        "bottom": place.y0,
        "top": place.y1,
    }
    return ax.figure.add_gridspec(*shape, **edges, **kwargs), ax.figure


def image_axes(ax):
    """Prepare axes for images: no ticks, no frame."""
    ax.set(xticks=[], yticks=[])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def image_style(limits, given=None, cmap="gray_r"):
    """Return arguments for ``imshow``: the given ones before our own."""
    low, high = limits
    style = {"cmap": cmap, "vmin": low, "vmax": high, "interpolation": "nearest"}
    if given and "norm" in given:
        # Which has the limits
        del style["vmin"], style["vmax"]
    return style | (given or {})


def artist_style(artist, style, given=None):
    """Return arguments for an artist: the given ones, by any alias, before our own."""
    from matplotlib.cbook import normalize_kwargs

    return style | normalize_kwargs(given or {}, artist)


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

"""What every display promises, and the axes and the style that they share.

A display follows scikit-learn's: class methods compute, ``__init__`` stores what they
computed, ``plot`` draws it.

Making one
    ``from_estimator(estimator, X, y)``, ``from_predictions(X, y_true, y_pred)`` and
    ``from_images(X, y)`` check their arguments, compute, and return the display, drawn.
    What follows `X`, `y`, `y_true` and `y_pred` has a default and, with the exception
    of an `augment`, is keyword-only. ``__init__`` stores each of its parameters under
    its own name.

Data
    `X` is images, rows, a dataframe or a sparse matrix. An estimator may be a pipeline,
    a fitted search, or any nesting of these. `n_images` is the number of images to show
    at most; its default is the same everywhere.

Drawing
    ``plot(ax=None, *, ...)`` returns the display. Each of its parameters is also one of
    every class method, with the same default. `ax` is axes, or None for a new figure.
    A display with several axes splits axes that it is given, and also takes an array of
    axes, such as its own `axes_`. Drawn again in the same place, a picture replaces the
    picture there, while curves are added, labelled with `name`.

Style
    `im_kw` styles the images, `line_kw` the lines, `bar_kw` the bars, `box_kw` the
    boxes and `text_kw` the text. What they say, under any of matplotlib's aliases, goes
    before our own style.

What was drawn
    `figure_`; `ax_`, or `axes_` where there are several; and the artists: `im_`, or
    `images_` where there are several, `lines_`, a dict by name, `bars_`, a list of
    containers, `boxes_`, `text_`, `colorbar_`. The docstring of the class lists them
    under "Attributes".

A new display is one module, named in ``skdigits/inspection/__init__.py``,
``skdigits/__init__.py`` and ``docs/api.md``. ``tests/inspection/test_contract.py``
tests this contract on every display, so also on a new one.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cbook import normalize_kwargs
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure, SubFigure
from matplotlib.gridspec import GridSpecBase, SubplotSpec
from matplotlib.image import AxesImage
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

# The colours of Okabe and Ito, which colour-blind people can distinguish
BLUE, VERMILION = "#0072B2", "#D55E00"
GREEN, PURPLE = "#009E73", "#CC79A7"
SKY_BLUE, ORANGE = "#56B4E9", "#E69F00"
LIGHT_ORANGE = "#F0C35E"

# Types of `im_kw` and the like, and of `ax` in a display with several axes
Style: TypeAlias = Mapping[str, Any] | None
AxesLike: TypeAlias = Axes | Sequence[Axes] | NDArray[Any] | None

INK = "gray_r"
SIGNED = "RdBu_r"

# The size of text beside images
FONT_SIZE = 9

# An attribute of axes that were split: the axes that replace them
_SPLIT_INTO = "_skdigits_axes"

# An attribute of a colour bar: the earlier places of the axes that it made smaller
_PLACES = "_skdigits_places"


def one_axes(ax: Axes | None, figsize: Iterable[float]) -> Axes:
    """Return the axes given, without what was drawn there, or those of a new figure.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None

    figsize : tuple of float
        In inches, of a new figure.

    Returns
    -------
    ax : matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt

    if ax is None:
        return plt.subplots(figsize=figsize, layout="constrained")[1]
    if not isinstance(ax, Axes):
        raise TypeError(
            f"ax must be a matplotlib.axes.Axes or None. Got {type(ax).__name__}."
        )
    if _parts_of(ax):
        _remove_parts(ax)
        ax.set_axis_on()
    _clear([ax])
    return ax


def first_axes(ax: AxesLike) -> Axes | None:
    """Return the first of an array of axes, all without what was drawn there.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, array-like of them, or None
        What is no array is returned as it is.

    Returns
    -------
    ax : matplotlib.axes.Axes or None
    """
    if ax is None or isinstance(ax, Axes):
        return ax
    axes = _check_array_of_axes(ax, max(1, np.size(np.asarray(ax, dtype=object))))
    _clear(list(axes))
    return axes[0]


def several_axes(
    ax: AxesLike,
    cells: NDArray[np.integer],
    figsize: Iterable[float],
    *,
    add: bool = False,
    **kwargs: Any,
) -> NDArray[np.object_]:
    """Split axes, or a new figure, into a grid.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, array-like of them, or None
        Single axes are hidden and their place is split, as scikit-learn's
        :class:`~sklearn.inspection.PartialDependenceDisplay` does. Of an array, there
        must be one for each cell.

    cells : ndarray of int of shape (*shape, 2)
        Row and column of each of the axes in the grid.

    figsize : tuple of float
        In inches, of a new figure.

    add : bool, default=False
        Whether to keep the curves that were drawn in this place. Pictures are removed.

    **kwargs : dict
        For the grid.

    Returns
    -------
    axes : ndarray of shape `shape` of matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt

    shape = cells.shape[:-1]
    if isinstance(ax, Axes) and add:
        parts = _parts_of(ax)
        if parts and not any(part.images for part in parts):
            ax = parts
    if ax is not None and not isinstance(ax, Axes):
        axes = _check_array_of_axes(ax, int(np.prod(shape)))
        if not add:
            _clear(list(axes))
        return axes.reshape(shape)

    figure: Figure | SubFigure
    grid: GridSpecBase
    n_rows = int(cells[..., 0].max()) + 1
    n_columns = len(kwargs.get("width_ratios", ())) or int(cells[..., 1].max()) + 1
    if ax is None:
        figure = plt.figure(figsize=tuple(figsize), layout="constrained")
        grid = figure.add_gridspec(n_rows, n_columns, **kwargs)
    else:
        figure = ax.figure
        _remove_parts(ax)
        _clear([ax])
        ax.set_axis_off()
        place = ax.get_subplotspec() or _fixed_place(ax)
        grid = place.subgridspec(n_rows, n_columns, **kwargs)
    axes = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        axes[index] = figure.add_subplot(grid[tuple(cells[index])])
    if ax is not None:
        setattr(ax, _SPLIT_INTO, list(axes.flat))
    return axes


def figure_of(ax: Axes) -> Figure:
    """Return the figure of axes: a `SubFigure`, which cannot be saved, if in one."""
    return cast(Figure, ax.figure)


def rows_and_columns(n_rows: int, n_columns: int) -> NDArray[np.integer]:
    """Return the cells of a grid in which all are used, for `several_axes`."""
    return np.moveaxis(np.indices((n_rows, n_columns)), 0, -1)


def draw_image(
    ax: Axes,
    image: NDArray[Any],
    limits: tuple[float, float],
    given: Style = None,
    *,
    cmap: Any = INK,
    frame: bool = False,
) -> AxesImage:
    """Draw an image, without ticks.

    Parameters
    ----------
    ax : matplotlib.axes.Axes

    image : ndarray of shape (height, width)

    limits : tuple of float
        The values at which the colours end.

    given : dict or None
        `im_kw`, which goes before the style otherwise used.

    cmap : str or matplotlib.colors.Colormap, default="gray_r"

    frame : bool, default=False
        Whether to draw a frame.

    Returns
    -------
    im : matplotlib.image.AxesImage
    """
    drawn = ax.imshow(image, **image_style(limits, given, cmap=cmap))
    ax.set(xticks=[], yticks=[])
    ax.tick_params(length=0)
    ax.spines[:].set(visible=frame, color="0.8")
    return drawn


def add_colorbar(drawn: AxesImage, axes: Sequence[Axes], **kwargs: Any) -> Colorbar:
    """Add a colour bar beside axes, which make room for it until they are drawn anew.

    Parameters
    ----------
    drawn : matplotlib.image.AxesImage
        What has the colours.

    axes : sequence of matplotlib.axes.Axes

    **kwargs : dict
        For ``colorbar``.

    Returns
    -------
    colorbar : matplotlib.colorbar.Colorbar
    """
    places = [(ax, ax.get_position(original=True).frozen()) for ax in axes]
    colorbar = axes[0].figure.colorbar(drawn, ax=axes, **kwargs)
    setattr(colorbar, _PLACES, places)
    return colorbar


def image_style(
    limits: tuple[float, float],
    given: Style = None,
    *,
    cmap: Any = INK,
) -> dict[str, Any]:
    """Return arguments for ``imshow``: the given ones before our own."""
    low, high = limits
    style = {"cmap": cmap, "vmin": low, "vmax": high, "interpolation": "nearest"}
    given = given or {}
    if given.keys() & {"norm", "clim"}:
        # These set the limits
        del style["vmin"], style["vmax"]
    return style | dict(given)


def artist_style(
    artist: type[Artist],
    style: Mapping[str, Any],
    given: Style = None,
) -> dict[str, Any]:
    """Return arguments for an artist: the given ones, by any alias, before our own."""
    return dict(style) | normalize_kwargs(dict(given or {}), artist)


def _check_array_of_axes(ax: AxesLike, n_axes: int) -> NDArray[np.object_]:
    axes = np.asarray(ax, dtype=object).ravel()
    if not all(isinstance(item, Axes) for item in axes):
        raise TypeError(
            f"ax must be a matplotlib.axes.Axes, {n_axes} of them, or None. Got "
            f"{type(ax).__name__}."
        )
    if len(axes) != n_axes:
        raise ValueError(
            f"ax must be one matplotlib.axes.Axes, or {n_axes}. Got an array of "
            f"{len(axes)}."
        )
    return axes


def _parts_of(ax: Axes) -> list[Axes]:
    """Return the axes in the place of axes that were split, if still in the figure."""
    return [part for part in getattr(ax, _SPLIT_INTO, []) if part in ax.figure.axes]


def _remove_parts(ax: Axes) -> None:
    parts = _parts_of(ax)
    _clear(parts)
    for part in parts:
        part.remove()


def _clear(axes: Iterable[Axes]) -> None:
    """Remove pictures, bars, boxes, text, colour bars; leave titles and labels."""
    axes = list(axes)
    bars = [image.colorbar for ax in axes for image in ax.images if image.colorbar]
    for bar in bars:
        bar.remove()
        for ax, place in getattr(bar, _PLACES, ()):
            _move(ax, place)
    for ax in axes:
        artists: list[Any] = [*ax.images, *ax.containers, *ax.texts]
        for artist in artists:
            artist.remove()
        # The patches that are left after the containers' bars were removed
        for box in list(ax.patches):
            box.remove()
        ax.set_autoscale_on(True)
        place = ax.get_subplotspec()
        if bars and place is not None:
            # The colour bar had taken a part of this place
            ax.set_subplotspec(place)


def _move(ax: Axes, place: Bbox) -> None:
    """Move axes, and leave the layout to those that took part in it."""
    in_layout = ax.get_in_layout()
    ax.set_position(place)
    ax.set_in_layout(in_layout)


def _fixed_place(ax: Axes) -> SubplotSpec:
    """Return the place of axes that are not part of a grid."""
    place = ax.get_position()
    return ax.figure.add_gridspec(
        left=place.x0, right=place.x1, bottom=place.y0, top=place.y1
    )[0]

"""What ConfusionImagesDisplay counts, and the cells of its matrix."""

import numpy as np
from matplotlib.text import Text

from skdigits._utils.pictures import to_grey
from skdigits.inspection._base import artist_style
from skdigits.inspection._drawing import fitting_font_size
from skdigits.inspection._validation import check_kind

# Of a cell with an image, what the image takes; the count has the rest
_IMAGE_PART = 0.66
_MARGIN = 0.05

_SMALLEST_FONT = 4


def count_confusions(y_true, y_pred, *known):
    """Count images by true and by predicted label.

    scikit-learn's ``confusion_matrix`` warns where many classes have few images.

    Parameters
    ----------
    y_true, y_pred : ndarray of shape (n_images,)

    *known : ndarray
        More labels, which may occur in neither.

    Returns
    -------
    labels : ndarray of shape (n_classes,)
        All labels, sorted.

    confusion_matrix : ndarray of int of shape (n_classes, n_classes)
        A row for each true label and a column for each predicted one.
    """
    check_kind("y_true and y_pred", y_true, y_pred, *known)
    labels = np.unique(np.concatenate([y_true, y_pred, *known]))
    matrix = np.zeros((len(labels),) * 2, int)
    np.add.at(matrix, tuple(np.searchsorted(labels, y) for y in (y_true, y_pred)), 1)
    return labels, matrix


def worst_confusions(matrix, n_cells):
    """Find the highest counts off the diagonal.

    Parameters
    ----------
    matrix : ndarray of int of shape (n_classes, n_classes)

    n_cells : int
        How many to find at most. Zeros are none.

    Returns
    -------
    cells : ndarray of int of shape (n_found, 2)
        Row and column of each, the highest first.
    """
    errors = matrix - np.diag(np.diag(matrix))
    order = np.argsort(-errors, axis=None, kind="stable")[:n_cells]
    cells = np.column_stack(np.unravel_index(order, matrix.shape))
    return cells[errors[tuple(cells.T)] > 0]


def draw_in_cell(ax, image, row, column, **kwargs):
    """Draw an image into the upper part of a cell, leaving the axes as they are.

    Parameters
    ----------
    ax : matplotlib.axes.Axes

    image : ndarray of shape (height, width)

    row, column : int

    **kwargs : dict
        For ``imshow``.

    Returns
    -------
    image : matplotlib.image.AxesImage
    """
    size = (_IMAGE_PART - _MARGIN) * np.array(image.shape) / max(image.shape)
    middle = row - 0.5 + (_IMAGE_PART + _MARGIN) / 2
    height, width = size / 2
    extent = column - width, column + width, middle + height, middle - height
    limits = {"xlim": ax.get_xlim(), "ylim": ax.get_ylim()}
    drawn = ax.imshow(image, extent=extent, **kwargs)
    ax.set(**limits)
    return drawn


def draw_counts(matrix_image, counts, cells, cell_size, given=None):
    """Write the counts into a matrix, where they fit and are not zero.

    Parameters
    ----------
    matrix_image : matplotlib.image.AxesImage
        The matrix.

    counts : ndarray of int of shape (n_classes, n_classes)

    cells : ndarray of int of shape (n_cells, 2)
        Where the count is to be below an image.

    cell_size : float
        In points.

    given : dict or None
        `text_kw`, for ``text``.

    Returns
    -------
    text : ndarray of shape (n_classes, n_classes)
        None where there is none.
    """
    text = np.full(counts.shape, None)
    with_image = {(row, column) for row, column in cells}
    longest = [str(counts.max())]
    large = fitting_font_size(longest, 0.9 * cell_size, 0.6 * cell_size)
    colors = matrix_image.to_rgba(matrix_image.get_array())
    below_image = (1 - _IMAGE_PART) * cell_size
    small = fitting_font_size(longest, 0.9 * cell_size, below_image)
    for row, column in zip(*np.nonzero(counts), strict=True):
        lower = (row, column) in with_image
        font_size = small if lower else large
        if font_size < _SMALLEST_FONT:
            continue
        style = {
            "horizontalalignment": "center",
            "verticalalignment": "center",
            "fontsize": font_size,
            "color": _contrasting(colors[row, column]),
        }
        text[row, column] = matrix_image.axes.text(
            column,
            row + (_IMAGE_PART / 2 if lower else 0),
            counts[row, column],
            **artist_style(Text, style, given),
        )
    return text


def _contrasting(rgba):
    luminance = to_grey(np.reshape(rgba[:3], (1, 1, 1, 3)))
    return "white" if luminance < 0.5 else "black"

"""Images as rows, rows as images: shapes and sizes."""

import math

import numpy as np

from skdigits._utils.containers import as_numbers, check_no_dates
from skdigits._utils.pictures import check_several, read_items

_ACCEPTED = (
    "grey images of shape (n_samples, height, width) or "
    "(n_samples, height, width, 1), or flat rows of shape (n_samples, n_pixels)"
)


def flatten_images(X):
    """Lay images out as rows, one row an image, pixels in reading order.

    Whatever has at most two dimensions comes back as it was given: dataframes and
    sparse matrices are rows already, and scikit-learn's own validation has the
    better words for a lone vector or a scalar. The values are not looked at, other than
    that dates are refused, which scikit-learn would take for numbers.

    Parameters
    ----------
    X : array-like, sparse matrix or dataframe
        Images of shape (n_samples, height, width) or (n_samples, height, width, 1),
        or rows of shape (n_samples, n_pixels). A list or tuple may hold either.

    Returns
    -------
    rows : ndarray of shape (n_samples, n_pixels), or `X`
        A view of `X` where its memory layout allows one.

    image_shape : tuple of int, or None
        (height, width) or (height, width, 1), as given. None if `X` was not images.
    """
    check_several(X)
    X = as_numbers(X)
    check_no_dates(X)
    if getattr(X, "ndim", None) == 1 and getattr(X, "dtype", None) == np.dtype(object):
        X = list(X)
    shape = getattr(X, "shape", None)
    if isinstance(shape, tuple) and len(shape) <= 2:
        return X, None

    # asanyarray, so that a memory-mapped or masked array stays one
    images = _stack(X) if isinstance(X, list | tuple) else np.asanyarray(X)
    check_no_dates(images)
    if images.ndim < 2:
        return X, None
    images = as_numbers(images)
    if images.ndim == 2:
        return images, None
    n_samples, *image_shape = images.shape
    _check_grey(images.shape)
    # -1 in place of the product would fail on an empty array
    rows = images.reshape(n_samples, image_shape[0] * image_shape[1])
    return rows, tuple(image_shape)


def check_image_shape(rows, image_shape, fitted_shape, *, estimator):
    """Raise if images are not of the size that an estimator was fitted on.

    Flat rows pass: their count is scikit-learn's to check. So does a channel axis
    of 1 where there was none at fit, or the other way round.

    Parameters
    ----------
    rows, image_shape
        What :func:`flatten_images` returned.

    fitted_shape : tuple of int, or None
        The `image_shape` seen at fit.

    estimator : estimator instance
        Named in the message.
    """
    if fitted_shape is None:
        return
    name, size = type(estimator).__name__, _size(fitted_shape)
    if image_shape is not None:
        if image_shape[:2] != fitted_shape[:2]:
            raise ValueError(
                f"X has images of {_size(image_shape)} pixels, but {name} was fitted "
                f"on images of {size} pixels."
            )
        return
    shape = getattr(rows, "shape", ())
    n_pixels = math.prod(fitted_shape)
    if len(shape) != 2 or shape[1] in (0, n_pixels):
        return
    if shape == fitted_shape[:2]:
        raise ValueError(
            f"X has the shape {shape} of a single image, but {name} expects several: "
            "pass X[np.newaxis] for one."
        )
    raise ValueError(
        f"X has {shape[1]} features, but {name} is expecting {n_pixels} features as "
        f"input, since it was fitted on images of {size} pixels. If X is a single "
        "image, pass [X]."
    )


def _stack(images):
    images = read_items(images)
    try:
        return np.asanyarray(images)
    except ValueError as error:
        raise ValueError(
            f"X is a {type(images).__name__} whose items differ in shape{_two(images)}."
            f" Expected {_ACCEPTED}."
        ) from error


def _two(images):
    """Name the first two shapes that differ, where items have shapes."""
    shapes = [getattr(image, "shape", None) for image in images]
    for index, shape in enumerate(shapes):
        if shape != shapes[0]:
            return f": item 0 has shape {shapes[0]}, item {index} {shape}"
    return ""


def _check_grey(shape):
    if len(shape) == 3 or (len(shape) == 4 and shape[-1] == 1):
        return
    if len(shape) == 4 and shape[-1] in (3, 4):
        raise ValueError(
            f"X has shape {shape}: images with {shape[-1]} colour channels. "
            f"Expected {_ACCEPTED}. Convert the images to grey first."
        )
    if len(shape) == 4 and shape[1] == 1:
        raise ValueError(
            f"X has shape {shape}, with its channel axis first. Expected {_ACCEPTED}: "
            "pass X[:, 0]."
        )
    raise ValueError(
        f"X has {len(shape)} dimensions, of shape {shape}. Expected {_ACCEPTED}."
    )


def _size(image_shape):
    return f"{image_shape[0]} x {image_shape[1]}"


def image_size(n_pixels, *shapes):
    """Return the size of images that are given as rows.

    Parameters
    ----------
    n_pixels : int
        Length of a row.

    *shapes : tuple of int or None
        (height, width, ...) to try, in this order. None is a square.

    Returns
    -------
    size : (height, width) or None
        The first with so many pixels. None if there is none.
    """
    side = math.isqrt(n_pixels)
    for shape in shapes:
        height, width = (side, side) if shape is None else shape[:2]
        if height * width == n_pixels:
            return height, width
    return None


def pixel_names(height, width):
    """Return the names of an image's pixels, row by row."""
    names = [f"pixel_{r}_{c}" for r in range(height) for c in range(width)]
    return np.array(names, dtype=object)


def as_images(rows):
    """Give rows the shape of images: squares, or if they are none, of a single row."""
    size = image_size(rows.shape[-1], None) or (1, rows.shape[-1])
    return rows.reshape(*rows.shape[:-1], *size)

"""Images as rows, or one by one: what is computed with, from what people hold."""

import math
import os
import sys

import numpy as np

from skdigits._utils.containers import as_numbers, check_no_loader

_ACCEPTED = (
    "grey images of shape (n_samples, height, width) or "
    "(n_samples, height, width, 1), or flat rows of shape (n_samples, n_pixels)"
)

_ACCEPTED_ITEM = (
    "an image of shape (height, width) or (height, width, n_channels), with 1 to 4 "
    "channels, or a row of pixels"
)
_ACCEPTED_IN_COLOUR = (
    "images of shape (n_samples, height, width) or (n_samples, height, width, "
    "n_channels), with 1 to 4 channels, flat rows of shape (n_samples, n_pixels), or a "
    "list of images"
)

# Grey, grey and opacity, colours, colours and opacity
_CHANNELS = (1, 2, 3, 4)

# Of red, green and blue, as in scikit-image's rgb2gray
_LUMINANCE = (0.2125, 0.7154, 0.0721)


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
    X = as_numbers(_checked(X))
    check_no_dates(X)
    if _is_array_of_objects(X):
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


def check_no_dates(X):
    """Refuse dates and durations, which scikit-learn's validation takes for numbers.

    Parameters
    ----------
    X : object
        Looked at if it has a dtype.
    """
    if getattr(getattr(X, "dtype", None), "kind", None) in {"m", "M"}:
        raise ValueError(
            f"X has values of type {X.dtype}. Expected integers, floats or booleans."
        )


def check_numbers(images, name="X"):
    """Refuse dates and the like, which scikit-learn's validation lets through.

    Parameters
    ----------
    images : ndarray or sparse matrix

    name : str, default="X"
        What the message calls them.
    """
    if images.dtype.kind not in "buif":
        raise ValueError(
            f"{name} has values of type {images.dtype}. Expected integers, floats or "
            "booleans."
        )


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


def _checked(X):
    """Refuse what holds no samples as a whole."""
    if type(X) is np.ndarray:
        return X
    check_no_loader(X)
    if _is_picture(X):
        raise ValueError(
            f"X is a single image, a {type(X).__name__} of Pillow's. Expected several: "
            "pass [X] for one."
        )
    if hasattr(X, "collect") and not hasattr(X, "shape"):
        raise TypeError(
            f"X is {_what(X)}, which has not computed its values. Pass X.collect()."
        )
    if isinstance(X, os.PathLike | bytes | bytearray):
        raise TypeError(f"X is {_what(X)}. Expected arrays of pixels.{_OPEN}")
    return X


_OPEN = " Open files of pictures first, for example with PIL.Image.open."


def _what(item):
    return "None" if item is None else f"a {type(item).__name__}"


def _is_picture(item):
    """Tell whether an object is an image of Pillow's, which need not be installed."""
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(item, pillow.Image)


def pixels(picture):
    """Return what an image of Pillow's shows as grey, RGB or RGBA.

    Whatever else comes back as it was given.
    """
    if not _is_picture(picture):
        return picture
    mode = picture.mode
    if mode not in {"1", "L", "I", "F", "RGB", "RGBA"} and not mode.startswith("I;16"):
        # A palette's numbers, say, are no levels of grey
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    return np.asarray(picture)


def _check_items(items):
    """Return the items of a list, pixels in place of Pillow's images."""
    ordinary = np.ndarray | list | tuple | np.generic | int | float
    if all(issubclass(kind, ordinary) for kind in set(map(type, items))):
        return items
    for index, item in enumerate(items):
        if item is None or isinstance(item, str | bytes | bytearray | os.PathLike):
            raise ValueError(
                f"X[{index}] is {_what(item)}. Expected {_ACCEPTED_ITEM}.{_OPEN}"
            )
    return [pixels(item) for item in items]


def _stack(images):
    images = _check_items(images)
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


def separate_images(X):
    """Take images apart that may differ in size, colour and type.

    Parameters
    ----------
    X : array-like
        Images of shape (n_images, height, width) or (n_images, height, width,
        n_channels), or a list, tuple or array of objects whose items are images of
        shape (height, width) or (height, width, n_channels), or rows of pixels.

    Returns
    -------
    groups : list of (ndarray of int, ndarray) or None
        Images of one shape and type, stacked, and their indices in `X`. None if `X` is
        no images but a table of rows, which is scikit-learn's to validate.

    Raises
    ------
    ValueError
        If an item is no image; the message has its index.
    """
    _checked(X)
    check_no_dates(X)
    if isinstance(X, list | tuple) or _is_array_of_objects(X):
        items = [_as_array(item, i) for i, item in enumerate(_check_items(X))]
        shapes = {item.shape for item in items}
        if all(len(shape) < 2 for shape in shapes) and len(shapes) < 2:
            return None
        return _group(items)
    shape = getattr(X, "shape", None)
    if isinstance(shape, tuple) and len(shape) <= 2:
        return None
    images = np.asarray(X)
    if images.ndim <= 2:
        return None
    if images.ndim == 3 and images.shape[2] in (3, 4) and images.shape[1] >= 8:
        raise ValueError(
            f"X has the shape {images.shape} of a single image with "
            f"{images.shape[2]} colour channels, but several are expected: pass "
            "X[np.newaxis] for one, or list(X) for grey images so narrow."
        )
    if images.ndim > 4 or (images.ndim == 4 and images.shape[3] not in _CHANNELS):
        raise ValueError(f"X has shape {images.shape}. Expected {_ACCEPTED_IN_COLOUR}.")
    check_numbers(images)
    if not len(images):
        raise ValueError(f"X has no images: its shape is {images.shape}.")
    if not images[0].size:
        raise ValueError(f"X has images without pixels: its shape is {images.shape}.")
    return [(np.arange(len(images)), images)]


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


def to_grey(images):
    """Convert images to grey.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width[, n_channels])
        Two channels are grey and opacity, three are red, green and blue, four are these
        and opacity. The largest opacity is that of the type for bytes and booleans;
        for larger types, the least of 1, 255 and 65535 that no value exceeds.

    Returns
    -------
    grey : ndarray of shape (n_images, height, width)
        Luminance with the weights of scikit-image's ``rgb2gray``. What is transparent
        shows white behind dark ink, and black behind light ink.
    """
    if images.ndim == 3:
        return images
    n_channels = images.shape[3]
    if n_channels == 1:
        return images[..., 0]
    channels = np.moveaxis(images.astype(np.float64), 3, 0)
    if n_channels == 2:
        grey = channels[0]
    else:
        # One at a time: a matrix product may round in another order
        grey = sum(w * c for w, c in zip(_LUMINANCE, channels[:3], strict=True))
    if n_channels in (2, 4):
        largest = _largest_of_type(images)
        opacity = (channels[-1] / largest).clip(0, 1)
        light = np.where(grey > largest / 2, opacity, -opacity).sum(axis=(1, 2)) > 0
        paper = np.where(light, 0, largest.ravel())[:, np.newaxis, np.newaxis]
        grey = opacity * grey + (1 - opacity) * paper
    return grey


def check_finite(images, indices):
    """Raise if an image has NaN or infinity, with its index."""
    if images.dtype.kind != "f":
        return
    finite = np.isfinite(images).reshape(len(images), -1).all(axis=1)
    if not finite.all():
        (bad,) = np.nonzero(~finite)
        what = "NaN" if np.isnan(images[bad[0]]).any() else "infinity"
        raise ValueError(
            f"X[{indices[bad[0]]}] contains {what}. Expected images of finite numbers."
        )


def _is_array_of_objects(X):
    return isinstance(X, np.ndarray) and X.dtype == object and X.ndim == 1


def _as_array(item, index):
    try:
        return np.asarray(item)
    except ValueError as error:
        raise ValueError(
            f"X[{index}] is no image: its rows differ in length. Expected "
            f"{_ACCEPTED_ITEM}."
        ) from error


def _group(items):
    groups = {}
    for index, image in enumerate(items):
        name = f"X[{index}]"
        check_numbers(image, name)
        is_image = image.ndim in (1, 2) or (
            image.ndim == 3 and image.shape[2] in _CHANNELS
        )
        if not is_image:
            raise ValueError(
                f"{name} has shape {image.shape}. Expected {_ACCEPTED_ITEM}."
            )
        if not image.size:
            raise ValueError(f"{name} has no pixels: its shape is {image.shape}.")
        items[index] = as_images(image) if image.ndim == 1 else image
        kind = items[index].shape, image.dtype
        groups.setdefault(kind, []).append(index)
    return [
        (np.array(indices), np.stack([items[index] for index in indices]))
        for indices in groups.values()
    ]


def _largest_of_type(images):
    """Return what is white and opaque, for each image."""
    values = images.max(axis=(1, 2, 3), keepdims=True)[..., 0].astype(np.float64)
    if images.dtype == bool:
        return np.ones_like(values)
    is_float = images.dtype.kind == "f"
    of_type = np.maximum(values, 65535.0) if is_float else np.iinfo(images.dtype).max
    if images.dtype.itemsize == 1:
        return np.full_like(values, of_type)
    # Bytes read into a larger type are still bytes
    levels = (1.0, 255.0, 65535.0, of_type)
    reached = [np.where(values <= level, level, np.inf) for level in levels]
    return np.min(reached, axis=0)

"""What a picture is: files, Pillow's images and arrays; channels, opacity, grey."""

import os
import sys

import numpy as np

from skdigits._utils.containers import check_no_dates, check_no_loader, check_numbers

ACCEPTED = (
    "the path of a picture file, an image of Pillow's, or an array of shape (height, "
    "width) or (height, width, n_channels), with 1 to 4 channels"
)
_ACCEPTED_ITEM = f"{ACCEPTED}, or a row of pixels"
_ACCEPTED_SEVERAL = (
    "images of shape (n_samples, height, width) or (n_samples, height, width, "
    "n_channels), with 1 to 4 channels, flat rows of shape (n_samples, n_pixels), or a "
    "list of images or of paths of picture files"
)

# Grey; grey and opacity; red, green and blue; these and opacity
_CHANNELS = (1, 2, 3, 4)

# Of red, green and blue, in Recommendation ITU-R BT.709, as in scikit-image's rgb2gray
_LUMINANCE = (0.2125, 0.7154, 0.0721)

# Modes of Pillow's whose numbers are levels of grey, or red, green and blue
_PLAIN_MODES = {"1", "L", "LA", "I", "F", "RGB", "RGBA"}

# With more than one of these fractions opaque, of the picture or of what is within its
# margins, and of this at least the less frequent of light and dark, a picture shows
# paper and ink, and not ink alone. Bold ink may cover two thirds of its box.
_MOSTLY_OPAQUE = 0.5
_OPAQUE_WITHIN_MARGINS = 0.7
_TWO_TONES = 0.005

# Rows and columns that are nowhere more opaque are margins
_OPAQUE = 0.5


def read_picture(picture, name="image"):
    """Read one picture.

    Parameters
    ----------
    picture : str, path-like, PIL.Image.Image or array-like
        A file that Pillow reads, an image of Pillow's, or an array of shape (height,
        width) or (height, width, n_channels), of integers, floats or booleans. A file's
        first image is taken, turned as its EXIF data says.

    name : str, default="image"
        What messages call it.

    Returns
    -------
    pixels : ndarray of shape (height, width) or (height, width, n_channels)
        One channel is grey, two are grey and opacity, three are red, green and blue,
        four are these and opacity. Of any numeric type, finite, and not a copy where an
        array was given.

    Raises
    ------
    FileNotFoundError
        If there is no such file.

    ValueError
        If it is no picture, has NaN or infinity, or is of more pixels than Pillow
        allows.
    """
    pixels = _as_array(_pixels(picture, name, ACCEPTED), name, ACCEPTED)
    _check_picture(pixels, name, ACCEPTED, n_dims=(2, 3))
    (pixels,) = check_finite(pixels[np.newaxis], [name])
    return pixels


def read_pictures(X, then=None):
    """Read pictures that may differ in size, colour and type.

    Parameters
    ----------
    X : array-like
        Images of shape (n_images, height, width) or (n_images, height, width,
        n_channels), or a list, tuple, series or array of objects or strings, whose
        items are pictures as in :func:`read_picture`, or rows of pixels.

    then : callable, default=None
        What is done with each picture of a list when it is read, such as to make it
        smaller before the next is read.

    Returns
    -------
    groups : list of (ndarray of int, ndarray) or None
        Pictures of one shape and type, stacked, and their indices in `X`; rows are of
        shape (n_images, n_pixels). None if `X` is a table of rows, which is
        scikit-learn's to validate.

    Raises
    ------
    FileNotFoundError, ValueError
        If an item is no picture; the message has its index. If there are no items.
    """
    check_several(X)
    check_no_dates(X)
    if isinstance(X, list | tuple) or _is_series(X):
        if not len(X):
            raise ValueError(
                f"X has no images: it is an empty {type(X).__name__}. Expected "
                f"{_ACCEPTED_SEVERAL}."
            )
        items = []
        for index, item in enumerate(X):
            name = f"X[{index}]"
            pixels = _pixels(item, name, _ACCEPTED_ITEM)
            pixels = _as_array(pixels, name, _ACCEPTED_ITEM)
            if then is not None and pixels.ndim > 1:
                _check_picture(pixels, name, _ACCEPTED_ITEM, n_dims=(2, 3))
                pixels = then(pixels)
            items.append(pixels)
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
        raise ValueError(f"X has shape {images.shape}. Expected {_ACCEPTED_SEVERAL}.")
    check_numbers(images)
    if not len(images):
        raise ValueError(f"X has no images: its shape is {images.shape}.")
    if not images[0].size:
        raise ValueError(f"X has images without pixels: its shape is {images.shape}.")
    return [(np.arange(len(images)), images)]


def read_items(items):
    """Return the items of a list, pixels in place of files and of Pillow's images.

    Parameters
    ----------
    items : list, tuple, or array-like of shape (n_items,)

    Returns
    -------
    items : list or tuple
        What was given if there was nothing to read.
    """
    ordinary = np.ndarray | list | tuple | np.generic | int | float
    kinds = set(map(type, items))
    if all(issubclass(kind, ordinary) and kind is not np.str_ for kind in kinds):
        return items
    return [_pixels(item, f"X[{i}]", _ACCEPTED_ITEM) for i, item in enumerate(items)]


def check_several(X):
    """Refuse what holds no samples as a whole, such as a single picture.

    Parameters
    ----------
    X : object
    """
    if type(X) is np.ndarray:
        return
    check_no_loader(X)
    if _is_pillows(X):
        raise ValueError(
            f"X is a single image, a {type(X).__name__} of Pillow's. Expected several: "
            "pass [X] for one."
        )
    if isinstance(X, str | os.PathLike):
        raise ValueError(
            f"X is a single path, {os.fspath(X)!r}. Expected several pictures: pass "
            "[X] for one."
        )
    if isinstance(X, bytes | bytearray):
        raise TypeError(
            f"X is a {type(X).__name__}. Expected {_ACCEPTED_SEVERAL}. Open encoded "
            "pictures with PIL.Image.open(io.BytesIO(X))."
        )
    if hasattr(X, "collect") and not hasattr(X, "shape"):
        raise TypeError(
            f"X is {_what(X)}, which has not computed its values. Pass X.collect()."
        )


def check_finite(images, names):
    """Raise if an image has NaN or infinity.

    Parameters
    ----------
    images : ndarray of shape (n_images, ...)

    names : iterable of str
        What the message calls each image.

    Returns
    -------
    images : ndarray of shape (n_images, ...)
        Floats longer than float64 as float64. Those out of its range are infinite.
    """
    if images.dtype.kind != "f":
        return images
    if images.dtype.itemsize > 8:
        with np.errstate(over="ignore"):
            images = images.astype(np.float64)
    for image, name in zip(images, names, strict=True):
        if not np.isfinite(image).all():
            what = "NaN" if np.isnan(image).any() else "infinity"
            raise ValueError(
                f"{name} contains {what}. Expected images of finite numbers."
            )
    return images


def to_grey(images):
    """Convert images to grey.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width[, n_channels])
        With channels as :func:`read_picture` returns them. The largest opacity is that
        of the type for bytes and booleans; for larger types, the least of 1, 255 and
        65535 that no value exceeds.

    Returns
    -------
    grey : ndarray of shape (n_images, height, width)
        Luminance, of the images' type if they have one channel, else float32, or
        float64 where that is too short. Transparent parts show white behind dark ink
        and black behind light ink; around opaque paper with ink on it, they show the
        paper's side of the two.
    """
    if images.ndim == 3:
        return images
    n_channels = images.shape[3]
    if n_channels == 1:
        return images[..., 0]
    dtype = dtype_of_grey(images.dtype)
    if n_channels == 2:
        grey = images[..., 0].astype(dtype)
    else:
        # One at a time: a matrix product may round in another order
        grey = sum(
            dtype.type(weight) * images[..., channel].astype(dtype)
            for channel, weight in enumerate(_LUMINANCE)
        )
    if n_channels in (2, 4):
        largest = _largest_of_type(images)
        opacity = (images[..., -1] / largest).clip(0, 1).astype(dtype)
        ground = np.where(_is_light_outside(grey, opacity, largest), largest, 0)
        grey = opacity * grey + (1 - opacity) * ground.astype(dtype)
    return grey


def dtype_of_grey(dtype):
    """Return the float type of the grey of colours of a type."""
    is_short = dtype.itemsize <= 2 or dtype == np.float32
    return np.dtype(np.float32 if is_short else np.float64)


def _is_light_outside(grey, opacity, largest):
    """Tell whether transparent parts show white, of shape (n_images, 1, 1)."""

    def total(values):
        # Of float32, this sum is exact, so that its order cannot break a tie
        return values.sum(axis=(1, 2), keepdims=True, dtype=np.float64)

    opacity = opacity.astype(np.float32)
    opaque = total(opacity)
    light = total(np.where(grey > largest / 2, opacity, 0))
    dark = opaque - light
    height, width = (
        total(opacity.max(axis=axis, keepdims=True) > _OPAQUE) for axis in (2, 1)
    )
    least = np.minimum(
        opacity[0].size * _MOSTLY_OPAQUE, height * width * _OPAQUE_WITHIN_MARGINS
    )
    has_paper = (opaque > least) & (np.minimum(light, dark) > _TWO_TONES * opaque)
    return np.where(has_paper, light > dark, light <= dark)


def _largest_of_type(images):
    """Return what is white and opaque, of shape (n_images, 1, 1)."""
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


def _pixels(item, name, accepted):
    """Return the pixels of a file or of an image of Pillow's; other items as given."""
    if isinstance(item, str | os.PathLike):
        return _read_file(os.fspath(item), name)
    if _is_pillows(item):
        return _of_pillow(item)
    if item is None or isinstance(item, bytes | bytearray):
        raise ValueError(f"{name} is {_what(item)}. Expected {accepted}.")
    return item


def _read_file(path, name):
    # Prediction behind other preprocessing needs no Pillow
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return _of_pillow(picture)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{name} is the path {path!r}, but there is no such file. The current "
            f"directory is {os.getcwd()!r}."
        ) from error
    # The latter where the user lets it be raised
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(
            f"{name} is the file {path!r}, which is too large for Pillow: {error} Make "
            "the picture smaller. If you trust the file, you may raise Pillow's limit, "
            "PIL.Image.MAX_IMAGE_PIXELS, instead."
        ) from error
    # Pillow raises all three for files that are damaged
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(
            f"{name} is the file {path!r}, which cannot be read as a picture: {error}. "
            "Expected a format that Pillow reads, such as PNG, JPEG or TIFF."
        ) from error


def _of_pillow(picture):
    """Return what an image of Pillow's shows as grey, RGB or RGBA."""
    from PIL import ImageOps

    picture = ImageOps.exif_transpose(picture)
    mode = picture.mode
    if mode == "LAB":
        picture = picture.getchannel("L")  # which Pillow does not convert
    elif picture.has_transparency_data and mode not in ("LA", "RGBA"):
        picture = picture.convert("LA" if mode in ("1", "L", "La") else "RGBA")
    elif mode not in _PLAIN_MODES and not mode.startswith("I;16"):
        # A palette's numbers, say, are no levels of grey
        picture = picture.convert("RGB")
    return np.asarray(picture)


def _is_pillows(item):
    """Tell whether an object is an image of Pillow's, which need not be installed."""
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(item, pillow.Image)


def _is_series(X):
    """Tell whether X is a vector of objects or strings, each of which is a picture."""
    if getattr(X, "ndim", None) != 1:
        return False
    return np.asarray(X).dtype.kind in "OUT"


def _what(item):
    return "None" if item is None else f"a {type(item).__name__}"


def _as_array(item, name, accepted):
    try:
        return np.asarray(item)
    except ValueError as error:
        raise ValueError(
            f"{name} is no image: its rows differ in length. Expected {accepted}."
        ) from error


def _check_picture(pixels, name, accepted, n_dims):
    check_numbers(pixels, name)
    is_picture = pixels.ndim in n_dims
    if pixels.ndim == 3 and pixels.shape[2] not in _CHANNELS:
        is_picture = False
    if not is_picture:
        raise ValueError(f"{name} has shape {pixels.shape}. Expected {accepted}.")
    if not pixels.size:
        raise ValueError(f"{name} has no pixels: its shape is {pixels.shape}.")


def _group(items):
    groups = {}
    for index, image in enumerate(items):
        _check_picture(image, f"X[{index}]", _ACCEPTED_ITEM, n_dims=(1, 2, 3))
        groups.setdefault((image.shape, image.dtype), []).append(index)
    return [
        (np.array(indices), np.stack([items[index] for index in indices]))
        for indices in groups.values()
    ]

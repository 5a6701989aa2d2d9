"""Change training images before an epoch sees them."""

from math import isqrt

import numpy as np


def augment_rows(augment, image_shape, rows, rng):
    """Let a function of images change rows.

    Parameters
    ----------
    augment : callable
        Given images of shape (n_images, height, width) and `rng`, returns as many of
        the same shape.

    image_shape : tuple of int, or None
        (height, width, ...) of the images. If None, they are square.

    rows : ndarray of shape (n_images, height * width)

    rng : numpy.random.Generator

    Returns
    -------
    rows : ndarray of shape (n_images, height * width)
    """
    n_images, n_pixels = rows.shape
    height, width = image_shape[:2] if image_shape else (isqrt(n_pixels),) * 2
    if height * width != n_pixels:
        raise ValueError(
            f"augment needs images. Got X with rows of {n_pixels} features, which is "
            "not a square number: pass X of shape (n_samples, height, width)."
        )
    shape = (n_images, height, width)
    images = np.asarray(augment(rows.reshape(shape), rng))
    if images.shape != shape:
        raise ValueError(
            "augment must return images of the shape it is given. Got shape "
            f"{images.shape} for {shape}."
        )
    if images.dtype.kind not in "fiub" or not np.isfinite(images).all():
        raise ValueError(
            "augment must return finite real numbers. Got NaN, infinity or another "
            f"type in an array of {images.dtype}."
        )
    return images.reshape(rows.shape)

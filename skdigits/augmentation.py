"""Random distortion of training images, before each epoch."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator

from skdigits._utils.containers import float_types
from skdigits._utils.doc_link import DocLinkMixin
from skdigits._utils.images import image_size
from skdigits._utils.sklearn_private import Interval, n_threads
from skdigits._utils.stored_state import StoredStateMixin
from skdigits._utils.types import Floats

__all__ = ["RandomDistortion"]

# Resample this many pixels at a time, so that the arrays fit into the cache
_PIXELS_AT_A_TIME = 20_000

# Of many images, so many share a distortion, which takes a fifth of the time. They lie
# far apart, so that a step of training sees nearly as many distortions as images.
_IMAGES_PER_DISTORTION = 16
_FEW_IMAGES = 2000

# Omit waves with less than this fraction of the largest variance
_LEAST_VARIANCE = 3e-3


class RandomDistortion(DocLinkMixin, StoredStateMixin, BaseEstimator):
    """Random affine and elastic distortion of images.

    Use it as `augment` of :class:`MLPDigitClassifier`. Each image is rotated, scaled,
    slanted and shifted at random, and its pixels are displaced by a smooth random
    field. A dense network does not know which pixels are neighbours. From distorted
    images, it learns that such changes do not change the digit [1]_.

    ``GridSearchCV`` can search all strengths, as in ``{"augment__rotation": [0, 10,
    20]}``. Zero switches a kind of distortion off. The defaults suit handwritten
    digits, and can lower the accuracy on other images.

    Parameters
    ----------
    rotation : float, default=10.0
        Largest angle, in degrees, in either direction, in [0, 180].

    zoom : float, default=0.1
        Largest change of height and of width, which are scaled independently: 0.1
        scales by a factor between 1/1.1 and 1.1.

    shear : float, default=0.1
        Largest slant: shift of each row relative to the next, in pixels, in either
        direction.

    translation : float, default=0.04
        Largest shift, as a fraction of the height and of the width, in either direction
        of both.

    elastic : float, default=0.03
        Root mean square of the displacement that varies from pixel to pixel, as a
        fraction of the height and of the width.

    sigma : float, default=0.15
        Smoothness of that displacement: standard deviation of the Gaussian that smooths
        it, as a fraction of the height and of the width, in (0, inf).

    fill_value : float, default=0.0
        Value of pixels outside the image, which is the background.

    See Also
    --------
    MLPDigitClassifier : Accepts it as `augment`.

    Notes
    -----
    Pixels are interpolated linearly. All cores that OpenMP would use share the work;
    the result depends on the generator alone.

    Of 2,000 images or more, sixteen share a distortion: the first of each sixteenth,
    the second of each sixteenth, and so on. That takes a fifth of the time, and
    networks learn as much from it.

    Simard's elastic distortion of intensity ``alpha`` has, in pixels, the root mean
    square ``alpha / sigma / sqrt(12 * pi)``.

    References
    ----------
    .. [1] P. Simard, D. Steinkraus, J. Platt, "Best Practices for Convolutional Neural
       Networks Applied to Visual Document Analysis", ICDAR 2003.

    Examples
    --------
    >>> import numpy as np
    >>> from skdigits import RandomDistortion, load_mnist
    >>> images = load_mnist("test").images[:3] / 255
    >>> distorted = RandomDistortion(rotation=15)(images, np.random.default_rng(0))
    >>> distorted.shape
    (3, 28, 28)
    """

    _parameter_constraints: dict = {
        "rotation": [Interval(Real, 0, 180, closed="both")],
        "zoom": [Interval(Real, 0, None, closed="left")],
        "shear": [Interval(Real, 0, None, closed="left")],
        "translation": [Interval(Real, 0, None, closed="left")],
        "elastic": [Interval(Real, 0, None, closed="left")],
        "sigma": [Interval(Real, 0, None, closed="neither")],
        "fill_value": [Real],
    }

    def __init__(
        self,
        *,
        rotation: float = 10.0,
        zoom: float = 0.1,
        shear: float = 0.1,
        translation: float = 0.04,
        elastic: float = 0.03,
        sigma: float = 0.15,
        fill_value: float = 0.0,
    ) -> None:
        self.rotation = rotation
        self.zoom = zoom
        self.shear = shear
        self.translation = translation
        self.elastic = elastic
        self.sigma = sigma
        self.fill_value = fill_value

    def __call__(
        self,
        images: ArrayLike,
        rng: int | Sequence[int] | np.random.Generator | None,
    ) -> Floats:
        """Return distorted copies of images.

        Parameters
        ----------
        images : array-like of shape (n_images, height, width)

        rng : numpy.random.Generator
            Anything that :func:`numpy.random.default_rng` takes will do.

        Returns
        -------
        distorted : ndarray of shape (n_images, height, width)
            float64 if the images are, or longer floats, else float32.

        Raises
        ------
        ValueError
            If a parameter or the shape of `images` is not as described.
        """
        self._validate_params()
        images = np.asarray(images)
        if images.ndim != 3 or 0 in images.shape[1:]:
            raise ValueError(
                "images must have the shape (n_images, height, width), with at least "
                f"one pixel. Got {images.shape}."
            )
        if images.dtype not in (np.float32, np.float64):
            is_wide = float_types(images) is np.float64
            images = images.astype(np.float64 if is_wide else np.float32)
        n_images, height, width = images.shape
        waves = [
            _waves(size, float(self.sigma)).astype(images.dtype)
            for size in (height, width)
        ]
        # Images that share a distortion are far apart, so that the images of a step of
        # training have one each
        n_each = _IMAGES_PER_DISTORTION if n_images >= _FEW_IMAGES else 1
        n_distortions = -(-n_images // n_each)
        n_missing = n_distortions * n_each - n_images
        if n_missing:
            images = np.concatenate([images, images[:n_missing]])
        images = images.reshape(n_each, n_distortions, height, width)
        amplitudes = self._draw(n_distortions, waves, np.random.default_rng(rng))
        distorted = np.empty_like(images)
        at_a_time = max(1, _PIXELS_AT_A_TIME // (height * width))

        def distort(start):
            part = slice(start, start + at_a_time)
            coordinates = waves[0].T @ amplitudes[:, part] @ waves[1]
            distorted[:, part] = _sample(images[:, part], coordinates, self.fill_value)

        with ThreadPoolExecutor(n_threads()) as threads:
            list(threads.map(distort, range(0, n_distortions, at_a_time)))
        return distorted.reshape(-1, height, width)[:n_images]

    def _draw(self, n_images, waves, rng):
        """Draw where the pixels of each image come from, as amplitudes of waves.

        Returns an array of shape (2, n_images, n_vertical_waves, n_horizontal_waves),
        first for the vertical coordinate, then for the horizontal one.
        """
        dtype = waves[0].dtype
        size = np.array([wave.shape[1] for wave in waves])
        amplitudes = np.zeros(
            (2, n_images, waves[0].shape[0], waves[1].shape[0]), dtype
        )
        turn, slant, *zooms = rng.uniform(-1, 1, (4, n_images))
        turn *= np.deg2rad(self.rotation)
        slant *= self.shear
        zoom_y, zoom_x = (1 + self.zoom) ** np.array(zooms)
        shift = rng.uniform(-1, 1, (n_images, 2)) * self.translation * size
        amplitudes[:, :, 0, 0] = ((size - 1) / 2 + shift).T
        amplitudes[0, :, 1, 0] = zoom_y * np.cos(turn)
        amplitudes[0, :, 0, 1] = -zoom_y * np.sin(turn)
        amplitudes[1, :, 1, 0] = zoom_x * (np.sin(turn) + slant * np.cos(turn))
        amplitudes[1, :, 0, 1] = zoom_x * (np.cos(turn) - slant * np.sin(turn))
        if self.elastic:
            smooth = amplitudes[:, :, 2:, 2:]
            smooth[...] = rng.standard_normal(smooth.shape, np.float32)
            smooth *= (self.elastic * size).astype(dtype).reshape(2, 1, 1, 1)
        return amplitudes


@lru_cache(maxsize=32)
def _waves(size, sigma):
    """Return functions of a coordinate whose products make up all displacements.

    The first is constant and the second is the coordinate, from the middle: affine maps
    are made of these. The others, with random amplitudes, add up to noise that a
    Gaussian has smoothed, of variance one. They are the eigenvectors of its covariance,
    which is a Gaussian, too, wider by the root of two: few of them matter, so that few
    random numbers are needed.
    """
    coordinate = np.arange(size) - (size - 1) / 2
    distance = (coordinate - coordinate[:, np.newaxis]) / size
    variances, waves = eigh(np.exp(-((distance / sigma) ** 2) / 4))
    kept = variances > _LEAST_VARIANCE * variances[-1]
    smooth = (waves[:, kept] * np.sqrt(variances[kept])).T
    return np.vstack([np.ones(size), coordinate, smooth])


def _sample(images, coordinates, fill_value):
    """Interpolate images linearly at coordinates.

    That is a product with a matrix of four weights per pixel, by which images that
    share coordinates are interpolated together.

    Parameters
    ----------
    images : ndarray of shape (n_images_each, n_distortions, height, width)

    coordinates : ndarray of shape (2, n_distortions, height, width)
        Vertical and horizontal, in pixels. Overwritten.

    fill_value : float
        What images have outside.

    Returns
    -------
    sampled : ndarray of shape (n_images_each, n_distortions, height, width)
    """
    n_each, n_distortions, height, width = images.shape
    # A border of one pixel before and two after, so that every coordinate has a next
    # pixel, also the last
    shape = (n_distortions, height + 3, width + 3, n_each)
    padded = np.full(shape, fill_value, images.dtype)
    padded[:, 1:-2, 1:-2] = images.transpose(1, 2, 3, 0)
    coordinates += 1
    coordinates.clip(0, [[[[height + 1]]], [[[width + 1]]]], out=coordinates)
    whole = np.floor(coordinates)
    coordinates -= whole
    place = whole[0].astype(np.int32)
    place *= width + 3
    place += whole[1].astype(np.int32)
    place += np.arange(n_distortions, dtype=np.int32).reshape(-1, 1, 1) * (
        (height + 3) * (width + 3)
    )
    places = np.empty((*place.shape, 4), np.int32)
    weights = np.empty((*place.shape, 4), images.dtype)
    part_y, part_x = coordinates
    for corner, offset in enumerate((0, 1, width + 3, width + 4)):
        np.add(place, offset, out=places[..., corner])
    np.multiply(part_y, part_x, out=weights[..., 3])
    np.subtract(part_y, weights[..., 3], out=weights[..., 2])
    np.subtract(part_x, weights[..., 3], out=weights[..., 1])
    np.subtract(1 - part_y, weights[..., 1], out=weights[..., 0])
    starts = np.arange(0, places.size + 1, 4, dtype=np.int32)
    interpolate = csr_array(
        (weights.reshape(-1), places.reshape(-1), starts),
        shape=(place.size, padded.size // n_each),
    )
    sampled = interpolate @ padded.reshape(-1, n_each)
    return sampled.reshape(n_distortions, height, width, n_each).transpose(3, 0, 1, 2)


# Parameters of RandomDistortion for the strings that the classifier accepts
PRESETS = {"affine": {"elastic": 0.0}, "elastic": {}}


def augment_rows(augment, image_shape, rows, rng):
    """Let a function of images change rows.

    Parameters
    ----------
    augment : str or callable
        A key of `PRESETS`, or a function that, given images of shape (n_images, height,
        width) and `rng`, returns as many of the same shape.

    image_shape : tuple of int, or None
        (height, width, ...) of the images. If None, they are square.

    rows : ndarray of shape (n_images, height * width)
        The images.

    rng : numpy.random.Generator
        What the change is drawn from.

    Returns
    -------
    rows : ndarray of shape (n_images, height * width)
        The changed images.
    """
    n_pixels = rows.shape[1]
    size = image_size(n_pixels, image_shape)
    if size is None:
        raise ValueError(
            f"augment needs images. Got X with rows of {n_pixels} features, which is "
            "not a square number: pass X of shape (n_samples, height, width)."
        )
    if isinstance(augment, str):
        augment = RandomDistortion(**PRESETS[augment])
    shape = (len(rows), *size)
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

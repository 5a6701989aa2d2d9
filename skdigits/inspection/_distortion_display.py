"""DistortionDisplay: what an augmentation does to images."""

from collections.abc import Callable
from numbers import Integral
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from numpy.random import RandomState
from numpy.typing import NDArray
from sklearn.utils import check_random_state, check_scalar

from skdigits._utils.types import Samples
from skdigits.augmentation import PRESETS, augment_rows
from skdigits.inspection._base import Style, draw_image, figure_of, one_axes
from skdigits.inspection._drawing import INCHES_PER_IMAGE, limits_of, mosaic
from skdigits.inspection._validation import check_images, first_images

# The gap between images, as a fraction of their height
_GAP = 0.1


class DistortionDisplay:
    """Images beside distorted copies of them.

    Shows the effect of a strength of :class:`RandomDistortion`, or of any other
    `augment` of :class:`MLPDigitClassifier`, on the training images. Use
    :meth:`from_images` to make one.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width)
        The originals.

    distorted : ndarray of shape (n_images, n_copies, height, width)
        Copies of each.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The axes of the last plot.

    figure_ : matplotlib.figure.Figure
        The figure of those axes.

    im_ : matplotlib.image.AxesImage
        All images, side by side.

    See Also
    --------
    ImagesDisplay : Images and their labels.
    RandomDistortion : The distortion and its strengths.

    Examples
    --------
    >>> from skdigits import DistortionDisplay, RandomDistortion, load_mnist
    >>> images = load_mnist("test").images[:5]
    >>> display = DistortionDisplay.from_images(
    ...     images, RandomDistortion(rotation=30), random_state=0
    ... )
    >>> display.distorted.shape
    (5, 6, 28, 28)
    """

    def __init__(self, *, images: NDArray[Any], distorted: NDArray[Any]) -> None:
        self.images = images
        self.distorted = distorted

    @classmethod
    def from_images(
        cls,
        X: Samples,
        augment: str | Callable[..., Any] = "elastic",
        *,
        n_images: int = 8,
        n_copies: int = 6,
        random_state: int | RandomState | None = None,
        ax: Axes | None = None,
        im_kw: Style = None,
    ) -> Self:
        """Distort images and show them.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_pixels), or \
array-like of shape (n_samples, height, width) or (n_samples, height, width, 1)
            The images. Rows must be of a square number of pixels.

        augment : {"affine", "elastic"}, RandomDistortion or callable, \
default="elastic"
            As in :class:`MLPDigitClassifier`, except None.

        n_images : int, default=8
            Maximum number of images to show, from the first.

        n_copies : int, default=6
            Number of distorted copies per image.

        random_state : int, RandomState instance or None, default=None
            Seeds the distortions.

        ax : matplotlib.axes.Axes, default=None
            Where to draw. None for a new figure.

        im_kw : dict, default=None
            For matplotlib's ``imshow``, of the images.

        Returns
        -------
        display : DistortionDisplay

        Raises
        ------
        TypeError
            If `n_images` or `n_copies` is not an integer, or `ax` is not axes.

        ValueError
            If `X` is not images or is empty, `n_images` or `n_copies` is less than one,
            or `augment` is neither a name nor a function that returns images of the
            same size.
        """
        check_scalar(n_copies, "n_copies", Integral, min_val=1)
        if not callable(augment) and augment not in list(PRESETS):
            raise ValueError(
                f"augment must be one of {list(PRESETS)} or callable. Got {augment!r}."
            )
        images = check_images(first_images(X, n_images))
        size = images.shape[1:]
        seed = check_random_state(random_state).randint(2**31 - 1)
        copies = augment_rows(
            augment,
            size,
            images.reshape(len(images), -1).repeat(n_copies, axis=0),
            np.random.default_rng(seed),
        )
        display = cls(images=images, distorted=copies.reshape(-1, n_copies, *size))
        return display.plot(ax=ax, im_kw=im_kw)

    def plot(self, ax: Axes | None = None, *, im_kw: Style = None) -> Self:
        """Draw again, without distorting.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None for a new figure.

        im_kw : dict, default=None
            For matplotlib's ``imshow``, of the images.

        Returns
        -------
        display : DistortionDisplay
        """
        height, width = self.images.shape[1:]
        gap = max(1, round(_GAP * height))
        left, right = mosaic(self.images[:, None], gap), mosaic(self.distorted, gap)
        between = np.full((len(left), 2 * gap), np.nan)
        picture = np.hstack([left, between, right])
        # And room for the text
        inches = INCHES_PER_IMAGE / height * np.add(picture.shape[::-1], (8, 20))
        ax = one_axes(ax, inches)
        self.im_ = draw_image(ax, picture, limits_of(self.images), im_kw)
        middle_of_copies = picture.shape[1] - right.shape[1] / 2 - 0.5
        ax.set_xticks([width / 2 - 0.5, middle_of_copies], ["original", "distorted"])
        ax.tick_params(labeltop=True, labelbottom=False)
        ax.set_facecolor("0.8")
        self.ax_, self.figure_ = ax, figure_of(ax)
        return self

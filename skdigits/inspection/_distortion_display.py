"""DistortionDisplay: what an augmentation does to images."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_array, check_random_state, check_scalar

from skdigits._utils.containers import float_types
from skdigits._utils.images import flatten_images
from skdigits.augmentation import PRESETS, augment_rows, size_of_images
from skdigits.inspection._drawing import (
    INCHES_PER_IMAGE,
    axes_or_new,
    image_axes,
    image_style,
    limits_of,
    mosaic,
)

# Between images, as a fraction of their height
_GAP = 0.1


class DistortionDisplay:
    """Images beside distorted copies of them.

    Shows what a strength of :class:`RandomDistortion`, or any other `augment` of
    :class:`MLPDigitClassifier`, does to the training images. Use
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
        What it was drawn on last.

    figure_ : matplotlib.figure.Figure
        The figure of those axes.

    image_ : matplotlib.image.AxesImage
        All images, side by side.

    See Also
    --------
    ImagesDisplay : Images and their labels.
    RandomDistortion : What distorts, and its strengths.

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

    def __init__(self, *, images, distorted):
        self.images = images
        self.distorted = distorted

    @classmethod
    def from_images(
        cls,
        images,
        augment="elastic",
        *,
        n_copies=6,
        random_state=None,
        ax=None,
        **kwargs,
    ):
        """Distort images and show them.

        Parameters
        ----------
        images : array-like of shape (n_images, height, width), (n_images, height, \
width, 1) or (n_images, n_pixels)
            Rows must be of a square number of pixels.

        augment : {"affine", "elastic"}, RandomDistortion or callable, \
default="elastic"
            As :class:`MLPDigitClassifier` takes it, but for None.

        n_copies : int, default=6
            How many distorted copies of each image to show.

        random_state : int, RandomState instance or None, default=None
            Seeds the distortions.

        ax : matplotlib.axes.Axes, default=None
            Where to draw. None for a new figure.

        **kwargs : dict
            For matplotlib's ``imshow``.

        Returns
        -------
        display : DistortionDisplay

        Raises
        ------
        ValueError
            If `images` are no images, `n_copies` is less than one, or `augment` is
            neither a name nor a function that returns images of the same size.
        """
        check_scalar(n_copies, "n_copies", Integral, min_val=1)
        if not callable(augment) and augment not in list(PRESETS):
            raise ValueError(
                f"augment must be one of {list(PRESETS)} or callable. Got {augment!r}."
            )
        rows, image_shape = flatten_images(images)
        rows = check_array(rows, dtype=float_types(rows), input_name="images")
        seed = check_random_state(random_state).randint(2**31 - 1)
        copies = augment_rows(
            augment,
            image_shape,
            rows.repeat(n_copies, axis=0),
            np.random.default_rng(seed),
        )
        height, width = size_of_images(image_shape, rows.shape[1])
        display = cls(
            images=rows.reshape(-1, height, width),
            distorted=copies.reshape(-1, n_copies, height, width),
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw, without distorting anew.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None for a new figure.

        **kwargs : dict
            For matplotlib's ``imshow``.

        Returns
        -------
        display : DistortionDisplay
        """
        height, width = self.images.shape[1:]
        gap = max(1, round(_GAP * height))
        left, right = mosaic(self.images[:, None], gap), mosaic(self.distorted, gap)
        between = np.full((len(left), 2 * gap), np.nan)
        picture = np.hstack([left, between, right])
        # And room for the words
        inches = INCHES_PER_IMAGE / height * np.add(picture.shape[::-1], (8, 20))
        ax = axes_or_new(ax, inches)
        style = image_style(limits_of(self.images), kwargs)
        self.image_ = ax.imshow(picture, **style)
        image_axes(ax)
        middle_of_copies = picture.shape[1] - right.shape[1] / 2 - 0.5
        ax.set_xticks([width / 2 - 0.5, middle_of_copies], ["original", "distorted"])
        ax.tick_params(labeltop=True, labelbottom=False)
        ax.set_facecolor("0.8")
        self.ax_ = ax
        self.figure_ = ax.figure
        return self

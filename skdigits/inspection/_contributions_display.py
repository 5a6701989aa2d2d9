"""ContributionsDisplay: what each pixel contributes to a prediction."""

from typing import Any, Self

import numpy as np
from matplotlib.colors import Colormap
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from skdigits._utils.types import Samples
from skdigits.inspection._base import (
    SIGNED,
    AxesLike,
    Style,
    add_colorbar,
    draw_image,
    figure_of,
    several_axes,
)
from skdigits.inspection._drawing import (
    as_text,
    columns_for,
    in_parts,
    limits_of,
    symmetric_limit,
)
from skdigits.inspection._validation import (
    check_images,
    check_labels,
    first_images,
    number_of_images,
    unwrap,
)

_MOST_COLUMNS = 4


class ContributionsDisplay:
    """Images, and the contribution of each pixel to a prediction.

    The contribution of a pixel is its value, as the network is given it, times the
    gradient of a class's logit by it [1]_. Positive ones speak for the class, negative
    ones speak against it. Use :meth:`from_estimator` to make one.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width)
        The images.

    contributions : ndarray of shape (n_images, height, width)
        The contributions of their pixels.

    target : ndarray of shape (n_images,)
        The class of each image that they contribute to.

    Attributes
    ----------
    axes_ : ndarray of shape (n_images, 2) of matplotlib.axes.Axes
        The axes of the last plot: for each image, those of the image and of its
        contributions.

    colorbar_ : matplotlib.colorbar.Colorbar
        The scale of the contributions, the same for all images.

    figure_ : matplotlib.figure.Figure
        The figure of those axes.

    images_ : list of matplotlib.image.AxesImage
        The images on them, without the contributions.

    See Also
    --------
    PredictionsDisplay : Images and the probabilities of their classes.
    WeightsDisplay : Weights of the first layer, as images.

    Notes
    -----
    :meth:`skdigits.MLPDigitClassifier.input_gradients` computes the gradients. A pixel
    of value 0 contributes nothing, whatever its absence says. Scale images so that 0 is
    their background. The contributions are of the first order: they sum up
    to the logit only where the network is linear and without biases. The colours end at
    the 99.5th percentile of their magnitudes.

    References
    ----------
    .. [1] A. Shrikumar et al., "Not Just a Black Box: Learning Important Features
       Through Propagating Activation Differences", 2016, :arxiv:`1605.01713`.

    Examples
    --------
    >>> from skdigits import ContributionsDisplay, MLPDigitClassifier, load_mnist
    >>> train, test = load_mnist("train"), load_mnist("test")
    >>> classifier = MLPDigitClassifier((32,), epochs=3, random_state=0)
    >>> classifier = classifier.fit(train.images[:500] / 255, train.target[:500])
    >>> display = ContributionsDisplay.from_estimator(
    ...     classifier, test.images[:4] / 255, target=7
    ... )
    >>> display.contributions.shape
    (4, 28, 28)
    """

    def __init__(
        self, *, images: NDArray[Any], contributions: NDArray[Any], target: NDArray[Any]
    ) -> None:
        self.images = images
        self.contributions = contributions
        self.target = target

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: Samples,
        *,
        target: Any | ArrayLike = None,
        n_images: int = 8,
        ax: AxesLike = None,
        cmap: str | Colormap = SIGNED,
        im_kw: Style = None,
    ) -> Self:
        """Compute and show the contributions of pixels.

        Parameters
        ----------
        estimator : MLPDigitClassifier, or a pipeline that ends in one, or a search
            Fitted. Of a search, such as
            :class:`~sklearn.model_selection.GridSearchCV`, the best is used. The other
            steps of a pipeline must leave each pixel in its place.

        X : array-like, sparse matrix or dataframe
            The images, as `estimator` takes them: of shape (n_samples, height, width)
            or (n_samples, height, width, 1), or rows of shape (n_samples, n_pixels).
            Rows must be of a square number of pixels, unless `estimator` was fitted on
            images.

        target : label or array-like of shape (n_samples,), default=None
            The class whose logit the pixels contribute to: the same for all images, or
            one for each. None for the predicted class of each.

        n_images : int, default=8
            Maximum number of images to show, from the first.

        ax : matplotlib.axes.Axes or array-like of them, default=None
            Where to draw: single axes, which are split, or as many as there are in
            `axes_`. None for a new figure.

        cmap : str or matplotlib.colors.Colormap, default="RdBu_r"
            The colours of the contributions; a diverging map.

        im_kw : dict, default=None
            For matplotlib's ``imshow``, of the images.

        Returns
        -------
        display : ContributionsDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If `estimator` is not fitted.

        TypeError
            If `estimator` has no :class:`MLPDigitClassifier`, `n_images` is not an
            integer, or `ax` is not axes.

        ValueError
            If `X` is not images or is empty, `target` is not of the classes or not one
            for each image, a pipeline changes the number of pixels, `n_images` is less
            than one, or `ax` is the wrong number of axes.
        """
        transformers, classifier = unwrap(estimator)
        if target is not None and np.ndim(target):
            target = check_labels(target, "target", number_of_images(X))
        X = first_images(X, n_images)
        images = check_images(X, estimator=estimator)
        target = estimator.predict(X) if target is None else np.asarray(target)
        if target.ndim:
            target = target[: len(images)]
        target = np.broadcast_to(target, len(images))
        contributions = _contributions(transformers, classifier, X, target)
        if contributions.shape[1] != images[0].size:
            raise ValueError(
                f"estimator makes {contributions.shape[1]} features of images of "
                f"{images[0].size} pixels. Expected a pipeline that leaves each pixel "
                "in its place."
            )
        display = cls(
            images=images,
            contributions=contributions.reshape(images.shape),
            target=target,
        )
        return display.plot(ax=ax, cmap=cmap, im_kw=im_kw)

    def plot(
        self,
        ax: AxesLike = None,
        *,
        cmap: str | Colormap = SIGNED,
        im_kw: Style = None,
    ) -> Self:
        """Draw again, without computing.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or array-like of them, default=None
            Where to draw: single axes, which are split, or as many as there are in
            `axes_`. None for a new figure.

        cmap : str or matplotlib.colors.Colormap, default="RdBu_r"
            The colours of the contributions; a diverging map.

        im_kw : dict, default=None
            For matplotlib's ``imshow``, of the images.

        Returns
        -------
        display : ContributionsDisplay
        """
        n_images, height, width = self.images.shape
        aspect = float(np.clip(width / height, 0.5, 2))
        n_columns = columns_for(n_images, 1.6 * aspect, _MOST_COLUMNS, ax)
        n_rows = -(-n_images // n_columns)
        # The image, its contributions, and a gap before the next image
        ratios = [aspect, aspect, 0.05] * n_columns
        self.axes_ = several_axes(
            ax,
            in_parts(n_images, n_columns, 2),
            (1.05 * sum(ratios) + 1, 1.4 * n_rows + 0.1),
            width_ratios=ratios,
        )
        self.figure_ = figure_of(self.axes_[0, 0])
        limits, largest = limits_of(self.images), symmetric_limit(self.contributions)
        self.images_: list[AxesImage] = []
        for (left, right), image, contributions, target in zip(
            self.axes_, self.images, self.contributions, self.target, strict=True
        ):
            self.images_.append(draw_image(left, image, limits, im_kw, frame=True))
            drawn = draw_image(
                right, contributions, (-largest, largest), cmap=cmap, frame=True
            )
            # Aligned to the right: a long label has room above the image
            right.set_title(f"for {as_text(target)}", loc="right", fontsize="small")
        self.colorbar_ = add_colorbar(
            drawn,
            self.axes_.ravel().tolist(),
            extend="both",
            fraction=0.05,
            label="Contribution",
        )
        return self


def _contributions(transformers, classifier, X, target):
    """Return gradient times input, as the network is given it."""
    for transformer in transformers:
        X = transformer.transform(X)
    inputs = check_images(X, estimator=classifier)
    rows = inputs.reshape(len(inputs), -1).astype(classifier.coefs_[0].dtype)
    # Of X, which may have the names of features that it was fitted on
    return rows * classifier.input_gradients(X, target)

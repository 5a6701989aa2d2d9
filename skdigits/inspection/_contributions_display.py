"""ContributionsDisplay: what each pixel contributes to a prediction."""

from numbers import Integral

import numpy as np
from sklearn.utils import _safe_indexing, check_scalar

from skdigits.inspection._drawing import (
    as_text,
    check_axes,
    columns_for,
    image_axes,
    image_style,
    limits_of,
    split_axes,
    symmetric_limit,
)
from skdigits.inspection._validation import (
    check_images,
    check_labels,
    number_of_images,
    unwrap,
)

_MOST_COLUMNS = 4


class ContributionsDisplay:
    """Images, and what each of their pixels contributes to a prediction.

    The contribution of a pixel is its value, as the network is given it, times the
    gradient of a class's logit by it [1]_. Positive ones speak for the class, negative
    ones against it. Use :meth:`from_estimator` to make one.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width)
        The images.

    contributions : ndarray of shape (n_images, height, width)
        What their pixels contribute.

    target : ndarray of shape (n_images,)
        The class of each image that they contribute to.

    Attributes
    ----------
    axes_ : ndarray of shape (n_images, 2) of matplotlib.axes.Axes
        What it was drawn on last: for each image its own axes, and those of its
        contributions.

    colorbar_ : matplotlib.colorbar.Colorbar
        The scale of the contributions, the same for all images.

    figure_ : matplotlib.figure.Figure
        The figure of those axes.

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

    def __init__(self, *, images, contributions, target):
        self.images = images
        self.contributions = contributions
        self.target = target

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        *,
        target=None,
        n_images=8,
        ax=None,
        cmap="RdBu_r",
        im_kw=None,
    ):
        """Compute and show what pixels contribute.

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
            How many images to show at most, from the first.

        ax : matplotlib.axes.Axes, default=None
            Where to draw: its place is split. None for a new figure.

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
            integer, or `ax` is no axes.

        ValueError
            If `X` is no images or of none, `target` is not of the classes or not one
            for each image, a pipeline changes the number of pixels, or `n_images` is
            less than one.
        """
        check_scalar(n_images, "n_images", Integral, min_val=1)
        model, classifier = unwrap(estimator)
        n_samples = number_of_images(X)
        if target is not None and np.ndim(target):
            target = check_labels(target, "target", n_samples)[:n_images]
        X = _safe_indexing(X, np.arange(min(n_images, n_samples)))
        images = check_images(X, estimator=model)
        target = model.predict(X) if target is None else np.asarray(target)
        target = np.broadcast_to(target, len(images))
        contributions = _contributions(model, classifier, X, target)
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

    def plot(self, ax=None, *, cmap="RdBu_r", im_kw=None):
        """Draw, without computing anew.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw: its place is split. None for a new figure.

        cmap : str or matplotlib.colors.Colormap, default="RdBu_r"
            The colours of the contributions; a diverging map.

        im_kw : dict, default=None
            For matplotlib's ``imshow``, of the images.

        Returns
        -------
        display : ContributionsDisplay
        """
        n_images, height, width = self.images.shape
        check_axes(ax)
        aspect = float(np.clip(width / height, 0.5, 2))
        n_columns = columns_for(n_images, 1.6 * aspect, _MOST_COLUMNS, ax)
        n_rows = -(-n_images // n_columns)
        # Image, contributions, and room before the next
        ratios = [aspect, aspect, 0.05] * n_columns
        grid, self.figure_ = split_axes(
            ax,
            (n_rows, len(ratios)),
            (1.05 * sum(ratios) + 1, 1.4 * n_rows + 0.1),
            width_ratios=ratios,
        )
        largest = symmetric_limit(self.contributions)
        style = image_style(limits_of(self.images), im_kw)
        signed = image_style((-largest, largest), cmap=cmap)
        axes = []
        for index in range(n_images):
            row, column = divmod(index, n_columns)
            left, right = (
                self.figure_.add_subplot(grid[row, 3 * column + part])
                for part in range(2)
            )
            left.imshow(self.images[index], **style)
            drawn = right.imshow(self.contributions[index], **signed)
            for cell in (left, right):
                image_axes(cell)
                cell.spines[:].set(visible=True, color="0.8")
            # To the right: a long one has room above the image
            right.set_title(
                f"for {as_text(self.target[index])}", loc="right", fontsize="small"
            )
            axes.append((left, right))
        self.axes_ = np.array(axes, dtype=object)
        self.colorbar_ = self.figure_.colorbar(
            drawn,
            ax=list(self.axes_.flat),
            extend="both",
            fraction=0.05,
            label="Contribution",
        )
        return self


def _contributions(model, classifier, X, target):
    """Return gradient times input, as the network is given it."""
    if model is not classifier and len(model) > 1:
        X = model[:-1].transform(X)
    inputs = check_images(X, estimator=classifier)
    rows = inputs.reshape(len(inputs), -1).astype(classifier.coefs_[0].dtype)
    gradients = classifier.input_gradients(rows, target)
    return rows * gradients

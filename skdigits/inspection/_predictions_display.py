"""PredictionsDisplay: images and the probabilities of their classes."""

from typing import Any, Literal, Self

import numpy as np
from matplotlib.container import BarContainer
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from skdigits._utils.types import Samples
from skdigits.inspection._base import (
    AxesLike,
    Style,
    draw_image,
    figure_of,
    first_axes,
    one_axes,
    several_axes,
)
from skdigits.inspection._drawing import as_text, columns_for, in_parts, limits_of
from skdigits.inspection._predictions import (
    FONT_SIZE,
    SHOW,
    choose,
    draw_bars,
    shrink_labels,
)
from skdigits.inspection._validation import (
    check_classifier,
    check_images,
    check_kind,
    check_labels,
    check_option,
    check_probabilities,
    first_numbers,
    number_of_images,
)

# With more columns, a page shrinks the figure, and the ticks are too small to read
_MOST_COLUMNS = 3

# Widths of the bars and of the gap after them, as multiples of the images' height
_BARS = 0.8
_SPACE = 0.1


class PredictionsDisplay:
    """Images, predicted labels and probabilities.

    Bars beside each image are the probabilities of its classes, if available. The bar
    of the predicted class is dark; that of the true class, if different, is hatched.
    Use :meth:`from_estimator` or :meth:`from_predictions` to make one.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width)
        The images to show.

    y_pred : ndarray of shape (n_images,)
        Their predicted labels.

    y_proba : ndarray of shape (n_images, n_classes), default=None
        The probabilities of their classes. None draws no bars.

    classes : ndarray of shape (n_classes,), default=None
        The labels that the columns of `y_proba` belong to. Needed with it.

    y_true : ndarray of shape (n_images,), default=None
        The true labels.

    Attributes
    ----------
    axes_ : ndarray of shape (n_images, 2) or (n_images, 1) of matplotlib.axes.Axes
        The axes of the last plot: for each image, those of the image and of its bars.
        If there is no image, the axes that say so.

    bars_ : list of matplotlib.container.BarContainer
        The bars of each image, if it has such.

    figure_ : matplotlib.figure.Figure
        The figure of those axes.

    images_ : list of matplotlib.image.AxesImage
        The images.

    See Also
    --------
    ConfusionImagesDisplay : Confusion matrix with images.
    ContributionsDisplay : Contribution of each pixel to a prediction.

    Notes
    -----
    With more than ten classes, only the ten most probable ones have bars, always
    including the true one, in the order of the classes.

    Examples
    --------
    >>> from skdigits import MLPDigitClassifier, PredictionsDisplay, load_mnist
    >>> train, test = load_mnist("train"), load_mnist("test")
    >>> classifier = MLPDigitClassifier((32,), epochs=3, random_state=0)
    >>> classifier = classifier.fit(train.images[:500] / 255, train.target[:500])
    >>> display = PredictionsDisplay.from_estimator(
    ...     classifier, test.images[:200] / 255, test.target[:200], show="errors"
    ... )
    >>> bool((display.y_pred != display.y_true).all())
    True
    """

    def __init__(
        self,
        *,
        images: NDArray[Any],
        y_pred: NDArray[Any],
        y_proba: NDArray[Any] | None = None,
        classes: NDArray[Any] | None = None,
        y_true: NDArray[Any] | None = None,
    ) -> None:
        self.images = images
        self.y_pred = y_pred
        self.y_proba = y_proba
        self.classes = classes
        self.y_true = y_true

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: Samples,
        y: ArrayLike | None = None,
        *,
        show: Literal["all", "errors", "least_confident"] = "all",
        n_images: int = 8,
        ax: AxesLike = None,
        im_kw: Style = None,
        bar_kw: Style = None,
    ) -> Self:
        """Predict and show the predictions.

        Parameters
        ----------
        estimator : estimator instance
            A fitted classifier, a pipeline that ends in one, or a search over one. If
            it has no ``predict_proba``, there are no bars.

        X : array-like, sparse matrix or dataframe
            The images, as `estimator` takes them: of shape (n_samples, height, width)
            or (n_samples, height, width, 1), or rows of shape (n_samples, n_pixels).
            Rows must be of a square number of pixels, unless `estimator` was fitted on
            images.

        y : array-like of shape (n_samples,), default=None
            The true labels.

        show : {"all", "errors", "least_confident"}, default="all"
            Which images: the first ones; the errors, starting with the highest
            probability of the wrong label; those whose predicted label has the lowest
            probability.

        n_images : int, default=8
            Maximum number of images to show.

        ax : matplotlib.axes.Axes or array-like of them, default=None
            Where to draw: single axes, which are split, or as many as there are in
            `axes_`. None for a new figure.

        im_kw : dict, default=None
            For matplotlib's ``imshow``.

        bar_kw : dict, default=None
            For matplotlib's ``barh``.

        Returns
        -------
        display : PredictionsDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If `estimator` is not fitted.

        ValueError
            If `estimator` is not a classifier, `X` is not images or is empty, `y` is
            not one label for each, `show` is not one of its options or needs data that
            is not given, `n_images` is less than one, or `ax` is the wrong number of
            axes.

        TypeError
            If `n_images` is not an integer, or `ax` is not axes.
        """
        check_classifier(estimator)
        y_pred, y_proba, classes = estimator.predict(X), None, None
        if hasattr(estimator, "predict_proba"):
            y_proba, classes = estimator.predict_proba(X), estimator.classes_
        display = cls._select(
            X, y, y_pred, y_proba, classes, show, n_images, estimator, name="y"
        )
        return display.plot(ax=ax, im_kw=im_kw, bar_kw=bar_kw)

    @classmethod
    def from_predictions(
        cls,
        X: Samples,
        y_true: ArrayLike | None = None,
        y_pred: ArrayLike | None = None,
        *,
        y_proba: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        show: Literal["all", "errors", "least_confident"] = "all",
        n_images: int = 8,
        ax: AxesLike = None,
        im_kw: Style = None,
        bar_kw: Style = None,
    ) -> Self:
        """Show existing predictions.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_pixels), or \
array-like of shape (n_samples, height, width) or (n_samples, height, width, 1)
            The images. Rows must be of a square number of pixels.

        y_true : array-like of shape (n_samples,), default=None
            The true labels.

        y_pred : array-like of shape (n_samples,), default=None
            The predicted labels. None for the most probable classes of `y_proba`.

        y_proba : array-like of shape (n_samples, n_classes), default=None
            The probability of each class, as ``predict_proba`` returns it. None draws
            no bars.

        classes : array-like of shape (n_classes,), default=None
            The labels of the columns of `y_proba`, a classifier's `classes_`. None for
            0 to ``n_classes - 1``.

        show, n_images, ax, im_kw, bar_kw
            As for :meth:`from_estimator`.

        Returns
        -------
        display : PredictionsDisplay

        Raises
        ------
        TypeError, ValueError
            As :meth:`from_estimator`, and if neither `y_pred` nor `y_proba` is given,
            `y_proba` is no probabilities, or `classes` is not one label for each of its
            columns.
        """
        n_samples = number_of_images(X)
        probabilities = labels = predicted = None
        if y_proba is not None:
            probabilities, labels = check_probabilities(y_proba, classes, n_samples)
            predicted = labels[probabilities.argmax(axis=1)]
        if y_pred is not None:
            predicted = check_labels(y_pred, "y_pred", n_samples)
            if labels is not None:
                check_kind("y_pred and classes", predicted, labels)
        if predicted is None:
            raise ValueError("Pass y_pred, y_proba or both. Got neither.")
        display = cls._select(
            X, y_true, predicted, probabilities, labels, show, n_images, name="y_true"
        )
        return display.plot(ax=ax, im_kw=im_kw, bar_kw=bar_kw)

    @classmethod
    def _select(
        cls,
        X,
        y_true,
        y_pred,
        y_proba,
        classes,
        show,
        n_images,
        estimator=None,
        *,
        name,
    ):
        check_option(show, "show", SHOW)
        if y_true is not None:
            y_true = check_labels(y_true, name, number_of_images(X))
            check_kind(f"{name} and the predictions", y_true, y_pred)
        chosen = choose(show, y_pred, y_true, y_proba, name=name)
        chosen = chosen[first_numbers(n_images, len(chosen))]
        return cls(
            images=check_images(X, chosen, estimator=estimator),
            y_pred=y_pred[chosen],
            y_proba=None if y_proba is None else y_proba[chosen],
            classes=classes,
            y_true=None if y_true is None else y_true[chosen],
        )

    def plot(
        self, ax: AxesLike = None, *, im_kw: Style = None, bar_kw: Style = None
    ) -> Self:
        """Draw again, without predicting.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or array-like of them, default=None
            Where to draw: single axes, which are split, or as many as there are in
            `axes_`. None for a new figure.

        im_kw : dict, default=None
            For matplotlib's ``imshow``.

        bar_kw : dict, default=None
            For matplotlib's ``barh``.

        Returns
        -------
        display : PredictionsDisplay
        """
        n_images, height, width = self.images.shape
        if not n_images:
            return self._say_that_there_are_none(ax)
        parts = 1 if self.y_proba is None else 2
        aspect = float(np.clip(width / height, 0.75, 2))
        ratios = [*[aspect, _BARS][:parts], _SPACE]
        longest = max(len(str(label)) for label in self.y_pred)
        cell = 1.3 * sum(ratios) + 0.07 * min(longest, 20) + 0.2, 1.85
        n_columns = columns_for(n_images, cell[0] / cell[1], _MOST_COLUMNS, ax)
        n_rows = -(-n_images // n_columns)
        self.axes_ = several_axes(
            ax,
            in_parts(n_images, n_columns, parts),
            (n_columns * cell[0], n_rows * cell[1] + 0.2),
            width_ratios=ratios * n_columns,
        )
        self.figure_ = figure_of(self.axes_[0, 0])
        limits = limits_of(self.images)
        self.images_: list[AxesImage] = []
        self.bars_: list[BarContainer] = []
        for index, image in enumerate(self.images):
            cells = self.axes_[index]
            self.images_.append(draw_image(cells[0], image, limits, im_kw, frame=True))
            # Aligned to the left: a long label has room above the bars
            cells[0].set_title(self._title(index), loc="left", fontsize="small")
            if self.y_proba is not None:
                true = None if self.y_true is None else self.y_true[index]
                bars = draw_bars(
                    cells[1],
                    self.y_proba[index],
                    self.classes,
                    predicted=self.y_pred[index],
                    true=true,
                    given=bar_kw,
                )
                self.bars_.append(bars)
                # As high as the image, but high enough for ten labels
                as_image = aspect * height / width / _BARS
                cells[1].set_box_aspect(np.clip(as_image, 1, 2))
                if index + n_columns >= n_images:
                    cells[1].set_xlabel("Probability", fontsize=FONT_SIZE, labelpad=0)
        if ax is not None and parts == 2:
            shrink_labels(self.axes_[:, 1])
        return self

    def _title(self, index):
        title = f"predicted {as_text(self.y_pred[index])}"
        if self.y_true is None:
            return title
        return f"{title}\ntrue {as_text(self.y_true[index])}"

    def _say_that_there_are_none(self, ax):
        ax = one_axes(first_axes(ax), (4, 1.5))
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        ax.text(
            0.5,
            0.5,
            "No errors: every label is predicted right.",
            ha="center",
            va="center",
            transform=ax.transAxes,
        )
        self.figure_ = figure_of(ax)
        self.axes_ = np.array([[ax]], dtype=object)
        self.images_, self.bars_ = [], []
        return self

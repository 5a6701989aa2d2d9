"""PredictionsDisplay: images and the probabilities of their classes."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_scalar

from skdigits.inspection._drawing import (
    as_text,
    axes_or_new,
    check_axes,
    columns_for,
    image_axes,
    image_style,
    limits_of,
    split_axes,
)
from skdigits.inspection._predictions import SHOW, choose, draw_bars, shrink_labels
from skdigits.inspection._validation import (
    check_classifier,
    check_images,
    check_kind,
    check_labels,
    check_option,
    check_probabilities,
    number_of_images,
)

_MOST_COLUMNS = 4

# Widths as multiples of the height of the images: the bars, and before the next image
_BARS = 0.9
_SPACE = 0.1


class PredictionsDisplay:
    """Images, what a classifier takes them for, and how sure it is.

    Beside each image are the probabilities of its classes as bars: the predicted class
    dark, the true one hatched where it is another. Use :meth:`from_estimator` or
    :meth:`from_predictions` to make one.

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
        What it was drawn on last: for each image its own axes, and those of its bars.

    bars_ : list of matplotlib.container.BarContainer
        The bars of each image, if it has such.

    figure_ : matplotlib.figure.Figure
        The figure of those axes.

    See Also
    --------
    ConfusionImagesDisplay : Which classes are taken for which.
    ContributionsDisplay : What each pixel contributes to a prediction.

    Notes
    -----
    Of more than ten classes, the bars are those of the ten most probable, the true one
    always among them, in the order of the classes.

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

    def __init__(self, *, images, y_pred, y_proba=None, classes=None, y_true=None):
        self.images = images
        self.y_pred = y_pred
        self.y_proba = y_proba
        self.classes = classes
        self.y_true = y_true

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y=None,
        *,
        show="all",
        n_images=12,
        ax=None,
        im_kw=None,
        bar_kw=None,
    ):
        """Predict and show.

        Parameters
        ----------
        estimator : estimator instance
            A fitted classifier, or a pipeline that ends in one. If it has no
            ``predict_proba``, there are no bars.

        X : array-like, sparse matrix or dataframe
            The images, as `estimator` takes them: of shape (n_samples, height, width)
            or (n_samples, height, width, 1), or rows of shape (n_samples, n_pixels).
            Rows must be of a square number of pixels, unless `estimator` was fitted on
            images.

        y : array-like of shape (n_samples,), default=None
            The true labels.

        show : {"all", "errors", "least_confident"}, default="all"
            Which images: the first; the wrongly predicted, the highest probability of
            a wrong label first; those whose predicted label has the least probability.

        n_images : int, default=12
            How many images to show at most.

        ax : matplotlib.axes.Axes, default=None
            Where to draw: its place is split. None for a new figure.

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
            If `estimator` is no classifier, `X` is no images or of none, `y` is not
            one label for each, `show` is none of its options or asks for what is not
            given, or `n_images` is less than one.

        TypeError
            If `n_images` is not an integer, or `ax` is no axes.
        """
        check_classifier(estimator)
        y_pred, probabilities, classes = estimator.predict(X), None, None
        if hasattr(estimator, "predict_proba"):
            probabilities, classes = estimator.predict_proba(X), estimator.classes_
        display = cls._select(
            X, y_pred, probabilities, classes, y, show, n_images, estimator
        )
        return display.plot(ax=ax, im_kw=im_kw, bar_kw=bar_kw)

    @classmethod
    def from_predictions(
        cls,
        X,
        y_proba,
        *,
        classes=None,
        y=None,
        show="all",
        n_images=12,
        ax=None,
        im_kw=None,
        bar_kw=None,
    ):
        """Show predictions that were made before.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_pixels), or \
array-like of shape (n_samples, height, width) or (n_samples, height, width, 1)
            The images. Rows must be of a square number of pixels.

        y_proba : array-like of shape (n_samples, n_classes)
            The probability of each class, as ``predict_proba`` returns it. The most
            probable class is the predicted one.

        classes : array-like of shape (n_classes,), default=None
            The labels of the columns, a classifier's `classes_`. None for 0 to
            ``n_classes - 1``.

        y : array-like of shape (n_samples,), default=None
            The true labels.

        show, n_images, ax, im_kw, bar_kw
            As for :meth:`from_estimator`.

        Returns
        -------
        display : PredictionsDisplay

        Raises
        ------
        TypeError, ValueError
            As :meth:`from_estimator`, and if `y_proba` is no probabilities, or
            `classes` is not one label for each of its columns.
        """
        probabilities, classes = check_probabilities(
            y_proba, classes, number_of_images(X)
        )
        y_pred = classes[probabilities.argmax(axis=1)]
        display = cls._select(X, y_pred, probabilities, classes, y, show, n_images)
        return display.plot(ax=ax, im_kw=im_kw, bar_kw=bar_kw)

    @classmethod
    def _select(
        cls, X, y_pred, probabilities, classes, y, show, n_images, estimator=None
    ):
        check_scalar(n_images, "n_images", Integral, min_val=1)
        check_option(show, "show", SHOW)
        if y is not None:
            y = check_labels(y, "y", number_of_images(X))
            check_kind("y and the predictions", y, y_pred)
        chosen = choose(show, y_pred, y, probabilities)[:n_images]
        return cls(
            images=check_images(X, chosen, estimator=estimator),
            y_pred=y_pred[chosen],
            y_proba=None if probabilities is None else probabilities[chosen],
            classes=classes,
            y_true=None if y is None else y[chosen],
        )

    def plot(self, ax=None, *, im_kw=None, bar_kw=None):
        """Draw, without predicting anew.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw: its place is split. None for a new figure.

        im_kw : dict, default=None
            For matplotlib's ``imshow``.

        bar_kw : dict, default=None
            For matplotlib's ``barh``.

        Returns
        -------
        display : PredictionsDisplay
        """
        check_axes(ax)
        n_images, height, width = self.images.shape
        if not n_images:
            return self._say_that_there_are_none(ax)
        parts = 1 if self.y_proba is None else 2
        aspect = float(np.clip(width / height, 0.75, 2))
        ratios = [*[aspect, _BARS][:parts], _SPACE]
        longest = max(len(str(label)) for label in self.y_pred)
        cell = 1.2 * sum(ratios) + 0.07 * min(longest, 20) + 0.2, 1.75
        n_columns = columns_for(n_images, cell[0] / cell[1], _MOST_COLUMNS, ax)
        n_rows = -(-n_images // n_columns)
        grid, self.figure_ = split_axes(
            ax,
            (n_rows, n_columns * len(ratios)),
            (n_columns * cell[0], n_rows * cell[1] + 0.2),
            width_ratios=ratios * n_columns,
        )
        style = image_style(limits_of(self.images), im_kw)
        axes, self.bars_ = [], []
        for index, image in enumerate(self.images):
            row, column = divmod(index, n_columns)
            cells = [
                self.figure_.add_subplot(grid[row, column * len(ratios) + part])
                for part in range(parts)
            ]
            cells[0].imshow(image, **style)
            image_axes(cells[0])
            cells[0].spines[:].set(visible=True, color="0.8")
            # To the left: a long one has room above the bars
            cells[0].set_title(self._title(index), loc="left", fontsize="small")
            if parts == 2:
                true = None if self.y_true is None else self.y_true[index]
                bars = draw_bars(
                    cells[1],
                    self.y_proba[index],
                    self.classes,
                    predicted=self.y_pred[index],
                    true=true,
                    **bar_kw or {},
                )
                self.bars_.append(bars)
                # As high as the image, but with room for ten labels
                as_image = aspect * height / width / _BARS
                cells[1].set_box_aspect(np.clip(as_image, 1, 2))
                if index + n_columns >= n_images:
                    cells[1].set_xlabel("Probability", fontsize=7, labelpad=0)
            axes.append(cells)
        self.axes_ = np.array(axes, dtype=object)
        if ax is not None and parts == 2:
            shrink_labels(self.axes_[:, 1])
        return self

    def _title(self, index):
        title = f"predicted {as_text(self.y_pred[index])}"
        if self.y_true is None:
            return title
        return f"{title}\ntrue {as_text(self.y_true[index])}"

    def _say_that_there_are_none(self, ax):
        ax = axes_or_new(ax, (4, 1.5))
        ax.set_axis_off()
        ax.text(
            0.5,
            0.5,
            "No errors: every label is predicted right.",
            ha="center",
            va="center",
            transform=ax.transAxes,
        )
        self.figure_ = ax.figure
        self.axes_ = np.empty((0, 2), dtype=object)
        self.bars_ = []
        return self

"""What the displays ask of their data: images, labels, fitted estimators."""

from numbers import Integral

import numpy as np
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.utils import check_array, check_scalar
from sklearn.utils.validation import check_is_fitted, column_or_1d

from skdigits._utils.containers import float_types, take_samples
from skdigits._utils.images import flatten_images, image_size
from skdigits._utils.sklearn_private import _num_samples
from skdigits.classifier import MLPDigitClassifier


def number_of_images(X):
    """Return the number of images in X, which must be at least one."""
    n_images = _num_samples(X)
    if not n_images:
        raise ValueError("X has no images. Expected at least one.")
    return n_images


def first_numbers(n_images, n_samples):
    """Return the numbers of the first images: `n_images` of them at most."""
    check_scalar(n_images, "n_images", Integral, min_val=1)
    return np.arange(min(n_images, n_samples))


def first_images(X, n_images):
    """Return the first images, `n_images` of them at most, in what they are held in."""
    return take_samples(X, first_numbers(n_images, number_of_images(X)))


def check_images(X, chosen=None, *, estimator=None):
    """Return images as an array, some of them if asked.

    Parameters
    ----------
    X : array-like, sparse matrix or dataframe
        What people hold images in.

    chosen : array-like of int, default=None
        Which images to return. None for all.

    estimator : estimator instance, default=None
        A fitted one that may know the size of the images where `X` is rows.

    Returns
    -------
    images : ndarray of shape (n_images, height, width)
    """
    if chosen is not None:
        # At least one image, which gives the size even if none is chosen
        some = take_samples(X, chosen if len(chosen) else [0])
        return check_images(some, estimator=estimator)[: len(chosen)]
    rows, image_shape = flatten_images(X)
    rows = check_array(
        rows, accept_sparse="csr", dtype=float_types(rows), input_name="X"
    )
    if sparse.issparse(rows):
        rows = rows.toarray()
    size = size_of_images(rows.shape[1], image_shape, estimator)
    return rows.reshape(-1, *size)


def size_of_images(n_pixels, image_shape=None, estimator=None):
    """Return height and width: as given, as an estimator knows them, or of a square."""
    known = filter(None, (image_shape, *_fitted_shapes(estimator)))
    size = image_size(n_pixels, *known, None)
    if size is None:
        raise ValueError(
            f"Rows of {n_pixels} pixels do not tell the size of the images, since "
            f"{n_pixels} is not a square number. Expected images of shape (n_samples, "
            "height, width), or an estimator that was fitted on such."
        )
    return size


def _fitted_shapes(estimator):
    """Image shapes that an estimator, or its steps, were fitted on."""
    return [getattr(step, "image_shape_", None) for step in steps_of(estimator)]


def check_labels(y, name, n_images):
    """Return labels as a vector with one for each image."""
    try:
        y = column_or_1d(y)
    except ValueError as error:
        raise ValueError(
            f"{name} must have one dimension. Got shape {np.shape(y)}."
        ) from error
    if len(y) != n_images:
        raise ValueError(
            f"{name} has {len(y)} labels for {n_images} images. Expected one for each."
        )
    # scikit-learn's check warns where many classes have one image each
    if y.dtype.kind == "f" and not np.array_equal(y, np.round(y)):
        raise ValueError(
            f"{name} must have class labels. Got fractions, infinity or NaN."
        )
    return y


def check_probabilities(y_proba, classes, n_images):
    """Return probabilities as an array, and the labels of its columns."""
    probabilities = check_array(
        y_proba, dtype=(np.float32, np.float64), input_name="y_proba"
    )
    if len(probabilities) != n_images:
        raise ValueError(
            f"y_proba has {len(probabilities)} rows for {n_images} images. "
            "Expected one for each."
        )
    if probabilities.min() < 0 or probabilities.max() > 1 + 1e-6:
        raise ValueError(
            "y_proba must have values from 0 to 1, as predict_proba returns them. "
            f"Got values from {probabilities.min()} to {probabilities.max()}."
        )
    n_classes = probabilities.shape[1]
    classes = np.arange(n_classes) if classes is None else np.asarray(classes)
    if classes.shape != (n_classes,):
        raise ValueError(
            f"classes has shape {classes.shape}, but y_proba has {n_classes} "
            "columns. Expected a label for each."
        )
    return probabilities, classes


def check_option(value, name, options):
    """Raise if a string is not among the options."""
    if value not in options:
        listed = ", ".join(map(repr, options))
        raise ValueError(f"{name} must be one of {listed}. Got {value!r}.")


def check_classifier(estimator):
    """Raise if an estimator is not a fitted classifier."""
    check_is_fitted(estimator)
    if not is_classifier(estimator):
        raise ValueError(
            "estimator must be a classifier, or a pipeline that ends in one. Got "
            f"{type(estimator).__name__}."
        )


def steps_of(estimator):
    """Return what `X` goes through: a pipeline's steps, of a search those of the best.

    Parameters
    ----------
    estimator : estimator instance
        Pipelines and fitted searches may be nested.

    Returns
    -------
    steps : list of estimator instance
    """
    estimator = getattr(estimator, "best_estimator_", estimator)
    if not hasattr(estimator, "steps"):
        return [estimator]
    steps = [step for _, step in estimator.steps if step not in (None, "passthrough")]
    return [inner for step in steps for inner in steps_of(step)]


def unwrap(estimator):
    """Find the trained network in an estimator.

    Parameters
    ----------
    estimator : MLPDigitClassifier, Pipeline, GridSearchCV or the like
        Fitted.

    Returns
    -------
    transformers : list of estimator instance
        The steps before it.

    classifier : MLPDigitClassifier
    """
    check_is_fitted(estimator)
    *steps, classifier = steps_of(estimator)
    # A sampler of imbalanced-learn works on training data alone
    transformers = [step for step in steps if hasattr(step, "transform")]
    if not isinstance(classifier, MLPDigitClassifier):
        raise TypeError(
            "estimator must be an MLPDigitClassifier, a pipeline that ends in one, or "
            "a search over such that was fitted with refit=True. Got "
            f"{type(classifier).__name__}."
        )
    return transformers, classifier


def check_kind(names, *labels):
    """Raise if some labels are strings and others are not, and so never equal."""
    kinds = {isinstance(label, str) for y in labels for label in y}
    if len(kinds) > 1:
        raise ValueError(
            f"{names} must have labels of one kind. Got strings and numbers."
        )

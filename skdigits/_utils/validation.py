"""Checks of X and y that scikit-learn's own validation does not make."""

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from skdigits._utils.images import check_image_shape, flatten_images


def float_types(X):
    """Return the float types that X may have, of which others become the first."""
    is_frame = hasattr(X, "dtypes") and getattr(X, "ndim", 2) == 2
    for dtype in X.dtypes if is_frame else [getattr(X, "dtype", None)]:
        # pandas's own: with room for missing values, or sparse
        for inner in ("numpy_dtype", "subtype"):
            dtype = getattr(dtype, inner, dtype)
        # Also in another byte order, or wider, or polars's: all strangers to
        # scikit-learn, which would make the first type of them that it may
        is_wide = getattr(dtype, "kind", None) == "f" and dtype.itemsize > 4
        if is_wide or str(dtype) == "Float64":
            return np.float64
    return np.float32, np.float64


def check_labels(y):
    """Refuse what cannot be class labels."""
    if y.dtype == object:
        n_strings = sum(isinstance(label, str) for label in y)
        if 0 < n_strings < len(y):
            kinds = {type(label).__name__ for label in y}
            raise ValueError(
                "y must have labels of one kind, all strings or all numbers. Got "
                f"{', '.join(sorted(kinds))}."
            )
    check_classification_targets(y)


def check_validation_data(estimator, X, y, dtype):
    """Return validation samples as rows of a float type, and y as a vector of labels.

    Parameters
    ----------
    estimator : estimator instance
        Has seen the training samples: its `n_features_in_`, `image_shape_` and
        `classes_` are what validation samples must have, too.

    X, y
        As the user gave them.

    dtype : dtype
        Of the training samples.
    """
    try:
        X, image_shape = flatten_images(X)
        check_image_shape(X, image_shape, estimator.image_shape_, estimator=estimator)
        X, y = validate_data(
            estimator, X, y, reset=False, accept_sparse="csr", dtype=dtype
        )
        check_labels(y)
    except ValueError as error:
        raise ValueError(f"X_val and y_val do not fit: {error}") from error
    unknown = set(y.tolist()) - set(estimator.classes_.tolist())
    if unknown:
        raise ValueError(
            f"y_val has the classes {sorted(unknown, key=repr)}, which are not among "
            f"those of y, {estimator.classes_}."
        )
    return X, y

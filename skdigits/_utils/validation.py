"""Checks of X and y that scikit-learn's own validation does not make."""

import numpy as np
from sklearn.utils.multiclass import check_classification_targets


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

"""Checks of y that scikit-learn's own validation does not make."""

import numpy as np
from scipy import sparse
from sklearn.utils.multiclass import check_classification_targets

from skdigits._utils.sklearn_private import is_pandas_na, is_scalar_nan

_ONE_LABEL = "Expected one label per sample, of shape (n_samples,)."
_SEVERAL_LABELS = (
    "For several labels per sample, use sklearn.preprocessing.MultiLabelBinarizer and "
    "sklearn.multiclass.OneVsRestClassifier."
)
_BYTES = "y must not have labels of bytes. Pass [label.decode() for label in y]."


def read_labels(y, rows):
    """Return y as an array, before scikit-learn's validation, in the type it has.

    Refuses what scikit-learn refuses too, but without a way out: several labels per
    sample, missing labels, and another number of labels than of samples.

    Parameters
    ----------
    y : object
        As the user gave it.

    rows : array-like, sparse matrix or dataframe
        X, flattened.
    """
    if y is None:
        return y
    array = y if sparse.issparse(y) else _as_array(y)
    if array.ndim > 1 and array.shape[1:] != (1,):
        raise ValueError(
            f"y should be a 1d array, got an array of shape {array.shape} instead. "
            f"{_ONE_LABEL} {_way_to_one_label(y, array)}"
        )
    if array.dtype == object:
        for index, label in enumerate(array.ravel()):
            if label is None or is_scalar_nan(label) or is_pandas_na(label):
                raise ValueError(
                    f"Input y contains NaN or None: y[{index}] is {label}. Give the "
                    "sample a label, or leave it out of X and y."
                )
    shape = getattr(rows, "shape", ())
    if array.ndim and len(shape) == 2 and 0 < shape[0] != array.shape[0]:
        raise ValueError(
            "Found input variables with inconsistent numbers of samples: "
            f"[{shape[0]}, {array.shape[0]}]. y must have one label for each of the "
            f"{shape[0]} samples of X."
        )
    return array


def _as_array(y):
    try:
        return np.asarray(y)
    except ValueError as error:
        raise ValueError(
            f"y is a {type(y).__name__} whose items differ in length. {_ONE_LABEL} "
            f"{_SEVERAL_LABELS}"
        ) from error


def _way_to_one_label(y, array):
    """Say what to do with labels of several columns."""
    table = array.toarray() if sparse.issparse(array) else array
    is_indicator = table.dtype.kind in "biuf" and np.isin(table, (0, 1)).all()
    if is_indicator and table.ndim == 2 and (table.sum(axis=1) == 1).all():
        if hasattr(y, "idxmax"):
            way = "y.idxmax(axis=1)"
        elif sparse.issparse(y):
            way = "y.toarray().argmax(axis=1)"
        else:
            is_array = isinstance(y, np.ndarray)
            way = "y.argmax(axis=1)" if is_array else "np.argmax(y, axis=1)"
        return f"y is one-hot encoded: pass {way}."
    return (
        "For several labels per sample, wrap the classifier: in "
        "sklearn.multiclass.OneVsRestClassifier for a y of zeros and ones, in "
        "sklearn.multioutput.MultiOutputClassifier for columns of labels."
    )


def check_labels(y):
    """Refuse what cannot be class labels."""
    if y.dtype == object:
        _check_objects(y)
    if y.dtype.kind == "S":
        raise TypeError(_BYTES)
    check_classification_targets(y)


def _check_objects(y):
    n_strings = sum(isinstance(label, str) for label in y)
    kinds = ", ".join(sorted({type(label).__name__ for label in y}))
    if 0 < n_strings < len(y):
        raise ValueError(
            "y must have labels of one kind, all strings or all numbers. Got "
            f"{kinds}. Pass [str(label) for label in y]."
        )
    if n_strings:
        return
    if any(isinstance(label, bytes) for label in y):
        raise TypeError(_BYTES)
    if any(isinstance(label, list | tuple | set | frozenset) for label in y):
        raise ValueError(
            f"y is an array of objects, of type {kinds}. {_ONE_LABEL} {_SEVERAL_LABELS}"
        )
    # What NumPy makes of them where it is left the choice
    kind = np.array(y.tolist()).dtype.kind
    way = {"b": "bool", "i": "int", "u": "int", "f": "float"}.get(kind, "str")
    raise ValueError(
        f"Unknown label type: y is an array of objects, of type {kinds}. "
        f"Pass y.astype({way})."
    )

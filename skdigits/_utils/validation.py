"""Checks and conversions of X and y that scikit-learn's own validation lacks."""

from collections.abc import Iterator

import numpy as np
from scipy import sparse
from sklearn.utils._missing import is_pandas_na, is_scalar_nan
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from skdigits._utils.images import check_image_shape, flatten_images

_ONE_LABEL = "Expected one label per sample, of shape (n_samples,)."
_SEVERAL_LABELS = (
    "For several labels per sample, use sklearn.preprocessing.MultiLabelBinarizer and "
    "sklearn.multiclass.OneVsRestClassifier."
)
_BYTES = "y must not have labels of bytes. Pass [label.decode() for label in y]."

# Classes that hand out batches, by the package that they or their bases come from
_LOADERS = {
    "tensorflow": {"DatasetV2"},
    "keras": {"PyDataset"},
    "torch": {"Dataset", "DataLoader"},
}

_EXPECTED = "Expected integers, floats or booleans."


def check_no_loader(X):
    """Refuse what hands out batches instead of holding samples.

    Parameters
    ----------
    X : object
    """
    if isinstance(X, Iterator) or any(
        base.__name__ in _LOADERS.get(base.__module__.partition(".")[0], ())
        for base in type(X).__mro__
    ):
        raise TypeError(
            f"X is a {type(X).__name__}, which hands out batches. Expected an array, a "
            "list, a dataframe or a sparse matrix of samples. Train on one batch after "
            "the other with partial_fit, see docs/user_guide/large_data.md, and "
            "predict one after the other."
        )


def as_numbers(X, name="X"):
    """Convert numbers of other kinds than NumPy's to these; leave the rest as it is.

    Dataframes stay dataframes, so that their columns keep their names. Categories and
    pandas's types with room for missing values become what they hold: float32 stays
    float32. Objects and strings become float32, or integers.

    Parameters
    ----------
    X : array-like, sparse matrix or dataframe

    name : str, default="X"
        What the message calls it.

    Returns
    -------
    X : array-like, sparse matrix or dataframe
        What was given if there was nothing to convert.
    """
    if hasattr(X, "dtypes") and hasattr(X, "columns"):
        return _frame_of_numbers(X, name)
    kind = getattr(getattr(X, "dtype", None), "kind", "f")
    if kind in "OSUT" and not sparse.issparse(X) and np.ndim(X) >= 2:
        return _from_objects(np.asarray(X), name)
    return X


def _frame_of_numbers(X, name):
    types = set(X.dtypes)
    dates = [dtype for dtype in types if str(dtype).startswith(_DATES)]
    if dates:
        raise ValueError(f"{name} has values of type {dates[0]}. {_EXPECTED}")
    if not hasattr(X, "iloc"):  # polars's
        plain = all(str(dtype).rstrip("0123456789") in _PLAIN for dtype in types)
        if plain:
            return X
        return type(X)(_from_frame(X.to_numpy(), name), schema=X.columns)
    if all(isinstance(dtype, np.dtype) and dtype.kind in "biufc" for dtype in types):
        return X
    if all(hasattr(dtype, "fill_value") for dtype in types) and not any(
        dtype.fill_value for dtype in types
    ):
        return X  # sparse, for scikit-learn to keep so
    inner = [_numpy_type(dtype) for dtype in types]
    if any(dtype.kind not in "biuf" for dtype in inner):
        values = _from_frame(X.to_numpy(object, na_value=np.nan), name)
    else:
        dtype = np.result_type(*inner)
        if dtype.kind != "f" and X.isna().any(axis=None):
            dtype = np.dtype(np.float64)
        values = X.to_numpy(
            dtype, **({"na_value": np.nan} if dtype.kind == "f" else {})
        )
    return type(X)(values, index=X.index, columns=X.columns)


# As pandas and polars begin the names of types of time, and polars of plain numbers
_DATES = ("datetime", "timedelta", "period", "Date", "Duration", "Time")
_PLAIN = {"Int", "UInt", "Float", "Boolean"}


def _numpy_type(dtype):
    """Return NumPy's type for what one of pandas's holds, object if there is none."""
    if hasattr(dtype, "categories"):
        dtype = dtype.categories.dtype
    for inner in ("numpy_dtype", "subtype"):
        dtype = getattr(dtype, inner, dtype)
    return dtype if isinstance(dtype, np.dtype) else np.dtype(object)


def _from_objects(values, name):
    """Return numbers for the objects of an array; those that are none as they are."""
    if values.dtype.kind in "biuf":
        return values
    try:
        numbers = np.array(values.tolist())
    except ValueError:  # of arrays of different shapes
        numbers = None
    if numbers is None or numbers.shape != values.shape:
        raise ValueError(f"{name} has values that are sequences. {_EXPECTED}")
    if numbers.dtype.kind in "biu":
        return numbers
    try:
        numbers = values.astype(object).astype(np.float64)
    except (TypeError, ValueError):
        return values
    with np.errstate(over="ignore"):
        return numbers.astype(np.float32)


def _from_frame(values, name):
    """Return numbers for the objects of a dataframe, or name what are none."""
    numbers = _from_objects(values, name)
    if numbers.dtype.kind in "biuf":
        return numbers
    try:
        return numbers.astype(np.float64)
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(
            f"{name} has values that are no numbers: {error}. {_EXPECTED}"
        ) from error


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

"""Numbers in whatever holds them: dataframes, arrays of objects, sparse matrices."""

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from skdigits._utils.sklearn_private import _safe_indexing

# Classes that hand out batches, by the package that they or their bases come from
_LOADERS = {
    "tensorflow": {"DatasetV2"},
    "keras": {"PyDataset"},
    "torch": {"Dataset", "DataLoader"},
}

_EXPECTED = "Expected integers, floats or booleans."


def check_no_loader(X):
    """Refuse what yields batches instead of holding samples.

    Parameters
    ----------
    X : object
    """
    if isinstance(X, Iterator) or any(
        base.__name__ in _LOADERS.get(base.__module__.partition(".")[0], ())
        for base in type(X).__mro__
    ):
        raise TypeError(
            f"X is a {type(X).__name__}, which yields batches. Expected an array, a "
            "list, a dataframe or a sparse matrix of samples. Train on one batch at a "
            "time with partial_fit, and predict one batch at a time: see the page "
            "'More data than memory' of the user guide."
        )


def check_no_dates(X):
    """Refuse dates and durations, which scikit-learn's validation takes for numbers.

    Parameters
    ----------
    X : object
        Looked at if it has a dtype.
    """
    if getattr(getattr(X, "dtype", None), "kind", None) in {"m", "M"}:
        raise ValueError(f"X has values of type {X.dtype}. {_EXPECTED}")


def check_numbers(images, name="X"):
    """Refuse dates and the like, which scikit-learn's validation lets through.

    Parameters
    ----------
    images : ndarray or sparse matrix

    name : str, default="X"
        What the message calls them.
    """
    if images.dtype.kind not in "buif":
        raise ValueError(f"{name} has values of type {images.dtype}. {_EXPECTED}")


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
    dtype = _inner_type(dtype)
    return dtype if isinstance(dtype, np.dtype) else np.dtype(object)


def _inner_type(dtype):
    """Return the type of what pandas's own types hold: nullable or sparse numbers."""
    for inner in ("numpy_dtype", "subtype"):
        dtype = getattr(dtype, inner, dtype)
    return dtype


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
            f"{name} has values that are not numbers: {error}. {_EXPECTED}"
        ) from error


def take_samples(X, chosen):
    """Return some of the samples, in what they are held in.

    Parameters
    ----------
    X : array-like, sparse matrix or dataframe

    chosen : ndarray of int
        Where they stand in X.
    """
    if sparse.issparse(X):
        X = X.tocsr()  # not every format has rows
    return _safe_indexing(X, chosen)


def float_types(X):
    """Return the float types that X may have, of which others become the first."""
    is_frame = hasattr(X, "dtypes") and getattr(X, "ndim", 2) == 2
    for dtype in X.dtypes if is_frame else [getattr(X, "dtype", None)]:
        dtype = _inner_type(dtype)
        # Also in another byte order, or wider, or polars's: all strangers to
        # scikit-learn, which would make the first type of them that it may
        is_wide = getattr(dtype, "kind", None) == "f" and dtype.itemsize > 4
        if is_wide or str(dtype) == "Float64":
            return np.float64
    return np.float32, np.float64

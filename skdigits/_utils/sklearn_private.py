"""What this package uses of scikit-learn's private parts, and nowhere else.

A new minor version of scikit-learn may move them: then this is the module to change.
"""

from joblib import cpu_count
from sklearn.base import _fit_context
from sklearn.utils import _safe_indexing
from sklearn.utils._missing import is_pandas_na, is_scalar_nan
from sklearn.utils._optional_dependencies import check_pandas_support
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    Options,
    StrOptions,
    validate_params,
)
from sklearn.utils.multiclass import _check_partial_fit_first_call
from sklearn.utils.validation import _check_sample_weight, _num_samples

__all__ = [
    "HasMethods",
    "Interval",
    "Options",
    "StrOptions",
    "_check_partial_fit_first_call",
    "_check_sample_weight",
    "_fit_context",
    "_num_samples",
    "_safe_indexing",
    "check_pandas_support",
    "is_pandas_na",
    "is_scalar_nan",
    "n_threads",
    "validate_params",
]


def n_threads() -> int:
    """Return how many threads scikit-learn would use: OMP_NUM_THREADS, or the cores."""
    try:
        from sklearn.utils._openmp_helpers import _openmp_effective_n_threads
    except ImportError:
        return cpu_count()
    return _openmp_effective_n_threads()

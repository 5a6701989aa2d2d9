"""Data of another scale than that at fit: what to learn of it, and the warning.

A network fitted on bytes makes nothing of the same images as floats from 0 to 1, and no
step fails. The usual faults are values divided or multiplied by 16, 255 or the like,
values far away, and dark and light exchanged. A range alone would not do to tell: that
of a blank or faint image is small, and an outlier makes a large one.
"""

import math
import sys
import warnings
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import sklearn
from scipy import sparse
from sklearn.utils import gen_batches

# Of more rows, evenly spaced ones are looked at: to read all takes longer than to scale
_MOST_ROWS = 5000

# Converted to float64 at a time: what that takes stays in the cache
_VALUES_AT_A_TIME = 20_000

# Rows of fewer numbers are no images, and vary too much
_LEAST_PIXELS = 16

# By how much the range differs. Of a few images, all may be faint.
_FACTOR = 12
_FACTOR_OF_FEW = 100
_FEW = 5

# By how much the range and the standard deviation may differ in that. Outliers and
# blank images change them unequally.
_ALIKE = 3

# How far from the middle of the range the mean must be for a side to be told, relative
# to the range, and how far on the other side it must be, relative to that
_LEAST_DISTANCE = 0.1
_MIRRORED = 0.5

# And how far from the mean at fit, in standard deviations of the images' means
_UNUSUAL = 4
_INDEPENDENT = 4  # images at most: those of one digit vary together

_PACKAGES = tuple(
    str(directory)
    for directory in (Path(__file__).parents[1], Path(sklearn.__file__).parent)
)


class PixelScale(NamedTuple):
    """What is learned of the values of images, or of other rows.

    `mean` and `std` are those of all values, and `std_of_means` is that of the images'
    means; all three of evenly spaced rows if there are many.
    """

    n_samples: int
    low: float
    high: float
    mean: float
    std: float
    std_of_means: float


def learn_scale(X):
    """Return the scale of rows.

    Parameters
    ----------
    X : {ndarray, sparse matrix} of shape (n_samples, n_features)
        Of finite numbers. The zeros that a sparse matrix leaves out count.

    Returns
    -------
    scale : PixelScale
    """
    low, high = float(X.min()), float(X.max())
    n_samples, n_features = X.shape
    X = X.tocsr() if sparse.issparse(X) else X
    X = X[:: 1 + (n_samples - 1) // _MOST_ROWS]
    # Squares of the largest floats would be infinite
    unit = max(abs(low), abs(high)) or 1.0
    scale = None
    at_a_time = max(1, _VALUES_AT_A_TIME // n_features)
    for part in gen_batches(X.shape[0], at_a_time):
        values = X[part].toarray() if sparse.issparse(X) else X[part]
        values = np.divide(values, unit, dtype=np.float64)
        means = values.mean(axis=1)
        mean = float(means.mean())
        values -= mean
        # Not BLAS, which would start threads for so little
        std = math.sqrt(np.einsum("ij,ij", values, values) / values.size)
        one = PixelScale(len(means), low, high, mean, std, float(means.std()))
        scale = merge_scales(scale, one) if scale else one
    return scale._replace(
        n_samples=n_samples,
        mean=scale.mean * unit,
        std=scale.std * unit,
        std_of_means=scale.std_of_means * unit,
    )


def merge_scales(one, other):
    """Return the scale of the rows of both."""
    n_samples = one.n_samples + other.n_samples
    share = other.n_samples / n_samples
    shift = other.mean - one.mean
    # Squares of the largest floats would be infinite, but not here
    parts = math.sqrt(1 - share), math.sqrt(share), math.sqrt(share * (1 - share))
    return PixelScale(
        n_samples,
        min(one.low, other.low),
        max(one.high, other.high),
        one.mean + share * shift,
        *(
            math.hypot(parts[0] * before, parts[1] * more, parts[2] * shift)
            for before, more in zip(one[4:], other[4:], strict=True)
        ),
    )


def has_usual_moments(values, size, scale, low=0.0, unit=1.0):
    """Tell, in a few microseconds, that no warning is due and no value is infinite.

    Where that cannot be told from the moments alone, the answer is no.

    Parameters
    ----------
    values : ndarray
        Of floats.

    size : int
        Number of values, with the zeros that a sparse matrix leaves out.

    scale : tuple
        The `PixelScale` at fit.

    low, unit : float
        What to add to the values after this is multiplied with them.
    """
    values = values.ravel(order="K")
    # If this is finite, so is the sum, without a warning of an overflow
    squares = float(np.vdot(values, values))
    if not squares < math.inf:
        return False
    mean = float(values.sum()) / size
    variance = unit * unit * (squares / size - mean * mean)
    least, most, least_variance, most_variance = _usual_moments(scale)
    return (
        least < low + unit * mean < most and least_variance < variance < most_variance
    )


@lru_cache(maxsize=128)
def _usual_moments(scale):
    """Return between what mean and variance of some rows are if no warning is due."""
    _, low, high, *_ = scale
    square = (high - low) * (high - low)
    # A range is at least twice the standard deviation
    return *_usual_means(scale), square / (2 * _FACTOR) ** 2, square


def warn_of_another_scale(X, scale, estimator):
    """Warn if rows are of another scale than those that an estimator was fitted on.

    Parameters
    ----------
    X : {ndarray, sparse matrix} of shape (n_samples, n_features)

    scale : tuple
        The `PixelScale` at fit.

    estimator : estimator instance
        Named in the message.
    """
    if X.shape[1] < _LEAST_PIXELS:
        return
    given, fitted = learn_scale(X), PixelScale(*scale)
    name = type(estimator).__name__
    values = f"X has values from {given.low:.4g} to {given.high:.4g}"
    on = f"{name} was fitted on, {fitted.low:.4g} to {fitted.high:.4g}"
    if _is_inverted(given, fitted):
        _warn(
            f"X may be inverted: its mean is {given.mean:.4g}, and that of the data "
            f"{name} was fitted on is {fitted.mean:.4g}, of values from "
            f"{fitted.low:.4g} to {fitted.high:.4g}. If dark and light are exchanged, "
            f"pass {fitted.low + fitted.high:.4g} - X."
        )
    elif _is_shrunk(given, fitted):
        _warn(
            f"{values}, a small part of the range that {on}. Pass X in the units of "
            "the training data: if that was bytes and X is floats from 0 to 1, pass "
            "255 * X."
        )
    elif _is_far_outside(given, fitted):
        _warn(
            f"{values}, far outside the range that {on}. Pass X in the units of the "
            "training data: if that was floats from 0 to 1 and X is bytes, pass "
            "X / 255."
        )


def _usual_means(scale):
    """Return between what the mean of some rows is, if they are not far or inverted."""
    _, low, high, mean, *_ = scale
    width = high - low
    distance = mean - (low + high) / 2
    turned = (low + high) / 2 - _MIRRORED * distance
    if distance < -_LEAST_DISTANCE * width:
        return low - width, turned
    if distance > _LEAST_DISTANCE * width:
        return turned, high + width
    return low - width, high + width


def _is_inverted(given, fitted):
    width = fitted.high - fitted.low
    least, most = _usual_means(fitted)
    n_independent = min(given.n_samples, _INDEPENDENT)
    unusual = _UNUSUAL * fitted.std_of_means / math.sqrt(n_independent)
    return (
        width / 2 <= given.high - given.low <= 2 * width
        and not least < given.mean < most
        and fitted.low - width < given.mean < fitted.high + width
        and abs(given.mean - fitted.mean) > unusual
    )


def _is_shrunk(given, fitted):
    factor = _FACTOR_OF_FEW if given.n_samples < _FEW else _FACTOR
    largest, largest_fitted = (
        max(abs(scale.low), abs(scale.high)) for scale in (given, fitted)
    )
    return (
        factor * largest <= largest_fitted
        and factor * (given.high - given.low) <= fitted.high - fitted.low
        and _is_scaled(given, fitted)
    )


def _is_far_outside(given, fitted):
    width = fitted.high - fitted.low
    is_wide = given.high - given.low >= _FACTOR * width
    is_far = not fitted.low - width <= given.mean <= fitted.high + width
    return width > 0 and (is_far or (is_wide and _is_scaled(given, fitted)))


def _is_scaled(given, fitted):
    """Whether range and standard deviation are larger, or smaller, alike."""
    one = (given.high - given.low) * fitted.std
    other = (fitted.high - fitted.low) * given.std
    return 0 < one < _ALIKE * other and other < _ALIKE * one


def _warn(message):
    """Warn where the user's code calls, whatever of scikit-learn is in between."""
    frame, level = sys._getframe(), 1
    while frame.f_back and frame.f_code.co_filename.startswith(_PACKAGES):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, UserWarning, stacklevel=level)

"""FlattenScaler: images to rows between 0 and 1."""

import math
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from skdigits._utils.containers import check_numbers
from skdigits._utils.doc_link import DocLinkMixin
from skdigits._utils.images import (
    check_image_shape,
    flatten_images,
    image_size,
    pixel_names,
)
from skdigits._utils.pixel_scale import (
    PixelScale,
    has_usual_moments,
    learn_scale,
    merge_scales,
    warn_of_another_scale,
)
from skdigits._utils.sklearn_private import _fit_context
from skdigits._utils.stored_state import StoredStateMixin
from skdigits._utils.types import Floats, Samples, typed

# Options for scikit-learn's validation. It must not convert the numbers, because their
# type determines the type of the result.
_ACCEPTS = {"accept_sparse": ("csr", "csc"), "dtype": "numeric"}

# float32 represents all integers up to here exactly
_EXACT_IN_FLOAT32 = 2**24


class FlattenScaler(
    DocLinkMixin,
    StoredStateMixin,
    OneToOneFeatureMixin,
    TransformerMixin,
    BaseEstimator,
):
    """Flatten images to rows and scale them to the range from 0 to 1.

    The range is learned from the training images as a whole: one minimum and one
    maximum over all pixels, so that pixels keep their brightness relative to each
    other. Images of bytes from 0 to 255, of floats from 0 to 1 and of 4-bit values
    from 0 to 16 all come out between 0 and 1, with no parameter to set::

        X_scaled = (X - X.min()) / (X.max() - X.min())

    Put it in front of any scikit-learn estimator that expects rows.

    Parameters
    ----------
    clip : bool, default=False
        Whether to clip values outside the learned range to 0 and 1. Training images
        have none; new images may. :meth:`inverse_transform` cannot restore what was
        clipped.

    Attributes
    ----------
    data_min_ : float
        Smallest value seen in the training images.

    data_max_ : float
        Largest value seen in the training images.

    data_range_ : float
        ``data_max_ - data_min_``.

    data_mean_ : float
        Mean of all pixels of the training images.

    data_std_ : float
        Standard deviation of all pixels of the training images.

    image_mean_std_ : float
        Standard deviation, from image to image, of the mean of an image's pixels.
        Like `data_mean_` and `data_std_`, it is of 2,500 to 5,000 evenly spaced images
        if there are more.

    scale_ : float
        What values are multiplied by, ``1 / data_range_``; 1 if the training images
        are of one constant value.

    min_ : float
        What is added after that, ``-data_min_ * scale_``.

    image_shape_ : tuple of int, or None
        (height, width) or (height, width, 1) of the training images, None if they
        came as rows.

    n_samples_seen_ : int
        Number of images seen by :meth:`fit`, and by :meth:`partial_fit` since.

    n_features_in_ : int
        Number of pixels in an image.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the pixels. Defined only if the scaler was fitted on a dataframe with
        columns that are all strings.

    See Also
    --------
    sklearn.preprocessing.MinMaxScaler : Scales each pixel by its own range.
    sklearn.preprocessing.MaxAbsScaler : Scales each pixel by its own largest
        magnitude.

    Notes
    -----
    float32 and float64 keep their type. Integers, booleans and float16 become float32,
    because the 11 bits of float16 are too few to compute with. Longer floats become
    float64.

    Sparse rows (CSR, CSC; other formats become CSR) stay sparse, and their implicit
    zeros count as pixels. If the learned minimum is not 0, sparse rows raise an error,
    because subtracting the minimum would make them dense.

    :meth:`transform` warns of images whose values are on another scale than those of
    the training images: if they cover a small part of the learned range or lie far
    outside it, or if dark and light are exchanged. A single faint or blank image gives
    no warning. Neither do rows of fewer than 16 numbers.

    A call that raises an error leaves the scaler as it was.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdigits.preprocessing import FlattenScaler
    >>> images = load_digits().images
    >>> images.shape, images.min(), images.max()
    ((1797, 8, 8), np.float64(0.0), np.float64(16.0))
    >>> scaler = FlattenScaler().fit(images)
    >>> scaler.data_max_
    16.0
    >>> X = scaler.transform(images)
    >>> X.shape, X.min(), X.max()
    ((1797, 64), np.float64(0.0), np.float64(1.0))
    >>> scaler.inverse_transform(X).shape
    (1797, 8, 8)
    >>> scaler.get_feature_names_out()[:9]
    array(['pixel_0_0', 'pixel_0_1', 'pixel_0_2', 'pixel_0_3', 'pixel_0_4',
           'pixel_0_5', 'pixel_0_6', 'pixel_0_7', 'pixel_1_0'], dtype=object)
    """

    _parameter_constraints: dict = {"clip": ["boolean"]}

    data_min_: float
    data_max_: float
    data_range_: float
    data_mean_: float
    data_std_: float
    image_mean_std_: float
    scale_: float
    min_: float
    image_shape_: tuple[int, ...] | None
    n_samples_seen_: int
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]

    if TYPE_CHECKING:  # inherited, and not annotated there

        def fit_transform(
            self, X: Samples, y: Any = None, **fit_params: Any
        ) -> Floats | sp.sparray | sp.spmatrix: ...

    def __init__(self, *, clip: bool = False) -> None:
        self.clip = clip

    @typed(_fit_context(prefer_skip_nested_validation=True))
    def fit(self, X: Samples, y: Any = None) -> Self:
        """Learn the range of the images.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_pixels), \
                or array-like of shape (n_samples, height, width[, 1])
            The training images, of numbers or booleans.

        y : None
            Ignored.

        Returns
        -------
        self : FlattenScaler
            The fitted scaler.
        """
        return self._learn(X, first=True)

    @typed(_fit_context(prefer_skip_nested_validation=True))
    def partial_fit(self, X: Samples, y: Any = None) -> Self:
        """Extend the learned range to more images.

        Use it for training images that do not fit into memory at once. Calls may mix
        rows and images; `image_shape_` is that of the first call.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_pixels), \
                or array-like of shape (n_samples, height, width[, 1])
            Some of the training images.

        y : None
            Ignored.

        Returns
        -------
        self : FlattenScaler
            The fitted scaler.
        """
        return self._learn(X, first=not hasattr(self, "n_samples_seen_"))

    def transform(self, X: Samples) -> Floats | sp.sparray | sp.spmatrix:
        """Flatten and scale images.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_pixels), \
                or array-like of shape (n_samples, height, width[, 1])
            Images of the fitted size, or rows of as many pixels.

        Returns
        -------
        X_scaled : {ndarray, sparse matrix} of shape (n_samples, n_pixels)
            The scaled rows, float32 or float64. Always new memory.

        Warns
        -----
        UserWarning
            If the values of `X` are on another scale than the training images.
        """
        check_is_fitted(self)
        X = self._validate(X)
        scaled = self._on_values(self._scale, X)
        values = scaled.data if sp.issparse(X) else scaled
        size, scale = math.prod(X.shape), self._learned_scale()
        if not has_usual_moments(
            values, size, scale, self.data_min_, self.data_range_ or 1.0
        ):
            warn_of_another_scale(X, scale, self)
        if self.clip:
            np.clip(values, 0, 1, out=values)
        return scaled

    def inverse_transform(self, X: Samples) -> Floats | sp.sparray | sp.spmatrix:
        """Restore the range of scaled rows, and their shape as images.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_pixels), \
                or array-like of shape (n_samples, height, width[, 1])
            Scaled images.

        Returns
        -------
        X_original : ndarray of shape (n_samples, height, width[, 1]), \
                or {ndarray, sparse matrix} of shape (n_samples, n_pixels)
            The images, in their shape if the scaler was fitted on images and `X` is
            not sparse. The values are floats that equal the original ones to
            rounding, so bytes come back with ``.round().astype(np.uint8)``.
        """
        check_is_fitted(self)
        rows, image_shape = flatten_images(X)
        check_image_shape(rows, image_shape, self.image_shape_, estimator=self)
        # As in scikit-learn's scalers, names are not compared: transform names the
        # columns of a dataframe after its output.
        values = check_array(rows, input_name="X", estimator=self, **_ACCEPTS)
        check_numbers(values)
        if values.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {values.shape[1]} features, but {type(self).__name__} is "
                f"expecting {self.n_features_in_} features as input."
            )
        values = self._on_values(self._unscale, values)
        if self.image_shape_ is None or sp.issparse(values):
            return values
        return values.reshape(-1, *self.image_shape_)

    def get_feature_names_out(
        self, input_features: ArrayLike | None = None
    ) -> NDArray[np.object_]:
        """Get the names of the pixels.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Names to use. They must be `feature_names_in_` where that is defined.

        Returns
        -------
        feature_names_out : ndarray of str objects
            In this order: `input_features`, `feature_names_in_`, ``pixel_r_c`` for
            row r and column c of the images, taken to be square if the scaler was
            fitted on rows, and ``x0``, ``x1``... if rows are no square.
        """
        names = super().get_feature_names_out(input_features)
        if input_features is not None or hasattr(self, "feature_names_in_"):
            return names
        size = image_size(self.n_features_in_, self.image_shape_)
        return names if size is None else pixel_names(*size)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _learn(self, X, *, first):
        # Everything that can raise an error comes before the first attribute is set
        if first:
            rows, image_shape = flatten_images(X)
            values = check_array(rows, input_name="X", estimator=self, **_ACCEPTS)
            check_numbers(values)
            values = _canonical(values)
        else:
            values = self._validate(X)
        scale = learn_scale(values)
        if not first:
            scale = merge_scales(self._learned_scale(), scale)
        low, high = scale.low, scale.high
        if math.isinf(high - low):
            raise ValueError(
                f"The range of X, {low} to {high}, is too wide for float64."
            )

        if first:
            validate_data(self, rows, skip_check_array=True)
            self.image_shape_ = image_shape
        self.n_samples_seen_ = scale.n_samples
        self.data_min_ = low
        self.data_max_ = high
        self.data_mean_ = scale.mean
        self.data_std_ = scale.std
        self.image_mean_std_ = scale.std_of_means
        self.data_range_ = high - low
        self.scale_ = 1 / (self.data_range_ or 1.0)
        self.min_ = -low * self.scale_
        return self

    def _learned_scale(self):
        return PixelScale(
            self.n_samples_seen_,
            self.data_min_,
            self.data_max_,
            self.data_mean_,
            self.data_std_,
            self.image_mean_std_,
        )

    def _validate(self, X):
        rows, image_shape = flatten_images(X)
        check_image_shape(rows, image_shape, self.image_shape_, estimator=self)
        values = validate_data(self, rows, reset=False, **_ACCEPTS)
        check_numbers(values)
        return _canonical(values)

    def _on_values(self, function, X):
        """Apply a function to the values that are there, dense or sparse."""
        if not sp.issparse(X):
            return function(X)
        if self.data_min_ != 0:
            raise ValueError(
                f"Cannot scale sparse X: the learned minimum is {self.data_min_}, and "
                "shifting by it would make the zeros nonzero. Pass X.toarray() instead."
            )
        # Copies, so that changing one matrix does not change the other
        parts = function(X.data), X.indices.copy(), X.indptr.copy()
        return type(X)(parts, shape=X.shape)

    def _scale(self, X):
        dtype, working = self._types(X.dtype)
        span = self.data_range_ or 1.0
        # Dividing, not multiplying by `scale_`: the largest value is then 1, exactly
        if self.data_min_ == 0:
            scaled = np.divide(X, span, dtype=working)
        else:
            scaled = np.subtract(X, self.data_min_, dtype=working)
            scaled /= span
        return scaled.astype(dtype, copy=False)

    def _unscale(self, X):
        dtype, working = self._types(X.dtype)
        values = np.multiply(X, self.data_range_ or 1.0, dtype=working)
        values += self.data_min_
        return values.astype(dtype, copy=False)

    def _types(self, given):
        """Float type of the result, and float type to compute it in."""
        wide = given.kind == "f" and given.itemsize > 4
        dtype = np.dtype(np.float64 if wide else np.float32)
        # float32 cannot distinguish neighbouring integers above a billion, and the
        # widest ranges become infinite, the narrowest zero.
        roomy = max(abs(self.data_min_), abs(self.data_max_)) <= _EXACT_IN_FLOAT32
        roomy = roomy and (self.data_range_ or 1.0) >= np.finfo(np.float32).tiny
        return dtype, dtype if roomy else np.dtype(np.float64)


def _canonical(X):
    """Sum what a sparse matrix holds for one place; scipy would do so in place."""
    if sp.issparse(X) and not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X

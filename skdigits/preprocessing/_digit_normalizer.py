"""DigitNormalizer: pictures of digits to images like MNIST's."""

from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from skdigits._utils.containers import as_numbers, check_numbers
from skdigits._utils.doc_link import DocLinkMixin
from skdigits._utils.images import as_images, pixel_names
from skdigits._utils.pictures import (
    check_finite,
    dtype_of_grey,
    read_pictures,
    to_grey,
)
from skdigits._utils.sklearn_private import Interval, StrOptions
from skdigits._utils.stored_state import StoredStateMixin
from skdigits._utils.types import Pictures
from skdigits.preprocessing._placement import (
    bounding_box,
    centre,
    deskew,
    even_out_thickness,
    scale,
)
from skdigits.preprocessing._strokes import find_strokes

# Pictures are looked at so many pixels at a time: what that takes stays small
_PIXELS_AT_A_TIME = 500_000

# Pictures are made smaller by whole factors, as long as their longer side has so many
# pixels: those of a digit are enough
_LONGEST = 512

# Bytes become integers where pictures are made smaller, so many levels for each of
# theirs, so that what averaging gains is kept
_LEVELS_GAINED = {np.dtype(bool): 65535, np.dtype("u1"): 257, np.dtype("i1"): 255}

# Of a picture's largest value: what varies by less is rounding
_LEAST_RANGE = 1e-6

# What a picture is, from step to step
STAGES = (
    "raw",
    "background removed",
    "upright",
    "cropped",
    "scaled",
    "evened",
    "centred",
)


class DigitNormalizer(DocLinkMixin, StoredStateMixin, TransformerMixin, BaseEstimator):
    """Convert pictures of single digits to the form of MNIST's images.

    MNIST's makers prepared all digits in the same way [1]_: light strokes on black,
    scaled to fit into 20 x 20 pixels, and centred by mass in 28 x 28 pixels. A network
    that was trained on MNIST recognises only such digits. This transformer prepares
    any picture of a digit in that way. Put it first in the pipeline. MNIST's own images
    hardly change, so that training with or without it makes no difference.

    Each picture is processed by itself, in these steps, which
    :class:`~skdigits.NormalizationDisplay` shows:

    1. Colours become grey. Uneven light, noise and small specks are removed. Dark
       strokes become light.
    2. The picture is cropped to the strokes.
    3. The strokes are scaled to fit into `inner_size` x `inner_size` pixels, with
       anti-aliasing and the same ratio of width to height.
    4. Strokes get the thickness of MNIST's. A thick bar becomes narrower, and so does a
       single thick stroke that fills a square.
    5. The strokes are centred by mass in `size` x `size` pixels.

    With `deskew`, the strokes are made upright before they are cropped.

    Parameters
    ----------
    size : int, default=28
        Height and width of the result, in pixels.

    inner_size : int, default=20
        Height or width of the digit in it, whichever is larger, in pixels. At most
        `size`.

    invert : bool or "auto", default="auto"
        Whether pictures have dark strokes on a light background and must be inverted.
        "auto" decides for each picture: the background covers most of the corners and
        edges or, if that is not clear, has more separate parts than the ink. Set it if
        you know it, because "auto" may be wrong for a "1" that fills its picture.

    deskew : bool, default=False
        Whether to shear digits so that they are upright, by their moments. Use the
        same value in training and prediction.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels in a row. Defined only if `X` was rows in :meth:`fit`.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the pixels. Defined only if `X` was a dataframe with columns that are
        all strings.

    See Also
    --------
    FlattenScaler : Scales pixels to the range from 0 to 1, as networks need it.
    NormalizationDisplay : Shows every step.

    Notes
    -----
    It is stateless: :meth:`fit` checks the parameters and learns nothing about digits.
    :meth:`transform` needs no fit, unless ``set_output`` asks for a dataframe. As in
    scikit-learn, :meth:`get_feature_names_out` has the names after a fit only.

    The result has whole numbers from 0 to 255. They are bytes, as in MNIST's images.
    Pictures of float32 or float64 keep their type, because it determines the float type
    of the network.

    A picture without a clear stroke, such as one of a constant value or of noise,
    becomes an image of zeros: ``~X_normalized.any(axis=1)`` finds these.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied
       to document recognition", Proceedings of the IEEE, 86(11):2278-2324, 1998,
       section III.A.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdigits import DigitNormalizer
    >>> images = load_digits().images
    >>> images.shape
    (1797, 8, 8)
    >>> X = DigitNormalizer().fit_transform(images)
    >>> X.shape, X.min(), X.max()
    ((1797, 784), np.float64(0.0), np.float64(255.0))

    Pictures may be of different sizes, in grey or in colour, in a list:

    >>> import numpy as np
    >>> photo = np.full((90, 60, 3), 200, np.uint8)  # light grey paper
    >>> photo[20:70, 25:32] = (20, 20, 120)  # a "1" in blue ink
    >>> rows = DigitNormalizer().transform([photo, images[0]])
    >>> rows.shape
    (2, 784)
    """

    _parameter_constraints: dict = {
        "size": [Interval(Integral, 1, None, closed="left")],
        "inner_size": [Interval(Integral, 1, None, closed="left")],
        "invert": ["boolean", StrOptions({"auto"})],
        "deskew": ["boolean"],
    }

    n_features_in_: int
    feature_names_in_: NDArray[np.object_]

    if TYPE_CHECKING:  # inherited, and not annotated there

        def fit_transform(
            self, X: Pictures, y: Any = None, **fit_params: Any
        ) -> NDArray[Any]: ...

    def __init__(
        self,
        *,
        size: int = 28,
        inner_size: int = 20,
        invert: bool | Literal["auto"] = "auto",
        deskew: bool = False,
    ) -> None:
        self.size = size
        self.inner_size = inner_size
        self.invert = invert
        self.deskew = deskew

    def fit(self, X: Pictures, y: Any = None) -> Self:
        """Check the parameters and the pictures.

        Parameters
        ----------
        X : array-like of shape (n_samples, height, width[, n_channels]), list of \
                array-like, or {array-like, dataframe} of shape (n_samples, n_pixels)
            As in :meth:`transform`.

        y : None
            Ignored.

        Returns
        -------
        self : DigitNormalizer
            The transformer, ready to use, as it was before.
        """
        self._read(X, reset=True)
        # The name that scikit-learn's transformers give it; set by fit alone
        self._n_features_out = self.size**2
        return self

    def transform(self, X: Pictures) -> NDArray[Any]:
        """Convert pictures to the form of MNIST's images.

        Parameters
        ----------
        X : array-like of shape (n_samples, height, width[, n_channels]), list of \
                array-like, or {array-like, dataframe} of shape (n_samples, n_pixels)
            Pictures of a digit each, of integers, floats or booleans. One channel is
            grey, two are grey and opacity, three are red, green and blue, four are
            these and opacity. A list may hold pictures of different sizes, types and
            numbers of channels, Pillow images, and paths of picture files. Rows are
            square images or, if their number of pixels is not a square number, images
            of height 1. After a :meth:`fit`, they must have as many pixels as the
            images there.

        Returns
        -------
        X_normalized : ndarray of shape (n_samples, size * size)
            Whole numbers from 0 to 255: uint8, or float32 or float64 if `X` is.

        Raises
        ------
        FileNotFoundError
            If there is no such file. The message has the index of the picture.

        ValueError
            If `X` is not as described, a file is not a picture, or a picture is empty
            or has NaN or infinity. The message has the index of the picture.
        """
        groups = self._read(X, reset=False)
        n_samples = sum(len(indices) for indices, _ in groups)
        given = np.result_type(*(images.dtype for _, images in groups))
        # Bytes take a quarter of the memory, and fractions of a grey level make no
        # difference to what is read right. Floats stay floats, as scikit-learn's checks
        # ask of a transformer by default.
        dtype = given if given in (np.float32, np.float64) else np.uint8
        normalized = np.zeros((n_samples, self.size, self.size), dtype)
        for index, *_, image in self._stages(groups):
            np.rint(255 * image, out=normalized[index], casting="unsafe")
        return normalized.reshape(n_samples, -1)

    def get_feature_names_out(
        self, input_features: ArrayLike | None = None
    ) -> NDArray[np.object_]:
        """Get the names of the pixels.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Ignored, because each pixel of the result depends on many.

        Returns
        -------
        feature_names_out : ndarray of str
            ``pixel_r_c`` for the pixel in row r and column c.
        """
        check_is_fitted(self, "_n_features_out")
        return pixel_names(self.size, self.size)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _read(self, X, *, reset):
        """Return pictures, those of one shape and type stacked, and their indices.

        Everything that can raise comes before the first attribute changes.
        """
        self._validate_params()
        if self.inner_size > self.size:
            raise ValueError(
                f"inner_size must be at most size, which is {self.size}. Got "
                f"{self.inner_size}."
            )
        X = as_numbers(X)
        groups = read_pictures(X, then=_shrink)
        is_rows = groups is None
        if is_rows:
            # Whose message on NaN would not have the index
            rows = check_array(
                X,
                input_name="X",
                estimator=self,
                dtype="numeric",
                ensure_all_finite=False,
            )
            check_numbers(rows)
            if not reset:
                self._check_width(rows)
            groups = [(np.arange(len(rows)), rows)]
        groups = [
            (indices, check_finite(images, (f"X[{i}]" for i in indices)))
            for indices, images in groups
        ]
        groups = [
            (indices, as_images(images) if images.ndim == 2 else images)
            for indices, images in groups
        ]
        sizes = {images.shape[1] * images.shape[2] for _, images in groups}
        groups = [
            (indices, np.stack([_shrink(image) for image in images]))
            if max(images.shape[1:3]) >= 2 * _LONGEST
            else (indices, images)
            for indices, images in groups
        ]
        if is_rows:
            validate_data(self, X, reset=reset, skip_check_array=True)
        elif reset:
            # Of an earlier fit, on rows
            vars(self).pop("n_features_in_", None)
            vars(self).pop("feature_names_in_", None)
        if reset:
            # Of the images at fit; None if they were rows, 0 if of several sizes
            self._n_pixels = None if is_rows else sizes.pop() if len(sizes) == 1 else 0
        return groups

    def _check_width(self, rows):
        """Raise if, after a fit on images, an array may be one of them."""
        n_pixels = getattr(self, "_n_pixels", None)
        if n_pixels in (None, rows.shape[1]):
            return
        expected = f"{n_pixels} features as input" if n_pixels else "images"
        raise ValueError(
            f"X has {rows.shape[1]} features, but {type(self).__name__} is expecting "
            f"{expected}, since it was fitted on images. If X is a single image, pass "
            "[X]."
        )

    def _stages(self, groups):
        """Yield the index of each picture, and what it is after each step."""
        for indices, images in groups:
            at_a_time = max(1, _PIXELS_AT_A_TIME // images[0].size)
            for start in range(0, len(indices), at_a_time):
                part = slice(start, start + at_a_time)
                grey = to_grey(images[part])
                found = find_strokes(_stretch(grey), self.invert)
                for index, *one in zip(indices[part], grey, *found, strict=True):
                    yield index, *self._place(*one)

    def _place(self, grey, strokes, outline):
        if not strokes.any():
            nothing = np.zeros((1, 1), strokes.dtype)
            return grey, strokes, strokes, *[nothing] * 3, centre(nothing, self.size)
        found = strokes
        if self.deskew:
            strokes, outline = deskew(strokes, outline)
        left, top, right, bottom = box = bounding_box(outline, self.inner_size)
        cropped = strokes[
            int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))
        ]
        scaled = scale(strokes, box, self.inner_size)
        evened = even_out_thickness(strokes, box, scaled, self.inner_size)
        centred = centre(evened, self.size)
        return grey, found, strokes, cropped, scaled, evened, centred


def normalization_stages(normalizer, X):
    """Return what each picture is after each step.

    Parameters
    ----------
    normalizer : DigitNormalizer
        Fitted.

    X : array-like
        As in :meth:`DigitNormalizer.transform`.

    Returns
    -------
    stages : list of dict of str to ndarray of shape (height, width)
        The keys are those in `STAGES`, "upright" only with `deskew`. All but "raw" are
        from about 0 to 1.
    """
    stages = {
        index: dict(zip(STAGES, images, strict=True))
        for index, *images in normalizer._stages(normalizer._read(X, reset=False))
    }
    if not normalizer.deskew:
        for images in stages.values():
            del images["upright"]
    return [stages[index] for index in sorted(stages)]


def _shrink(image):
    """Make a large picture grey and smaller, by averaging over squares of pixels."""
    step = max(image.shape[:2]) // _LONGEST
    if step < 2:
        return image
    (grey,) = to_grey(image[np.newaxis])
    height, width = (max(1, size // step) for size in grey.shape)
    rows, columns = min(step, grey.shape[0]), min(step, grey.shape[1])
    # Divided first, since the sum of the largest floats is infinite
    parts = grey[: height * rows, : width * columns].astype(
        dtype_of_grey(image.dtype)
    ) / (rows * columns)
    small = parts.reshape(height, rows, width, columns).sum(axis=(1, 3))
    if image.dtype.kind == "f":
        return small.astype(image.dtype)
    if image.dtype in _LEVELS_GAINED:
        kind = np.int16 if image.dtype == np.int8 else np.uint16
        return np.rint(_LEVELS_GAINED[image.dtype] * small).astype(kind)
    # The largest integers round to floats that are out of the type's range
    return np.rint((1 - 2**-53) * small).astype(image.dtype)


def _stretch(images):
    """Scale each image to the range from 0 to 1, as float32, in new memory."""
    # Halves, lest the range of the widest be infinite
    halves = images.astype(np.float64) / 2
    darkest = halves.min(axis=(1, 2), keepdims=True)
    lightest = halves.max(axis=(1, 2), keepdims=True)
    largest = np.maximum(np.abs(darkest), np.abs(lightest))
    varied = lightest - darkest > np.maximum(
        _LEAST_RANGE * largest, np.finfo(np.float64).tiny
    )
    halves -= darkest
    halves /= np.where(varied, lightest - darkest, np.inf)
    return halves.astype(np.float32)

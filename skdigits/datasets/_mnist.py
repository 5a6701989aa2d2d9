"""The MNIST data set."""

import hashlib
from importlib.resources import files
from io import BytesIO
from typing import Any, Literal, overload

import numpy as np
from sklearn.utils import Bunch

from skdigits._utils.images import pixel_names
from skdigits._utils.sklearn_private import (
    StrOptions,
    check_pandas_support,
    validate_params,
)

_DATA_FILE = files("skdigits.datasets") / "data" / "mnist.npz"
_DATA_SHA256 = "06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64"
_DESCR_FILE = files("skdigits.datasets") / "descr" / "mnist.rst"

# The file's arrays are x_train, y_train, x_test and y_test.
_PARTS = {"train": ["train"], "test": ["test"], "all": ["train", "test"]}


class _DataSet(Bunch):
    """A Bunch whose text has the shapes, and not the names of 784 pixels."""

    def __repr__(self):
        shapes = {
            name: f"{type(value).__name__} of shape {value.shape}"
            for name, value in self.items()
            if hasattr(value, "shape") and name != "target_names"
        }
        lines = [f"{name:7} {shape}" for name, shape in shapes.items()]
        others = ", ".join(name for name in self if name not in shapes)
        return "\n".join(["MNIST, handwritten digits", *lines, f"and {others}"])


@overload
def load_mnist(  # numpydoc ignore=GL08
    subset: Literal["train", "test", "all"] = ...,
    *,
    return_X_y: Literal[False] = ...,
    as_frame: bool = ...,
) -> Bunch: ...


@overload
def load_mnist(  # numpydoc ignore=GL08
    subset: Literal["train", "test", "all"] = ...,
    *,
    return_X_y: Literal[True],
    as_frame: bool = ...,
) -> tuple[Any, Any]: ...


@validate_params(
    {
        "subset": [StrOptions({"train", "test", "all"})],
        "return_X_y": ["boolean"],
        "as_frame": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_mnist(
    subset: Literal["train", "test", "all"] = "train",
    *,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Bunch | tuple[Any, Any]:
    """Load MNIST, the classic data set of handwritten digits.

    The images are part of the package: nothing is downloaded.

    =================   ===============
    Classes                          10
    Training images               60000
    Test images                   10000
    Dimensionality       784 (28 by 28)
    Features             integers 0-255
    =================   ===============

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        The images to load: the 60,000 training images, the 10,000 test images,
        or the training images followed by the test images.

    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.

    as_frame : bool, default=False
        If True, `data` is a pandas DataFrame with one column for each pixel,
        and `target` a pandas Series.

    Returns
    -------
    mnist : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        data : {ndarray, DataFrame} of shape (n_samples, 784) and dtype uint8
            The images, flattened row by row.
        target : {ndarray, Series} of shape (n_samples,) and dtype int64
            The digit that each image shows.
        images : ndarray of shape (n_samples, 28, 28) and dtype uint8
            The images, ink as high values; a view of `data` where that is
            an array.
        feature_names : list of str
            The names of the pixels, ``"pixel_0_0"`` to ``"pixel_27_27"``, row
            before column.
        target_names : ndarray of shape (10,)
            The digits 0 to 9.
        frame : DataFrame of shape (n_samples, 785) or None
            `data` and `target` in one, if `as_frame` is True.
        DESCR : str
            The description of the data set, with its licence and citation.

    (data, target) : tuple
        If `return_X_y` is True.

    Raises
    ------
    OSError
        If the package's data file is damaged, or missing (FileNotFoundError).

    Notes
    -----
    Each call reads the file anew, so the arrays are the caller's to modify.

    Examples
    --------
    >>> from skdigits.datasets import load_mnist
    >>> mnist = load_mnist("test")
    >>> mnist
    MNIST, handwritten digits
    data    ndarray of shape (10000, 784)
    target  ndarray of shape (10000,)
    images  ndarray of shape (10000, 28, 28)
    and frame, feature_names, target_names, DESCR
    >>> mnist.target[:10]
    array([7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
    """
    images, target = _read_mnist(_PARTS[subset])
    data = images.reshape(len(images), -1)
    feature_names = list(pixel_names(*images.shape[1:]))

    frame = None
    if as_frame:
        pd = check_pandas_support("load_mnist with as_frame=True")
        frame = pd.DataFrame(data, columns=feature_names).assign(target=target)
        data, target = frame[feature_names], frame["target"]

    if return_X_y:
        return data, target
    return _DataSet(
        data=data,
        target=target,
        frame=frame,
        feature_names=feature_names,
        target_names=np.arange(10),
        images=images,
        DESCR=_DESCR_FILE.read_text(encoding="utf-8"),
    )


def _read_mnist(parts):
    """Return the images and labels of the given parts, one after the other."""
    content = _read_verified()
    with np.load(BytesIO(content), allow_pickle=False) as arrays:
        images = [arrays[f"x_{part}"] for part in parts]
        labels = [arrays[f"y_{part}"] for part in parts]
    return np.concatenate(images), np.concatenate(labels).astype(np.int64)


def _read_verified():
    """Return the data file's bytes, certain to be those that were released."""
    mend = "Reinstall skdigits to restore it."
    try:
        content = _DATA_FILE.read_bytes()
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"The MNIST data file is missing: {_DATA_FILE}. {mend}"
        ) from error
    # Hashing takes a hundredth of the time of unpacking, and finds any damage:
    # truncation, changed bytes, other arrays than the expected ones.
    if hashlib.sha256(content).hexdigest() != _DATA_SHA256:
        raise OSError(f"The MNIST data file is damaged: {_DATA_FILE}. {mend}")
    return content

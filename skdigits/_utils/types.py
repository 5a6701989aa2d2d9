"""Types of public signatures, and how they pass through decorators."""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage
else:
    PillowImage = Any  # since Pillow is not needed to predict

# Rows, or images of one size
Samples: TypeAlias = ArrayLike | sparse.sparray | sparse.spmatrix

# A file of a picture, one of Pillow's images or pixels
Picture: TypeAlias = str | PathLike[str] | PillowImage | ArrayLike

# Pictures that may differ in size
Pictures: TypeAlias = ArrayLike | Sequence[Picture]

Floats: TypeAlias = NDArray[np.floating[Any]]

P = ParamSpec("P")
R = TypeVar("R")


def typed(decorator: Any) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator, known to type checkers to keep the signature of a method.

    scikit-learn's are not annotated: what they decorate would be of type Any.
    """
    return decorator

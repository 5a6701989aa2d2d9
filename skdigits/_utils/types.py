"""Types of public signatures."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

# Rows, or images of one size
Samples: TypeAlias = ArrayLike | sparse.sparray | sparse.spmatrix

# Pictures that may differ in size
Pictures: TypeAlias = ArrayLike | Sequence[ArrayLike]

Floats: TypeAlias = NDArray[np.floating[Any]]

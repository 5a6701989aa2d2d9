"""Arrays of every type, shape and layout in memory, for hypothesis."""

import tempfile

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

DTYPES = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
    hnp.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
)
SHAPES = st.one_of(
    hnp.array_shapes(min_dims=2, max_dims=3, max_side=5),
    hnp.array_shapes(min_dims=3, max_dims=3, max_side=5).map(lambda s: (*s, 1)),
)


def read_only(X):
    X = X.copy()
    X.flags.writeable = False
    return X


def memory_mapped(X):
    with tempfile.TemporaryFile() as file:
        mapped = np.memmap(file, X.dtype, shape=X.shape)
        mapped[...] = X
    mapped.flags.writeable = False
    return mapped


LAYOUTS = {
    "C": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "reversed": lambda X: np.flip(np.flip(X).copy()),
    "every other": lambda X: np.repeat(X, 2, axis=-1)[..., ::2],
    "transposed": lambda X: np.moveaxis(np.moveaxis(X, 0, -1).copy(), -1, 0),
    "read-only": read_only,
    "memory-mapped": memory_mapped,
    "repeated, of no memory": lambda X: np.broadcast_to(X[:1], X.shape),
    "list": lambda X: X.tolist(),
    "list of arrays": list,
    "tuple of arrays": tuple,
}


@st.composite
def arrays(draw):
    dtype = draw(DTYPES)
    elements = None
    if dtype.kind == "f":
        # Full ranges have tests of their own. Here scikit-learn's search for infinity
        # sums the values, and warns if sums of both signs overflow on the way.
        limit = float(np.finfo(dtype).max) / 256
        elements = st.floats(-limit, limit, width=8 * dtype.itemsize)
    return draw(hnp.arrays(dtype, draw(SHAPES), elements=elements))


def nullable(X):
    """A dataframe of pandas's own types, which have room for missing values."""
    name = X.dtype.name.replace("int", "Int").replace("uI", "UI")
    name = name.replace("float", "Float").replace("bool", "boolean")
    return pd.DataFrame(X).astype(name)

"""The training data as blocks of equally large batches."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

# Rows are copied into blocks of about this many bytes: enough that handing one over
# costs nothing beside the training on it, and little beside the data.
_BLOCK_BYTES = 2**25

# Of TensorFlow's own memory
_ALIGNMENT = 64


def steps_per_epoch(n_samples, batch_size):
    """Count the batches of an epoch, a last short one included."""
    return math.ceil(n_samples / batch_size)


@dataclass(frozen=True)
class BlockShape:
    """Steps in a block, and rows in a step."""

    n_steps: int
    n_rows: int

    @classmethod
    def suited_to(cls, X, batch_size):
        """Choose the shape for a data set.

        Blocks that are not full are filled up with rows of weight zero. Powers of two
        give data sets of about the same size the same shape, and so the same network.
        """
        n_samples, n_features = X.shape
        n_rows = min(batch_size, _power_of_two_from(n_samples))
        n_steps = _power_of_two_from(steps_per_epoch(n_samples, batch_size))
        step_bytes = n_rows * n_features * X.dtype.itemsize
        return cls(max(1, min(n_steps, _BLOCK_BYTES // step_bytes)), n_rows)


@dataclass(frozen=True)
class Block:
    """Some consecutive steps of an epoch; `X`, `y`, `sample_weight` are by step."""

    X: np.ndarray
    y: np.ndarray
    sample_weight: np.ndarray
    first_step: int
    n_steps: int


class Batches:
    """A training set, to be gone through in blocks, epoch after epoch.

    Parameters
    ----------
    X : {ndarray, csr_array} of shape (n_samples, n_features)

    y : ndarray of int of shape (n_samples,)

    sample_weight : ndarray of shape (n_samples,)

    batch_size : int

    shape : BlockShape
    """

    def __init__(self, X, y, sample_weight, batch_size, shape):
        self.data = X, y, sample_weight
        self.shape = shape
        self.n_samples = len(y)
        self.n_steps = steps_per_epoch(self.n_samples, batch_size)
        rows = (shape.n_steps, shape.n_rows)
        self.X = _aligned_zeros((*rows, X.shape[1]), X.dtype)
        self.y = np.zeros(rows, np.int32)
        self.sample_weight = np.zeros(rows, X.dtype)

    def blocks(self, order, augment=None):
        """Yield the blocks of an epoch, each valid until the next.

        Parameters
        ----------
        order : ndarray of int of shape (n_samples,)
            In which the rows come.

        augment : callable, default=None
            Given rows, returns the rows to train on instead.
        """
        X, y, sample_weight = self.data
        for first_step in range(0, self.n_steps, self.shape.n_steps):
            start = first_step * self.shape.n_rows
            taken = order[start : start + self.y.size]
            rows = self.X.reshape(-1, X.shape[1])[: taken.size]
            if sparse.issparse(X):
                X[taken].toarray(out=rows)
            else:
                # mode="raise" would go through a buffer of its own
                np.take(X, taken, axis=0, out=rows, mode="clip")
            if augment is not None:
                rows[:] = augment(rows)
            _fill(self.y, y[taken])
            _fill(self.sample_weight, sample_weight[taken])
            n_steps = min(self.shape.n_steps, self.n_steps - first_step)
            yield Block(self.X, self.y, self.sample_weight, first_step, n_steps)


def _fill(block, values):
    flat = block.reshape(-1)
    flat[: values.size] = values
    flat[values.size :] = 0


def _aligned_zeros(shape, dtype):
    """Return zeros whose memory TensorFlow can take as it is."""
    n_bytes = math.prod(shape) * dtype.itemsize
    memory = np.zeros(n_bytes + _ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % _ALIGNMENT
    return memory[start : start + n_bytes].view(dtype).reshape(shape)


def _power_of_two_from(n):
    return 1 << (n - 1).bit_length()

"""The training data as blocks of equally large batches."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

# Rows are copied into blocks of about this many bytes: enough that handing one over
# costs nothing beside the training on it, and little beside the data.
_BLOCK_BYTES = 2**25

# After these many, a call costs nothing beside the steps, however few their numbers
_MOST_STEPS = 256

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
    def suited_to(cls, X, batch_size, epochs):
        """Choose the shape for a training.

        Trainings of many steps have the same shape, and so the same network, whatever
        the number of samples. In others, powers of two leave few shapes: steps that are
        not taken are left out, and rows of weight zero fill up a small batch.
        """
        n_samples, n_features = X.shape
        n_rows = min(batch_size, _power_of_two_from(n_samples))
        n_steps = _power_of_two_from(steps_per_epoch(n_samples, batch_size) * epochs)
        step_bytes = n_rows * n_features * X.dtype.itemsize
        most_steps = max(1, min(_MOST_STEPS, _BLOCK_BYTES // step_bytes))
        return cls(min(n_steps, most_steps), n_rows)


@dataclass(frozen=True)
class Epoch:
    """How an epoch goes through the data.

    Attributes
    ----------
    order : ndarray of int of shape (n_samples,)
        In which the rows come.

    augment : callable or None
        Given rows, returns the rows to train on instead.

    draw_mask : callable or None
        Fills an array of shape (n_steps, n_dropout_units), for consecutive steps.
    """

    order: np.ndarray
    augment: Callable | None = None
    draw_mask: Callable | None = None


@dataclass(frozen=True)
class Block:
    """Some consecutive steps; the arrays are by step.

    `first_step` is counted from the first step of the first epoch.
    """

    X: np.ndarray
    y: np.ndarray
    sample_weight: np.ndarray
    dropout_mask: np.ndarray
    first_step: int
    n_steps: int


class Batches:
    """A training set, to be gone through in blocks of steps, epoch after epoch.

    Parameters
    ----------
    X : {ndarray, csr_array} of shape (n_samples, n_features)

    y : ndarray of int of shape (n_samples,)

    sample_weight : ndarray of shape (n_samples,)

    batch_size : int

    shape : BlockShape

    n_dropout_units : int, default=0
        Units that a step may drop.
    """

    def __init__(self, X, y, sample_weight, batch_size, shape, n_dropout_units=0):
        self.data = X, y, sample_weight
        self.shape = shape
        self.n_samples = len(y)
        self.n_steps = steps_per_epoch(self.n_samples, batch_size)
        rows = (shape.n_steps, shape.n_rows)
        self.X = _aligned_zeros((*rows, X.shape[1]), X.dtype)
        self.y = np.zeros(rows, np.int32)
        self.sample_weight = np.zeros(rows, X.dtype)
        self.dropout_mask = np.ones((shape.n_steps, n_dropout_units), X.dtype)

    def blocks(self, epochs):
        """Yield the blocks of consecutive epochs, each valid until the next.

        Parameters
        ----------
        epochs : sequence of Epoch
            If several, they must fit into one block together.
        """
        if len(epochs) > 1:
            for number, epoch in enumerate(epochs):
                self._fill(epoch, 0, self.n_steps, number * self.n_steps)
            yield self._block(0, len(epochs) * self.n_steps)
            return
        for first_step in range(0, self.n_steps, self.shape.n_steps):
            n_steps = min(self.shape.n_steps, self.n_steps - first_step)
            self._fill(epochs[0], first_step, n_steps, 0)
            yield self._block(first_step, n_steps)

    def _block(self, first_step, n_steps):
        arrays = self.X, self.y, self.sample_weight, self.dropout_mask
        return Block(*arrays, first_step, n_steps)

    def _fill(self, epoch, first_step, n_steps, place):
        """Copy steps of an epoch to a place in the block."""
        X, y, sample_weight = self.data
        n_rows = self.shape.n_rows
        taken = epoch.order[first_step * n_rows :][: n_steps * n_rows]
        room = slice(place * n_rows, (place + n_steps) * n_rows)
        rows = self.X.reshape(-1, X.shape[1])[room][: taken.size]
        if sparse.issparse(X):
            X[taken].toarray(out=rows)
        else:
            # mode="raise" would go through a buffer of its own
            np.take(X, taken, axis=0, out=rows, mode="clip")
        if epoch.augment is not None:
            rows[:] = epoch.augment(rows)
        for block, values in ((self.y, y), (self.sample_weight, sample_weight)):
            part = block.reshape(-1)[room]
            part[: taken.size] = values[taken]
            part[taken.size :] = 0
        if self.dropout_mask.size:
            epoch.draw_mask(self.dropout_mask[place : place + n_steps])


def _power_of_two_from(n):
    return 1 << (n - 1).bit_length()


def _aligned_zeros(shape, dtype):
    """Return zeros whose memory TensorFlow can take as it is."""
    n_bytes = math.prod(shape) * dtype.itemsize
    memory = np.zeros(n_bytes + _ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % _ALIGNMENT
    return memory[start : start + n_bytes].view(dtype).reshape(shape)

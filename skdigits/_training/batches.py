"""The training data as blocks of equally large batches."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle

import numpy as np
from scipy import sparse

# Rows are copied into blocks of about this many bytes: enough that handing one over
# costs nothing beside the training on it, and little beside the data.
_BLOCK_BYTES = 2**24

# More steps per call no longer save time
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

    A thread prepares the next block meanwhile: training leaves a core idle at times.

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
        # One to train on, one to fill
        self._memory = cycle(
            [_zeros(shape, X.shape[1], n_dropout_units, X.dtype) for _ in range(2)]
        )

    def blocks(self, epochs, draw):
        """Yield the blocks of consecutive epochs, each valid until the next.

        Parameters
        ----------
        epochs : sequence of int
            As many as fit go into a block.

        draw : callable
            Given a number of `epochs`, returns its Epoch.
        """
        filled = self._filled(epochs, draw)
        if len(epochs) * self.n_steps <= self.shape.n_steps:
            # There is nothing to do meanwhile, and the thread would take a millisecond
            yield from filled
            return
        with ThreadPoolExecutor(1) as thread:
            upcoming = thread.submit(next, filled, None)
            while (block := upcoming.result()) is not None:
                upcoming = thread.submit(next, filled, None)
                yield block

    def _filled(self, epochs, draw):
        # Several that fit into a block, or one that takes several blocks
        at_once = max(1, self.shape.n_steps // self.n_steps)
        first_step = 0
        for first in range(0, len(epochs), at_once):
            several = [draw(epoch) for epoch in epochs[first : first + at_once]]
            for start in range(0, self.n_steps, self.shape.n_steps):
                steps = range(self.n_steps)[start : start + self.shape.n_steps]
                arrays = next(self._memory)
                for number, epoch in enumerate(several):
                    self._fill(arrays, number * len(steps), epoch, steps)
                n_steps = len(several) * len(steps)
                yield Block(*arrays, first_step, n_steps)
                first_step += n_steps

    def _fill(self, arrays, place, epoch, steps):
        """Copy steps of an epoch to a place in the arrays of a block."""
        n_rows = self.shape.n_rows
        taken = epoch.order[steps.start * n_rows : steps.stop * n_rows]
        room = slice(place * n_rows, (place + len(steps)) * n_rows)
        X, y, sample_weight = self.data
        block_X, block_y, block_weight, dropout_mask = arrays
        rows = block_X.reshape(-1, X.shape[1])[room][: taken.size]
        if sparse.issparse(X):
            X[taken].toarray(out=rows)
        else:
            # mode="raise" would go through a buffer of its own
            np.take(X, taken, axis=0, out=rows, mode="clip")
        if epoch.augment is not None:
            rows[:] = epoch.augment(rows)
        for block, values in ((block_y, y), (block_weight, sample_weight)):
            part = block.reshape(-1)[room]
            part[: taken.size] = values[taken]
            part[taken.size :] = 0
        if dropout_mask.size:
            epoch.draw_mask(dropout_mask[place : place + len(steps)])


def _zeros(shape, n_features, n_dropout_units, dtype):
    """Return arrays for a block of that shape."""
    rows = (shape.n_steps, shape.n_rows)
    return (
        _aligned_zeros((*rows, n_features), dtype),
        np.zeros(rows, np.int32),
        np.zeros(rows, dtype),
        np.ones((shape.n_steps, n_dropout_units), dtype),
    )


def _power_of_two_from(n):
    return 1 << (n - 1).bit_length()


def _aligned_zeros(shape, dtype):
    """Return zeros whose memory TensorFlow can take as it is."""
    n_bytes = math.prod(shape) * dtype.itemsize
    memory = np.zeros(n_bytes + _ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % _ALIGNMENT
    return memory[start : start + n_bytes].view(dtype).reshape(shape)

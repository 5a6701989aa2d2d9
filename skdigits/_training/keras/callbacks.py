"""Keras's callbacks: what they are told, and what they may leave behind."""

import pickle
from contextlib import contextmanager

import keras
import numpy as np

from skdigits._training.schedules import rate_is_scheduled

# Those whose work is to set the learning rate
_RATE_SETTERS = (
    keras.callbacks.LearningRateScheduler,
    keras.callbacks.ReduceLROnPlateau,
)


def check_callbacks(callbacks, learning_rate_schedule):
    """Return Keras callbacks as a list, or say what is wrong with them.

    Parameters
    ----------
    callbacks : object
        The classifier's parameter.

    learning_rate_schedule : str
        What the coming training follows.
    """
    if callbacks is None:
        return []
    if not isinstance(callbacks, list | tuple):
        callbacks = [callbacks]
    for callback in callbacks:
        if not isinstance(callback, keras.callbacks.Callback):
            raise TypeError(
                "The 'callbacks' parameter must be None or a list of instances of "
                f"keras.callbacks.Callback. Got {callback!r} instead. scikit-learn's "
                "callbacks are for set_callbacks."
            )
        if isinstance(callback, _RATE_SETTERS) and learning_rate_schedule != "constant":
            raise ValueError(rate_is_scheduled(learning_rate_schedule))
    return list(callbacks)


def build_metrics(model):
    """Let a compiled model know its metrics, as callbacks that watch one ask.

    Keras builds them in the first step of its own training.
    """
    (features,) = model.input_shape[1:]
    rows = np.zeros((1, features), model.dtype)
    model.compute_metrics(rows, np.zeros(1, np.int32), model(rows))
    model.reset_metrics()


class EpochLogs(keras.callbacks.Callback):
    """Keeps what was logged in the last epoch, other callbacks' additions included.

    To be the last of the callbacks. Keras gives them all one dictionary, which is a
    copy of that of the training.
    """

    def on_epoch_end(self, epoch, logs=None):
        """Take the dictionary."""
        self.logs = logs


@contextmanager
def copyable_afterwards(callbacks):
    """Take from callbacks, after a training, what could not be copied with them.

    Callbacks are a parameter of the classifier, which is cloned, copied and pickled.
    Keras leaves open files, modules and the model in some of them.
    """
    before = [dict(vars(callback)) for callback in callbacks]
    try:
        yield
    finally:
        for callback, attributes in zip(callbacks, before, strict=True):
            callback._model = None
            for name, value in list(vars(callback).items()):
                is_new = name not in attributes or value is not attributes[name]
                if is_new and not _can_be_copied(value):
                    if name in attributes:
                        setattr(callback, name, attributes[name])
                    else:
                        delattr(callback, name)


def _can_be_copied(value):
    if isinstance(value, str | int | float | np.ndarray | None):
        return True
    # Without a copy: one of TensorFlow's context takes its caches along when it goes
    try:
        pickle.dumps(value)
    except Exception:  # whatever the value's class raises
        return False
    return True

"""Import Keras, and start its backend: quietly, and on a share of the cores."""

import os
from importlib.util import find_spec

from skdigits._training.keras import backends
from skdigits._training.keras.process import (
    interruptions_deferred,
    startup_messages_dropped,
)

# Another backend of Keras's says itself what it lacks
_needed = ["keras"]
if os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow":
    _needed.append("tensorflow")
_missing = [name for name in _needed if not find_spec(name)]
if _missing:
    raise ModuleNotFoundError(
        "fit, partial_fit and model_ need Keras and TensorFlow; predicting does not. "
        f"Not installed: {', '.join(_missing)}. To install: "
        f"pip install {' '.join(_missing)}"
    )

with interruptions_deferred(), startup_messages_dropped():
    import keras

    backend = backends.load(keras.config.backend())
    backend.start()

_IMPORTED_IN = os.getpid()


def check_process():
    """Raise in a process forked from the one in which the backend was started."""
    if os.getpid() != _IMPORTED_IN:
        raise RuntimeError(
            f"Keras's backend, {keras.config.backend()}, was started before this "
            "process was forked and cannot run in it. To fit in parallel, use joblib's "
            "'loky' backend, or multiprocessing's 'spawn' or 'forkserver'. Predicting "
            "does work in a forked process."
        )


def check_context():
    """Raise where a network cannot be trained, and say where it can."""
    check_process()
    obstacle = "a keras.StatelessScope" if _in_stateless_scope() else backend.obstacle()
    if obstacle:
        raise RuntimeError(
            f"A classifier cannot be fitted inside {obstacle}: its network has "
            "variables and a compiled training loop of its own, on one device. Call "
            "fit outside of it."
        )


def _in_stateless_scope():
    try:
        from keras.src.backend.common.stateless_scope import in_stateless_scope
    except ImportError:  # private: without it, Keras's own error has to do
        return False
    return in_stateless_scope()

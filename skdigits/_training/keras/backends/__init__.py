"""How each of Keras's backends trains: what Keras does not do the same for all.

A module a backend, all with the same five functions:

``start()``
    Get the backend going, on this process's share of the cores.

``compiling_pays(n_steps, n_weights)``
    Whether a training of so many steps is worth the time of compiling it.

``precision(dtype)``
    A context in which numbers of that float type are not shortened.

``to_array(variable)``
    The value of a Keras variable as a NumPy array of its own.

``compile_block(network)``
    Return a function that trains a network for a block of steps: given X, y,
    sample_weight and learning rates by step, and the number of steps to take, it
    returns the sums over all samples of loss and hits.
"""

from importlib import import_module

NAMES = ("jax", "tensorflow", "torch")


def load(name):
    """Import the module of a backend by Keras's name for it."""
    if name not in NAMES:
        raise ImportError(
            f"skdigits trains with Keras's backends {', '.join(NAMES)}. Got the "
            f"backend {name!r}: set KERAS_BACKEND to one of these, or to nothing."
        )
    return import_module(f"{__name__}._{name}")

"""How each of Keras's backends trains: what Keras does not do the same for all.

One module per backend, all with the same functions:

``start()``
    Get the backend going, on this process's share of the cores.

``compiling_pays(n_steps, n_weights)``
    Whether a training of so many steps is worth the time of compiling it.

``obstacle()``
    What surrounds the call, in words, if nothing can be trained inside it, else None.

``precision(dtype)``
    A context in which numbers of that float type are not shortened.

``to_array(variable)``
    The value of a Keras variable as a NumPy array of its own.

``assign(variable, array)``
    Set the value of a Keras variable.

``compile_block(network)``
    Return a function that trains a network for a block of steps. Given, by step, X, y,
    sample_weight, masks of dropout and learning rates, and then the label smoothing and
    the number of steps to take, it returns the sums of loss and hits over the samples
    of each step, as an array of shape (n_steps, 2). What is in it of steps that were
    not taken means nothing.
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

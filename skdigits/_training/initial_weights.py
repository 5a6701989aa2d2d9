"""The weights that a training starts from."""

from itertools import pairwise

import numpy as np

from skdigits._network.activations import ACTIVATIONS


def initial_weights(units, activation, dtype, seed):
    """Draw the weights of each layer; the biases are zero.

    Parameters
    ----------
    units : sequence of int
        Of each layer, the input and the output included.

    activation : str
        Of the hidden layers, whose row of the table has the rule.

    dtype : dtype

    seed : int

    Returns
    -------
    weights : list of ndarray
        Kernel and bias of each layer in turn.
    """
    rng = np.random.default_rng(seed)
    variance = ACTIVATIONS[activation].variance
    weights = []
    for n_in, n_out in pairwise(units):
        if variance is None:
            bound = np.sqrt(6 / (n_in + n_out))
            kernel = rng.uniform(-bound, bound, size=(n_in, n_out))
        else:
            deviation = np.sqrt(variance / n_in)
            kernel = rng.normal(scale=deviation, size=(n_in, n_out))
        weights += [kernel.astype(dtype), np.zeros(n_out, dtype)]
    return weights

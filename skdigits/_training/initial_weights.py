"""The weights that a training starts from."""

from itertools import pairwise

import numpy as np

# Variance of the weights, times the number of inputs: He et al. (2015) for the
# rectifiers, Klambauer et al. (2017) for selu
_VARIANCE = {
    **dict.fromkeys(("relu", "leaky_relu", "elu", "gelu", "silu"), 2.0),
    "selu": 1.0,
}


def initial_weights(units, activation, dtype, seed):
    """Draw the weights of each layer; the biases are zero.

    Parameters
    ----------
    units : sequence of int
        Of each layer, the input and the output included.

    activation : str
        Of the hidden layers. For those without a rule of their own, that of Glorot and
        Bengio (2010).

    dtype : dtype

    seed : int

    Returns
    -------
    weights : list of ndarray
        Kernel and bias of each layer in turn.
    """
    rng = np.random.default_rng(seed)
    weights = []
    for n_in, n_out in pairwise(units):
        if activation in _VARIANCE:
            deviation = np.sqrt(_VARIANCE[activation] / n_in)
            kernel = rng.normal(scale=deviation, size=(n_in, n_out))
        else:
            bound = np.sqrt(6 / (n_in + n_out))
            kernel = rng.uniform(-bound, bound, size=(n_in, n_out))
        weights += [kernel.astype(dtype), np.zeros(n_out, dtype)]
    return weights

"""The trained network as NumPy arrays: the forward pass, and its gradient."""

import numpy as np
from scipy.special import erf, expit


def _relu(x):
    return np.maximum(x, 0, out=x)


def _elu(x):
    negative = x < 0
    x[negative] = np.expm1(x[negative])
    return x


def _gelu(x):
    x *= 0.5 * (1 + erf(x / np.sqrt(x.dtype.type(2))))
    return x


def _leaky_relu(x):
    # The slope that Keras's activation of this name has
    np.multiply(x, x.dtype.type(0.2), out=x, where=x < 0)
    return x


def _selu(x):
    # Klambauer et al. (2017), "Self-normalizing neural networks": alpha and scale
    negative = x < 0
    x[negative] = 1.6732632423543772 * np.expm1(x[negative])
    x *= x.dtype.type(1.0507009873554805)
    return x


def _silu(x):
    x *= expit(x)
    return x


def _gelu_derivative(x):
    root = np.sqrt(x.dtype.type(2))
    density = np.exp(-0.5 * x * x) / x.dtype.type(np.sqrt(2 * np.pi))
    return 0.5 * (1 + erf(x / root)) + x * density


def _logistic_derivative(x):
    # Not p * (1 - p), which loses its digits where p rounds to 1
    return expit(x) * expit(-x)


def _selu_derivative(x):
    below = 1.6732632423543772 * np.exp(np.minimum(x, 0))
    return x.dtype.type(1.0507009873554805) * np.where(x < 0, below, 1).astype(x.dtype)


def _silu_derivative(x):
    return expit(x) + x * _logistic_derivative(x)


# Each may overwrite its argument, which is the network's own scratch. The names are
# scikit-learn's where MLPClassifier has the function, else Keras's.
ACTIVATIONS = {
    "identity": lambda x: x,
    "logistic": lambda x: expit(x, out=x),
    "tanh": lambda x: np.tanh(x, out=x),
    "relu": _relu,
    "elu": _elu,
    "gelu": _gelu,
    "leaky_relu": _leaky_relu,
    "selu": _selu,
    "silu": _silu,
}

# By the same names. Where a function has a kink, that of the right-hand side, other
# than relu's, which is 0 as in Keras.
DERIVATIVES = {
    "identity": np.ones_like,
    "logistic": _logistic_derivative,
    "tanh": lambda x: 1 - np.tanh(x) ** 2,
    "relu": lambda x: (x > 0).astype(x.dtype),
    "elu": lambda x: np.exp(np.minimum(x, 0)),
    "gelu": _gelu_derivative,
    "leaky_relu": lambda x: np.where(x < 0, 0.2, 1).astype(x.dtype),
    "selu": _selu_derivative,
    "silu": _silu_derivative,
}


def logits(X, coefs, intercepts, activation):
    """Compute the last layer's sums, before the softmax.

    Parameters
    ----------
    X : {ndarray, sparse matrix} of shape (n_samples, n_features)
        Samples, of the same float type as the weights.

    coefs, intercepts : list of ndarray
        Weights and biases by layer, as in scikit-learn's ``MLPClassifier``.

    activation : str
        A key of `ACTIVATIONS`, the function between the layers.

    Returns
    -------
    logits : ndarray of shape (n_samples, n_outputs)
    """
    activate = ACTIVATIONS[activation]
    last = len(coefs) - 1
    for layer, (coef, intercept) in enumerate(zip(coefs, intercepts, strict=True)):
        X = X @ coef
        X += intercept
        if layer != last:
            X = activate(X)
    return X


def forward(X, coefs, intercepts, activation):
    """Compute class probabilities: the softmax of :func:`logits`.

    Parameters and shapes are those of :func:`logits`; each row sums to 1.
    """
    return softmax(logits(X, coefs, intercepts, activation))


def hidden_activations(X, coefs, intercepts, activation, layer):
    """Compute what the units of a hidden layer put out.

    Parameters
    ----------
    X, coefs, intercepts, activation
        As :func:`logits` takes them.

    layer : int
        Index of the hidden layer, from 0, or from -1 for the last.

    Returns
    -------
    activations : ndarray of shape (n_samples, n_units)
    """
    activate = ACTIVATIONS[activation]
    n_layers = range(len(coefs) - 1)[layer] + 1
    for coef, intercept in zip(coefs[:n_layers], intercepts[:n_layers], strict=True):
        X = X @ coef
        X += intercept
        X = activate(X)
    return X


def input_gradients(X, coefs, intercepts, activation, class_numbers):
    """Compute how fast a logit of each sample rises with each of its features.

    Parameters
    ----------
    X, coefs, intercepts, activation
        As :func:`logits` takes them.

    class_numbers : array-like of int of shape (n_samples,)
        Whose logit, for each sample: a column of what :func:`logits` returns.

    Returns
    -------
    gradients : ndarray of shape (n_samples, n_features)
        Of the float type of the weights.
    """
    activate, derivative = ACTIVATIONS[activation], DERIVATIVES[activation]
    slopes = []
    for coef, intercept in zip(coefs[:-1], intercepts[:-1], strict=True):
        X = X @ coef
        X += intercept
        slopes.append(derivative(X))
        X = activate(X)
    gradients = coefs[-1].T[class_numbers]
    for coef, slope in zip(coefs[-2::-1], reversed(slopes), strict=True):
        gradients = (gradients * slope) @ coef.T
    return gradients


def softmax(logits):
    """Turn logits into probabilities, in place.

    A few times as fast as SciPy's on a single row, where its general array handling
    takes longer than the arithmetic.
    """
    logits -= logits.max(axis=1, keepdims=True)
    probabilities = np.exp(logits, out=logits)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return probabilities

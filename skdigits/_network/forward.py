"""The trained network as NumPy arrays: the forward pass, and its gradient."""

import numpy as np

from skdigits._network.activations import ACTIVATIONS


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
    X = _through_hidden(X, coefs[:-1], intercepts[:-1], activation)
    X = X @ coefs[-1]
    X += intercepts[-1]
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
    n_layers = range(len(coefs) - 1)[layer] + 1
    return _through_hidden(X, coefs[:n_layers], intercepts[:n_layers], activation)


def _through_hidden(X, coefs, intercepts, activation):
    activate = ACTIVATIONS[activation].function
    for coef, intercept in zip(coefs, intercepts, strict=True):
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
    row = ACTIVATIONS[activation]
    slopes = []
    for coef, intercept in zip(coefs[:-1], intercepts[:-1], strict=True):
        X = X @ coef
        X += intercept
        slopes.append(row.derivative(X))
        X = row.function(X)
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

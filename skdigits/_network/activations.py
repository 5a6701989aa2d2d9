"""The functions of the hidden layers: one table, and what its rows are made of.

A new function is a row of `ACTIVATIONS`, and everything takes it from there: the
parameter, the initial weights, Keras, predicting, gradients, ONNX and the tests.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import erf, expit

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805


@dataclass(frozen=True)
class Activation:
    """A row of the table.

    Attributes
    ----------
    function : callable
        Of an array. It may overwrite its argument, which is the network's own scratch.

    derivative : callable
        Of an array, which it leaves alone. Where the function has a kink, that of the
        right-hand side, other than relu's, which is 0 as in Keras.

    onnx : callable
        ``onnx(graph, x, number)`` adds the operations to a graph of
        ``skdigits.onnx`` and returns the name of the result. ``number`` is the
        network's float type. onnxruntime has some operators, such as Elu, in float32
        alone; others have to stand in for those.

    keras : str
        Its name in ``keras.activations``. `MLPDigitClassifier` takes it too.

    variance : float or None
        Variance of the initial weights, times the number of inputs: 2 for the
        rectifiers (He et al., 2015), 1 for selu (Klambauer et al., 2017). None for
        the uniform distribution of Glorot and Bengio (2010).

    aliases : tuple of str
        Further names.
    """

    function: Callable
    derivative: Callable
    onnx: Callable
    keras: str
    variance: float | None = None
    aliases: tuple = ()


def _logistic_derivative(x):
    # Not p * (1 - p), which loses its digits where p rounds to 1
    return expit(x) * expit(-x)


def _elu(x):
    negative = x < 0
    x[negative] = np.expm1(x[negative])
    return x


def _elu_onnx(graph, x, number, alpha=1):
    negative = graph.node("Min", x, graph.constant(number(0)))
    grown = graph.node("Exp", negative)
    bent = graph.node("Sub", grown, graph.constant(number(1)))
    if alpha != 1:
        bent = graph.node("Mul", bent, graph.constant(number(alpha)))
    return graph.node("Add", graph.node("Relu", x), bent)


def _gelu(x):
    x *= 0.5 * (1 + erf(x / np.sqrt(x.dtype.type(2))))
    return x


def _gelu_derivative(x):
    root = np.sqrt(x.dtype.type(2))
    density = np.exp(-0.5 * x * x) / x.dtype.type(np.sqrt(2 * np.pi))
    return 0.5 * (1 + erf(x / root)) + x * density


def _gelu_onnx(graph, x, number):
    root = graph.constant(number(np.sqrt(2)))
    # onnxruntime has no other than float32's
    scaled = graph.cast(graph.node("Div", x, root), np.float32)
    erf = graph.cast(graph.node("Erf", scaled), number)
    share = graph.node("Add", erf, graph.constant(number(1)))
    half = graph.node("Mul", x, graph.constant(number(0.5)))
    return graph.node("Mul", half, share)


def _leaky_relu(x):
    # The slope that Keras's activation of this name has
    np.multiply(x, x.dtype.type(0.2), out=x, where=x < 0)
    return x


def _leaky_relu_onnx(graph, x, number):
    return graph.node("Max", x, graph.node("Mul", x, graph.constant(number(0.2))))


def _mish_parts(x):
    """Return ``n = exp(x)`` and ``p = n * (n + 2)``.

    In these, the tanh(softplus(x)) of mish is p / (p + 2).
    """
    # From 20 on, it is 1 in either float type
    growth = np.exp(np.minimum(x, 20))
    return growth, growth * (growth + 2)


def _mish(x):
    _, product = _mish_parts(x)
    x *= product / (product + 2)
    return x


def _mish_derivative(x):
    growth, product = _mish_parts(x)
    slope = 4 * growth / (product + 2) * ((growth + 1) / (product + 2))
    return product / (product + 2) + x * slope


def _mish_onnx(graph, x, number):
    two = graph.constant(number(2))
    growth = graph.node("Exp", graph.node("Min", x, graph.constant(number(20))))
    product = graph.node("Mul", growth, graph.node("Add", growth, two))
    factor = graph.node("Div", product, graph.node("Add", product, two))
    return graph.node("Mul", x, factor)


def _selu(x):
    negative = x < 0
    x[negative] = _SELU_ALPHA * np.expm1(x[negative])
    x *= x.dtype.type(_SELU_SCALE)
    return x


def _selu_derivative(x):
    below = _SELU_ALPHA * np.exp(np.minimum(x, 0))
    return x.dtype.type(_SELU_SCALE) * np.where(x < 0, below, 1).astype(x.dtype)


def _selu_onnx(graph, x, number):
    bent = _elu_onnx(graph, x, number, alpha=_SELU_ALPHA)
    return graph.node("Mul", bent, graph.constant(number(_SELU_SCALE)))


def _silu(x):
    x *= expit(x)
    return x


def _silu_derivative(x):
    return expit(x) + x * _logistic_derivative(x)


def _silu_onnx(graph, x, number):
    # Not x * sigmoid(x): onnxruntime makes QuickGelu of that, and 1.28 and older have
    # none in float64
    growth = graph.node("Exp", graph.node("Neg", x))
    divisor = graph.node("Add", graph.constant(number(1)), growth)
    return graph.node("Div", x, divisor)


# The names are scikit-learn's where MLPClassifier has the function, else Keras's; the
# definitions are Keras's.
ACTIVATIONS = {
    "identity": Activation(
        lambda x: x, np.ones_like, lambda graph, x, number: x, keras="linear"
    ),
    "logistic": Activation(
        lambda x: expit(x, out=x),
        _logistic_derivative,
        lambda graph, x, number: graph.node("Sigmoid", x),
        keras="sigmoid",
    ),
    "tanh": Activation(
        lambda x: np.tanh(x, out=x),
        lambda x: 1 - np.tanh(x) ** 2,
        lambda graph, x, number: graph.node("Tanh", x),
        keras="tanh",
    ),
    "relu": Activation(
        lambda x: np.maximum(x, 0, out=x),
        lambda x: (x > 0).astype(x.dtype),
        lambda graph, x, number: graph.node("Relu", x),
        keras="relu",
        variance=2.0,
    ),
    "elu": Activation(
        _elu, lambda x: np.exp(np.minimum(x, 0)), _elu_onnx, keras="elu", variance=2.0
    ),
    "gelu": Activation(_gelu, _gelu_derivative, _gelu_onnx, keras="gelu", variance=2.0),
    "leaky_relu": Activation(
        _leaky_relu,
        lambda x: np.where(x < 0, 0.2, 1).astype(x.dtype),
        _leaky_relu_onnx,
        keras="leaky_relu",
        variance=2.0,
    ),
    "mish": Activation(_mish, _mish_derivative, _mish_onnx, keras="mish", variance=2.0),
    "selu": Activation(_selu, _selu_derivative, _selu_onnx, keras="selu", variance=1.0),
    "silu": Activation(
        _silu,
        _silu_derivative,
        _silu_onnx,
        keras="silu",
        variance=2.0,
        aliases=("swish",),
    ),
}

# Every name that is taken, and the one in the table
NAMES = {
    taken: name
    for name, row in ACTIVATIONS.items()
    for taken in (name, row.keras, *row.aliases)
}

"""The network in NumPy: the forward pass held against Keras's, and its gradient."""

import warnings
from itertools import pairwise

import keras
import numpy as np
import pytest
import scipy.sparse as sp
from helpers import keras_output, small, tried_on
from hypothesis import given
from hypothesis import strategies as st

from skdigits._network import forward
from skdigits._network.activations import ACTIVATIONS
from skdigits._training.keras import prediction_model


def rounding(dtype, activation):
    if dtype == np.float32:
        return 1e-5
    # Keras's own layers multiply in float32 on PyTorch, and on JAX they take tanh in it
    if (backend := keras.config.backend()) == "torch":
        return 1e-5
    if backend == "jax" and activation == "tanh":
        return 1e-6
    # Keras keeps gelu's root of two and leaky_relu's slope in float32
    return 1e-7 if activation in {"gelu", "leaky_relu"} else 1e-13


def random_network(units, dtype, seed=0):
    """Kernels and biases large enough for every part of an activation to count."""
    rng = np.random.default_rng(seed)
    coefs = [
        rng.normal(scale=2 / np.sqrt(n_in), size=(n_in, n_out)).astype(dtype)
        for n_in, n_out in pairwise(units)
    ]
    return coefs, [rng.normal(size=n_out).astype(dtype) for n_out in units[1:]]


def random_rows(n_features, dtype, seed=1):
    return np.random.default_rng(seed).normal(size=(20, n_features)).astype(dtype)


def keras_forward(X, coefs, intercepts, activation):
    model = prediction_model(coefs, intercepts, activation, X.shape[1:])
    with warnings.catch_warnings():
        # Keras takes the softmax of a single class for a mistake
        warnings.filterwarnings("ignore", "[^$]*softmax over axis -1")
        return keras_output(model, X)


@pytest.mark.parametrize("units", [(7, 4), (7, 6, 4), (7, 6, 5, 4), (7, 6, 5, 6, 4)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_every_activation_is_that_of_keras_at_every_depth(activation, dtype, units):
    X, (coefs, intercepts) = random_rows(7, dtype), random_network(units, dtype)

    ours = forward.forward(X, coefs, intercepts, activation)

    assert ours.dtype == dtype
    theirs = keras_forward(X, coefs, intercepts, activation)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=rounding(dtype, activation))


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(), (6,), (6, 5), (6, 5, 6)], ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_a_classifier_predicts_what_its_keras_model_does(
    activation, dtype, sizes, mnist
):
    classifier = small(hidden_layer_sizes=sizes, activation=activation)
    classifier.fit(mnist.X_train.astype(dtype), mnist.y_train)

    ours = classifier.predict_proba(mnist.X_test.astype(dtype))

    theirs = keras_output(classifier.model_, mnist.X_test.astype(dtype))
    assert ours.dtype == theirs.dtype == dtype
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=rounding(dtype, activation))


@tried_on(15, 100)
@given(
    units=st.lists(st.integers(1, 9), min_size=2, max_size=6),
    activation=st.sampled_from(sorted(ACTIVATIONS)),
    dtype=st.sampled_from([np.float32, np.float64]),
    seed=st.integers(0, 100),
)
def test_agrees_with_keras_at_any_depth_and_width(units, activation, dtype, seed):
    X = random_rows(units[0], dtype, seed)
    coefs, intercepts = random_network(units, dtype, seed)

    ours = forward.forward(X, coefs, intercepts, activation)

    theirs = keras_forward(X, coefs, intercepts, activation)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=rounding(dtype, activation))


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_activations_are_finite_and_quiet_far_from_zero(activation):
    x = np.array([-1e4, -100, -20, 0, 20, 100, 1e4], np.float32)

    assert np.isfinite(ACTIVATIONS[activation].function(x)).all()


@pytest.mark.parametrize("units", [(7, 4), (7, 5, 4)])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_leaves_its_arguments_alone(activation, units):
    X, (coefs, intercepts) = random_rows(7, np.float32), random_network(units, "f4")
    before = [array.copy() for array in (X, *coefs, *intercepts)]

    forward.logits(X, coefs, intercepts, activation)

    for array, copy in zip((X, *coefs, *intercepts), before, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("container", [sp.csr_array, sp.csr_matrix, sp.csc_array])
def test_sparse_rows_give_what_dense_ones_give(container):
    X, (coefs, intercepts) = random_rows(7, np.float64), random_network((7, 5, 4), "f8")
    X[X < 0.5] = 0

    sparse = forward.logits(container(X), coefs, intercepts, "relu")

    assert type(sparse) is np.ndarray
    dense = forward.logits(X, coefs, intercepts, "relu")
    np.testing.assert_allclose(sparse, dense, atol=1e-14)


def test_without_a_hidden_layer_it_is_the_softmax_of_a_linear_map():
    X, (coefs, intercepts) = random_rows(7, np.float64), random_network((7, 4), "f8")

    exponentials = np.exp(X @ coefs[0] + intercepts[0])

    np.testing.assert_allclose(
        forward.forward(X, coefs, intercepts, "relu"),
        exponentials / exponentials.sum(axis=1, keepdims=True),
    )


# Gradients


def numerical_gradients(X, coefs, intercepts, activation, class_numbers, step=1e-6):
    gradients = np.empty_like(X)
    samples = np.arange(len(X))
    for feature in range(X.shape[1]):
        above, below = X.copy(), X.copy()
        above[:, feature] += step
        below[:, feature] -= step
        rise = forward.logits(above, coefs, intercepts, activation)
        rise -= forward.logits(below, coefs, intercepts, activation)
        gradients[:, feature] = rise[samples, class_numbers] / (2 * step)
    return gradients


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("units", [(7, 4), (7, 5, 4), (7, 6, 5, 4)])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_gradients_are_the_numerical_ones(activation, units, dtype):
    X, (coefs, intercepts) = random_rows(7, dtype), random_network(units, dtype)
    class_numbers = np.arange(len(X)) % 4

    gradients = forward.input_gradients(X, coefs, intercepts, activation, class_numbers)

    assert gradients.dtype == dtype
    # Differences of float32 have too few digits
    wide = [[array.astype(float) for array in arrays] for arrays in (coefs, intercepts)]
    numerical = numerical_gradients(X.astype(float), *wide, activation, class_numbers)
    atol = 1e-4 if dtype == np.float32 else 1e-7
    np.testing.assert_allclose(gradients, numerical, rtol=0, atol=atol)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_derivatives_are_finite_and_quiet_far_from_zero(activation):
    x = np.array([-1e4, -100, -20, 0, 20, 100, 1e4], np.float32)

    derivative = ACTIVATIONS[activation].derivative(x)

    assert derivative.dtype == np.float32
    assert np.isfinite(derivative).all()


def test_gradients_leave_their_arguments_alone():
    X, (coefs, intercepts) = random_rows(7, np.float32), random_network((7, 5, 4), "f4")
    before = [array.copy() for array in (X, *coefs, *intercepts)]

    forward.input_gradients(X, coefs, intercepts, "relu", [0] * len(X))

    for array, copy in zip((X, *coefs, *intercepts), before, strict=True):
        np.testing.assert_array_equal(array, copy)

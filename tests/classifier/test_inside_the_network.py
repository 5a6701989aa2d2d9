"""What the classifier tells of its inside: hidden activations and gradients."""

import keras
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from helpers import keras_output, small
from sklearn.exceptions import NotFittedError

from skdigits import load_mnist

IMAGES = (load_mnist("test").images[:50] / 255).astype(np.float32)
ROWS = IMAGES.reshape(50, -1)


@pytest.fixture(scope="module")
def trained(mnist):
    """A classifier of two hidden layers that no test may change."""
    classifier = small(hidden_layer_sizes=(16, 12), activation="elu")
    return classifier.fit(mnist.X_train.reshape(-1, 28, 28), mnist.y_train)


# A frame brings names of columns, which the classifier was fitted without
CONTAINERS = {
    "images": IMAGES,
    "images with a channel": IMAGES[..., np.newaxis],
    "list of images": list(IMAGES),
    "lists": ROWS.tolist(),
    "sparse rows": sp.csr_array(ROWS),
    "other sparse rows": sp.coo_array(ROWS),
    "float64": ROWS.astype(np.float64),
    "frame": pd.DataFrame(ROWS),
}


# Hidden activations


@pytest.mark.parametrize(("layer", "name"), [(0, "dense_1"), (1, "dense_2")])
def test_hidden_activations_are_those_of_the_layers_of_the_keras_model(
    trained, layer, name
):
    until = keras.Model(trained.model_.inputs[0], trained.model_.get_layer(name).output)

    ours = trained.hidden_activations(ROWS, layer=layer)

    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, keras_output(until, IMAGES), rtol=0, atol=1e-5)


def test_layers_are_counted_from_the_end_too(trained):
    for layer in (0, 1):
        np.testing.assert_array_equal(
            trained.hidden_activations(ROWS, layer=layer - 2),
            trained.hidden_activations(ROWS, layer=np.int64(layer)),
        )
    last = trained.hidden_activations(ROWS)
    np.testing.assert_array_equal(last, trained.hidden_activations(ROWS, layer=1))


def test_the_output_layer_goes_on_from_the_last_hidden_one(trained):
    logits = trained.hidden_activations(ROWS) @ trained.coefs_[-1]
    logits += trained.intercepts_[-1]

    labels = trained.classes_[logits.argmax(axis=1)]
    np.testing.assert_array_equal(labels, trained.predict(ROWS))


@pytest.mark.parametrize("X", CONTAINERS.values(), ids=CONTAINERS.keys())
def test_hidden_activations_take_what_predict_takes(trained, X):
    # Sparse products add up in another order
    np.testing.assert_allclose(
        trained.hidden_activations(X),
        trained.hidden_activations(ROWS),
        rtol=1e-5,
        atol=1e-5,
    )


@pytest.mark.parametrize("layer", [2, -3, 0.0, "last", None])
def test_a_layer_that_is_none_is_refused_with_those_there_are(trained, layer):
    message = f"layer must be an int from -2 to 1, .* 2 hidden layers. Got {layer!r}"
    with pytest.raises(ValueError, match=message):
        trained.hidden_activations(ROWS, layer=layer)


def test_a_network_without_hidden_layers_has_no_activations(mnist):
    classifier = small(hidden_layer_sizes=()).fit(mnist.X_train, mnist.y_train)

    with pytest.raises(ValueError, match="The network has no hidden layer"):
        classifier.hidden_activations(ROWS)


# Gradients


def gradients_of_keras(model, X, class_numbers):
    """Differences of the logits, which are the logarithms of the probabilities.

    Up to what is the same for all classes, so that two are compared.
    """
    step = 1e-6
    gradients = np.empty((len(X), X.shape[1]))
    for feature in range(X.shape[1]):
        moved = np.eye(X.shape[1])[feature] * step
        above, below = (
            np.log(keras_output(model, X + sign * moved)) for sign in (1, -1)
        )
        slope = (above - below) / (2 * step)
        gradients[:, feature] = slope[np.arange(len(X)), class_numbers] - slope[:, 0]
    return gradients


@pytest.mark.parametrize("activation", ["relu", "mish"])
def test_gradients_are_those_of_the_keras_model(activation):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 5)), np.arange(60) % 3
    classifier = small(activation=activation).fit(X, y)

    ours = classifier.input_gradients(X, y) - classifier.input_gradients(X, 0)

    expected = gradients_of_keras(classifier.model_, X, y)
    # Keras multiplies in float32 on PyTorch
    atol = 1e-6 if keras.config.backend() != "torch" else 1
    np.testing.assert_allclose(ours, expected, rtol=0, atol=atol)


def test_gradients_are_of_the_networks_float_type(trained):
    gradients = trained.input_gradients(ROWS.astype(np.float64), 3)

    assert gradients.dtype == np.float32
    assert gradients.shape == (50, 784)


@pytest.mark.parametrize("X", CONTAINERS.values(), ids=CONTAINERS.keys())
def test_gradients_take_what_predict_takes(trained, X):
    labels = trained.predict(ROWS)

    np.testing.assert_allclose(
        trained.input_gradients(X, labels),
        trained.input_gradients(ROWS, labels),
        atol=1e-6,
    )


@pytest.mark.parametrize(
    "target", [7, [7] * 50, np.full(50, 7.0), pd.Series([7] * 50)], ids=type
)
def test_one_label_is_the_label_of_every_sample(trained, target):
    np.testing.assert_array_equal(
        trained.input_gradients(ROWS, target),
        trained.input_gradients(ROWS, np.full(50, 7)),
    )


def test_gradients_are_by_label_whatever_its_kind(mnist):
    words = np.array(["even", "odd"])[mnist.y_train % 2]
    classifier = small().fit(mnist.X_train, words)

    even, odd = (classifier.input_gradients(ROWS, label) for label in ("even", "odd"))

    each = np.where(np.arange(50) % 2, "odd", "even")
    expected = np.where(np.arange(50)[:, np.newaxis] % 2, odd, even)
    np.testing.assert_array_equal(classifier.input_gradients(ROWS, each), expected)


@pytest.mark.parametrize(
    ("target", "given"),
    [(10, "10"), ("7", "'7'"), (None, "None"), ([7] * 49 + [-1], "-1")],
)
def test_a_label_that_is_unknown_is_refused_with_the_classes(trained, target, given):
    message = rf"target must be of the classes \[0, 1, .*Got .*{given}"
    with pytest.raises(ValueError, match=message):
        trained.input_gradients(ROWS, target)


@pytest.mark.parametrize("target", [[7] * 49, [7], [[7] * 50], np.eye(10)])
def test_another_number_of_labels_than_samples_is_refused(trained, target):
    message = r"target must be a label, or one for each sample, of shape \(50,\)"
    with pytest.raises(ValueError, match=message):
        trained.input_gradients(ROWS, target)


# Both


@pytest.mark.parametrize(
    ("method", "arguments"),
    [("hidden_activations", (ROWS,)), ("input_gradients", (ROWS, 3))],
)
def test_before_fit_the_error_says_to_fit(method, arguments):
    with pytest.raises(NotFittedError, match=r"not fitted yet\. Call 'fit'"):
        getattr(small(), method)(*arguments)


@pytest.mark.parametrize(
    ("method", "arguments"), [("hidden_activations", ()), ("input_gradients", (3,))]
)
def test_images_of_another_size_are_refused(trained, method, arguments):
    with pytest.raises(ValueError, match=r"images of 14 x 14 pixels, but .* 28 x 28"):
        getattr(trained, method)(IMAGES[:, ::2, ::2], *arguments)

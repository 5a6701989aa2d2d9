"""Activations: their names, and that Keras has the same function under one of them."""

import re

import keras
import numpy as np
import pytest
from helpers import same_weights, small

from skdigits import MLPDigitClassifier
from skdigits._network.activations import ACTIVATIONS, NAMES


@pytest.mark.parametrize(
    ("keras_name", "name"),
    [("sigmoid", "logistic"), ("linear", "identity"), ("swish", "silu")],
)
def test_a_name_of_keras_is_the_function_that_has_another_name(keras_name, name, mnist):
    given, expected = (
        small(activation=activation).fit(mnist.X_train, mnist.y_train)
        for activation in (keras_name, name)
    )

    assert same_weights(given, expected)
    np.testing.assert_array_equal(
        given.predict_proba(mnist.X_test), expected.predict_proba(mnist.X_test)
    )
    assert given.get_params()["activation"] == keras_name
    assert given.model_.layers[1].activation is getattr(keras.activations, keras_name)


def test_a_training_goes_on_under_the_other_name(mnist):
    expected = small(epochs=2, activation="silu").fit(mnist.X_train, mnist.y_train)
    given = small(epochs=1, activation="swish", warm_start=True)

    given.fit(mnist.X_train, mnist.y_train)
    given.set_params(activation="silu").fit(mnist.X_train, mnist.y_train)

    assert same_weights(given, expected)


def test_every_name_of_an_activation_is_in_the_error_for_another():
    with pytest.raises(ValueError, match="'activation' parameter") as raised:
        small(activation="softmax").fit([[0.0], [1.0]], [0, 1])

    assert all(repr(name) in str(raised.value) for name in NAMES)


def test_the_docstring_lists_the_activations():
    listed = re.search(r"activation : {(.*?)}", MLPDigitClassifier.__doc__, re.S)[1]

    assert set(re.findall(r'"(\w+)"', listed)) == {*ACTIVATIONS}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_name_that_keras_has_too_is_that_function_in_keras(name):
    if name not in {"identity", "logistic"}:
        function = getattr(keras.activations, ACTIVATIONS[NAMES[name]].keras)
        assert keras.activations.get(name) is function


@pytest.fixture
def custom_objects():
    """Functions of the user's, registered under names that Keras and skdigits have."""

    def constant(x):
        return 0 * x

    names = ("relu", "silu", "sigmoid", "linear", "softmax")
    with keras.saving.CustomObjectScope({name: constant for name in names}):
        yield


@pytest.mark.usefixtures("custom_objects")
@pytest.mark.parametrize("activation", ["relu", "silu", "logistic", "identity"])
def test_a_custom_object_of_the_same_name_does_not_take_its_place(activation, mnist):
    # Layers that no other test has, so that the network is built here
    classifier = small(hidden_layer_sizes=(17,), activation=activation)

    classifier.fit(mnist.X_train, mnist.y_train)

    assert classifier.loss_curve_[-1] < classifier.loss_curve_[0] < 3
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(classifier.model_(mnist.X_test)),
        classifier.predict_proba(mnist.X_test),
        rtol=0,
        atol=1e-5,
    )


def test_the_keras_model_is_stored_under_the_names_of_keras(mnist, tmp_path):
    classifier = small(activation="swish").fit(mnist.X_train, mnist.y_train)

    classifier.model_.save(tmp_path / "digits.keras")

    loaded = keras.models.load_model(tmp_path / "digits.keras")
    functions = [layer.get_config().get("activation") for layer in loaded.layers]
    assert functions[1:] == ["silu", "softmax"]
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(loaded(mnist.X_test)),
        classifier.predict_proba(mnist.X_test),
        rtol=0,
        atol=1e-5,
    )

"""The trained network as a Keras model."""

import keras

from skdigits._training.keras.network import SET_LATER, keras_activation
from skdigits._training.keras.start import backend, check_process


def prediction_model(coefs, intercepts, activation, input_shape):
    """Build the Keras model that computes what the classifier predicts.

    Parameters
    ----------
    coefs, intercepts : list of ndarray
        Weights and biases by layer.

    activation : str
        Of the hidden layers.

    input_shape : tuple of int
        Shape of a sample.

    Returns
    -------
    model : keras.Sequential
    """
    check_process()
    dtype = coefs[0].dtype.name
    functions = [keras_activation(activation)] * (len(coefs) - 1)
    functions.append(keras.activations.softmax)
    with backend.precision(dtype):
        layers = [
            keras.layers.Dense(
                intercept.size,
                function,
                dtype=dtype,
                name=f"dense_{number}",
                **SET_LATER,
            )
            for number, (intercept, function) in enumerate(
                zip(intercepts, functions, strict=True), start=1
            )
        ]
        model = keras.Sequential(
            [
                keras.Input(input_shape, dtype=dtype),
                # Or an image would be transposed where channels come first
                keras.layers.Flatten("channels_last", name="flatten", dtype=dtype),
                *layers,
            ],
            name="mlp_digit_classifier",
        )
        for layer, coef, intercept in zip(layers, coefs, intercepts, strict=True):
            layer.set_weights([coef, intercept])
    return model

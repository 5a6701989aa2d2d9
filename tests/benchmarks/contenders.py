"""skdigits and its peers, with the same network and the same training.

Dense layers of 784-128-64-10 units with ReLU, Adam at a constant rate, no
regularisation. What is slow to import is imported by the functions that need it.
"""

from importlib.util import find_spec
from itertools import pairwise

import numpy as np

SKDIGITS = "skdigits"
SCIKIT_LEARN = "scikit-learn's MLPClassifier"
SCIKERAS = "scikeras's KerasClassifier"
KERAS = "Keras alone"
SKORCH = "skorch on PyTorch"

HIDDEN_LAYER_SIZES = (128, 64)
LEARNING_RATE = 1e-3
BATCH_SIZE = 128


def skdigits_classifier(epochs, **parameters):
    from skdigits import MLPDigitClassifier

    return MLPDigitClassifier(
        **{
            "hidden_layer_sizes": HIDDEN_LAYER_SIZES,
            "batch_size": BATCH_SIZE,
            "epochs": epochs,
            "learning_rate": LEARNING_RATE,
            "learning_rate_schedule": "constant",
            "weight_decay": 0,
            "dropout": 0,
            "label_smoothing": 0,
            **parameters,
        }
    )


def scikit_learn_classifier(epochs, **parameters):
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(
        **{
            "hidden_layer_sizes": HIDDEN_LAYER_SIZES,
            "batch_size": BATCH_SIZE,
            "max_iter": epochs,
            # Or it might stop earlier than the others.
            "n_iter_no_change": epochs + 1,
            "learning_rate_init": LEARNING_RATE,
            "alpha": 0,
            **parameters,
        }
    )


def scikeras_classifier(epochs, **parameters):
    from scikeras.wrappers import KerasClassifier

    return KerasClassifier(
        keras_model_for_scikeras,
        **{
            "hidden_layer_sizes": HIDDEN_LAYER_SIZES,
            "learning_rate": LEARNING_RATE,
            "batch_size": BATCH_SIZE,
            "epochs": epochs,
            "verbose": 0,
            **parameters,
        },
    )


def keras_model_for_scikeras(hidden_layer_sizes, learning_rate, meta):
    return keras_model(
        meta["n_features_in_"], hidden_layer_sizes, meta["n_classes_"], learning_rate
    )


def keras_model(
    n_features=784,
    hidden_layer_sizes=HIDDEN_LAYER_SIZES,
    n_classes=10,
    learning_rate=LEARNING_RATE,
):
    import keras

    model = keras.Sequential(
        [
            keras.Input((n_features,)),
            *(keras.layers.Dense(units, "relu") for units in hidden_layer_sizes),
            keras.layers.Dense(n_classes, "softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="sparse_categorical_crossentropy",
    )
    return model


def fit_keras_alone(X, y, epochs):
    keras_model().fit(X, y, batch_size=BATCH_SIZE, epochs=epochs, verbose=0)


def skorch_is_installed():
    return bool(find_spec("skorch") and find_spec("torch"))


def skorch_classifier(epochs):
    import torch
    from skorch import NeuralNetClassifier

    units = (784, *HIDDEN_LAYER_SIZES)
    layers = []
    for before, after in pairwise(units):
        layers += [torch.nn.Linear(before, after), torch.nn.ReLU()]
    # Without a softmax: the criterion takes logits.
    network = torch.nn.Sequential(*layers, torch.nn.Linear(units[-1], 10))
    return NeuralNetClassifier(
        network,
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=LEARNING_RATE,
        batch_size=BATCH_SIZE,
        max_epochs=epochs,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
        callbacks__print_log=None,
    )


def training_images():
    """Load MNIST's 60,000 training images as float32 from 0 to 1, and their labels."""
    from skdigits import load_mnist

    X, y = load_mnist(return_X_y=True)
    return X / np.float32(255), y


def forget_networks():
    """Let the next fit of skdigits build and compile its network, as a first one does.

    The network that skdigits keeps for the next fit would spare it that.
    """
    import gc

    from skdigits._training.keras import training

    training.networks._idle.clear()
    gc.collect()

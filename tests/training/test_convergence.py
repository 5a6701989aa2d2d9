"""The warning of a training that came to nothing, and none of one that learnt."""

import warnings

import numpy as np
import pytest
from helpers import small, thorough_but
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from skdigits import MLPDigitClassifier

DIGITS = load_digits(return_X_y=True)
WINE = load_wine(return_X_y=True)


def warnings_of_a_fit(X, y, sample_weight=None, **parameters):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        MLPDigitClassifier(random_state=0, **parameters).fit(X, y, sample_weight)
    assert all(warning.category is ConvergenceWarning for warning in caught)
    return [str(warning.message) for warning in caught]


@pytest.mark.parametrize(
    ("parameters", "first_remedy"),
    [
        ({"learning_rate": 1.0}, r"lower learning_rate=1\.0"),
        ({"weight_decay": 200.0}, r"lower learning_rate=0\.01"),
        ({"learning_rate": 1e-7}, "lower learning_rate=1e-07"),
        ({"learning_rate": 1.0, "label_smoothing": 0.5}, r"lower learning_rate=1\.0"),
        ({"learning_rate": 1.0, "early_stopping": True}, r"lower learning_rate=1\.0"),
        ({"learning_rate": 1.0, "class_weight": "balanced"}, "lower"),
    ],
    ids=str,
)
def test_a_network_that_learnt_nothing_is_told_of(parameters, first_remedy):
    X, y = DIGITS

    with pytest.warns(ConvergenceWarning, match=f"in this order: {first_remedy}"):
        MLPDigitClassifier(epochs=20, random_state=0, **parameters).fit(X / 16, y)


def test_features_that_were_not_scaled_are_told_of():
    with pytest.warns(ConvergenceWarning, match=r"order: scale X, whose .* is 1680"):
        MLPDigitClassifier(epochs=20, random_state=0).fit(*WINE)


def test_the_warning_has_both_losses():
    message = r"loss, 2\.30.* is no better than 2\.30"
    with pytest.warns(ConvergenceWarning, match=message):
        MLPDigitClassifier(epochs=20, learning_rate=1.0).fit(DIGITS[0] / 16, DIGITS[1])


def test_features_that_tell_nothing_are_told_of():
    (message,) = warnings_of_a_fit(np.ones((50, 3)), np.arange(50) % 2)

    assert "has not converged" in message


OTHERS = [
    {"epochs": 2, "batch_size": 1000},
    {"dropout": 0.6, "epochs": 20},
    {"optimizer": "sgd", "epochs": 20},
    {"augment": "elastic", "epochs": 20},
]


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"epochs": 1},
        {"label_smoothing": 0.9, "epochs": 20},
        {"class_weight": {3: 100.0}, "epochs": 20},
        {"early_stopping": True},
        *thorough_but([], OTHERS),
    ],
    ids=str,
)
def test_a_training_that_learns_is_left_alone(parameters):
    X, y = DIGITS

    assert warnings_of_a_fit(X.reshape(-1, 8, 8) / 16, y, **parameters) == []


@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_small_tables_that_are_scaled_are_left_alone(load):
    X, y = load(return_X_y=True)

    assert warnings_of_a_fit(scale(X), y) == []


def test_rare_classes_that_are_learnt_are_left_alone():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(1000, 5)), rng.random(1000) < 0.03

    assert warnings_of_a_fit(X, y) == []


def test_a_single_class_is_left_alone():
    assert warnings_of_a_fit(np.eye(5), [7] * 5) == []


def test_weights_decide_what_chance_is():
    X = np.repeat(np.eye(2), [90, 10], axis=0)
    y = np.repeat([0, 1], [90, 10])
    weight = np.repeat([1.0, 9.0], [90, 10])

    assert warnings_of_a_fit(X, y, weight) == []
    assert len(warnings_of_a_fit(np.ones_like(X), y, weight)) == 1


def test_partial_fit_does_not_judge(mnist):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small(learning_rate=1e-9).partial_fit(
            mnist.X_train[:1], mnist.y_train[:1], classes=range(10)
        )

"""What users of scikit-learn's MLPClassifier rely on, as far as it has a meaning here.

Its own tests are the list of that. What other modules test already is not here again.
"""

import copy

import joblib
import keras
import numpy as np
import pandas as pd
import pytest
from helpers import assert_weights_close, same_weights, small, weights
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neural_network import MLPClassifier

from skdigits._network import forward
from skdigits._network.activations import ACTIVATIONS

BINARY, THREE = load_digits(n_class=2), load_digits(n_class=3)
PROBLEMS = [
    pytest.param(digits.data[:200] / 16, digits.target[:200], id=f"{n_classes} classes")
    for n_classes, digits in ((2, BINARY), (3, THREE))
]
X, Y = THREE.data[:200] / 16, THREE.target[:200]


# Gradients


def loss_of(classifier, X, y, coefs, intercepts):
    probabilities = forward.forward(X, coefs, intercepts, classifier.activation)
    return -np.log(probabilities[np.arange(len(y)), y]).mean()


def numerical_gradients(loss, arrays, step=1e-6):
    """How fast a loss rises with each number in arrays."""
    for array in arrays:
        gradient = np.empty_like(array)
        for place, value in np.ndenumerate(array):
            array[place] = value + step
            above = loss()
            array[place] = value - step
            gradient[place] = (above - loss()) / (2 * step)
            array[place] = value
        yield gradient


@pytest.mark.parametrize(
    ("activation", "n_classes"),
    [*((activation, 3) for activation in sorted(ACTIVATIONS)), ("tanh", 2)],
)
def test_a_step_of_descent_goes_along_the_gradient_of_the_loss(activation, n_classes):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(5, 4)), np.arange(5) % n_classes
    step = {"optimizer": "sgd", "weight_decay": 0, "epochs": 1, "batch_size": 8}
    classifier = small(hidden_layer_sizes=3, activation=activation, **step)
    start = copy.deepcopy(classifier).set_params(learning_rate=1e-300).fit(X, y)

    classifier.set_params(learning_rate=0.5).fit(X, y)

    gradients = numerical_gradients(
        lambda: loss_of(start, X, y, start.coefs_, start.intercepts_), weights(start)
    )
    pairs = zip(weights(start), weights(classifier), strict=True)
    for (before, after), gradient in zip(pairs, gradients, strict=True):
        # Keras keeps the constants of some activations in float32
        np.testing.assert_allclose((before - after) / 0.5, gradient, atol=1e-6)


# What it learns


@pytest.mark.thorough
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_every_activation_learns_a_few_digits(activation):
    classifier = small(activation=activation, epochs=20, learning_rate=0.01)

    classifier.fit(X[:150], Y[:150])

    predicted = classifier.predict(X[150:])
    assert classifier.score(X[:150], Y[:150]) > 0.95
    assert predicted.shape == (50,)
    assert predicted.dtype == Y.dtype


def test_without_hidden_layers_it_becomes_logistic_regression():
    # Two digits that look alike, with few pixels, so that no plane parts them
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), rng.integers(0, 3, 60)
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(X, y)

    classifier = small(
        hidden_layer_sizes=(),
        optimizer="sgd",
        weight_decay=0,
        learning_rate=2.0,
        batch_size=64,
        epochs=800,
    ).fit(X, y)

    np.testing.assert_allclose(
        classifier.predict_proba(X), model.predict_proba(X), atol=1e-5
    )


def test_float32_and_float64_predict_the_same():
    single = small(epochs=20).fit(X.astype(np.float32), Y)
    double = small(epochs=20).fit(X, Y)

    np.testing.assert_array_equal(
        single.predict(X.astype(np.float32)), double.predict(X)
    )
    np.testing.assert_allclose(
        single.predict_proba(X), double.predict_proba(X), rtol=1e-2, atol=1e-4
    )


# Probabilities


@pytest.mark.parametrize(("X", "y"), PROBLEMS)
def test_probabilities_and_their_logarithms_rank_the_classes_alike(X, y):
    classifier = small(epochs=20).fit(X, y)

    probabilities = classifier.predict_proba(X)
    logarithms = classifier.predict_log_proba(X)

    assert probabilities.shape == (200, len(np.unique(y)))
    np.testing.assert_array_equal(
        probabilities.argmax(axis=1), logarithms.argmax(axis=1)
    )
    np.testing.assert_allclose(logarithms, np.log(probabilities), rtol=1e-9)
    scores = probabilities[:, 1] if probabilities.shape[1] == 2 else probabilities
    assert roc_auc_score(y, scores, multi_class="ovr") > 0.999


# partial_fit


@pytest.mark.parametrize(("X", "y"), PROBLEMS)
def test_partial_fits_come_to_what_a_fit_comes_to(X, y):
    whole, parts = small(epochs=15).fit(X, y), small()

    for _ in range(15):
        parts.partial_fit(X, y, classes=np.unique(y))

    assert same_weights(parts, whole)
    assert parts.score(X, y) > 0.95


def test_partial_fit_meets_an_announced_class_later():
    labels = np.array(["zero", "one", "two"])[Y]
    classifier = small().partial_fit(
        X[Y < 2], labels[Y < 2], classes=["zero", "one", "two"]
    )

    for _ in range(10):
        classifier.partial_fit(X[Y == 2], labels[Y == 2])

    assert set(classifier.predict(X[Y == 2])) == {"two"}


def test_partial_fit_goes_on_from_a_file_to_new_labels(tmp_path):
    classifier = small(epochs=10).fit(X, Y)
    joblib.dump(classifier, tmp_path / "classifier.joblib")
    loaded = joblib.load(tmp_path / "classifier.joblib")
    new_labels = (Y + 1) % 3

    for _ in range(40):
        loaded.partial_fit(X, new_labels)

    assert loaded.score(X, new_labels) > 0.95
    assert classifier.score(X, Y) > 0.9


def test_partial_fit_is_as_loud_as_fit(capsys):
    small(verbose=2).partial_fit(X, Y, classes=range(3))

    assert "accuracy: " in capsys.readouterr().out


# warm_start


@pytest.mark.parametrize("epochs", [1, 3, 10])
def test_a_warm_start_trains_all_its_epochs(epochs):
    classifier = small(warm_start=True, epochs=3).fit(X, Y)

    classifier.set_params(epochs=epochs).fit(X, Y)

    # MLPClassifier's n_iter_ would be that of the last call, its loss_curve_ of both
    assert classifier.n_iter_ == len(classifier.loss_curve_) == 3 + epochs


def test_a_warm_start_keeps_the_learning_rate():
    class Rates(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.rates = []

        def on_epoch_begin(self, epoch, logs=None):
            self.rates.append(float(self.model.optimizer.learning_rate))

    recorder = Rates()
    classifier = small(
        warm_start=True, epochs=2, learning_rate=0.125, callbacks=recorder
    )

    classifier.fit(X, Y).fit(X, Y)

    assert recorder.rates == [0.125] * 4


def test_a_warm_start_needs_the_same_classes_of_other_labels_too():
    classifier = small(warm_start=True).fit(X, Y)
    fitted = copy.deepcopy(classifier)

    # As many of each as before, others; gaps; more; fewer
    for labels in (Y + 1, Y * 2, np.arange(200) % 4, np.arange(200) % 2):
        with pytest.raises(ValueError, match="warm_start=True needs the same classes"):
            classifier.fit(X, labels)
        assert same_weights(classifier, fitted)

    assert classifier.fit(X, np.arange(200) % 3).n_iter_ == 6


def test_a_warm_start_of_early_stopping_goes_on_with_its_scores():
    classifier = small(warm_start=True, early_stopping=True, epochs=3).fit(X, Y)
    before = list(classifier.validation_scores_)

    classifier.set_params(epochs=4).fit(X, Y)

    assert classifier.validation_scores_[:3] == before
    assert len(classifier.validation_scores_) == classifier.n_iter_ > 3


# Early stopping


def test_early_stopping_scores_labels_of_strings():
    labels = np.array(["zero", "one", "two"], dtype=object)[Y]
    classifier = small(early_stopping=True, epochs=10)

    classifier.fit(X, labels)

    assert len(classifier.validation_scores_) == classifier.n_iter_
    assert 0.5 < max(classifier.validation_scores_) <= 1
    assert classifier.best_validation_score_ in classifier.validation_scores_


def test_early_stopping_knows_the_names_of_features_without_warning():
    frame = pd.DataFrame(X).add_prefix("pixel_")

    classifier = small(early_stopping=True).fit(frame, pd.Series(Y, name="digit"))

    np.testing.assert_array_equal(classifier.feature_names_in_, frame.columns)


def test_early_stopping_with_weights_of_one_is_that_without_weights():
    weighted, plain = (
        small(early_stopping=True, epochs=5).fit(X, Y, sample_weight=sample_weight)
        for sample_weight in (np.ones(200), None)
    )

    assert same_weights(weighted, plain)
    assert weighted.validation_scores_ == plain.validation_scores_


def test_patience_beyond_the_epochs_never_stops_a_fit():
    classifier = small(
        early_stopping=True, epochs=12, tol=1e9, n_iter_no_change=10**9
    ).fit(X, Y)

    assert classifier.n_iter_ == 12


@pytest.mark.parametrize("n_iter_no_change", [1, 2, 5])
def test_patience_is_counted_in_epochs(n_iter_no_change):
    classifier = small(
        early_stopping=True, epochs=12, tol=1e9, n_iter_no_change=n_iter_no_change
    ).fit(X, Y)

    # The first epoch is a gain over nothing
    assert classifier.n_iter_ == n_iter_no_change + 1


def test_early_stopping_of_a_training_that_diverges_says_so():
    classifier = small(early_stopping=True).fit(X, Y)
    before = copy.deepcopy(classifier)

    classifier.set_params(optimizer="sgd", learning_rate=1e30)
    with pytest.raises(ValueError, match="The training diverged in epoch 1"):
        classifier.fit(X * 1e6, Y)

    assert same_weights(classifier, before)


# Side by side


def test_the_attributes_that_both_have_are_of_the_same_kind():
    theirs = MLPClassifier(
        (16,), max_iter=3, n_iter_no_change=3, early_stopping=True, random_state=0
    )
    with pytest.warns(match="Maximum iterations"):
        theirs.fit(X, Y)
    ours = small(early_stopping=True).fit(X, Y)

    for name in vars(theirs).keys() & vars(ours).keys():
        if name.endswith("_"):
            assert isinstance(getattr(theirs, name), type(getattr(ours, name))), name
    np.testing.assert_array_equal(ours.classes_, theirs.classes_)
    for name in ("n_features_in_", "n_layers_", "n_outputs_", "n_iter_"):
        assert getattr(ours, name) == getattr(theirs, name), name
    for one, other in zip(weights(ours), weights(theirs), strict=True):
        assert one.shape == other.shape
        assert one.dtype == other.dtype


def test_one_without_its_randomness_is_the_other():
    """Gradient descent on all samples from the same weights, in float64."""
    ours = small(
        hidden_layer_sizes=(5,),
        activation="logistic",
        optimizer="sgd",
        weight_decay=0,
        learning_rate=0.5,
        batch_size=200,
        epochs=20,
        shuffle=False,
    )
    start = copy.deepcopy(ours).set_params(learning_rate=1e-300, epochs=1).fit(X, Y)
    theirs = MLPClassifier(
        (5,),
        activation="logistic",
        solver="sgd",
        alpha=0,
        batch_size=200,
        learning_rate_init=0.5,
        momentum=0,
        shuffle=False,
        max_iter=1,
        random_state=0,
    ).partial_fit(X, Y, classes=range(3))
    # Its optimizer holds these very arrays
    for array, value in zip(weights(theirs), weights(start), strict=True):
        array[...] = value
    for _ in range(20):
        theirs.partial_fit(X, Y)

    ours.fit(X, Y)

    assert_weights_close(ours, theirs, atol=1e-6)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_[1:], rtol=1e-6)

"""What parameters that are "auto" come to, as a rule and in the classifier."""

import keras
import numpy as np
import pytest
from helpers import same_weights, small
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.datasets import load_iris, load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import minmax_scale, scale

from skdigits import MLPDigitClassifier
from skdigits._training.batches import steps_per_epoch
from skdigits._training.defaults import auto_batch_size, auto_parameters

AUTO = {
    "batch_size": "auto",
    "epochs": "auto",
    "dropout": "auto",
    "weight_decay": "auto",
}
n_samples = st.integers(1, 10**7)
batch_size = st.integers(1, 10**4)
augmented = st.booleans()


# The rule


@given(n_samples, batch_size)
def test_augmented_images_get_three_times_the_epochs(n_samples, batch_size):
    plain = auto_parameters(n_samples, batch_size, augmented=False)
    distorted = auto_parameters(n_samples, batch_size, augmented=True)

    assert distorted["epochs"] == 3 * plain["epochs"]


@given(n_samples, st.integers(0, 10**6), batch_size, augmented)
def test_more_samples_never_get_more_epochs(n_samples, more, batch_size, augmented):
    few = auto_parameters(n_samples, batch_size, augmented)
    many = auto_parameters(n_samples + more, batch_size, augmented)

    assert many["epochs"] <= few["epochs"]


@given(n_samples, batch_size)
def test_steps_rise_with_the_root_of_the_samples_from_20_epochs_on(
    n_samples, batch_size
):
    epochs = auto_parameters(n_samples, batch_size, augmented=False)["epochs"]

    n_steps = steps_per_epoch(n_samples, batch_size)
    in_batches = n_steps * min(batch_size, 128)
    by_root = 400 * (in_batches / 128) ** 0.5 / n_steps
    assert epochs == pytest.approx(max(by_root, 20), abs=0.5)


@given(n_samples)
def test_only_few_samples_that_are_not_augmented_come_in_small_batches(n_samples):
    few = 128 < n_samples <= 2000

    assert auto_batch_size(n_samples, augmented=False) == (32 if few else 128)
    assert auto_batch_size(n_samples, augmented=True) == 128


@given(st.integers(1, 128), st.integers(1, 128), augmented)
def test_samples_of_one_batch_are_trained_on_alike_however_many(one, other, augmented):
    """So that a weight of two is the sample twice."""
    size = auto_batch_size(one, augmented)

    assert size == auto_batch_size(other, augmented)
    assert auto_parameters(one, size, augmented) == auto_parameters(
        other, size, augmented
    )


@given(batch_size, st.data(), augmented)
def test_what_fits_into_one_batch_is_all_the_same(batch_size, data, augmented):
    """So that a weight of two is the sample twice."""
    n_samples = data.draw(st.integers(1, batch_size))

    few = auto_parameters(n_samples, batch_size, augmented)
    assert few == auto_parameters(batch_size, batch_size, augmented)


# The classifier


class AtOnce(keras.callbacks.Callback):
    """End a training with its first epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.model.stop_training = True


def chosen(classifier):
    return {name: getattr(classifier, f"{name}_") for name in AUTO}


def test_the_defaults_are_auto():
    parameters = clone(MLPDigitClassifier()).get_params()

    assert {name: parameters[name] for name in AUTO} == AUTO


@pytest.mark.parametrize("scaling", [scale, minmax_scale])
@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_small_tables_are_learnt(load, scaling):
    X, y = load(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        scaling(X).astype(np.float32), y, stratify=y, test_size=0.2, random_state=1
    )

    classifier = MLPDigitClassifier(random_state=0).fit(X_train, y_train)

    assert classifier.score(X_test, y_test) > 0.9


@pytest.mark.parametrize("augment", [None, "affine"])
def test_auto_is_what_the_rule_says(augment, mnist):
    classifier = small(**AUTO, augment=augment, callbacks=AtOnce())
    classifier.fit(mnist.X_train, mnist.y_train)

    batch_size = 128 if augment else 32
    rule = auto_parameters(300, batch_size, augmented=augment is not None)
    assert chosen(classifier) == {"batch_size": batch_size} | rule
    assert classifier.n_iter_ == 1


def test_auto_trains_as_the_numbers_do_that_it_comes_to(mnist):
    data = mnist.X_train[:32], mnist.y_train[:32]
    auto = small(**AUTO).fit(*data)

    assert auto.n_iter_ == auto.epochs_
    assert same_weights(auto, small(**chosen(auto)).fit(*data))


def test_samples_without_weight_do_not_count(mnist):
    weight = np.arange(300) < 100
    classifier = small(epochs="auto", callbacks=AtOnce())
    classifier.fit(mnist.X_train, mnist.y_train, weight)

    assert classifier.epochs_ == auto_parameters(100, 32, augmented=False)["epochs"]


def test_samples_held_out_do_not_count(mnist):
    classifier = small(
        epochs="auto", early_stopping=True, validation_fraction=0.9, callbacks=AtOnce()
    )
    classifier.fit(mnist.X_train, mnist.y_train)

    # In one batch, of 32
    assert classifier.epochs_ == auto_parameters(32, 32, augmented=False)["epochs"]


def test_numbers_are_taken_as_they_are(mnist):
    numbers = {"batch_size": 50, "epochs": 2, "dropout": 0.25, "weight_decay": 0.125}
    classifier = small(**numbers).fit(mnist.X_train, mnist.y_train)

    assert chosen(classifier) == numbers
    assert classifier.n_iter_ == 2


def test_partial_fit_is_one_epoch_whatever_the_epochs(mnist):
    classifier = small(**AUTO)
    classifier.partial_fit(mnist.X_train, mnist.y_train, classes=range(10))

    assert chosen(classifier) == {
        "batch_size": 32,
        "epochs": 1,
        "dropout": 0.05,
        "weight_decay": 0.2,
    }
    assert classifier.n_iter_ == 1


def test_warm_start_trains_for_as_many_epochs_again(mnist):
    classifier = small(epochs="auto", warm_start=True)
    for _ in range(2):
        classifier.fit(mnist.X_train[:32], mnist.y_train[:32])

    assert classifier.n_iter_ == 2 * classifier.epochs_


@pytest.mark.parametrize(
    ("parameters", "printed"),
    [
        (
            AUTO,
            ["300 samples, batch_size=32, epochs=63, dropout=0.05, weight_decay=0.2"],
        ),
        (
            {"weight_decay": "auto"},
            ["300 samples, batch_size=32, epochs=3, dropout=0.0, weight_decay=0.2"],
        ),
        ({}, []),
    ],
    ids=["all are auto", "one is auto", "none is auto"],
)
def test_verbose_prints_what_auto_came_to(parameters, printed, mnist, capsys):
    classifier = small(**parameters, verbose=2, callbacks=AtOnce())
    classifier.fit(mnist.X_train, mnist.y_train)

    lines = capsys.readouterr().out.splitlines()
    told = [line for line in lines if "samples" in line]
    assert told == [f"MLPDigitClassifier: {line}" for line in printed]


def test_a_training_that_diverges_names_the_weight_decay_it_had(mnist):
    classifier = small(learning_rate=1e30)

    with pytest.raises(ValueError, match=r"weight_decay=0\.2,"):
        classifier.fit(mnist.X_train, mnist.y_train)
    assert not hasattr(classifier, "weight_decay_")

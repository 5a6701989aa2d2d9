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
from skdigits._training.defaults import resolve_auto

AUTO = {
    "batch_size": "auto",
    "epochs": "auto",
    "learning_rate": "auto",
    "dropout": "auto",
    "weight_decay": "auto",
}
n_samples = st.integers(1, 10**7)
batch_size = st.integers(1, 10**4)
augmented = st.booleans()
adam_settles = st.booleans()


def rule(n_samples, augmented=False, adam_settles=True, **given):
    """What the parameters come to that are not given."""
    return resolve_auto(
        AUTO | given, n_samples, augmented=augmented, adam_settles=adam_settles
    )


# The rule


@given(n_samples, batch_size)
def test_augmented_images_get_three_times_the_epochs(n_samples, batch_size):
    data = {"n_samples": n_samples, "batch_size": batch_size, "learning_rate": 0.004}

    assert rule(**data, augmented=True)["epochs"] == 3 * rule(**data)["epochs"]


@given(n_samples, st.integers(0, 10**6), batch_size, augmented)
def test_more_samples_never_get_more_epochs(n_samples, more, batch_size, augmented):
    given = {"batch_size": batch_size, "learning_rate": 0.004, "augmented": augmented}

    assert (
        rule(n_samples + more, **given)["epochs"] <= rule(n_samples, **given)["epochs"]
    )


@given(n_samples, batch_size, augmented, adam_settles)
def test_steps_rise_with_the_root_of_the_samples_from_20_epochs_on(
    n_samples, batch_size, augmented, adam_settles
):
    numbers = rule(n_samples, augmented, adam_settles, batch_size=batch_size)

    n_steps = steps_per_epoch(n_samples, batch_size)
    at_128 = 200 if numbers["learning_rate"] == 0.01 else 400
    n_rows = n_steps * min(batch_size, 128)
    by_root = at_128 * (n_rows / 128) ** 0.5 / n_steps
    plain = numbers["epochs"] / (3 if augmented else 1)
    assert plain == pytest.approx(max(by_root, 20), abs=0.5)


@pytest.mark.parametrize(
    ("n_samples", "batch_size"),
    [(1, 64), (64, 64), (65, 32), (2048, 32), (2049, 128), (10**6, 128)],
)
def test_only_few_samples_that_are_not_augmented_come_in_small_batches(
    n_samples, batch_size
):
    assert rule(n_samples)["batch_size"] == batch_size
    assert rule(n_samples, augmented=True)["batch_size"] == 128


@given(n_samples, augmented, adam_settles, batch_size)
def test_few_samples_that_are_not_augmented_are_learnt_fast_where_adam_settles(
    n_samples, augmented, adam_settles, batch_size
):
    numbers = rule(n_samples, augmented, adam_settles, batch_size=batch_size)

    fast = n_samples <= 2048 and not augmented and adam_settles
    assert numbers["learning_rate"] == (0.01 if fast else 0.004)


@pytest.mark.parametrize(
    ("n_samples", "weight_decay"),
    [(1, 2), (64, 2), (100, 1), (250, 0.5), (1000, 0.2), (10**6, 0.2)],
)
def test_the_fewer_samples_the_more_weights_decay(n_samples, weight_decay):
    assert rule(n_samples)["weight_decay"] == weight_decay
    assert rule(n_samples, batch_size=1)["weight_decay"] <= 2
    assert rule(n_samples, adam_settles=False)["weight_decay"] == 0.2
    assert rule(60_000, batch_size=60_000)["weight_decay"] == 0.2
    assert rule(n_samples, augmented=True)["weight_decay"] == 0.05


@given(st.integers(1, 2048), st.floats(1e-5, 1))
def test_few_samples_at_a_rate_that_is_given_get_all_steps(n_samples, rate):
    epochs = rule(n_samples, learning_rate=rate)["epochs"]

    assert epochs == rule(n_samples, adam_settles=False)["epochs"]


@given(st.integers(1, 64), st.integers(1, 64), augmented, adam_settles)
def test_samples_of_one_batch_are_trained_on_alike_however_many(
    one, other, augmented, adam_settles
):
    """So that a weight of two is the sample twice."""
    assert rule(one, augmented, adam_settles) == rule(other, augmented, adam_settles)


@given(st.integers(1, 2048), st.data(), augmented, adam_settles)
def test_what_fits_into_one_batch_is_all_the_same(
    batch_size, data, augmented, adam_settles
):
    """So that a weight of two is the sample twice."""
    few = data.draw(st.integers(1, batch_size))

    assert rule(few, augmented, adam_settles, batch_size=batch_size) == rule(
        batch_size, augmented, adam_settles, batch_size=batch_size
    )


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
    classifier = small(
        **AUTO,
        augment=augment,
        learning_rate_schedule="cosine",
        callbacks=AtOnce(),
    )
    classifier.fit(mnist.X_train, mnist.y_train)

    assert chosen(classifier) == rule(300, augmented=augment is not None)
    assert classifier.n_iter_ == 1


@pytest.mark.parametrize(
    ("parameters", "rate"),
    [
        ({"optimizer": "Adam", "learning_rate_schedule": "cosine"}, 0.01),
        ({"optimizer": "sgd", "learning_rate_schedule": "cosine"}, 0.004),
        ({"optimizer": "adam", "learning_rate_schedule": "constant"}, 0.004),
    ],
    ids=str,
)
def test_the_high_rate_is_for_adam_at_a_rate_that_falls(parameters, rate, mnist):
    classifier = small(**parameters, callbacks=AtOnce())

    assert classifier.fit(mnist.X_train, mnist.y_train).learning_rate_ == rate


def test_auto_trains_as_the_numbers_do_that_it_comes_to(mnist):
    data = mnist.X_train[:32], mnist.y_train[:32]
    cosine = {"learning_rate_schedule": "cosine"}
    auto = small(**AUTO, **cosine).fit(*data)

    assert auto.n_iter_ == auto.epochs_
    assert same_weights(auto, small(**chosen(auto), **cosine).fit(*data))


def test_samples_without_weight_do_not_count(mnist):
    weight = np.arange(300) < 100
    classifier = small(epochs="auto", callbacks=AtOnce())
    classifier.fit(mnist.X_train, mnist.y_train, weight)

    assert classifier.epochs_ == rule(100, adam_settles=False, batch_size=32)["epochs"]


def test_samples_held_out_do_not_count(mnist):
    classifier = small(
        epochs="auto", early_stopping=True, validation_fraction=0.9, callbacks=AtOnce()
    )
    classifier.fit(mnist.X_train, mnist.y_train)

    # In one batch, of 32
    assert classifier.epochs_ == rule(32, adam_settles=False, batch_size=32)["epochs"]


def test_numbers_are_taken_as_they_are(mnist):
    numbers = {
        "batch_size": 50,
        "epochs": 2,
        "learning_rate": 0.0625,
        "dropout": 0.25,
        "weight_decay": 0.125,
    }
    classifier = small(**numbers).fit(mnist.X_train, mnist.y_train)

    assert chosen(classifier) == numbers
    assert classifier.n_iter_ == 2


def test_partial_fit_is_one_epoch_as_of_many_samples(mnist):
    """A part does not tell how many there are."""
    classifier = small(**AUTO, learning_rate_schedule="cosine")
    classifier.partial_fit(mnist.X_train, mnist.y_train, classes=range(10))

    assert chosen(classifier) == {
        "batch_size": 32,
        "epochs": 1,
        "learning_rate": 0.004,
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
            [
                "300 samples, batch_size=32, epochs=32, learning_rate=0.01, "
                "dropout=0.05, weight_decay=0.4"
            ],
        ),
        (
            {"weight_decay": "auto", "learning_rate": 0.002},
            [
                "300 samples, batch_size=32, epochs=3, learning_rate=0.002, "
                "dropout=0.0, weight_decay=0.4"
            ],
        ),
        ({"learning_rate": 0.002}, []),
    ],
    ids=["all are auto", "one is auto", "none is auto"],
)
def test_verbose_prints_what_auto_came_to(parameters, printed, mnist, capsys):
    classifier = small(
        **parameters, learning_rate_schedule="cosine", verbose=2, callbacks=AtOnce()
    )
    classifier.fit(mnist.X_train, mnist.y_train)

    lines = capsys.readouterr().out.splitlines()
    told = [line for line in lines if "samples" in line]
    assert told == [f"MLPDigitClassifier: {line}" for line in printed]


def test_a_training_that_diverges_names_the_weight_decay_it_had(mnist):
    classifier = small(learning_rate=1e30)

    with pytest.raises(ValueError, match=r"weight_decay=0\.2,"):
        classifier.fit(mnist.X_train, mnist.y_train)
    assert not hasattr(classifier, "weight_decay_")

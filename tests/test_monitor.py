"""Early stopping: what is held out, when a fit ends, and with which weights."""

import keras
import numpy as np
import pytest
from helpers import same_weights, small

from skdigits._training.monitor import EarlyStopping
from skdigits._training.training_set import TrainingSet


class TrainedOn:
    """A scikit-learn callback that keeps the samples a fit trains on."""

    def setup(self, estimator, context):
        self.rows = None

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None):
        self.rows, self.labels = np.asarray(X), np.asarray(y)

    def on_fit_task_end(self, estimator, context):
        pass


class WeightsByEpoch(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.weights = []

    def on_epoch_end(self, epoch, logs=None):
        self.weights.append(self.model.get_weights())


def early(**parameters):
    ordinary = {"early_stopping": True, "epochs": 40, "n_iter_no_change": 3}
    return small(**{**ordinary, **parameters})


@pytest.fixture(scope="module")
def stopped(mnist):
    return early().fit(mnist.X_train, mnist.y_train)


def held_out(mnist, trained_on):
    """Rows and labels of the samples that a fit did not train on."""
    seen = {row.tobytes() for row in trained_on.rows}
    mask = np.array([row.tobytes() not in seen for row in mnist.X_train])
    return mnist.X_train[mask], mnist.y_train[mask]


def test_a_fit_ends_when_the_validation_no_longer_improves(stopped):
    scores = stopped.validation_scores_

    assert stopped.n_iter_ == len(scores) == len(stopped.loss_curve_) < 40
    assert max(scores[-3:]) < max(scores[:-3]) + stopped.tol


def test_a_larger_gain_may_be_asked_for(mnist):
    strict = early(tol=0.5).fit(mnist.X_train, mnist.y_train)

    assert strict.n_iter_ < 8


def test_a_fit_that_keeps_gaining_takes_all_epochs(mnist):
    classifier = early(epochs=2).fit(mnist.X_train, mnist.y_train)

    assert classifier.n_iter_ == 2


def test_the_weights_are_those_of_the_best_epoch(mnist):
    by_epoch = WeightsByEpoch()
    classifier = early(callbacks=[by_epoch]).fit(mnist.X_train, mnist.y_train)

    scores = classifier.validation_scores_
    best = [epoch for epoch, score in enumerate(scores) if score == max(scores)]
    restored = [
        array
        for layer in zip(classifier.coefs_, classifier.intercepts_, strict=True)
        for array in layer
    ]
    assert any(
        all(map(np.array_equal, restored, by_epoch.weights[epoch])) for epoch in best
    )


def test_the_best_score_is_that_of_the_weights_on_the_samples_held_out(mnist):
    trained_on = TrainedOn()
    classifier = early().set_callbacks(trained_on).fit(mnist.X_train, mnist.y_train)

    X, y = held_out(mnist, trained_on)
    assert classifier.best_validation_score_ == max(classifier.validation_scores_)
    assert classifier.score(X, y) == pytest.approx(classifier.best_validation_score_)


def test_a_tenth_of_every_class_is_held_out(mnist):
    trained_on = TrainedOn()
    early(epochs=1).set_callbacks(trained_on).fit(mnist.X_train, mnist.y_train)

    _, y = held_out(mnist, trained_on)
    counts = np.bincount(y, minlength=10)
    np.testing.assert_allclose(counts, np.bincount(mnist.y_train) / 10, atol=1)


def test_the_history_has_the_validation(stopped):
    assert set(stopped.history_) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert stopped.history_["val_accuracy"] == stopped.validation_scores_
    assert all(np.isfinite(stopped.history_["val_loss"]))


def test_the_samples_held_out_do_not_depend_on_the_order(mnist):
    forth, back = TrainedOn(), TrainedOn()

    early(epochs=1).set_callbacks(forth).fit(mnist.X_train, mnist.y_train)
    early(epochs=1).set_callbacks(back).fit(mnist.X_train[::-1], mnist.y_train[::-1])

    assert {row.tobytes() for row in forth.rows} == {row.tobytes() for row in back.rows}


def test_a_copy_of_a_training_sample_is_not_held_out(mnist):
    trained_on = TrainedOn()
    twice = np.concatenate([mnist.X_train, mnist.X_train])

    early(epochs=1).set_callbacks(trained_on).fit(twice, np.tile(mnist.y_train, 2))

    _, counts = np.unique(trained_on.rows, axis=0, return_counts=True)
    assert set(counts) == {2}


def test_another_seed_holds_out_other_samples(mnist):
    one, other = TrainedOn(), TrainedOn()

    early(epochs=1).set_callbacks(one).fit(mnist.X_train, mnist.y_train)
    early(epochs=1, random_state=1).set_callbacks(other).fit(
        mnist.X_train, mnist.y_train
    )

    assert {row.tobytes() for row in one.rows} != {row.tobytes() for row in other.rows}


def test_after_going_on_the_best_score_is_still_that_of_the_weights(mnist):
    trained_on = TrainedOn()
    classifier = early(epochs=10, warm_start=True).set_callbacks(trained_on)
    classifier.fit(mnist.X_train, mnist.y_train)

    # A step so large that the network forgets what it knew
    classifier.set_params(epochs=1, learning_rate=1.0)
    classifier.fit(mnist.X_train, mnist.y_train)

    X, y = held_out(mnist, trained_on)
    assert classifier.n_iter_ == len(classifier.validation_scores_)
    assert classifier.score(X, y) == pytest.approx(classifier.best_validation_score_)


def test_a_fit_without_early_stopping_forgets_the_scores_of_one_before(mnist):
    classifier = early(epochs=2).fit(mnist.X_train, mnist.y_train)

    classifier.set_params(early_stopping=False, epochs=3)
    classifier.fit(mnist.X_train, mnist.y_train)

    assert classifier.validation_scores_ is None
    assert classifier.best_validation_score_ is None
    assert "val_loss" not in classifier.history_
    assert same_weights(classifier, small().fit(mnist.X_train, mnist.y_train))


# EarlyStopping by itself


def validation(sample_weight=None):
    """Early stopping on four samples that a network may tell apart by its bias."""
    X, y = np.eye(4, dtype=np.float32), np.array([0, 1, 1, 1])
    samples = TrainingSet.weigh(X, y, np.array([0, 1]), sample_weight, None)
    return EarlyStopping(samples, activation="relu", tol=0.05, n_iter_no_change=2)


def saying(number, certainty=1.0):
    """Weights of a network that gives every sample the same class."""
    bias = np.zeros(2, np.float32)
    bias[number] = certainty
    return [np.zeros((4, 2), np.float32), bias]


def test_the_score_is_the_weighted_accuracy():
    assert validation().validate(saying(1))["val_accuracy"] == 0.75
    weighted = validation(sample_weight=[3, 1, 1, 1])
    assert weighted.validate(saying(1))["val_accuracy"] == pytest.approx(0.5)


def test_the_loss_is_the_cross_entropy():
    logs = validation().validate(saying(1, certainty=0.0))

    assert logs["val_loss"] == pytest.approx(np.log(2))


def test_stopping_is_due_after_epochs_without_gain_in_turn():
    stopping, due = validation(), []

    for number in (0, 0, 1, 1, 0):
        stopping.validate(saying(number))
        due.append(stopping.is_due)

    assert due == [False, False, False, False, True]
    assert stopping.scores == [0.25, 0.25, 0.75, 0.75, 0.25]


def test_the_best_weights_are_those_of_the_best_score():
    stopping = validation()
    epochs = [saying(0), saying(1), saying(0)]

    for epoch in epochs:
        stopping.validate(epoch)

    assert stopping.best_weights is epochs[1]


def test_of_epochs_with_the_same_score_that_with_the_least_loss_is_best():
    stopping = validation()
    # Three of four samples are of class 1, for which a bias of log(3) is right
    epochs = [saying(1, certainty) for certainty in (0.1, 1.1, 2.0)]

    for epoch in epochs:
        stopping.validate(epoch)

    assert stopping.best_weights is epochs[1]


def test_a_lower_loss_at_the_same_score_is_a_gain():
    stopping, due = validation(), []

    for certainty in (0.1, 0.1, 1.1, 1.1, 1.1):
        stopping.validate(saying(1, certainty))
        due.append(stopping.is_due)

    assert due == [False, False, False, False, True]


class Scripted(EarlyStopping):
    """Early stopping on losses and accuracies that are given."""

    def __init__(self, tol, outcomes):
        super().__init__(None, activation="relu", tol=tol, n_iter_no_change=100)
        self.outcomes = outcomes
        for number in range(len(outcomes)):
            self.validate(number)

    def _evaluate(self, number):
        return self.outcomes[number]


def test_of_epochs_less_than_tol_apart_the_one_with_the_least_loss_is_kept():
    kept = Scripted(0.01, [(0.5, 0.980), (0.3, 0.985), (0.4, 0.989)])

    assert kept.best_epoch == 1


def test_a_falling_loss_does_not_excuse_a_falling_accuracy():
    kept = Scripted(0.01, [(0.5, 0.990), (0.4, 0.985), (0.3, 0.978), (0.2, 0.970)])

    assert kept.best_epoch == 1
    assert kept.best_score == 0.985


def test_a_gain_in_accuracy_beyond_tol_counts_whatever_the_loss():
    kept = Scripted(0.01, [(0.2, 0.90), (0.4, 0.95)])

    assert kept.best_epoch == 1

"""Early stopping: what is held out, when a fit ends, and with which weights."""

import keras
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import sklearn
from helpers import same_weights, small
from sklearn.base import clone
from sklearn.metrics import check_scoring, f1_score, make_scorer, rand_score
from sklearn.pipeline import Pipeline

from skdigits import FlattenScaler
from skdigits._training.training_set import TrainingSet
from skdigits._training.validation import Validation


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
    assert classifier.best_epoch_ == np.flatnonzero(scores == np.max(scores))[-1]
    restored = [
        array
        for layer in zip(classifier.coefs_, classifier.intercepts_, strict=True)
        for array in layer
    ]
    assert all(map(np.array_equal, restored, by_epoch.weights[classifier.best_epoch_]))


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


def test_a_table_of_few_different_rows_is_learnt_in_spite_of_early_stopping():
    X = np.random.default_rng(0).integers(0, 2, (1000, 3)).astype(np.float32)
    y = X.sum(axis=1) % 2

    classifier = early(epochs=60, n_iter_no_change=10).fit(X, y)

    assert classifier.score(X, y) == 1


@pytest.mark.parametrize("tol", [0, 1e-4, 0.02])
def test_the_best_epoch_is_the_last_one_at_most_tol_below_the_highest_score(mnist, tol):
    classifier = early(epochs=15, tol=tol, n_iter_no_change=np.inf)
    classifier.fit(mnist.X_train, mnist.y_train)

    scores = np.array(classifier.validation_scores_)
    best = np.flatnonzero(scores >= scores.max() - tol)[-1]
    assert classifier.n_iter_ == 15
    assert classifier.best_epoch_ == best
    assert classifier.best_validation_score_ == scores[best]
    assert classifier.history_["val_accuracy"][best] == scores[best]


# Curves over several fits


def test_curves_have_an_entry_for_every_epoch_whatever_fits_validated(mnist):
    classifier = early(epochs=2, warm_start=True).fit(mnist.X_train, mnist.y_train)
    classifier.set_params(early_stopping=False)
    classifier.fit(mnist.X_train, mnist.y_train)
    classifier.partial_fit(mnist.X_train, mnist.y_train)
    classifier.set_params(early_stopping=True, scoring="balanced_accuracy")
    classifier.fit(mnist.X_train, mnist.y_train)

    frame = pd.DataFrame(classifier.history_)
    assert len(frame) == classifier.n_iter_ == 7
    validated = [True, True, False, False, False, True, True]
    assert frame["val_loss"].notna().tolist() == validated
    assert frame["val_score"].notna().tolist() == [False] * 5 + [True] * 2
    np.testing.assert_array_equal(np.isfinite(classifier.validation_scores_), validated)
    assert classifier.best_epoch_ >= 5


def test_after_a_fit_without_early_stopping_there_is_no_best_epoch(mnist):
    classifier = early(epochs=2, warm_start=True).fit(mnist.X_train, mnist.y_train)
    classifier.set_params(early_stopping=False).fit(mnist.X_train, mnist.y_train)

    assert classifier.best_epoch_ is None
    assert classifier.best_validation_score_ is None
    np.testing.assert_array_equal(classifier.validation_scores_[2:], [np.nan] * 2)


class LogsOnce(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            logs["lr"] = 0.5


def test_what_a_callback_logs_in_one_epoch_is_missing_in_the_others(mnist):
    classifier = small(epochs=3, callbacks=LogsOnce())
    classifier.fit(mnist.X_train, mnist.y_train)

    np.testing.assert_array_equal(classifier.history_["lr"], [np.nan, 0.5, np.nan])
    assert classifier.history_["loss"] == classifier.loss_curve_


# Validation by itself


def validation(sample_weight=None, **parameters):
    """Validation on four samples that a network may tell apart by its bias."""
    X, y = np.eye(4, dtype=np.float32), np.array([0, 1, 1, 1])
    samples = TrainingSet.weigh(X, y, np.array([0, 1]), sample_weight, None)
    ordinary = {
        "activation": "relu",
        "scoring": "accuracy",
        "tol": 0.05,
        "n_iter_no_change": 2,
    }
    return Validation(samples, **ordinary | parameters)


def saying(number, certainty=1.0):
    """Weights of a network that gives every sample the same class."""
    bias = np.zeros(2, np.float32)
    bias[number] = certainty
    return [np.zeros((4, 2), np.float32), bias]


def recorded(outcomes, **parameters):
    """A validation of these losses and scores, and after which of them it was over."""
    tracker = validation(**parameters)
    over = []
    for loss, score in outcomes:
        tracker.record(loss, score)
        over.append(tracker.is_over)
    return tracker, over


def test_the_score_is_the_weighted_accuracy():
    assert validation().validate(saying(1))["val_accuracy"] == 0.75
    weighted = validation(sample_weight=[3, 1, 1, 1])
    assert weighted.validate(saying(1))["val_accuracy"] == pytest.approx(0.5)
    assert weighted.scores == [pytest.approx(0.5)]


def test_the_loss_is_the_cross_entropy():
    logs = validation().validate(saying(1, certainty=0.0))

    assert logs["val_loss"] == pytest.approx(np.log(2))


def test_the_score_may_be_the_loss():
    tracker = validation(scoring="loss")

    # Three of four samples are of class 1, for which a bias of log(3) is right
    for certainty in (0.1, 1.1, 2.0):
        loss = tracker.validate(saying(1, certainty))["val_loss"]
        assert tracker.scores[-1] == -loss

    assert tracker.best_epoch == 1


def test_stopping_is_due_after_epochs_without_gain_in_turn():
    _, over = recorded([(1, 0.2), (1, 0.2), (1, 0.7), (1, 0.7), (1, 0.2)])

    assert over == [False, False, False, False, True]


def test_a_lower_loss_at_the_highest_score_is_a_gain():
    _, over = recorded([(1, 0.7), (1, 0.7), (0.8, 0.7), (0.8, 0.7), (0.8, 0.7)])

    assert over == [False, False, False, False, True]


def test_a_lower_loss_does_not_excuse_a_lower_score():
    _, over = recorded([(1, 0.9), (0.5, 0.8), (0.3, 0.8)])

    assert over == [False, False, True]


def test_a_loss_that_swings_is_no_gain():
    _, over = recorded([(1, 0.7), (0.8, 0.7), (1, 0.7), (0.8, 0.7)])

    assert over == [False, False, False, True]


def test_the_best_weights_are_those_of_the_highest_score():
    tracker = validation()
    epochs = [saying(0), saying(1), saying(0)]

    for epoch in epochs:
        tracker.validate(epoch)

    assert tracker.best_weights is epochs[1]


@pytest.mark.parametrize(
    ("outcomes", "best"),
    [
        ([(0.3, 0.980), (0.4, 0.985), (0.5, 0.9905)], 2),
        ([(0.5, 0.980), (0.3, 0.985), (0.4, 0.981)], 2),
        ([(0.5, 0.990), (0.4, 0.985), (0.3, 0.978), (0.2, 0.970)], 1),
        ([(0.2, 0.90), (0.4, 0.95), (0.1, 0.90)], 1),
    ],
)
def test_of_epochs_at_most_tol_below_the_highest_score_the_last_is_best(outcomes, best):
    tracker, _ = recorded(outcomes, tol=0.01)

    assert tracker.best_epoch == best
    assert tracker.best_score == outcomes[best][1]


# Validation data of one's own


def own(mnist, **changed):
    """Validation data that leave the first 200 samples to training."""
    return {"X_val": mnist.X_train[200:], "y_val": mnist.y_train[200:]} | changed


def test_own_validation_data_are_scored_without_stopping(mnist):
    X, y = mnist.X_train[:200], mnist.y_train[:200]
    classifier = small(epochs=8, n_iter_no_change=1).fit(X, y, **own(mnist))

    assert classifier.n_iter_ == len(classifier.history_["val_loss"]) == 8
    score = classifier.score(mnist.X_train[200:], mnist.y_train[200:])
    assert classifier.history_["val_accuracy"][-1] == pytest.approx(score)
    assert classifier.validation_scores_ == classifier.history_["val_accuracy"]
    assert classifier.best_validation_score_ is None
    assert same_weights(classifier, small(epochs=8).fit(X, y))


def test_with_own_validation_data_nothing_is_held_out(mnist):
    trained_on = TrainedOn()
    classifier = early(n_iter_no_change=2, tol=0.01).set_callbacks(trained_on)

    classifier.fit(mnist.X_train[:200], mnist.y_train[:200], **own(mnist))

    np.testing.assert_array_equal(trained_on.rows, mnist.X_train[:200])
    assert classifier.n_iter_ < 40
    score = classifier.score(mnist.X_train[200:], mnist.y_train[200:])
    assert classifier.best_validation_score_ == pytest.approx(score)


def test_own_validation_data_let_a_class_of_one_sample_stop_early(mnist):
    _, first = np.unique(mnist.y_train, return_index=True)

    classifier = early(epochs=3).fit(
        mnist.X_train[first], mnist.y_train[first], **own(mnist)
    )

    assert classifier.best_epoch_ is not None


def test_own_validation_data_are_weighted(mnist):
    is_one = mnist.y_train[200:] == 1
    classifier = small().fit(
        mnist.X_train[:200],
        mnist.y_train[:200],
        **own(mnist, sample_weight_val=is_one.astype(float)),
    )

    recall = classifier.score(mnist.X_train[200:][is_one], [1] * is_one.sum())
    assert classifier.history_["val_accuracy"][-1] == pytest.approx(recall)


@pytest.mark.parametrize(
    "kind",
    [
        lambda X: X.reshape(-1, 28, 28),
        lambda X: X.reshape(-1, 28, 28, 1),
        lambda X: list(X.reshape(-1, 28, 28)),
        lambda X: X.astype(np.float64),
        sp.csr_matrix,
        pd.DataFrame,
    ],
    ids=["images", "with channel", "list of images", "float64", "sparse", "frame"],
)
def test_own_validation_data_may_be_of_any_kind_that_X_may_be(mnist, kind):
    X, y = mnist.X_train[:200], mnist.y_train[:200]
    plain = small().fit(X, y, **own(mnist))

    other = small().fit(X, y, **own(mnist, X_val=kind(mnist.X_train[200:])))

    np.testing.assert_allclose(
        other.history_["val_loss"], plain.history_["val_loss"], rtol=1e-5
    )


def test_own_validation_data_may_be_images_where_X_is(mnist):
    images = mnist.X_train.reshape(-1, 28, 28)
    classifier = small().fit(
        images[:200],
        mnist.y_train[:200].astype(str),
        X_val=images[200:],
        y_val=mnist.y_train[200:].astype(str),
    )

    assert len(classifier.validation_scores_) == 3


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"y_val": None}, "X_val and y_val together.*Got no y_val"),
        ({"X_val": None}, "X_val and y_val together.*Got no X_val"),
        (
            {"X_val": None, "y_val": None, "sample_weight_val": [1.0]},
            "X_val and y_val together.*Got no X_val",
        ),
        ({"X_val": np.ones((3, 5)), "y_val": [0, 1, 2]}, "X_val.*5 features"),
        ({"X_val": np.full((1, 784), np.nan), "y_val": [0]}, "X_val.*NaN"),
        (
            {"X_val": np.ones((2, 7, 9)), "y_val": [0, 1]},
            "X_val.*7 x 9|X_val.*features",
        ),
        ({"y_val": [0, 1]}, "X_val and y_val.*inconsistent numbers of samples"),
        (
            {"X_val": np.ones((2, 784)), "y_val": [0, 77]},
            r"y_val has the classes \[77\]",
        ),
        (
            {"X_val": np.ones((1, 784)), "y_val": ["1"]},
            r"y_val has the classes \['1'\]",
        ),
        ({"sample_weight_val": [1.0]}, "sample_weight_val"),
        ({"sample_weight_val": np.zeros(100)}, "sample_weight_val"),
        ({"sample_weight_val": -np.ones(100)}, "sample_weight_val"),
    ],
)
def test_own_validation_data_that_do_not_fit_are_refused(mnist, changed, message):
    classifier = small(epochs=1).fit(mnist.X_train[:200], mnist.y_train[:200])
    before = classifier.coefs_

    with pytest.raises(ValueError, match=message):
        classifier.fit(
            mnist.X_train[:200], mnist.y_train[:200], **own(mnist, **changed)
        )

    assert classifier.coefs_ is before


def test_own_validation_data_are_routed_through_a_pipeline(mnist):
    images = (mnist.X_train * 255).reshape(-1, 28, 28)
    with sklearn.config_context(enable_metadata_routing=True):
        classifier = small().set_fit_request(X_val=True, y_val=True)
        pipeline = Pipeline(
            [("scale", FlattenScaler()), ("classify", classifier)],
            transform_input=["X_val"],
        )
        pipeline.fit(
            images[:200],
            mnist.y_train[:200],
            X_val=images[200:],
            y_val=mnist.y_train[200:],
        )

    score = pipeline.score(images[200:], mnist.y_train[200:])
    assert pipeline[-1].history_["val_accuracy"][-1] == pytest.approx(score)


# What scores


def test_early_stopping_may_be_by_loss(mnist):
    classifier = early(scoring="loss", tol=0).fit(mnist.X_train, mnist.y_train)

    losses = classifier.history_["val_loss"]
    assert classifier.best_epoch_ == np.argmin(losses)
    assert classifier.best_validation_score_ == -min(losses)


@pytest.mark.parametrize(
    "scoring",
    ["balanced_accuracy", "neg_log_loss", make_scorer(f1_score, average="macro")],
)
def test_early_stopping_may_be_by_any_scorer(mnist, scoring):
    classifier = early(scoring=scoring, epochs=6)
    X, y = mnist.X_train[:200], mnist.y_train[:200]

    classifier.fit(X, y, **own(mnist))

    assert classifier.validation_scores_ == classifier.history_["val_score"]
    score = check_scoring(classifier, scoring)
    assert classifier.best_validation_score_ == pytest.approx(
        score(classifier, mnist.X_train[200:], mnist.y_train[200:])
    )


def test_a_scorer_is_given_what_the_user_gave_and_the_weights_of_the_epoch(mnist):
    seen = []

    def score(estimator, X, y, sample_weight=None):
        seen.append((X, y, sample_weight, estimator.predict(X), estimator.coefs_))
        return 0.0

    columns = [f"pixel {number}" for number in range(784)]
    frame = pd.DataFrame(mnist.X_train, columns=columns)
    by_epoch = WeightsByEpoch()
    small(scoring=score, callbacks=[by_epoch]).fit(
        frame[:200],
        mnist.y_train[:200],
        X_val=frame[200:],
        y_val=mnist.y_train[200:],
        sample_weight_val=np.arange(100) + 1.0,
    )

    assert len(seen) == 3
    for (X, y, sample_weight, _, coefs), weights in zip(
        seen, by_epoch.weights, strict=True
    ):
        pd.testing.assert_frame_equal(X, frame[200:])
        np.testing.assert_array_equal(y, mnist.y_train[200:])
        np.testing.assert_array_equal(sample_weight, np.arange(100) + 1)
        np.testing.assert_array_equal(coefs[0], weights[0])


@pytest.mark.parametrize("given", [np.nan, None, "high"])
def test_a_score_that_is_no_number_is_refused(mnist, given):
    classifier = early(scoring=lambda estimator, X, y: given)
    with pytest.raises(ValueError, match=r"scoring must give a number.*after epoch 1"):
        classifier.fit(mnist.X_train, mnist.y_train)
    assert not hasattr(classifier, "coefs_")


def test_an_unknown_scorer_is_refused(mnist):
    with pytest.raises(ValueError, match=r"accurate.*scoring|scoring.*accurate"):
        early(scoring="accurate").fit(mnist.X_train, mnist.y_train)


@pytest.mark.parametrize(
    "scoring", [lambda estimator, X, y: 0.5, make_scorer(rand_score)], ids=type
)
def test_a_scorer_without_sample_weight_is_named_where_there_are_weights(
    scoring, mnist
):
    classifier = early(scoring=scoring, epochs=1)
    X, y = mnist.X_train, mnist.y_train

    with pytest.raises(TypeError, match=r"scoring=.* does not take sample_weight"):
        classifier.fit(X, y, np.ones(len(y)))

    classifier.fit(X, y)


def test_a_scorer_that_misses_a_class_is_said_to(mnist):
    is_zero_or_one = mnist.y_train < 2
    classifier = small(scoring="neg_log_loss", epochs=1)

    with pytest.raises(ValueError, match="classes") as raised:
        classifier.fit(
            mnist.X_train,
            mnist.y_train,
            X_val=mnist.X_train[is_zero_or_one],
            y_val=mnist.y_train[is_zero_or_one],
        )

    assert "The validation samples lack classes of y" in raised.value.__notes__[0]


@pytest.mark.parametrize("form", [sp.coo_matrix, sp.bsr_array])
def test_a_scorer_may_be_given_any_sparse_format(form, mnist):
    classifier = early(scoring="f1_macro", epochs=2)

    in_form = clone(classifier).fit(form(mnist.X_train), mnist.y_train)

    in_rows = classifier.fit(sp.csr_array(mnist.X_train), mnist.y_train)
    assert in_form.validation_scores_ == in_rows.validation_scores_


def test_one_hot_labels_for_validation_are_named(mnist):
    with pytest.raises(ValueError, match=r"y_val.*one-hot encoded: pass y\.argmax"):
        small().fit(
            mnist.X_train,
            mnist.y_train,
            X_val=mnist.X_train,
            y_val=np.eye(10)[mnist.y_train],
        )

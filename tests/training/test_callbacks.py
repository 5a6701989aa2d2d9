"""Callbacks: Keras's, a parameter, and scikit-learn's, set on the estimator."""

import copy
import csv
import pickle

import keras
import numpy as np
import pandas as pd
import pytest
from helpers import keras_output, same_weights, small, weights
from sklearn.base import clone
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skdigits import FlattenScaler


class Fails(Exception):
    pass


# Keras's


class Recorder(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.epochs, self.logs, self.rates = [], [], []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(epoch)
        self.logs.append(dict(logs))
        self.rates.append(float(self.model.optimizer.learning_rate))


class Raises(keras.callbacks.Callback):
    def __init__(self, error, epoch=1):
        super().__init__()
        self.error, self.epoch = error, epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.epoch:
            raise self.error


def test_a_keras_callback_is_told_of_every_epoch_and_its_figures(mnist):
    recorder = Recorder()

    classifier = small(callbacks=[recorder]).fit(mnist.X_train, mnist.y_train)

    assert recorder.epochs == [0, 1, 2]
    assert [logs["loss"] for logs in recorder.logs] == classifier.loss_curve_
    assert {*recorder.logs[0]} == {"loss", "accuracy"}


def test_a_keras_callback_is_told_of_the_validation(mnist):
    recorder = Recorder()

    classifier = small(callbacks=[recorder], early_stopping=True)
    classifier.fit(mnist.X_train, mnist.y_train)

    scores = [logs["val_accuracy"] for logs in recorder.logs]
    assert scores == classifier.validation_scores_
    assert all(logs["val_loss"] > 0 for logs in recorder.logs)


def test_a_keras_callback_that_watches_changes_nothing(mnist):
    watched = small(callbacks=[Recorder()]).fit(mnist.X_train, mnist.y_train)

    assert same_weights(watched, small().fit(mnist.X_train, mnist.y_train))


def test_epochs_are_counted_on_over_fits_that_go_on(mnist):
    recorder = Recorder()
    classifier = small(callbacks=[recorder], warm_start=True)

    classifier.fit(mnist.X_train, mnist.y_train).fit(mnist.X_train, mnist.y_train)

    assert recorder.epochs == [3, 4, 5]


def test_a_single_keras_callback_needs_no_list(mnist):
    recorder = Recorder()

    small(callbacks=recorder).fit(mnist.X_train, mnist.y_train)

    assert recorder.epochs == [0, 1, 2]


@pytest.mark.parametrize(
    "stranger", [print, "EarlyStopping", keras.callbacks.CSVLogger]
)
def test_what_is_no_keras_callback_is_named(stranger, mnist):
    classifier = small(callbacks=[Recorder(), stranger])

    with pytest.raises(
        TypeError, match=r"instances of keras\.callbacks\.Callback\."
    ) as error:
        classifier.fit(mnist.X_train, mnist.y_train)

    assert repr(stranger) in str(error.value)
    assert not hasattr(classifier, "coefs_")


def test_keras_early_stopping_stops(mnist):
    patience = keras.callbacks.EarlyStopping(monitor="loss", min_delta=100, patience=1)

    classifier = small(callbacks=[patience]).fit(mnist.X_train, mnist.y_train)

    assert classifier.n_iter_ == 2


def test_keras_early_stopping_restores_the_best_weights_it_saw(mnist):
    patience = keras.callbacks.EarlyStopping(
        monitor="loss", mode="max", patience=2, restore_best_weights=True
    )

    classifier = small(callbacks=[patience]).fit(mnist.X_train, mnist.y_train)

    one_epoch = small(epochs=1).fit(mnist.X_train, mnist.y_train)
    assert same_weights(classifier, one_epoch)


def test_a_learning_rate_scheduler_sets_the_rate_of_the_steps(mnist):
    halved = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    recorder = Recorder()
    classifier = small(learning_rate=0.008, callbacks=[halved, recorder])

    classifier.fit(mnist.X_train, mnist.y_train)

    np.testing.assert_allclose(recorder.rates, [0.004, 0.002, 0.001])
    assert recorder.logs[0]["learning_rate"] == pytest.approx(0.004)
    assert same_weights(
        clone(classifier).set_params(epochs=1).fit(mnist.X_train, mnist.y_train),
        small(epochs=1, learning_rate=0.004).fit(mnist.X_train, mnist.y_train),
    )


def test_a_learning_rate_scheduler_may_hold_the_training_still_for_a_while(mnist):
    late = keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: 0.0 if epoch == 0 else 0.004
    )

    classifier = small(callbacks=[late]).fit(mnist.X_train, mnist.y_train)

    assert classifier.loss_ < classifier.loss_curve_[1] < classifier.loss_curve_[0]


def test_a_rate_set_when_training_begins_holds(mnist):
    class Slow(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.rate_before = float(self.model.optimizer.learning_rate)
            self.model.optimizer.learning_rate = 1e-9

    slow = Slow()
    held = small(callbacks=slow, epochs=2, weight_decay=0, learning_rate=0.25)
    held.fit(mnist.X_train, mnist.y_train)

    assert slow.rate_before == 0.25
    assert held.loss_curve_[1] == pytest.approx(held.loss_curve_[0], rel=1e-3)


def test_reduce_lr_on_plateau_lowers_the_rate_of_the_epochs_after(mnist):
    plateau = keras.callbacks.ReduceLROnPlateau(
        monitor="loss", factor=0.1, patience=1, min_delta=100
    )
    recorder = Recorder()

    small(callbacks=[plateau, recorder], epochs=4).fit(mnist.X_train, mnist.y_train)

    np.testing.assert_allclose(recorder.rates, [4e-3, 4e-4, 4e-5, 4e-6], rtol=1e-5)


def test_a_rate_lowered_by_a_callback_lasts_as_long_as_the_fit(mnist):
    X, y = mnist.X_train, mnist.y_train
    lowered = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 1e-30)
    classifier = small(callbacks=[lowered], epochs=1).fit(X, y)

    classifier.set_params(callbacks=None).fit(X, y)

    assert same_weights(classifier, small(epochs=1).fit(X, y))


def test_a_keras_callback_can_predict_what_the_classifier_would(mnist):
    class Predicts(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.predicted = self.model.predict(mnist.X_test, verbose=0)

    predicts = Predicts()
    classifier = small(callbacks=predicts).fit(mnist.X_train, mnist.y_train)

    np.testing.assert_allclose(
        predicts.predicted, classifier.predict_proba(mnist.X_test), atol=1e-6
    )


def test_a_keras_callback_can_evaluate_the_classifier(mnist):
    class Evaluates(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.loss, self.accuracy = self.model.evaluate(
                mnist.X_test, mnist.y_test, verbose=0
            )

    evaluates = Evaluates()
    classifier = small(callbacks=evaluates).fit(mnist.X_train, mnist.y_train)

    assert evaluates.accuracy == pytest.approx(
        classifier.score(mnist.X_test, mnist.y_test)
    )
    log_likelihood = log_loss(mnist.y_test, classifier.predict_proba(mnist.X_test))
    assert evaluates.loss == pytest.approx(log_likelihood, rel=1e-5)


def test_a_keras_callback_can_stop_between_batches(mnist):
    class StopsAtOnce(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = True

    classifier = small(callbacks=StopsAtOnce()).fit(mnist.X_train, mnist.y_train)

    assert classifier.n_iter_ == 1


def test_csv_logger_writes_the_epochs(mnist, tmp_path):
    logger = keras.callbacks.CSVLogger(tmp_path / "log.csv")

    classifier = small(callbacks=[logger]).fit(mnist.X_train, mnist.y_train)

    with open(tmp_path / "log.csv") as lines:
        losses = [float(row["loss"]) for row in csv.DictReader(lines)]
    assert losses == classifier.loss_curve_


def test_checkpointed_weights_load_into_the_keras_model(mnist, tmp_path):
    path = tmp_path / "epoch{epoch}.weights.h5"
    checkpoint = keras.callbacks.ModelCheckpoint(path, save_weights_only=True)
    classifier = small(callbacks=[checkpoint]).fit(mnist.X_train, mnist.y_train)

    model = classifier.model_
    model.load_weights(tmp_path / "epoch2.weights.h5")

    two_epochs = small(epochs=2).fit(mnist.X_train, mnist.y_train)
    np.testing.assert_allclose(
        keras_output(model, mnist.X_test),
        two_epochs.predict_proba(mnist.X_test),
        atol=1e-5,
    )


def test_a_checkpointed_model_loads_with_keras_alone(mnist, tmp_path):
    path = tmp_path / "model.keras"
    checkpoint = keras.callbacks.ModelCheckpoint(path)
    classifier = small(callbacks=[checkpoint]).fit(mnist.X_train, mnist.y_train)

    model = keras.models.load_model(path)

    np.testing.assert_array_equal(
        keras_output(model, mnist.X_test).argmax(axis=1),
        classifier.predict(mnist.X_test),
    )


@pytest.mark.parametrize("error", [Fails, KeyboardInterrupt])
def test_a_fit_that_is_interrupted_leaves_an_unfitted_classifier_unfitted(error, mnist):
    classifier = small(callbacks=[Raises(error)])
    before = dict(vars(classifier))

    with pytest.raises(error):
        classifier.fit(mnist.X_train, mnist.y_train)

    assert vars(classifier) == before
    classifier.set_params(callbacks=None).fit(mnist.X_train, mnist.y_train)
    assert same_weights(classifier, small().fit(mnist.X_train, mnist.y_train))


@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("error", [Fails, KeyboardInterrupt])
def test_a_fit_that_is_interrupted_leaves_a_fitted_classifier_as_it_was(
    error, warm_start, mnist
):
    X, y = mnist.X_train, mnist.y_train
    classifier = small(warm_start=warm_start).fit(X, y)
    before = pickle.dumps(classifier)

    classifier.set_params(callbacks=[Raises(error, epoch=4 if warm_start else 1)])
    with pytest.raises(error):
        classifier.fit(X[:200], y[:200])
    classifier.set_params(callbacks=None)

    assert pickle.dumps(classifier) == before
    undisturbed = small(epochs=6) if warm_start else small()
    assert same_weights(classifier.fit(X, y), undisturbed.fit(X, y))


@pytest.mark.parametrize("fails", [False, True])
def test_a_keras_callback_does_not_drag_the_network_along(fails, mnist):
    patience = keras.callbacks.EarlyStopping(monitor="loss")
    callbacks = [patience, *([Raises(Fails())] if fails else [])]
    classifier = small(callbacks=callbacks)

    if fails:
        with pytest.raises(Fails):
            classifier.fit(mnist.X_train, mnist.y_train)
    else:
        classifier.fit(mnist.X_train, mnist.y_train)

    assert patience.model is None
    without = small().fit(mnist.X_train, mnist.y_train)
    assert len(pickle.dumps(classifier)) < len(pickle.dumps(without)) + 5_000
    assert not hasattr(clone(classifier), "coefs_")


def test_a_classifier_with_keras_callbacks_survives_copies_after_fit(mnist):
    patience = keras.callbacks.EarlyStopping(monitor="loss", min_delta=100, patience=1)
    classifier = small(callbacks=[patience]).fit(mnist.X_train, mnist.y_train)

    for duplicate in (
        copy.deepcopy(classifier),
        pickle.loads(pickle.dumps(classifier)),
    ):
        assert same_weights(duplicate, classifier)
        duplicate.fit(mnist.X_train, mnist.y_train)
        assert duplicate.n_iter_ == 2


# scikit-learn's


class Record:
    """A scikit-learn callback that keeps what it is told, in order."""

    def __init__(self, stop_after=None):
        self.stop_after = stop_after
        self.events, self.given, self.fitted = [], [], []

    def setup(self, estimator, context):
        self.events.append("setup")

    def teardown(self, estimator, context):
        self.events.append("teardown")

    def on_fit_task_begin(
        self,
        estimator,
        context,
        *,
        X=None,
        y=None,
        metadata=None,
        fitted_estimator=None,
    ):
        self.events.append(f"begin {context.task_name}")
        self.given.append((X, y, metadata))

    def on_fit_task_end(
        self,
        estimator,
        context,
        *,
        X=None,
        y=None,
        metadata=None,
        fitted_estimator=None,
    ):
        self.events.append(f"end {context.task_name}")
        if context.task_name == "epoch":
            self.fitted.append(fitted_estimator)
            return len(self.fitted) == self.stop_after
        return False


def test_a_fit_is_a_task_and_every_epoch_one_below_it(mnist):
    record = Record()

    small().set_callbacks(record).fit(mnist.X_train, mnist.y_train)

    assert record.events == [
        "setup",
        "begin fit",
        *["begin epoch", "end epoch"] * 3,
        "end fit",
        "teardown",
    ]


def test_partial_fit_is_a_task_of_one_epoch(mnist):
    record = Record()

    classifier = small().set_callbacks(record)
    classifier.partial_fit(mnist.X_train, mnist.y_train, classes=range(10))

    assert record.events.count("begin epoch") == 1


def test_every_epoch_has_a_classifier_as_if_the_fit_had_ended_there(mnist):
    record = Record()

    small().set_callbacks(record).fit(mnist.X_train, mnist.y_train)

    for epochs, fitted in enumerate(record.fitted, start=1):
        stopped = small(epochs=epochs).fit(mnist.X_train, mnist.y_train)
        assert same_weights(fitted, stopped)
        assert fitted.n_iter_ == epochs
        assert fitted.loss_curve_ == stopped.loss_curve_
        assert fitted.history_ == stopped.history_
        np.testing.assert_array_equal(
            fitted.predict(mnist.X_test), stopped.predict(mnist.X_test)
        )


def test_the_classifier_of_an_epoch_can_be_kept_and_pickled(mnist):
    record = Record()
    small().set_callbacks(record).fit(mnist.X_train, mnist.y_train)

    kept = copy.copy(record.fitted[0])
    kept.set_callbacks()

    loaded = pickle.loads(pickle.dumps(kept))
    assert same_weights(loaded, small(epochs=1).fit(mnist.X_train, mnist.y_train))


def test_every_task_has_the_data_and_weights_trained_on(mnist):
    record, weight = Record(), np.arange(300.0)

    small().set_callbacks(record).fit(mnist.X_train, mnist.y_train, weight)

    assert len(record.given) == 4
    for X, y, metadata in record.given:
        np.testing.assert_array_equal(X, mnist.X_train[1:])  # the first weighs nothing
        np.testing.assert_array_equal(y, mnist.y_train[1:])
        np.testing.assert_array_equal(metadata["sample_weight"], weight[1:])


def test_a_callback_that_returns_true_stops_the_training(mnist):
    classifier = small(epochs=10).set_callbacks(Record(stop_after=2))

    classifier.fit(mnist.X_train, mnist.y_train)

    assert classifier.n_iter_ == 2
    assert same_weights(classifier, small(epochs=2).fit(mnist.X_train, mnist.y_train))


@pytest.mark.parametrize("hook", ["setup", "on_fit_task_begin", "on_fit_task_end"])
@pytest.mark.parametrize("error", [Fails, KeyboardInterrupt])
def test_a_callback_that_raises_leaves_the_classifier_as_it_was(hook, error, mnist):
    class Raising(Record):
        pass

    def fail(self, estimator, context):
        raise error

    setattr(Raising, hook, fail)
    classifier = small().fit(mnist.X_train[:200], mnist.y_train[:200])
    before = pickle.dumps(classifier)

    classifier.set_callbacks(Raising())
    with pytest.raises(error):
        classifier.fit(mnist.X_train, mnist.y_train)
    classifier.set_callbacks()

    assert pickle.dumps(classifier) == before
    classifier.fit(mnist.X_train, mnist.y_train)
    assert same_weights(classifier, small().fit(mnist.X_train, mnist.y_train))


def test_a_callback_that_watches_changes_nothing_and_leaves_nothing(mnist):
    watched = small().set_callbacks(Record()).fit(mnist.X_train, mnist.y_train)
    plain = small().fit(mnist.X_train, mnist.y_train)

    assert same_weights(watched, plain)
    watched.set_callbacks()
    assert set(vars(watched)) == set(vars(plain))


def test_a_scoring_monitor_scores_every_epoch(mnist):
    monitor = ScoringMonitor(scoring="accuracy")

    classifier = small().set_callbacks(monitor).fit(mnist.X_train, mnist.y_train)

    logs = monitor.get_logs().data_as_pandas
    scores = logs.loc[logs.task_name == "epoch", "accuracy"]
    assert len(scores) == 3
    assert scores.iloc[-1] == classifier.score(mnist.X_train, mnist.y_train)


@pytest.mark.parametrize(
    ("container", "parameters"),
    [
        (lambda X: X.reshape(-1, 28, 28), {}),
        (lambda X: pd.DataFrame(X).rename(columns=str), {}),
        (lambda X: X, {"early_stopping": True}),
    ],
    ids=["images", "dataframe", "early stopping"],
)
def test_a_scoring_monitor_scores_whatever_fit_takes(container, parameters, mnist):
    monitor = ScoringMonitor(scoring=["accuracy", "neg_log_loss"])

    classifier = small(**parameters).set_callbacks(monitor)
    classifier.fit(container(mnist.X_train), mnist.y_train)

    logs = monitor.get_logs().data_as_pandas
    epochs = logs[logs.task_name == "epoch"]
    assert epochs.accuracy.between(0.1, 1).all()
    assert (epochs.neg_log_loss < 0).all()


def test_a_scoring_monitor_works_in_a_pipeline(mnist):
    monitor = ScoringMonitor(scoring="accuracy")
    pipeline = make_pipeline(FlattenScaler(), small().set_callbacks(monitor))

    pipeline.fit(mnist.X_train, mnist.y_train)

    logs = monitor.get_logs().data_as_pandas
    assert (logs.task_name == "epoch").sum() == 3


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.programs)])
def test_a_scoring_monitor_works_inside_a_grid_search(n_jobs, mnist):
    monitor = ScoringMonitor(scoring="accuracy")
    classifier = small(epochs=2).set_callbacks(monitor)
    search = GridSearchCV(classifier, {"label_smoothing": [0.0]}, cv=2, n_jobs=n_jobs)

    search.fit(mnist.X_train, mnist.y_train)

    runs = monitor.get_logs(select="all")
    epochs = [row for run in runs for row in run.data if row["task_name"] == "epoch"]
    # Two folds and the refit
    assert len(epochs) == 3 * 2
    assert all(0.1 < row["accuracy"] <= 1 for row in epochs)
    assert same_weights(
        search.best_estimator_, small(epochs=2).fit(mnist.X_train, mnist.y_train)
    )


def test_a_progress_bar_shows_the_epochs(mnist, capsys):
    pytest.importorskip("rich")
    classifier = small().set_callbacks(ProgressBar())

    classifier.fit(mnist.X_train, mnist.y_train)

    shown = capsys.readouterr().out
    assert "MLPDigitClassifier" in shown
    assert "100%" in shown
    assert len(weights(classifier)) == 4


def test_both_kinds_of_callbacks_work_together(mnist):
    recorder, record = Recorder(), Record()

    classifier = small(callbacks=[recorder]).set_callbacks(record)
    classifier.fit(mnist.X_train, mnist.y_train)

    assert recorder.epochs == [0, 1, 2]
    assert len(record.fitted) == 3


def test_a_callback_that_logs_no_number_is_named(mnist):
    class Logs(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs):
            logs["note"] = "high"

    classifier = small(callbacks=[Logs()])

    with pytest.raises(TypeError, match="note='high'"):
        classifier.fit(mnist.X_train, mnist.y_train)

    assert not hasattr(classifier, "coefs_")

"""TrainingCurvesDisplay: loss and accuracy by epoch."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from helpers import assert_like_baseline, assert_readable, same_weights, small
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdigits import FlattenScaler, MLPDigitClassifier, TrainingCurvesDisplay

pytestmark = pytest.mark.usefixtures("no_window")

HISTORY = {
    "loss": [1.5, 1.0, 0.7, 0.6],
    "accuracy": [0.4, 0.7, 0.8, 0.85],
    "val_loss": [1.4, 0.9, 0.8, 0.85],
    "val_accuracy": [0.5, 0.75, 0.8, 0.78],
}


@pytest.fixture(scope="module")
def trained(mnist):
    return small(epochs=6, early_stopping=True).fit(mnist.X_train, mnist.y_train)


@pytest.fixture(scope="module")
def without_validation(mnist):
    return small().fit(mnist.X_train, mnist.y_train)


def test_shows_what_keras_logged_in_every_epoch(trained):
    display = TrainingCurvesDisplay.from_estimator(trained)

    assert set(display.lines_) == set(trained.history_)
    for name, line in display.lines_.items():
        np.testing.assert_array_equal(line.get_xdata(), np.arange(6) + 1)
        np.testing.assert_array_equal(line.get_ydata(), trained.history_[name])
    assert [ax.get_ylabel() for ax in display.axes_] == ["Loss", "Accuracy"]


def test_without_validation_there_is_training_alone(without_validation):
    display = TrainingCurvesDisplay.from_estimator(without_validation)

    assert set(display.lines_) == {"loss", "accuracy"}
    assert display.best_epoch is None
    assert not display.best_epoch_lines_


@pytest.mark.parametrize("tol", [1e-4, 0.05])
def test_marks_the_epoch_whose_weights_were_kept(mnist, tol):
    parameters = {"epochs": 8, "tol": tol, "n_iter_no_change": 8, "learning_rate": 0.05}
    stopped = small(early_stopping=True, **parameters)
    stopped.fit(mnist.X_train, mnist.y_train)

    display = TrainingCurvesDisplay.from_estimator(stopped)

    shorter = small(
        early_stopping=True, **parameters | {"epochs": display.best_epoch}
    ).fit(mnist.X_train, mnist.y_train)
    assert same_weights(stopped, shorter)
    for line in display.best_epoch_lines_:
        assert list(line.get_xdata()) == [display.best_epoch] * 2


@pytest.mark.parametrize("seed", range(4))
def test_marks_an_epoch_of_the_last_fit_whose_score_an_earlier_one_had(seed, mnist):
    chosen = mnist.y_train < 2
    X, y = mnist.X_train[chosen], mnist.y_train[chosen]
    parameters = {"early_stopping": True, "warm_start": True, "random_state": seed}
    classifier = small(epochs=4, learning_rate=0.03, **parameters).fit(X, y)
    n_before = classifier.n_iter_

    classifier.set_params(label_smoothing=0.3).fit(X, y)

    best_epoch = TrainingCurvesDisplay.from_estimator(classifier).best_epoch
    assert n_before < best_epoch <= classifier.n_iter_


def test_after_a_warm_start_the_epochs_of_both_fits_are_shown(mnist):
    classifier = small(warm_start=True).fit(mnist.X_train, mnist.y_train)
    classifier.set_params(early_stopping=True).fit(mnist.X_train, mnist.y_train)

    display = TrainingCurvesDisplay.from_estimator(classifier)

    validated = np.isfinite(display.lines_["val_loss"].get_ydata())
    np.testing.assert_array_equal(validated, [False] * 3 + [True] * 3)
    assert display.best_epoch == classifier.best_epoch_ + 1 > 3


def test_validation_without_early_stopping_is_shown_and_no_epoch_marked(mnist):
    classifier = small().fit(
        mnist.X_train, mnist.y_train, X_val=mnist.X_test, y_val=mnist.y_test
    )

    display = TrainingCurvesDisplay.from_estimator(classifier)

    assert set(display.lines_) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert display.best_epoch is None


def test_a_scoring_of_the_user_has_axes_of_its_own(mnist):
    classifier = small(early_stopping=True, scoring="balanced_accuracy")
    classifier.fit(mnist.X_train, mnist.y_train)

    display = TrainingCurvesDisplay.from_estimator(classifier)

    assert [ax.get_ylabel() for ax in display.axes_] == ["Loss", "Accuracy", "Score"]
    np.testing.assert_array_equal(
        display.lines_["val_score"].get_ydata(), classifier.validation_scores_
    )
    assert_readable(display.figure_)


def test_a_pipeline_shows_its_last_step(mnist):
    pipeline = make_pipeline(FlattenScaler(), small())
    pipeline.fit(mnist.X_train, mnist.y_train)

    display = TrainingCurvesDisplay.from_estimator(pipeline)

    assert list(display.lines_["loss"].get_ydata()) == pipeline[-1].loss_curve_


def test_curves_differ_by_more_than_colour():
    lines = TrainingCurvesDisplay(history=HISTORY).plot().lines_

    assert lines["loss"].get_linestyle() != lines["val_loss"].get_linestyle()
    assert lines["loss"].get_marker() != lines["val_loss"].get_marker()


@pytest.mark.parametrize("n_epochs", [1, 2, 4, 300])
def test_labels_are_readable_and_epochs_are_whole(n_epochs):
    history = {name: np.resize(values, n_epochs) for name, values in HISTORY.items()}

    display = TrainingCurvesDisplay(history=history, best_epoch=1).plot()

    assert_readable(display.figure_)
    assert all(tick % 1 == 0 for tick in display.axes_[0].get_xticks())


def test_draws_on_the_two_axes_given_with_the_style_given():
    figure, axes = plt.subplots(2, 1)

    display = TrainingCurvesDisplay(history=HISTORY)
    display.plot(ax=axes, line_kw={"linewidth": 3, "c": "black"})

    assert list(display.axes_) == list(axes)
    assert display.figure_ is figure
    assert display.lines_["loss"].get_linewidth() == 3
    assert display.lines_["loss"].get_color() == "black"


@pytest.mark.parametrize("figsize", [(8, 4), (5, 7)])
@pytest.mark.parametrize("layout", [None, "constrained"])
def test_single_axes_given_are_split(figsize, layout):
    figure, ax = plt.subplots(figsize=figsize, layout=layout)

    display = TrainingCurvesDisplay(history=HISTORY).plot(ax)

    assert not ax.axison
    assert display.axes_.shape == (2,)
    assert display.figure_ is figure
    assert_readable(figure)


def test_axes_that_stand_free_are_split_where_they_stand():
    figure = plt.figure()
    ax = figure.add_axes((0.5, 0.1, 0.4, 0.8))

    display = TrainingCurvesDisplay(history=HISTORY).plot(ax)

    assert all(axis.get_position().x0 >= 0.5 for axis in display.axes_)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (MLPDigitClassifier(), NotFittedError, "not fitted"),
        (make_pipeline(FlattenScaler(), MLPDigitClassifier()), NotFittedError, "not"),
        (LogisticRegression().fit([[0], [1]], [0, 1]), TypeError, "LogisticRegression"),
    ],
)
def test_what_has_no_history_is_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        TrainingCurvesDisplay.from_estimator(wrong)


def test_axes_that_are_none_are_refused():
    display = TrainingCurvesDisplay(history=HISTORY)
    with pytest.raises(TypeError, match="Got list"):
        display.plot(ax=["left", "right"])
    with pytest.raises(ValueError, match="Got an array of 3"):
        display.plot(ax=plt.subplots(3)[1])


def test_looks_as_it_did(tmp_path):
    display = TrainingCurvesDisplay(history=HISTORY, best_epoch=3).plot()

    assert_like_baseline(display.figure_, "training_curves", tmp_path)

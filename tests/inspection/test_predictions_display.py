"""PredictionsDisplay: images and the probabilities of their classes."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from helpers import (
    KINDS_OF_CLASSES,
    LETTERS,
    assert_like_baseline,
    assert_readable,
    small,
    squares,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from skdigits import FlattenScaler, MLPDigitClassifier, PredictionsDisplay

pytestmark = pytest.mark.usefixtures("no_window")


@pytest.fixture(scope="module")
def trained(mnist):
    return small().fit(mnist.X_train, mnist.y_train)


def titles(display):
    return [ax.get_title(loc="left") for ax in display.axes_[:, 0]]


def grey(color):
    """The shade that a colour has in print."""
    return np.dot(color[:3], [0.299, 0.587, 0.114])


def random_probabilities(n_images, n_classes):
    return np.random.default_rng(0).dirichlet(np.full(n_classes, 0.3), n_images)


def test_shows_the_first_images_with_their_labels(trained, mnist):
    display = PredictionsDisplay.from_estimator(trained, mnist.X_test, mnist.y_test)

    np.testing.assert_array_equal(display.images.reshape(8, -1), mnist.X_test[:8])
    y_pred = trained.predict(mnist.X_test[:8])
    assert titles(display) == [
        f"predicted {predicted}\ntrue {true}"
        for predicted, true in zip(y_pred, mnist.y_test[:8], strict=True)
    ]


def test_bars_are_the_probabilities(trained, mnist):
    display = PredictionsDisplay.from_estimator(trained, mnist.X_test, n_images=3)

    expected = trained.predict_proba(mnist.X_test[:3])
    for bars, probabilities in zip(display.bars_, expected, strict=True):
        widths = [bar.get_width() for bar in bars]
        np.testing.assert_allclose(widths, probabilities, atol=1e-6)
    labels = display.axes_[0, 1].get_yticklabels()
    assert [label.get_text() for label in labels] == list("0123456789")


def test_without_labels_only_the_prediction_is_named(trained, mnist):
    display = PredictionsDisplay.from_estimator(trained, mnist.X_test, n_images=2)

    y_pred = trained.predict(mnist.X_test[:2])
    assert titles(display) == [f"predicted {label}" for label in y_pred]


def test_shows_errors_the_most_confident_first(trained, mnist):
    display = PredictionsDisplay.from_estimator(
        trained, mnist.X_test, mnist.y_test, show="errors", n_images=5
    )

    wrong = trained.predict(mnist.X_test) != mnist.y_test
    confidence = trained.predict_proba(mnist.X_test).max(axis=1)[wrong]
    assert (display.y_pred != display.y_true).all()
    np.testing.assert_array_equal(
        display.y_proba.max(axis=1), np.sort(confidence)[::-1][:5]
    )


def test_shows_the_least_confident_first(trained, mnist):
    display = PredictionsDisplay.from_estimator(
        trained, mnist.X_test, show="least_confident", n_images=5
    )

    confidence = trained.predict_proba(mnist.X_test).max(axis=1)
    np.testing.assert_array_equal(display.y_proba.max(axis=1), np.sort(confidence)[:5])


def test_without_errors_the_figure_says_so(trained, mnist):
    display = PredictionsDisplay.from_estimator(
        trained, mnist.X_test, trained.predict(mnist.X_test), show="errors"
    )

    assert len(display.images) == 0
    (ax,) = display.figure_.axes
    assert display.axes_.tolist() == [[ax]]
    assert ax.texts[0].get_text().startswith("No errors")
    assert_readable(display.figure_)


def test_axes_of_which_one_said_that_there_are_no_errors_show_them_again(mnist):
    X, y = mnist.X_test[:1], mnist.y_test[:1]
    figure, axes = plt.subplots(1, 2)
    for y_pred in (y, 9 - y, y, 9 - y):
        PredictionsDisplay.from_predictions(
            X, y, y_pred, y_proba=np.eye(10)[y_pred], show="errors", ax=axes
        )

    assert figure.axes == [*axes]
    assert [len(ax.images) for ax in axes] == [1, 0]
    assert [len(ax.patches) for ax in axes] == [0, 10]
    assert not axes[0].texts
    assert all(ax.axison and ax.spines["left"].get_visible() for ax in axes)


def test_predicted_and_true_class_differ_by_more_than_colour():
    display = PredictionsDisplay.from_predictions(
        squares(1, 8, 8), [2], y_proba=[[0.1, 0.6, 0.3]]
    )

    other, predicted, true = display.bars_[0]
    assert true.get_hatch()
    assert not predicted.get_hatch()
    shades = [grey(bar.get_facecolor()) for bar in (predicted, other, true)]
    assert shades[0] < min(shades[1:]) - 0.2


def test_ticks_are_readable_on_a_page_of_800_pixels(trained, mnist):
    display = PredictionsDisplay.from_estimator(trained, mnist.X_test)

    width, _ = display.figure_.get_size_inches()
    points = {
        label.get_fontsize()
        for axis in (display.axes_[0, 1].xaxis, display.axes_[0, 1].yaxis)
        for label in axis.get_ticklabels()
    }
    assert min(points) / 72 * 800 / width >= 10


def test_of_many_classes_the_most_probable_are_shown_with_the_true_one():
    probabilities = np.linspace(1, 2, 36)[np.newaxis] / 54

    display = PredictionsDisplay.from_predictions(
        squares(1, 8, 8), ["3"], y_proba=probabilities, classes=LETTERS
    )

    labels = display.axes_[0, 1].get_yticklabels()
    assert "".join(label.get_text() for label in labels) == "3RSTUVWXYZ"


def test_predictions_made_before_show_the_same(trained, mnist):
    classes = np.array([f"digit {label}" for label in range(10)])

    display = PredictionsDisplay.from_predictions(
        mnist.X_test,
        classes[mnist.y_test],
        y_proba=trained.predict_proba(mnist.X_test),
        classes=classes,
    )

    expected = PredictionsDisplay.from_estimator(trained, mnist.X_test)
    np.testing.assert_array_equal(display.y_pred, classes[expected.y_pred])
    np.testing.assert_array_equal(display.images, expected.images)


def test_a_pipeline_is_given_the_images_as_they_are(mnist):
    images = (mnist.X_train * 255).reshape(-1, 14, 56)
    pipeline = make_pipeline(FlattenScaler(), small()).fit(images, mnist.y_train)

    display = PredictionsDisplay.from_estimator(pipeline, images)
    from_rows = PredictionsDisplay.from_estimator(pipeline, images.reshape(300, -1))

    np.testing.assert_array_equal(display.images, images[:8])
    np.testing.assert_array_equal(from_rows.images, images[:8])


def test_any_classifier_will_do(mnist):
    X = pd.DataFrame(mnist.X_train)
    display = PredictionsDisplay.from_estimator(
        GaussianNB().fit(X, mnist.y_train), X, mnist.y_train
    )

    assert len(display.bars_) == 8


def test_labels_predicted_before_need_no_probabilities(mnist):
    classifier = RidgeClassifier().fit(mnist.X_train, mnist.y_train)
    X, y = mnist.X_test, mnist.y_test

    display = PredictionsDisplay.from_predictions(
        X, y, classifier.predict(X), show="errors"
    )

    expected = PredictionsDisplay.from_estimator(classifier, X, y, show="errors")
    assert titles(display) == titles(expected)
    assert not display.bars_


def test_labels_predicted_before_count_more_than_the_probabilities():
    display = PredictionsDisplay.from_predictions(
        squares(1, 8, 8), y_pred=[2], y_proba=[[0.1, 0.6, 0.3]]
    )

    assert display.y_pred == [2]


def test_a_classifier_without_probabilities_has_no_bars(mnist):
    classifier = RidgeClassifier().fit(mnist.X_train, mnist.y_train)

    display = PredictionsDisplay.from_estimator(
        classifier, mnist.X_test, mnist.y_test, show="errors"
    )

    assert display.axes_.shape == (8, 1)
    assert not display.bars_
    assert_readable(display.figure_)


@pytest.mark.parametrize("classes", KINDS_OF_CLASSES)
def test_labels_are_readable(classes, mnist):
    n_classes = len(classes)

    display = PredictionsDisplay.from_predictions(
        mnist.X_test,
        np.resize(classes, 200),
        y_proba=random_probabilities(200, n_classes),
        classes=classes,
    )

    assert_readable(display.figure_)


@settings(max_examples=8)
@given(
    n_images=st.integers(1, 6),
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    n_classes=st.integers(1, 36),
)
@example(n_images=1, height=40, width=24, n_classes=1)  # its title left the figure
def test_any_size_of_images_and_any_number_of_classes(
    n_images, height, width, n_classes
):
    X = np.random.default_rng(0).random((n_images, height, width))

    display = PredictionsDisplay.from_predictions(
        X,
        y_proba=random_probabilities(n_images, n_classes),
        classes=LETTERS[:n_classes],
    )

    assert_readable(display.figure_)
    plt.close(display.figure_)


def test_the_place_of_axes_given_is_filled(mnist):
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")

    display = PredictionsDisplay.from_predictions(
        mnist.X_test,
        y_proba=random_probabilities(200, 10),
        n_images=4,
        ax=right,
        im_kw={"cmap": "viridis"},
        bar_kw={"height": 0.5},
    )

    assert display.figure_ is figure
    assert left.axison
    assert not right.axison
    assert display.axes_[0, 0].images[0].get_cmap().name == "viridis"
    assert display.bars_[0][0].get_height() == 0.5
    left.remove()
    assert_readable(figure)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"show": "wrong"}, ValueError, "'all', 'errors', 'least_confident'"),
        ({"show": "errors"}, ValueError, "needs the true labels, y_true"),
        ({"y_true": [1, 2]}, ValueError, "y_true has 2 labels for 3 images"),
        ({"y_true": list("123")}, ValueError, "y_true and the predictions .* one kind"),
        ({"y_pred": list("123")}, ValueError, "y_pred and classes .* one kind"),
        ({"y_pred": [1, 2]}, ValueError, "y_pred has 2 labels for 3 images"),
        ({"y_proba": None}, ValueError, "Pass y_pred, y_proba or both. Got neither"),
        (
            {"show": "least_confident", "y_proba": None, "y_pred": [1, 2, 3]},
            ValueError,
            "needs probabilities: y_proba",
        ),
        ({"classes": [1, 2]}, ValueError, r"classes has shape \(2,\)"),
        ({"y_proba": np.zeros((2, 4))}, ValueError, "2 rows for 3 images"),
        ({"y_proba": np.full((3, 4), 2)}, ValueError, "from 0 to 1"),
        ({"X": np.zeros((3, 65))}, ValueError, "65 is not a square number"),
    ],
)
def test_wrong_arguments_are_refused(given, error, message):
    ordinary = {"X": squares(3, 8, 8), "y_proba": np.full((3, 4), 0.25)}
    with pytest.raises(error, match=message):
        PredictionsDisplay.from_predictions(**ordinary | given)


@pytest.mark.parametrize(
    ("estimator", "error", "message"),
    [
        (MLPDigitClassifier(), NotFittedError, "not fitted"),
        (LinearRegression().fit([[0], [1]], [0, 1]), ValueError, "LinearRegression"),
    ],
)
def test_what_is_no_fitted_classifier_is_refused(estimator, error, message):
    with pytest.raises(error, match=message):
        PredictionsDisplay.from_estimator(estimator, np.zeros((3, 64)))


def test_confidence_cannot_be_asked_of_a_classifier_without_probabilities(mnist):
    classifier = RidgeClassifier().fit(mnist.X_train, mnist.y_train)
    with pytest.raises(ValueError, match="has predict_proba"):
        PredictionsDisplay.from_estimator(
            classifier, mnist.X_test, show="least_confident"
        )


def test_looks_as_it_did(tmp_path):
    display = PredictionsDisplay.from_predictions(
        squares(3, 8, 8),
        ["coat", "coat", "shirt"],
        y_proba=[[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.1, 0.2, 0.7]],
        classes=["coat", "dress", "shirt"],
    )

    assert_like_baseline(display.figure_, "predictions", tmp_path)

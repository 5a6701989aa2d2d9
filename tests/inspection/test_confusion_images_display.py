"""ConfusionImagesDisplay: a confusion matrix with images of what was confused."""

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
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.metrics import confusion_matrix
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from skdigits import ConfusionImagesDisplay, FlattenScaler, MLPDigitClassifier

pytestmark = pytest.mark.usefixtures("no_window")


@pytest.fixture(scope="module")
def trained(mnist):
    return small().fit(mnist.X_train, mnist.y_train)


@pytest.fixture
def display(trained, mnist):
    return ConfusionImagesDisplay.from_estimator(trained, mnist.X_test, mnist.y_test)


def random_labels(classes, n_images):
    """Labels, most of them predicted right."""
    rng = np.random.default_rng(0)
    y_true = classes[np.arange(n_images) % len(classes)]
    return y_true, np.where(rng.random(n_images) < 0.7, y_true, rng.permutation(y_true))


def test_counts_are_those_of_scikit_learn(display, trained, mnist):
    expected = confusion_matrix(mnist.y_test, trained.predict(mnist.X_test))

    np.testing.assert_array_equal(display.confusion_matrix, expected)
    for cell, count in np.ndenumerate(expected):
        text = display.text_[cell]
        assert count == (0 if text is None else int(text.get_text()))


def test_images_are_in_the_worst_confusions(display):
    errors = display.confusion_matrix - np.diag(np.diag(display.confusion_matrix))

    shown = errors[tuple(display.cells.T)]
    np.testing.assert_array_equal(shown, np.sort(errors, axis=None)[::-1][:10])
    for (row, column), image in zip(display.cells, display.images_, strict=True):
        left, right, bottom, top = image.get_extent()
        assert column - 0.5 < left < right < column + 0.5
        assert row - 0.5 < top < bottom < row + 0.5


def test_an_image_is_the_first_that_was_so_confused(display, trained, mnist):
    y_pred = trained.predict(mnist.X_test)
    for (row, column), image in zip(display.cells, display.images, strict=True):
        confused = (mnist.y_test == row) & (y_pred == column)
        np.testing.assert_array_equal(image.ravel(), mnist.X_test[confused][0])


def test_without_errors_there_is_the_matrix_alone(mnist):
    display = ConfusionImagesDisplay.from_predictions(
        mnist.X_test, mnist.y_test, mnist.y_test
    )

    assert display.images.shape == (0, 28, 28)
    assert not display.images_


def test_a_class_that_does_not_occur_has_its_row(trained, mnist):
    few = mnist.y_test < 3

    display = ConfusionImagesDisplay.from_estimator(
        trained, mnist.X_test[few], mnist.y_test[few]
    )

    assert display.confusion_matrix.shape == (10, 10)


def test_any_classifier_or_pipeline_will_do(mnist):
    images = mnist.X_train.reshape(-1, 28, 28)
    pipeline = make_pipeline(FlattenScaler(), GaussianNB()).fit(images, mnist.y_train)
    frame = pd.DataFrame(mnist.X_train)
    classifier = GaussianNB().fit(frame, mnist.y_train)

    for estimator, X in ((pipeline, images), (classifier, frame)):
        display = ConfusionImagesDisplay.from_estimator(estimator, X, mnist.y_train)
        assert display.images.shape[1:] == (28, 28)


@pytest.mark.parametrize("classes", KINDS_OF_CLASSES)
def test_labels_and_counts_are_readable(classes, mnist):
    y_true, y_pred = random_labels(classes, 200)

    display = ConfusionImagesDisplay.from_predictions(mnist.X_test, y_true, y_pred)

    assert_readable(display.figure_)


def test_counts_of_thousands_are_readable():
    matrix = np.full((10, 10), 9999)
    cells = np.array([[0, 1], [3, 2]])

    display = ConfusionImagesDisplay(matrix, images=squares(2, 8, 8), cells=cells)

    assert_readable(display.plot().figure_)


def test_counts_are_left_out_where_they_would_not_fit(mnist):
    y_true, y_pred = random_labels(LETTERS, 200)
    _, ax = plt.subplots(figsize=(2, 2))

    display = ConfusionImagesDisplay.from_predictions(
        mnist.X_test, y_true, y_pred, ax=ax
    )

    assert (display.text_ == None).all()  # noqa: E711
    assert ax.get_xlim() == (-0.5, 35.5)


def test_the_colours_are_those_of_the_errors():
    matrix = np.array([[900, 8, 0], [1, 700, 4], [0, 2, 800]])
    display = ConfusionImagesDisplay(
        matrix, images=squares(1, 8, 8), cells=np.array([[0, 1]])
    ).plot(cmap="viridis")

    assert display.im_.get_clim() == (0, 8)
    red, green, blue, _ = display.im_.to_rgba(display.im_.get_array()).T
    grey = (red == green) & (green == blue)
    np.testing.assert_array_equal(grey, np.eye(3, dtype=bool))
    assert display.text_[0, 0].get_text() == "900"


@pytest.mark.parametrize("n_classes", [2, 10, 26])
@pytest.mark.parametrize("most", [9, 9999])
def test_words_beside_the_colour_bar_are_readable(n_classes, most):
    matrix = np.random.default_rng(0).integers(0, most, (n_classes, n_classes))
    display = ConfusionImagesDisplay(
        matrix, images=squares(1, 8, 8), cells=np.array([[0, 1]])
    )

    assert_readable(display.plot(colorbar=True).figure_)


@settings(max_examples=8)
@given(
    n_images=st.integers(1, 40),
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    n_classes=st.integers(1, 36),
)
def test_any_size_of_images_and_any_number_of_classes(
    n_images, height, width, n_classes
):
    X = np.random.default_rng(0).random((n_images, height, width))
    y_true, y_pred = random_labels(LETTERS[:n_classes], n_images)

    display = ConfusionImagesDisplay.from_predictions(X, y_true, y_pred)

    assert display.confusion_matrix.sum() == n_images
    assert_readable(display.figure_)
    plt.close(display.figure_)


def test_draws_on_the_axes_given_with_the_style_given(mnist):
    figure, (left, right) = plt.subplots(1, 2)
    y_true, y_pred = random_labels(np.arange(10), 200)

    display = ConfusionImagesDisplay.from_predictions(
        mnist.X_test,
        y_true,
        y_pred,
        ax=right,
        cmap="Greens",
        colorbar=True,
        im_kw={"cmap": "viridis"},
        text_kw={"fontsize": 5},
    )

    assert (display.ax_, display.figure_) == (right, figure)
    assert display.im_.get_cmap().name == "Greens"
    assert display.images_[0].get_cmap().name == "viridis"
    assert display.text_[0, 0].get_fontsize() == 5
    assert len(figure.axes) == 3
    assert not left.images


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"n_cells": -1}, ValueError, "n_cells"),
        ({"n_cells": 1.5}, TypeError, "n_cells"),
        ({"y_true": [1, 2]}, ValueError, "y_true has 2 labels for 3 images"),
        ({"y_pred": [1, 2]}, ValueError, "y_pred has 2 labels for 3 images"),
        ({"y_pred": np.eye(3)}, ValueError, r"y_pred must have one .* \(3, 3\)"),
        ({"y_pred": ["1", "2", "3"]}, ValueError, "Got strings and numbers"),
        ({"X": np.zeros((3, 65))}, ValueError, "65 is not a square number"),
    ],
)
def test_wrong_arguments_are_refused(given, error, message):
    ordinary = {"X": squares(3, 8, 8), "y_true": [1, 2, 3], "y_pred": [1, 2, 2]}
    with pytest.raises(error, match=message):
        ConfusionImagesDisplay.from_predictions(**ordinary | given)


def test_a_classifier_that_is_not_fitted_is_refused(mnist):
    with pytest.raises(NotFittedError):
        ConfusionImagesDisplay.from_estimator(
            MLPDigitClassifier(), mnist.X_test, mnist.y_test
        )


def test_looks_as_it_did(tmp_path):
    display = ConfusionImagesDisplay(
        np.array([[20, 3, 0], [5, 14, 1], [0, 2, 9]]),
        images=squares(2, 8, 8),
        cells=np.array([[1, 0], [0, 1]]),
        display_labels=["coat", "dress", "shirt"],
    )

    assert_like_baseline(display.plot().figure_, "confusion_images", tmp_path)

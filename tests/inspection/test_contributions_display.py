"""ContributionsDisplay: what each pixel contributes to a prediction."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from helpers import assert_like_baseline, assert_readable, small, squares
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdigits import ContributionsDisplay, FlattenScaler, MLPDigitClassifier

pytestmark = pytest.mark.usefixtures("no_window")


@pytest.fixture(scope="module")
def trained(mnist):
    return small(activation="tanh").fit(mnist.X_train, mnist.y_train)


@pytest.fixture(scope="module")
def linear(mnist):
    return small(hidden_layer_sizes=()).fit(mnist.X_train, mnist.y_train)


@pytest.fixture(scope="module")
def named(mnist):
    """A pipeline of other names, fitted on bytes and images that are not square."""
    images = (mnist.X_train * 255).astype(np.uint8).reshape(-1, 14, 56)
    names = np.array(list("zyxwvutsrq"))
    return make_pipeline(FlattenScaler(), small()).fit(images, names[mnist.y_train])


def titles(display):
    return [ax.get_title(loc="right") for ax in display.axes_[:, 1]]


def test_contributions_are_gradient_times_input(trained, mnist):
    display = ContributionsDisplay.from_estimator(trained, mnist.X_test)

    X = mnist.X_test[:8]
    y_pred = trained.predict(X)
    gradients = trained.input_gradients(X, y_pred)
    expected = (gradients * X).reshape(8, 28, 28)
    np.testing.assert_array_equal(display.contributions, expected)
    np.testing.assert_array_equal(display.target, y_pred)


def test_without_a_hidden_layer_they_sum_up_to_the_logit(linear, mnist):
    display = ContributionsDisplay.from_estimator(linear, mnist.X_test, target=3)

    sums = display.contributions.sum(axis=(1, 2)) + linear.intercepts_[0][3]
    logits = mnist.X_test[:8] @ linear.coefs_[0] + linear.intercepts_[0]
    np.testing.assert_allclose(sums, logits[:, 3], atol=1e-4)


def test_originals_stand_beside_their_contributions(trained, mnist):
    display = ContributionsDisplay.from_estimator(trained, mnist.X_test, n_images=3)

    for (left, right), row, contributions in zip(
        display.axes_, mnist.X_test[:3], display.contributions, strict=True
    ):
        np.testing.assert_array_equal(left.images[0].get_array().ravel(), row)
        np.testing.assert_array_equal(right.images[0].get_array(), contributions)
        assert left.get_position().x1 < right.get_position().x0
    assert titles(display) == [f"for {label}" for label in display.target]


def test_one_target_for_all_images_or_one_for_each(trained, mnist):
    X = mnist.X_test[:3]

    one = ContributionsDisplay.from_estimator(trained, X, target=7)
    each = ContributionsDisplay.from_estimator(trained, X, target=[7, 1, 7])

    assert titles(one) == ["for 7"] * 3
    assert titles(each) == ["for 7", "for 1", "for 7"]
    np.testing.assert_array_equal(one.contributions[0], each.contributions[0])
    assert not np.array_equal(one.contributions[1], each.contributions[1])


def test_of_many_targets_those_of_the_images_shown_are_taken(trained, mnist):
    display = ContributionsDisplay.from_estimator(
        trained, mnist.X_test, target=mnist.y_test, n_images=2
    )

    np.testing.assert_array_equal(display.target, mnist.y_test[:2])


def test_a_pipeline_is_given_the_images_as_they_are(named, mnist):
    images = (mnist.X_test * 255).astype(np.uint8).reshape(-1, 14, 56)

    display = ContributionsDisplay.from_estimator(named, images, target="q")
    from_rows = ContributionsDisplay.from_estimator(
        named, pd.DataFrame(images.reshape(200, -1)), target="q"
    )

    assert display.contributions.shape == (8, 14, 56)
    np.testing.assert_array_equal(display.images, images[:8])
    np.testing.assert_allclose(from_rows.contributions, display.contributions)


def test_a_classifier_is_given_the_names_that_it_was_fitted_on(trained, mnist):
    frame = pd.DataFrame(mnist.X_train).add_prefix("pixel ")
    named = small(activation="tanh").fit(frame, mnist.y_train)
    expected = ContributionsDisplay.from_estimator(trained, mnist.X_train)

    display = ContributionsDisplay.from_estimator(named, frame)

    np.testing.assert_array_equal(display.contributions, expected.contributions)


def test_a_pipeline_may_be_of_the_classifier_alone(trained, mnist):
    alone = ContributionsDisplay.from_estimator(trained, mnist.X_test)

    display = ContributionsDisplay.from_estimator(make_pipeline(trained), mnist.X_test)

    np.testing.assert_array_equal(display.contributions, alone.contributions)


def test_colours_are_symmetric_about_zero_and_the_same_for_all(trained, mnist):
    display = ContributionsDisplay.from_estimator(trained, mnist.X_test)

    limits = {ax.images[0].get_clim() for ax in display.axes_[:, 1]}
    ((low, high),) = limits
    assert low == -high < 0


@pytest.mark.parametrize("labels", [["a", "b"], ["a long coat", "ankle-boot"]])
def test_labels_are_readable(labels):
    images = squares(8, 28, 28)

    display = ContributionsDisplay(
        images=images, contributions=images - 0.5, target=np.resize(labels, 8)
    )

    assert_readable(display.plot().figure_)


@settings(max_examples=8)
@given(n_images=st.integers(1, 9), height=st.integers(1, 60), width=st.integers(1, 60))
def test_any_size_and_number_of_images(n_images, height, width):
    images = np.random.default_rng(0).random((n_images, height, width))

    display = ContributionsDisplay(
        images=images, contributions=images - 0.5, target=np.arange(n_images)
    )

    assert_readable(display.plot().figure_)
    plt.close(display.figure_)


def test_the_place_of_axes_given_is_filled(trained, mnist):
    figure, (left, right) = plt.subplots(1, 2)

    display = ContributionsDisplay.from_estimator(
        trained, mnist.X_test, ax=right, cmap="PuOr", im_kw={"cmap": "viridis"}
    )

    assert display.figure_ is figure
    assert left.axison
    assert not right.axison
    assert display.axes_[0, 0].images[0].get_cmap().name == "viridis"
    assert display.axes_[0, 1].images[0].get_cmap().name == "PuOr"


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (MLPDigitClassifier(), NotFittedError, "not fitted"),
        (LogisticRegression().fit([[0], [1]], [0, 1]), TypeError, "LogisticRegression"),
    ],
)
def test_what_has_no_network_is_refused(wrong, error, message, mnist):
    with pytest.raises(error, match=message):
        ContributionsDisplay.from_estimator(wrong, mnist.X_test)


def test_contributions_that_belong_to_no_pixels_are_refused(mnist):
    pipeline = make_pipeline(PCA(25), small()).fit(mnist.X_train, mnist.y_train)
    with pytest.raises(ValueError, match="makes 25 features of images of 784 pixels"):
        ContributionsDisplay.from_estimator(pipeline, mnist.X_test)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"target": 10}, ValueError, "target must be of the classes"),
        ({"target": "7"}, ValueError, "target must be of the classes"),
        ({"target": [1, 2]}, ValueError, "target has 2 labels for 200 images"),
    ],
)
def test_wrong_arguments_are_refused(trained, mnist, given, error, message):
    with pytest.raises(error, match=message):
        ContributionsDisplay.from_estimator(trained, mnist.X_test, **given)


def test_looks_as_it_did(tmp_path):
    images = squares(3, 8, 8)

    display = ContributionsDisplay(
        images=images,
        contributions=images * np.linspace(-1, 1, 8),
        target=["coat", "dress", "coat"],
    )

    assert_like_baseline(display.plot().figure_, "contributions", tmp_path)

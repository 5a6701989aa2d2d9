"""WeightsDisplay: what the units of the first layer look for."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from helpers import assert_like_baseline, assert_readable, small, squares
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import SymLogNorm
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdigits import FlattenScaler, MLPDigitClassifier, WeightsDisplay

pytestmark = pytest.mark.usefixtures("no_window")


@pytest.fixture(scope="module")
def trained(mnist):
    return small().fit(mnist.X_train, mnist.y_train)


def test_shows_the_weights_between_the_pixels_and_each_unit(trained):
    display = WeightsDisplay.from_estimator(trained)

    assert display.weights.shape == (16, 28, 28)
    for unit, weights in zip(display.units, display.weights, strict=True):
        np.testing.assert_array_equal(weights.ravel(), trained.coefs_[0][:, unit])
    picture = display.im_.get_array()
    np.testing.assert_array_equal(picture[:28, :28], display.weights[0])


def test_units_with_the_largest_weights_come_first(trained):
    display = WeightsDisplay.from_estimator(trained, n_units=5)

    sizes = np.linalg.norm(trained.coefs_[0], axis=0)
    np.testing.assert_array_equal(sizes[display.units], np.sort(sizes)[::-1][:5])


def test_without_a_hidden_layer_units_are_the_classes_in_order(mnist):
    classifier = small(hidden_layer_sizes=()).fit(mnist.X_train, mnist.y_train)

    display = WeightsDisplay.from_estimator(classifier)

    np.testing.assert_array_equal(display.units, np.arange(10))


def test_colours_are_symmetric_about_zero(trained):
    display = WeightsDisplay.from_estimator(trained)

    low, high = display.im_.get_clim()
    assert low == -high < 0
    assert display.colorbar_.mappable is display.im_


def test_a_pipeline_knows_the_size_of_its_images(mnist):
    images = mnist.X_train.reshape(-1, 14, 56)
    pipeline = make_pipeline(FlattenScaler(), small()).fit(images, mnist.y_train)
    classifier = small().fit(images, mnist.y_train)

    for estimator in (pipeline, classifier):
        display = WeightsDisplay.from_estimator(estimator, n_units=3)
        assert display.weights.shape == (3, 14, 56)


@settings(max_examples=10)
@given(n_units=st.integers(1, 30), height=st.integers(1, 60), width=st.integers(1, 60))
def test_any_size_of_images_and_any_number_of_units(n_units, height, width):
    weights = np.random.default_rng(0).normal(size=(n_units, height, width))

    display = WeightsDisplay(weights=weights).plot()

    assert (~np.ma.getmaskarray(display.im_.get_array())).sum() == weights.size
    assert_readable(display.figure_)
    plt.close(display.figure_)


def test_weights_of_zero_are_shown_too():
    display = WeightsDisplay(weights=np.zeros((4, 8, 8))).plot()

    assert display.im_.get_clim() == (-1, 1)


def test_draws_on_the_axes_given_with_the_style_given(trained):
    figure, (left, right) = plt.subplots(1, 2)

    display = WeightsDisplay.from_estimator(
        trained, ax=right, im_kw={"cmap": "PuOr", "vmax": 2}
    )

    assert (display.ax_, display.figure_) == (right, figure)
    assert display.im_.get_cmap().name == "PuOr"
    assert display.im_.get_clim()[1] == 2
    assert not left.images


def test_a_norm_given_has_its_own_limits(trained):
    display = WeightsDisplay.from_estimator(
        trained, im_kw={"norm": SymLogNorm(0.1, vmax=3)}
    )

    assert display.im_.norm.vmax == 3


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (MLPDigitClassifier(), NotFittedError, "not fitted"),
        (LogisticRegression().fit([[0], [1]], [0, 1]), TypeError, "LogisticRegression"),
    ],
)
def test_what_has_no_network_is_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        WeightsDisplay.from_estimator(wrong)


def test_weights_that_belong_to_no_pixels_are_refused(mnist):
    pipeline = make_pipeline(PCA(20), small()).fit(mnist.X_train, mnist.y_train)
    with pytest.raises(ValueError, match="20 is not a square number"):
        WeightsDisplay.from_estimator(pipeline)


@pytest.mark.parametrize("n_units", [0, 1.5, "6"])
def test_a_number_of_units_that_is_none_is_refused(trained, n_units):
    with pytest.raises((TypeError, ValueError), match="n_units"):
        WeightsDisplay.from_estimator(trained, n_units=n_units)


def test_looks_as_it_did(tmp_path):
    display = WeightsDisplay(weights=squares(8, 6, 9) - 0.4).plot()

    assert_like_baseline(display.figure_, "weights", tmp_path)

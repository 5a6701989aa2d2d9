"""ImagesDisplay: a look at a data set."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from helpers import LETTERS, assert_like_baseline, assert_readable, squares
from hypothesis import given, settings
from hypothesis import strategies as st

from skdigits import ImagesDisplay

pytestmark = pytest.mark.usefixtures("no_window")

WORDS = np.array(["T-shirt", "trousers", "pullover", "ankle-boot"])


def texts(display):
    return [text.get_text() for text in display.text_]


def test_shows_a_row_for_each_class(mnist):
    display = ImagesDisplay.from_images(
        mnist.X_train, mnist.y_train, n_images=5, by_class=True, random_state=0
    )

    np.testing.assert_array_equal(display.labels, np.repeat(np.arange(10), 5))
    picture = display.im_.get_array()
    np.testing.assert_array_equal(picture[:28, :28], display.images[0])
    np.testing.assert_array_equal(picture[-28:, -28:], display.images[-1])
    assert texts(display) == list("0123456789")


def test_every_image_shown_is_one_of_its_class_and_none_is_shown_twice(mnist):
    X, y = mnist.X_train, mnist.y_train

    display = ImagesDisplay.from_images(
        X, y, n_images=10, by_class=True, random_state=0
    )

    label_of = {row.tobytes(): label for row, label in zip(X, y, strict=True)}
    shown = [image.tobytes() for image in display.images]
    assert [label_of[image] for image in shown] == display.labels.tolist()
    assert len(set(shown)) == 100


def test_the_seed_decides_the_sample(mnist):
    one, same, other = (
        ImagesDisplay.from_images(
            mnist.X_train, mnist.y_train, by_class=True, random_state=seed
        )
        for seed in (0, 0, 1)
    )

    np.testing.assert_array_equal(one.images, same.images)
    assert not np.array_equal(one.images, other.images)


def test_a_class_of_few_images_shows_them_all(mnist):
    display = ImagesDisplay.from_images(mnist.X_train[:4], [0, 1, 1, 1], by_class=True)

    assert display.labels.tolist() == [0, 1, 1, 1]
    assert np.ma.getmaskarray(display.im_.get_array())[:28, -28:].all()


def test_without_labels_images_are_shown_as_they_come(mnist):
    display = ImagesDisplay.from_images(mnist.X_train, n_images=7)

    np.testing.assert_array_equal(display.images.reshape(7, -1), mnist.X_train[:7])
    assert not display.text_


def test_each_image_is_below_its_label(mnist):
    display = ImagesDisplay.from_images(mnist.X_train, mnist.y_train, n_images=12)

    np.testing.assert_array_equal(display.images.reshape(12, -1), mnist.X_train[:12])
    assert texts(display) == [str(label) for label in mnist.y_train[:12]]
    assert_readable(display.figure_)


def test_a_series_of_labels_keeps_to_its_order_whatever_its_index(mnist):
    y = pd.Series(mnist.y_train[:12], index=range(12)[::-1])

    display = ImagesDisplay.from_images(mnist.X_train[:12], y, n_images=12)

    np.testing.assert_array_equal(display.labels, mnist.y_train[:12])


@pytest.mark.parametrize("labels", [LETTERS[:2], np.arange(10), LETTERS, WORDS])
@pytest.mark.parametrize(("n_images", "by_class"), [(6, True), (50, False)])
def test_labels_are_readable(mnist, labels, n_images, by_class):
    y = np.resize(labels, len(mnist.X_train))

    display = ImagesDisplay.from_images(
        mnist.X_train, y, n_images=n_images, by_class=by_class
    )

    assert_readable(display.figure_)


@settings(max_examples=12)
@given(
    n_samples=st.integers(1, 30),
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    n_classes=st.integers(1, 36),
    n_images=st.integers(1, 30),
    by_class=st.booleans(),
)
def test_any_size_of_images_and_any_number_of_classes(
    n_samples, height, width, n_classes, n_images, by_class
):
    X = np.random.default_rng(0).random((n_samples, height, width))
    y = LETTERS[np.arange(n_samples) % n_classes]

    display = ImagesDisplay.from_images(X, y, n_images=n_images, by_class=by_class)

    shown = (~np.ma.getmaskarray(display.im_.get_array())).sum()
    assert shown == display.images.size
    assert max(display.figure_.get_size_inches()) < 16
    plt.close(display.figure_)


def test_dollars_in_a_label_are_no_mathematics(mnist):
    display = ImagesDisplay.from_images(mnist.X_train[:2], ["$x_1$", r"$\wrong"])

    assert_readable(display.figure_)


def test_draws_on_the_axes_given_with_the_style_given(mnist):
    figure, (left, right) = plt.subplots(1, 2)

    display = ImagesDisplay.from_images(
        mnist.X_train, mnist.y_train, ax=right, im_kw={"cmap": "viridis", "vmax": 2}
    )

    assert (display.ax_, display.figure_) == (right, figure)
    assert display.im_.get_cmap().name == "viridis"
    assert display.im_.get_clim() == (0, 2)
    assert not left.images


def test_draws_on_the_axes_of_a_subfigure(mnist):
    _, subfigure = plt.figure(layout="constrained").subfigures(1, 2)

    display = ImagesDisplay.from_images(
        mnist.X_train, mnist.y_train, ax=subfigure.subplots()
    )

    assert display.figure_ is subfigure


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.zeros((2, 783)), None, "783 is not a square number"),
        (np.full((2, 8, 8), np.nan), None, "X contains NaN"),
        (np.zeros((2, 8, 8, 3)), None, "3 colour channels"),
        (np.zeros((0, 8, 8)), None, "X has no images"),
        (np.zeros((2, 8, 8)), [1, 2, 3], "y has 3 labels for 2 images"),
        (np.zeros((2, 8, 8)), [0.5, 1], "y must have class labels"),
    ],
)
def test_what_is_no_images_or_labels_is_refused(X, y, message):
    with pytest.raises(ValueError, match=message):
        ImagesDisplay.from_images(X, y)


def test_a_row_for_each_class_needs_labels(mnist):
    with pytest.raises(ValueError, match="by_class=True needs the labels, y"):
        ImagesDisplay.from_images(mnist.X_train, by_class=True)


@pytest.mark.parametrize("by_class", [True, False])
def test_looks_as_it_did(tmp_path, by_class):
    display = ImagesDisplay.from_images(
        squares(8, 6, 9),
        np.resize(WORDS, 8),
        by_class=by_class,
        random_state=0,
    )

    name = "images_by_class" if by_class else "images_as_they_come"
    assert_like_baseline(display.figure_, name, tmp_path)

"""DistortionDisplay: what it shows, of what, and where."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from skdigits import DistortionDisplay

pytestmark = pytest.mark.usefixtures("no_window")


@pytest.fixture
def images(mnist):
    return mnist.X_train[:3].reshape(-1, 28, 28)


def test_originals_stand_beside_their_distorted_copies(images):
    display = DistortionDisplay.from_images(images, n_copies=4, random_state=0)

    assert display.distorted.shape == (3, 4, 28, 28)
    picture = display.im_.get_array()
    np.testing.assert_array_equal(picture[:28, :28], images[0])
    np.testing.assert_array_equal(picture[-28:, :28], images[2])
    np.testing.assert_array_equal(picture[-28:, -28:], display.distorted[2, 3])
    labels = [label.get_text() for label in display.ax_.get_xticklabels()]
    assert labels == ["original", "distorted"]


def test_images_are_kept_apart(images):
    picture = DistortionDisplay.from_images(images, n_copies=4).im_.get_array()

    empty = np.ma.getmaskarray(picture)
    assert empty.all(axis=0).sum() >= 4
    assert empty.all(axis=1).sum() >= 2
    assert (~empty).sum() == 3 * 5 * 28 * 28


def test_every_copy_is_distorted_anew_and_the_seed_decides(images):
    first, same, other = (
        DistortionDisplay.from_images(images, random_state=seed).distorted
        for seed in (0, 0, 1)
    )

    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)
    assert len({copy.tobytes() for copy in first[0]}) == 6


def test_what_is_shown_is_what_augment_returns(images):
    display = DistortionDisplay.from_images(images, lambda images, rng: 1 - images)

    np.testing.assert_array_equal(display.distorted[:, 0], 1 - images)


def test_images_need_not_be_square(mnist):
    images = mnist.X_train[:2].reshape(-1, 14, 56)

    display = DistortionDisplay.from_images(images, n_copies=2)

    assert display.distorted.shape == (2, 2, 14, 56)


def test_draws_on_the_axes_given_with_the_style_given(images):
    figure, (left, right) = plt.subplots(1, 2)

    display = DistortionDisplay.from_images(
        images, ax=right, im_kw={"cmap": "viridis", "vmax": 2}
    )

    assert display.ax_ is right
    assert display.figure_ is figure
    assert display.im_.get_cmap().name == "viridis"
    assert display.im_.get_clim() == (0, 2)
    assert not left.images


def test_labels_do_not_overlap(images):
    display = DistortionDisplay.from_images(images, n_copies=1)
    display.figure_.canvas.draw()

    left, right = (label.get_window_extent() for label in display.ax_.get_xticklabels())
    assert left.x1 < right.x0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.zeros((2, 783)), "783 is not a square number"),
        (np.full((2, 8, 8), np.nan), "X contains NaN"),
        (np.zeros((2, 8, 8, 3)), "3 colour channels"),
        (np.zeros((0, 8, 8)), "X has no images"),
    ],
)
def test_what_is_no_images_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        DistortionDisplay.from_images(wrong)


@pytest.mark.parametrize("augment", ["rotate", None, 3, ["affine"]])
def test_an_augmentation_that_is_none_is_refused(images, augment):
    with pytest.raises(ValueError, match=r"augment must be one of .*'elastic'.* Got"):
        DistortionDisplay.from_images(images, augment)


@pytest.mark.parametrize("n_copies", [0, -1, 1.5, "6"])
def test_a_number_of_copies_that_is_none_is_refused(images, n_copies):
    with pytest.raises((TypeError, ValueError), match="n_copies"):
        DistortionDisplay.from_images(images, n_copies=n_copies)

"""Pictures with what was read in them, beyond what every display promises."""

import numpy as np
import pytest
from helpers import assert_readable
from matplotlib.colors import to_rgba
from PIL import Image

from skdigits import Numbers, NumbersDisplay, load_mnist, load_reader, read_numbers
from skdigits.inspection._base import GREEN, VERMILION

pytestmark = pytest.mark.usefixtures("no_window")

IMAGES = load_mnist("test").images


@pytest.fixture(scope="module")
def picture():
    return 255 - np.hstack(list(IMAGES[:4]))


@pytest.fixture(scope="module")
def numbers(picture):
    return read_numbers(picture)


def test_each_digit_has_its_box_and_its_label(numbers):
    display = NumbersDisplay(numbers=[numbers]).plot()
    assert [text.get_text() for text in display.text_] == ["7", "2", "1", "0"]
    for rectangle, box in zip(display.boxes_, numbers.boxes, strict=True):
        left, top = np.add(rectangle.get_xy(), 0.5)
        right, bottom = left + rectangle.get_width(), top + rectangle.get_height()
        np.testing.assert_array_equal([top, left, bottom, right], box)


def test_what_the_reader_is_unsure_of_has_another_colour(numbers):
    probabilities = numbers.probabilities.copy()
    probabilities[1] = 0.1
    unsure = Numbers(**numbers | {"probabilities": probabilities})
    colors = [
        text.get_color() for text in NumbersDisplay(numbers=[unsure]).plot().text_
    ]
    assert colors == [GREEN, VERMILION, GREEN, GREEN]


def test_pictures_are_files_arrays_and_pillows(picture, tmp_path):
    path = tmp_path / "numbers.png"
    Image.fromarray(picture).save(path)
    given = [path, picture, Image.fromarray(picture)]
    display = NumbersDisplay.from_estimator(load_reader(), given)
    assert [numbers.numbers for numbers in display.numbers] == [["7210"]] * 3


@pytest.mark.parametrize(
    "change",
    [
        lambda picture: picture,
        lambda picture: picture[..., np.newaxis],
        lambda picture: np.dstack([picture] * 3),
        lambda picture: np.dstack([picture] * 3).astype(np.uint16) * 257,
        lambda picture: np.dstack([picture / 255.0] * 3),
        lambda picture: np.dstack([picture] * 3 + [np.full_like(picture, 255)]),
        lambda picture: np.dstack([picture, np.full_like(picture, 255)]),
        lambda picture: picture > 127,
    ],
)
def test_pictures_of_every_type_are_drawn(picture, change):
    display = NumbersDisplay.from_estimator(load_reader(), [change(picture)])
    display.figure_.canvas.draw()
    assert len(display.boxes_) == 4
    assert display.images_[0].get_array().shape[:2] == picture.shape


def test_a_picture_without_digits_is_drawn_as_it_is():
    blank = Numbers(
        numbers=[],
        digits=np.empty(0, int),
        probabilities=np.empty((0, 10)),
        boxes=np.empty((0, 4), int),
        lines=np.empty(0, int),
        picture=np.full((20, 30), 255, np.uint8),
    )
    display = NumbersDisplay(numbers=[blank]).plot()
    assert display.boxes_ == display.text_ == []
    assert display.images_[0].get_array().shape == (20, 30)


def test_labels_of_small_digits_do_not_overlap():
    page = np.vstack(
        [np.hstack(list(line)) for line in IMAGES[:100].reshape(5, 20, 28, 28)]
    )
    display = NumbersDisplay.from_estimator(load_reader(), [page])
    assert len(display.text_) > 90
    assert_readable(display.figure_)


def test_the_style_that_is_given_goes_before_our_own(numbers):
    display = NumbersDisplay(numbers=[numbers]).plot(
        box_kw={"lw": 3}, text_kw={"fontsize": 5}
    )
    assert {box.get_linewidth() for box in display.boxes_} == {3}
    assert {text.get_fontsize() for text in display.text_} == {5}
    assert display.boxes_[0].get_edgecolor() == to_rgba(GREEN)

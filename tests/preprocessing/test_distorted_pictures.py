"""The pictures that tests are made of: seeded, and what they are said to be."""

import numpy as np
import pytest
from distorted_pictures import (
    make_bilevel,
    paste,
    photograph,
    resize,
    shrink_to_4_bits,
)

from skdigits import load_mnist


@pytest.fixture(scope="module")
def images():
    return load_mnist("train").images[:30]


@pytest.mark.parametrize("make", [paste, photograph])
def test_the_seed_decides(make, images):
    first, same, other = (make(images, seed) for seed in (0, 0, 1))

    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("make", [paste, photograph])
def test_a_digit_is_drawn_as_it_is_whatever_comes_after_it(make, images):
    np.testing.assert_array_equal(make(images[:5], seed=0), make(images, seed=0)[:5])


def test_pasted_digits_differ_in_size_and_place(images):
    pictures = paste(images, seed=0)

    assert pictures.shape == (30, 72, 72)
    rows = (pictures > 0).any(axis=2)
    heights = rows.sum(axis=1)
    assert heights.min() < 24
    assert heights.max() > 32
    assert np.ptp(rows.argmax(axis=1)) > 20


def test_half_of_the_photographs_are_dark_on_light(images):
    pictures = photograph(images, seed=0)

    light = np.median(pictures, axis=(1, 2)) > 127
    assert 0.2 < light.mean() < 0.8


def test_small_pictures_have_sixteen_steps_and_fill_the_height(images):
    pictures = shrink_to_4_bits(images)

    assert pictures.shape == (30, 8, 8)
    assert pictures.max() == 16
    assert pictures[:, [0, -1]].any(axis=2).all()


@pytest.mark.parametrize("stretch", [False, True])
def test_bilevel_pictures_touch_their_edges(images, stretch):
    for picture in make_bilevel(images, bold=1, stretch=stretch):
        assert set(np.unique(picture)) <= {0, 255}
        assert max(picture.shape) == 16
        for edge in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
            assert edge.any()
        assert not stretch or picture.shape == (16, 16)


def test_resized_pictures_have_the_size_of_mnists(images):
    assert resize(paste(images, seed=0)).shape == images.shape

"""What the reader that comes with the package gets right.

python -m pytest tests/reach/test_reader.py
"""

import numpy as np
import pytest
from _pictures import LIKE_DIGITS, draw_letters, draw_scribbles
from distorted_pictures import make_bilevel, photograph
from sklearn.datasets import load_digits

from skdigits import load_reader

READER = "stored reader"


@pytest.fixture(scope="module")
def reader():
    return load_reader()


def accuracy(reader, X, y):
    return 100 * reader.score(X, y)


def test_digits_of_8_x_8_pixels(table, reader):
    digits = load_digits()
    right = accuracy(reader, digits.images, digits.target)
    assert table.add(
        "scikit-learn's 1,797 digits of 8 x 8 pixels", READER, None, right, 97
    )


def test_mnists_test_images(table, reader, test_digits):
    right = accuracy(reader, test_digits.images, test_digits.target)
    assert table.add("MNIST's test images", READER, None, right, 99.3)


def test_photographs(table, reader, test_digits):
    pictures = photograph(test_digits.images, seed=0)
    right = accuracy(reader, pictures, test_digits.target)
    assert table.add("the same, photographed", READER, None, right, 99)


def test_bilevel_digits(table, reader, test_digits):
    right = accuracy(
        reader, make_bilevel(test_digits.images, bold=0.5), test_digits.target
    )
    assert table.add(
        "the same, 16 x 16 black and white pixels, bold, cropped to their edges",
        READER,
        None,
        right,
        97,
    )


@pytest.fixture(scope="module")
def least_confidence(reader, test_digits):
    """That of which 2% of digits, half of them photographed, have less."""
    images = test_digits.images[:2000]
    pictures = [*images, *photograph(images, seed=1)]
    return np.quantile(reader.predict_proba(pictures).max(axis=1), 0.02)


def rejected(reader, pictures, least_confidence):
    confidences = reader.predict_proba(pictures).max(axis=1)
    return 100 * np.mean(confidences < least_confidence)


def test_letters_are_rejected(table, reader, least_confidence):
    letters, pictures = draw_letters()
    chosen = [
        picture
        for letter, picture in zip(letters, pictures, strict=True)
        if letter not in LIKE_DIGITS
    ]
    right = rejected(reader, chosen, least_confidence)
    assert table.add(
        "printed letters, rejected where 2% of digits are", READER, None, right, 80
    )


def test_scribbles_are_rejected(table, reader, least_confidence):
    right = rejected(reader, draw_scribbles(1000, seed=0), least_confidence)
    assert table.add("scribbles, rejected likewise", READER, None, right, 80)

"""What the reader that comes with the package gets right.

python -m pytest tests/reach/test_reader.py
"""

import pytest
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

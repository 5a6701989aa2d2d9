"""Preprocessing of images: scikit-learn transformers, and finding digits."""

from skdigits.preprocessing._digit_normalizer import DigitNormalizer
from skdigits.preprocessing._find_digits import find_digits
from skdigits.preprocessing._flatten_scaler import FlattenScaler

__all__ = ["DigitNormalizer", "FlattenScaler", "find_digits"]

"""Preprocessing of images, as scikit-learn transformers."""

from skdigits.preprocessing._digit_normalizer import DigitNormalizer
from skdigits.preprocessing._flatten_scaler import FlattenScaler

__all__ = ["DigitNormalizer", "FlattenScaler"]

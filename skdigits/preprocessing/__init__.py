"""Preprocessing of images, as scikit-learn transformers."""

from skdigits.preprocessing._flatten_scaler import FlattenScaler

__all__ = ["FlattenScaler"]

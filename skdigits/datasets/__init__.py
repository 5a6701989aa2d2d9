"""Data sets of images of digits that are part of the package."""

from skdigits.datasets._mnist import load_mnist

__all__ = ["load_mnist"]

"""Data sets of images of digits, shipped with the package."""

from skdigits.datasets._mnist import load_mnist

__all__ = ["load_mnist"]

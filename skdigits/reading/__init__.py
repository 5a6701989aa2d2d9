"""Read numbers in pictures, with a trained network."""

from skdigits.reading._read_numbers import Numbers, read_numbers
from skdigits.reading._reader import load_reader

__all__ = ["Numbers", "load_reader", "read_numbers"]

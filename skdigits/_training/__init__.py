"""One training: rows, labels and options in, weights out."""

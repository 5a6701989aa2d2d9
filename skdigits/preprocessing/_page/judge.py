"""The judge of cuts: how likely a piece of ink is one whole digit.

A small network sees the piece, what is beside it, and their sizes. It says how likely
each digit is, of which the odds of being any digit follow.
`examples/train_judge.py` trains it.
"""

from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import logsumexp
from sklearn.utils import gen_batches

from skdigits._network.forward import logits

JUDGE_FILE = files("skdigits.preprocessing") / "data" / "judge.npz"

# The piece fits into this many rows and columns of a frame, whose other columns show
# what is beside it
ROWS, COLUMNS = 24, 33
FRAME = 27, 48

# How many sizes follow the frames
N_SIZES = 6

# Of convolutions
STRIDE = 2


def judge(candidates, clarity):
    """Set the logarithms of the odds that the pieces are digits, in one call for all.

    Parameters
    ----------
    candidates : list of Candidate

    clarity : ndarray of float32 of shape (n_rows, n_columns)
        Of the page.
    """
    if not candidates:
        return
    rows = np.concatenate([features(each, clarity) for each in candidates])
    # In parts, since windows take much memory
    scores = [odds_of(rows[part]) for part in gen_batches(len(rows), 256)]
    odds = iter(np.concatenate(scores).tolist())
    for candidate in candidates:
        candidate.odds = {ends: next(odds) for ends in candidate.pieces}


def odds_of(rows):
    """Return the logarithms of the odds that pieces are digits.

    Parameters
    ----------
    rows : ndarray of uint8 of shape (n_pieces, n_features)
        As `features` returns them.

    Returns
    -------
    odds : ndarray of float32 of shape (n_pieces,)
    """
    coefs, intercepts = _weights()
    rows = rows.astype(np.float32) / 255
    frames = rows[:, :-N_SIZES].reshape(-1, 2, *FRAME).transpose(0, 2, 3, 1)
    n_convolutions = sum(kernel.ndim > 2 for kernel in coefs)
    for kernel, intercept in zip(
        coefs[:n_convolutions], intercepts[:n_convolutions], strict=True
    ):
        windows = sliding_window_view(frames, kernel.shape[:2], axis=(1, 2))
        windows = windows[:, ::STRIDE, ::STRIDE]
        sums = np.tensordot(windows, kernel, ((3, 4, 5), (2, 0, 1))) + intercept
        frames = np.maximum(sums, 0, out=sums)
    values = np.hstack([frames.reshape(len(rows), -1), rows[:, -N_SIZES:]])
    dense = coefs[n_convolutions:], intercepts[n_convolutions:]
    # One output for each digit: the odds of being any of them
    return logsumexp(logits(values, *dense, "relu"), axis=1)


@cache
def _weights():
    """Return weights and biases by layer: convolutions, and dense layers."""
    with np.load(BytesIO(JUDGE_FILE.read_bytes()), allow_pickle=False) as arrays:
        layers = range(len(arrays) // 2)
        return tuple(
            [arrays[f"{name}{layer}"].astype(np.float32) for layer in layers]
            for name in ("coefs_", "intercepts_")
        )


def features(candidate, clarity):
    """Return what the judge knows of each piece of a candidate.

    Parameters
    ----------
    candidate : Candidate

    clarity : ndarray of float32 of shape (n_rows, n_columns)
        Of the page.

    Returns
    -------
    features : ndarray of uint8 of shape (n_pieces, n_features)
    """
    top, left, bottom, right = candidate.whole.box
    ink = clarity[top:bottom, left:right] * candidate.whole.mask
    tall, wide = ink.shape
    pieces = list(candidate.pieces.values())
    own = np.zeros((len(pieces), tall, wide), np.float32)
    boxes = np.array([piece.box for piece in pieces]) - (top, left, top, left)
    for piece, (y, x, y_end, x_end), inside in zip(pieces, boxes, own, strict=True):
        inside[y:y_end, x:x_end] = piece.mask
    own *= ink
    height, width = (boxes[:, 2:] - boxes[:, :2]).T
    middle = (boxes[:, :2] + boxes[:, 2:]).T / 2
    pitch = np.maximum(height / ROWS, width / COLUMNS)
    rows = _samples(middle[0], pitch, FRAME[0], tall)
    columns = _samples(middle[1], pitch, FRAME[1], wide).transpose(0, 2, 1)
    of_pieces, of_all = rows @ own @ columns, rows @ ink @ columns
    frames = np.stack([of_pieces, of_all - of_pieces], axis=1)
    sizes = [
        height / candidate.height / 2,
        width / candidate.height / 3,
        height / tall,
        width / wide,
        boxes[:, 0] / tall,
        1 - boxes[:, 2] / tall,
    ]
    values = np.hstack([frames.reshape(len(pieces), -1), np.transpose(sizes)])
    return np.rint(255 * values.clip(0, 1)).astype(np.uint8)


def _samples(middle, pitch, n_cells, n_pixels):
    """Return what each pixel adds to each cell of frames, in one direction.

    Cells are a pitch apart. Pixels add the less, the farther they are from the middle
    of a cell.

    Parameters
    ----------
    middle, pitch : ndarray of float of shape (n_frames,)
        In pixels.

    n_cells, n_pixels : int

    Returns
    -------
    samples : ndarray of float32 of shape (n_frames, n_cells, n_pixels)
    """
    cells = np.arange(n_cells) - (n_cells - 1) / 2
    places = (middle[:, np.newaxis] + pitch[:, np.newaxis] * cells).astype(np.float32)
    away = abs(places[:, :, np.newaxis] - np.arange(0.5, n_pixels, dtype=np.float32))
    reach = pitch.clip(1).astype(np.float32)[:, np.newaxis, np.newaxis]
    return (1 - away / reach).clip(0) / reach

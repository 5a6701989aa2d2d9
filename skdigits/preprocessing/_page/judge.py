"""The judge of cuts: how likely a piece of ink is one whole digit.

A small network sees the piece, what is beside it, and their sizes.
`examples/train_judge.py` trains it.
"""

from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.utils import gen_batches

from skdigits._network.forward import logits

JUDGE_FILE = files("skdigits.preprocessing") / "data" / "judge.npz"

# The piece fits into this many rows and columns of a frame, whose other columns show
# what is beside it
ROWS, COLUMNS = 16, 22
FRAME = 18, 32

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
    return logits(values, *dense, "relu")[:, 0]


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
    whole = candidate.whole
    top, left, bottom, right = whole.box
    ink = clarity[top:bottom, left:right] * whole.mask
    tall, wide = ink.shape
    margin = tall + wide
    padded = np.zeros((2, tall + 2 * margin, wide + 2 * margin), np.float32)
    inside = slice(margin, margin + tall), slice(margin, margin + wide)
    rows = []
    for piece in candidate.pieces.values():
        own = np.zeros(ink.shape, bool)
        y, x = piece.box[:2] - (top, left)
        height, width = piece.mask.shape
        own[y : y + height, x : x + width] = piece.mask
        padded[0][inside] = ink * own
        padded[1][inside] = ink * ~own
        pitch = max(height / ROWS, width / COLUMNS)
        reach = np.array(FRAME[::-1]) * pitch / 2
        center = np.array([x + width / 2, y + height / 2]) + margin
        box = *(center - reach), *(center + reach)
        frames = [_resized(each, box) for each in padded]
        sizes = [
            height / candidate.height / 2,
            width / candidate.height / 3,
            height / tall,
            width / wide,
            y / tall,
            1 - (y + height) / tall,
        ]
        values = np.concatenate([*(frame.ravel() for frame in frames), sizes])
        rows.append(np.rint(255 * values.clip(0, 1)).astype(np.uint8))
    return np.stack(rows)


def _resized(image, box):
    # Importing the package needs no Pillow
    from PIL import Image

    frame = Image.fromarray(image).resize(
        FRAME[::-1], Image.Resampling.BILINEAR, box=box
    )
    return np.asarray(frame)

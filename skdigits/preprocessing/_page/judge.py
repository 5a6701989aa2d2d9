"""The judge of cuts: how likely a piece of ink is one whole digit.

A small network sees the piece, what is beside it, and their sizes.
`examples/train_judge.py` trains it.
"""

from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np

from skdigits._network.forward import logits

JUDGE_FILE = files("skdigits.preprocessing") / "data" / "judge.npz"

# Of the network between its layers
ACTIVATION = "relu"

# The piece fits into this many rows and columns of a frame, whose other columns show
# what is beside it
ROWS, COLUMNS = 16, 22
FRAME = 18, 32


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
    scores = logits(rows.astype(np.float32) / 255, *_weights(), ACTIVATION)
    odds = iter(scores[:, 0].tolist())
    for candidate in candidates:
        candidate.odds = {ends: next(odds) for ends in candidate.pieces}


@cache
def _weights():
    """Return weights and biases by layer."""
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

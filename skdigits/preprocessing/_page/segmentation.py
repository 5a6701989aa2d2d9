"""The network that tells which digits a shape of ink consists of, and where they are.

It sees the shape, as large as its frame allows, and how large it is relative to the
page's digits. Of the first, the second and the third digit from the left, it says which
one it is, or that there is none, and which part of the frame it covers. Digits may
overlap. `examples/train_segmentation.py` trains it.
"""

from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.utils import gen_batches

WEIGHTS_FILE = files("skdigits.preprocessing") / "data" / "segmentation.npz"

# Rows and columns of a frame, and the most that a shape takes of it
FRAME, INSIDE = (32, 64), (28, 60)

# How many digits it tells apart, and the class that means no digit
MOST_DIGITS, NONE = 3, 10

# Rows and columns of the answer
MASK = 16, 32


def to_frame(ink):
    """Return a shape in the middle of a frame.

    Parameters
    ----------
    ink : ndarray of float of shape (n_rows, n_columns)
        From 0 to 1.

    Returns
    -------
    frame : ndarray of uint8 of shape FRAME
    """
    # Importing the package needs no Pillow
    from PIL import Image

    top, left, n_rows, n_columns = _place(ink.shape)
    levels = np.rint(255 * ink.clip(0, 1)).astype(np.uint8)
    frame = np.zeros(FRAME, np.uint8)
    frame[top : top + n_rows, left : left + n_columns] = Image.fromarray(levels).resize(
        (n_columns, n_rows), Image.Resampling.BILINEAR
    )
    return frame


def from_frame(mask, shape):
    """Return the part of an answer that lies on a shape, as large as the shape.

    Parameters
    ----------
    mask : ndarray of float32 of shape MASK

    shape : (int, int)

    Returns
    -------
    resized : ndarray of float32 of shape `shape`
    """
    from PIL import Image

    top, left, n_rows, n_columns = _place(shape)
    smaller = FRAME[0] / MASK[0]
    box = np.array([left, top, left + n_columns, top + n_rows]) / smaller
    return np.asarray(
        Image.fromarray(mask).resize(
            shape[::-1], Image.Resampling.BILINEAR, box=tuple(box)
        )
    )


def _place(shape):
    """Return where a shape lies in its frame: top, left, and how large."""
    pitch = max(n / inside for n, inside in zip(shape, INSIDE, strict=True))
    sides = [max(1, round(n / pitch)) for n in shape]
    corner = [(n - side) // 2 for n, side in zip(FRAME, sides, strict=True)]
    return *corner, *sides


def segment(frames, sizes):
    """Tell of which digits shapes consist.

    Parameters
    ----------
    frames : ndarray of uint8 of shape (n_shapes, *FRAME)
        At least one.

    sizes : ndarray of float of shape (n_shapes, 2)
        Height and width of each shape, relative to the height of a digit on its page.

    Returns
    -------
    digits : ndarray of float32 of shape (n_shapes, MOST_DIGITS, NONE + 1)
        Of the first, second and third digit, the logit of each class and of none.

    masks : ndarray of float32 of shape (n_shapes, MOST_DIGITS, *MASK)
        The logits of being part of the first, second and third digit.
    """
    # In parts, since windows take much memory
    parts = [
        _forward(frames[part], sizes[part]) for part in gen_batches(len(frames), 64)
    ]
    digits, masks = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return digits, masks


def _forward(frames, sizes):
    layers = _layers()
    values = frames[..., np.newaxis].astype(np.float32) / 255
    levels = []
    for name in ("coarser0", "coarser1", "coarser2"):
        values = _relu(_convolve(values, *layers[name], stride=2))
        levels.append(values)
    hidden = np.hstack([values.reshape(len(values), -1), sizes.astype(np.float32)])
    hidden = _relu(_dense(hidden, *layers["hidden"]))
    digits = _dense(hidden, *layers["digits"])
    values = _relu(_dense(hidden, *layers["plan"])).reshape(*values.shape[:3], -1)
    for name, level in (("finer0", levels[1]), ("finer1", levels[0])):
        values = values.repeat(2, axis=1).repeat(2, axis=2)
        values = np.concatenate([values, level], axis=3)
        values = _relu(_convolve(values, *layers[name]))
    masks = _convolve(values, *layers["masks"]).transpose(0, 3, 1, 2)
    return digits.reshape(-1, MOST_DIGITS, NONE + 1), np.ascontiguousarray(masks)


def _dense(values, kernel, bias):
    return values @ kernel + bias


def _convolve(values, kernel, bias, stride=1):
    """Convolve images with zeros around them, which Keras calls "same"."""
    size = len(kernel)
    before = (size - stride) // 2
    margin = before, size - stride - before
    padded = np.pad(values, ((0, 0), margin, margin, (0, 0)))
    windows = sliding_window_view(padded, (size, size), axis=(1, 2))
    windows = windows[:, ::stride, ::stride]
    return np.tensordot(windows, kernel, ((4, 5, 3), (0, 1, 2))) + bias


def _relu(values):
    return np.maximum(values, 0, out=values)


@cache
def _layers():
    """Return kernel and bias of each layer, by its name."""
    with np.load(BytesIO(WEIGHTS_FILE.read_bytes()), allow_pickle=False) as arrays:
        names = {key.rpartition("_")[0] for key in arrays}
        return {
            name: [
                arrays[f"{name}_{kind}"].astype(np.float32)
                for kind in ("kernel", "bias")
            ]
            for name in names
        }

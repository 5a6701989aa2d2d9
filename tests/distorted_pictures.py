"""Pictures of digits as people take them, made of MNIST's: seeded, with known labels.

MNIST's images were all prepared in one way. These undo that, so that tests can see what
is left of a digit once :class:`skdigits.DigitNormalizer` has prepared it again.
"""

import numpy as np
from PIL import Image
from scipy.ndimage import distance_transform_edt, gaussian_filter, rotate

SIDE = 72


def paste(images, seed, *, side=SIDE, zoom=(0.8, 2.0)):
    """Paste digits at random size and place into empty pictures.

    Parameters
    ----------
    images : ndarray of shape (n_images, 28, 28)
        Of bytes, light digits on dark.

    seed : int

    side : int, default=72
        Height and width of the pictures.

    zoom : tuple of float, default=(0.8, 2.0)
        Least and largest factor by which digits are enlarged.

    Returns
    -------
    pictures : ndarray of shape (n_images, side, side)
        Of bytes.
    """
    rng = np.random.default_rng(seed)
    pictures = np.zeros((len(images), side, side), np.uint8)
    for image, picture in zip(images, pictures, strict=True):
        size = round(image.shape[0] * rng.uniform(*zoom))
        top, left = rng.integers(0, side - size, 2, endpoint=True)
        digit = Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)
        picture[top : top + size, left : left + size] = digit
    return pictures


def photograph(images, seed, *, tilt=10.0):
    """Paste digits as :func:`paste` does, and spoil the pictures as a camera would.

    Every picture gets, at random: a tilt in either direction, blur, a depth of ink,
    light that falls off with the distance from a lamp, noise, and, every second one,
    dark ink on light paper.

    Parameters
    ----------
    images : ndarray of shape (n_images, 28, 28)
        Of bytes, light digits on dark.

    seed : int

    tilt : float, default=10.0
        Largest angle, in degrees.

    Returns
    -------
    pictures : ndarray of shape (n_images, 72, 72)
        Of bytes.
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    pictures = paste(images, seed)
    for picture in pictures:
        turned = rotate(picture / 255, rng.uniform(-tilt, tilt), reshape=False, order=1)
        ink = gaussian_filter(turned, rng.uniform(0, 1.2)) * rng.uniform(0.4, 0.7)
        lamp_y, lamp_x = rng.uniform(-1.5, 1.5, 2)
        # Of a lamp above the paper, in half widths of the picture
        height = rng.uniform(3, 6)
        distance = ((y - lamp_y) ** 2 + (x - lamp_x) ** 2) / height**2
        paper = 0.9 * (1 + distance) ** -1.5
        photo = paper * (1 - ink) + rng.normal(0, rng.uniform(0, 0.04), picture.shape)
        photo = photo if rng.random() < 0.5 else 1 - photo
        picture[...] = np.round(255 * photo.clip(0, 1))
    return pictures


def shrink_to_4_bits(images):
    """Shrink digits to 8 x 8 pixels of 16 steps, as scikit-learn's digits were.

    Those were made of bitmaps of 32 x 32 by counting the ink in blocks of 4 x 4 [1]_.
    The digits fill the height, and are in the middle of the width.

    Parameters
    ----------
    images : ndarray of shape (n_images, 28, 28)
        Of bytes, light digits on dark.

    Returns
    -------
    pictures : ndarray of shape (n_images, 8, 8)
        Of bytes, from 0 to 16.

    References
    ----------
    .. [1] E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI
       Machine Learning Repository, 1998, :doi:`10.24432/C50P49`.
    """
    pictures = np.zeros((len(images), 8, 8), np.uint8)
    for image, picture in zip(images, pictures, strict=True):
        rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
        digit = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        width = min(32, max(1, round(32 * digit.shape[1] / digit.shape[0])))
        enlarged = Image.fromarray(digit).resize((width, 32), Image.Resampling.BICUBIC)
        bitmap = np.zeros((32, 32), bool)
        left = (32 - width) // 2
        bitmap[:, left : left + width] = np.asarray(enlarged) > 127
        picture[...] = bitmap.reshape(8, 4, 8, 4).sum(axis=(1, 3))
    return pictures


def resize(pictures, size=28):
    """Resize pictures as one does who knows nothing of MNIST: the whole, to 28 x 28."""
    return np.stack(
        [
            Image.fromarray(picture).resize((size, size), Image.Resampling.BICUBIC)
            for picture in pictures
        ]
    )


def make_bilevel(images, *, side=16, bold=0.0, stretch=False):
    """Make digits black and white, cropped to their edges, in few pixels.

    Parameters
    ----------
    images : ndarray of shape (n_images, 28, 28)
        Of bytes, light digits on dark.

    side : int, default=16
        Height or width of the pictures, whichever is larger.

    bold : float, default=0.0
        What is added to strokes on each side, in pixels of `images`.

    stretch : bool, default=False
        Whether pictures are squares that digits are stretched to.

    Returns
    -------
    pictures : list of ndarray of shape (height, width)
        Of bytes, 0 or 255.
    """
    detail = 8
    pictures = []
    for image in images:
        size = tuple(detail * n for n in image.shape)
        enlarged = Image.fromarray(image).resize(size, Image.Resampling.BICUBIC)
        inked = np.pad(np.asarray(enlarged) > 127, detail * (1 + int(np.ceil(bold))))
        if bold:
            inked = distance_transform_edt(~inked) <= bold * detail
        rows, columns = (np.flatnonzero(inked.any(axis=axis)) for axis in (1, 0))
        digit = inked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        height, width = (
            max(1, round(side * n / max(digit.shape))) for n in digit.shape
        )
        if stretch:
            height = width = side
        shrunk = Image.fromarray(digit.astype(np.uint8) * 255).resize(
            (width, height), Image.Resampling.BOX
        )
        pictures.append(np.where(np.asarray(shrunk) > 127, 255, 0).astype(np.uint8))
    return pictures

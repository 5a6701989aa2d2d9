"""What the examples that read drawn digits share: a network, images like MNIST's."""

from argparse import ArgumentTypeError

import joblib
import numpy as np
import scipy.ndimage as ndi
from _command_line import load_training_images
from sklearn.pipeline import make_pipeline

from skdigits import FlattenScaler, MLPDigitClassifier


def add_model(parser):
    parser.add_argument(
        "--model",
        type=saved_model,
        metavar="PATH",
        help="a classifier of MNIST's images saved with joblib, from a source that you "
        "trust (default: one is trained)",
    )


def saved_model(path):
    """Load a model, for argparse."""
    try:
        model = joblib.load(path)
    except FileNotFoundError:
        raise ArgumentTypeError(f"there is no file {path}") from None
    except Exception as error:  # whatever unpickling a file may come to
        raise ArgumentTypeError(f"cannot load {path}: {error}") from error
    if not hasattr(model, "predict_proba"):
        raise ArgumentTypeError(
            f"{path} holds a {type(model).__name__}, which has no predict_proba"
        )
    return model


def train(train_size, random_state):
    """Train a network for those who have no model."""
    print(f"training a network on {train_size} images ...", flush=True)
    model = make_pipeline(
        FlattenScaler(), MLPDigitClassifier(augment="affine", random_state=random_state)
    )
    return model.fit(*load_training_images(train_size, random_state))


def like_mnist(image):
    """Bring a light digit on dark to MNIST's size and place, from 0 to 255.

    The longer side becomes 20 pixels, and the centre of mass the middle of 28 by 28.
    """
    image = np.asarray(image, dtype=float)
    rows, columns = np.nonzero(image)
    image = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    scale = 20 / max(image.shape)
    # Background around it, for the thinnest strokes to have rims in when blurred
    image = np.pad(image, int(2 / scale) + 1)
    blurred = ndi.gaussian_filter(image, max(0, 0.5 / scale - 0.5))
    offset = np.array(ndi.center_of_mass(image)) - 13.5 / scale
    digit = ndi.affine_transform(blurred, [1 / scale] * 2, offset, (28, 28), order=1)
    return digit * (255 / digit.max())

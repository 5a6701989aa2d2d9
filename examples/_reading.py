"""What the examples that read drawn digits share: a network, images like MNIST's."""

import joblib
import numpy as np
import scipy.ndimage as ndi
from _command_line import load_training_images
from sklearn.pipeline import make_pipeline

from skdigits import FlattenScaler, MLPDigitClassifier


def add_model(parser):
    parser.add_argument(
        "--model",
        metavar="PATH",
        help="a classifier of MNIST's images saved with joblib, from a source that you "
        "trust (default: one is trained)",
    )


def load_or_train(parser, path, train_size, random_state):
    """Load a model, or train one for want of a path."""
    if path is not None:
        try:
            model = joblib.load(path)
        except FileNotFoundError:
            parser.error(f"--model: there is no file {path}")
        except Exception as error:  # whatever unpickling a file may come to
            parser.error(f"--model: cannot load {path}: {error}")
        if not hasattr(model, "predict_proba"):
            parser.error(
                f"--model: {path} holds a {type(model).__name__}, which has no "
                "predict_proba"
            )
        return model
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
    blurred = ndi.gaussian_filter(image, max(0, 0.35 / scale - 0.35))
    matrix = [1 / scale] * 2
    center = np.array(ndi.center_of_mass(image))
    offset = center - 13.5 / scale
    digit = ndi.affine_transform(blurred, matrix, offset, (28, 28), order=1)
    return digit * (255 / digit.max())

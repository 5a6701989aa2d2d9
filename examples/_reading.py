"""What the examples that read drawn digits share: a network, images like MNIST's."""

from argparse import ArgumentTypeError

import joblib
from _command_line import load_training_images
from sklearn.pipeline import make_pipeline

from skdigits import DigitNormalizer, FlattenScaler, MLPDigitClassifier


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
    except IsADirectoryError:
        raise ArgumentTypeError(f"{path} is a directory, not a file") from None
    except PermissionError:
        raise ArgumentTypeError(f"there is no permission to read {path}") from None
    except Exception as error:  # whatever unpickling a file may come to
        message = (
            f"{path} is no file that joblib.dump wrote, or is damaged. Expected a "
            "classifier saved with joblib.dump."
        )
        if not isinstance(error, KeyError):  # which has the number of a byte alone
            message += f" Loading ended in a {type(error).__name__}: {error}"
        raise ArgumentTypeError(message) from error
    if not hasattr(model, "predict_proba"):
        raise ArgumentTypeError(
            f"{path} holds a {type(model).__name__}, which has no predict_proba"
        )
    return model


def train(train_size, random_state):
    """Train a network for those who have no model."""
    print(f"training a network on {train_size} images ...", flush=True)
    model = make_pipeline(
        FlattenScaler(),
        # Few, since somebody waits for it
        MLPDigitClassifier(augment="affine", epochs=20, random_state=random_state),
    )
    return model.fit(*load_training_images(train_size, random_state))


def like_mnist(images):
    """Bring light digits on dark, each an array, to the form of MNIST's images."""
    return DigitNormalizer(invert=False).fit_transform(images)

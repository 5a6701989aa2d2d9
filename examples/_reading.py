"""What the examples that read digits share: the choice of a reader."""

from argparse import ArgumentTypeError

import joblib
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

from skdigits import DigitNormalizer


def add_model(parser):
    parser.add_argument(
        "--model",
        type=saved_model,
        metavar="PATH",
        help="a classifier of MNIST's images saved with joblib, from a source that you "
        "trust (default: the reader of the package)",
    )


def saved_model(path):
    """Load a model for argparse, and put the normaliser before it."""
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
    # What it leaves as it is, where the model has one itself
    return make_pipeline(DigitNormalizer(), FrozenEstimator(model))

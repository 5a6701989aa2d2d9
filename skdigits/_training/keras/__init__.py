"""Everything that knows Keras, TensorFlow, JAX, PyTorch and scikeras.

The rest of the package comes in by this door alone, and late: to open it imports Keras
and starts its backend. NumPy arrays go in and NumPy arrays come out.
"""

from skdigits._training.keras import start  # noqa: F401, before Keras is imported
from skdigits._training.keras.callbacks import check_callbacks
from skdigits._training.keras.network import Architecture, TrainingState
from skdigits._training.keras.optimizers import (
    OptimizerKind,
    optimizer_config,
    optimizer_name,
)
from skdigits._training.keras.prediction_model import prediction_model
from skdigits._training.keras.training import FitOptions, train

__all__ = [
    "Architecture",
    "FitOptions",
    "OptimizerKind",
    "TrainingState",
    "check_callbacks",
    "optimizer_config",
    "optimizer_name",
    "prediction_model",
    "train",
]

"""Dense neural networks for images of digits, as scikit-learn estimators.

Names are imported when they are first used: ``import skdigits`` alone loads
neither TensorFlow nor Keras nor scikit-learn.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "ConfusionImagesDisplay",
    "ContributionsDisplay",
    "DigitNormalizer",
    "DistortionDisplay",
    "FlattenScaler",
    "ImagesDisplay",
    "MLPDigitClassifier",
    "NormalizationDisplay",
    "PredictionsDisplay",
    "RandomDistortion",
    "TrainingCurvesDisplay",
    "WeightsDisplay",
    "__version__",
    "augmentation",
    "classifier",
    "datasets",
    "find_digits",
    "inspection",
    "load_mnist",
    "onnx",
    "preprocessing",
]

_MODULE_OF = {
    "ConfusionImagesDisplay": "inspection",
    "ContributionsDisplay": "inspection",
    "DigitNormalizer": "preprocessing",
    "DistortionDisplay": "inspection",
    "FlattenScaler": "preprocessing",
    "ImagesDisplay": "inspection",
    "MLPDigitClassifier": "classifier",
    "NormalizationDisplay": "inspection",
    "PredictionsDisplay": "inspection",
    "RandomDistortion": "augmentation",
    "TrainingCurvesDisplay": "inspection",
    "WeightsDisplay": "inspection",
    "find_digits": "preprocessing",
    "load_mnist": "datasets",
}

_SUBMODULES = {
    "augmentation",
    "classifier",
    "datasets",
    "inspection",
    "onnx",
    "preprocessing",
}

# Type checkers and editors read the first branch. The second is hidden from them:
# where a module has __getattr__, they take any attribute to exist.
if TYPE_CHECKING:
    from skdigits import (
        augmentation,
        classifier,
        datasets,
        inspection,
        onnx,
        preprocessing,
    )
    from skdigits.augmentation import RandomDistortion
    from skdigits.classifier import MLPDigitClassifier
    from skdigits.datasets import load_mnist
    from skdigits.inspection import (
        ConfusionImagesDisplay,
        ContributionsDisplay,
        DistortionDisplay,
        ImagesDisplay,
        NormalizationDisplay,
        PredictionsDisplay,
        TrainingCurvesDisplay,
        WeightsDisplay,
    )
    from skdigits.preprocessing import DigitNormalizer, FlattenScaler, find_digits
else:

    def __getattr__(name):
        if name in _SUBMODULES:
            return import_module(f"{__name__}.{name}")
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
        globals()[name] = value  # the next look-up does not come here
        return value


def __dir__():
    return sorted({*globals(), *__all__})

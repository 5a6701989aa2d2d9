"""Dense neural networks for images of digits, as scikit-learn estimators.

Names are imported at their first use: ``import skdigits`` alone imports neither
TensorFlow nor Keras nor scikit-learn.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0.dev0"

# Every public name, and the module that it comes from
_MODULE_OF = {
    "ConfusionImagesDisplay": "inspection",
    "ContributionsDisplay": "inspection",
    "DigitNormalizer": "preprocessing",
    "DistortionDisplay": "inspection",
    "FlattenScaler": "preprocessing",
    "ImagesDisplay": "inspection",
    "MLPDigitClassifier": "classifier",
    "NormalizationDisplay": "inspection",
    "Numbers": "reading",
    "NumbersDisplay": "inspection",
    "PredictionsDisplay": "inspection",
    "RandomDistortion": "augmentation",
    "TrainingCurvesDisplay": "inspection",
    "WeightsDisplay": "inspection",
    "find_digits": "preprocessing",
    "load_mnist": "datasets",
    "load_reader": "reading",
    "read_numbers": "reading",
}
_MODULES = {*_MODULE_OF.values(), "onnx"}

__all__ = sorted({*_MODULE_OF, *_MODULES, "__version__"})

# Type checkers and editors read the first branch. The second is hidden from them:
# where a module has __getattr__, they take any attribute to exist.
if TYPE_CHECKING:
    # "as" makes a name public where __all__ is computed
    from skdigits import augmentation as augmentation
    from skdigits import classifier as classifier
    from skdigits import datasets as datasets
    from skdigits import inspection as inspection
    from skdigits import onnx as onnx
    from skdigits import preprocessing as preprocessing
    from skdigits import reading as reading
    from skdigits.augmentation import RandomDistortion as RandomDistortion
    from skdigits.classifier import MLPDigitClassifier as MLPDigitClassifier
    from skdigits.datasets import load_mnist as load_mnist
    from skdigits.inspection import ConfusionImagesDisplay as ConfusionImagesDisplay
    from skdigits.inspection import ContributionsDisplay as ContributionsDisplay
    from skdigits.inspection import DistortionDisplay as DistortionDisplay
    from skdigits.inspection import ImagesDisplay as ImagesDisplay
    from skdigits.inspection import NormalizationDisplay as NormalizationDisplay
    from skdigits.inspection import NumbersDisplay as NumbersDisplay
    from skdigits.inspection import PredictionsDisplay as PredictionsDisplay
    from skdigits.inspection import TrainingCurvesDisplay as TrainingCurvesDisplay
    from skdigits.inspection import WeightsDisplay as WeightsDisplay
    from skdigits.preprocessing import DigitNormalizer as DigitNormalizer
    from skdigits.preprocessing import FlattenScaler as FlattenScaler
    from skdigits.preprocessing import find_digits as find_digits
    from skdigits.reading import Numbers as Numbers
    from skdigits.reading import load_reader as load_reader
    from skdigits.reading import read_numbers as read_numbers
else:

    def __getattr__(name):
        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
        globals()[name] = value  # the next look-up does not come here
        return value


def __dir__():
    return sorted({*globals(), *__all__})

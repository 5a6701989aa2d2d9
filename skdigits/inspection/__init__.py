"""Plots of data, training and predictions, as scikit-learn's Display classes."""

from skdigits.inspection._confusion_images_display import ConfusionImagesDisplay
from skdigits.inspection._contributions_display import ContributionsDisplay
from skdigits.inspection._distortion_display import DistortionDisplay
from skdigits.inspection._images_display import ImagesDisplay
from skdigits.inspection._normalization_display import NormalizationDisplay
from skdigits.inspection._numbers_display import NumbersDisplay
from skdigits.inspection._predictions_display import PredictionsDisplay
from skdigits.inspection._training_curves_display import TrainingCurvesDisplay
from skdigits.inspection._weights_display import WeightsDisplay

__all__ = [
    "ConfusionImagesDisplay",
    "ContributionsDisplay",
    "DistortionDisplay",
    "ImagesDisplay",
    "NormalizationDisplay",
    "NumbersDisplay",
    "PredictionsDisplay",
    "TrainingCurvesDisplay",
    "WeightsDisplay",
]

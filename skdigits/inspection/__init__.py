"""Pictures of data, training and predictions, as scikit-learn's Display classes."""

from skdigits.inspection._distortion_display import DistortionDisplay

__all__ = ["DistortionDisplay"]

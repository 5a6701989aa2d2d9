"""What the examples on accuracy share: how good a model is, and how sure of itself."""

import numpy as np
from scipy.ndimage import rotate
from sklearn.metrics import accuracy_score, log_loss

# The last training images, never trained on by what is then chosen by their means
N_VALIDATION = 10_000


def calibration_error(labels, probabilities, n_bins=15):
    """Return the expected calibration error.

    By how much the probability of the predicted label differs from the fraction of
    images where that label is right, in bins of equal width by probability, averaged
    over all images (Guo et al., "On Calibration of Modern Neural Networks", 2017).
    Labels are 0, 1 and so on.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    surplus = np.bincount(bins, weights=right - confidence, minlength=n_bins)
    return float(np.abs(surplus).sum() / len(labels))


def shifted(images, n_pixels=2):
    """Return copies of the images shifted up, down, left and right."""
    margin = ((0, 0), (n_pixels, n_pixels), (n_pixels, n_pixels))
    padded = np.pad(images, margin)
    height, width = images.shape[1:]
    corners = [(0, 1), (2, 1), (1, 0), (1, 2)]
    return [
        padded[:, y : y + height, x : x + width]
        for y, x in n_pixels * np.array(corners)
    ]


def turned(images, degrees=15):
    """Return copies of the images turned in either direction."""
    return [
        rotate(images, angle, axes=(2, 1), reshape=False, order=1)
        for angle in (degrees, -degrees)
    ]


def measure(model, images, labels):
    """Return the figures of a model on images, as plain numbers."""
    probabilities = model.predict_proba(images)
    # Some of scikit-learn's, of float32 ones, do not sum to 1 as log_loss expects
    probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    return {
        "accuracy": float(accuracy_score(labels, probabilities.argmax(axis=1))),
        "log_loss": float(log_loss(labels, probabilities)),
        "calibration_error": calibration_error(labels, probabilities),
    }


def mean_accuracy(model, copies, labels):
    """Return the mean accuracy over changed copies of the images."""
    return float(np.mean([model.score(images, labels) for images in copies]))


def spread(accuracies):
    """Return mean and standard deviation as text."""
    deviation = np.std(accuracies, ddof=len(accuracies) > 1)
    return f"{np.mean(accuracies):.2%} ± {deviation:.2%}"

"""Validation samples: their scores after every epoch, and the epoch that is kept."""

from numbers import Real

import numpy as np
from scipy.special import logsumexp
from sklearn.utils.validation import validate_data

from skdigits._network import forward
from skdigits._utils.images import check_image_shape, flatten_images
from skdigits._utils.labels import check_labels, read_labels
from skdigits._utils.pixel_scale import warn_of_another_scale


def evaluate(samples, coefs, intercepts, activation):
    """Return the mean loss and accuracy of a network, by the weight of the samples.

    Parameters
    ----------
    samples : TrainingSet

    coefs, intercepts : list of ndarray
        Weights and biases by layer.

    activation : str
        Of the hidden layers.

    Returns
    -------
    loss, accuracy : float
    """
    number = samples.class_number
    logits = forward.logits(samples.X, coefs, intercepts, activation)
    losses = logsumexp(logits, axis=1) - logits[np.arange(len(number)), number]
    hits = logits.argmax(axis=1) == number
    loss, accuracy = (
        float(np.average(values, weights=samples.loss_weight))
        for values in (losses, hits)
    )
    return loss, accuracy


class Validation:
    """Score validation samples after every epoch and remember the best epoch.

    The best epoch is the last one whose score is at most `tol` below the highest. An
    epoch is a gain if its score is more than `tol` above the highest before, or at most
    `tol` below and its loss falls by more than `tol` since the last gain.

    Parameters
    ----------
    samples : TrainingSet
        The samples to score on.

    activation : str
        Of the hidden layers.

    scoring : {"accuracy", "loss"} or callable
        A callable is given weights and returns their score. The score of "loss" is its
        negative. Loss and accuracy are weighted.

    tol : float

    n_iter_no_change : int or inf

    Attributes
    ----------
    scores : list of float
        By epoch.

    best_epoch, best_score, best_weights
        Of the best epoch. The first epoch is 0.
    """

    def __init__(self, samples, *, activation, scoring, tol, n_iter_no_change):
        self.samples = samples
        self.activation = activation
        self.scoring = scoring
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.scores = []
        self.best_epoch, self.best_weights = None, None
        self.best_score = None
        self._highest_score, self._loss_to_beat = -np.inf, np.inf
        self._epochs_without_gain = 0

    @property
    def is_over(self):
        """Whether `n_iter_no_change` epochs in turn have brought no gain."""
        return self._epochs_without_gain >= self.n_iter_no_change

    def validate(self, weights):
        """Score the weights, and return the logs that Keras would have of it."""
        loss, accuracy = evaluate(
            self.samples, weights[::2], weights[1::2], self.activation
        )
        logs = {"val_loss": loss, "val_accuracy": accuracy}
        match self.scoring:
            case "accuracy":
                score = accuracy
            case "loss":
                score = -loss
            case _:
                score = logs["val_score"] = self.scoring(weights)
        if not isinstance(score, Real) or np.isnan(score):
            raise ValueError(
                "scoring must give a number for the validation samples. Got "
                f"{score!r} after epoch {len(self.scores) + 1} of the fit."
            )
        self.record(loss, score, weights)
        return logs

    def record(self, loss, score, weights=None):
        """Take note of an epoch's loss and score, and of its weights if it is best."""
        # Few samples have few possible scores: where they tie, the loss decides
        gains = score > self._highest_score + self.tol or (
            score >= self._highest_score - self.tol
            and loss < self._loss_to_beat - self.tol
        )
        if gains:
            self._loss_to_beat = loss
        self._epochs_without_gain = 0 if gains else self._epochs_without_gain + 1
        self._highest_score = max(self._highest_score, score)
        # A later epoch has learnt more, which few samples cannot show
        if score >= self._highest_score - self.tol:
            self.best_epoch, self.best_score = len(self.scores), score
            self.best_weights = weights
        self.scores.append(score)


def check_validation_data(estimator, X, y, dtype):
    """Return validation samples as rows of a float type, and y as a vector of labels.

    Parameters
    ----------
    estimator : estimator instance
        Has seen the training samples: its `n_features_in_`, `image_shape_` and
        `classes_` are what validation samples must have, too.

    X, y
        As the user gave them.

    dtype : dtype
        Of the training samples.
    """
    try:
        X, image_shape = flatten_images(X)
        check_image_shape(X, image_shape, estimator.image_shape_, estimator=estimator)
        X, y = validate_data(
            estimator,
            X,
            read_labels(y, X),
            reset=False,
            accept_sparse="csr",
            dtype=dtype,
        )
        check_labels(y)
    except ValueError as error:
        raise ValueError(f"X_val and y_val do not fit: {error}") from error
    unknown = set(y.tolist()) - set(estimator.classes_.tolist())
    if unknown:
        raise ValueError(
            f"y_val has the classes {sorted(unknown, key=repr)}, which are not among "
            f"those of y, {estimator.classes_}."
        )
    warn_of_another_scale(X, estimator._pixel_scale, estimator)
    return X, y

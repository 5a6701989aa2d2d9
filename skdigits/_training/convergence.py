"""Warn of a training that did not converge."""

import warnings

import numpy as np
from scipy.stats import entropy
from sklearn.exceptions import ConvergenceWarning

from skdigits._training.validation import evaluate

# To rounding: whatever does not depend on X has a loss of 1 at the least
_AS_GOOD_AS_CHANCE = 0.999

# From so many epochs on, the mean loss of the last one is that of the end
_EPOCHS_TO_SETTLE = 10

# Features beyond are not scaled as the learning rate expects
_LARGEST_SCALED = 10


def warn_if_nothing_learnt(estimator, training_set):
    """Warn if the training loss is no better than that of chance.

    That is the loss of always predicting the shares of the classes, by weight, whatever
    X is: their entropy. No other constant prediction has a smaller one.

    Parameters
    ----------
    estimator : estimator instance
        Just fitted.

    training_set : TrainingSet
        What it was trained on.
    """
    shares = np.bincount(training_set.class_number, weights=training_set.loss_weight)
    loss_of_chance = entropy(shares)
    # NaN where a callback left no epoch to train
    if not estimator.loss_ >= 0.9 * loss_of_chance > 0:
        return
    loss = estimator.loss_
    if estimator.label_smoothing or estimator.n_iter_ < _EPOCHS_TO_SETTLE:
        # What was logged is of smoothed labels, or of weights that changed fast
        loss, _ = evaluate(
            training_set,
            estimator.coefs_,
            estimator.intercepts_,
            estimator.activation_,
        )
    if loss < _AS_GOOD_AS_CHANCE * loss_of_chance:
        return
    largest = abs(training_set.X).max()
    remedies = [
        f"lower learning_rate={estimator.learning_rate_}",
        f"train for more epochs than {estimator.n_iter_}",
    ]
    scale = (
        f"scale X, whose largest magnitude is {largest:.4g}, with FlattenScaler for "
        "images or StandardScaler for other features"
    )
    remedies.insert(0 if largest > _LARGEST_SCALED else len(remedies), scale)
    warnings.warn(
        f"{type(estimator).__name__} has not converged: its training loss, {loss:.4f}, "
        f"is no better than {loss_of_chance:.4f}, that of always predicting the class "
        f"frequencies. Try, in this order: {'; '.join(remedies)}.",
        ConvergenceWarning,
        stacklevel=2,
    )

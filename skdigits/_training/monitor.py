"""What happens between the epochs of a fit."""

import numpy as np
from scipy.special import logsumexp

from skdigits._network import forward


class EarlyStopping:
    """Score held-out samples after every epoch and remember the best weights.

    Parameters
    ----------
    held_out : TrainingSet
        The samples to score on.

    activation, tol, n_iter_no_change
        The parameters of the classifier.

    Attributes
    ----------
    scores : list of float
        Weighted accuracy, by epoch.

    best_epoch, best_score, best_weights
        Of the epoch with the least loss among those with the highest accuracy, or as
        good as that: less than `tol` below it.
    """

    def __init__(self, held_out, *, activation, tol, n_iter_no_change):
        self.held_out = held_out
        self.activation = activation
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.scores = []
        self.best_epoch, self.best_weights = None, None
        self.best_score, self._best_loss = -np.inf, np.inf
        # What the next gain is a gain over
        self._score_to_beat, self._loss_to_beat = -np.inf, np.inf
        self._epochs_without_gain = 0

    @property
    def is_due(self):
        """Whether `n_iter_no_change` epochs in turn have brought no gain."""
        return self._epochs_without_gain >= self.n_iter_no_change

    def validate(self, weights):
        """Score the weights, and return the logs that Keras would have of it."""
        loss, score = self._evaluate(weights)
        self.record(loss, score, weights)
        return {"val_loss": loss, "val_accuracy": score}

    def record(self, loss, score, weights=None):
        """Take note of an epoch's loss and score, and of its weights if it is best."""
        self.scores.append(score)
        # Few samples have few possible scores: where they tie, the loss decides
        ties = score >= max(self.scores) - self.tol
        if ties and (loss < self._best_loss or score > self.best_score + self.tol):
            self.best_epoch, self.best_weights = len(self.scores) - 1, weights
            self.best_score, self._best_loss = score, loss
        self._epochs_without_gain += 1
        if score > self._score_to_beat + self.tol or (
            ties and loss < self._loss_to_beat - self.tol
        ):
            self._score_to_beat = max(score, self._score_to_beat)
            self._loss_to_beat = loss
            self._epochs_without_gain = 0

    def _evaluate(self, weights):
        X, number = self.held_out.X, self.held_out.class_number
        logits = forward.logits(X, weights[::2], weights[1::2], self.activation)
        losses = logsumexp(logits, axis=1) - logits[np.arange(len(number)), number]
        hits = logits.argmax(axis=1) == number
        return (
            float(np.average(values, weights=self.held_out.loss_weight))
            for values in (losses, hits)
        )


class Monitor:
    """Watch a training: its losses, its validation, scikit-learn's callbacks.

    Parameters
    ----------
    estimator : estimator instance
        The classifier in training.

    context : sklearn.callback.CallbackContext
        Of the fit. Every epoch becomes a task below it.

    callback_arguments : dict
        What every task gives to scikit-learn's callbacks.

    fitted_attributes : callable
        Given this monitor and weights, returns the attributes that a fit which ended
        there would set.

    early_stopping : EarlyStopping or None

    Attributes
    ----------
    losses : list of float
        By epoch.

    history : dict of str to list of float
        Keras's logs, by epoch.
    """

    def __init__(
        self, estimator, context, callback_arguments, fitted_attributes, early_stopping
    ):
        self.estimator = estimator
        self.context = context
        self.callback_arguments = callback_arguments
        self.fitted_attributes = fitted_attributes
        self.early_stopping = early_stopping
        self.losses = []
        self.history = {}
        self._epoch = None

    def before_epoch(self):
        """Tell the callbacks that an epoch begins."""
        self._epoch = self.context.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(
            estimator=self.estimator, **self.callback_arguments
        )

    def validate(self, loss, get_weights):
        """Check an epoch's loss, and return what its logs are to have besides."""
        self.losses.append(loss)
        self.check(loss)
        if self.early_stopping is None:
            return {}
        return self.early_stopping.validate(get_weights())

    def check(self, *values):
        """Raise if a loss or weights are no longer finite."""
        if not all(np.isfinite(value).all() for value in values):
            raise ValueError(
                f"The training diverged in epoch {len(self.losses)}, with a loss of"
                f" {self.losses[-1]}. Lower learning_rate="
                f"{self.estimator.learning_rate} or weight_decay="
                f"{self.estimator.weight_decay_}, or scale X to the range from 0 to 1, "
                "for example with FlattenScaler."
            )

    def after_epoch(self, logs, get_weights):
        """Tell the callbacks that an epoch ended, and return whether to stop."""
        for name, value in logs.items():
            self.history.setdefault(name, []).append(float(value))
        stop = self._epoch.call_on_fit_task_end(
            estimator=self.estimator,
            **self.callback_arguments,
            reconstruction_attributes=lambda: self.fitted_attributes(
                self, get_weights()
            ),
        )
        return stop or (self.early_stopping is not None and self.early_stopping.is_due)

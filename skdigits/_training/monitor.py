"""What happens between the epochs of a fit."""

from numbers import Real

import numpy as np
from scipy.special import logsumexp

from skdigits._network import forward


def joined(before, n_before, now, n_now):
    """Join curves by name, of epochs before and now, with NaN where one is missing."""
    return {
        name: before.get(name, [np.nan] * n_before) + now.get(name, [np.nan] * n_now)
        for name in before | now
    }


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
        loss, accuracy = self._evaluate(weights)
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

    def _evaluate(self, weights):
        X, number = self.samples.X, self.samples.class_number
        logits = forward.logits(X, weights[::2], weights[1::2], self.activation)
        losses = logsumexp(logits, axis=1) - logits[np.arange(len(number)), number]
        hits = logits.argmax(axis=1) == number
        return (
            float(np.average(values, weights=self.samples.loss_weight))
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

    validation : Validation or None

    Attributes
    ----------
    losses : list of float
        By epoch.

    history : dict of str to list of float
        Keras's logs, by epoch; NaN where an epoch did not log it.
    """

    def __init__(
        self, estimator, context, callback_arguments, fitted_attributes, validation
    ):
        self.estimator = estimator
        self.context = context
        self.callback_arguments = callback_arguments
        self.fitted_attributes = fitted_attributes
        self.validation = validation
        self.losses = []
        self.history = {}
        self._epoch = None

    @property
    def needs_every_epoch(self):
        """Whether anything but the loss is looked at between epochs."""
        return self.validation is not None or bool(
            getattr(self.estimator, "_skl_callbacks", ())
        )

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
        return (
            {} if self.validation is None else self.validation.validate(get_weights())
        )

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
        self.record(logs)
        stop = self._epoch.call_on_fit_task_end(
            estimator=self.estimator,
            **self.callback_arguments,
            reconstruction_attributes=lambda: self.fitted_attributes(
                self, get_weights()
            ),
        )
        return stop or (self.validation is not None and self.validation.is_over)

    def record(self, logs):
        """Take note of what an epoch logged."""
        n_epochs = len(self.losses)
        unlogged = {name: np.nan for name in self.history}
        for name, value in (unlogged | logs).items():
            # A callback may begin to log something late, or leave it out
            curve = self.history.setdefault(name, [np.nan] * (n_epochs - 1))
            curve.append(float(value))

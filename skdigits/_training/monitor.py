"""What happens between the epochs of a fit."""

from typing import SupportsFloat

import numpy as np


def joined(before, n_before, now, n_now):
    """Join curves by name, of epochs before and now, with NaN where one is missing."""
    return {
        name: before.get(name, [np.nan] * n_before) + now.get(name, [np.nan] * n_now)
        for name in before | now
    }


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
                f"{self.estimator.learning_rate_} or weight_decay="
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
            if not isinstance(value, SupportsFloat):
                raise TypeError(
                    f"A callback logged {name}={value!r}. The logs of an epoch become "
                    "history_, which has numbers only."
                )
            # A callback may begin to log something late, or leave it out
            curve = self.history.setdefault(name, [np.nan] * (n_epochs - 1))
            curve.append(float(value))

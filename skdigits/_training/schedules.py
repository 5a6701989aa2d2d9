"""The learning rate over the steps of a fit."""

from contextlib import contextmanager

import numpy as np

# Part of the fit in which "cosine" climbs
_WARM_UP = 0.1


def _constant(progress):
    return np.ones_like(progress)


def _cosine(progress):
    climb = progress / _WARM_UP
    fall = (1 + np.cos(np.pi * (progress - _WARM_UP) / (1 - _WARM_UP))) / 2
    return np.where(progress < _WARM_UP, climb, fall)


SCHEDULES = {"constant": _constant, "cosine": _cosine}


class LearningRate:
    """A learning rate that follows a schedule, and callbacks that change it.

    Parameters
    ----------
    variable : keras.Variable or None
        The optimizer's learning rate, which callbacks read and may set. None if there
        are no callbacks.

    peak : float
        The rate where the schedule's factor is 1.

    schedule : str
        A key of `SCHEDULES`. "constant" stays at the peak; "cosine" climbs to it
        along a line in the first tenth of the steps and falls along half a cosine
        (Loshchilov and Hutter, "SGDR", 2017).

    total_steps : int
        Steps in the whole fit.
    """

    def __init__(self, variable, peak, schedule, total_steps):
        self.variable = variable
        self.peak = peak
        self.schedule = SCHEDULES[schedule]
        self.total_steps = total_steps

    def of_steps(self, first, stop):
        """Return the rates of steps `first` to `stop`, as float32."""
        # A rate beyond float32 becomes infinite, and the training says so
        with np.errstate(over="ignore"):
            return np.float32(self.peak * self._factors(first, stop))

    @contextmanager
    def shown_at(self, step):
        """Show callbacks the rate of a step, and scale the schedule if they set it."""
        if self.variable is None:
            yield
            return
        shown = float(self.of_steps(step, step + 1)[0])
        self.variable.assign(shown)
        yield
        rate = float(self.variable)
        if rate != shown:
            self.peak = rate / self._factors(step, step + 1)[0]

    def _factors(self, first, stop):
        # Taken in the middle of each step, so that no step is without effect
        return self.schedule((np.arange(first, stop) + 0.5) / self.total_steps)

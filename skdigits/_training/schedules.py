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
        A key of `SCHEDULES`. "constant" stays at the peak, unless a callback
        sets another rate; "cosine" climbs to it along a line in the first tenth of the
        steps and falls along half a cosine (Loshchilov and Hutter, "SGDR", 2017).

    total_steps : int
        Steps in the whole fit.
    """

    def __init__(self, variable, peak, schedule, total_steps):
        self.variable = variable
        self.rate = peak
        self.schedule = schedule
        self.total_steps = total_steps

    def of_steps(self, steps):
        """Return the rates of steps as float32, given an array of their numbers."""
        # Taken in the middle of each step, so that no step is without effect
        progress = (steps + 0.5) / self.total_steps
        # A rate beyond float32 becomes infinite, and the training says so
        with np.errstate(over="ignore"):
            return np.float32(self.rate * SCHEDULES[self.schedule](progress))

    @contextmanager
    def shown_at(self, step, *, may_be_restored=lambda: False):
        """Show callbacks the rate of a step, and take the one that they set.

        Parameters
        ----------
        step : int

        may_be_restored : callable
            Tells afterwards whether another rate is that of an interrupted training,
            which a schedule knows by itself.
        """
        if self.variable is None:
            yield
            return
        shown = float(self.of_steps(np.array([step]))[0])
        self.variable.assign(shown)
        yield
        rate = float(self.variable)
        if rate != shown:
            if self.schedule == "constant":
                self.rate = rate
            elif not may_be_restored():
                raise ValueError(rate_is_scheduled(self.schedule))


def rate_is_scheduled(schedule):
    """Say why a callback cannot set the learning rate, and what to do."""
    return (
        f"learning_rate_schedule={schedule!r} sets the learning rate of every step, so "
        "that a callback cannot. Set learning_rate_schedule='constant' to leave it to "
        "the callback."
    )

"""The learning rate over the steps of a fit, without and with callbacks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skdigits._training.schedules import SCHEDULES, LearningRate


class Variable:
    """What a callback sees of a Keras variable."""

    def __init__(self, value=0.0):
        self.assign(value)

    def assign(self, value):
        self.value = np.float32(value)

    def __float__(self):
        return float(self.value)


def rates(schedule, total_steps, peak=1.0):
    return LearningRate(None, peak, schedule, total_steps).of_steps(
        np.arange(total_steps)
    )


def test_constant_stays():
    np.testing.assert_array_equal(rates("constant", 7, peak=0.5), np.full(7, 0.5))


def test_cosine_climbs_along_a_line_in_the_first_tenth():
    climb = rates("cosine", 1000)[:100]

    np.testing.assert_allclose(np.diff(climb), 0.01, atol=1e-6)
    assert climb[0] == pytest.approx(0.005)


def test_cosine_falls_from_the_peak_towards_zero_in_the_rest():
    fall = rates("cosine", 1000)[100:]

    assert (np.diff(fall) < 0).all()
    assert fall[0] == pytest.approx(1, abs=1e-5)
    assert fall[450] == pytest.approx(0.5, abs=2e-3)
    assert 0 < fall[-1] < 1e-5


@pytest.mark.parametrize("schedule", sorted(SCHEDULES))
@given(total_steps=st.integers(1, 2000))
def test_every_step_has_a_rate_above_zero_and_none_above_the_peak(
    schedule, total_steps
):
    factors = rates(schedule, total_steps)

    assert len(factors) == total_steps
    assert (factors > 0).all()
    assert (factors <= 1).all()


@pytest.mark.parametrize("schedule", sorted(SCHEDULES))
def test_callbacks_that_change_nothing_change_nothing(schedule):
    variable = Variable()
    learning_rate = LearningRate(variable, 0.004, schedule, 100)

    for step in range(100):
        with learning_rate.shown_at(step):
            assert float(variable) == learning_rate.of_steps(np.array([step]))

    np.testing.assert_array_equal(
        learning_rate.of_steps(np.arange(100)), rates(schedule, 100, peak=0.004)
    )


def test_a_rate_set_from_outside_is_that_of_the_steps_to_come():
    variable = Variable()
    learning_rate = LearningRate(variable, 1.0, "constant", 100)

    with learning_rate.shown_at(40):
        variable.assign(0.25)

    np.testing.assert_array_equal(learning_rate.of_steps(np.arange(40, 100)), 0.25)


def test_a_rate_that_follows_a_schedule_cannot_be_set():
    variable = Variable()
    learning_rate = LearningRate(variable, 1.0, "cosine", 100)

    with (
        pytest.raises(ValueError, match="Set learning_rate_schedule='constant'"),
        learning_rate.shown_at(40),
    ):
        variable.assign(0.25)


def test_a_rate_set_to_zero_can_be_raised_again():
    variable = Variable()
    learning_rate = LearningRate(variable, 1.0, "constant", 10)

    for step, rate in enumerate([0.0, 0.0, 0.25]):
        with learning_rate.shown_at(step):
            variable.assign(rate)

        np.testing.assert_allclose(learning_rate.of_steps(np.array([step])), rate)

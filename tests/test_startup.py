"""The start of TensorFlow: standard error and Control-C, whatever happens meanwhile."""

import os
import sys
import threading

import pytest
from helpers import run_python

from skdigits._startup import startup_messages_dropped


@pytest.fixture
def standard_error(capfd):
    """Tell what arrives at standard error, and put it right after a test."""
    descriptor = os.dup(2)
    yield lambda: capfd.readouterr().err
    os.dup2(descriptor, 2)
    os.close(descriptor)


def test_two_threads_at_once_leave_standard_error_as_it_was(standard_error):
    second_is_in, first_is_out = threading.Event(), threading.Event()

    def be_second():
        with startup_messages_dropped():
            second_is_in.set()
            os.write(2, b"second\n")
            first_is_out.wait(timeout=60)

    second = threading.Thread(target=be_second)
    with startup_messages_dropped():
        second.start()
        # In vain, if it has to wait outside
        second_is_in.wait(timeout=0.2)
        os.write(2, b"first\n")
    first_is_out.set()
    second.join(timeout=60)
    os.write(2, b"after\n")

    assert standard_error() == "first\nsecond\nafter\n"


def interrupted(n_calls, block):
    """Run a block, press Control-C when the n-th call is back, and tell if it came.

    Python looks for signals when a call is back, of which a profiler is told, too.
    """
    code = startup_messages_dropped.__wrapped__.__code__
    still_to_come = n_calls

    def strike(frame, event, argument):
        nonlocal still_to_come
        if frame.f_code is code and event == "c_return":
            still_to_come -= 1
            if not still_to_come:
                raise KeyboardInterrupt

    sys.setprofile(strike)
    try:
        with startup_messages_dropped():
            block()
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(None)
    return False


def test_an_interruption_at_any_moment_leaves_standard_error_as_it_was(standard_error):
    n_calls = 1
    while interrupted(n_calls, lambda: os.write(2, b"within\n")):
        os.write(2, b"after\n")
        assert "after\n" in standard_error(), f"lost by the interruption {n_calls}"
        n_calls += 1

    assert n_calls > 7


def test_a_closed_standard_error_does_not_keep_from_fitting():
    done = run_python(
        """
import sys
import numpy as np
from skdigits import MLPDigitClassifier
sys.stderr.close()
MLPDigitClassifier((4,), epochs=1).fit(np.eye(3), [0, 1, 2])
print("fitted")
"""
    )

    assert done.stdout == "fitted\n"

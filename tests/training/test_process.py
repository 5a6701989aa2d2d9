"""The start of TensorFlow: standard error and Control-C, whatever happens meanwhile."""

import io
import os
import signal
import sys
import threading

import pytest
from helpers import run_python

from skdigits._training.keras.process import (
    interruptions_deferred,
    startup_messages_dropped,
)

pytestmark = pytest.mark.programs

# Standard error


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


@pytest.mark.parametrize("missing", [None, "closed"])
def test_without_standard_error_there_is_nothing_to_hold_back(missing, monkeypatch):
    stream = missing and io.StringIO()
    if stream:
        stream.close()
    monkeypatch.setattr(sys, "stderr", stream)
    done = []

    with startup_messages_dropped():
        done.append("the block")

    assert done == ["the block"]


# Control-C


@pytest.fixture
def control_c():
    """Press Control-C, also where the process was started to ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def test_an_interruption_that_is_deferred_comes_at_the_end_of_the_block(control_c):
    done = []

    def block():
        with interruptions_deferred():
            control_c()
            done.append("the rest of it")

    with pytest.raises(KeyboardInterrupt):
        block()

    assert done == ["the rest of it"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_the_block_raises_comes_through(control_c):
    with pytest.raises(ZeroDivisionError), interruptions_deferred():
        1 / 0  # noqa: B018

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_interruptions_that_are_ignored_stay_ignored(control_c):
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    with interruptions_deferred():
        control_c()

    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_another_thread_has_no_interruptions_to_defer(control_c):
    handlers = []

    def look():
        with interruptions_deferred():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert handlers == [signal.default_int_handler]


def test_an_interruption_while_the_first_fit_imports_tensorflow_breaks_nothing():
    done = run_python(
        """
import signal, sys
import numpy as np
from skdigits import MLPDigitClassifier

signal.signal(signal.SIGINT, signal.default_int_handler)

class PressControlC:
    @staticmethod
    def find_spec(name, path=None, target=None):
        # In the midst of modules that cannot be imported a second time
        if name.endswith((".ragged_tensor_shape", "keras.src.ops")):
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, PressControlC)
classifier = MLPDigitClassifier((4,), epochs=1)
try:
    classifier.fit(np.eye(3), [0, 1, 2])
except KeyboardInterrupt:
    print("interrupted", hasattr(classifier, "coefs_"))
classifier.fit(np.eye(3), [0, 1, 2])
print("fitted")
"""
    )

    assert done.stdout == "interrupted False\nfitted\n"

"""A fit that is cut short, at whatever moment, leaves no trace and spoils no other."""

import copy
import os
import pickle
import random
import signal
import sys
import threading
import time
from itertools import product
from pathlib import Path

import keras
import numpy as np
import pytest
from helpers import same_weights, small

from skdigits._training.keras import training

pytestmark = pytest.mark.programs


def open_files():
    """Where each file descriptor leads, on Linux; elsewhere that is not told."""
    folder, found = Path("/proc/self/fd"), {}
    for name in os.listdir(folder) if folder.exists() else []:
        try:
            found[name] = os.readlink(folder / name)
        except FileNotFoundError:
            continue  # that of the listing itself
    return found


def state_of_the_process():
    return {
        "files": open_files(),
        "standard error": (sys.stderr, os.fstat(2)[:3]),
        "threads": set(threading.enumerate()),
        "signals": signal.getsignal(signal.SIGINT),
        "NumPy errors": np.geterr(),
        "Keras": (keras.config.floatx(), keras.config.dtype_policy().name),
    }


def left_behind(before):
    """What there is now that was not before. What is idle may end meanwhile."""
    now = state_of_the_process()
    return {
        "files": dict(now.pop("files").items() - before["files"].items()),
        "threads": now.pop("threads") - before["threads"],
        **{
            name: (before[name], now[name]) for name in now if now[name] != before[name]
        },
    }


def assert_nothing_was_left_behind(before):
    deadline = time.monotonic() + 10
    # A thread that is about to end may need a moment
    while any(left_behind(before).values()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(left_behind(before).values()), left_behind(before)


# A signal at a random moment


@pytest.fixture
def interrupted_after():
    """Call a function, press Control-C some seconds later, and tell if it was soon."""
    if not hasattr(signal, "setitimer"):
        pytest.skip("the system has no timer that sends signals")
    # A process inherits that SIGINT is ignored, as in a shell's background jobs
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))

    def interrupted_after(seconds, function):
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            function()
            signal.setitimer(signal.ITIMER_REAL, 0)
        except KeyboardInterrupt:
            return True
        return False

    yield interrupted_after
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, before)


# More than are kept, each with a network of its own: all are built again every time.
# The first have a network that is kept.
KINDS = [
    ({"hidden_layer_sizes": (20 + number,), **parameters}, dtype)
    for number, (dtype, parameters) in enumerate(
        product(
            (np.float32, np.float64),
            (
                {},
                {"dropout": 0.2, "early_stopping": True},
                {"augment": "elastic"},
                {"optimizer": "nadam", "class_weight": "balanced"},
                {"learning_rate_schedule": "cosine", "activation": "gelu"},
            ),
        )
    )
]


@pytest.mark.parametrize(
    ("n_kinds", "n_times"),
    [
        (2, 3),
        pytest.param(2, 100, marks=pytest.mark.slow),
        pytest.param(10, 20, marks=pytest.mark.slow),
    ],
)
# Of Python, where the signal comes in a destructor, from which nothing can be raised
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_fit_interrupted_at_a_random_moment_leaves_no_trace(
    n_kinds, n_times, interrupted_after, mnist
):
    y, undisturbed, seconds = mnist.y_train, [], []
    for parameters, dtype in KINDS[:n_kinds]:
        start = time.perf_counter()
        undisturbed.append(small(**parameters).fit(mnist.X_train.astype(dtype), y))
        seconds.append(time.perf_counter() - start)
    draw, process = random.Random(0), state_of_the_process()
    n_interrupted = 0

    for turn in range(n_times * n_kinds):
        kind = turn % n_kinds
        parameters, dtype = KINDS[kind]
        X = mnist.X_train.astype(dtype)
        classifier = small(**parameters)
        if turn % 3 == 0:
            # As a classifier that has been fitted to something else
            classifier = copy.deepcopy(undisturbed[kind])
            classifier.coefs_[0] += 1
        before = copy.deepcopy(classifier)

        moment = draw.uniform(0, seconds[kind])
        if interrupted_after(moment, lambda c=classifier, X=X: c.fit(X, y)):
            n_interrupted += 1
            # Or the signal came when all was done
            if pickle.dumps(classifier) != pickle.dumps(before):
                assert same_weights(classifier, undisturbed[kind])
        else:
            assert same_weights(classifier, undisturbed[kind])

        assert_nothing_was_left_behind(process)
        start = time.perf_counter()
        assert same_weights(classifier.fit(X, y), undisturbed[kind])
        seconds[kind] = time.perf_counter() - start

    assert n_interrupted


# A callback or an error at a chosen moment


class Interrupting(keras.callbacks.Callback):
    """Raises KeyboardInterrupt the n-th time that a method is called."""

    def __init__(self, method, call):
        super().__init__()
        self.calls_left = call
        setattr(self, method, self.interrupt)

    def interrupt(self, *_):
        self.calls_left -= 1
        if not self.calls_left:
            raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("method", "call"),
    [
        ("on_train_begin", 1),
        *product(("on_epoch_begin", "on_epoch_end"), (1, 2, 3)),
        *product(("on_train_batch_begin", "on_train_batch_end"), (1, 3)),
        ("on_train_end", 1),
    ],
)
def test_a_callback_may_interrupt_any_epoch(method, call, mnist):
    X, y = mnist.X_train, mnist.y_train
    classifier = small().fit(X, y)
    undisturbed = copy.deepcopy(classifier)
    process = state_of_the_process()

    classifier.set_params(callbacks=[Interrupting(method, call)])
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(X[:200], y[:200])
    classifier.set_params(callbacks=None)

    assert pickle.dumps(classifier) == pickle.dumps(undisturbed)
    assert_nothing_was_left_behind(process)
    assert same_weights(classifier.fit(X, y), undisturbed)


@pytest.mark.parametrize("epoch", [1, 3])
def test_a_fit_that_runs_out_of_memory_leaves_no_trace(epoch, mnist):
    X, y = mnist.X_train, mnist.y_train
    classifier = small().fit(X, y)
    undisturbed = copy.deepcopy(classifier)
    process, calls = state_of_the_process(), []

    def augment(images, rng):
        calls.append(images.shape)
        return np.empty(2**55) if len(calls) == epoch else images

    classifier.set_params(augment=augment)
    with pytest.raises(MemoryError):
        classifier.fit(X[:200], y[:200])
    classifier.set_params(augment=None)

    assert pickle.dumps(classifier) == pickle.dumps(undisturbed)
    assert_nothing_was_left_behind(process)
    assert same_weights(classifier.fit(X, y), undisturbed)


class Changing(keras.callbacks.Callback):
    """Changes the structure of the model when a method is called."""

    def __init__(self, method, change):
        super().__init__()
        setattr(self, method, lambda *_: change(self.model))


@pytest.mark.parametrize(
    "method", ["on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end"]
)
@pytest.mark.parametrize(
    "change",
    [
        lambda model: setattr(model.layers[0], "trainable", False),
        lambda model: model.compile("sgd", "mse"),
        lambda model: model.pop(),
    ],
    ids=["freeze", "compile", "pop"],
)
def test_a_callback_that_changes_the_structure_is_refused(method, change, mnist):
    X, y = mnist.X_train, mnist.y_train
    classifier = small().fit(X, y)
    undisturbed = copy.deepcopy(classifier)

    classifier.set_params(callbacks=[Changing(method, change)])
    with pytest.raises(ValueError, match="A callback changed the layers of the model"):
        classifier.fit(X, y)

    assert same_weights(classifier, undisturbed)
    assert same_weights(classifier.set_params(callbacks=None).fit(X, y), undisturbed)


def test_a_network_that_was_interrupted_is_not_lent_to_a_thread_beside_it(mnist):
    X, y = mnist.X_train, mnist.y_train
    undisturbed = small().fit(X, y)
    results = []

    def fit_beside(images, rng):
        # Wants the network that is out, and gets another
        thread = threading.Thread(target=lambda: results.append(small().fit(X, y)))
        thread.start()
        thread.join()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small(augment=fit_beside).fit(X, y)

    assert same_weights(results[0], undisturbed)
    assert same_weights(small().fit(X, y), undisturbed)


def test_an_interruption_waits_until_the_network_is_built(mnist, monkeypatch):
    X, y = mnist.X_train, mnist.y_train
    classifier = small(hidden_layer_sizes=(15,))
    compile_block, reached = training.backend.compile_block, []

    def press_control_c(*arguments):
        reached.append("before")
        signal.raise_signal(signal.SIGINT)
        reached.append("after")
        return compile_block(*arguments)

    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr(training.backend, "compile_block", press_control_c)
    try:
        with pytest.raises(KeyboardInterrupt):
            classifier.fit(X, y)
    finally:
        signal.signal(signal.SIGINT, handler)
    monkeypatch.undo()

    assert reached == ["before", "after"]
    assert not hasattr(classifier, "coefs_")
    fitted = small(hidden_layer_sizes=(15,)).fit(X, y)
    assert same_weights(classifier.fit(X, y), fitted)

"""Many threads and processes at once: right answers, and an end."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import scipy.sparse as sp
from helpers import keras_output, same_weights, small
from sklearn.base import clone

N_PREDICTING, N_FITTING = 8, 2


# Threads


def ways_to_predict(mnist):
    """Methods with arguments that take different paths through a classifier."""
    images = mnist.X_test.reshape(-1, 28, 28)
    return [
        ("predict_proba", mnist.X_test),
        ("predict_proba", mnist.X_test[:1]),
        ("predict", images),
        ("predict_log_proba", mnist.X_test.astype(np.float64)),
        ("predict_proba", sp.csr_array(mnist.X_test)),
    ]


@pytest.mark.parametrize(
    ("n_predictions", "n_fits"),
    [(20, 2), pytest.param(2000, 100, marks=pytest.mark.slow)],
)
def test_threads_predict_with_one_classifier_while_others_are_fitted(
    n_predictions, n_fits, mnist
):
    X, y = mnist.X_train, mnist.y_train
    classifier = small().fit(X.reshape(-1, 28, 28), y)
    ways = ways_to_predict(mnist)
    expected = [getattr(classifier, method)(X_test) for method, X_test in ways]
    # The same network twice, so that both want the one that is lent
    alone = [small(random_state=seed).fit(X, y) for seed in range(N_FITTING)]
    everyone_is_here = threading.Barrier(N_PREDICTING + N_FITTING)

    def predict(number):
        everyone_is_here.wait(timeout=60)
        for turn in range(number, number + n_predictions):
            method, X_test = ways[turn % len(ways)]
            result = getattr(classifier, method)(X_test)
            np.testing.assert_array_equal(result, expected[turn % len(ways)])

    def fit(fitted):
        everyone_is_here.wait(timeout=60)
        for _ in range(n_fits):
            assert same_weights(clone(fitted).fit(X, y), fitted)

    with ThreadPoolExecutor(N_PREDICTING + N_FITTING) as threads:
        work = [threads.submit(predict, number) for number in range(N_PREDICTING)]
        work += [threads.submit(fit, fitted) for fitted in alone]
        for each in work:
            each.result(timeout=600)


def test_threads_that_ask_for_the_keras_model_at_once_get_one_that_predicts(mnist):
    classifier = small().fit(mnist.X_train, mnist.y_train)
    everyone_is_here = threading.Barrier(4)

    def ask(_):
        everyone_is_here.wait(timeout=60)
        return classifier.model_

    with ThreadPoolExecutor(4) as threads:
        models = list(threads.map(ask, range(4)))

    for model in models:
        np.testing.assert_allclose(
            keras_output(model, mnist.X_test),
            classifier.predict_proba(mnist.X_test),
            atol=1e-6,
        )


# Processes


def run_program(code, path, **environment):
    """Run code as a program of its own, which processes that it spawns can import."""
    path.write_text(code)
    return subprocess.run(
        [sys.executable, path],
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | environment,
    ).stdout


PROGRAM = """
import hashlib, multiprocessing, warnings
import numpy as np
from joblib import Parallel, delayed
from skdigits import MLPDigitClassifier, load_mnist

warnings.filterwarnings("ignore", ".*fork", DeprecationWarning)  # beside threads
train = load_mnist("train")
X, y = (train.data[:300] / 255).astype(np.float32), train.target[:300]
SEEDS = range(4)


def fitted(seed):
    return MLPDigitClassifier(
        (16,), dropout=0.2, batch_size=32, epochs=3, random_state=seed
    ).fit(X, y)


def fit(seed):
    arrays = fitted(seed)
    arrays = [*arrays.coefs_, *arrays.intercepts_]
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def attempt(seed):
    try:
        return fit(seed)
    except RuntimeError as error:
        return str(error)
"""


@pytest.mark.slow
def test_fits_in_other_processes_and_threads_come_to_the_same_weights(tmp_path):
    program = (
        PROGRAM
        + """

if __name__ == "__main__":
    serial = [fit(seed) for seed in SEEDS]
    assert len(set(serial)) == len(SEEDS)
    for backend in ("loky", "threading"):
        parallel = Parallel(n_jobs=2, backend=backend)
        print(backend, parallel(delayed(fit)(seed) for seed in SEEDS) == serial)
    with multiprocessing.get_context("spawn").Pool(2) as processes:
        print("spawn", processes.map(fit, SEEDS) == serial)
    with multiprocessing.get_context("forkserver").Pool(2) as processes:
        print("forkserver", processes.map(fit, SEEDS) == serial)
"""
    )

    # Rounding depends on the number of threads, and loky allows its workers one
    printed = run_program(program, tmp_path / "program.py", OMP_NUM_THREADS="1")

    assert printed.splitlines() == [
        "loky True",
        "threading True",
        "spawn True",
        "forkserver True",
    ]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_forked_processes_fit_as_long_as_tensorflow_was_not_started(tmp_path):
    program = (
        PROGRAM
        + """

if __name__ == "__main__":
    fork = multiprocessing.get_context("fork")
    with fork.Pool(2) as processes:
        before = processes.map(attempt, SEEDS)
    print(before == [fit(seed) for seed in SEEDS])
    with fork.Pool(2) as processes:
        print(set(processes.map(attempt, SEEDS)))
    classifier = fitted(0)
    parallel = Parallel(n_jobs=2, backend="multiprocessing")
    expected = classifier.predict_proba(X)
    for predicted in parallel(delayed(classifier.predict_proba)(X) for _ in range(2)):
        print(np.array_equal(predicted, expected))
"""
    )

    printed = run_program(program, tmp_path / "program.py", OMP_NUM_THREADS="1")

    same, refused, *predicted = printed.splitlines()
    assert same == "True"
    assert "was started before this process was forked" in refused
    assert refused.count("Keras's backend") == 1  # both say the same
    assert predicted == ["True", "True"]

"""What the tests of several modules fit, compare and run."""

import os
import subprocess
import sys

import numpy as np

from skdigits import MLPDigitClassifier


def small(**parameters):
    """A classifier that trains in a fraction of a second, the same each time.

    To trace a network takes longer than to train it, so the tests keep to one
    architecture where it is of no account.
    """
    ordinary = {
        "hidden_layer_sizes": (16,),
        "dropout": 0.0,
        "batch_size": 32,
        "epochs": 3,
        "learning_rate_schedule": "constant",
        "random_state": 0,
    }
    return MLPDigitClassifier(**{**ordinary, **parameters})


def weights(classifier):
    return [*classifier.coefs_, *classifier.intercepts_]


def same_weights(one, other):
    """Whether two classifiers have the same weights to the bit."""
    return all(
        a.dtype == b.dtype and np.array_equal(a, b)
        for a, b in zip(weights(one), weights(other), strict=True)
    )


def assert_weights_close(one, other, atol):
    for a, b in zip(weights(one), weights(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=atol)


def run_python(code, *options, check=True, environment=None):
    """Run code in a new interpreter and return what came of it, output as text.

    The environment is this process's, with the variables given.
    """
    return subprocess.run(
        [sys.executable, *options, "-c", code],
        check=check,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | (environment or {}),
    )

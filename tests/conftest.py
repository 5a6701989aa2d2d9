"""Settings that every test needs before anything else is imported, and data."""

import os
import subprocess
import sys

# scikit-learn skips its array API checks unless SciPy was imported with this set.
os.environ["SCIPY_ARRAY_API"] = "1"

from types import SimpleNamespace

import hypothesis
import matplotlib
import numpy as np
import pytest
from helpers import EXAMPLES, FEW_EXAMPLES, MANY_EXAMPLES

from skdigits import load_mnist

# How long an example takes depends on what else the machine does
for profile in (FEW_EXAMPLES, MANY_EXAMPLES):
    hypothesis.settings.register_profile(
        profile,
        deadline=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )


def pytest_configure(config):
    many = "not slow" not in config.option.markexpr
    hypothesis.settings.load_profile(MANY_EXAMPLES if many else FEW_EXAMPLES)


def pytest_collection_finish():
    """Keep more compiled networks than a user needs: to compile them is most work."""
    training = sys.modules.get("skdigits._training.keras.training")
    if training is not None:
        training.networks.max_kept = 100


@pytest.fixture(scope="session")
def mnist():
    """Some hundreds of real digits, scaled; read-only, since all tests share them."""
    train, test = load_mnist("train"), load_mnist("test")
    digits = SimpleNamespace(
        X_train=(train.data[:300] / 255).astype(np.float32),
        y_train=train.target[:300],
        X_test=(test.data[:200] / 255).astype(np.float32),
        y_test=test.target[:200],
    )
    for array in vars(digits).values():
        array.flags.writeable = False
    return digits


@pytest.fixture
def no_window():
    """Draw without a screen, and leave no figure behind."""
    import matplotlib.pyplot as plt

    before = matplotlib.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(before)


@pytest.fixture
def environment():
    """Variables of an environment where no display can be reached."""
    displays = {"DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND"}
    kept = {name: value for name, value in os.environ.items() if name not in displays}
    return kept | {"PYTHONUTF8": "1"}


@pytest.fixture
def run_example(environment, tmp_path):
    """Run an example in an empty directory, with arguments, and options for Python."""

    def run_example(name, *arguments, options=()):
        return subprocess.run(
            [sys.executable, *options, EXAMPLES / name, *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
        )

    return run_example

"""Data for the benchmarks, and the table at the end of the run.

    python -m pytest tests/benchmarks

runs them all, one after the other. ``--benchmark-disable`` does so with one round each,
for a quick look; ``--plot=PATH`` draws how time grows; ``--benchmark-json=PATH`` saves
every single time.
"""

from pathlib import Path

import pytest
from contenders import training_images
from table import Table, describe_machine

RESULTS = pytest.StashKey()


def pytest_addoption(parser):
    parser.addoption(
        "--plot",
        type=Path,
        metavar="PATH",
        help="draw the time of a fit against images and epochs",
    )


def pytest_configure(config):
    # pytest looks for it above every existing path among the arguments.
    if config.inipath != Path(__file__).with_name("pytest.ini"):
        raise pytest.UsageError(
            "The benchmarks run by themselves: python -m pytest tests/benchmarks, and "
            "paths of options after '=', as in --plot=PATH."
        )
    config.stash[RESULTS] = Table()


# Optional, since it is pytest-benchmark's.
@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_json(config, output_json):
    output_json["table"] = config.stash[RESULTS].to_json()


def pytest_terminal_summary(terminalreporter, config):
    table = config.stash[RESULTS]
    if table.lines:
        terminalreporter.section("benchmarks")
        terminalreporter.write_line(describe_machine())
        terminalreporter.write_line("")
        terminalreporter.write_line(table.to_markdown())


@pytest.fixture
def table(request):
    return request.config.stash[RESULTS]


@pytest.fixture(scope="session")
def mnist():
    return training_images()


@pytest.fixture(scope="session", autouse=True)
def tensorflow():
    """Import TensorFlow before anything is timed, as every Keras program does."""
    from skdigits._training import keras

    return keras

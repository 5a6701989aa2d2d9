"""The networks that are asked, and the table at the end of the run.

    python -m pytest tests/reach

trains on MNIST's training images alone, and prints how many digits of other kinds are
read right: as they are, and behind the normaliser.
"""

import pytest
from reach_table import Comparison, Table
from sklearn.pipeline import make_pipeline

from skdigits import DigitNormalizer, FlattenScaler, MLPDigitClassifier, load_mnist

TABLES = {kind: pytest.StashKey() for kind in (Table, Comparison)}

# As docs/accuracy.md advises, for little time and for a small model of few errors
CLASSIFIERS = {
    "defaults": MLPDigitClassifier(random_state=0),
    "augmented": MLPDigitClassifier(
        augment="elastic", epochs=100, weight_decay=0.05, dropout=0, random_state=0
    ),
}


def pytest_addoption(parser):
    parser.addoption(
        "--pages", type=int, default=200, help="pictures of each kind of page"
    )


def pytest_configure(config):
    for kind, key in TABLES.items():
        config.stash[key] = kind()


def pytest_terminal_summary(terminalreporter, config):
    for key in TABLES.values():
        table = config.stash[key]
        if table.lines:
            terminalreporter.section("reach")
            terminalreporter.write_line(table.to_markdown())


@pytest.fixture
def table(request):
    return request.config.stash[TABLES[Table]]


@pytest.fixture
def comparison(request):
    return request.config.stash[TABLES[Comparison]]


@pytest.fixture(scope="session")
def n_pages(request):
    """How many pictures of each kind of page are drawn."""
    return request.config.getoption("pages")


@pytest.fixture(scope="session")
def test_digits():
    """MNIST's test images, which nothing was chosen by."""
    return load_mnist("test")


@pytest.fixture(scope="session", params=CLASSIFIERS)
def network(request):
    """The name of a network, and the pipeline trained behind the normaliser."""
    train = load_mnist("train")
    model = make_pipeline(
        DigitNormalizer(), FlattenScaler(), CLASSIFIERS[request.param]
    )
    return request.param, model.fit(train.images, train.target)

"""How long searches with many fits take."""

import numpy as np
from contenders import (
    SCIKERAS,
    SCIKIT_LEARN,
    SKDIGITS,
    forget_networks,
    scikeras_classifier,
    scikit_learn_classifier,
    skdigits_classifier,
)
from joblib.externals.loky import get_reusable_executor
from measuring import Contender, medians, take_turns
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from table import at_most, below

LEARNING_RATES = [1e-3, 3e-3]


def test_a_search_of_small_fits_takes_at_most_twice_scikit_learns_time(
    benchmark, table
):
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32)

    def search(classifier, learning_rate):
        return lambda: GridSearchCV(
            classifier(epochs=20, batch_size=32),
            {
                "hidden_layer_sizes": [(128, 64), (64, 32)],
                learning_rate: LEARNING_RATES,
            },
            cv=3,
        ).fit(X, y)

    scikeras = f"{SCIKERAS}, one round"
    seconds = take_turns(
        benchmark,
        [
            Contender(
                SKDIGITS,
                search(skdigits_classifier, "learning_rate"),
                prepare=forget_networks,
            ),
            Contender(
                SCIKIT_LEARN, search(scikit_learn_classifier, "learning_rate_init")
            ),
            Contender(scikeras, search(scikeras_classifier, "learning_rate"), rounds=1),
        ],
        rounds=5,
        warm_up=False,
    )
    missed = table.compare(
        "GridSearchCV, 13 fits of 1,797 images at most, 20 epochs",
        medians(seconds),
        {SCIKIT_LEARN: at_most(2.0)},
    )
    assert not missed


def test_a_search_in_two_processes_takes_less_time_than_in_one(benchmark, table, mnist):
    """The start of the processes, which import TensorFlow, included."""
    X, y = mnist

    def search(n_jobs):
        return lambda: GridSearchCV(
            skdigits_classifier(epochs=20),
            {"learning_rate": LEARNING_RATES},
            cv=3,
            refit=False,
            n_jobs=n_jobs,
        ).fit(X, y)

    one_job = "skdigits, n_jobs=1"
    seconds = take_turns(
        benchmark,
        [
            Contender(
                "n_jobs=2",
                search(2),
                prepare=lambda: get_reusable_executor().shutdown(),
            ),
            Contender(one_job, search(1), prepare=forget_networks),
        ],
        rounds=3,
        warm_up=False,
    )
    get_reusable_executor().shutdown()
    missed = table.compare(
        "GridSearchCV(n_jobs=2), 6 fits of 40,000 images, 20 epochs",
        medians(seconds),
        {one_job: below(1.0)},
    )
    assert not missed

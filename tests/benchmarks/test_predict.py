"""How long predicting takes."""

import pytest
from contenders import (
    SCIKERAS,
    SCIKIT_LEARN,
    SKDIGITS,
    scikeras_classifier,
    scikit_learn_classifier,
    skdigits_classifier,
)
from measuring import Contender, medians, take_turns
from table import at_most


@pytest.fixture(scope="module")
def fitted(mnist):
    X, y = mnist
    return {
        name: classifier(epochs=1).fit(X[:5000], y[:5000])
        for name, classifier in [
            (SKDIGITS, skdigits_classifier),
            (SCIKIT_LEARN, scikit_learn_classifier),
            (SCIKERAS, scikeras_classifier),
        ]
    }


@pytest.mark.parametrize(
    ("n_images", "rounds", "calls"), [(1, 100, 100), (100, 100, 20), (10_000, 50, 1)]
)
def test_predicting_takes_no_longer_than_scikit_learns(
    benchmark, table, mnist, fitted, n_images, rounds, calls
):
    X = mnist[0][:n_images]
    contenders = [
        Contender(
            name,
            lambda classifier=classifier: classifier.predict_proba(X),
            # Between calls of microseconds, nothing but other such calls.
            prepare=lambda: None,
            calls=calls,
        )
        for name, classifier in fitted.items()
    ]
    of_scikeras = contenders[-1]
    of_scikeras.calls, of_scikeras.rounds = 1, 20
    seconds = take_turns(benchmark, contenders, rounds=rounds)
    images = "image" if n_images == 1 else "images"
    missed = table.compare(
        f"predict_proba, {n_images:,} {images}",
        medians(seconds),
        {SCIKIT_LEARN: at_most(1.0)},
    )
    assert not missed

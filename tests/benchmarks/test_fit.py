"""How long training takes."""

import math
from itertools import pairwise
from statistics import median

import numpy as np
from contenders import (
    BATCH_SIZE,
    HIDDEN_LAYER_SIZES,
    KERAS,
    SCIKERAS,
    SCIKIT_LEARN,
    SKDIGITS,
    SKORCH,
    fit_keras_alone,
    forget_networks,
    scikeras_classifier,
    scikit_learn_classifier,
    skdigits_classifier,
    skorch_classifier,
    skorch_is_installed,
)
from measuring import Contender, medians, take_turns
from table import at_most, below, show_time


def test_fitting_takes_at_most_half_of_scikit_learns_time(benchmark, table, mnist):
    """And a third of scikeras's, building and compiling the network included."""
    X, y = mnist
    epochs = 10
    contenders = [
        Contender(
            SKDIGITS,
            lambda: skdigits_classifier(epochs).fit(X, y),
            prepare=forget_networks,
        ),
        Contender(SCIKIT_LEARN, lambda: scikit_learn_classifier(epochs).fit(X, y)),
        Contender(SCIKERAS, lambda: scikeras_classifier(epochs).fit(X, y)),
        Contender(KERAS, lambda: fit_keras_alone(X, y, epochs)),
    ]
    if skorch_is_installed():
        contenders.append(
            Contender(SKORCH, lambda: skorch_classifier(epochs).fit(X, y))
        )
    # What the first run in a process does besides is small beside a run.
    seconds = take_turns(benchmark, contenders, rounds=5, warm_up=False)
    missed = table.compare(
        f"fit, 60,000 images, {epochs} epochs",
        dict.fromkeys([*seconds, SKORCH]) | medians(seconds),
        {SCIKIT_LEARN: at_most(0.5), SCIKERAS: at_most(0.333)},
    )
    assert not missed


def test_a_further_epoch_takes_at_most_2_4_times_its_matrix_products(
    benchmark, table, mnist
):
    X, y = mnist
    # From 3 epochs of so many images on, skdigits has XLA compile the network: both of
    # its fits are to, and to find it compiled.
    few, many = 3, 7
    peers_few, peers_many = 1, 3
    products = matrix_products(X)

    def fit(classifier, epochs):
        return lambda: classifier(epochs).fit(X, y)

    seconds = take_turns(
        benchmark,
        [
            Contender("many", fit(skdigits_classifier, many)),
            Contender("few", fit(skdigits_classifier, few)),
            Contender("products", products),
            Contender("peer's many", fit(scikit_learn_classifier, peers_many)),
            Contender("peer's few", fit(scikit_learn_classifier, peers_few)),
        ],
        rounds=5,
    )

    def of_an_epoch(many_epochs, few_epochs, n_more):
        differences = np.subtract(seconds[many_epochs], seconds[few_epochs])
        return float(median(differences / n_more))

    missed = table.compare(
        "a further epoch, 60,000 images",
        {
            SKDIGITS: of_an_epoch("many", "few", many - few),
            "its matrix products in NumPy": median(seconds["products"]),
            SCIKIT_LEARN: of_an_epoch(
                "peer's many", "peer's few", peers_many - peers_few
            ),
        },
        {"its matrix products in NumPy": at_most(2.4)},
    )
    assert not missed


def matrix_products(X):
    """Return a function that computes the products of an epoch, and nothing else.

    Those of the three layers and of their gradients: of all weights, and of the input
    of all layers but the first. Into memory that is there already, since to ask for it
    would take longer than some of them.
    """
    rng = np.random.default_rng(0)

    def normal(*shape):
        return rng.standard_normal(shape, dtype=np.float32) / np.float32(shape[0])

    units = (X.shape[1], *HIDDEN_LAYER_SIZES, 10)
    pairs = list(pairwise(units))
    weights = [normal(before, after) for before, after in pairs]
    weight_gradients = [np.empty_like(weight) for weight in weights]
    outputs = [normal(BATCH_SIZE, after) for _, after in pairs]
    gradients = [normal(BATCH_SIZE, after) for _, after in pairs]

    def run():
        for start in range(0, len(X), BATCH_SIZE):
            batch = X[start : start + BATCH_SIZE]
            n_rows = len(batch)
            inputs = [batch, *(output[:n_rows] for output in outputs)]
            deltas = [gradient[:n_rows] for gradient in gradients]
            for layer, weight in enumerate(weights):
                np.matmul(inputs[layer], weight, out=inputs[layer + 1])
            for layer in reversed(range(len(weights))):
                np.matmul(inputs[layer].T, deltas[layer], out=weight_gradients[layer])
                if layer:
                    np.matmul(deltas[layer], weights[layer].T, out=deltas[layer - 1])

    return run


def test_a_further_epoch_takes_less_time_compiled_by_xla_than_not(
    benchmark, table, mnist, monkeypatch
):
    """And what compiling costs in a first fit."""
    from skdigits._training.keras.start import backend

    X, y = mnist
    few, many = 1, 4

    def contenders(compiled):
        def fit(epochs):
            updates = 0 if compiled else math.inf
            monkeypatch.setattr(backend, "_XLA_PAYS_FROM_UPDATES", updates)
            skdigits_classifier(epochs).fit(X, y)

        def forget_and_fit():
            forget_networks()
            fit(few)

        # In this order the later two find the network that the first has made.
        return [
            Contender(f"first, {compiled}", forget_and_fit),
            Contender(f"few, {compiled}", lambda: fit(few)),
            Contender(f"many, {compiled}", lambda: fit(many)),
        ]

    (*first, last), without = contenders(True), contenders(False)
    seconds = take_turns(benchmark, [last, *without, *first], rounds=5, warm_up=False)

    def difference(one, other, compiled):
        pairs = seconds[f"{one}, {compiled}"], seconds[f"{other}, {compiled}"]
        return float(median(np.subtract(*pairs)))

    names = {"with XLA": True, "without": False}
    table.compare(
        "building and compiling the network",
        {name: difference("first", "few", way) for name, way in names.items()},
        {},
    )
    missed = table.compare(
        "a further epoch, with XLA",
        {
            name: difference("many", "few", way) / (many - few)
            for name, way in names.items()
        },
        {"without": below(1.0)},
    )
    assert not missed


def test_an_epoch_of_distorted_images_takes_at_most_twice_a_plain_one(
    benchmark, table, mnist
):
    X, y = mnist
    few, many = 3, 6  # both compiled by XLA, as above

    def fit(epochs, augment):
        return lambda: skdigits_classifier(epochs, augment=augment).fit(X, y)

    seconds = take_turns(
        benchmark,
        [
            Contender("many, distorted", fit(many, "elastic")),
            Contender("few, distorted", fit(few, "elastic")),
            Contender("many, plain", fit(many, None)),
            Contender("few, plain", fit(few, None)),
        ],
        rounds=5,
    )

    def of_an_epoch(kind):
        pairs = seconds[f"many, {kind}"], seconds[f"few, {kind}"]
        return float(median(np.subtract(*pairs))) / (many - few)

    missed = table.compare(
        'a further epoch, augment="elastic"',
        {SKDIGITS: of_an_epoch("distorted"), "without": of_an_epoch("plain")},
        {"without": at_most(2)},
    )
    assert not missed


def test_a_later_fit_takes_at_most_0_15_s_beyond_its_epochs(benchmark, table, mnist):
    """Of an architecture trained in this process before, on few images."""
    X, y = mnist[0][:1000], mnist[1][:1000]
    few, many = 1, 11
    seconds = take_turns(
        benchmark,
        [
            Contender("few", lambda: skdigits_classifier(few).fit(X, y)),
            Contender("many", lambda: skdigits_classifier(many).fit(X, y)),
        ],
        rounds=20,
    )
    of_few, of_many = median(seconds["few"]), median(seconds["many"])
    of_an_epoch = (of_many - of_few) / (many - few)
    missed = table.limit(
        "a later fit, 1,000 images, beyond its epochs",
        of_few - few * of_an_epoch,
        at_most(0.15),
        show=show_time,
    )
    assert not missed

"""The measurements behind "auto", for ``choose_parameters.py auto``."""

import math
import warnings
from functools import partial
from itertools import islice
from time import perf_counter

import joblib
import numpy as np
from _accuracy import N_VALIDATION
from sklearn.base import clone
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    load_iris,
    load_wine,
    make_circles,
    make_classification,
    make_gaussian_quantiles,
    make_moons,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import minmax_scale, scale
from sklearn.svm import SVC

from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist

_BATCH_SIZE = 128

# Epochs of the rule: `first` where an epoch is one step, else divided by the square
# root of its steps, and at least `least`
CONSTANT = {
    "first": 20,
    "least": 20,
    "learning_rate": 0.004,
    "dropout": 0.05,
    "weight_decay": 0.2,
}
FAST = CONSTANT | {"first": 200, "learning_rate": 0.01}
RULES = {
    "20 epochs": CONSTANT,
    "100/√steps": CONSTANT | {"first": 100},
    "200/√steps": CONSTANT | {"first": 200},
    "400/√steps": CONSTANT | {"first": 400},
    "800/√steps": CONSTANT | {"first": 800},
    "400/√steps, no dropout": CONSTANT | {"first": 400, "dropout": 0.0},
    "200/√steps, rate of 0.01": FAST,
    "200/√steps, rate of 0.01, weight decay of 1": FAST | {"weight_decay": 1.0},
    "auto": MLPDigitClassifier(),
}
AUGMENTED = {
    "least": 60,
    "learning_rate": 0.004,
    "dropout": 0.0,
    "weight_decay": 0.05,
    "augment": "elastic",
}
AUGMENTED_RULES = {
    "60 epochs": AUGMENTED | {"first": 60},
    "300/√steps": AUGMENTED | {"first": 300},
    "600/√steps": AUGMENTED | {"first": 600},
    "1200/√steps": AUGMENTED | {"first": 1200},
    "600/√steps, dropout of 0.05": AUGMENTED | {"first": 600, "dropout": 0.05},
    "600/√steps, weight decay of 0.2": AUGMENTED | {"first": 600, "weight_decay": 0.2},
}
BASELINES = {
    "MLPClassifier": MLPClassifier(),
    "LogisticRegression": LogisticRegression(),
    "SVC": SVC(),
}


def search(seeds, train_size, quick, cache):
    """Return the figures of each candidate on each data set, a number a seed.

    Scores are kept in a directory, from which a stopped search continues.
    """
    measure_once = joblib.Memory(cache, verbose=0).cache(measure)
    # The largest last
    tasks = [
        (data, name, seed)
        for data, (_, candidates) in data_sets(train_size).items()
        for name in candidates
        for seed in range(1 if quick else seeds)
        if not quick or data == "iris, in [0, 1]"
    ]
    rows = {}
    for number, (data, name, seed) in enumerate(tasks, start=1):
        print(f"{number} of {len(tasks)}: {data}; {name}; seed {seed}", flush=True)
        row = rows.setdefault((data, name), {"data": data, "name": name})
        figures = measure_once(data, name, seed, n_splits=1 if quick else None)
        for figure, value in figures.items():
            row.setdefault(figure, []).append(value)
    return list(rows.values())


def data_sets(train_size=np.inf):
    """Return what gives the splits of each data set, and what is measured on it."""
    data_sets = TABLES | KEPT
    for n_images, more in IMAGES.items():
        if n_images <= train_size:
            data_sets |= more
    return data_sets


def folds_of_table(load, scaling, seed):
    """Yield five times what to train on, X and y, and what to score on."""
    X, y = load()
    X = scaling(X).astype(np.float32)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    for train, test in folds.split(X, y):
        yield X[train], y[train], X[test], y[test]


def some_images(n_images, seed):
    """Yield some training images, and the last ones to score on."""
    mnist = load_mnist("train")
    X, y = FlattenScaler().fit_transform(mnist.images), mnist.target
    train, test = np.split(np.arange(len(y)), [-N_VALIDATION])
    if n_images < len(train):
        train, _ = train_test_split(
            train, train_size=n_images, stratify=y[train], random_state=seed
        )
    yield X[train], y[train], X[test], y[test]


def measure(data, name, seed, n_splits):
    """Return the mean figures of a candidate over the first splits of a data set."""
    splits, candidates = data_sets()[data]
    figures = [
        score(candidates[name], *split, random_state=seed)
        for split in islice(splits(seed), n_splits)
    ]
    return {
        figure: float(np.mean([one[figure] for one in figures]))
        for figure in figures[0]
    }


def score(candidate, X_train, y_train, X_test, y_test, random_state):
    model = candidate
    if isinstance(candidate, dict):
        model = by_rule(len(y_train), **candidate)
    model = clone(model).set_params(random_state=random_state)
    start = perf_counter()
    with warnings.catch_warnings():
        # Other classifiers are taken with their defaults, enough or not
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X_train, y_train)
    figures = {
        "fit_seconds": perf_counter() - start,
        "accuracy": model.score(X_test, y_test),
    }
    if isinstance(model, MLPDigitClassifier):
        figures["n_steps"] = model.n_iter_ * math.ceil(len(y_train) / model.batch_size_)
    return figures


def by_rule(n_samples, first, least, **parameters):
    """Return a classifier with the number of epochs that a rule chooses."""
    steps_per_epoch = math.ceil(n_samples / _BATCH_SIZE)
    epochs = max(least, round(first / math.sqrt(steps_per_epoch)))
    return MLPDigitClassifier(batch_size=_BATCH_SIZE, epochs=epochs, **parameters)


SCALINGS = {"standardised": scale, "in [0, 1]": minmax_scale}
TABLES = {
    f"{name}, {scaled}": (
        partial(folds_of_table, partial(load, return_X_y=True), scaling),
        RULES | BASELINES,
    )
    for name, load in {
        "iris": load_iris,
        "wine": load_wine,
        "breast_cancer": load_breast_cancer,
        "digits": load_digits,
    }.items()
    for scaled, scaling in SCALINGS.items()
}
# These had no part in any choice
KEPT = {
    f"{name}, {scaled}": (
        partial(folds_of_table, make, scaling),
        {rule: RULES[rule] for rule in ("400/√steps", "auto")} | BASELINES,
    )
    for name, make in {
        "make_classification": partial(make_classification, 100, 5, random_state=0),
        "make_moons": partial(make_moons, 100, noise=0.3, random_state=0),
        "make_circles": partial(
            make_circles, 500, noise=0.15, factor=0.6, random_state=0
        ),
        "make_gaussian_quantiles": partial(
            make_gaussian_quantiles, n_samples=300, n_features=5, random_state=0
        ),
    }.items()
    for scaled, scaling in SCALINGS.items()
}
IMAGES = {
    n_images: {
        f"{n_images} images": (partial(some_images, n_images), RULES | BASELINES),
        f"{n_images} images, distorted": (
            partial(some_images, n_images),
            AUGMENTED_RULES,
        ),
    }
    for n_images in (100, 300, 1000, 3000, 10_000, 50_000)
}

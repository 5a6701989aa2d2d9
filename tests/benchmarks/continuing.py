"""Measure how to train a finished model further, on new data.

``OMP_NUM_THREADS=1 python tests/benchmarks/continuing.py`` fits a network on 5,000 of
MNIST's training images, trains it further in several ways, and scores it on the 10,000
last ones of the training images, which no fit saw. The new data are 1,000 further
images of MNIST, or 900 of scikit-learn's digits, which other people wrote; then the
other 897 of these are scored, too. Three seeds, about two minutes on one core.
"""

import copy

import numpy as np
from sklearn.datasets import load_digits

from skdigits import DigitNormalizer, MLPDigitClassifier, load_mnist


def partial_fit(calls, rate):
    def train_further(model, X, y):
        model.set_params(learning_rate=rate)
        for _ in range(calls):
            model.partial_fit(X, y)

    return train_further


def warm_start(epochs):
    def train_further(model, X, y):
        model.set_params(warm_start=True, epochs=epochs).fit(X, y)

    return train_further


def nothing(model, X, y):
    pass


def anew(model, X, y):
    model.fit(X, y)


# A name, whether the old data are trained on too, and a function
WAYS = [
    ("the finished model", False, nothing),
    ("`partial_fit` once, `learning_rate=0.004`", False, partial_fit(1, 0.004)),
    ("`partial_fit` five times, `learning_rate=0.004`", False, partial_fit(5, 0.004)),
    ("`partial_fit` once, `learning_rate=0.0004`", False, partial_fit(1, 0.0004)),
    ("`partial_fit` five times, `learning_rate=0.0004`", False, partial_fit(5, 0.0004)),
    ("`fit`, `warm_start=True`, `epochs=10`", False, warm_start(10)),
    ("`partial_fit` five times, `learning_rate=0.0004`", True, partial_fit(5, 0.0004)),
    ("`fit`, `warm_start=True`, `epochs=10`", True, warm_start(10)),
    ("`fit` from the start", True, anew),
]


def data(seed):
    """Return old data, new data of two kinds, and two sets to score on."""
    train = load_mnist("train")
    X, y = train.data.astype(np.float32) / 255, train.target
    rng = np.random.default_rng(seed)
    order = rng.permutation(50_000)
    digits = load_digits()
    rows = DigitNormalizer().fit_transform(digits.images).astype(np.float32) / 255
    mixed = rng.permutation(len(rows))
    old, more = order[:5000], order[5000:6000]
    other, unseen = mixed[:900], mixed[900:]
    return (
        (X[old], y[old]),
        {
            "MNIST": (X[more], y[more]),
            "other writers": (rows[other], digits.target[other]),
        },
        (X[50_000:], y[50_000:]),
        (rows[unseen], digits.target[unseen]),
    )


def main():
    scores = {}
    for seed in range(3):
        old, new, mnist, others = data(seed)
        finished = MLPDigitClassifier(random_state=seed).fit(*old)
        for kind, added in new.items():
            both = [np.concatenate(parts) for parts in zip(old, added, strict=True)]
            for name, with_old, train_further in WAYS:
                model = copy.deepcopy(finished)
                train_further(model, *(both if with_old else added))
                key = kind, f"{name}, {'old and new data' if with_old else 'new data'}"
                row = scores.setdefault(key, [])
                row.append([100 * model.score(*part) for part in (mnist, others)])
    for (kind, name), of_seeds in scores.items():
        cells = " | ".join(
            f"{mean:.1f} ± {spread:.1f}"
            for mean, spread in zip(
                np.mean(of_seeds, 0), np.std(of_seeds, 0), strict=True
            )
        )
        print(f"| {kind} | {name} | {cells} |", flush=True)


if __name__ == "__main__":
    main()

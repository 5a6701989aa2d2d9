"""Measure what early stopping costs, and which settings suit it.

``OMP_NUM_THREADS=1 python tests/benchmarks/early_stopping.py`` trains on 5,000 and
20,000 of MNIST's training images, 3 seeds each, and scores on the 10,000 last ones of
the training images, which no fit saw. It takes about fifteen minutes on one core.
"""

import numpy as np

from skdigits import MLPDigitClassifier, load_mnist

PATIENT = {"early_stopping": True, "epochs": 100}
SETTINGS = [
    {"epochs": 20},
    {"epochs": 100},
    {"early_stopping": True, "epochs": 20},
    PATIENT,
    PATIENT | {"n_iter_no_change": 50},
    PATIENT | {"n_iter_no_change": 50, "scoring": "loss"},
    {
        **PATIENT,
        "n_iter_no_change": 5,
        "learning_rate": 0.001,
        "learning_rate_schedule": "constant",
    },
]


def main():
    train = load_mnist("train")
    X, y = train.images.reshape(60000, -1).astype(np.float32) / 255, train.target
    for settings in SETTINGS:
        cells = []
        for n_images in (5000, 20000):
            fits = [
                MLPDigitClassifier(**settings, random_state=seed).fit(
                    X[:n_images], y[:n_images]
                )
                for seed in range(3)
            ]
            scores = [100 * fit.score(X[50000:], y[50000:]) for fit in fits]
            cells.append(
                f"{np.mean(scores):.2f} ± {np.std(scores):.2f} after "
                f"{np.mean([fit.n_iter_ for fit in fits]):3.0f}"
            )
        print(f"| {settings} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

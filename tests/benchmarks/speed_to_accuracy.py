"""Measure the seconds of training until the test images reach an accuracy.

A fit of ours is told its epochs, since its learning rate falls towards the end: of the
settings that the documentation names, each accuracy has the fastest whose mean over the
seeds reaches it. The others train at a constant rate, on images that the same
RandomDistortion changes before each epoch, and are scored after every epoch; scoring is
not timed. All have the same layers and batches. The first fit in the process is not
timed, but for the column "cold"::

    python tests/benchmarks/speed_to_accuracy.py [SECONDS]

gives each of the others so many seconds, 120 by default. PyTorch's line needs skorch.
"""

import subprocess
import sys
from pathlib import Path
from statistics import mean
from time import perf_counter

import numpy as np
from contenders import (
    BATCH_SIZE,
    KERAS,
    SCIKERAS,
    SCIKIT_LEARN,
    SKORCH,
    keras_model,
    scikeras_classifier,
    scikit_learn_classifier,
    skorch_classifier,
    skorch_is_installed,
    training_images,
)

from skdigits import MLPDigitClassifier, RandomDistortion, load_mnist

TARGETS = (0.97, 0.98, 0.985, 0.99, 0.993)
SEEDS = (0, 1, 2)
SECONDS = 120

# Of the most accurate in docs/accuracy.md; under-confident, which counts for nothing
SMOOTHED = {"label_smoothing": 0.05, "dropout": 0.0, "learning_rate": 0.006}

# By time, as docs/performance.md names them
SETTINGS = {
    "epochs=1": {"epochs": 1},
    "epochs=2": {"epochs": 2},
    "epochs=4": {"epochs": 4},
    "label_smoothing=0.05, epochs=4": SMOOTHED | {"epochs": 4},
    "epochs=10": {"epochs": 10},
    'augment="elastic", epochs=5': {"augment": "elastic", "epochs": 5},
    'augment="elastic", epochs=10': {"augment": "elastic", "epochs": 10},
    'augment="elastic", epochs=25': {"augment": "elastic", "epochs": 25},
    'augment="elastic"': {"augment": "elastic"},
    'augment="elastic", epochs=100': {"augment": "elastic", "epochs": 100},
}


def fit_ours(parameters, seed):
    """Return the seconds of a fit, and the accuracy."""
    classifier = MLPDigitClassifier(**parameters, random_state=seed)
    start = perf_counter()
    classifier.fit(X, y)
    return perf_counter() - start, classifier.score(X_test, y_test)


def first_fit(name):
    """Return the seconds of a fit in a process of its own, TensorFlow imported."""
    code = (
        "import sys, speed_to_accuracy as s\n"
        "import skdigits._training.keras\n"
        f"print(s.fit_ours(s.SETTINGS[{name!r}], 0)[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent,  # from where this file is imported
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def scikit_learn_epochs():
    classifier = scikit_learn_classifier(1)
    classes = np.unique(y)

    return (
        lambda images: classifier.partial_fit(images, y, classes=classes),
        lambda: classifier.score(X_test, y_test),
    )


def scikeras_epochs():
    classifier = scikeras_classifier(1)
    return (
        lambda images: classifier.partial_fit(images, y),
        lambda: classifier.score(X_test, y_test),
    )


def keras_epochs():
    model = keras_model()

    def score():
        labels = model.predict(X_test, batch_size=1000, verbose=0).argmax(axis=1)
        return np.mean(labels == y_test)

    return lambda images: model.fit(images, y, batch_size=BATCH_SIZE, verbose=0), score


def skorch_epochs():
    classifier = skorch_classifier(1).initialize()
    return (
        lambda images: classifier.partial_fit(images, y.astype(np.int64)),
        lambda: classifier.score(X_test, y_test),
    )


def seconds_to_targets(epochs, limit):
    """Return the seconds of training after which each target is reached, or None."""
    train, score = epochs()
    distort = RandomDistortion()
    rng = np.random.default_rng(0)
    seconds, reached = 0.0, {}
    while seconds < limit and len(reached) < len(TARGETS):
        start = perf_counter()
        images = distort(X.reshape(-1, 28, 28), rng).reshape(X.shape)
        train(images)
        seconds += perf_counter() - start
        accuracy = score()
        for target in TARGETS:
            if accuracy >= target:
                reached.setdefault(target, seconds)
    return [reached.get(target) for target in TARGETS]


def show(seconds, limit):
    return f"not in {limit:.0f} s" if seconds is None else f"{seconds:.1f} s"


def main(limit):
    print("Ours, mean of the seeds:\n")
    print("| settings | warm | cold | accuracy |\n|---|---|---|---|")
    fit_ours({"epochs": 1}, 0)
    measured = {}
    for name, parameters in SETTINGS.items():
        fits = [fit_ours(parameters, seed) for seed in SEEDS]
        measured[name] = tuple(map(mean, zip(*fits, strict=True)))
        seconds, accuracy = measured[name]
        cold = first_fit(name)
        print(f"| `{name}` | {seconds:.1f} s | {cold:.1f} s | {accuracy:.2%} |")

    print("\nSeconds until an accuracy is reached:\n")
    print(f"| | {' | '.join(f'{target:.1%}' for target in TARGETS)} |")
    print(f"|---|{'---|' * len(TARGETS)}")
    ours = [
        min(
            (s for s, accuracy in measured.values() if accuracy >= target), default=None
        )
        for target in TARGETS
    ]
    peers = {
        SCIKIT_LEARN: scikit_learn_epochs,
        SCIKERAS: scikeras_epochs,
        KERAS: keras_epochs,
    }
    if skorch_is_installed():
        peers[SKORCH] = skorch_epochs
    longest = max(seconds for seconds, _ in measured.values())
    print(f"| skdigits | {' | '.join(show(s, longest) for s in ours)} |", flush=True)
    for name, epochs in peers.items():
        cells = [show(s, limit) for s in seconds_to_targets(epochs, limit)]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


X, y = training_images()
X_test, y_test = load_mnist("test", return_X_y=True)
X_test = X_test / np.float32(255)

if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)

"""Measure what each of Keras's backends costs and gives: a table in Markdown.

Needs JAX and PyTorch besides the package. Each backend has processes of its own, in
turn, three rounds, and the table has the median of each figure::

    python tests/benchmarks/backends.py
"""

import json
import os
import subprocess
import sys
from statistics import median

BACKENDS = ("tensorflow", "jax", "torch")
ROUNDS = 3
FIGURES = {
    "import": "import, s",
    "small": "first fit, 1,000 images, 20 epochs, s",
    "again": "the same fit again, s",
    "large": "first fit, 60,000 images, 10 epochs, s",
    "epoch": "a further epoch, 60,000 images, s",
    "memory": "peak memory, MB",
    "accuracy": "test accuracy after 10 epochs, %",
}

MEASURE = """
import json, resource, time
from skdigits import MLPDigitClassifier, load_mnist
train, test = load_mnist("train"), load_mnist("test")
X, X_test = train.data.astype("float32") / 255, test.data.astype("float32") / 255
y = train.target

def seconds(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start

def fit(n_images, epochs):
    global classifier
    classifier = MLPDigitClassifier(epochs=epochs, random_state=0)
    classifier.fit(X[:n_images], y[:n_images])

figures = {"import": seconds(__import__, "skdigits._training.keras")}
figures["small"] = seconds(fit, 1000, 20)
figures["again"] = seconds(fit, 1000, 20)
figures["large"] = seconds(fit, 60_000, 10)
figures["accuracy"] = 100 * classifier.score(X_test, test.target)
figures["epoch"] = (seconds(fit, 60_000, 14) - seconds(fit, 60_000, 10)) / 4
figures["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(figures))
"""


def measure(backend):
    """Return the figures of a backend, from a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE],
        env=os.environ | {"KERAS_BACKEND": backend},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def main():
    """Print the table."""
    rounds = []
    for number in range(1, ROUNDS + 1):
        print(f"Round {number} of {ROUNDS}", file=sys.stderr)
        rounds.append({backend: measure(backend) for backend in BACKENDS})
    print("|  |", " | ".join(BACKENDS), "|")
    print("|", " | ".join(["---"] * (len(BACKENDS) + 1)), "|")
    for name, title in FIGURES.items():
        values = [
            median(figures[backend][name] for figures in rounds) for backend in BACKENDS
        ]
        print(
            "|",
            title,
            "|",
            " | ".join(
                f"{value:.2f}" if name == "accuracy" else f"{float(f'{value:.3g}'):g}"
                for value in values
            ),
            "|",
        )


if __name__ == "__main__":
    main()

"""Measure first fits, and fits of small tables: two tables in Markdown.

In each round, each data set has a process of its own, in which TensorFlow is imported,
a first and a second network are fitted, and then scikit-learn's. The tables have the
medians of processor time, on one thread: other work of the machine changes it least::

    python tests/benchmarks/first_fits.py [ROUNDS]
"""

import json
import os
import subprocess
import sys
from statistics import median

FIRST_FITS = (1000, 3000, 10_000, 60_000)
TABLES = ("iris", "wine", "breast_cancer", "digits")
ROUNDS = 3

START = """
import json, sys, time, warnings
import numpy as np
from sklearn.neural_network import MLPClassifier
from skdigits import MLPDigitClassifier, load_mnist

def seconds(function, *arguments):
    start = time.process_time()
    function(*arguments)
    return time.process_time() - start

MLPClassifier(max_iter=1).fit([[0.0], [1.0]], [0, 1])  # as a first fit does not have to
warnings.simplefilter("ignore")
figures = {"import": seconds(__import__, "skdigits._training.keras")}
"""

# The same layers, epochs and batches
MNIST = """
n_images = int(sys.argv[1])
train = load_mnist("train")
X, y = train.data[:n_images].astype(np.float32) / 255, train.target[:n_images]
ours = MLPDigitClassifier(random_state=0)
figures["first"] = seconds(ours.fit, X, y)
figures["later"] = seconds(ours.fit, X, y)
theirs = MLPClassifier(
    (128, 64),
    batch_size=ours.batch_size_,
    max_iter=ours.epochs_,
    n_iter_no_change=1000,
    tol=0,
)
figures["MLPClassifier"] = seconds(theirs.fit, X, y)
print(json.dumps(figures))
"""

# Both at their defaults
TABLE = """
import sklearn.datasets
from sklearn.preprocessing import scale
X, y = getattr(sklearn.datasets, f"load_{sys.argv[1]}")(return_X_y=True)
X = scale(X)
ours, theirs = MLPDigitClassifier(random_state=0), MLPClassifier(random_state=0)
figures["first"] = seconds(ours.fit, X, y)
figures["later"] = min(seconds(ours.fit, X, y) for _ in range(3))
figures["MLPClassifier"] = min(seconds(theirs.fit, X, y) for _ in range(3))
print(json.dumps(figures))
"""


def measure(code, data):
    """Return the figures of a data set, from a process of its own."""
    command = [sys.executable, "-c", START + code, str(data)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment
    )
    return json.loads(done.stdout)


def print_table(what, code, data_sets, rounds):
    """Measure data sets in turn, and print the medians."""
    results = [{data: measure(code, data) for data in data_sets} for _ in range(rounds)]
    print(f"| {what} | import, s | first fit, s | later fit, s | MLPClassifier, s "
          "| first, ratio | later, ratio |")  # fmt: skip
    print("|---|---|---|---|---|---|---|")
    for data in data_sets:
        figures = {
            name: median(result[data][name] for result in results)
            for name in results[0][data]
        }
        ratios = [figures[name] / figures["MLPClassifier"] for name in FITS]
        cells = [f"{value:.2f}" for value in (*figures.values(), *ratios)]
        print(f"| {data:,} |" if isinstance(data, int) else f"| {data} |", end=" ")
        print(" | ".join(cells), "|", flush=True)


FITS = ("first", "later")

if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    print_table("images of MNIST", MNIST, FIRST_FITS, rounds)
    print()
    print_table("small table", TABLE, TABLES, rounds)

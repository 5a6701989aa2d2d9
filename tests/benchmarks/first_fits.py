"""Measure first fits, and fits of small tables: two tables in Markdown.

In each round, each data set has a process of its own, in which TensorFlow is imported,
a first and a second network are fitted, and then scikit-learn's. Of a small table, a
cross-validation of five folds comes before, so that it has the first fit. The tables
have the medians of processor time, on one thread: other work of the machine changes it
least::

    python tests/benchmarks/first_fits.py [ROUNDS] [--tables]

``--tables`` leaves the images of MNIST out.
"""

import argparse
import json
import os
import subprocess
import sys
from statistics import median

FIRST_FITS = (1000, 3000, 10_000, 60_000)
# Of sklearn.datasets: load_ or make_
TABLES = {
    "iris": "load_iris(return_X_y=True)",
    "wine": "load_wine(return_X_y=True)",
    "breast_cancer": "load_breast_cancer(return_X_y=True)",
    "digits": "load_digits(return_X_y=True)",
    "classification": "make_classification(100, 5, random_state=0)",
    "circles": "make_circles(500, noise=0.15, factor=0.6, random_state=0)",
    "blobs": "make_blobs(60, 10, centers=4, cluster_std=3, random_state=0)",
    "gaussian_quantiles": "make_gaussian_quantiles(n_samples=2000, n_features=20, "
    "random_state=0)",
}
ROUNDS = 3

START = """
import json, time, warnings
import numpy as np
import sklearn.datasets
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import scale
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
train = load_mnist("train")
X, y = train.data[:n_images].astype(np.float32) / 255, train.target[:n_images]
ours = MLPDigitClassifier(random_state=0)
figures["first fit"] = seconds(ours.fit, X, y)
figures["later fit"] = seconds(ours.fit, X, y)
theirs = MLPClassifier(
    (128, 64),
    batch_size=ours.batch_size_,
    max_iter=ours.epochs_,
    n_iter_no_change=1000,
    tol=0,
)
figures["MLPClassifier's fit"] = seconds(theirs.fit, X, y)
print(json.dumps(figures))
"""

# Both at their defaults
TABLE = """
X = scale(X)
del figures["import"]
ours, theirs = MLPDigitClassifier(random_state=0), MLPClassifier(random_state=0)
figures["cross-validation"] = seconds(cross_val_score, ours, X, y)
figures["MLPClassifier's cross-validation"] = seconds(cross_val_score, theirs, X, y)
figures["later fit"] = min(seconds(ours.fit, X, y) for _ in range(4))
figures["MLPClassifier's fit"] = min(seconds(theirs.fit, X, y) for _ in range(3))
print(json.dumps(figures))
"""


def measure(code):
    """Return the figures of a data set, from a process of its own."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", START + code],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    return json.loads(done.stdout)


def print_table(what, codes, ratios, rounds):
    """Measure data sets in turn, and print the medians.

    The codes are by the name of the data set. A ratio is of one figure to another.
    """
    results = [
        {name: measure(code) for name, code in codes.items()} for _ in range(rounds)
    ]
    headings = None
    for name in codes:
        figures = {
            figure: median(result[name][figure] for result in results)
            for figure in results[0][name]
        }
        if headings is None:
            headings = [what, *(f"{figure}, s" for figure in figures)]
            headings += [f"{figure}, ratio" for figure in ratios]
            print(f"| {' | '.join(headings)} |")
            print("|---" * len(headings) + "|")
        values = list(figures.values())
        values += [figures[one] / figures[other] for one, other in ratios.items()]
        cells = [name, *(f"{value:.2f}" for value in values)]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rounds", nargs="?", type=int, default=ROUNDS)
    parser.add_argument("--tables", action="store_true", help="small tables only")
    args = parser.parse_args()
    if not args.tables:
        images = {f"{n:,}": f"n_images = {n}\n{MNIST}" for n in FIRST_FITS}
        fit = "MLPClassifier's fit"
        print_table(
            "images of MNIST", images, {"first fit": fit, "later fit": fit}, args.rounds
        )
        print()
    tables = {
        name: f"X, y = sklearn.datasets.{call}\n{TABLE}"
        for name, call in TABLES.items()
    }
    ratios = {
        "cross-validation": "MLPClassifier's cross-validation",
        "later fit": "MLPClassifier's fit",
    }
    print_table("small table", tables, ratios, args.rounds)

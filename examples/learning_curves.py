"""Measure how the accuracy rises with the number of training images.

The network, with and without distorted training images, and three classifiers of
scikit-learn are fitted to random choices of 100 to 60,000 training images, three of
each size, and scored on the 10,000 test images. There is only one choice of all 60,000
images: there, the networks differ in their random numbers only, and the other
classifiers are fitted once.

On two cores, this takes about an hour. Each score is written to a JSON file as soon as
it is measured: if the program is stopped, it continues from there when it is started
again. It draws all scores in the file. Remove the file to measure them again.
"""

import argparse
import json

import numpy as np
from _command_line import (
    add_output,
    add_seeds,
    add_train_size,
    counting,
    load_training_images,
    output_file,
    run,
    write_json,
)
from matplotlib.figure import Figure
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist

SIZES = [100, 300, 1000, 3000, 10_000, 30_000, 60_000]
OURS = "MLPDigitClassifier"
DISTORTED = f"{OURS}, elastic"
# The parameters that are given suit MNIST, the others are the defaults
CLASSIFIERS = {
    "LogisticRegression": LogisticRegression(C=0.1, max_iter=1000),
    "MLPClassifier": MLPClassifier((128, 64)),
    "SVC": SVC(C=10),
    OURS: MLPDigitClassifier(),
    DISTORTED: MLPDigitClassifier(augment="elastic"),
}
WITHOUT_RANDOM_NUMBERS = "LogisticRegression", "SVC"
STYLES = {
    "LogisticRegression": {"color": "0.6", "marker": "^", "linestyle": ":"},
    "MLPClassifier": {"color": "#009E73", "marker": "D", "linestyle": "-."},
    "SVC": {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    OURS: {"color": "#56B4E9", "marker": "o"},
    DISTORTED: {"color": "#0072B2", "marker": "o", "linewidth": 2.5},
}


def main():
    parser, args = parse_arguments()
    measured = read_scores(parser, args.results)
    measure_missing(measured, args)
    print_table(measured)
    draw(measured).savefig(args.output, dpi=200)
    print(f"\nFigures written to {args.results.resolve()}")
    print(f"Picture saved to {args.output.resolve()}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_train_size(parser, default=60_000)
    add_seeds(parser, "choices of images of each size")
    parser.add_argument(
        "--results",
        type=output_file("learning_curves.json", [".json"]),
        default=output_file("", [".json"])("learning_curves.json"),
        metavar="PATH",
        help="JSON file of the scores, or directory for it, to continue from and "
        "write to (default: %(default)s)",
    )
    add_output(parser, "learning_curves.png", "picture", [".png", ".pdf", ".svg"])
    return parser, parser.parse_args()


def read_scores(parser, path):
    """Return the scores that were measured before, by classifier, size and seed."""
    if not path.exists():
        return {}
    try:
        scores = json.loads(path.read_text(encoding="utf-8"))
        known = (
            all(
                isinstance(by_seed, dict)
                for name in scores
                for by_seed in scores[name].values()
            )
            and scores.keys() <= CLASSIFIERS.keys()
        )
    except (ValueError, AttributeError, TypeError):
        known = False
    if not known:
        parser.error(
            f"--results: {path} holds no scores of this program. Remove it, or name "
            "another file."
        )
    return scores


def measure_missing(measured, args):
    """Add to the scores of each classifier, by size and by seed; keep each."""
    tasks = [
        (name, size, seed)
        for size in SIZES
        if size <= args.train_size
        for seed in range(args.seeds)
        for name in CLASSIFIERS
        if not (size == SIZES[-1] and seed and name in WITHOUT_RANDOM_NUMBERS)
    ]
    test = load_mnist("test")
    for number, (name, size, seed) in enumerate(tasks, start=1):
        scores = measured.setdefault(name, {}).setdefault(str(size), {})
        if str(seed) in scores:
            continue
        line = f"{number} of {len(tasks)}: {name}, {size:,} images, seed {seed}"
        with counting(line):
            accuracy = score(name, size, seed, test)
        print(f"    {accuracy:.2%} of the test images right", flush=True)
        scores[str(seed)] = accuracy
        write_json(args.results, measured)


def score(name, size, seed, test):
    classifier = clone(CLASSIFIERS[name]).set_params(random_state=seed)
    model = make_pipeline(FlattenScaler(), classifier)
    model.fit(*load_training_images(size, seed))
    return model.score(test.images, test.target)


def print_table(measured):
    sizes = [int(size) for size in next(iter(measured.values()))]
    print(f"\n{'test accuracy, mean':27}", *(f"{size:>7,}" for size in sizes))
    for name, by_size in measured.items():
        means = [np.mean(list(scores.values())) for scores in by_size.values()]
        print(f"{name:27}", *(f"{mean:>7.2%}" for mean in means))
    print(f"\n{seeds_of(measured)}")


def seeds_of(measured):
    """Say how many seeds there are, and where they are fewer."""
    n_seeds = {
        (name, int(size)): len(scores)
        for name, by_size in measured.items()
        for size, scores in by_size.items()
    }
    most = max(n_seeds.values())
    text = [f"{most} random choices of the training images"]
    text += [
        f"{n} of {size:,} for {name}"
        for (name, size), n in n_seeds.items()
        if n < most and size < SIZES[-1]
    ]
    of_networks = [
        n
        for (name, size), n in n_seeds.items()
        if size == SIZES[-1] and name not in WITHOUT_RANDOM_NUMBERS
    ]
    if of_networks:
        text.append(f"all {SIZES[-1]:,}: at least {min(of_networks)} seeds of networks")
    return "; ".join(text)


def draw(measured):
    """Draw accuracy against number of images: the mean, the lowest and the highest."""
    # As small as a phone, so that a phone shows the words as large as they are
    figure = Figure(figsize=(4.8, 4.4), layout="constrained")
    ax = figure.subplots()
    for name, style in reversed(STYLES.items()):
        sizes = [int(size) for size in measured[name]]
        scores = [list(by_seed.values()) for by_seed in measured[name].values()]
        # Errors on a logarithmic scale, which keeps 99% and 99.5% apart
        errors = [1 - np.mean(one) for one in scores]
        ends = [[1 - min(one) for one in scores], [1 - max(one) for one in scores]]
        ax.plot(sizes, errors, markersize=5, label=name, **style)
        ax.fill_between(sizes, *ends, color=style["color"], alpha=0.25, lw=0)
    ax.set(
        title="MNIST: mean, lowest and highest score",
        xlabel="training images",
        ylabel="test accuracy",
        xscale="log",
        yscale="log",
    )
    ticks = [size for size in (100, 1000, 10_000, 60_000) if size in sizes]
    ax.set_xticks(ticks, [f"{size:,}" for size in ticks])
    accuracies = np.array([0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995])
    ax.set_yticks(1 - accuracies, [f"{accuracy:g}%" for accuracy in 100 * accuracies])
    ax.minorticks_off()
    # With room for the legend
    ax.set_ylim(0.6, 0.9 * ax.get_ylim()[0])
    ax.grid(alpha=0.3)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, loc="lower right")
    return figure


if __name__ == "__main__":
    run(main)

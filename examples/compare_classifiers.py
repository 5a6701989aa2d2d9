"""Compare four classifiers on MNIST: how accurate, how fast, how large.

All of them learn from the same images of handwritten digits and are tested on the
same 10,000 others. A table is printed and a picture saved.
"""

import argparse
import pickle
import warnings
from time import perf_counter

import numpy as np
from _command_line import (
    add_output_and_random_state,
    add_train_size,
    load_training_images,
    output_file,
    run,
    write_json,
)
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC
from sklearn.utils.parallel import Parallel, delayed

from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist

# Training accuracy is measured on no more images than this: on all 60,000, SVC would
# take minutes to predict.
N_SCORED = 10_000


def main():
    args = parse_arguments()
    images, labels = load_training_images(args.train_size, args.random_state)
    test = load_mnist("test")
    print(f"{args.train_size} training images, {len(test.target)} test images")
    import_tensorflow()

    results = []
    for classifier in make_classifiers(args.random_state):
        results.append(measure(classifier, images, labels, test))
    print_table(results, args.train_size)

    if args.figures:
        write_figures(args.figures, results, args.train_size)
    figure = draw(results, test, args.train_size)
    figure.savefig(args.output, dpi=100)
    print(f"\nPicture saved to {args.output.resolve()}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    size = parser.add_mutually_exclusive_group()
    add_train_size(size, default=10_000)
    size.add_argument(
        "--full",
        action="store_const",
        const=60_000,
        dest="train_size",
        help="train on all 60000 images, which takes several minutes",
    )
    add_output_and_random_state(parser, "compare_classifiers.png")
    parser.add_argument(
        "--figures",
        type=output_file("compare_classifiers.json", [".json"]),
        metavar="PATH",
        help="JSON file, or directory for it, to write the figures to as well",
    )
    return parser.parse_args()


def import_tensorflow():
    start = perf_counter()
    import skdigits._training.keras  # noqa: F401

    print(
        f"importing TensorFlow: {perf_counter() - start:.1f} s, once in a process and "
        "not counted below"
    )


def make_classifiers(random_state):
    network = MLPDigitClassifier(epochs=20, random_state=random_state)
    # The same layers, batches and number of epochs: the two networks do equal work
    scikit_learn_network = MLPClassifier(
        network.hidden_layer_sizes,
        batch_size=network.batch_size,
        max_iter=network.epochs,
        n_iter_no_change=network.epochs,
        random_state=random_state,
    )
    return [
        LogisticRegression(C=0.1, max_iter=1000),
        SVC(C=10),
        scikit_learn_network,
        network,
    ]


def measure(classifier, images, labels, test):
    name = type(classifier).__name__
    print(f"fitting {name} ...", end=" ", flush=True)
    model = make_pipeline(FlattenScaler(), classifier)
    start = perf_counter()
    with warnings.catch_warnings():
        # A number of epochs is what we asked for
        warnings.filterwarnings("ignore", "Stochastic Optimizer: Maximum iterations")
        model.fit(images, labels)
    fit_seconds = perf_counter() - start
    print(f"{fit_seconds:.1f} s, predicting ...", end=" ", flush=True)

    start = perf_counter()
    predicted = model.predict(test.images)
    predict_seconds = perf_counter() - start
    print(f"{predict_seconds:.2f} s", flush=True)

    # The training images are in random order, so the first ones are a random sample
    scored = slice(N_SCORED)
    n_right, n = int((predicted == test.target).sum()), len(test.target)
    return {
        "name": name,
        "model": model,
        "predicted": predicted,
        "accuracy": n_right / n,
        "interval": binomtest(n_right, n).proportion_ci(method="wilson"),
        "train_accuracy": score_in_threads(model, images[scored], labels[scored]),
        "fit_seconds": fit_seconds,
        "predict_seconds": predict_seconds,
        "megabytes": len(pickle.dumps(model)) / 1e6,
    }


def score_in_threads(model, images, target):
    """Return the accuracy sooner than score, for nobody times it."""
    predicted = Parallel(n_jobs=-1, prefer="threads")(
        delayed(model.predict)(part) for part in np.array_split(images, 10)
    )
    return np.mean(np.concatenate(predicted) == target)


def print_table(results, train_size):
    print(
        f"\n{'':<18}  {'test accuracy':^26}  {'training':>8}  {'fit':>7}  "
        f"{'predict':>8}  {'size':>8}\n"
        f"{'':<18}  {'(95% confidence interval)':^26}  {'accuracy':>8}  {'':>7}  "
        f"{'10,000':>8}  {'pickled':>8}"
    )
    for r in results:
        low, high = r["interval"]
        print(
            f"{r['name']:<18}  {r['accuracy']:>8.2%} ({low:.2%} to {high:.2%})  "
            f"{r['train_accuracy']:>8.2%}  {r['fit_seconds']:>5.1f} s  "
            f"{r['predict_seconds']:>6.2f} s  {r['megabytes']:>5.2f} MB"
        )
    epochs = results[-1]["model"][-1].n_iter_
    print(f"\nBoth networks have the same layers and train for {epochs} epochs.")
    if train_size > N_SCORED:
        print(f"Training accuracy is that on {N_SCORED} random training images.")


def write_figures(path, results, train_size):
    names = ["name", "accuracy", "interval", "train_accuracy", "fit_seconds"]
    names += ["predict_seconds", "megabytes"]
    rows = [{name: r[name] for name in names} for r in results]
    write_json(path, {"train_size": train_size, "rows": rows})


def draw(results, test, train_size):
    """Draw all classifiers' accuracy against time, and the last one's errors."""
    figure = Figure(figsize=(11, 9.5), layout="constrained")
    figure.suptitle(f"MNIST: {train_size:,} training images, 10,000 test images")
    figure.get_layout_engine().set(w_pad=0.1, h_pad=0.08)
    top, bottom = figure.subfigures(2, 1, height_ratios=(3, 2), hspace=0.03)
    left, right = top.subplots(1, 2)
    draw_accuracy(left, results)
    ours = results[-1]
    draw_confusion(right, test.target, ours)
    draw_errors(bottom, test, ours)
    return figure


def draw_accuracy(ax, results):
    seconds = np.array([r["fit_seconds"] for r in results])
    accuracy = np.array([r["accuracy"] for r in results])
    low, high = np.transpose([r["interval"] for r in results])
    ax.errorbar(
        seconds, accuracy, [accuracy - low, high - accuracy], fmt="ko", capsize=4
    )
    ax.set(
        title="Accuracy against time",
        xlabel="time to fit (s)",
        ylabel="test accuracy, with its 95% confidence interval",
        xscale="log",
    )
    ax.margins(x=0.55, y=0.1)
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_major_formatter("{x:.1%}")
    ax.grid(alpha=0.3)
    for i, r in enumerate(results):
        # A name stands where it has more room: to the next interval at its height, or
        # to the edge
        level = (low - 0.003 < accuracy[i]) & (accuracy[i] < high + 0.003)
        gaps = np.log(np.append(seconds[level], ax.get_xlim()) / seconds[i])
        right = gaps[gaps > 0].min() > -gaps[gaps < 0].max()
        ax.annotate(
            r["name"],
            (seconds[i], accuracy[i]),
            xytext=(7 if right else -7, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            fontsize="small",
        )


def draw_confusion(ax, target, result):
    counts = confusion_matrix(target, result["predicted"])
    # Without the diagonal, so that colours tell the errors from one another
    errors = counts - np.diag(np.diag(counts))
    display = ConfusionMatrixDisplay(errors)
    display.plot(ax=ax, cmap="Greys", colorbar=False)
    for (i, j), text in np.ndenumerate(display.text_):
        text.set(text=counts[i, j] or "", weight="bold" if i == j else "normal")
    ax.set_title(f"{result['name']}: test images by label")


def draw_errors(figure, test, result, shape=(3, 10)):
    wrong = np.flatnonzero(result["predicted"] != test.target)
    certainty = result["model"].predict_proba(test.images[wrong]).max(axis=1)
    shown = wrong[certainty.argsort()[::-1]][: np.prod(shape)]
    figure.suptitle(
        f"The {len(shown)} errors of {len(wrong)} that {result['name']} was surest of: "
        "true → predicted"
    )
    axes = figure.subplots(*shape)
    for ax in axes.flat:
        ax.axis("off")
    for ax, i in zip(axes.flat, shown, strict=False):
        ax.imshow(test.images[i], cmap="gray_r")
        ax.set_title(f"{test.target[i]} → {result['predicted'][i]}", fontsize="medium")


if __name__ == "__main__":
    run(main)

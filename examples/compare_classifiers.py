"""Compare accuracy and speed of the network with scikit-learn's classifiers.

All are fitted to the same images of handwritten digits and tested on the same 10,000
others. The network is fitted twice: with its defaults, and with distorted training
images. A table is printed and a picture saved.
"""

import argparse
import pickle
import warnings

import numpy as np
from _command_line import (
    add_output_and_random_state,
    add_train_size,
    counting,
    load_training_images,
    output_file,
    run,
    write_json,
)
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import LogLocator, NullFormatter
from matplotlib.transforms import Bbox
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist

OURS = "MLPDigitClassifier"
DISTORTED = f"{OURS}, elastic"
# Training accuracy is measured on no more images than this: SVC takes seconds to
# predict them, and would take minutes for all 60,000
N_SCORED = 1000


def main():
    args = parse_arguments()
    images, labels = load_training_images(args.train_size, args.random_state)
    test = load_mnist("test")
    print(f"{args.train_size:,} training images, {len(test.target):,} test images")
    start_tensorflow(images, labels)

    network = MLPDigitClassifier(random_state=args.random_state)
    distorted = MLPDigitClassifier(augment="elastic", random_state=args.random_state)
    results = [
        measure(name, classifier, images, labels, test)
        for name, classifier in {
            "LogisticRegression": LogisticRegression(C=0.1, max_iter=1000),
            "SVC": SVC(C=10),
            OURS: network,
            DISTORTED: distorted,
        }.items()
    ]
    # Last, since it is to train for as many epochs as the network has chosen
    equal = scikit_learn_network(network, args.train_size)
    results.insert(2, measure("MLPClassifier", equal, images, labels, test))
    print_table(results, network, args.train_size)

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
        help="train on all 60000 images, which takes about ten minutes",
    )
    add_output_and_random_state(parser, "compare_classifiers.png")
    parser.add_argument(
        "--figures",
        type=output_file("compare_classifiers.json", [".json"]),
        metavar="PATH",
        help="JSON file, or directory for it, to write the figures to as well",
    )
    return parser.parse_args()


def start_tensorflow(images, labels):
    """Fit a network without hidden layers, which imports TensorFlow."""
    with counting("starting TensorFlow, once in a process and not counted below"):
        smallest = make_pipeline(FlattenScaler(), MLPDigitClassifier(()))
        smallest.fit(images[:100], labels[:100])


def scikit_learn_network(network, train_size):
    """Return scikit-learn's network, to do the work that a fitted one has done."""
    return MLPClassifier(
        network.hidden_layer_sizes,
        batch_size=min(network.batch_size_, train_size),
        max_iter=network.epochs_,
        n_iter_no_change=network.epochs_,
        random_state=network.random_state,
    )


def measure(name, classifier, images, labels, test):
    model = make_pipeline(FlattenScaler(), classifier)
    with warnings.catch_warnings(), counting(f"fitting {name}") as fit:
        # A number of epochs is what we asked for
        warnings.filterwarnings("ignore", "Stochastic Optimizer: Maximum iterations")
        model.fit(images, labels)
    with counting(f"    predicting {len(test.images):,} test images") as predict:
        predicted = model.predict(test.images)
    # The training images are in random order, so the first ones are a random sample
    scored = slice(N_SCORED)
    with counting(f"    predicting {len(images[scored]):,} training images"):
        train_accuracy = model.score(images[scored], labels[scored])

    n_right, n = int((predicted == test.target).sum()), len(test.target)
    return {
        "name": name,
        "model": model,
        "predicted": predicted,
        "accuracy": n_right / n,
        "interval": binomtest(n_right, n).proportion_ci(method="wilson"),
        "train_accuracy": train_accuracy,
        "fit_seconds": fit.seconds,
        "predict_seconds": predict.seconds,
        "megabytes": len(pickle.dumps(model)) / 1e6,
    }


def print_table(results, network, train_size):
    print(
        f"\n{'':<27}  {'test accuracy':^26}  {'training':>8}  {'fit':>7}  "
        f"{'predict':>8}  {'size':>8}\n"
        f"{'':<27}  {'(95% confidence interval)':^26}  {'accuracy':>8}  {'':>7}  "
        f"{'10,000':>8}  {'pickled':>8}"
    )
    for r in results:
        low, high = r["interval"]
        print(
            f"{r['name']:<27}  {r['accuracy']:>8.2%} ({low:.2%} to {high:.2%})  "
            f"{r['train_accuracy']:>8.2%}  {r['fit_seconds']:>5.1f} s  "
            f"{r['predict_seconds']:>6.2f} s  {r['megabytes']:>5.2f} MB"
        )
    print(
        "\nMLPClassifier and the first MLPDigitClassifier do equal work: "
        f"{network.epochs_} epochs,\nbatches of {network.batch_size_}, hidden layers "
        f"of {network.hidden_layer_sizes} units. The second trains on distorted images."
    )
    if train_size > N_SCORED:
        print(f"Training accuracy is that on {N_SCORED:,} random training images.")


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
    left, right = top.subplots(1, 2, width_ratios=(5, 4))
    best = results[-1]
    draw_confusion(right, test.target, best)
    draw_errors(bottom, test, best)
    draw_accuracy(left, results)
    figure.draw_without_rendering()
    draw_names(left, results)
    return figure


def colour(name):
    return "#0072B2" if name.startswith(OURS) else "0.45"


def draw_accuracy(ax, results):
    for r in results:
        low, high = r["interval"]
        ax.errorbar(
            r["fit_seconds"],
            r["accuracy"],
            [[r["accuracy"] - low], [high - r["accuracy"]]],
            fmt="o",
            capsize=4,
            color=colour(r["name"]),
        )
    front = []
    for r in sorted(results, key=lambda r: r["fit_seconds"]):
        if not front or r["accuracy"] > front[-1]["accuracy"]:
            front.append(r)
    ax.step(
        [r["fit_seconds"] for r in front],
        [r["accuracy"] for r in front],
        where="post",
        color="#E69F00",
        linewidth=4,
        alpha=0.4,
        zorder=0,
        label="Pareto front: the best accuracy within a time",
    )
    ax.set(
        title="Accuracy against time",
        xlabel="time to fit (s)",
        ylabel="test accuracy, with its 95% confidence interval",
        xscale="log",
    )
    ax.margins(x=0.4, y=0.15)
    ax.set_ylim(top=min(ax.get_ylim()[1], 1))
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_major_formatter("{x:.1%}")
    ax.grid(alpha=0.3)
    ax.legend(loc="lower right", frameon=False)


def draw_names(ax, results):
    """Write each name beside its point, where it covers nothing."""
    places = [(8, 0, "left", "center"), (-8, 0, "right", "center")]
    places += [
        (x, y, ha, va)
        for y, va in ((6, "bottom"), (-6, "top"))
        for x, ha in ((-12, "left"), (0, "center"), (12, "right"))
    ]
    # In pixels
    taken = [
        Bbox(ax.transData.transform([(r["fit_seconds"], y) for y in r["interval"]]))
        for r in results
    ]
    taken = [box.padded(5) for box in taken] + [ax.get_legend().get_window_extent()]
    for r in results:
        for x, y, ha, va in places:
            # Above the upper end of the interval, or below the lower one
            height = r["accuracy"] if y == 0 else r["interval"][y > 0]
            text = ax.annotate(
                r["name"],
                (r["fit_seconds"], height),
                xytext=(x, y),
                textcoords="offset points",
                ha=ha,
                va=va,
                color=colour(r["name"]),
                fontsize="small",
                weight="bold" if r["name"].startswith(OURS) else "normal",
                path_effects=[withStroke(linewidth=3, foreground="white")],
                in_layout=False,
            )
            extent = text.get_window_extent().padded(2)
            within = ax.bbox.x0 < extent.x0 and extent.x1 < ax.bbox.x1
            free = within and not any(extent.overlaps(other) for other in taken)
            if free or (x, y, ha, va) == places[-1]:
                break
            text.remove()
        taken.append(extent)


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

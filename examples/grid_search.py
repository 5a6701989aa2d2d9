"""Search for good parameters of the network on MNIST.

Each combination of hidden layers, learning rate and distortion in a grid is
cross-validated. The combinations are printed from the best to the worst. The best one
is scored on the test images, and a picture of the scores is saved.
"""

import argparse
from time import perf_counter

import numpy as np
from _command_line import (
    add_n_jobs,
    add_output_and_random_state,
    add_train_size,
    counting,
    load_training_images,
    run,
)
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from sklearn.callback import ProgressBar
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist

GRID = {
    "mlp__hidden_layer_sizes": [(32,), (128, 64), (256, 128)],
    "mlp__learning_rate": [0.001, 0.004, 0.016],
    "mlp__augment": [None, "elastic"],
}
# Enough to tell the combinations apart. The best one is then trained for as many as its
# images need
EPOCHS = 40


def main():
    args = parse_arguments()
    images, labels = load_training_images(args.train_size, args.random_state)
    test = load_mnist("test")
    print(f"{args.train_size} training images, 3 folds, {EPOCHS} epochs")
    search = make_search(args.random_state).set_params(n_jobs=args.n_jobs)
    # One bar for the whole search, none for each of its fits
    search.set_callbacks(ProgressBar(max_propagation_depth=0))
    start = perf_counter()
    search.fit(images, labels)
    print(f"searched in {perf_counter() - start:.0f} s\n")

    print_table(search.cv_results_)
    best = search.best_estimator_.set_params(mlp__epochs="auto")
    print()
    with counting('fitting the first one to all the images, epochs="auto"'):
        best.fit(images, labels)
    print(
        f"{best.score(test.images, test.target):.2%} of {len(test.target)} test images "
        f"right after {best['mlp'].epochs_} epochs"
    )
    figure = draw(search.cv_results_, args.train_size)
    figure.savefig(args.output, dpi=100)
    print(f"\nPicture saved to {args.output.resolve()}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_train_size(parser, default=1_000)
    add_n_jobs(parser, default=1)
    add_output_and_random_state(parser, "grid_search.png")
    return parser.parse_args()


def make_search(random_state):
    pipeline = Pipeline(
        [
            ("scale", FlattenScaler()),
            ("mlp", MLPDigitClassifier(epochs=EPOCHS, random_state=random_state)),
        ]
    )
    return GridSearchCV(pipeline, GRID, cv=3)


def print_table(results):
    print(
        f"{'rank':>4}  {'accuracy (mean ± std)':^21}  {'fit':>6}  "
        f"{'hidden layers':<13}  {'learning rate':>13}  {'augment':>7}"
    )
    for i in results["rank_test_score"].argsort(kind="stable"):
        layers, rate, augment = (results[f"param_{name}"][i] for name in GRID)
        print(
            f"{results['rank_test_score'][i]:>4}  "
            f"{results['mean_test_score'][i]:>11.2%} ± "
            f"{results['std_test_score'][i]:>6.2%}  "
            f"{results['mean_fit_time'][i]:>4.1f} s  "
            f"{layers!s:<13}  {rate:>13g}  {augment!s:>7}"
        )


def draw(results, train_size):
    """Draw score against learning rate: a panel a distortion, a line a layer size."""
    sizes, rates, distortions = GRID.values()
    scores = {
        tuple(parameters[name] for name in GRID): (mean, std)
        for parameters, mean, std in zip(
            results["params"],
            results["mean_test_score"],
            results["std_test_score"],
            strict=True,
        )
    }
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.1, h_pad=0.08)
    figure.suptitle(
        f"Accuracy on MNIST in cross-validation: {train_size:,} images, 3 folds, "
        "mean ± standard deviation"
    )
    axes = figure.subplots(1, len(distortions), sharey=True)
    for ax, augment in zip(axes, distortions, strict=True):
        for k, (size, style) in enumerate(zip(sizes, ("o:", "s--", "D-"), strict=True)):
            mean, std = np.transpose([scores[size, rate, augment] for rate in rates])
            # A little to the side of one another, so that no error bar hides another
            x = np.multiply(rates, 1.04 ** (k - 1))
            ax.errorbar(x, mean, std, fmt=style, capsize=3, label=str(size))
        ax.set(title=f"augment={augment!r}", xlabel="learning rate", xscale="log")
        ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.grid(alpha=0.3)
    axes[0].yaxis.set_major_formatter("{x:.1%}")
    axes[0].set_ylabel("accuracy")
    figure.legend(
        *axes[0].get_legend_handles_labels(),
        loc="outside right center",
        title="hidden layers",
    )
    return figure


if __name__ == "__main__":
    run(main)

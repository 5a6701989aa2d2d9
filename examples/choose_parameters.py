"""Measure candidates for the classifier's default parameters.

"defaults" and "ingredients": each candidate is trained on the first 50,000 training
images, with several seeds, and scored on the other 10,000. On two cores, either takes
about ten minutes.

"auto": rules for the number of epochs, and scikit-learn's classifiers, on tables of
numbers by cross-validation and on 100 to --train-size of those images. On two cores,
this takes hours. The scores are kept in a directory: if the program is stopped, it
continues from there when it is started again. --quick runs one fold of one table.

The test images have no part in either. A table is printed, and all figures are written
to a JSON file.
"""

import argparse
import os

import numpy as np
from _accuracy import N_VALIDATION, calibration_error, spread
from _auto import search as search_auto
from _command_line import (
    add_n_jobs,
    add_output,
    add_seeds,
    add_train_size,
    directory,
    integer,
    run,
    write_json,
)
from sklearn.callback import ProgressBar
from sklearn.metrics import make_scorer
from sklearn.model_selection import GridSearchCV, ParameterGrid, PredefinedSplit
from sklearn.pipeline import make_pipeline

from skdigits import DigitNormalizer, FlattenScaler, MLPDigitClassifier, load_mnist

# Around what a coarser search had found, one seed each
DEFAULTS = ParameterGrid(
    {
        "dropout": [0.0, 0.05, 0.1],
        "weight_decay": [0.1, 0.2, 0.3],
        "label_smoothing": [0.0, 0.05],
        "learning_rate": [0.004, 0.006],
    }
)

# Each adds to one before it, from the plainest training of the same network
PLAIN = {
    "hidden_layer_sizes": (128, 64),
    "learning_rate": 0.001,
    "learning_rate_schedule": "constant",
    "weight_decay": 0.0,
    "dropout": 0.0,
    "label_smoothing": 0.0,
    "augment": None,
    "batch_size": 128,
    "epochs": 20,
}
SCHEDULE = PLAIN | {"learning_rate": 0.004, "learning_rate_schedule": "cosine"}
DECAY = SCHEDULE | {"weight_decay": 0.2}
DROPOUT = DECAY | {"dropout": 0.05}
AFFINE = SCHEDULE | {"weight_decay": 0.05, "augment": "affine"}
ELASTIC = AFFINE | {"augment": "elastic"}
INGREDIENTS = {
    "Adam at a constant rate of 0.001": PLAIN,
    "cosine schedule, peak 0.004": SCHEDULE,
    "and weight decay of 0.2": DECAY,
    "and dropout of 0.05: the defaults": DROPOUT,
    "instead of dropout, label smoothing of 0.05": DECAY | {"label_smoothing": 0.05},
    "the defaults for 60 epochs": DROPOUT | {"epochs": 60},
    "the defaults and elastic distortion": DROPOUT | {"augment": "elastic"},
    "affine distortion, weight decay of 0.05": AFFINE,
    "elastic distortion, weight decay of 0.05": ELASTIC,
    "affine distortion, 60 epochs": AFFINE | {"epochs": 60},
    "elastic distortion, 60 epochs": ELASTIC | {"epochs": 60},
    "and dropout of 0.05": ELASTIC | {"epochs": 60, "dropout": 0.05},
    "elastic distortion, 100 epochs": ELASTIC | {"epochs": 100},
    "and deskewed": ELASTIC | {"epochs": 100, "deskew": True},
}


def main():
    args = parse_arguments()
    if args.candidates == "auto":
        rows = search_auto(args.seeds, args.train_size, args.quick, args.cache)
        print_auto_table(rows)
        write_json(args.output, {"rows": rows})
        print(f"\nFigures written to {args.output.resolve()}")
        return
    if args.candidates == "defaults":
        candidates = list(DEFAULTS)
        names = [describe(parameters) for parameters in candidates]
    else:
        names, candidates = zip(*INGREDIENTS.items(), strict=True)
    print(f"{len(candidates)} candidates, {args.seeds} seeds each")
    figures = search(candidates, args)
    rows = [
        {"name": name, "parameters": parameters, **scores}
        for name, parameters, scores in zip(names, candidates, figures, strict=True)
    ]
    if args.candidates == "defaults":
        rows.sort(key=lambda row: -np.mean(row["accuracy"]))
    print_table(rows)
    write_json(args.output, {"train_size": args.train_size, "rows": rows})
    print(f"\nFigures written to {args.output.resolve()}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "candidates",
        choices=["defaults", "ingredients", "auto"],
        help="the grid that the defaults were chosen from; the effect of each "
        'default and of distortion, one by one; or rules for the values of "auto"',
    )
    add_seeds(parser, "networks of each candidate")
    add_train_size(parser, default=50_000, most=50_000)
    parser.add_argument(
        "--epochs",
        type=integer(1, 1000),
        metavar="N",
        help="train every candidate for N epochs, as a quick test",
    )
    parser.add_argument(
        "--quick", action="store_true", help="with auto: one fold of one table"
    )
    parser.add_argument(
        "--cache",
        type=directory,
        default="choose_parameters_auto",
        metavar="DIRECTORY",
        help="with auto: where figures are kept (default: %(default)s)",
    )
    add_n_jobs(parser, default=os.cpu_count())
    add_output(parser, "parameters.json", "figures", [".json"])
    return parser.parse_args()


def search(candidates, args):
    """Return the validation scores of each candidate: lists, of a number a seed."""
    train = load_mnist("train")
    n_images = len(train.images)
    chosen = np.r_[: args.train_size, n_images - N_VALIDATION : n_images]
    is_training = chosen < n_images - N_VALIDATION
    epochs = {"epochs": args.epochs} if args.epochs else {}
    grid = [grid_of(parameters | epochs, args.seeds) for parameters in candidates]
    grid_search = GridSearchCV(
        make_pipeline(
            DigitNormalizer(), FlattenScaler(), MLPDigitClassifier(epochs=20)
        ),
        grid,
        scoring={
            "accuracy": "accuracy",
            "log_loss": "neg_log_loss",
            "calibration_error": make_scorer(
                calibration_error,
                response_method="predict_proba",
                greater_is_better=False,
            ),
        },
        cv=PredefinedSplit(np.where(is_training, -1, 0)),
        refit=False,
        n_jobs=args.n_jobs,
    ).set_callbacks(ProgressBar(max_propagation_depth=0))
    results = grid_search.fit(train.images[chosen], train.target[chosen]).cv_results_
    # Candidates in order, and of each its seeds in order
    scores = {
        "accuracy": results["mean_test_accuracy"],
        "log_loss": -results["mean_test_log_loss"],
        "calibration_error": -results["mean_test_calibration_error"],
        "fit_seconds": results["mean_fit_time"],
    }
    return [
        {
            name: values[start : start + args.seeds].tolist()
            for name, values in scores.items()
        }
        for start in range(0, len(results["params"]), args.seeds)
    ]


def grid_of(parameters, n_seeds):
    """Return what a search is to try of the steps of a pipeline."""
    network = parameters | {"random_state": range(n_seeds)}
    is_deskewed = network.pop("deskew", False)
    normalizer = DigitNormalizer(deskew=True) if is_deskewed else "passthrough"
    return {"digitnormalizer": [normalizer]} | {
        f"mlpdigitclassifier__{name}": value if name == "random_state" else [value]
        for name, value in network.items()
    }


def print_auto_table(rows):
    width = max(len(row["name"]) for row in rows)
    data = None
    for row in rows:
        if row["data"] != data:
            data = row["data"]
            print(f"\n{data:{width}}  {'accuracy':^15}   steps    fit")
        steps = f"{np.mean(row['n_steps']):.0f}" if "n_steps" in row else ""
        print(
            f"{row['name']:{width}}  {spread(row['accuracy'])}  {steps:>6}  "
            f"{np.mean(row['fit_seconds']):>5.2f} s"
        )


def describe(parameters):
    return ", ".join(f"{name}={value}" for name, value in parameters.items())


def print_table(rows):
    width = max(len(row["name"]) for row in rows)
    print(f"{'':{width}}  {'accuracy':^15}  log loss  calibration error    fit")
    for row in rows:
        print(
            f"{row['name']:{width}}  {spread(row['accuracy'])}  "
            f"{np.mean(row['log_loss']):>8.4f}  "
            f"{np.mean(row['calibration_error']):>17.2%}  "
            f"{np.mean(row['fit_seconds']):>3.0f} s"
        )


if __name__ == "__main__":
    run(main)

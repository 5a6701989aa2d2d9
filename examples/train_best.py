"""Train the best networks in full, and measure them on the test images.

There are five networks, with one to five seeds each: the defaults; the same layers with
distorted training images; these deskewed, too; larger layers with images distorted
more, for longer, with and without deskewing. One network of the last kind without
deskewing and two with it vote together, in scikit-learn's VotingClassifier.
CalibratedClassifierCV tries to improve the probabilities of the first two. The results
are printed and written to a JSON file.

On two cores, this takes about three and a half hours. Trained models are kept in a
directory: if the program is stopped, it continues from there when it is started again.
--quick runs everything on few images, in a minute.
"""

import argparse
import os
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from platform import python_version
from time import perf_counter

import joblib
import numpy as np
from _accuracy import (
    N_VALIDATION,
    mean_accuracy,
    measure,
    shifted,
    spread,
    turned,
)
from _command_line import add_output, directory, run, write_json
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.callback import ProgressBar
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline

from skdigits import (
    DigitNormalizer,
    FlattenScaler,
    MLPDigitClassifier,
    RandomDistortion,
    load_mnist,
)

AUGMENTED = MLPDigitClassifier(
    augment="elastic", dropout=0.0, weight_decay=0.05, epochs=100
)
LARGE = MLPDigitClassifier(
    (1024, 512),
    augment=RandomDistortion(
        rotation=9,
        zoom=0.15,
        shear=0.15,
        translation=0.06,
        elastic=0.06,
        sigma=0.25,
    ),
    dropout=0.0,
    weight_decay=0.05,
    epochs=500,
    batch_size=256,
    learning_rate=0.002,
)


def deskewed(classifier):
    return make_pipeline(DigitNormalizer(deskew=True), FlattenScaler(), classifier)


# All chosen by their scores on the last 10,000 training images
MODELS = {
    "defaults": make_pipeline(FlattenScaler(), MLPDigitClassifier()),
    "augmented": make_pipeline(FlattenScaler(), AUGMENTED),
    "deskewed": deskewed(AUGMENTED),
    "large": make_pipeline(FlattenScaler(), LARGE),
    "large_deskewed": deskewed(LARGE),
    "MLPClassifier": make_pipeline(
        FlattenScaler(),
        MLPClassifier((128, 64), batch_size=128, max_iter=20, n_iter_no_change=20),
    ),
}
SEEDS = {
    "defaults": 5,
    "augmented": 3,
    "deskewed": 5,
    "large": 1,
    "large_deskewed": 3,
    "MLPClassifier": 3,
}
CALIBRATED = "defaults", "augmented"
# The first so many seeds of these vote together
VOTERS = {"large": 1, "large_deskewed": 2}

# To take an image through a step, and to distort it, takes as long as to train so many
# weights on it
STEP_LIKE_WEIGHTS = 100_000
DISTORTION_LIKE_WEIGHTS = 150_000

# What epochs="auto" comes to on all images
EPOCHS_OF_AUTO = 20


@dataclass(frozen=True)
class Training:
    """A network to train, on all images or without those kept for validation."""

    name: str
    seed: int
    held_out: int = 0

    def model(self, quick):
        model = clone(MODELS[self.name])
        model[-1].set_params(random_state=self.seed)
        if quick:
            name = "epochs" if "epochs" in model[-1].get_params() else "max_iter"
            model[-1].set_params(**{name: 2})
        return model

    def __str__(self):
        without = f", without {self.held_out} images" if self.held_out else ""
        return f"{self.name}, seed {self.seed}{without}"

    def work(self):
        """Return roughly how long it takes, in units that are the same for all."""
        parameters = MODELS[self.name][-1].get_params()
        units = 784, *parameters["hidden_layer_sizes"], 10
        n_weights = sum(np.multiply(units[1:], units[:-1])) + STEP_LIKE_WEIGHTS
        if parameters.get("augment"):
            n_weights += DISTORTION_LIKE_WEIGHTS
        epochs = parameters.get("epochs", parameters.get("max_iter"))
        return n_weights * (EPOCHS_OF_AUTO if epochs == "auto" else epochs)


def main():
    args = parse_arguments()
    models = train_all(args)
    train, test = load_mnist("train"), load_mnist("test")
    held_out = train.images[-N_VALIDATION:], train.target[-N_VALIDATION:]
    if args.quick:
        for subset in (train, test):
            subset.images, subset.target = subset.images[:1000], subset.target[:1000]
    print("\nmeasuring on the test images ...", flush=True)
    pictures = {
        "test": [test.images],
        "training": [train.images],
        "shifted": shifted(test.images),
        "turned": turned(test.images),
    }
    rows = {}
    for name, seeds in number_of_seeds(args.quick).items():
        fitted = [models[Training(name, seed)] for seed in range(seeds)]
        # The same for all seeds, so it is done once
        prepare = fitted[0][0][:-1].transform
        prepared = {key: list(map(prepare, sets)) for key, sets in pictures.items()}
        rows[name] = [
            measure_all(model[-1], seconds, prepared, train, test)
            for model, seconds in fitted
        ]
    voters = [
        model
        for training, model in models.items()
        if training.seed < VOTERS.get(training.name, 0)
    ]
    together = vote(*zip(*voters, strict=True), train)
    rows["vote"] = [measure_all(*together, pictures, train, test)]
    calibrated = {
        name: [
            calibrate(model, held_out, test)
            for training, (model, _) in models.items()
            if training.name == name and training.held_out
        ]
        for name in CALIBRATED
    }
    print_tables(rows, calibrated)
    write_json(
        args.output,
        {
            "versions": versions(),
            "cpu_count": os.cpu_count(),
            "parameters": {name: repr(model) for name, model in MODELS.items()},
            "rows": rows,
            "calibrated": calibrated,
        },
    )
    print(f"\nFigures written to {args.output.resolve()}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--models",
        type=directory,
        default="train_best_models",
        metavar="DIRECTORY",
        help="where trained models are kept (default: %(default)s)",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="1000 images, 2 epochs, one seed",
    )
    add_output(parser, "train_best.json", "figures", [".json"])
    return parser.parse_args()


def number_of_seeds(quick):
    return {name: 1 if quick else n for name, n in SEEDS.items()}


def train_all(args):
    """Return the fitted model and the seconds it took, of each training."""
    seeds = number_of_seeds(args.quick)
    trainings = [Training(name, seed) for name, n in seeds.items() for seed in range(n)]
    trainings += [
        Training(name, seed, N_VALIDATION)
        for name in CALIBRATED
        for seed in range(min(3, seeds[name]))
    ]
    fit_once = joblib.Memory(args.models, verbose=0).cache(fit)
    arguments = {
        training: (
            training.model(args.quick),
            training.held_out,
            1000 if args.quick else 60_000,
        )
        for training in trainings
    }
    is_kept = {
        training: fit_once.check_call_in_cache(*arguments[training])
        for training in trainings
    }
    print(
        f"{len(trainings)} networks to train, {sum(is_kept.values())} of them found in "
        f"{args.models}"
    )
    models = {
        training: fit_once(*arguments[training])
        for training in trainings
        if is_kept[training]
    }
    # The longest last: by then, the estimate of the time left is good
    left = [training for training in trainings if not is_kept[training]]
    left.sort(key=Training.work)
    while left:
        training = left.pop(0)
        print(f"\n{training}", end="", flush=True)
        seconds = sum(seconds for _, seconds in models.values())
        if models:
            a_unit = seconds / sum(done.work() for done in models)
            to_do = training.work() + sum(later.work() for later in left)
            print(f": {a_unit * to_do / 60:.0f} minutes left in all", end="")
        print(flush=True)
        models[training] = fit_once(*arguments[training])
    return models


def fit(model, held_out, n_images):
    """Fit to the first images, no more than so many and none of those held out."""
    train = load_mnist("train")
    chosen = slice(min(n_images, len(train.target) - held_out))
    if hasattr(model[-1], "set_callbacks"):
        model.set_callbacks(ProgressBar())
    start = perf_counter()
    with warnings.catch_warnings():
        # A number of epochs is what we asked for, and the progress of those alone
        warnings.filterwarnings("ignore", "Stochastic Optimizer: Maximum iterations")
        warnings.filterwarnings("ignore", "The estimator .* does not support callbacks")
        model.fit(train.images[chosen], train.target[chosen])
    return model, perf_counter() - start


def vote(models, seconds, train):
    """Return a soft vote of fitted models, and the seconds that they took in all."""
    voters = [(f"voter {i}", FrozenEstimator(model)) for i, model in enumerate(models)]
    ensemble = VotingClassifier(voters, voting="soft")
    # Which learns the classes alone
    return ensemble.fit(train.images, train.target), sum(seconds)


def calibrate(model, held_out, test):
    """Return the figures of a model without and with calibration."""
    figures = {"as trained": measure(model, test.images, test.target)}
    for method in ("sigmoid", "isotonic", "temperature"):
        calibrated = CalibratedClassifierCV(FrozenEstimator(model), method=method)
        calibrated.fit(*held_out)
        figures[method] = measure(calibrated, test.images, test.target)
    return figures


def measure_all(classifier, seconds, prepared, train, test):
    """Return the figures of a classifier on images that are prepared for it."""
    figures = measure(classifier, *prepared["test"], test.target)
    for name in ("shifted", "turned"):
        figures[f"accuracy_{name}"] = mean_accuracy(
            classifier, prepared[name], test.target
        )
    figures["training_accuracy"] = mean_accuracy(
        classifier, prepared["training"], train.target
    )
    return figures | {"fit_seconds": seconds}


def print_tables(rows, calibrated):
    headings = ["accuracy", "training", "shifted", "turned", "log loss", "ECE", "fit"]
    print(f"{'':16}  {headings[0]:>15}", *(f"{name:>8}" for name in headings[1:]))
    for name, figures in rows.items():
        mean = {key: np.mean([one[key] for one in figures]) for key in figures[0]}
        print(
            f"{name:16}  {spread([one['accuracy'] for one in figures])} "
            f"{mean['training_accuracy']:>8.2%} {mean['accuracy_shifted']:>8.2%} "
            f"{mean['accuracy_turned']:>8.2%} {mean['log_loss']:>8.4f} "
            f"{mean['calibration_error']:>8.2%} {mean['fit_seconds']:>6.0f} s"
        )
    for name, figures in calibrated.items():
        print(
            f"\n{name}, trained without the images that CalibratedClassifierCV takes:"
        )
        for method in figures[0]:
            log_loss, error = np.mean(
                [
                    (one[method]["log_loss"], one[method]["calibration_error"])
                    for one in figures
                ],
                axis=0,
            )
            print(f"{method:16}  log loss {log_loss:.4f}  ECE {error:.2%}")


def versions():
    packages = ["skdigits", "scikit-learn", "tensorflow", "keras", "numpy"]
    return {"python": python_version()} | {name: version(name) for name in packages}


if __name__ == "__main__":
    run(main)

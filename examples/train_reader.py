"""Train the reader of the package, and write its file.

The network is trained on normalised images: MNIST's training images, and copies of them
that imitate other handwriting, scans and photos. Pictures that are not digits get
random labels, so that no digit becomes probable for them. The last training images are
left out. On copies of these, the probabilities are calibrated.

The same machine writes the same file again. It takes about 35 minutes on two cores.
--quick runs everything on few images, in a minute.
"""

import argparse

import numpy as np
from _accuracy import calibration_error
from _command_line import add_output, counting, run
from _handwriting import copies, in_batches, no_digits
from joblib import Parallel, delayed
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.metrics import log_loss

from skdigits import load_mnist
from skdigits.reading._reader import fitted_reader, new_reader, store_reader

# Of training images, the last, and of copies of each of the others
N_CALIBRATION = 5000
N_COPIES = 4

# One in so many of them also gives a picture that is not a digit
EVERY = 2


def main():
    args = parse_arguments()
    train = load_mnist("train")
    last = train.images[-N_CALIBRATION:], train.target[-N_CALIBRATION:]
    images, labels = train.images[:-N_CALIBRATION], train.target[:-N_CALIBRATION]
    if args.quick:
        images, labels = images[:2000], labels[:2000]
        last = last[0][:500], last[1][:500]
    reader = new_reader()
    normalizer, scaler, classifier = (step for _, step in reader.steps)
    normalizer.fit(images)
    with counting("writing, scanning and photographing copies"):
        rows, targets = training_rows(normalizer, images, labels)
    X = scaler.fit_transform(rows)
    if args.quick:
        classifier.set_params(epochs=2)
    with counting(f"training on {len(X)} images, {classifier.epochs} times"):
        classifier.fit(X, targets)
    with counting("calibrating on copies of the last images"):
        rows, targets = copies_of(normalizer, *last, seed=N_COPIES)
        rows = np.vstack([normalizer.transform(last[0]), rows])
        targets = np.concatenate([last[1], targets])
        temperature = calibrate(classifier, scaler.transform(rows), targets)
    store_reader(reader, args.output)
    with np.load(args.output) as arrays:
        stored = fitted_reader(arrays)
    probabilities = stored[1:].predict_proba(rows)
    print(
        f"temperature {temperature:.2f}; of what is stored, on those images: accuracy "
        f"{np.mean(probabilities.argmax(axis=1) == targets):.2%}, log loss "
        f"{log_loss(targets, probabilities):.4f}, calibration error "
        f"{calibration_error(targets, probabilities):.2%}"
    )
    print(f"Reader written to {args.output.resolve()}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="2000 images, 2 epochs")
    add_output(parser, "reader.npz", "reader", [".npz"])
    return parser.parse_args()


def training_rows(normalizer, images, labels):
    """Return the images, copies and what is no digit, as rows, with their labels."""
    rows, targets = [normalizer.transform(images)], [labels]
    for seed in range(N_COPIES):
        more, of_them = copies_of(normalizer, images, labels, seed)
        rows.append(more)
        targets.append(of_them)
    some = slice(None, None, EVERY)
    others = normalized(normalizer, no_digits, images[some], labels[some], N_COPIES + 1)
    rows.append(others)
    targets.append(np.random.default_rng(0).integers(0, 10, len(others)))
    return np.vstack(rows), np.concatenate(targets)


def copies_of(normalizer, images, labels, seed):
    """Return copies as rows, other than those that came out empty, and their labels."""
    rows = normalized(normalizer, copies, images, labels, seed)
    kept = rows.any(axis=1)
    return rows[kept], labels[kept]


def normalized(normalizer, make, images, labels, seed):
    """Return pictures that are made of images behind the normaliser, as rows."""

    def normalize(make_pictures):
        return normalizer.transform(make_pictures())

    batches = in_batches(make, images, labels, seed)
    parts = Parallel(n_jobs=-1)(delayed(normalize)(batch) for batch in batches)
    return np.vstack(parts)


def calibrate(classifier, X, y):
    """Divide the last layer by the temperature that suits labels best; return it."""
    logits = classifier.predict_log_proba(X)

    def loss(temperature):
        return -log_softmax(logits / temperature, axis=1)[np.arange(len(y)), y].mean()

    temperature = minimize_scalar(loss, bounds=(0.1, 10), method="bounded").x
    classifier.coefs_[-1] /= temperature
    classifier.intercepts_[-1] /= temperature
    return temperature


if __name__ == "__main__":
    run(main)

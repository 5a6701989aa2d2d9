"""Train the judge of cuts between digits that touch, and write its file.

`find_digits` cuts wide shapes in many ways. The judge is a small network that scores
the pieces: one whole digit, or less, or more. It is trained on pages of MNIST's
training images, the last 10,000 left out. Each shape on them is cut in many ways, and
the ways compete: the network learns that the pieces of the right ones have the highest
sum of scores. It also learns which digit a piece is.

It takes about half an hour of processor time and 6 GB of memory.
--quick runs everything on few pages.
"""

import argparse

import numpy as np
from _command_line import add_output, counting, run
from _touching import FEWER_CUTS, shapes_of_page
from joblib import Parallel, delayed

from skdigits import load_mnist
from skdigits.preprocessing._page.touching import CONSTANTS

N_IMAGES = 50000

# Seeds of pages of which the shapes are cut in fewer ways, and in all ways
FEWER_WAYS = range(10000, 11200)
ALL_WAYS = range(50000, 50240)


def main():
    args = parse_arguments()
    n_pages = 3 if args.quick else None
    train = load_mnist("train")
    images, labels = train.images[:N_IMAGES], train.target[:N_IMAGES]
    tasks = [(seed, FEWER_CUTS) for seed in FEWER_WAYS[:n_pages]]
    tasks += [(seed, CONSTANTS) for seed in ALL_WAYS[:n_pages]]
    with counting(f"cutting the digits of {len(tasks)} pages"):
        pages = Parallel(n_jobs=-1)(
            delayed(shapes_of_page)(images, labels, *task) for task in tasks
        )
    shapes = [shape for page in pages for shape in page]
    n_pieces = sum(len(shape.rows) for shape in shapes)
    # Asking for help needs no TensorFlow
    from _ways import EPOCHS, fit

    epochs = 2 if args.quick else EPOCHS
    with counting(f"training on {n_pieces} pieces, {epochs} times"):
        weights = fit(shapes, epochs)
    store(weights, args.output)
    print(f"Judge written to {args.output.resolve()}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="6 pages, 2 epochs")
    add_output(parser, "judge.npz", "judge", [".npz"])
    return parser.parse_args()


def store(weights, path):
    """Write weights to a file, rounded: float16 takes half the space."""
    names = "coefs_{}", "intercepts_{}"
    arrays = {
        names[k % 2].format(k // 2): array.astype(np.float16)
        for k, array in enumerate(weights)
    }
    np.savez_compressed(path, **arrays)


if __name__ == "__main__":
    run(main)

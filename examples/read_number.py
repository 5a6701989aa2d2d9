"""Read the numbers in pictures.

The numbers are printed, one line for each line of text. The pictures are saved with a
box around each digit and the predicted digit. Without a picture, a sample is drawn:
digits of MNIST's test images on rough paper in uneven light.

``python -m skdigits read PICTURE...`` prints the same, without a clone of the
repository.
"""

import argparse
import json

import matplotlib
import numpy as np
from _command_line import add_output_and_random_state, run
from _pictures import draw_row
from _reading import add_model

from skdigits import NumbersDisplay, load_mnist, read_numbers


def main():
    parser, args = parse_arguments()
    pictures = {path: path for path in args.pictures} or draw_sample(args.random_state)
    read = []
    for name, picture in pictures.items():
        try:
            read.append(read_numbers(picture, args.model))
        except (OSError, ValueError) as error:
            parser.error(str(error))
        if args.json:
            print(json.dumps({"picture": name} | read[-1].to_dict()), flush=True)
        else:
            count = f"{len(read)} of {len(pictures)}"
            print(f"{count}, {name}:\n{read[-1]}", flush=True)
    matplotlib.use("agg")
    NumbersDisplay(numbers=read).plot().figure_.savefig(args.output, dpi=150)
    if not args.json:
        print(f"Picture saved to {args.output.resolve()}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "pictures",
        nargs="*",
        metavar="PICTURE",
        help="file of a picture (default: a sample is drawn)",
    )
    add_model(parser)
    parser.add_argument(
        "--json",
        action="store_true",
        help="print an object for each picture, with the digits' probabilities",
    )
    add_output_and_random_state(parser, "read_number.png")
    return parser, parser.parse_args()


def draw_sample(random_state):
    """Return a picture of five test digits in a row, under a name that says which."""
    test = load_mnist("test")
    rng = np.random.default_rng(random_state)
    chosen = rng.integers(0, len(test.target), 5)
    picture, _ = draw_row(test.images[chosen], rng)
    return {f"a sample of {''.join(map(str, test.target[chosen]))}": picture}


if __name__ == "__main__":
    run(main)

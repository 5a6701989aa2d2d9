"""Read the number in a picture.

The digits of the picture are found, and a network tells what each is. The number is
printed, with the probability of every digit, and the picture is saved with what was
read. Without a picture, one is drawn: digits of MNIST's test images on rough paper in
uneven light.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from _command_line import add_output_and_random_state, add_train_size, run
from _pictures import draw_row
from _reading import add_model, like_mnist, train
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image, ImageOps, UnidentifiedImageError

from skdigits import find_digits, load_mnist


def main():
    parser, args = parse_arguments()
    if args.picture is None:
        picture, number = draw_sample(args.random_state)
        print(f"a sample picture, of the number {number}")
    else:
        picture = open_picture(parser, args.picture)
    digits = find_digits(picture)
    if not digits.images:
        sys.exit(f"There are no digits to be found in {args.picture or 'it'}.")
    model = args.model or train(args.train_size, args.random_state)
    probabilities = model.predict_proba(like_mnist(digits.images))
    labels = model.classes_[probabilities.argmax(axis=1)]
    confidences = probabilities.max(axis=1)

    for line in range(digits.lines.max() + 1):
        chosen = digits.lines == line
        print(f"\nnumber: {''.join(map(str, labels[chosen]))}")
        for label, confidence in zip(labels[chosen], confidences[chosen], strict=True):
            print(f"  {label}  {confidence:.1%}")
    draw(picture, digits.boxes, labels, confidences).savefig(args.output)
    print(f"\nPicture saved to {args.output.resolve()}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "picture",
        type=Path,
        nargs="?",
        metavar="PICTURE",
        help="file of a picture (default: a sample is drawn)",
    )
    add_model(parser)
    add_train_size(parser, default=10_000)
    add_output_and_random_state(parser, "read_number.png")
    return parser, parser.parse_args()


def draw_sample(random_state):
    """Draw a row of five test digits. Return the picture and the number."""
    test = load_mnist("test")
    rng = np.random.default_rng(random_state)
    chosen = rng.integers(0, len(test.target), 5)
    picture, _ = draw_row(test.images[chosen], rng)
    return picture, "".join(map(str, test.target[chosen]))


def open_picture(parser, path):
    """Return the pixels of a file, upright, or end with what is wrong with it."""
    try:
        with Image.open(path) as file:
            picture = ImageOps.exif_transpose(file)
    except FileNotFoundError:
        parser.error(f"there is no file {path}")
    except UnidentifiedImageError:
        parser.error(f"{path} is no picture, or of a format that Pillow cannot read")
    except OSError as error:
        parser.error(f"cannot read {path}: {error}")
    if picture.mode not in {"L", "RGB", "RGBA", "I", "I;16", "F"}:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    return np.asarray(picture)


def draw(picture, boxes, labels, confidences):
    """Draw a box around each digit, and what it was read as."""
    height, width = picture.shape[:2]
    figure = Figure(figsize=(10, min(10, max(4, 10 * height / width))), dpi=150)
    ax = figure.add_axes((0.02, 0.02, 0.96, 0.96))
    ax.axis("off")
    ax.imshow(picture, cmap="gray")
    # So that there is room for the label of a box at the top
    ax.set_ylim(height, -0.12 * height)
    size = np.clip(0.5 * np.median(boxes[:, 2] - boxes[:, 0]) * 720 / width, 5, 18)
    for (top, left, bottom, right), label, confidence in zip(
        boxes, labels, confidences, strict=True
    ):
        color = "tab:green" if confidence >= 0.9 else "tab:red"
        ax.add_patch(
            Rectangle(
                (left - 0.5, top - 0.5),
                right - left,
                bottom - top,
                fill=False,
                edgecolor=color,
                linewidth=1.5,
            )
        )
        ax.annotate(
            f"{label}",
            (left, top - 1),
            color="white",
            fontsize=size,
            verticalalignment="bottom",
            bbox={"facecolor": color, "edgecolor": "none", "pad": 1},
        )
    return figure


if __name__ == "__main__":
    run(main)

"""To choose the constants of `find_digits` by: pages of MNIST's training digits.

    python tests/reach/tune_pages.py --pages 12 --save bad.png "ruled" "squared"

prints how many pages of each kind are right, the seconds of a page, and the first
problems, and saves the pages with problems, with the boxes that were found. Change a
constant in `skdigits/preprocessing/_page`, and run it again.
"""

import argparse
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from skdigits import find_digits, load_mnist, load_reader

sys.path.insert(0, str(Path(__file__).parents[1]))
from page_pictures import KINDS, draw, find_problem

# Far from those of the tables
FIRST_SEED = 1000
SIDE = 480


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--pages", type=int, default=12, help="pages of each kind")
    parser.add_argument(
        "--reader",
        action="store_true",
        help="let load_reader() help with touching digits",
    )
    parser.add_argument("--save", help="where to save pages with problems")
    args = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)
    # The last were not in the training of the network for digits that touch
    digits, tiles = load_mnist("train").images[-10000:], []
    reader = load_reader() if args.reader else None
    for kind in args.kinds:
        problems, seconds = [], 0.0
        for seed in range(FIRST_SEED, FIRST_SEED + args.pages):
            picture, boxes = draw(kind, digits, seed)
            start = time.process_time()
            found = find_digits(picture, classifier=reader)
            seconds += time.process_time() - start
            problem = find_problem(found, boxes)
            if problem:
                problems.append(f"{seed}: {problem}")
                tiles.append(mark(picture, found.boxes))
        right = 100 * (1 - len(problems) / args.pages)
        each = f"{right:5.1f}%  {seconds / args.pages:.2f} s"
        print(f"{kind:24}  {each}  {'; '.join(problems[:3])}", flush=True)
    if args.save and tiles:
        put_together(tiles).save(args.save)


def mark(picture, boxes):
    """Draw boxes into a picture. Return it as a small image."""
    image = Image.fromarray(picture).convert("RGB")
    draw_on = ImageDraw.Draw(image)
    for top, left, bottom, right in boxes:
        draw_on.rectangle((left - 1, top - 1, right, bottom), outline=(255, 0, 0))
    image.thumbnail((SIDE, SIDE))
    return image


def put_together(tiles):
    n_rows = int(np.ceil(len(tiles) / 3))
    sheet = Image.new("RGB", (3 * SIDE, n_rows * SIDE))
    for k, tile in enumerate(tiles):
        sheet.paste(tile, (k % 3 * SIDE, k // 3 * SIDE))
    return sheet


if __name__ == "__main__":
    main()

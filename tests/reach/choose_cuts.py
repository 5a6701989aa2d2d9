"""To choose the weights by which digits that touch are cut, on MNIST's training digits.

    python tests/reach/choose_cuts.py --pages 60

draws pages of pairs that touch, half as many such as the judge is trained on, and some
of other kinds. It lists all ways to cut their wide digits. A conditional logit then
fits the weights: the probability of a way is proportional to the exponential of its
score. It prints the weights, with the stored reader and without, for `Weights` in
`skdigits/preprocessing/_page/touching.py`. `tune_pages.py` is for `cut` and `not_cut`
there: single digits are to stay whole.
"""

import argparse
import sys
import warnings
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.optimize import minimize

from skdigits import load_mnist, load_reader
from skdigits.preprocessing._find_digits import _cut_out, find_unsplit
from skdigits.preprocessing._page import touching
from skdigits.preprocessing._page.judge import judge

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
from _touching import draw_page
from page_pictures import box_of, draw

SINGLE = [
    "plain rows",
    "cells with frames",
    "chalk",
    "slanted lines",
    "columns",
    "crossed out",
]

# Far from those of the tables and of `tune_pages.py`
FIRST_SEED = 20000

NAMES = [field.name for field in fields(touching.Weights)]
UNITS = [touching.Weights(*row) for row in np.eye(len(NAMES))]
OF_CLASSIFIER = {"sure", "doubt", "whole_sure", "whole_doubt"}


@dataclass
class Case:
    """A wide digit: the features of each way to cut it, and which ways are right."""

    features: np.ndarray
    is_right: np.ndarray


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=60, help="pages of pairs")
    args = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)
    reader = load_reader()
    cases = [
        case for page in _pages(args.pages) for case in _cases(*page, reader=reader)
    ]
    for name, left_out in (("with_classifier", set()), ("alone", OF_CLASSIFIER)):
        print(name)
        weights = fit(cases, [field not in left_out for field in NAMES])
        for field, weight in zip(NAMES, weights, strict=True):
            print(f"    {field}={weight:.2f},")


def _pages(n_pages):
    """Yield pictures, and the boxes of their digits."""
    # Those that neither the judge nor, of half of them, the reader has seen
    train = load_mnist("train")
    images, labels = train.images[-10000:], train.target[-10000:]
    numbers = {"touching pairs": n_pages} | dict.fromkeys(SINGLE, n_pages // 10)
    for kind, n_seeds in numbers.items():
        for seed in range(FIRST_SEED, FIRST_SEED + n_seeds):
            yield draw(kind, images, seed)
    for seed in range(FIRST_SEED, FIRST_SEED + n_pages // 2):
        rng = np.random.default_rng([77, seed])
        some = rng.integers(0, len(images), rng.integers(5, 21))
        page = draw_page(images[some], labels[some], rng)
        boxes = [
            np.add(box_of(digit), [*place, *place])
            for digit, place in zip(page.digits, page.places, strict=True)
        ]
        yield page.picture, np.array(boxes)


def _cases(picture, boxes, reader):
    """Yield the wide digits of a page."""
    found = find_unsplit(Image.fromarray(picture))
    if found is None:
        return
    clarity, height = found.ink.clarity, found.height

    def to_image(digit):
        return _cut_out(clarity, digit, digit.box)

    for digit in found.digits:
        own = min(height, 1.1 * len(digit.mask))
        if digit.mask.shape[1] > touching.CONSTANTS.wide_two * own:
            case = _case(
                touching._candidate(digit, clarity, height, own, touching.CONSTANTS),
                clarity,
                found.scale * boxes,
                reader,
                to_image,
            )
            if case is not None and case.is_right.any():
                yield case


def _case(candidate, clarity, boxes, reader, to_image):
    judge([candidate], clarity)
    touching._classify([candidate], reader, to_image)
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    top_left, bottom_right = np.split(candidate.whole.box, 2)
    true = boxes[((middle > top_left) & (middle < bottom_right)).all(axis=1)]
    if not len(true):
        return None
    true = true[np.argsort(true[:, 1] + true[:, 3])]
    ways = list(_ways(candidate.pieces, len(candidate.cuts) + 1))
    fit_of = np.array([_overlap(candidate, way, true) for way in ways])
    features = [[_score(candidate, way, unit) for unit in UNITS] for way in ways]
    is_right = (fit_of > 0.5) & (fit_of >= fit_of.max() - 0.12)
    return Case(np.array(features, float), is_right)


def _ways(pieces, ends):
    """Yield all ways to divide a digit into up to three pieces."""
    stack = [[piece] for piece in pieces if piece[0] == 0]
    while stack:
        way = stack.pop()
        if way[-1][1] == ends:
            yield way
        elif len(way) < 3:
            stack += [[*way, p] for p in pieces if p[0] == way[-1][1]]


def _score(candidate, way, weights):
    if len(way) == 1:
        return touching._score_whole(candidate, weights)
    score = sum(
        touching._score_piece(candidate, piece, weights, touching.CONSTANTS)
        for piece in way
    )
    return score + sum(
        touching._score_cut(candidate, *pair, weights) for pair in pairwise(way)
    )


def _overlap(candidate, way, true):
    """Return the least overlap of a box with its digit's, relative to their union."""
    if len(way) != len(true):
        return 0.0
    if len(way) == 1:
        return 1.0
    boxes = np.array([candidate.pieces[piece].box for piece in way])
    shared = np.minimum(boxes[:, 2:], true[:, 2:]) - np.maximum(
        boxes[:, :2], true[:, :2]
    )
    shared = shared.clip(0).prod(axis=1)
    areas = [(b[:, 2:] - b[:, :2]).prod(axis=1) for b in (boxes, true)]
    return float((shared / (areas[0] + areas[1] - shared)).min())


def fit(cases, is_fitted, ridge=0.0002):
    """Return the weights under which the right ways are the likeliest."""
    features = np.concatenate([case.features for case in cases]) * is_fitted
    is_right = np.concatenate([case.is_right for case in cases])
    sizes = np.array([len(case.features) for case in cases])
    starts = np.cumsum(sizes) - sizes

    def loss(weights):
        scores = features @ weights
        highest = np.maximum.reduceat(scores, starts)
        odds = np.exp(scores - np.repeat(highest, sizes))
        total = np.add.reduceat(odds, starts)
        right = np.add.reduceat(odds * is_right, starts) + 1e-300
        off = odds / np.repeat(total, sizes) - odds * is_right / np.repeat(right, sizes)
        value = -np.log(right / total).mean() + ridge * (weights**2).sum()
        return value, off @ features / len(cases) + 2 * ridge * weights

    return minimize(loss, np.zeros(len(is_fitted)), jac=True, method="L-BFGS-B").x


if __name__ == "__main__":
    main()

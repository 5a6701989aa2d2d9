"""Digits that touch: what the judge sees of pieces, and which way to cut is chosen."""

from itertools import pairwise

import numpy as np
import pytest
from page_pictures import draw
from PIL import Image
from scipy.special import logsumexp

from skdigits import load_mnist
from skdigits.preprocessing._find_digits import find_unsplit
from skdigits.preprocessing._page import touching
from skdigits.preprocessing._page.judge import (
    COLUMNS,
    FRAME,
    N_SIZES,
    ROWS,
    features,
    judge,
)
from skdigits.preprocessing._page.touching import CONSTANTS

WEIGHTS = CONSTANTS.alone


@pytest.fixture(scope="module")
def page():
    picture, _ = draw("touching pairs", load_mnist("test").images, 1)
    return find_unsplit(Image.fromarray(picture))


@pytest.fixture(scope="module")
def candidates(page):
    """The shapes of a page, cut in all ways."""
    found = [
        touching._candidate(
            digit, page.ink.clarity, page.height, page.height, CONSTANTS
        )
        for digit in page.digits
    ]
    judge(found, page.ink.clarity)
    return [each for each in found if len(each.pieces) > 2]


def frames_of(candidate, page):
    rows = features(candidate, page.ink.clarity)
    return rows[:, :-N_SIZES].reshape(-1, 2, *FRAME).astype(float)


def test_nothing_is_beside_the_whole(candidates, page):
    for candidate in candidates:
        whole, beside = frames_of(candidate, page)[0]
        assert whole.sum() > 0
        assert not beside.any()


def test_a_piece_fills_the_middle_of_its_frame(candidates, page):
    for candidate in candidates:
        for piece, _ in frames_of(candidate, page):
            rows, columns = (np.flatnonzero(piece.any(axis=k)) for k in (1, 0))
            for places, size in zip((rows, columns), FRAME, strict=True):
                middle = (places[0] + places[-1]) / 2
                assert abs(middle - (size - 1) / 2) <= 2


def test_all_ink_of_a_piece_is_in_its_frame(candidates, page):
    for candidate in candidates:
        first, *_ = candidate.pieces.values()
        top, left, bottom, right = first.box
        ink = (page.ink.clarity[top:bottom, left:right] * first.mask).sum()
        pitch = max((bottom - top) / ROWS, (right - left) / COLUMNS)
        seen = frames_of(candidate, page)[0, 0].sum() / 255
        assert seen * pitch**2 == pytest.approx(ink, rel=0.03)


def ways_to_cut(candidate):
    """All sequences of pieces from end to end, the whole not among them."""
    ends = len(candidate.cuts) + 1
    started = [[piece] for piece in candidate.pieces if piece[0] == 0]
    while started:
        way = started.pop()
        if way[-1][1] < ends:
            following = (p for p in candidate.pieces if p[0] == way[-1][1])
            started += [[*way, piece] for piece in following]
        elif len(way) > 1:
            yield way


def score(candidate, way):
    return sum(
        touching._score_piece(candidate, piece, WEIGHTS, CONSTANTS) for piece in way
    ) + sum(touching._score_cut(candidate, *pair, WEIGHTS) for pair in pairwise(way))


def test_the_chosen_way_has_the_highest_score(candidates):
    for candidate in candidates:
        _, pieces = touching._best_way(candidate, WEIGHTS, CONSTANTS)
        best = max(ways_to_cut(candidate), key=lambda way: score(candidate, way))
        expected = [candidate.pieces[piece].box.tolist() for piece in best]
        assert [piece.box.tolist() for piece in pieces] == expected


def test_all_ways_count_where_it_is_decided_whether_to_cut(candidates):
    for candidate in candidates:
        gain, _ = touching._best_way(candidate, WEIGHTS, CONSTANTS)
        scores = [score(candidate, way) for way in ways_to_cut(candidate)]
        whole = touching._score_whole(candidate, WEIGHTS)
        assert gain == pytest.approx(logsumexp(scores) - whole)

"""Digits that touch: cut apart, where the pieces are more like digits than the whole.

Each wide digit has candidates: pieces between any two cuts. The pieces, and pieces that
are neighbours, get scores: by the judge, by the probabilities of a classifier, if there
is one, and by their form. The odds of a way to cut are the exponential of the sum of
its scores. The likeliest way is found by dynamic programming. It is chosen if all ways
together are likelier than the whole, by a margin that is smaller on a page where many
digits touch.
"""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage as ndi
from scipy.special import betaln

from skdigits.preprocessing._page.cuts import CONSTANTS as CUT_CONSTANTS
from skdigits.preprocessing._page.cuts import Cut, CutConstants, find_cuts
from skdigits.preprocessing._page.digits import Digit
from skdigits.preprocessing._page.judge import judge


@dataclass(frozen=True)
class Weights:
    """Of what each score is made: a conditional logit, such as `choose_cuts.py` fits.

    Widths and heights are relative to the height of a digit.
    """

    # Of a piece: logarithm of the odds that it is one digit, as the judge says, and of
    # its highest probability and of the second, as the classifier does
    judged: float
    sure: float
    doubt: float

    # How much wider or narrower than usual it is, and how much lower, squared
    wide: float
    narrow: float
    low: float

    # Of a cut: its ink, how often it crosses ink beyond once, and being one more than
    # the first
    ink: float
    crossing: float
    third: float

    # Of two neighbours: how far their columns overlap, and how far their bottoms and
    # tops are apart
    overlap: float
    bottom: float
    top: float

    # Of the whole: being whole, the logarithms of its odds and its probabilities, and
    # its width beyond 0.6 and 0.9
    whole: float
    whole_judged: float
    whole_sure: float
    whole_doubt: float
    not_narrow: float
    not_wide: float


@dataclass(frozen=True)
class TouchingConstants:
    """What was chosen on pairs of MNIST's training images."""

    with_classifier: Weights = Weights(
        judged=0.66,
        sure=-0.49,
        doubt=-0.13,
        wide=-0.08,
        narrow=-0.76,
        low=-1.05,
        ink=-0.32,
        crossing=0.04,
        third=0.26,
        overlap=1.27,
        bottom=-1.07,
        top=-1.32,
        whole=-0.2,
        whole_judged=0.75,
        whole_sure=1.27,
        whole_doubt=-0.12,
        not_narrow=0.86,
        not_wide=1.49,
    )
    alone: Weights = Weights(
        judged=0.73,
        sure=0,
        doubt=0,
        wide=-0.1,
        narrow=-0.61,
        low=-0.77,
        ink=-0.23,
        crossing=-0.02,
        third=0.54,
        overlap=1.66,
        bottom=-0.8,
        top=-1.09,
        whole=-0.85,
        whole_judged=0.94,
        whole_sure=0,
        whole_doubt=0,
        not_narrow=0.72,
        not_wide=1.5,
    )

    cuts: CutConstants = CUT_CONSTANTS

    # What is known of a page before: as if this many of its digits were cut and whole
    cut: float = 0.1
    not_cut: float = 0.3

    # What the judge says is one digit with higher odds, in logarithms, is one
    sure: float = 1.2

    # The usual width of a digit, relative to its height, and its deviation
    width: float = 0.72
    deviation: float = 0.24

    # The least width and height of a piece, its largest width, relative to the height
    # of a digit, and the least part of the ink
    least_width: float = 0.1
    least_height: float = 0.5
    largest_width: float = 1.6
    least_ink: float = 0.1

    # What is wider than these, relative to the height of a digit, may be two or three
    wide_two: float = 0.4
    wide_three: float = 1.4

    # What counts as ink
    inked: float = 0.3

    # A page of more is a page of text, which would take long
    most_digits: int = 1000


CONSTANTS = TouchingConstants()


@dataclass
class Candidate:
    """A digit that may be several.

    Attributes
    ----------
    whole : Digit

    height : float
        Of a digit, in pixels, as far as this one tells.

    cuts : list of Cut

    pieces : dict of (int, int) to Digit
        What is between two cuts, by their numbers: 0 is the left end, 1 the first cut.

    odds : dict of (int, int) to float
        Logarithms of the odds that a piece is one digit.

    most_likely : dict of (int, int) to ndarray of shape (2,)
        Logarithms of the highest and the second highest probability.
    """

    whole: Digit
    height: float
    cuts: list[Cut]
    pieces: dict
    odds: dict
    most_likely: dict


def split(digits, clarity, height, classifier=None, to_image=None, constants=CONSTANTS):
    """Cut digits that touch apart.

    Parameters
    ----------
    digits : list of Digit

    clarity : ndarray of float32 of shape (n_rows, n_columns)

    height : float
        Of a digit, in pixels.

    classifier : object, default=None
        With `predict_proba` of lists of images.

    to_image : callable, default=None
        Makes such an image of a Digit.

    Returns
    -------
    digits : list of Digit
    """
    if len(digits) > constants.most_digits:
        return digits
    weights = constants.alone if classifier is None else constants.with_classifier
    # Small digits are narrower, too, but a row of them may be low
    own = [min(height, 1.1 * digit.mask.shape[0]) for digit in digits]
    widths = np.array([digit.mask.shape[1] for digit in digits]) / own
    may_be_several = _doubtful(
        digits, clarity, own, widths > constants.wide_two, constants
    )
    candidates = {}
    for k in may_be_several:
        candidate = _candidate(digits[k], clarity, height, own[k], constants)
        if len(candidate.pieces) > 1:
            candidates[k] = candidate
    judge(list(candidates.values()), clarity)
    if classifier is not None:
        _classify(candidates.values(), classifier, to_image)
    ways = {k: _best_way(each, weights, constants) for k, each in candidates.items()}
    gains = {k: gain for k, (gain, _) in ways.items()}
    chosen = _choose(gains, len(digits), constants)
    result = []
    for k, digit in enumerate(digits):
        result.extend(ways[k][1] if k in chosen else [digit])
    return result


# Candidates


def _doubtful(digits, clarity, own, is_wide, constants):
    """Return the numbers of the wide digits that the judge is not sure are one."""
    wide = {
        k: Candidate(digits[k], own[k], [], {(0, 1): digits[k]}, {}, {})
        for k in np.flatnonzero(is_wide)
    }
    judge(list(wide.values()), clarity)
    return [k for k, each in wide.items() if each.odds[0, 1] < constants.sure]


def _candidate(digit, clarity, height, own, constants):
    top, left, bottom, right = digit.box
    ink = clarity[top:bottom, left:right] * digit.mask
    cuts = find_cuts(ink, constants.cuts)
    ends = len(cuts) + 1
    total = ink.sum()
    least_height = constants.least_height * height
    may_be_three = ink.shape[1] >= constants.wide_three * own
    candidate = Candidate(digit, own, cuts, {(0, ends): digit}, {}, {})
    for i in range(ends):
        for j in range(i + 1, ends + 1):
            if i > 0 and j < ends and not may_be_three:
                continue
            if (i, j) == (0, ends):
                continue
            mask = digit.mask.copy()
            if i > 0:
                mask &= cuts[i - 1].right
            if j < ends:
                mask &= ~cuts[j - 1].right
            piece = _part(digit, mask, ink, constants)
            if piece is None:
                continue
            tall, wide = piece.mask.shape
            if (
                tall >= least_height
                and constants.least_width * own <= wide <= constants.largest_width * own
                and ink[mask].sum() >= constants.least_ink * total
            ):
                candidate.pieces[i, j] = piece
    return candidate


def _part(digit, mask, ink, constants):
    """Return the part of a digit in a mask, or None if no ink is there."""
    inked = (ink > constants.inked) & mask
    if not inked.any():
        return None
    ((rows, columns),) = ndi.find_objects(inked.astype(np.uint8))
    top, left = digit.box[:2]
    box = [top + rows.start, left + columns.start, top + rows.stop, left + columns.stop]
    return Digit(np.array(box), mask[rows, columns], digit.contrast)


# Scores


def _classify(candidates, classifier, to_image):
    """Set how likely the pieces are, in one call for all."""
    pieces = [piece for each in candidates for piece in each.pieces.values()]
    rows = iter(_most_likely(pieces, classifier, to_image))
    for candidate in candidates:
        candidate.most_likely = {ends: next(rows) for ends in candidate.pieces}


def _most_likely(pieces, classifier, to_image):
    """Return the logarithms of each one's highest and second highest probability."""
    if not pieces:
        return np.empty((0, 2))
    probabilities = classifier.predict_proba([to_image(piece) for piece in pieces])
    # There may be one class only
    probabilities = np.pad(probabilities, ((0, 0), (0, 1)))
    return np.log(np.sort(probabilities, axis=1)[:, :-3:-1].clip(1e-5))


def _score_piece(candidate, ends, weights, constants):
    tall, wide = (n / candidate.height for n in candidate.pieces[ends].mask.shape)
    off = (wide - constants.width) / constants.deviation
    score = weights.judged * candidate.odds[ends]
    score += weights.low * max(0, 1 - tall) ** 2
    score += weights.wide * off**2 if off > 0 else weights.narrow * min(1, off**2)
    if candidate.most_likely:
        sure, doubt = candidate.most_likely[ends]
        score += weights.sure * sure + weights.doubt * doubt
    return score


def _score_whole(candidate, weights):
    ends = 0, len(candidate.cuts) + 1
    wide = candidate.whole.mask.shape[1] / candidate.height
    score = weights.whole + weights.whole_judged * candidate.odds[ends]
    score += weights.not_narrow * min(1, max(0, wide - 0.6))
    score += weights.not_wide * min(2, max(0, wide - 0.9))
    if candidate.most_likely:
        sure, doubt = candidate.most_likely[ends]
        score += weights.whole_sure * sure + weights.whole_doubt * doubt
    return score


def _score_cut(candidate, left, right, weights):
    """Return the score of the cut between two neighbours."""
    cut = candidate.cuts[right[0] - 1]
    before, after = candidate.pieces[left].box, candidate.pieces[right].box
    apart = abs(before - after) / candidate.height
    return (
        weights.ink * cut.ink
        + weights.crossing * max(0, cut.crossings - 1)
        + weights.third * (left[0] > 0)
        + weights.overlap * max(0, before[3] - after[1]) / candidate.height
        + weights.top * apart[0]
        + weights.bottom * apart[2]
    )


# Choice


def _best_way(candidate, weights, constants):
    """Return the best pieces, and how much likelier it is to be cut than whole.

    Returns
    -------
    gain : float
        Logarithm of the odds of all ways to cut, relative to the whole. Minus infinity
        if there is none.

    pieces : list of Digit
        From left to right.
    """
    ends = len(candidate.cuts) + 1
    # Of the ways that end in a piece: the highest score, which one is before it there,
    # and the logarithm of their odds together
    best, before, total = {}, {}, {}
    # In the order of their right ends, so that what is left of a piece is done
    for piece in sorted(candidate.pieces, key=lambda piece: piece[::-1]):
        if piece == (0, ends):
            continue
        own = _score_piece(candidate, piece, weights, constants)
        if piece[0] == 0:
            best[piece], before[piece], total[piece] = own, None, own
            continue
        steps = {
            left: own + _score_cut(candidate, left, piece, weights)
            for left in best
            if left[1] == piece[0]
        }
        if steps:
            left = max(steps, key=lambda left: best[left] + steps[left])
            before[piece], best[piece] = left, best[left] + steps[left]
            total[piece] = np.logaddexp.reduce(
                [total[left] + step for left, step in steps.items()]
            )
    last = [piece for piece in best if piece[1] == ends]
    if not last:
        return -np.inf, []
    piece = max(last, key=best.__getitem__)
    gain = np.logaddexp.reduce([total[piece] for piece in last])
    gain -= _score_whole(candidate, weights)
    way = []
    while piece:
        way.append(candidate.pieces[piece])
        piece = before[piece]
    return gain, way[::-1]


def _choose(gains, n_digits, constants):
    """Return which digits to cut: more readily the more of the page's digits are.

    How many digits touch differs from page to page. The share has a beta distribution,
    and the choice is the likeliest one.
    """
    ranked = sorted(gains, key=gains.__getitem__, reverse=True)
    n_cut = np.arange(len(ranked) + 1)
    prior = betaln(n_cut + constants.cut, n_digits - n_cut + constants.not_cut)
    best = np.argmax(prior + np.cumsum([0, *(gains[k] for k in ranked)]))
    return ranked[:best]

"""The reader against OCR engines, on the same pictures.

    python -m pytest tests/reach/test_ocr.py

An engine that is not installed is skipped: ``apt-get install tesseract-ocr`` and ``pip
install rapidocr-onnxruntime`` are what the figures in the documentation were made with.
"""

from difflib import SequenceMatcher

import numpy as np
import pytest
from ocr_engines import ENGINES
from page_pictures import KINDS, draw

N_PICTURES = 10
SHOWN = [
    "plain rows",
    "dark table or border",
    "ruled",
    "cells with frames",
    "pencil",
    "coloured pen and paper",
    "phone",
]


def draw_with_text(kind, test_digits, seed):
    """Return a picture and the digits in it."""
    images, labels = test_digits.images, test_digits.target
    picture, boxes = draw(kind, images, seed)
    # As `draw` chooses them
    rng = np.random.default_rng([list(KINDS).index(kind), seed])
    chosen = rng.integers(0, len(images), rng.integers(5, 21))
    return picture, "".join(map(str, np.resize(labels[chosen], len(boxes))))


def in_common(text, expected):
    """Count the digits that two texts have in common, in order."""
    matcher = SequenceMatcher(None, text, expected, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks())


@pytest.fixture(scope="module", params=ENGINES)
def engine(request):
    read = ENGINES[request.param]()
    if read is None:
        pytest.skip(f"{request.param} is not installed")
    return request.param, read


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", SHOWN)
def test_pictures_of_numbers_are_read(comparison, engine, kind, test_digits):
    name, read = engine
    right = exact = n_digits = 0
    for seed in range(1000, 1000 + N_PICTURES):
        picture, expected = draw_with_text(kind, test_digits, seed)
        texts = read(picture)
        # Where there are several, the best counts
        right += max(in_common(text, expected) for text in texts)
        exact += expected in texts
        n_digits += len(expected)
    comparison.add(kind, name, right / n_digits, exact / N_PICTURES)
    if (name, kind) == ("skdigits", "plain rows"):
        assert right / n_digits > 0.9

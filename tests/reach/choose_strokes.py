"""How the constants of the normaliser were chosen.

    python tests/reach/choose_strokes.py [NAME ...]

trains a network on MNIST's first 50,000 training images, and prints how many of the
others it reads right, made into pictures of several kinds: as the constants are, and
with each in turn made smaller and larger by a quarter. Without names, all are tried.
It takes about an hour on one core; one name takes some minutes.
"""

import dataclasses
import sys
from pathlib import Path

import numpy as np
from sklearn.pipeline import make_pipeline

sys.path.append(str(Path(__file__).parents[1]))  # for the pictures of the tests

from distorted_pictures import make_bilevel, photograph, shrink_to_4_bits

from skdigits import DigitNormalizer, FlattenScaler, MLPDigitClassifier, load_mnist
from skdigits.preprocessing import _placement, _strokes

N_IMAGES = 500


def make_pictures(images):
    """Return pictures of several kinds by their names."""
    return {
        "photo": photograph(images, seed=11),
        "8 x 8": shrink_to_4_bits(images),
        "bilevel": make_bilevel(images),
        "bold": make_bilevel(images, bold=1),
        "very bold": make_bilevel(images, side=32, bold=1.5),
        "stretched": make_bilevel(images, bold=0.5, stretch=True),
        "inverted": [255 - picture for picture in make_bilevel(images, bold=0.5)],
    }


def variations(names):
    """Yield a line's name, a module, and its settings with one that is changed."""
    for module in (_strokes, _placement):
        settings = module.SETTINGS
        for field in dataclasses.fields(settings):
            value = getattr(settings, field.name)
            if names and field.name not in names:
                continue
            for factor in (0.75, 1.25):
                changed = type(value)(round(value * factor, 4))
                yield (
                    f"{field.name} = {changed}",
                    module,
                    dataclasses.replace(settings, **{field.name: changed}),
                )


def main():
    """Print a line for the constants as they are, and one for each that is changed."""
    train = load_mnist("train")
    network = make_pipeline(
        FlattenScaler(),
        MLPDigitClassifier(
            augment="elastic", epochs=30, weight_decay=0.05, dropout=0, random_state=0
        ),
    ).fit(train.images[:50000], train.target[:50000])
    chosen = slice(52000, 52000 + N_IMAGES)
    pictures, y = make_pictures(train.images[chosen]), train.target[chosen]
    print(f"{'':28}", *(f"{kind:>10}" for kind in pictures), "      mean")

    def report(name):
        rows = (DigitNormalizer().transform(X) for X in pictures.values())
        right = [100 * np.mean(network.predict(X) == y) for X in rows]
        cells = (f"{value:10.2f}" for value in (*right, np.mean(right)))
        print(f"{name:28}", *cells, flush=True)

    report("as they are")
    for name, module, settings in variations(sys.argv[1:]):
        before, module.SETTINGS = module.SETTINGS, settings
        try:
            report(name)
        finally:
            module.SETTINGS = before


if __name__ == "__main__":
    main()

"""Store a model of this release, for later releases to load.

``python tests/models/store.py`` writes a folder named by the version: the model as a
pickle, with joblib and with skops, and what it must predict. Run it when a release is
ready, and never again for that release: what it stored must load for good. A
development version stores none, for what it stores may change until the release.
"""

import json
import pickle
import platform
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np
import skops.io
from sklearn.pipeline import make_pipeline
from sklearn.utils.fixes import parse_version

import skdigits
from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist

# What pickle and joblib write on most of the Pythons supported unless told otherwise;
# all of them would read protocol 5, too
PROTOCOL = 4

PACKAGES = ["joblib", "keras", "numpy", "scikit-learn", "scipy", "skops", "tensorflow"]


def digits(subset, part):
    """Return images of every other pixel across and down, to be small, and labels."""
    mnist = load_mnist(subset)
    return mnist.images[part, ::2, ::2], mnist.target[part].astype(str)


def fitted_model():
    """Return a pipeline that can be trained further."""
    classifier = MLPDigitClassifier(
        (8,), dropout=0.0, epochs=20, batch_size=32, random_state=0
    )
    return make_pipeline(FlattenScaler(), classifier).fit(
        *digits("train", slice(0, 500))
    )


def train_further(model):
    """Train a model for an epoch on digits that it has not seen."""
    scaler, classifier = model
    images, labels = digits("train", slice(500, 1000))
    classifier.partial_fit(scaler.transform(images), labels)


def store(folder):
    """Write a model and its predictions into a folder."""
    model = fitted_model()
    (folder / "model.pickle").write_bytes(pickle.dumps(model, PROTOCOL))
    joblib.dump(model, folder / "model.joblib", compress=3, protocol=PROTOCOL)
    skops.io.dump(model, folder / "model.skops", compression=zipfile.ZIP_DEFLATED)
    images, _ = digits("test", slice(0, 100))
    predictions = {
        "labels": model.predict(images),
        "probabilities": model.predict_proba(images),
    }
    train_further(model)
    predictions["probabilities_an_epoch_later"] = model.predict_proba(images)
    np.savez_compressed(folder / "predictions.npz", **predictions)
    versions = {"python": platform.python_version()}
    versions |= {name: version(name) for name in PACKAGES}
    (folder / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")


def main():
    if parse_version(skdigits.__version__).is_prerelease:
        sys.exit(
            f"{skdigits.__version__} is no release, and only releases store a model. "
            "Set __version__ in skdigits/__init__.py to that of the release first."
        )
    folder = Path(__file__).parent / skdigits.__version__
    folder.mkdir()  # which fails where the release has stored its model
    store(folder)
    for path in sorted(folder.iterdir()):
        print(f"{path.stat().st_size:>7,} bytes  {path}")


if __name__ == "__main__":
    main()

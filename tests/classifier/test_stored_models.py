"""Models as files: those that releases stored, and all ways to store one."""

import io
import json
import pickle
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np
import pytest
import skops.io
from distorted_pictures import paste
from helpers import same_weights, small
from models.store import digits, store, train_further
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.pipeline import make_pipeline
from sklearn.utils.fixes import parse_version
from skops.io.exceptions import UntrustedTypesFoundException

import skdigits
from skdigits import (
    DigitNormalizer,
    FlattenScaler,
    MLPDigitClassifier,
    RandomDistortion,
    load_mnist,
)

RELEASES = sorted(
    path.parent for path in Path(__file__).parents[1].glob("models/*/versions.json")
)
FORMS = ["pickle", "joblib", "skops"]
TRUSTED = [FlattenScaler, MLPDigitClassifier]
NAMES_OF_TRUSTED = [
    "skdigits.classifier.MLPDigitClassifier",
    "skdigits.preprocessing._flatten_scaler.FlattenScaler",
]

TRAIN, TEST = load_mnist("train"), load_mnist("test")
IMAGES, LABELS = TRAIN.images[:300], TRAIN.target[:300]


def dump(model, path):
    match path.suffix:
        case ".pickle":
            path.write_bytes(pickle.dumps(model))
        case ".joblib":
            joblib.dump(model, path)
        case ".skops":
            skops.io.dump(model, path)


def load(path, trusted=TRUSTED):
    match path.suffix:
        case ".pickle":
            return pickle.loads(path.read_bytes())
        case ".joblib":
            return joblib.load(path)
        case ".skops":
            return skops.io.load(path, trusted=trusted)


@pytest.fixture(scope="module")
def model():
    """A pipeline that no test may change."""
    return make_pipeline(FlattenScaler(), small()).fit(IMAGES, LABELS)


# What releases stored


@pytest.fixture(
    scope="module",
    params=["now", *(release.name for release in RELEASES)],
)
def release(request, tmp_path_factory):
    """A folder that a release stored, or that this version stores now."""
    if request.param != "now":
        return Path(__file__).parents[1] / "models" / request.param
    folder = tmp_path_factory.mktemp("now")
    store(folder)
    return folder


def load_from(release, form):
    """Load a model, with scikit-learn's warning if another version of it stored it."""
    path = release / f"model.{form}"
    stored_with = json.loads((release / "versions.json").read_text())["scikit-learn"]
    if stored_with == version("scikit-learn"):
        return load(path)
    with pytest.warns(InconsistentVersionWarning, match=f"version {stored_with} when"):
        return load(path)


def test_a_model_is_stored_for_each_release_and_no_development_version():
    stored = {release.name for release in RELEASES}
    is_release = not parse_version(skdigits.__version__).is_prerelease

    assert (skdigits.__version__ in stored) == is_release
    assert not any(parse_version(name).is_prerelease for name in stored)


@pytest.mark.parametrize("form", FORMS)
def test_a_model_of_a_release_predicts_what_it_did_then(form, release):
    loaded = load_from(release, form)
    images, _ = digits("test", slice(0, 100))

    with np.load(release / "predictions.npz") as expected:
        np.testing.assert_array_equal(loaded.predict(images), expected["labels"])
        np.testing.assert_allclose(
            loaded.predict_proba(images), expected["probabilities"], atol=1e-5
        )


def test_a_model_of_a_release_goes_on_training_as_it_did_then(release):
    loaded = load_from(release, "pickle")
    images, _ = digits("test", slice(0, 100))
    train_further(loaded)

    with np.load(release / "predictions.npz") as expected:
        before = expected["probabilities"]
        after = expected["probabilities_an_epoch_later"]
    assert np.abs(after - before).max() > 0.1
    # With Adam's moments forgotten, they would differ by 0.07
    np.testing.assert_allclose(loaded.predict_proba(images), after, atol=2e-3)


# Three ways to store


@pytest.mark.parametrize("form", FORMS)
def test_a_stored_pipeline_predicts_the_same_to_the_bit(form, model, tmp_path):
    path = tmp_path / f"model.{form}"
    dump(model, path)

    np.testing.assert_array_equal(
        load(path).predict_proba(TEST.images), model.predict_proba(TEST.images)
    )


@pytest.mark.parametrize("form", FORMS)
def test_a_stored_pipeline_of_photographs_predicts_the_same(form, model, tmp_path):
    path = tmp_path / f"model.{form}"
    photos = paste(TEST.images[:50], seed=0)
    reader = make_pipeline(DigitNormalizer(), *model)
    dump(reader, path)

    np.testing.assert_array_equal(
        load(path, trusted=[*TRUSTED, DigitNormalizer]).predict_proba(photos),
        reader.predict_proba(photos),
    )


@pytest.mark.parametrize("form", FORMS)
def test_a_classifier_stored_between_calls_of_partial_fit_goes_on_the_same(
    form, mnist, tmp_path
):
    path = tmp_path / f"classifier.{form}"
    original = small()
    for _ in range(2):
        original.partial_fit(mnist.X_train, mnist.y_train, classes=np.arange(10))
    dump(original, path)
    loaded = load(path)

    for classifier in (original, loaded):
        classifier.partial_fit(mnist.X_train, mnist.y_train)
    assert same_weights(loaded, original)
    assert loaded.loss_curve_ == original.loss_curve_


@pytest.mark.parametrize("form", FORMS)
def test_a_classifier_stored_after_early_stopping_goes_on_the_same(
    form, mnist, tmp_path
):
    path = tmp_path / f"classifier.{form}"
    original = small(early_stopping=True, warm_start=True, n_iter_no_change=1)
    original.fit(mnist.X_train, mnist.y_train)
    dump(original, path)
    loaded = load(path)

    for classifier in (original, loaded):
        classifier.fit(mnist.X_train, mnist.y_train)
    assert same_weights(loaded, original)
    assert loaded.validation_scores_ == original.validation_scores_
    assert loaded.history_ == original.history_


@pytest.mark.parametrize("form", FORMS)
def test_names_of_classes_and_features_are_stored(form, mnist, tmp_path):
    pandas = pytest.importorskip("pandas")
    path = tmp_path / f"classifier.{form}"
    names = [f"p{number}" for number in range(784)]
    X = pandas.DataFrame(mnist.X_train, columns=names)
    original = small(class_weight="balanced", augment=None)
    original.fit(X, np.array([f"no. {digit}" for digit in mnist.y_train], object))
    dump(original, path)
    loaded = load(path)

    assert list(loaded.feature_names_in_) == names
    assert list(loaded.predict(X)) == list(original.predict(X))


@pytest.mark.parametrize("form", FORMS)
def test_parameters_are_stored(form, tmp_path):
    path = tmp_path / f"classifier.{form}"
    original = small(
        hidden_layer_sizes=np.array([8, 4]),
        # Numbers as searches draw them
        learning_rate=np.float64(0.01),
        dropout=np.float32(0.1),
        epochs=np.int64(7),
        shuffle=np.True_,
        class_weight={np.int64(0): 2.0, 1: 0.5},
        random_state=np.random.RandomState(0),
        augment=RandomDistortion(rotation=5),
    )
    dump(original, path)
    loaded = load(path, trusted=[*TRUSTED, RandomDistortion])

    assert loaded.hidden_layer_sizes.tolist() == [8, 4]
    numbers = loaded.learning_rate, loaded.dropout, loaded.epochs, loaded.shuffle
    assert numbers == (0.01, np.float32(0.1), 7, True)
    assert loaded.class_weight == {0: 2.0, 1: 0.5}
    assert loaded.augment.rotation == 5
    assert loaded.random_state.randint(2**30) == original.random_state.randint(2**30)


# Files from strangers


def changed(file, change):
    """Return a skops file whose description of the objects has been changed."""
    with zipfile.ZipFile(io.BytesIO(file)) as given:
        content = {name: given.read(name) for name in given.namelist()}
    before = content["schema.json"]
    content["schema.json"] = change(before)
    assert content["schema.json"] != before
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w") as written:
        for name, data in content.items():
            written.writestr(name, data)
    return result.getvalue()


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"early_stopping": True},
        {"augment": "elastic", "hidden_layer_sizes": [16]},
        {"class_weight": {0: 2}, "random_state": np.random.RandomState(0)},
    ],
    ids=lambda parameters: ", ".join(parameters) or "none",
)
def test_skops_has_to_trust_the_classes_of_this_package_alone(parameters):
    fitted = make_pipeline(FlattenScaler(), small(**parameters)).fit(IMAGES, LABELS)

    assert skops.io.get_untrusted_types(data=skops.io.dumps(fitted)) == NAMES_OF_TRUSTED


def test_skops_loads_nothing_that_is_not_trusted(model):
    with pytest.raises(UntrustedTypesFoundException, match="MLPDigitClassifier"):
        skops.io.loads(skops.io.dumps(model), trusted=[FlattenScaler])


@pytest.mark.parametrize("function", ["system", "popen"])
def test_a_skops_file_that_would_run_a_command_is_refused(function, model):
    def call_instead(schema):
        old = json.dumps(
            {
                "__class__": "FlattenScaler",
                "__module__": "skdigits.preprocessing._flatten_scaler",
            }
        )
        new = json.dumps({"__class__": function, "__module__": "os"})
        # As they stand in the file, whatever the indentation
        text = json.dumps(json.loads(schema))
        return text.replace(old[1:-1], new[1:-1]).encode()

    hostile = changed(skops.io.dumps(model), call_instead)

    with pytest.raises(UntrustedTypesFoundException, match=f"os.{function}"):
        skops.io.loads(hostile, trusted=TRUSTED)


def test_a_skops_file_with_another_number_in_it_is_refused(model):
    damaged = changed(
        skops.io.dumps(model), lambda schema: schema.replace(b'"255.0"', b'"254.0"')
    )

    with pytest.raises(ValueError, match="stored FlattenScaler is damaged"):
        skops.io.loads(damaged, trusted=TRUSTED)


# Elsewhere


WITHOUT_SKDIGITS = """
import sys
import keras
import numpy as np
model = keras.models.load_model("digits.keras")
np.save("probabilities.npy", model.predict(np.load("images.npy"), verbose=0))
assert not any(name.partition(".")[0] == "skdigits" for name in sys.modules)
"""


@pytest.mark.programs
def test_a_keras_model_loads_where_there_is_no_skdigits(mnist, tmp_path):
    classifier = small().fit(mnist.X_train, mnist.y_train)
    classifier.model_.save(tmp_path / "digits.keras")
    np.save(tmp_path / "images.npy", mnist.X_test)

    # Isolated: neither this folder nor a variable leads Python to the package
    subprocess.run(
        [sys.executable, "-c", WITHOUT_SKDIGITS],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )

    np.testing.assert_allclose(
        np.load(tmp_path / "probabilities.npy"),
        classifier.predict_proba(mnist.X_test),
        atol=1e-6,
    )

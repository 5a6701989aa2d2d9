"""Export to ONNX, by what onnxruntime makes of it."""

import copy
import sys

import numpy as np
import pandas as pd
import pytest
import skl2onnx
from distorted_pictures import paste
from helpers import small
from onnxruntime import InferenceSession
from skl2onnx.common.data_types import StringTensorType
from sklearn.decomposition import PCA
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdigits import DigitNormalizer, FlattenScaler, MLPDigitClassifier, load_mnist
from skdigits._network.activations import ACTIVATIONS
from skdigits.onnx import register_converters

TRAIN, TEST = load_mnist("train"), load_mnist("test")
IMAGES, LABELS = TRAIN.images[:300], TRAIN.target[:300]


@pytest.fixture(autouse=True, scope="module")
def _converters():
    register_converters()


def export(model, X, **options):
    return skl2onnx.to_onnx(model, X[:1], options={"zipmap": False, **options})


def run(exported, X):
    """Return all that onnxruntime computes."""
    session = InferenceSession(
        exported.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"X": X})


def assert_predicts_the_same(model, X, atol=2e-6):
    labels, probabilities = run(export(model, X), X)
    expected = model.predict_proba(X)
    np.testing.assert_array_equal(labels, model.predict(X))
    assert probabilities.dtype == expected.dtype
    np.testing.assert_allclose(probabilities, expected, rtol=0, atol=atol)


@pytest.fixture(scope="module")
def model():
    """A pipeline that no test may change."""
    return make_pipeline(FlattenScaler(), small()).fit(IMAGES, LABELS)


# The whole of it


def test_all_test_images_get_the_same_labels(model):
    assert_predicts_the_same(model, TEST.images)


@pytest.mark.slow
def test_all_test_images_get_the_same_labels_of_the_default_network():
    model = make_pipeline(FlattenScaler(), MLPDigitClassifier(random_state=0))
    model.fit(TRAIN.images, TRAIN.target)

    assert model.score(TEST.images, TEST.target) > 0.98
    assert_predicts_the_same(model, TEST.images, atol=1e-5)


@pytest.mark.parametrize("opset", [12, 15, 18, 22])
def test_older_versions_of_onnx_can_be_written(opset, model):
    exported = skl2onnx.to_onnx(
        model, IMAGES[:1], target_opset=opset, options={"zipmap": False}
    )
    labels, _ = run(exported, TEST.images)

    assert {one.version for one in exported.opset_import if not one.domain} == {opset}
    np.testing.assert_array_equal(labels, model.predict(TEST.images))


def test_input_and_outputs_have_the_names_and_types_that_skl2onnx_gives(model):
    session = InferenceSession(export(model, IMAGES).SerializeToString())

    described = [
        (value.name, value.shape, value.type)
        for value in (*session.get_inputs(), *session.get_outputs())
    ]
    assert described == [
        ("X", [None, 28, 28], "tensor(uint8)"),
        ("label", [None], "tensor(int64)"),
        ("probabilities", [None, 10], "tensor(float)"),
    ]


# Networks


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_activation_is_exported(activation, dtype, model):
    # Weights that were trained for another function do as well, and are made larger, so
    # that each function is seen where it bends and saturates
    classifier = copy.copy(model[-1])
    classifier.activation_ = activation
    classifier.coefs_ = [3 * coef.astype(dtype) for coef in classifier.coefs_]
    classifier.intercepts_ = [bias.astype(dtype) for bias in classifier.intercepts_]
    X = (TEST.data[:2000] / 255).astype(dtype)

    if dtype == np.float32:
        assert_predicts_the_same(classifier, X, atol=1e-4)
    else:
        # erf is in float32
        precise = activation != "gelu"
        assert_predicts_the_same(classifier, X, atol=1e-12 if precise else 1e-5)


@pytest.mark.parametrize("n_layers", [1, 3])
def test_networks_of_any_depth_are_exported(n_layers, mnist):
    sizes = {1: (), 3: (16, 8)}[n_layers]
    classifier = small(hidden_layer_sizes=sizes).fit(mnist.X_train, mnist.y_train)

    assert_predicts_the_same(classifier, mnist.X_test)


# Labels


@pytest.mark.parametrize(
    "labels",
    [
        LABELS.astype(str),
        LABELS.astype(str).astype(object),
        LABELS.astype(np.uint8) + 100,
        LABELS - 5,
    ],
    ids=["strings", "objects", "bytes", "negative"],
)
def test_labels_are_those_of_the_classifier(labels):
    model = make_pipeline(FlattenScaler(), small()).fit(IMAGES, labels)

    assert_predicts_the_same(model, TEST.images[:1000])


@pytest.mark.parametrize("dtype", [bool, float])
def test_labels_that_are_no_integers_become_some(dtype):
    model = make_pipeline(FlattenScaler(), small())
    model.fit(IMAGES, (LABELS > 4).astype(dtype))
    labels, probabilities = run(export(model, IMAGES), TEST.images)

    assert labels.dtype == np.int64
    np.testing.assert_array_equal(labels, model.predict(TEST.images).astype(int))
    assert probabilities.shape == (10_000, 2)


def test_options_of_skl2onnx_for_classifiers_work(model):
    X = TEST.images[:50]
    expected = model.predict_proba(X)

    *_, classes = run(
        export(model, X, **{"zipmap": False, "output_class_labels": True}), X
    )
    np.testing.assert_array_equal(classes, range(10))

    _, mappings = run(export(model, X, zipmap=True), X)
    assert [max(mapping, key=mapping.get) for mapping in mappings] == list(
        model.predict(X)
    )

    _, *columns = run(export(model, X, zipmap="columns"), X)
    np.testing.assert_allclose(np.transpose(columns), expected, atol=2e-6)


@pytest.mark.parametrize("nocl", [False, True])
@pytest.mark.parametrize("dtype", [bool, float, np.uint8, np.int8, np.int32, np.uint64])
def test_the_classes_are_those_that_are_predicted(dtype, nocl):
    model = small().fit(IMAGES / 255, (LABELS % 3 + 4).astype(dtype))
    options = {"output_class_labels": True, "nocl": nocl}
    labels, probabilities, classes = run(export(model, IMAGES, **options), IMAGES[:50])

    assert classes.dtype == labels.dtype == np.int64
    expected = np.arange(len(model.classes_)) if nocl else model.classes_.astype(int)
    np.testing.assert_array_equal(classes, expected)
    np.testing.assert_array_equal(labels, classes[probabilities.argmax(axis=1)])


def test_classes_of_strings_can_be_put_out_as_numbers():
    model = small().fit(IMAGES / 255, LABELS.astype(str))
    options = {"output_class_labels": True, "nocl": True}

    *_, classes = run(export(model, IMAGES, **options), IMAGES[:50])

    np.testing.assert_array_equal(classes, range(10))


def test_labels_can_be_left_out():
    model = make_pipeline(FlattenScaler(), small()).fit(IMAGES, LABELS.astype(str))
    X = TEST.images[:50]
    numbers, _ = run(export(model, X, nocl=True), X)

    np.testing.assert_array_equal(model.classes_[numbers], model.predict(X))


# Input


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "float32", "float64"])
@pytest.mark.parametrize("shape", [(784,), (28, 28), (28, 28, 1)], ids=str)
def test_images_and_rows_of_any_type_are_taken(shape, dtype, model):
    X = TEST.images[:500].reshape(-1, *shape).astype(dtype)
    labels, _ = run(export(model, X), X)

    np.testing.assert_array_equal(labels, model.predict(TEST.images[:500]))


def test_the_classifier_takes_images_and_bytes_itself(mnist):
    X = (mnist.X_test.reshape(-1, 28, 28) > 0.5).astype(np.uint8)
    classifier = small().fit(mnist.X_train.reshape(-1, 28, 28), mnist.y_train)

    assert_predicts_the_same(classifier, X)


@pytest.mark.filterwarnings("ignore:X has values from .* far outside")
@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize(
    "images",
    [
        IMAGES,
        IMAGES + np.float32(3),
        IMAGES.astype(np.float64) / 7 - 2,
        IMAGES.astype(np.int64) + 2**31,
        np.zeros_like(IMAGES),
    ],
    ids=["bytes", "floats", "doubles", "large", "constant"],
)
def test_the_scaler_scales_the_same_to_the_bit(images, clip):
    scaler = FlattenScaler(clip=clip).fit(images[:100, 5:20])
    X = images[100:, 5:20]
    # A range that the training images did not have, for what is to be clipped
    X = np.concatenate([X, X * 2])

    (scaled,) = run(skl2onnx.to_onnx(scaler, X[:1]), X)

    assert scaled.dtype == scaler.transform(X).dtype
    np.testing.assert_array_equal(scaled, scaler.transform(X))


def test_the_columns_of_a_dataframe_are_inputs(mnist):
    frame = pd.DataFrame(mnist.X_train[:, 300:304], columns=list("abcd"))
    scaler = FlattenScaler().fit(frame)
    session = InferenceSession(skl2onnx.to_onnx(scaler, frame[:1]).SerializeToString())
    columns = {name: frame[[name]].to_numpy() for name in frame}

    np.testing.assert_array_equal(
        session.run(None, columns)[0], scaler.transform(frame)
    )


def test_images_of_another_size_are_refused(model):
    message = "FlattenScaler takes 784 features .* Got X of shape .*, with 196"
    with pytest.raises(ValueError, match=message):
        export(model, IMAGES[:, ::2, ::2])


# Among other estimators


def test_other_steps_stand_in_the_pipeline():
    scale, network = StandardScaler(), small(learning_rate=0.01)
    model = make_pipeline(FlattenScaler(), PCA(30, random_state=0), scale, network)
    model.fit(IMAGES, LABELS)
    labels, _ = run(export(model, IMAGES), TEST.images)

    assert np.mean(labels == model.predict(TEST.images)) > 0.999


def test_what_follows_a_normalizer_is_exported(model):
    photos = paste(TEST.images[:50], seed=0)
    reader = make_pipeline(DigitNormalizer(), *model)
    normalized = reader[0].transform(photos)
    labels, _ = run(export(reader[1:], normalized), normalized)

    np.testing.assert_array_equal(labels, reader.predict(photos))


def test_an_ensemble_votes():
    voting = VotingClassifier(
        [("network", small()), ("linear", LogisticRegression(max_iter=20, tol=0.1))],
        voting="soft",
        flatten_transform=False,  # skl2onnx wants it so
    )
    X = (TRAIN.data[:300] / 255).astype(np.float32)
    voting.fit(X, LABELS)
    X_test = (TEST.data / 255).astype(np.float32)
    labels, _ = run(export(voting, X), X_test)

    assert np.mean(labels == voting.predict(X_test)) > 0.999


# Errors


def test_an_estimator_that_is_not_fitted_is_refused():
    with pytest.raises(NotFittedError, match="MLPDigitClassifier"):
        export(small(), IMAGES)


OTHER_TYPES = {
    "uint16": "int32",
    "int16": "int32",
    "uint64": "int64",
    "float16": "float32",
}


@pytest.mark.parametrize(("given", "instead"), OTHER_TYPES.items())
@pytest.mark.parametrize("step", [0, 1], ids=["transformer", "classifier"])
def test_a_type_that_skl2onnx_does_not_know_is_refused_with_the_mend(
    given, instead, step, model
):
    message = rf"takes X of type .* Got {given}\. .* X\.astype\(np\.{instead}\)"
    with pytest.raises(TypeError, match=message):
        export(model[step:], IMAGES.astype(given))


@pytest.mark.parametrize("instead", sorted(set(OTHER_TYPES.values())))
def test_the_type_that_the_mend_names_is_taken(instead, model):
    assert_predicts_the_same(model, IMAGES.astype(instead))


def test_text_is_refused(model):
    with pytest.raises(TypeError, match=r"takes X of type .* Got string\."):
        skl2onnx.to_onnx(model, initial_types=[("X", StringTensorType([None, 784]))])


def test_without_skl2onnx_an_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "skl2onnx", None)

    with pytest.raises(ImportError, match=r"needs skl2onnx.*skdigits\[onnx\]"):
        register_converters()

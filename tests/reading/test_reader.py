"""The reader that comes with the package."""

import io
import json
import pickle
from copy import deepcopy

import numpy as np
import pytest
import skops.io
from distorted_pictures import make_bilevel, photograph
from helpers import run_python, same_weights
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline

from skdigits import (
    DigitNormalizer,
    FlattenScaler,
    MLPDigitClassifier,
    load_mnist,
    load_reader,
)
from skdigits.reading import _reader

TEST = load_mnist("test")
SHIPPED_FILE = _reader.READER_FILE


@pytest.fixture(scope="module")
def reader():
    return load_reader()


@pytest.fixture
def data_file(tmp_path, monkeypatch):
    """A place for another file, which load_reader reads instead of its own."""
    path = tmp_path / "reader.npz"
    monkeypatch.setattr(_reader, "READER_FILE", path)
    return path


def same_predictions(one, other, pictures):
    return np.array_equal(one.predict_proba(pictures), other.predict_proba(pictures))


# What it reads. The figures of the whole test sets are in the table of tests/reach.


def test_digits_of_other_writers_are_read(reader):
    digits = load_digits()
    assert reader.score(digits.images[:600], digits.target[:600]) > 0.96


def test_mnists_test_images_are_read(reader):
    assert reader.score(TEST.images[:2000], TEST.target[:2000]) > 0.985


def test_photographed_digits_are_read(reader):
    pictures = photograph(TEST.images[:500], seed=1)
    assert reader.score(pictures, TEST.target[:500]) > 0.975


def test_black_and_white_digits_without_a_margin_are_read(reader):
    pictures = make_bilevel(TEST.images[:400], bold=0.5)
    assert reader.score(pictures, TEST.target[:400]) > 0.955


@pytest.mark.thorough
def test_probabilities_say_how_often_digits_are_right(reader):
    pictures = [
        *photograph(TEST.images[:1500], seed=2),
        *make_bilevel(TEST.images[:1500], bold=0.5),
    ]
    probabilities = reader.predict_proba(pictures)
    is_right = probabilities.argmax(axis=1) == np.tile(TEST.target[:1500], 2)
    assert abs(probabilities.max(axis=1).mean() - is_right.mean()) < 0.01


def test_pairs_of_digits_are_less_probable_than_digits(reader):
    pairs = np.concatenate([TEST.images[:200], TEST.images[200:400]], axis=2)
    of_pairs = reader.predict_proba(pairs[:, :, 4:-4]).max(axis=1)
    of_digits = reader.predict_proba(TEST.images[:200]).max(axis=1)
    assert np.median(of_pairs) < 0.5 < 0.99 < np.median(of_digits)


def test_pictures_may_differ_in_size_colour_and_type(reader):
    image = TEST.images[0]
    pictures = [image, np.kron(image, np.ones((3, 3))), np.dstack([255 - image] * 3)]
    np.testing.assert_array_equal(reader.predict(pictures), TEST.target[0])


@pytest.mark.parametrize("shape", [(6, 1), (1, 6), (60, 1), (1, 1)])
def test_the_thinnest_stroke_keeps_its_ink(reader, shape):
    picture = np.pad(np.ones(shape), 1 + max(shape) // 5)
    assert reader[0].transform([picture]).max() == 255


# What it is


def test_it_is_a_fitted_pipeline_of_three_steps(reader):
    kinds = [type(step) for step in reader]
    assert kinds == [DigitNormalizer, FlattenScaler, MLPDigitClassifier]
    np.testing.assert_array_equal(reader.classes_, np.arange(10))
    assert reader.classes_.dtype == np.int64
    assert len(reader[-1].loss_curve_) == reader[-1].n_iter_ == reader[-1].epochs_


def test_each_call_returns_another(reader):
    other = load_reader()
    other[-1].coefs_[0][:] = 0
    assert not same_weights(other[-1], reader[-1])
    assert same_weights(load_reader()[-1], reader[-1])


def test_loading_and_predicting_need_neither_keras_nor_matplotlib():
    code = (
        "import sys, skdigits, numpy as np; reader = skdigits.load_reader()\n"
        "reader.predict(np.eye(28)[np.newaxis])\n"
        "print({'keras', 'tensorflow', 'scikeras', 'matplotlib'} & {*sys.modules})"
    )
    assert run_python(code).stdout == "set()\n"


def test_a_clone_trains_anew(reader):
    fresh = clone(reader).set_params(mlpdigitclassifier__epochs=1)
    fresh.fit(TEST.images[:200], TEST.target[:200])
    assert fresh[-1].coefs_[0].shape == reader[-1].coefs_[0].shape


def test_training_goes_on_from_the_stored_weights(reader):
    classifier = load_reader()[-1].set_params(learning_rate=1e-5)
    rows = reader[:-1].transform(TEST.images[:200])
    before = classifier.predict_proba(rows)
    classifier.partial_fit(rows, TEST.target[:200])
    assert classifier.n_iter_ == reader[-1].n_iter_ + 1
    after = classifier.predict_proba(rows)
    assert 0 < np.abs(after - before).max() < 0.2


def stored_by_pickle(reader):
    return pickle.loads(pickle.dumps(reader))


def stored_by_skops(reader):
    content = skops.io.dumps(reader)
    trusted = skops.io.get_untrusted_types(data=content)
    assert all(name.startswith("skdigits.") for name in trusted)
    return skops.io.loads(content, trusted=trusted)


@pytest.mark.parametrize("copy", [deepcopy, stored_by_pickle, stored_by_skops])
def test_a_copy_predicts_the_same(reader, copy):
    assert same_predictions(copy(reader), reader, TEST.images[:50])


def test_its_hidden_layers_can_be_read(reader):
    rows = reader[:-1].transform(TEST.images[:10])
    sizes = reader[-1].hidden_layer_sizes
    assert reader[-1].hidden_activations(rows).shape == (10, sizes[-1])


def test_it_becomes_onnx(reader):
    onnxruntime = pytest.importorskip("onnxruntime")
    from skl2onnx import to_onnx

    from skdigits.onnx import register_converters

    register_converters()
    images = TEST.images[:20].astype(np.float32)
    # What precedes the network is done beforehand
    network = make_pipeline(*reader[1:])
    rows = reader[0].transform(images)
    options = {MLPDigitClassifier: {"zipmap": False}}
    model = to_onnx(network, rows[:1], options=options)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (name,) = (given.name for given in session.get_inputs())
    _, probabilities = session.run(None, {name: rows})
    np.testing.assert_allclose(probabilities, reader.predict_proba(images), atol=1e-5)


# Its file


def test_the_file_is_small_and_holds_no_objects():
    assert SHIPPED_FILE.stat().st_size < 2_000_000
    with np.load(io.BytesIO(SHIPPED_FILE.read_bytes())) as arrays:
        kinds = {array.dtype.kind for array in arrays.values()}
        json.loads(str(arrays["learnt"]))
    assert kinds == {"f", "U"}


def test_the_parameters_are_those_that_it_was_trained_with(reader):
    sizes = [len(intercept) for intercept in reader[-1].intercepts_[:-1]]
    assert list(reader[-1].hidden_layer_sizes) == sizes
    assert reader[-1].epochs == reader[-1].epochs_


def test_what_is_stored_is_what_is_loaded(reader, data_file):
    _reader.store_reader(reader, data_file)
    loaded = load_reader()
    assert same_weights(loaded[-1], reader[-1])
    assert same_predictions(loaded, reader, TEST.images[:50])


def test_the_same_reader_gives_the_same_bytes(reader, data_file):
    _reader.store_reader(reader, data_file)
    assert data_file.read_bytes() == SHIPPED_FILE.read_bytes()


def test_a_missing_file_says_what_to_do(data_file):
    with pytest.raises(FileNotFoundError, match=r"reader\.npz.*Reinstall skdigits"):
        load_reader()


def damaged(content):
    yield b""
    yield content[: len(content) // 2]
    middle = len(content) // 2
    yield content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def test_a_damaged_file_says_what_to_do(data_file):
    for content in damaged(SHIPPED_FILE.read_bytes()):
        data_file.write_bytes(content)
        with pytest.raises(OSError, match=r"damaged.*Reinstall skdigits"):
            load_reader()

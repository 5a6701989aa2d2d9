"""Data of another scale than at fit is warned of, and ordinary data is not."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from helpers import small
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdigits import DigitNormalizer, FlattenScaler, load_mnist

TRAIN, TEST = load_mnist("train"), load_mnist("test")
BYTES = TRAIN.images[:1000]
FLOATS = BYTES / 255
NEW = TEST.images[:100]

# What was fitted on, what is given, and what the warning says
OTHER_SCALES = {
    "floats for bytes": (BYTES, NEW / 255, r"from 0 to 1, a small part .* 255 \* X"),
    "booleans for bytes": (BYTES, NEW > 0, "a small part"),
    "from -1 to 1 for bytes": (BYTES, NEW / 127.5 - 1, "a small part"),
    "bytes for 16 bits": (BYTES * 257.0, NEW, "a small part"),
    "bytes for floats": (FLOATS, NEW, r"from 0 to 255, far outside .* X / 255"),
    "4 bits for floats": (FLOATS, NEW // 16, "far outside"),
    "16 bits for bytes": (BYTES, NEW * 257.0, "far outside"),
    "centred bytes for centred floats": (FLOATS - 0.13, NEW - 33.0, "far outside"),
    "far from bytes": (BYTES, NEW + 1000.0, "far outside"),
    "inverted": (BYTES, 255 - NEW, r"may be inverted.* pass 255 - X"),
    "inverted floats": (FLOATS, 1 - NEW / 255, r"inverted.* pass 1 - X"),
    "inverted floats for bytes": (BYTES, 1 - NEW / 255, "a small part"),
}


@pytest.mark.parametrize(
    ("fitted_on", "given", "words"), OTHER_SCALES.values(), ids=OTHER_SCALES.keys()
)
@pytest.mark.parametrize("n_images", [1, 3, 100])
def test_the_scaler_warns_of_another_scale(fitted_on, given, words, n_images):
    scaler = FlattenScaler().fit(fitted_on)
    with pytest.warns(UserWarning, match=words):
        scaler.transform(given[:n_images])


@pytest.mark.parametrize(
    ("fitted_on", "given", "words"), OTHER_SCALES.values(), ids=OTHER_SCALES.keys()
)
@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_the_classifier_warns_of_another_scale(fitted_on, given, words, method):
    classifier = small().fit(fitted_on[:300], TRAIN.target[:300])
    with pytest.warns(UserWarning, match=words):
        getattr(classifier, method)(given)
    # As it is taken without validation, too
    rows = given.reshape(len(given), -1).astype(classifier.coefs_[0].dtype)
    with pytest.warns(UserWarning, match="MLPDigitClassifier was fitted on"):
        getattr(classifier, method)(rows[:1])


def test_the_warning_points_at_the_users_line():
    model = make_pipeline(FlattenScaler(), small()).fit(BYTES, TRAIN.target[:1000])
    with pytest.warns(UserWarning, match="small part") as caught:
        model.predict(NEW / 255)
    assert {warning.filename for warning in caught} == {__file__}


def test_parts_and_sparse_rows_are_learned_like_the_whole():
    whole, parts, of_sparse = (FlattenScaler() for _ in range(3))
    whole.fit(BYTES)
    for start in range(0, 1000, 300):
        parts.partial_fit(BYTES[start : start + 300])
    of_sparse.fit(sp.csr_array(BYTES.reshape(1000, -1)))
    means = BYTES.mean(axis=(1, 2))
    for scaler in (whole, parts, of_sparse):
        np.testing.assert_allclose(scaler.data_mean_, BYTES.mean())
        np.testing.assert_allclose(scaler.data_std_, BYTES.std())
        np.testing.assert_allclose(scaler.image_mean_std_, means.std())
        with pytest.warns(UserWarning, match="small part"):
            scaler.transform(sp.csr_array(NEW.reshape(100, -1) / 255))


def test_what_partial_fit_has_seen_is_no_other_scale():
    rows, labels = BYTES.reshape(1000, -1), TRAIN.target[:1000]
    classifier = small().partial_fit(rows[:100] / 255, labels[:100], classes=range(10))
    with pytest.warns(UserWarning, match="far outside"):
        classifier.partial_fit(rows[100:], labels[100:])
    classifier.predict(NEW)


def test_validation_samples_of_another_scale_are_warned_of():
    with pytest.warns(UserWarning, match="far outside"):
        small().fit(FLOATS, TRAIN.target[:1000], X_val=NEW, y_val=TEST.target[:100])


def test_a_fit_that_goes_on_warns_of_another_scale():
    classifier = small(warm_start=True).fit(BYTES, TRAIN.target[:1000])
    with pytest.warns(UserWarning, match="small part"):
        classifier.fit(FLOATS, TRAIN.target[:1000])


def test_clipping_does_not_silence_the_warning():
    scaler = FlattenScaler(clip=True).fit(FLOATS)
    with pytest.warns(UserWarning, match="far outside"):
        assert scaler.transform(NEW).max() == 1


def test_a_copy_from_a_pickle_warns_too():
    model = small().fit(FLOATS, TRAIN.target[:1000])
    with pytest.warns(UserWarning, match="far outside"):
        pickle.loads(pickle.dumps(model)).predict(NEW)


# Tests fail on a warning


@pytest.mark.parametrize("n_images", [1, 2, 5, 20, 1000])
@pytest.mark.parametrize("images", [TEST.images, TEST.images / 255], ids=["u1", "f8"])
def test_batches_of_any_size_are_no_other_scale(images, n_images):
    scaler = FlattenScaler().fit(images[:2000])
    for start in range(2000, 8000, max(n_images, 10)):
        scaler.transform(images[start : start + n_images])


@pytest.mark.parametrize("digit", range(10))
def test_images_of_one_digit_are_no_other_scale(digit):
    scaler = FlattenScaler().fit(BYTES)
    scaler.transform(TEST.images[TEST.target == digit])
    FlattenScaler().fit(TRAIN.images[TRAIN.target == digit]).transform(NEW)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((28, 28)),
        np.full((28, 28), 255),
        np.full((28, 28), 3),
        NEW[0] // 20,
        NEW[0] * 0.05,
        NEW[0] + 40.0,
        np.where(np.eye(28), 300.0, 0),
    ],
    ids=["black", "white", "grey", "faint", "faint floats", "lighter", "brighter"],
)
def test_a_single_odd_image_is_no_other_scale(image):
    FlattenScaler().fit(BYTES).transform(image[np.newaxis])
    small(epochs=1).fit(BYTES, TRAIN.target[:1000]).predict(image[np.newaxis])


def test_a_defect_pixel_is_no_other_scale():
    images = NEW / 255
    images[:, 3, 3] = 1000
    FlattenScaler().fit(FLOATS).transform(images)
    FlattenScaler().fit(images).transform(NEW[:10] / 255)


def test_images_behind_the_normalizer_are_no_other_scale():
    X = DigitNormalizer().fit_transform(load_digits().images[:600])
    scaler = FlattenScaler().fit(X[:300])
    for n_images in (1, 5, 50):
        for start in range(300, 600, n_images):
            scaler.transform(X[start : start + n_images])


def heavy_tails():
    return np.random.default_rng(0).standard_t(1.5, (600, 30))


TABLES = {
    "wine": load_wine().data,
    "standardised wine": StandardScaler().fit_transform(load_wine().data),
    "cancer": load_breast_cancer().data,
    "standardised cancer": StandardScaler().fit_transform(load_breast_cancer().data),
    "digits": load_digits().data,
    "digits less their mean": load_digits().data - load_digits().data.mean(axis=0),
    "heavy tails": heavy_tails(),
    "counts": StandardScaler().fit_transform(
        np.random.default_rng(0).poisson(0.1, (600, 50))
    ),
    "few features": heavy_tails()[:, :3],
}


@pytest.mark.parametrize("n_rows", [1, 5, 50])
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_tables_are_no_other_scale(table, n_rows):
    table = table[np.random.default_rng(0).permutation(len(table))]
    half = len(table) // 2
    scaler = FlattenScaler().fit(pd.DataFrame(table[:half]))
    for start in range(half, len(table) - n_rows, n_rows):
        scaler.transform(pd.DataFrame(table[start : start + n_rows]))


@pytest.mark.parametrize("largest", [1e-320, 1e-200, 1e200, 1e308])
def test_the_widest_and_narrowest_ranges_do_no_harm(largest):
    X = largest * (BYTES[:20] / 255)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        FlattenScaler().fit(X).transform(X)
        scaler = FlattenScaler().partial_fit(X).partial_fit(X / 2)
        assert np.isfinite(scaler.data_std_)
        scaler.transform(X)

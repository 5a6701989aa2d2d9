"""What people hold images and labels in: one rule for all that takes X."""

import keras
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
from helpers import run_python, same_weights, small
from PIL import Image
from sklearn.pipeline import make_pipeline

from skdigits import DigitNormalizer, FlattenScaler, ImagesDisplay, load_mnist

TRAIN = load_mnist("train")
IMAGES, LABELS = TRAIN.images[:100], TRAIN.target[:100]
BYTES = IMAGES[:, ::4, ::4].reshape(100, -1)
FLOATS = (BYTES / 255).astype(np.float32)


def as_sparse_columns(X):
    return pd.DataFrame.sparse.from_spmatrix(sp.csr_array(X))


# Numbers in other containers, and the same as an array

SAME = {
    "Float32": (pd.DataFrame(FLOATS).astype("Float32"), FLOATS),
    "Float64": (pd.DataFrame(FLOATS).astype("Float64"), FLOATS.astype(np.float64)),
    "Arrow": (pd.DataFrame(FLOATS).astype("float32[pyarrow]"), FLOATS),
    "UInt8": (pd.DataFrame(BYTES).astype("UInt8"), BYTES),
    "boolean": (pd.DataFrame(BYTES > 99).astype("boolean"), BYTES > 99),
    "category": (pd.DataFrame(BYTES).astype("category"), BYTES),
    "category of floats": (pd.DataFrame(FLOATS).astype("category"), FLOATS),
    "objects": (pd.DataFrame(FLOATS).astype(object), FLOATS),
    "array of objects": (FLOATS.astype(object), FLOATS),
    "integers as objects": (BYTES.astype(object), BYTES),
    "words for numbers": (pd.DataFrame(BYTES.astype(str)), BYTES.astype(np.float32)),
    "one nullable column": (pd.DataFrame(FLOATS).astype({3: "Float32"}), FLOATS),
    "some sparse columns": (
        pd.DataFrame(FLOATS).astype({3: pd.SparseDtype("float32", 0)}),
        FLOATS,
    ),
    "sparse columns filled with NaN": (
        pd.DataFrame(FLOATS).astype(pd.SparseDtype("float32", np.nan)),
        FLOATS,
    ),
    "polars": (pl.DataFrame(FLOATS), FLOATS),
    "polars decimals": (pl.DataFrame(BYTES).cast(pl.Decimal(5, 0)), FLOATS * 255),
    "list of rows": (list(FLOATS), FLOATS),
}


MORE = pytest.mark.thorough
COMMON = {"Arrow", "objects", "some sparse columns", "polars", "list of rows"}


@pytest.mark.parametrize(
    ("X", "array"),
    [
        pytest.param(*both, id=name, marks=[] if name in COMMON else MORE)
        for name, both in SAME.items()
    ],
)
@pytest.mark.usefixtures("no_window")
def test_every_container_is_as_an_array_to_every_estimator(X, array):
    for transformer in (FlattenScaler(), DigitNormalizer()):
        one, other = transformer.fit_transform(X), transformer.fit_transform(array)
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol=1e-6)
    one, other = (small().fit(data, LABELS) for data in (X, array))
    assert same_weights(one, other)
    np.testing.assert_array_equal(one.predict(X), other.predict(array))
    one, other = (
        ImagesDisplay.from_images(data, n_images=2).images for data in (X, array)
    )
    assert one.dtype == other.dtype


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_sparse_columns_stay_sparse(dtype):
    X = as_sparse_columns(BYTES.astype(dtype))
    scaled = FlattenScaler().fit_transform(X)
    assert sp.issparse(scaled)
    assert scaled.nnz == np.count_nonzero(BYTES)
    assert scaled.dtype == (np.float64 if dtype == np.float64 else np.float32)
    of_columns = small().fit(X, LABELS)
    assert same_weights(of_columns, small().fit(BYTES.astype(dtype), LABELS))
    of_columns.predict(X)


def test_names_of_columns_outlast_the_conversion():
    frame = pd.DataFrame(FLOATS).rename(columns=str).astype("Float32")
    assert list(FlattenScaler().fit(frame).feature_names_in_) == list(frame)
    classifier = small().fit(frame, LABELS)
    with pytest.raises(ValueError, match="feature names should match"):
        classifier.predict(frame.rename(columns={"0": "zero"}))


NO_NUMBERS = {
    "words": (pd.DataFrame({"a": ["x", "y"], "b": [1, 2]}), "could not convert .*'x'"),
    "categories": (
        pd.DataFrame({"a": pd.Categorical(["x", "y"])}),
        "could not convert .*'x'",
    ),
    "cells that are lists": (pl.DataFrame({"a": [[1], [2]], "b": [1, 2]}), ""),
    "dates": (pd.DataFrame({"a": pd.date_range("2020", periods=2)}), "datetime64"),
    "dates of polars": (
        pl.DataFrame({"a": [1, 2]}).with_columns(b=pl.date(2020, 1, 1)),
        "Date",
    ),
}


@pytest.mark.parametrize(("X", "words"), NO_NUMBERS.values(), ids=NO_NUMBERS.keys())
@pytest.mark.parametrize(
    "method",
    [
        lambda X: small().fit(X, [0, 1]),
        FlattenScaler().fit,
        DigitNormalizer().fit,
        ImagesDisplay.from_images,
    ],
    ids=["classifier", "scaler", "normalizer", "display"],
)
def test_what_are_no_numbers_is_named_with_what_is_accepted(method, X, words):
    message = f"^X has values.*{words}.* Expected integers, floats or booleans"
    with pytest.raises((ValueError, TypeError), match=message):
        method(X)


def test_a_lazy_frame_is_told_to_collect():
    with pytest.raises(TypeError, match=r"X is a LazyFrame.*Pass X\.collect\(\)"):
        FlattenScaler().fit(pl.DataFrame(FLOATS).lazy())


# Labels


@pytest.mark.parametrize(
    ("y", "dtype"),
    [
        (pd.Series(LABELS, dtype="Int64"), np.int64),
        (pd.Series(LABELS, dtype="UInt8"), np.uint8),
        (pd.array(LABELS, dtype="Int64"), np.int64),
        (pd.Series(LABELS, dtype="category"), LABELS.dtype),
        (pd.Series(LABELS, dtype="Int64").astype("category"), np.int64),
        (pd.Series(LABELS > 4, dtype="boolean"), np.bool_),
        (pd.Series(LABELS.astype(str), dtype="string"), object),
        (pd.Series(LABELS, dtype="int64[pyarrow]"), np.int64),
        (pl.Series(LABELS), LABELS.dtype),
    ],
    ids=lambda y: str(getattr(y, "dtype", y)),
)
def test_labels_come_back_in_kind(y, dtype):
    classifier = small().fit(FLOATS, y)
    assert classifier.predict(FLOATS).dtype == dtype
    assert set(classifier.predict(FLOATS)) <= set(y)


def test_a_missing_label_is_refused():
    y = pd.Series(LABELS, dtype="Int64").mask(LABELS == 3)
    with pytest.raises(ValueError, match="Input y contains NaN"):
        small().fit(FLOATS, y)


# One picture, taken for many


@pytest.fixture(scope="module")
def pipeline():
    model = make_pipeline(DigitNormalizer(), FlattenScaler(), small())
    return model.fit(IMAGES, LABELS)


@pytest.mark.parametrize("shape", [(28, 28), (200, 200), (90, 60), (1, 28)])
def test_after_a_fit_on_images_one_picture_is_not_many_rows(pipeline, shape):
    picture = np.zeros(shape, np.uint8)
    scaler = FlattenScaler().fit(IMAGES)
    classifier = small().fit(IMAGES / 255, LABELS)
    for method in (pipeline.predict, scaler.transform, classifier.predict):
        for X in (picture, picture.tolist(), pd.DataFrame(picture)):
            with pytest.raises(ValueError, match=r"pass (\[X\]|X\[np\.newaxis\])"):
                method(X)


def test_after_a_fit_on_images_rows_of_their_width_are_welcome(pipeline):
    rows = IMAGES.reshape(100, -1)
    np.testing.assert_array_equal(pipeline.predict(rows), pipeline.predict(IMAGES))


def test_after_a_fit_on_images_of_many_sizes_there_are_no_rows():
    normalizer = DigitNormalizer().fit([IMAGES[0], IMAGES[1, 2:]])
    with pytest.raises(ValueError, match=r"was fitted on images\. .* pass \[X\]"):
        normalizer.transform(IMAGES[0])
    assert not hasattr(normalizer, "n_features_in_")


def test_a_later_fit_on_rows_decides_what_rows_are():
    normalizer = DigitNormalizer().fit(IMAGES).fit(BYTES)
    assert normalizer.transform(BYTES).shape == (100, 784)


# Pictures as people have them


@pytest.mark.parametrize("mode", ["1", "L", "I", "F"])
def test_grey_pictures_of_pillow_are_images(mode):
    pictures = [Image.fromarray(image).convert(mode) for image in IMAGES]
    arrays = [np.asarray(picture) for picture in pictures]
    for transformer in (FlattenScaler(), DigitNormalizer()):
        np.testing.assert_array_equal(
            transformer.fit_transform(pictures), transformer.fit_transform(arrays)
        )


@pytest.mark.parametrize("mode", ["P", "PA", "RGB", "RGBA", "LA", "CMYK", "YCbCr"])
def test_pictures_of_pillow_mean_what_they_show(mode):
    pictures = [Image.fromarray(image).convert("RGB") for image in IMAGES[:10]]
    if mode == "P":
        pictures = [picture.quantize(256) for picture in pictures]
    elif mode == "PA":
        pictures = [picture.convert("LA").convert("PA") for picture in pictures]
    else:
        pictures = [picture.convert(mode) for picture in pictures]
    given = DigitNormalizer().fit_transform(pictures).astype(int)
    expected = DigitNormalizer().fit_transform(IMAGES[:10]).astype(int)
    assert np.abs(given - expected).mean() < 2


def test_one_picture_of_pillow_is_told_to_be_in_a_list(pipeline):
    picture = Image.fromarray(IMAGES[0])
    for method in (pipeline.predict, FlattenScaler().fit, DigitNormalizer().fit):
        with pytest.raises(ValueError, match=r"X is a single image.*pass \[X\]"):
            method(picture)
    assert pipeline.predict([picture]).shape == (1,)


@pytest.mark.parametrize(
    "item",
    [None, b"\x89PNG", bytearray(b"\x89PNG")],
    ids=lambda item: type(item).__name__,
)
def test_what_is_no_picture_is_named_by_its_index(pipeline, item):
    scaler = FlattenScaler().fit(IMAGES)
    classifier = small().fit(IMAGES / 255, LABELS)
    for method in (pipeline.predict, scaler.transform, classifier.predict):
        for X in ([IMAGES[0], item], [IMAGES[0].tolist(), item]):
            with pytest.raises(ValueError, match=r"X\[1\] is .*Expected .*\(height, w"):
                method(X)
        with pytest.raises(ValueError, match=r"X\[0\] is .*Expected .*\(height, w"):
            method([item, item])


# Batches instead of samples


class Sequence(keras.utils.PyDataset):
    def __len__(self):
        return 1

    def __getitem__(self, index):
        return FLOATS, LABELS


def dataset():
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices((FLOATS, LABELS)).batch(10)


@pytest.mark.parametrize(
    "make",
    [dataset, Sequence, lambda: (row for row in FLOATS), lambda: iter([FLOATS])],
    ids=["tf.data", "Keras", "generator", "iterator"],
)
def test_batches_are_referred_to_partial_fit(make):
    X = make()
    classifier = small().fit(FLOATS, LABELS)
    message = r"X is a .*partial_fit.* 'More data than memory'"
    for method in (
        lambda X: small().fit(X, LABELS),
        classifier.predict,
        FlattenScaler().fit,
        DigitNormalizer().transform,
    ):
        with pytest.raises(TypeError, match=message):
            method(X)


def test_a_torch_loader_is_told_by_its_class():
    class DataLoader:
        __module__ = "torch.utils.data.dataloader"

        def __iter__(self):
            yield FLOATS

    with pytest.raises(TypeError, match="X is a DataLoader, which yields batches"):
        FlattenScaler().fit(DataLoader())


def test_to_refuse_batches_imports_no_tensorflow():
    code = (
        "import sys, skdigits\n"
        "try: skdigits.FlattenScaler().fit(x for x in [1])\n"
        "except TypeError: print('tensorflow' in sys.modules)"
    )
    assert run_python(code).stdout == "False\n"

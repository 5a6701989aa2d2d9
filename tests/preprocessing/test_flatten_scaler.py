"""FlattenScaler: scikit-learn's checks, what it promises, and any array there is."""

import copy
import datetime
import pickle
import re
import warnings

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
from arrays import LAYOUTS, SHAPES, arrays, nullable
from helpers import tried_on
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from skdigits.datasets import load_mnist
from skdigits.preprocessing import FlattenScaler

ROWS = np.array([[0, 51, 102, 153], [204, 255, 0, 255]], dtype=np.uint8)
IMAGES = ROWS.reshape(2, 2, 2)
SCALED = ROWS / 255


@parametrize_with_checks([FlattenScaler(), FlattenScaler(clip=True)])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


# What comes out


@pytest.mark.parametrize("shape", [(2, 2, 2), (2, 2, 2, 1), (2, 4)])
def test_images_and_rows_give_the_same(shape):
    X = FlattenScaler().fit_transform(ROWS.reshape(shape))
    np.testing.assert_allclose(X, SCALED, rtol=1e-6)


@pytest.mark.parametrize(
    "images",
    [
        np.arange(256, dtype=np.uint8).reshape(1, 16, 16),
        np.linspace(0, 1, 256, dtype=np.float32).reshape(1, 16, 16),
        load_digits().images,
        np.arange(-128, 128, dtype=np.int8).reshape(1, 16, 16),
        np.eye(16, dtype=bool)[np.newaxis],
    ],
    ids=["bytes", "unit floats", "4 bits", "signed", "bool"],
)
def test_every_usual_range_lands_between_exactly_0_and_1(images):
    X = FlattenScaler().fit_transform(images)
    assert X.min() == 0
    assert X.max() == 1


def test_one_range_serves_all_pixels():
    X = np.array([[[0, 5]], [[1, 10]]])
    np.testing.assert_allclose(
        FlattenScaler().fit_transform(X), [[0, 0.5], [0.1, 1]], rtol=1e-6
    )


@pytest.mark.parametrize(
    ("given", "result"),
    [
        ("float32", "float32"),
        ("float64", "float64"),
        (">f4", "float32"),
        (">f8", "float64"),
        ("float16", "float32"),
        ("longdouble", "float64"),
        ("bool", "float32"),
        *((f"{sign}int{bits}", "float32") for sign in ("", "u") for bits in (8, 64)),
    ],
)
def test_floats_keep_their_type_and_the_rest_become_float32(given, result):
    X = np.eye(4).astype(given)
    scaler = FlattenScaler().fit(X)
    scaled = scaler.transform(X)
    assert scaled.dtype == np.dtype(result)
    assert scaler.inverse_transform(scaled).dtype == np.dtype(result)
    np.testing.assert_array_equal(scaled, np.eye(4))


@pytest.mark.parametrize("values", [[1_000_000_000, 1_000_000_010], [2**40, 2**40 + 8]])
def test_wide_integers_far_from_zero_keep_their_steps(values):
    low, high = values
    X = np.arange(low, high + 1)[np.newaxis]
    np.testing.assert_allclose(
        FlattenScaler().fit_transform(X)[0], np.linspace(0, 1, X.size), rtol=1e-6
    )


def test_a_range_learned_in_float64_serves_float32_that_cannot_hold_it():
    scaler = FlattenScaler().fit([[0.0, 1e-60]])
    X = scaler.transform(np.zeros((1, 2), dtype=np.float32))
    np.testing.assert_array_equal(X, [[0, 0]])


def test_float32_scales_over_its_whole_range():
    big = np.finfo(np.float32).max
    X = FlattenScaler().fit_transform(np.array([[-big, 0, big]], dtype=np.float32))
    np.testing.assert_array_equal(X, np.array([[0, 0.5, 1]], dtype=np.float32))


@pytest.mark.parametrize("value", [0, 7, -2.5])
def test_constant_images_become_zeros_as_min_max_scaler_has_it(value):
    X = np.full((2, 3, 3), value)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scaler = FlattenScaler().fit(X)
        scaled = scaler.transform(X)
    reference = MinMaxScaler().fit(X.reshape(2, 9))
    np.testing.assert_array_equal(scaled, reference.transform(X.reshape(2, 9)))
    np.testing.assert_array_equal(scaler.inverse_transform(scaled), X)
    np.testing.assert_array_equal(scaler.inverse_transform(scaled + 1), X + 1)
    assert scaler.scale_ == reference.scale_[0]


def test_new_values_outside_the_range_go_beyond_0_and_1():
    scaler = FlattenScaler().fit([[0.0, 10.0]])
    np.testing.assert_allclose(scaler.transform([[-5.0, 20.0]]), [[-0.5, 2.0]])


def test_clip_keeps_new_values_between_0_and_1():
    scaler = FlattenScaler(clip=True).fit([[0.0, 10.0]])
    np.testing.assert_array_equal(scaler.transform([[-5.0, 20.0]]), [[0, 1]])


def test_the_range_is_named_as_in_min_max_scaler():
    X = np.array([[2.0, 4.0, 10.0]])
    scaler = FlattenScaler().fit(X)
    reference = MinMaxScaler().fit(X.T)
    for name in ("data_min_", "data_max_", "data_range_", "scale_", "min_"):
        np.testing.assert_allclose(getattr(scaler, name), getattr(reference, name)[0])
    np.testing.assert_allclose(scaler.transform(X), X * scaler.scale_ + scaler.min_)


@pytest.mark.parametrize("X", [ROWS, SCALED, IMAGES, IMAGES / 255])
def test_the_result_is_new_memory(X):
    before = X.copy()
    scaled = FlattenScaler().fit_transform(X)
    assert not np.shares_memory(scaled, X)
    scaled[:] = -1
    np.testing.assert_array_equal(X, before)


def test_a_memory_map_gives_an_ordinary_array(tmp_path):
    np.save(tmp_path / "images.npy", IMAGES)
    X = np.load(tmp_path / "images.npy", mmap_mode="r")
    scaled = FlattenScaler().fit_transform(X)
    assert type(scaled) is np.ndarray
    np.testing.assert_allclose(scaled, SCALED, rtol=1e-6)


# And back


@pytest.mark.parametrize("shape", [(2, 2, 2), (2, 2, 2, 1), (2, 4)])
def test_inverse_transform_gives_the_fitted_shape(shape):
    X = ROWS.reshape(shape)
    scaler = FlattenScaler().fit(X)
    back = scaler.inverse_transform(scaler.transform(X))
    np.testing.assert_array_equal(back.round().astype(np.uint8), X)


def test_inverse_transform_takes_a_dataframe_that_transform_made():
    scaler = FlattenScaler().set_output(transform="pandas").fit(IMAGES)
    scaled = scaler.transform(IMAGES)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        back = scaler.inverse_transform(scaled)
    np.testing.assert_array_equal(back.round(), IMAGES)


def test_inverse_transform_takes_scaled_images():
    scaler = FlattenScaler().fit(IMAGES)
    back = scaler.inverse_transform(IMAGES / 255)
    np.testing.assert_array_equal(back.round(), IMAGES)


def test_inverse_transform_refuses_another_number_of_pixels():
    scaler = FlattenScaler().fit(IMAGES)
    with pytest.raises(ValueError, match="X has 3 features, but FlattenScaler is"):
        scaler.inverse_transform([[0.0, 0.5, 1.0]])


# In parts


def assert_same_scaler(one, other):
    """Assert that two learned the same, to rounding where that is sums of parts."""
    summed = {"data_mean_", "data_std_", "image_mean_std_"}
    one, other = vars(one).copy(), vars(other).copy()
    for name in summed:
        atol = 1e-12 * (other["data_max_"] - other["data_min_"])
        a, b = one.pop(name), other.pop(name)
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=atol)
    assert one == other


def test_partial_fit_learns_what_fit_learns_from_all():
    images = load_digits().images
    parts = FlattenScaler()
    for part in np.array_split(images, 5):
        parts.partial_fit(part)
    assert_same_scaler(parts, FlattenScaler().fit(images))


def test_fit_forgets_what_was_learned_before():
    scaler = FlattenScaler().fit([[-9.0, 99.0]])
    assert vars(scaler.fit(IMAGES)) == vars(FlattenScaler().fit(IMAGES))


def test_partial_fit_takes_rows_after_images():
    scaler = FlattenScaler().partial_fit(IMAGES).partial_fit([[0, 0, 0, 300]])
    assert scaler.data_max_ == 300
    assert scaler.n_samples_seen_ == 3
    assert scaler.image_shape_ == (2, 2)


# Names and dataframes


@pytest.mark.parametrize("shape", [(1, 2, 3), (1, 2, 3, 1)])
def test_pixels_are_named_by_row_and_column(shape):
    names = FlattenScaler().fit(np.arange(6).reshape(shape)).get_feature_names_out()
    expected = ["pixel_0_0", "pixel_0_1", "pixel_0_2"]
    expected += ["pixel_1_0", "pixel_1_1", "pixel_1_2"]
    assert list(names) == expected


def test_rows_that_could_be_square_images_are_named_so():
    digits = load_digits()
    names = FlattenScaler().fit(digits.data).get_feature_names_out()
    assert list(names) == digits.feature_names


def test_other_rows_get_scikit_learn_s_names():
    names = FlattenScaler().fit(np.ones((1, 3))).get_feature_names_out()
    assert list(names) == ["x0", "x1", "x2"]


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_a_dataframe_keeps_its_names(frame):
    X = frame({"a": [0, 1], "b": [2, 3], "c": [4, 5], "d": [6, 7]})
    names = FlattenScaler().fit(X).get_feature_names_out()
    assert list(names) == ["a", "b", "c", "d"]


def test_names_that_are_given_are_used():
    scaler = FlattenScaler().fit(IMAGES)
    names = ["a", "b", "c", "d"]
    assert list(scaler.get_feature_names_out(names)) == names


def test_set_output_gives_pandas_with_its_index_kept():
    X = pd.DataFrame(ROWS, columns=list("abcd"), index=["one", "two"])
    scaled = FlattenScaler().set_output(transform="pandas").fit_transform(X)
    assert isinstance(scaled, pd.DataFrame)
    assert list(scaled.columns) == list("abcd")
    assert list(scaled.index) == ["one", "two"]


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("X", [IMAGES, list(IMAGES), ROWS, ROWS.tolist()])
def test_set_output_names_pixels(library, X):
    scaled = FlattenScaler().set_output(transform=library).fit_transform(X)
    assert type(scaled).__module__.startswith(library)
    assert list(scaled.columns) == ["pixel_0_0", "pixel_0_1", "pixel_1_0", "pixel_1_1"]
    np.testing.assert_allclose(scaled.to_numpy(), SCALED, rtol=1e-6)


@pytest.mark.parametrize(
    "dtype", ["uint8", "float32", "bool", "Int64", "Float32", "boolean", "object"]
)
def test_any_numeric_column_type_of_pandas_will_do(dtype):
    X = pd.DataFrame([[0, 1], [1, 0]]).astype(dtype)
    np.testing.assert_array_equal(FlattenScaler().fit_transform(X), [[0, 1], [1, 0]])


# Sparse rows

SPARSE = [sp.csr_array, sp.csc_array, sp.csr_matrix, sp.coo_array, sp.lil_array]


@pytest.mark.parametrize("container", SPARSE)
@pytest.mark.parametrize("dtype", ["uint8", "bool", "int64", "float32", "float64"])
def test_sparse_rows_stay_sparse_and_equal_dense_ones(container, dtype):
    dense = ROWS.astype(dtype)
    scaler = FlattenScaler().fit(dense)
    X = container(dense)
    from_sparse = FlattenScaler().fit(X)
    assert vars(from_sparse) == vars(scaler)
    scaled = from_sparse.transform(X)
    assert sp.issparse(scaled)
    np.testing.assert_array_equal(scaled.toarray(), scaler.transform(dense))
    assert scaled.dtype == scaler.transform(dense).dtype
    back = from_sparse.inverse_transform(scaled)
    np.testing.assert_allclose(back.toarray(), dense, rtol=1e-6)


def test_sparse_rows_come_back_as_sparse_rows_even_from_images():
    scaler = FlattenScaler().fit(IMAGES)
    back = scaler.inverse_transform(sp.csr_array(SCALED))
    assert sp.issparse(back)
    np.testing.assert_allclose(back.toarray(), ROWS)


def test_the_implicit_zeros_count_as_pixels():
    scaler = FlattenScaler().fit(sp.csr_array([[0, 0, 4], [4, 8, 0]]))
    assert scaler.data_min_ == 0


@pytest.mark.parametrize("learned", [[[1.0, 3.0]], [[-1.0, 0.0]]])
def test_sparse_rows_are_refused_if_zero_would_move(learned):
    scaler = FlattenScaler().fit(learned)
    words = f"the learned minimum is {scaler.data_min_}"
    for method in (scaler.transform, scaler.inverse_transform):
        with pytest.raises(ValueError, match=f"Cannot scale sparse X: {words}"):
            method(sp.csr_array([[0.0, 1.0]]))


@pytest.mark.parametrize("clip", [False, True])
def test_duplicate_entries_are_summed_in_a_copy(clip):
    def duplicated():
        return sp.csr_array((np.array([3.0, 5.0]), [1, 1], [0, 2]), shape=(1, 4))

    X = duplicated()
    scaler = FlattenScaler(clip=clip).fit(X)
    assert scaler.data_max_ == 8
    scaler.fit([[0.0, 0.0, 0.0, 4.0]])
    scaled = scaler.transform(X).toarray()
    np.testing.assert_array_equal(scaled, [[0, 1 if clip else 2, 0, 0]])
    np.testing.assert_array_equal(X.data, duplicated().data)


def test_the_sparse_result_shares_nothing_with_its_source():
    X = sp.csr_array(SCALED)
    scaled = FlattenScaler().fit_transform(X)
    for part in ("data", "indices", "indptr"):
        assert not np.shares_memory(getattr(scaled, part), getattr(X, part))


# Bad input

BAD = {
    "other size": (np.zeros((2, 3, 3)), "X has images of 3 x 3 pixels, but Flatten"),
    "as many pixels": (np.zeros((2, 1, 4)), "X has images of 1 x 4 pixels, but Fla"),
    "other count": (np.zeros((2, 3)), "X has 3 features, but FlattenScaler is expec"),
    "NaN": (np.full((2, 2, 2), np.nan), "Input X contains NaN"),
    "infinity": (np.full((2, 2, 2), np.inf), "Input X contains infinity"),
    "colour": (np.zeros((2, 2, 2, 3)), "X has shape (2, 2, 2, 3): images with 3 col"),
    "5-D": (np.zeros((2, 2, 2, 1, 1)), "X has 5 dimensions"),
    "1-D": (np.zeros(4), "Expected 2D array, got 1D array instead"),
    "0-D": (np.array(1.0), "Expected 2D array, got scalar array instead"),
    "no images": (np.zeros((0, 2, 2)), "Found array with 0 sample(s)"),
    "no pixels": (np.zeros((2, 0)), "Found array with 0 feature(s)"),
    "ragged": ([[1, 2, 3, 4], [1, 2]], "X is a list whose items differ in shape"),
    "complex": (np.zeros((2, 2, 2), dtype=complex), "Complex data not supported"),
    "words": (np.full((2, 2, 2), "a"), "dtype='numeric' is not compatible"),
    "dates": (np.zeros((2, 2, 2), dtype="M8[s]"), "X has values of type datetime64"),
    "dates in a list": (
        [[datetime.date(2000, 1, 1)] * 4],
        "float() argument must be a string or a real number",
    ),
    "missing": (pd.DataFrame([[1, None, 2, 3]]).astype("Int64"), "contains NaN"),
    "too wide": (np.array([[-1.7e308, 1.7e308, 0, 0]]), "too wide for float64"),
}


# A fit starts anew, with any size; only learning needs a range
METHODS = {
    "fit": BAD.keys() - {"other size", "as many pixels", "other count"},
    "partial_fit": BAD.keys(),
    "transform": BAD.keys() - {"too wide"},
    "inverse_transform": BAD.keys() - {"too wide"},
}


@pytest.mark.parametrize(
    ("method", "case"),
    [(method, case) for method in METHODS for case in BAD if case in METHODS[method]],
)
def test_bad_images_are_refused_and_change_nothing(method, case):
    X, words = BAD[case]
    scaler = FlattenScaler().fit(IMAGES)
    before = copy.deepcopy(vars(scaler))
    with pytest.raises((ValueError, TypeError), match=re.escape(words)):
        getattr(scaler, method)(X)
    assert vars(scaler) == before


@pytest.mark.parametrize("case", sorted(METHODS["fit"]))
def test_a_first_fit_that_fails_leaves_the_scaler_unfitted(case):
    scaler = FlattenScaler()
    with pytest.raises((ValueError, TypeError)):
        scaler.fit(BAD[case][0])
    assert vars(scaler) == {"clip": False}


def test_a_failed_fit_leaves_the_names_of_the_pixels():
    scaler = FlattenScaler().fit(pd.DataFrame(SCALED, columns=list("abcd")))
    for bad in (
        pd.DataFrame({"z": [np.nan]}),
        pd.DataFrame([[1, 2]], columns=["a", 0]),
    ):
        with pytest.raises((ValueError, TypeError)):
            scaler.fit(bad)
    assert list(scaler.feature_names_in_) == list("abcd")
    assert scaler.n_features_in_ == 4


def test_other_names_are_refused_in_scikit_learn_s_words():
    scaler = FlattenScaler().fit(pd.DataFrame(ROWS, columns=list("abcd")))
    with pytest.raises(ValueError, match="feature names should match those"):
        scaler.transform(pd.DataFrame(ROWS, columns=list("dcba")))


def test_a_single_image_is_told_how_to_be_one_of_several():
    with pytest.raises(ValueError, match=r"pass X\[np.newaxis\] for one"):
        FlattenScaler().fit(IMAGES).transform(IMAGES[0])


@pytest.mark.parametrize("method", ["transform", "inverse_transform"])
def test_unfitted_says_so(method):
    with pytest.raises(NotFittedError, match="This FlattenScaler instance is not fit"):
        getattr(FlattenScaler(), method)(IMAGES)


def test_a_bad_parameter_names_what_is_allowed():
    with pytest.raises(ValueError, match="The 'clip' parameter of FlattenScaler must"):
        FlattenScaler(clip="yes").fit(IMAGES)


# Among scikit-learn's own


@pytest.mark.parametrize(
    "again",
    [
        copy.copy,
        copy.deepcopy,
        lambda scaler: pickle.loads(pickle.dumps(scaler)),
        lambda scaler: clone(scaler).fit(IMAGES),
    ],
    ids=["copy", "deepcopy", "pickle", "clone"],
)
def test_copies_scale_alike(again):
    scaler = FlattenScaler(clip=True).fit(IMAGES)
    copied = again(scaler)
    assert vars(copied) == vars(scaler)
    np.testing.assert_array_equal(copied.transform(IMAGES), scaler.transform(IMAGES))


def test_joblib_brings_it_back(tmp_path):
    scaler = FlattenScaler().fit(IMAGES)
    joblib.dump(scaler, tmp_path / "scaler")
    assert vars(joblib.load(tmp_path / "scaler")) == vars(scaler)


def test_tags_say_what_is_taken():
    tags = get_tags(FlattenScaler())
    assert tags.input_tags.two_d_array
    assert tags.input_tags.three_d_array
    assert tags.input_tags.sparse
    assert not tags.input_tags.allow_nan


def test_a_pipeline_takes_images():
    digits = load_digits()
    pipeline = make_pipeline(FlattenScaler(), LogisticRegression())
    pipeline.fit(digits.images[:500], digits.target[:500])
    assert pipeline.score(digits.images[500:], digits.target[500:]) > 0.85
    assert list(pipeline[:-1].get_feature_names_out()) == digits.feature_names


def test_mnist_is_divided_by_255_and_comes_back():
    images = load_mnist(subset="test").images
    scaler = FlattenScaler().fit(images)
    scaled = scaler.transform(images)
    expected = images.reshape(-1, 784) / np.float32(255)
    np.testing.assert_array_equal(scaled, expected)
    back = scaler.inverse_transform(scaled)
    np.testing.assert_array_equal(back.round().astype(np.uint8), images)


def test_a_column_transformer_takes_it():
    X = pd.DataFrame(ROWS, columns=list("abcd"))
    columns = ColumnTransformer([("scale", FlattenScaler(), ["a", "b"])])
    columns.set_output(transform="pandas")
    assert list(columns.fit_transform(X).columns) == ["scale__a", "scale__b"]


# Any array there is


def reference(X):
    """(X - min) / (max - min), in the widest float that is everywhere."""
    X = X.reshape(len(X), -1).astype(np.float64)
    return (X - X.min()) / ((X.max() - X.min()) or 1)


@tried_on(150, 1500)
@given(X=arrays(), layout=st.sampled_from(sorted(LAYOUTS)), clip=st.booleans())
def test_any_array_scales_as_the_formula_says(X, layout, clip):
    given_X = LAYOUTS[layout](X)
    before = copy.deepcopy(given_X)
    scaler = FlattenScaler(clip=clip).fit(given_X)
    scaled = scaler.transform(given_X)
    expected = reference(np.asarray(before))
    np.testing.assert_allclose(scaled, expected, rtol=1e-6, atol=1e-7)
    assert scaled.dtype.isnative
    assert scaled.min() >= 0
    assert scaled.max() <= 1
    np.testing.assert_array_equal(given_X, before)


@tried_on(150, 750)
@given(X=arrays(), layout=st.sampled_from(sorted(LAYOUTS)))
def test_any_array_comes_back(X, layout):
    given_X = LAYOUTS[layout](X)
    X = np.array(given_X)
    scaler = FlattenScaler().fit(given_X)
    back = scaler.inverse_transform(scaler.transform(given_X))
    assert back.shape == X.shape
    largest = max(abs(scaler.data_min_), abs(scaler.data_max_))
    atol = 8 * np.finfo(back.dtype).eps * largest
    atol += 8 * np.finfo(back.dtype).smallest_subnormal
    np.testing.assert_allclose(back, X.astype(np.float64), rtol=0, atol=atol)


TABLES = [pd.DataFrame, nullable, pl.DataFrame, sp.csr_array, sp.csc_array]


@tried_on(80, 500)
@given(
    X=arrays().filter(lambda X: X.dtype.newbyteorder("=") != np.float16),
    container=st.sampled_from(TABLES),
)
def test_any_table_scales_as_its_array(X, container):
    X = X.reshape(len(X), -1).astype(X.dtype.newbyteorder("="))
    scaler = FlattenScaler().fit(container(X))
    if sp.issparse(container(X)) and X.min() != 0:
        with pytest.raises(ValueError, match="Cannot scale sparse X"):
            scaler.transform(container(X))
        return
    scaled = scaler.transform(container(X))
    scaled = scaled.toarray() if sp.issparse(scaled) else scaled
    np.testing.assert_array_equal(scaled, FlattenScaler().fit_transform(X))


@tried_on(80, 500)
@given(X=arrays(), cut=st.floats(0, 1))
def test_any_cut_into_parts_learns_the_same_range(X, cut):
    at = int(cut * len(X))
    scaler = FlattenScaler()
    for part in (X[:at], X[at:]):
        if len(part):
            scaler.partial_fit(part)
    assert_same_scaler(scaler, FlattenScaler().fit(X))


METHOD_NAMES = ["fit", "partial_fit", "transform", "inverse_transform"]


@tried_on(80, 500)
@given(
    X=arrays().filter(lambda X: X.dtype.kind == "f"),
    layout=st.sampled_from(sorted(LAYOUTS)),
    value=st.sampled_from([np.nan, np.inf, -np.inf]),
    method=st.sampled_from(METHOD_NAMES),
    data=st.data(),
)
def test_a_value_that_is_no_number_is_refused_wherever_it_is(
    X, layout, value, method, data
):
    scaler = FlattenScaler().fit(X)
    before = copy.deepcopy(vars(scaler))
    # Of the first sample, for the layout that repeats it
    place = data.draw(st.integers(0, X[0].size - 1))
    X.reshape(-1)[place] = value
    with pytest.raises(ValueError, match=r"Input X contains (NaN|infinity)"):
        getattr(scaler, method)(LAYOUTS[layout](X))
    assert vars(scaler) == before


@tried_on(80, 500)
@given(
    X=arrays(),
    shape=SHAPES,
    method=st.sampled_from(METHOD_NAMES[1:]),
)
def test_any_other_shape_is_taken_or_refused_by_its_pixels(X, shape, method):
    scaler = FlattenScaler().fit(X)
    before = copy.deepcopy(vars(scaler))
    rows_and_images = X.ndim == 2 or len(shape) == 2
    if rows_and_images:
        fits = np.prod(X.shape[1:]) == np.prod(shape[1:])
        # One image is no rows, other than an image of a single row
        fits = fits and not (X.ndim > 2 and shape == X.shape[1:3] and shape[0] > 1)
    else:
        fits = X.shape[1:3] == shape[1:3]
    # Of the scale that the method expects, or there would be a warning
    pixel = 0 if method == "inverse_transform" else X.reshape(-1)[0]
    new = np.full(shape, pixel, X.dtype)
    if fits:
        result = getattr(scaler, method)(new)
        assert method == "partial_fit" or len(result) == shape[0]
        return
    message = r"X has (images of|\d+ features|the shape .* of a single image)"
    with pytest.raises(ValueError, match=message):
        getattr(scaler, method)(new)
    assert vars(scaler) == before

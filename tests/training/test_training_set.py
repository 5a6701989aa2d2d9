"""Training samples: their weights, and which are held out for validation."""

from collections import Counter

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from skdigits._training.training_set import TrainingSet

ROWS = st.lists(st.integers(0, 20), min_size=1, max_size=60)


def training_set(rows, y=None, sample_weight=None, class_weight=None):
    """A set whose row i holds ``rows[i]``."""
    X = np.repeat(np.asarray(rows, np.float32)[:, np.newaxis], 3, axis=1)
    y = np.zeros(len(rows), int) if y is None else np.asarray(y)
    return TrainingSet.weigh(X, y, np.unique(y), sample_weight, class_weight)


# Weights


def test_samples_without_weights_weigh_one():
    np.testing.assert_array_equal(training_set([1, 2, 3]).loss_weight, [1, 1, 1])


def test_weights_of_the_loss_are_one_on_average_in_the_type_of_the_data():
    weighed = training_set([1, 2, 3], sample_weight=[1e-30, 2e-30, 3e-30])
    weights = weighed.with_mean_weight_one().loss_weight

    np.testing.assert_allclose(weights, [0.5, 1, 1.5], rtol=1e-6)
    assert weights.dtype == np.float32


def test_a_class_weight_may_name_classes_that_have_no_sample():
    X, y = np.ones((3, 1), np.float32), np.array([1, 1, 2])
    weighed = TrainingSet.weigh(X, y, np.arange(3), None, {0: 5.0, 2: 4.0})

    np.testing.assert_array_equal(weighed.loss_weight, [1, 1, 4])


def test_samples_without_weight_are_left_out_and_all_that_belongs_to_them():
    chosen = training_set([1, 2, 3], [5, 6, 7], sample_weight=[0, 2, 1])

    np.testing.assert_array_equal(chosen.X[:, 0], [2, 3])
    np.testing.assert_array_equal(chosen.y, [6, 7])
    np.testing.assert_array_equal(chosen.class_number, [1, 2])
    np.testing.assert_array_equal(chosen.sample_weight, [2, 1])


def test_class_weights_multiply_sample_weights_in_the_loss_alone():
    chosen = training_set([1, 2], ["a", "b"], [1, 3], class_weight={"a": 3})

    np.testing.assert_allclose(chosen.loss_weight, [1, 1])
    np.testing.assert_array_equal(chosen.sample_weight, [1, 3])


def test_balanced_class_weights_make_the_classes_weigh_the_same():
    chosen = training_set(range(5), [0, 0, 0, 0, 1], [1, 1, 1, 2, 3], "balanced")

    assert chosen.loss_weight[:4].sum() == pytest.approx(chosen.loss_weight[4])


def test_a_class_of_weight_zero_is_left_out():
    assert set(training_set([1, 2], [0, 1], class_weight={0: 0}).y) == {1}


# Samples held out for validation


def split(rows, y=None, *, sample_weight=None, fraction=0.1, seed=0):
    return training_set(rows, y, sample_weight).split(fraction, seed)


def weights_by_row(part):
    """The weight of each row of each class."""
    totals = Counter()
    for row, label, weight in zip(
        part.X[:, 0], part.y, part.sample_weight, strict=True
    ):
        totals[float(row), label] += weight
    return totals


def assert_same_weights(one, other):
    one, other = weights_by_row(one), weights_by_row(other)
    assert one.keys() == other.keys()
    for row, weight in one.items():
        assert weight == pytest.approx(other[row])


def table(n_rows, n_columns):
    """Rows of bits, and whether they have an odd number of ones."""
    X = np.random.default_rng(0).integers(0, 2, (n_rows, n_columns))
    X = X.astype(np.float32)
    y = X.sum(axis=1).astype(int) % 2
    return TrainingSet.weigh(X, y, np.array([0, 1]), None, None)


@given(
    rows=st.lists(st.integers(0, 200), min_size=2, max_size=60, unique=True),
    copies=st.integers(1, 4),
    seed=st.integers(0, 2**31 - 1),
    fraction=st.floats(0.01, 0.99),
)
def test_copies_of_a_rare_row_stay_on_one_side(rows, copies, seed, fraction):
    training, held_out = split(np.repeat(rows, copies), fraction=fraction, seed=seed)

    assert len(training.y) + len(held_out.y) == copies * len(rows)
    assert not set(training.X[:, 0]) & set(held_out.X[:, 0])
    assert len(held_out.y)


def test_copies_of_many_different_rows_stay_on_one_side_however_many_they_are():
    training, held_out = split(np.repeat(np.arange(200), 20))

    assert len(held_out.y) == 400
    assert not set(training.X[:, 0]) & set(held_out.X[:, 0])


def test_copies_of_a_rare_row_stay_on_one_side_whatever_their_labels():
    rows = np.tile(np.arange(300), 2)

    for seed in range(5):
        training, held_out = split(rows, np.repeat([0, 1], 300), seed=seed)

        assert not set(training.X[:, 0]) & set(held_out.X[:, 0])


@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    seed=st.integers(0, 2**31 - 1),
    fraction=st.floats(0.01, 0.99),
)
def test_of_every_class_the_fraction_is_held_out_to_the_nearest_sample(
    sizes, seed, fraction
):
    y = np.repeat(np.arange(len(sizes)), sizes)

    training, held_out = split(np.arange(len(y)), y, fraction=fraction, seed=seed)

    in_training = np.bincount(training.y, minlength=len(sizes))
    assert (in_training >= 1).all()
    expected = fraction * np.array(sizes)
    assert (np.abs(np.array(sizes) - in_training - expected) <= 1).all()
    assert len(held_out.y) >= (max(sizes) > 1)


def test_many_rare_classes_are_held_out_in_proportion_together():
    _, held_out = split(np.arange(200), np.repeat(np.arange(100), 2))

    assert len(held_out.y) == 20


@pytest.mark.parametrize("n_columns", range(1, 7))
@pytest.mark.parametrize("fraction", [0.05, 0.1, 0.4])
def test_of_a_table_with_few_different_rows_copies_are_held_out(n_columns, fraction):
    samples = table(2000, n_columns)

    training, held_out = samples.split(fraction, seed=0)

    assert held_out.sample_weight.sum() == pytest.approx(2000 * fraction, rel=0.05)
    different = np.unique(samples.X, axis=0)
    np.testing.assert_array_equal(np.unique(training.X, axis=0), different)
    # Next to none is in both parts
    assert len(training.y) + len(held_out.y) <= 2000 + len(different)


def test_a_frequent_row_is_held_out_in_the_same_fraction_of_each_class():
    rows, y = np.zeros(300), np.repeat([0, 1], [100, 200])

    training, held_out = split(rows, y)

    np.testing.assert_array_equal(np.bincount(held_out.y), [10, 20])
    np.testing.assert_array_equal(np.bincount(training.y), [90, 180])


def test_rows_that_are_frequent_by_their_weights_alone_are_split():
    training, held_out = split([1, 2, 3], [0, 1, 0], sample_weight=[10, 20, 30])

    np.testing.assert_allclose(sorted(held_out.sample_weight), [1, 2, 3])
    np.testing.assert_allclose(sorted(training.sample_weight), [9, 18, 27])


@pytest.mark.parametrize("scale", [1e-300, 1e-3, 1.0, 1e300])
def test_the_scale_of_weights_does_not_change_how_copies_are_split(scale):
    rows = np.tile(np.arange(4), 50)

    training, held_out = split(rows, sample_weight=np.full(200, scale))

    assert len(held_out.y) == 20
    assert len(training.y) == 180


def test_a_class_keeps_its_last_row_in_training():
    # In half of the rows of the first class, the second has its only one
    rows, y = np.r_[np.arange(10), 3], np.r_[np.zeros(10, int), 1]

    for seed in range(20):
        training, _ = split(rows, y, fraction=0.9, seed=seed)

        assert set(training.y) == {0, 1}


@pytest.mark.parametrize("rows", [[1], [1, 1, 1], [1, 1, 2]])
def test_nothing_is_held_out_where_no_class_has_two_different_rows(rows):
    y = np.array(rows) - 1

    training, held_out = split(rows, y)

    assert len(training.y) == len(rows)
    assert not len(held_out.y)


@given(rows=ROWS, seed=st.integers(0, 100), data=st.data())
def test_the_order_of_the_samples_is_of_no_account(rows, seed, data):
    order = np.array(data.draw(st.permutations(range(len(rows)))))
    rows, y = np.array(rows), np.array(rows) % 3

    for part, shuffled in zip(
        split(rows, y, fraction=0.3, seed=seed),
        split(rows[order], y[order], fraction=0.3, seed=seed),
        strict=True,
    ):
        assert_same_weights(part, shuffled)


@given(rows=ROWS, seed=st.integers(0, 100), data=st.data())
def test_a_sample_of_weight_two_is_the_sample_twice(rows, seed, data):
    n = len(rows)
    counts = np.array(data.draw(st.lists(st.integers(1, 9), min_size=n, max_size=n)))
    y = np.array(data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))

    for weighted, repeated in zip(
        split(rows, y, sample_weight=counts, fraction=0.25, seed=seed),
        split(np.repeat(rows, counts), np.repeat(y, counts), fraction=0.25, seed=seed),
        strict=True,
    ):
        assert_same_weights(weighted, repeated)


@given(rows=ROWS, seed=st.integers(0, 100), fraction=st.floats(0.01, 0.99))
def test_nothing_is_lost(rows, seed, fraction):
    training, held_out = split(rows, fraction=fraction, seed=seed)

    total = weights_by_row(training) + weights_by_row(held_out)
    for (row, _), weight in total.items():
        assert weight == pytest.approx(rows.count(row))


def test_sparse_and_dense_samples_are_split_alike():
    X, y = np.eye(30, dtype=np.float32), np.zeros(30, int)
    dense = TrainingSet.weigh(X, y, np.array([0]), None, None)
    sparse = TrainingSet.weigh(sp.csr_array(X), y, np.array([0]), None, None)

    for one, other in zip(sparse.split(0.3, 0), dense.split(0.3, 0), strict=True):
        np.testing.assert_array_equal(one.X.toarray(), other.X)


def test_zero_and_minus_zero_are_equal():
    rows = [0.0, -0.0, 1.0, 2.0, 3.0]

    for seed in range(20):
        training, held_out = split(rows, fraction=0.4, seed=seed)

        assert not set(training.X[:, 0]) & set(held_out.X[:, 0])


def test_another_seed_holds_out_other_samples():
    choices = {
        tuple(split(range(50), fraction=0.3, seed=seed)[1].place) for seed in range(5)
    }

    assert len(choices) == 5


def test_more_than_a_chunk_of_rows_is_chosen_from_evenly():
    _, held_out = split(range(2500), fraction=0.2)

    assert len(held_out.y) == 500
    # 1000, 1000 and 500 rows; 5 standard deviations
    assert abs((held_out.place < 1000).sum() - 200) < 65
    assert abs((held_out.place >= 2000).sum() - 100) < 65

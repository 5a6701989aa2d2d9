"""Training samples: their weights, and which are held out for validation."""

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


@given(rows=ROWS, seed=st.integers(0, 2**31 - 1), fraction=st.floats(0.01, 0.99))
def test_equal_samples_stay_on_one_side(rows, seed, fraction):
    chosen = training_set(rows).chosen_for_validation(fraction, seed)

    assert not set(np.array(rows)[chosen]) & set(np.array(rows)[~chosen])


@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    seed=st.integers(0, 2**31 - 1),
    fraction=st.floats(0.01, 0.99),
)
def test_every_class_with_two_distinct_samples_is_on_both_sides_in_proportion(
    sizes, seed, fraction
):
    y = np.repeat(np.arange(len(sizes)), sizes)

    chosen = training_set(np.arange(len(y)), y).chosen_for_validation(fraction, seed)

    for number, size in enumerate(sizes):
        held_out = chosen[y == number].sum()
        if size == 1:
            assert held_out == 0
        else:
            assert 1 <= held_out <= size - 1
            assert abs(held_out - fraction * size) <= 1


@given(rows=ROWS, seed=st.integers(0, 100), data=st.data())
def test_the_order_of_the_samples_is_of_no_account(rows, seed, data):
    order = np.array(data.draw(st.permutations(range(len(rows)))))
    y = np.array(rows) % 3

    chosen = training_set(rows, y).chosen_for_validation(0.3, seed)
    shuffled = training_set(np.array(rows)[order], y[order])

    np.testing.assert_array_equal(
        shuffled.chosen_for_validation(0.3, seed), chosen[order]
    )


@given(rows=ROWS, seed=st.integers(0, 100), data=st.data())
def test_a_sample_of_weight_two_is_the_sample_twice(rows, seed, data):
    n = len(rows)
    counts = np.array(data.draw(st.lists(st.integers(1, 3), min_size=n, max_size=n)))

    weighted = training_set(rows, sample_weight=counts)
    repeated = training_set(np.repeat(rows, counts))

    np.testing.assert_array_equal(
        np.repeat(weighted.chosen_for_validation(0.25, seed), counts),
        repeated.chosen_for_validation(0.25, seed),
    )


def test_sparse_and_dense_samples_are_chosen_alike():
    X = np.eye(30, dtype=np.float32)
    dense = TrainingSet.weigh(X, np.zeros(30, int), np.array([0]), None, None)
    sparse = TrainingSet.weigh(
        sp.csr_array(X), np.zeros(30, int), np.array([0]), None, None
    )

    np.testing.assert_array_equal(
        sparse.chosen_for_validation(0.3, 0), dense.chosen_for_validation(0.3, 0)
    )


def test_zero_and_minus_zero_are_equal():
    rows = [0.0, -0.0, 1.0, 2.0, 3.0]

    for seed in range(20):
        chosen = training_set(rows).chosen_for_validation(0.4, seed)

        assert chosen[0] == chosen[1]


def test_another_seed_chooses_other_samples():
    samples = training_set(range(50))

    choices = {tuple(samples.chosen_for_validation(0.3, seed)) for seed in range(5)}

    assert len(choices) == 5


def test_more_than_a_chunk_of_rows_is_chosen_from_evenly():
    chosen = training_set(range(2500)).chosen_for_validation(0.2, 0)

    assert chosen.sum() == 500
    # 1000, 1000 and 500 rows; 5 standard deviations
    for part, expected in ((chosen[:1000], 200), (chosen[2000:], 100)):
        assert abs(part.sum() - expected) < 65

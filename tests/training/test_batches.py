"""An epoch in blocks of batches: every row once, whatever the sizes."""

import math
import threading

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from skdigits._training import batches as batches_module
from skdigits._training.batches import Batches, BlockShape, Epoch


def numbered_rows(n_samples, n_features=2, *, sparse=False):
    """Rows that hold their own number, from 1; labels and weights do, too."""
    number = np.arange(1, n_samples + 1)
    X = np.repeat(number[:, np.newaxis], n_features, axis=1).astype(np.float32)
    return sp.csr_array(X) if sparse else X, number, number.astype(np.float32)


def steps(batches, order, augment=None):
    """The batches of an epoch, rows without weight left out."""
    result = []
    for block in batches.blocks([0], lambda _: Epoch(order, augment)):
        assert block.first_step == len(result)
        for step in range(block.n_steps):
            filled = block.sample_weight[step] > 0
            arrays = block.X[step], block.y[step], block.sample_weight[step]
            result.append([array[filled].copy() for array in arrays])
    return result


@given(
    n_samples=st.integers(1, 200),
    n_features=st.integers(1, 5),
    batch_size=st.integers(1, 250),
    block_bytes=st.integers(1, 5000),
    sparse=st.booleans(),
    seed=st.integers(0, 9),
)
def test_an_epoch_has_every_row_once_in_the_order_asked_for(
    n_samples, n_features, batch_size, block_bytes, sparse, seed
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches_module, "_BLOCK_BYTES", block_bytes)
        X, y, weight = numbered_rows(n_samples, n_features, sparse=sparse)
        shape = BlockShape.suited_to(X, batch_size, epochs=3)
    batches = Batches(X, y, weight, batch_size, shape)
    order = np.random.default_rng(seed).permutation(n_samples)

    epoch = steps(batches, order)

    assert len(epoch) == batches.n_steps == math.ceil(n_samples / batch_size)
    for position, (rows, labels, weights) in enumerate(epoch):
        expected = order[position * batch_size :][:batch_size] + 1
        np.testing.assert_array_equal(labels, expected)
        np.testing.assert_array_equal(weights, expected)
        np.testing.assert_array_equal(
            rows, expected[:, np.newaxis] + np.zeros(rows.shape)
        )


@given(
    n_samples=st.integers(1, 10_000),
    n_features=st.integers(1, 2000),
    batch_size=st.integers(1, 10_000),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_a_block_is_no_larger_than_asked_for_unless_a_single_step_is(
    n_samples, n_features, batch_size, dtype
):
    X = np.broadcast_to(np.zeros(1, dtype), (n_samples, n_features))

    shape = BlockShape.suited_to(X, batch_size, epochs=3)

    size = shape.n_steps * shape.n_rows * n_features * X.itemsize
    assert size <= batches_module._BLOCK_BYTES or shape.n_steps == 1
    assert shape.n_rows <= batch_size
    assert shape.n_steps <= 256


def test_trainings_of_many_steps_have_the_same_shape():
    shapes = {
        BlockShape.suited_to(np.zeros((n_samples, 3), np.float32), 32, epochs=256)
        for n_samples in (32, 33, 500, 20_000)
    }

    assert len(shapes) == 1


def test_a_block_has_room_for_hardly_more_steps_than_there_are():
    X = np.zeros((40, 3), np.float32)

    assert BlockShape.suited_to(X, 8, epochs=1) == BlockShape(n_steps=8, n_rows=8)
    assert BlockShape.suited_to(X, 8, epochs=2) == BlockShape(n_steps=16, n_rows=8)


@given(
    n_samples=st.integers(1, 40),
    batch_size=st.integers(1, 50),
    n_epochs=st.integers(1, 4),
    sparse=st.booleans(),
)
def test_several_epochs_in_a_block_are_those_of_a_block_each(
    n_samples, batch_size, n_epochs, sparse
):
    X, y, weight = numbered_rows(n_samples, sparse=sparse)
    n_rows, n_steps = min(batch_size, n_samples), math.ceil(n_samples / batch_size)
    rng = np.random.default_rng(0)
    epochs = [
        Epoch(rng.permutation(n_samples), lambda rows, by=by: rows * by)
        for by in range(n_epochs)
    ]

    together = Batches(X, y, weight, batch_size, BlockShape(4 * n_steps, n_rows))
    (block,) = together.blocks(range(n_epochs), epochs.__getitem__)

    assert block.n_steps == n_epochs * n_steps
    alone = Batches(X, y, weight, batch_size, BlockShape(n_steps, n_rows))
    for number in range(n_epochs):
        (of_epoch,) = alone.blocks([number], epochs.__getitem__)
        part = slice(number * n_steps, (number + 1) * n_steps)
        for name in ("X", "y", "sample_weight"):
            filled = of_epoch.sample_weight > 0
            np.testing.assert_array_equal(
                getattr(block, name)[part][filled], getattr(of_epoch, name)[filled]
            )
        np.testing.assert_array_equal(block.sample_weight[part], of_epoch.sample_weight)


def test_rows_that_fill_up_weigh_zero_in_every_epoch():
    X, y, weight = numbered_rows(5)
    batches = Batches(X, y, weight, 2, BlockShape(n_steps=2, n_rows=2))

    for _ in range(2):
        # The second block is filled up after the first has left its rows in it
        *_, last = batches.blocks([0], lambda _: Epoch(np.arange(5)))

        assert last.n_steps == 1
        np.testing.assert_array_equal(last.sample_weight[:1], [[5, 0]])


@pytest.mark.parametrize("sparse", [False, True])
def test_augmenting_changes_the_batches_but_not_the_data(sparse):
    X, y, weight = numbered_rows(5, sparse=sparse)
    before = X.copy()
    batches = Batches(X, y, weight, 2, BlockShape(n_steps=4, n_rows=2))

    def negate_in_place(rows):
        rows *= -1
        return rows

    for _ in range(2):
        epoch = steps(batches, np.arange(5), negate_in_place)

        np.testing.assert_array_equal(
            np.concatenate([rows for rows, *_ in epoch])[:, 0], [-1, -2, -3, -4, -5]
        )
    assert abs(X - before).max() == 0


def test_augmenting_is_given_the_rows_without_the_fill():
    X, y, weight = numbered_rows(5)
    batches = Batches(X, y, weight, 2, BlockShape(n_steps=2, n_rows=2))
    seen = []

    def look(rows):
        seen.append(rows.shape)
        return rows

    steps(batches, np.arange(5), look)

    assert seen == [(4, 2), (1, 2)]


def test_the_next_block_is_prepared_while_one_is_trained_on():
    X, y, weight = numbered_rows(4)
    batches = Batches(X, y, weight, 1, BlockShape(n_steps=2, n_rows=1))
    prepared = []
    second_is_prepared = threading.Event()

    def note(rows):
        prepared.append(len(rows))
        if len(prepared) == 2:
            second_is_prepared.set()
        return rows

    blocks = batches.blocks([0], lambda _: Epoch(np.arange(4), note))
    first = next(blocks)

    assert second_is_prepared.wait(timeout=60)
    np.testing.assert_array_equal(first.y[:, 0], [1, 2])


def test_an_error_while_the_next_block_is_prepared_is_raised_when_it_is_due():
    X, y, weight = numbered_rows(4)
    batches = Batches(X, y, weight, 1, BlockShape(n_steps=2, n_rows=1))

    def no_three(rows):
        if 3 in rows:
            raise ValueError("a three")
        return rows

    blocks = batches.blocks([0], lambda _: Epoch(np.arange(4), no_three))

    np.testing.assert_array_equal(next(blocks).y[:, 0], [1, 2])
    with pytest.raises(ValueError, match="a three"):
        next(blocks)


def test_no_thread_is_left_when_the_blocks_are_given_up():
    X, y, weight = numbered_rows(100)
    batches = Batches(X, y, weight, 1, BlockShape(n_steps=2, n_rows=1))
    before = threading.active_count()

    blocks = batches.blocks([0], lambda _: Epoch(np.arange(100)))
    next(blocks)
    blocks.close()

    assert threading.active_count() == before

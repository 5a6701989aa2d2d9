"""MLPDigitClassifier on any data there is, held against the same data in plain form.

Plain are native arrays in one piece: rows of the network's float type, labels 0, 1, 2
and so on, weights in float64. A training in NumPy is the reference for those.
"""

import copy
import re
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
from arrays import DTYPES, LAYOUTS, nullable
from helpers import same_weights, small, tried_on, weights
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

# Few, since every other number of samples or classes needs a network of its own
N_SAMPLES = st.sampled_from([2, 5, 16, 17])
N_CLASSES = st.sampled_from([2, 3, 12])
SEEDS = st.integers(0, 10_000)


def tiny(**parameters):
    return small(
        **{"hidden_layer_sizes": (4,), "batch_size": 8, "epochs": 2} | parameters
    )


def labels_of(n_samples, n_classes, seed):
    """Numbers of classes, from 0 on; all of them, if there are samples enough."""
    numbers = np.arange(n_samples) % n_classes
    return np.random.default_rng(seed).permutation(numbers)


def pixels_of(n_samples, dtype, seed, shape=(6,)):
    """Numbers from 0 to 10, or halves between 0 and 1."""
    drawn = np.random.default_rng(seed).integers(0, 11, (n_samples, *shape))
    return (drawn / 10 if dtype.kind == "f" else drawn).astype(dtype)


def reference_probabilities(X, classifier):
    """The forward pass of a network of relus, in float64."""
    *hidden, last = zip(classifier.coefs_, classifier.intercepts_, strict=True)
    for coef, intercept in hidden:
        X = np.maximum(X @ coef.astype(np.float64) + intercept, 0)
    return softmax(X @ last[0].astype(np.float64) + last[1], axis=1)


# What X may be


TABLES = {
    "pandas": pd.DataFrame,
    "pandas with missing values": nullable,
    "polars": pl.DataFrame,
    "CSR": sp.csr_array,
    "CSC": sp.csc_array,
    "COO": sp.coo_matrix,
}


@tried_on(6, 150)
@given(
    n_samples=N_SAMPLES,
    dtype=DTYPES,
    shape=st.sampled_from([(6,), (2, 3), (3, 2, 1), (1, 6)]),
    form=st.sampled_from([*LAYOUTS, *TABLES]),
    batch_size=st.sampled_from([1, 4, 16, 17, 18, 1000]),
    seed=SEEDS,
)
def test_whatever_form_images_have_the_network_is_that_of_plain_rows(
    n_samples, dtype, shape, form, batch_size, seed
):
    if form in TABLES:
        # Rows, and of types that pandas, polars and SciPy know
        shape = (6,)
        assume(dtype.newbyteorder("=") != np.float16)
        dtype = dtype.newbyteorder("=")
    pixels = pixels_of(n_samples, dtype, seed, shape)
    X = {**LAYOUTS, **TABLES}[form](pixels)
    y = labels_of(n_samples, 3, seed)
    before = copy.deepcopy(X)

    fitted = tiny(batch_size=batch_size).fit(X, y)
    probabilities = fitted.predict_proba(X)

    if form == "repeated, of no memory":
        pixels = np.array(X)
    wide = dtype.kind == "f" and (dtype.itemsize == 8 or form == "list")
    plain = np.ascontiguousarray(
        pixels.reshape(n_samples, -1), np.float64 if wide else np.float32
    )
    assert same_weights(fitted, tiny(batch_size=batch_size).fit(plain, y))
    np.testing.assert_allclose(
        probabilities, reference_probabilities(plain, fitted), rtol=0, atol=1e-5
    )
    if sp.issparse(X):
        X, before = X.toarray(), before.toarray()
    np.testing.assert_array_equal(X, before)


# What y may be


def as_strings(numbers):
    return np.array([f"class {number:02}" for number in numbers])


LABELS = {
    **{
        f"{order}{kind}": lambda y, dtype=f"{order}{kind}": y.astype(dtype)
        for order in "<>"
        for kind in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
    },
    "the largest integers": lambda y: y.astype(np.uint64) + (2**64 - 20),
    "negative": lambda y: y - 6,
    "booleans": lambda y: y > 0,
    "strings": as_strings,
    "strings as objects": lambda y: as_strings(y).astype(object),
    "a list": lambda y: y.tolist(),
    "a tuple of strings": lambda y: tuple(as_strings(y).tolist()),
    "reversed": lambda y: y[::-1].copy()[::-1],
    "strided": lambda y: np.repeat(y, 3)[::3],
    "read-only": LAYOUTS["read-only"],
    "memory-mapped": LAYOUTS["memory-mapped"],
    "pandas": pd.Series,
    "pandas, with an index": lambda y: pd.Series(y, index=range(99, 99 - len(y), -1)),
    "pandas strings": lambda y: pd.Series(as_strings(y)),
    "pandas Int64": lambda y: pd.Series(y, dtype="Int64"),
    "pandas boolean": lambda y: pd.Series(y > 0, dtype="boolean"),
    "pandas string": lambda y: pd.Series(as_strings(y), dtype="string"),
    "pandas category": lambda y: pd.Series(as_strings(y), dtype="category"),
    "pandas category of ints": lambda y: pd.Series(y, dtype="category"),
    "pandas Categorical": lambda y: pd.Categorical(as_strings(y)),
    "pandas category in an order of its own": lambda y: pd.Categorical(
        as_strings(y), sorted(set(as_strings(y)), reverse=True), ordered=True
    ),
    "polars": pl.Series,
    "polars strings": lambda y: pl.Series(as_strings(y)),
    "polars Categorical": lambda y: pl.Series(as_strings(y)).cast(pl.Categorical),
    # These are refused
    "bytes": lambda y: as_strings(y).astype(bytes),
    "integers as objects": lambda y: y.astype(object),
    "booleans as objects": lambda y: (y > 0).astype(object),
    "fractions": lambda y: y + 0.5,
    "complex": lambda y: y * 1j,
    "columns": lambda y: np.column_stack([y, y]),
}


def attempt(estimator, *data):
    """Fit an estimator, and return it or what it says."""
    try:
        return estimator.fit(*data)
    except (ValueError, TypeError) as error:
        # The one names its float type, the other itself
        name = type(estimator).__name__
        return type(error), re.sub(rf"{name}|'float\d\d'", "", str(error))


def assert_says_as_much(refused, peer):
    """Assert that an error is that of the peer, perhaps with a way out after it."""
    (kind, message), (kind_of_peer, message_of_peer) = refused, peer
    assert kind is kind_of_peer
    beginnings = (message_of_peer, "y must not", "Unknown label type: y")
    assert message.startswith(beginnings)


@tried_on(8, 150)
@given(
    n_samples=N_SAMPLES,
    n_classes=N_CLASSES,
    kind=st.sampled_from([*LABELS]),
    seed=SEEDS,
)
# Of either classifier, about a few samples of many classes
@pytest.mark.filterwarnings("ignore:The number of unique classes")
def test_labels_are_taken_or_refused_as_by_scikit_learn_and_learned_as_plain_ones(
    n_samples, n_classes, kind, seed
):
    numbers = labels_of(n_samples, n_classes, seed)
    X = pixels_of(n_samples, np.dtype(np.float32), seed)
    labels = LABELS[kind](numbers)
    before = copy.deepcopy(labels)
    # So that its first step is the last
    # scikit-learn makes floats of pandas's own integers and booleans
    plain_labels = {"pandas Int64": numbers, "pandas boolean": numbers > 0}
    given = plain_labels.get(kind, labels)
    peer = attempt(LogisticRegression(tol=1e9), X, given)

    classifier = attempt(tiny(), X, labels)

    if isinstance(peer, tuple):
        assert_says_as_much(classifier, peer)
        return
    assert classifier.classes_.dtype == peer.classes_.dtype
    np.testing.assert_array_equal(classifier.classes_, peer.classes_)
    plain = np.searchsorted(peer.classes_, np.asarray(given, peer.classes_.dtype))
    fitted_plain = tiny().fit(X, plain)
    assert same_weights(classifier, fitted_plain)
    predicted = classifier.predict(X)
    assert predicted.dtype == classifier.classes_.dtype
    np.testing.assert_array_equal(predicted, peer.classes_[fitted_plain.predict(X)])
    np.testing.assert_array_equal(labels, before)


# What sample_weight may be


WEIGHTS = {
    **{
        f"{order}{name}": lambda w, name=f"{order}{name}": w.astype(name)
        for order in "<>"
        for name in ("u1", "u2", "u8", "i1", "i4", "i8", "f2", "f4", "f8")
    },
    "booleans": lambda w: w > 0,
    "a list": lambda w: w.tolist(),
    "a tuple": lambda w: tuple(w.tolist()),
    "reversed": lambda w: w[::-1].copy()[::-1],
    "strided": lambda w: np.repeat(w, 3)[::3],
    "read-only": LAYOUTS["read-only"],
    "memory-mapped": LAYOUTS["memory-mapped"],
    "pandas": lambda w: pd.Series(w, index=range(99, 99 - len(w), -1)),
    "pandas Int64": lambda w: pd.Series(w, dtype="Int64"),
    "polars": pl.Series,
    "a number": lambda w: 3,
}


@tried_on(5, 60)
@given(
    n_samples=N_SAMPLES,
    kind=st.sampled_from([*WEIGHTS]),
    dtype=st.sampled_from([np.float32, np.float64]),
    seed=SEEDS,
)
def test_weights_of_any_kind_weigh_the_same(n_samples, kind, dtype, seed):
    X = pixels_of(n_samples, np.dtype(dtype), seed)
    y = labels_of(n_samples, 3, seed)
    whole = np.random.default_rng(seed).integers(0, 4, n_samples)
    whole[0] = 1
    weight = WEIGHTS[kind](whole)
    before = copy.deepcopy(weight)

    classifier = tiny().fit(X, y, sample_weight=weight)

    plain = np.broadcast_to(np.asarray(weight, np.float64), n_samples).copy()
    assert same_weights(classifier, tiny().fit(X, y, sample_weight=plain))
    np.testing.assert_array_equal(weight, before)


# How it is trained


def trained_in_numpy(start, X, y, weight, *, batch_size, learning_rate, epochs):
    """Weights after gradient descent by batches, and the loss of the last epoch."""
    coefs, intercepts = (copy.deepcopy(arrays) for arrays in start)
    targets = np.eye(coefs[-1].shape[1])[y]
    weight = weight / weight.mean()
    for _ in range(epochs):
        loss = 0.0
        for first in range(0, len(X), batch_size):
            batch = slice(first, first + batch_size)
            inputs = [X[batch]]
            for coef, intercept in zip(coefs, intercepts, strict=True):
                sums = inputs[-1] @ coef + intercept
                inputs.append(np.maximum(sums, 0))
            probabilities = softmax(sums, axis=1)
            loss -= weight[batch] @ (targets[batch] * np.log(probabilities)).sum(axis=1)
            gradient = (probabilities - targets[batch]) * weight[batch, np.newaxis]
            gradient /= len(inputs[0])
            for layer in reversed(range(len(coefs))):
                below = (gradient @ coefs[layer].T) * (inputs[layer] > 0)
                coefs[layer] -= learning_rate * inputs[layer].T @ gradient
                intercepts[layer] -= learning_rate * gradient.sum(axis=0)
                gradient = below
    return [*coefs, *intercepts], loss / weight.sum()


@tried_on(5, 60)
@given(
    n_samples=N_SAMPLES,
    n_classes=N_CLASSES,
    sizes=st.sampled_from([(), (4,), (4, 3)]),
    beyond=st.sampled_from([-10, -1, 0, 1, 10, 1000]),
    weighted=st.booleans(),
    seed=SEEDS,
)
def test_gradient_descent_is_that_of_numpy_whatever_the_batch_size(
    n_samples, n_classes, sizes, beyond, weighted, seed
):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n_samples, 6)), labels_of(n_samples, n_classes, seed)
    weight = rng.uniform(0.5, 2, n_samples) if weighted else np.ones(n_samples)
    classifier = small(
        hidden_layer_sizes=sizes,
        optimizer="sgd",
        weight_decay=0,
        shuffle=False,
        batch_size=max(1, n_samples + beyond),
        epochs=2,
        random_state=seed,
    )
    barely = copy.deepcopy(classifier).set_params(learning_rate=1e-300).fit(X, y)

    classifier.set_params(learning_rate=0.1).fit(X, y, sample_weight=weight)

    expected, loss = trained_in_numpy(
        (barely.coefs_, barely.intercepts_),
        *(X, y, weight),
        batch_size=classifier.batch_size,
        learning_rate=np.float32(0.1),
        epochs=2,
    )
    for ours, reference in zip(weights(classifier), expected, strict=True):
        np.testing.assert_allclose(ours, reference, rtol=0, atol=1e-9)
    assert classifier.loss_ == pytest.approx(loss, rel=1e-9)


# What is refused


X_GOOD = pixels_of(16, np.dtype(np.float32), seed=0)
Y_GOOD = labels_of(16, 3, seed=0)


def with_a_value(array, value, place):
    array = np.array(array)
    array.reshape(-1)[place % array.size] = value
    return array


DAMAGES = {
    "NaN": lambda X, y, w, at: (with_a_value(X, np.nan, at), y, w),
    "infinity": lambda X, y, w, at: (with_a_value(X, -np.inf, at), y, w),
    "one dimension": lambda X, y, w, at: (X[:, 0], y, w),
    "no sample": lambda X, y, w, at: (X[:0], y[:0], w[:0]),
    "no feature": lambda X, y, w, at: (X[:, :0], y, w),
    "complex": lambda X, y, w, at: (X * 1j, y, w),
    "words": lambda X, y, w, at: (with_a_value(X.astype(object), "dark", at), y, w),
    "sparse NaN": lambda X, y, w, at: (
        sp.csr_array(with_a_value(X, np.nan, at)),
        y,
        w,
    ),
    "samples without labels": lambda X, y, w, at: (X, y[1:], w),
    "no labels": lambda X, y, w, at: (X, None, w),
    "NaN as label": lambda X, y, w, at: (X, with_a_value(y * 1.0, np.nan, at), w),
    "label between": lambda X, y, w, at: (X, with_a_value(y * 1.0, 0.5, at), w),
    "label tables": lambda X, y, w, at: (X, np.eye(3)[y], w),
    "NaN as weight": lambda X, y, w, at: (X, y, with_a_value(w, np.nan, at)),
    "infinite weight": lambda X, y, w, at: (X, y, with_a_value(w, np.inf, at)),
    "too few weights": lambda X, y, w, at: (X, y, w[1:]),
    "weights in a table": lambda X, y, w, at: (X, y, np.column_stack([w, w])),
}


@tried_on(30, 150)
@given(
    damage=st.sampled_from([*DAMAGES]), place=st.integers(0, 200), refit=st.booleans()
)
def test_bad_data_is_refused_in_scikit_learns_words_and_changes_nothing(
    damage, place, refit
):
    classifier = tiny()
    if refit:
        classifier.fit(X_GOOD, Y_GOOD)
    before = copy.deepcopy(vars(classifier))
    data = DAMAGES[damage](X_GOOD, Y_GOOD, np.ones(16), place)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = attempt(LogisticRegression(), *data)

    refused = attempt(classifier, *data)

    assert isinstance(peer, tuple)
    assert_says_as_much(refused, peer)
    np.testing.assert_equal(vars(classifier), before)

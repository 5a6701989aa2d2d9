"""MLPDigitClassifier as scikit-learn's users meet it."""

import copy
import pickle

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
from helpers import (
    assert_weights_close,
    keras_output,
    same_weights,
    small,
    weights,
)
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.class_weight import compute_sample_weight

from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist

NAMES = [f"pixel{number}" for number in range(784)]


@pytest.fixture(scope="module")
def fitted(mnist):
    return small().fit(mnist.X_train, mnist.y_train)


def test_learns_digits_with_its_defaults():
    train, test = load_mnist("train"), load_mnist("test")
    scaler = FlattenScaler().fit(train.images[:5000])

    classifier = MLPDigitClassifier(random_state=0)
    classifier.fit(scaler.transform(train.images[:5000]), train.target[:5000])

    score = classifier.score(scaler.transform(test.images[:2000]), test.target[:2000])
    assert score > 0.92


# What a fit leaves behind


def test_weights_are_arrays_named_and_shaped_as_in_scikit_learn(fitted):
    assert [coef.shape for coef in fitted.coefs_] == [(784, 16), (16, 10)]
    assert [intercept.shape for intercept in fitted.intercepts_] == [(16,), (10,)]
    assert all(type(array) is np.ndarray for array in weights(fitted))
    assert fitted.n_layers_ == 3
    assert fitted.n_outputs_ == 10


def test_the_classes_are_the_sorted_labels(fitted):
    np.testing.assert_array_equal(fitted.classes_, np.arange(10))


def test_the_training_is_recorded_epoch_by_epoch(fitted):
    assert fitted.n_iter_ == len(fitted.loss_curve_) == 3
    assert fitted.loss_ == fitted.loss_curve_[-1]
    assert fitted.loss_curve_ == sorted(fitted.loss_curve_, reverse=True)
    assert fitted.validation_scores_ is None
    assert fitted.best_validation_score_ is None


def test_history_is_a_dict_of_lists_of_floats(fitted):
    assert type(fitted.history_) is dict
    assert set(fitted.history_) == {"loss", "accuracy"}
    for values in fitted.history_.values():
        assert [type(value) for value in values] == [float] * 3
    assert fitted.history_["loss"] == fitted.loss_curve_


def test_rows_have_a_count_of_features_and_no_image_shape(fitted):
    assert fitted.n_features_in_ == 784
    assert fitted.image_shape_ is None
    assert not hasattr(fitted, "feature_names_in_")


def test_fit_returns_the_classifier(mnist):
    classifier = small()

    assert classifier.fit(mnist.X_train, mnist.y_train) is classifier


def test_fit_changes_no_parameter(mnist):
    classifier = MLPDigitClassifier([16], batch_size=32, epochs=3)
    before = classifier.get_params()

    classifier.fit(mnist.X_train, mnist.y_train)

    after = classifier.get_params()
    assert after == before
    assert all(after[name] is before[name] for name in before)


def test_changing_a_parameter_after_fit_does_not_change_predictions(mnist, fitted):
    changed = copy.deepcopy(fitted).set_params(activation="tanh", hidden_layer_sizes=3)

    np.testing.assert_array_equal(
        changed.predict_proba(mnist.X_test), fitted.predict_proba(mnist.X_test)
    )


# Predictions


def test_probabilities_are_a_distribution_over_the_classes(mnist, fitted):
    probabilities = fitted.predict_proba(mnist.X_test)

    assert probabilities.shape == (200, 10)
    assert probabilities.dtype == np.float32
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)


def test_labels_are_the_most_probable_and_scored_by_accuracy(mnist, fitted):
    predicted = fitted.predict(mnist.X_test)

    most_probable = fitted.predict_proba(mnist.X_test).argmax(axis=1)
    np.testing.assert_array_equal(predicted, fitted.classes_[most_probable])
    score = fitted.score(mnist.X_test, mnist.y_test)
    assert score == np.mean(predicted == mnist.y_test) > 0.6


@pytest.mark.filterwarnings("ignore:X has values from .* far outside")
def test_log_probabilities_are_finite_where_probabilities_are_zero(mnist, fitted):
    far_out = mnist.X_test * 1e4

    assert (fitted.predict_proba(far_out) == 0).any()
    assert np.isfinite(fitted.predict_log_proba(far_out)).all()
    np.testing.assert_allclose(
        np.exp(fitted.predict_log_proba(mnist.X_test)),
        fitted.predict_proba(mnist.X_test),
        rtol=1e-5,
    )


@pytest.mark.parametrize(
    "method", ["predict", "predict_proba", "predict_log_proba", "score"]
)
def test_predicting_before_fit_is_an_error(method, mnist):
    arguments = [mnist.X_test, mnist.y_test][: 2 if method == "score" else 1]

    with pytest.raises(NotFittedError, match="MLPDigitClassifier instance is not"):
        getattr(small(), method)(*arguments)


# What X may be


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1)])
def test_images_and_rows_give_the_same_network(shape, mnist, fitted):
    images = mnist.X_train.reshape(-1, *shape)

    on_images = small().fit(images, mnist.y_train)

    assert on_images.image_shape_ == shape
    assert on_images.n_features_in_ == 784
    assert same_weights(on_images, fitted)
    for X_test in (mnist.X_test, mnist.X_test.reshape(-1, 28, 28)):
        np.testing.assert_array_equal(
            on_images.predict_proba(X_test), fitted.predict_proba(mnist.X_test)
        )


def test_a_network_is_of_the_float_type_of_the_data(mnist, fitted):
    X = mnist.X_train.astype(np.float64)

    double = small().fit(X, mnist.y_train)

    assert {array.dtype for array in weights(fitted)} == {np.dtype("float32")}
    assert {array.dtype for array in weights(double)} == {np.dtype("float64")}
    assert double.predict_proba(mnist.X_test).dtype == np.float64
    assert double.score(mnist.X_test, mnist.y_test) > 0.6


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, bool, np.float16])
def test_other_numbers_become_float32(dtype, mnist):
    X = (mnist.X_train > 0.5).astype(dtype)

    classifier = small().fit(X, mnist.y_train)

    assert {array.dtype for array in weights(classifier)} == {np.dtype("float32")}
    assert same_weights(classifier, small().fit(X.astype(np.float32), mnist.y_train))


@pytest.mark.parametrize(
    ("dtype", "plain"), [(">f4", "f4"), (">f8", "f8"), (np.longdouble, "f8")]
)
def test_byte_order_is_of_no_account_and_longer_floats_become_float64(
    dtype, plain, mnist
):
    X, y = mnist.X_train.astype(np.float64), mnist.y_train

    classifier = small().fit(X.astype(dtype), y)

    assert same_weights(classifier, small().fit(X.astype(plain), y))
    np.testing.assert_array_equal(
        classifier.predict_proba(X.astype(dtype)), classifier.predict_proba(X)
    )


@pytest.mark.parametrize("container", [sp.csr_array, sp.csr_matrix, sp.csc_array])
def test_sparse_and_dense_data_give_the_same_network(container, mnist, fitted):
    X = container(mnist.X_train)

    sparse = small().fit(X, mnist.y_train)

    assert same_weights(sparse, fitted)
    np.testing.assert_allclose(
        sparse.predict_proba(container(mnist.X_test)),
        fitted.predict_proba(mnist.X_test),
        atol=1e-6,
    )


@pytest.mark.parametrize(
    "frame",
    [
        lambda X: pd.DataFrame(X, columns=NAMES),
        lambda X: pl.DataFrame(X, schema=NAMES),
    ],
    ids=["pandas", "polars"],
)
def test_dataframes_give_the_same_network_and_name_the_features(frame, mnist, fitted):
    classifier = small().fit(frame(mnist.X_train), mnist.y_train)

    np.testing.assert_array_equal(classifier.feature_names_in_, NAMES)
    assert same_weights(classifier, fitted)
    np.testing.assert_array_equal(
        classifier.predict(frame(mnist.X_test)), fitted.predict(mnist.X_test)
    )


@pytest.mark.parametrize(
    "layout",
    [np.asfortranarray, lambda X: np.repeat(X, 2, axis=0)[::2], lambda X: X.tolist()],
    ids=["column-major", "strided", "list"],
)
def test_the_layout_in_memory_is_of_no_account(layout, mnist):
    X = mnist.X_train.astype(np.float64)

    assert same_weights(
        small().fit(layout(X), mnist.y_train), small().fit(X, mnist.y_train)
    )


def test_fit_and_predict_do_not_change_the_data(mnist):
    X, y = mnist.X_train.copy(), mnist.y_train.copy()

    small(augment=lambda images, rng: np.negative(images, out=images)).fit(X, y)
    small(hidden_layer_sizes=()).fit(X, y).predict_proba(X)

    np.testing.assert_array_equal(X, mnist.X_train)
    np.testing.assert_array_equal(y, mnist.y_train)


# What y may be


@pytest.mark.parametrize(
    "labels",
    [
        np.array(list("abcdefghij")),
        np.array([f"digit {number}" for number in range(10)], dtype=object),
        np.array([-7, -1, 0, 3, 4, 10, 11, 500, 501, 10**12]),
        np.arange(10.0),
    ],
    ids=["str", "object", "int with gaps", "whole float"],
)
def test_labels_of_any_kind_are_learned_alike(labels, mnist, fitted):
    classifier = small().fit(mnist.X_train, labels[mnist.y_train])

    np.testing.assert_array_equal(classifier.classes_, labels)
    assert same_weights(classifier, fitted)
    predicted = classifier.predict(mnist.X_test)
    assert predicted.dtype == labels.dtype
    np.testing.assert_array_equal(predicted, labels[fitted.predict(mnist.X_test)])


@pytest.mark.parametrize("container", [list, pd.Series, pl.Series])
def test_labels_may_come_in_any_container(container, mnist, fitted):
    classifier = small().fit(mnist.X_train, container(mnist.y_train))

    assert same_weights(classifier, fitted)


def test_two_classes_have_two_probabilities(mnist):
    even = mnist.y_train % 2 == 0

    classifier = small().fit(mnist.X_train, even)

    np.testing.assert_array_equal(classifier.classes_, [False, True])
    assert classifier.n_outputs_ == 2
    assert classifier.predict_proba(mnist.X_test).shape == (200, 2)
    predicted = classifier.predict(mnist.X_test)
    assert predicted.dtype == bool
    assert np.mean(predicted == (mnist.y_test % 2 == 0)) > 0.7


@pytest.mark.filterwarnings("ignore:[^$]*softmax over axis -1:UserWarning")
def test_a_single_class_is_certain(mnist):
    classifier = small().fit(mnist.X_train, np.full(300, "digit"))

    assert set(classifier.predict(mnist.X_test)) == {"digit"}
    np.testing.assert_array_equal(classifier.predict_proba(mnist.X_test), 1)
    np.testing.assert_allclose(
        keras_output(classifier.model_, mnist.X_test), 1, rtol=1e-6
    )
    assert classifier.history_["accuracy"] == [1.0, 1.0, 1.0]


# Parameters that change the training


@pytest.mark.parametrize("optimizer", ["adam", "adamax", "nadam", "rmsprop", "sgd"])
def test_every_optimizer_lowers_the_loss(optimizer, mnist):
    rate = 0.05 if optimizer == "sgd" else 0.003

    classifier = small(optimizer=optimizer, learning_rate=rate)
    classifier.fit(mnist.X_train, mnist.y_train)

    first, _, last = classifier.loss_curve_
    assert last < 0.8 * first


def test_hidden_layers_may_be_none_one_or_several(mnist):
    for sizes, shapes in [
        ((), [(784, 10)]),
        (16, [(784, 16), (16, 10)]),
        (np.array([16, 8]), [(784, 16), (16, 8), (8, 10)]),
    ]:
        classifier = small(hidden_layer_sizes=sizes).fit(mnist.X_train, mnist.y_train)

        assert [coef.shape for coef in classifier.coefs_] == shapes
        assert classifier.loss_ < 0.9 * classifier.loss_curve_[0]


def test_dropout_trains_to_other_weights_and_a_sensible_accuracy(mnist, fitted):
    classifier = small(dropout=0.2, epochs=10).fit(mnist.X_train, mnist.y_train)

    assert not same_weights(classifier, fitted)
    assert classifier.score(mnist.X_test, mnist.y_test) > 0.65


def test_dropout_is_for_training_alone(mnist):
    classifier = small(dropout=0.2).fit(mnist.X_train, mnist.y_train)

    np.testing.assert_array_equal(
        classifier.predict_proba(mnist.X_test), classifier.predict_proba(mnist.X_test)
    )
    np.testing.assert_allclose(
        keras_output(classifier.model_, mnist.X_test),
        classifier.predict_proba(mnist.X_test),
        atol=1e-5,
    )


def test_weight_decay_shrinks_the_weights(mnist):
    norms = [
        np.linalg.norm(
            small(weight_decay=decay).fit(mnist.X_train, mnist.y_train).coefs_[0]
        )
        for decay in (0, 0.2, 5)
    ]

    assert norms[0] > norms[1] > norms[2]


def test_a_step_of_weight_decay_takes_learning_rate_times_decay_of_each_weight(mnist):
    one_step = {"epochs": 1, "batch_size": 512, "learning_rate": 0.01}
    start = start_weights(mnist, weight_decay=0)
    without, with_decay = (
        small(**one_step, weight_decay=decay).fit(mnist.X_train, mnist.y_train)
        for decay in (0, 5)
    )

    for before, plain, decayed in zip(
        start, weights(without), weights(with_decay), strict=True
    ):
        np.testing.assert_allclose(plain - decayed, 0.01 * 5 * before, atol=1e-6)


def start_weights(mnist, **parameters):
    """The weights that a fit starts from: those after a step that is too short."""
    barely = small(**parameters, epochs=1, batch_size=512, learning_rate=1e-30)
    return weights(barely.fit(mnist.X_train, mnist.y_train))


def test_label_smoothing_spreads_its_part_evenly_over_the_classes(mnist):
    one_step = {"epochs": 1, "batch_size": 512, "learning_rate": 1e-30}
    plain, smoothed = (
        small(**one_step, label_smoothing=part).fit(mnist.X_train, mnist.y_train)
        for part in (0, 0.3)
    )
    log_probabilities = plain.predict_log_proba(mnist.X_train)
    of_label = log_probabilities[np.arange(300), mnist.y_train]

    assert plain.loss_ == pytest.approx(-of_label.mean(), rel=1e-5)
    assert smoothed.loss_ == pytest.approx(
        -(0.7 * of_label + 0.3 * log_probabilities.mean(axis=1)).mean(), rel=1e-5
    )


def test_the_loss_is_the_mean_over_samples_weighted(mnist):
    weight = np.random.default_rng(0).uniform(0.5, 2, 300)
    classifier = small(learning_rate=1e-30, label_smoothing=0.0)

    classifier.fit(mnist.X_train, mnist.y_train, sample_weight=weight)

    log_probabilities = classifier.predict_log_proba(mnist.X_train)
    losses = -log_probabilities[np.arange(300), mnist.y_train]
    hits = classifier.predict(mnist.X_train) == mnist.y_train
    assert classifier.loss_ == pytest.approx(np.average(losses, weights=weight), 1e-5)
    assert classifier.history_["accuracy"][-1] == pytest.approx(
        np.average(hits, weights=weight), 1e-5
    )


def test_without_shuffling_the_order_of_the_samples_counts(mnist, fitted):
    ordered = small(shuffle=False).fit(mnist.X_train, mnist.y_train)
    reversed_ = small(shuffle=False).fit(mnist.X_train[::-1], mnist.y_train[::-1])

    assert not same_weights(ordered, reversed_)
    assert not same_weights(ordered, fitted)


def test_the_schedule_of_the_learning_rate_counts(mnist, fitted):
    cosine = small(learning_rate_schedule="cosine").fit(mnist.X_train, mnist.y_train)

    assert not same_weights(cosine, fitted)


def test_the_last_batch_may_be_smaller(mnist):
    classifier = small(shuffle=False, epochs=1, learning_rate=1e-30)
    whole = clone(classifier).set_params(batch_size=300)

    classifier.fit(mnist.X_train, mnist.y_train)  # 300 = 9 * 32 + 12

    whole.fit(mnist.X_train, mnist.y_train)
    assert classifier.loss_ == pytest.approx(whole.loss_, rel=1e-5)


# Weights of samples and classes


def test_weight_zero_is_removal(mnist):
    weight = (np.arange(300) % 3 > 0).astype(float)

    weighted = small().fit(mnist.X_train, mnist.y_train, sample_weight=weight)

    kept = weight > 0
    assert same_weights(weighted, small().fit(mnist.X_train[kept], mnist.y_train[kept]))


def test_a_class_whose_samples_have_no_weight_is_still_a_class(mnist):
    weight = (mnist.y_train != 4).astype(float)

    classifier = small().fit(mnist.X_train, mnist.y_train, sample_weight=weight)

    np.testing.assert_array_equal(classifier.classes_, np.arange(10))
    assert 4 not in classifier.predict(mnist.X_test)


@pytest.mark.parametrize(
    "parameters",
    [{}, {"dropout": 0.3}, {"early_stopping": True}, {"optimizer": "sgd"}],
    ids=str,
)
def test_integer_weights_are_repetition_where_the_data_is_one_batch(parameters, mnist):
    # float64: Adam makes much of what rounding leaves of a gradient of zero
    X, y = mnist.X_train[:100].astype(np.float64), mnist.y_train[:100]
    counts = np.random.default_rng(0).integers(0, 4, 100)
    classifier = small(batch_size=1024, **parameters)

    weighted = clone(classifier).fit(X, y, sample_weight=counts)

    repeated = clone(classifier).fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    assert_weights_close(weighted, repeated, atol=1e-6)
    assert weighted.loss_ == pytest.approx(repeated.loss_)


@pytest.mark.parametrize(
    "parameters",
    [{}, {"dropout": 0.3}, {"early_stopping": True}, {"class_weight": "balanced"}],
    ids=str,
)
def test_the_order_of_samples_is_of_no_account_where_the_data_is_one_batch(
    parameters, mnist
):
    rng = np.random.default_rng(0)
    X, y = mnist.X_train[:100].astype(np.float64), mnist.y_train[:100]
    order, weight = rng.permutation(100), rng.uniform(0.5, 2, 100)
    classifier = small(batch_size=100, **parameters)

    as_given = clone(classifier).fit(X, y, sample_weight=weight)

    permuted = clone(classifier).fit(X[order], y[order], sample_weight=weight[order])
    assert_weights_close(permuted, as_given, atol=1e-7)
    assert permuted.loss_ == pytest.approx(as_given.loss_)


def test_a_batch_larger_than_the_data_is_all_of_it(mnist):
    X, y = mnist.X_train[:100].astype(np.float64), mnist.y_train[:100]

    whole = small(batch_size=100).fit(X, y)

    for batch_size in (101, 128, 10**9):
        assert_weights_close(small(batch_size=batch_size).fit(X, y), whole, atol=1e-7)


@pytest.mark.parametrize("factor", [1e-20, 1000])
def test_the_scale_of_the_weights_is_of_no_account(factor, mnist):
    X = mnist.X_train.astype(np.float64)
    weight = np.random.default_rng(0).uniform(0.5, 2, 300)

    assert_weights_close(
        small().fit(X, mnist.y_train, sample_weight=weight),
        small().fit(X, mnist.y_train, sample_weight=factor * weight),
        atol=1e-7,
    )


def test_class_weights_are_sample_weights_by_class(mnist):
    by_class = {0: 3, 7: 0.5}
    by_sample = [by_class.get(label, 1) for label in mnist.y_train.tolist()]

    assert same_weights(
        small(class_weight=by_class).fit(mnist.X_train, mnist.y_train),
        small().fit(mnist.X_train, mnist.y_train, sample_weight=by_sample),
    )


def test_balanced_class_weights_are_those_of_scikit_learn(mnist):
    X = mnist.X_train.astype(np.float64)
    by_sample = compute_sample_weight("balanced", mnist.y_train)

    assert_weights_close(
        small(class_weight="balanced").fit(X, mnist.y_train),
        small().fit(X, mnist.y_train, sample_weight=by_sample),
        atol=1e-7,
    )


def test_class_weights_are_by_label_whatever_its_kind(mnist):
    labels = np.array(["even", "odd"])[mnist.y_train % 2]

    heavy = small(class_weight={"odd": 50}).fit(mnist.X_train, labels)
    light = small(class_weight={"odd": 0.02}).fit(mnist.X_train, labels)

    shares = [np.mean(c.predict(mnist.X_test) == "odd") for c in (light, heavy)]
    assert shares[0] < 0.3
    assert shares[1] > 0.7


# Going on from where a training was


def continued(classifier, X, y, times):
    for _ in range(times):
        classifier.partial_fit(X, y, classes=np.arange(10))
    return classifier


def test_warm_start_goes_on_as_if_it_had_not_stopped(mnist):
    X, y = mnist.X_train, mnist.y_train
    warm = small(epochs=2, warm_start=True).fit(X, y).fit(X, y)

    whole = small(epochs=4).fit(X, y)
    assert same_weights(warm, whole)
    assert warm.n_iter_ == 4
    assert warm.loss_curve_ == whole.loss_curve_
    assert warm.history_ == whole.history_


def test_warm_start_goes_on_with_dropout_as_if_it_had_not_stopped(mnist):
    X, y = mnist.X_train, mnist.y_train

    warm = small(dropout=0.2, epochs=2, warm_start=True).fit(X, y).fit(X, y)

    assert same_weights(warm, small(dropout=0.2, epochs=4).fit(X, y))


def test_without_warm_start_a_second_fit_starts_anew(mnist, fitted):
    again = small().fit(mnist.X_train[:100], mnist.y_train[:100])

    again.fit(mnist.X_train, mnist.y_train)

    assert same_weights(again, fitted)
    assert again.n_iter_ == 3


def test_warm_start_with_other_layers_says_what_to_do(mnist):
    warm = small(warm_start=True).fit(mnist.X_train, mnist.y_train)
    before = weights(warm)

    warm.set_params(hidden_layer_sizes=(16, 8))
    message = r"has hidden_layer_sizes=\(16,\) and cannot continue with \(16, 8\)"
    with pytest.raises(ValueError, match=message):
        warm.fit(mnist.X_train, mnist.y_train)

    assert all(a is b for a, b in zip(weights(warm), before, strict=True))


@pytest.mark.parametrize("optimizer", ["sgd", "adamax", "rmsprop"])
def test_warm_start_with_another_optimizer_starts_that_optimizer_anew(optimizer, mnist):
    X, y = mnist.X_train, mnist.y_train
    # At a rate that float32 rounds to zero: they differ in what Adam remembers
    barely = small(warm_start=True, learning_rate=1e-300, shuffle=False)
    warm, other = clone(barely).fit(X, y), clone(barely).fit(X[::-1], y[::-1])

    for classifier in (warm, other):
        classifier.set_params(optimizer=optimizer, learning_rate=0.002).fit(X, y)

    assert same_weights(warm, other)
    assert warm.n_iter_ == 6
    assert warm.loss_ < warm.loss_curve_[0]


def test_warm_start_takes_other_parameters_from_then_on(mnist):
    X, y = mnist.X_train, mnist.y_train
    warm = small(warm_start=True).fit(X, y)
    before = weights(warm)

    warm.set_params(learning_rate=1e-30, batch_size=64, dropout=0.2).fit(X, y)

    for a, b in zip(weights(warm), before, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_partial_fits_are_the_epochs_of_a_fit(mnist):
    X, y = mnist.X_train, mnist.y_train

    assert same_weights(continued(small(), X, y, 3), small(epochs=3).fit(X, y))


@pytest.mark.parametrize(
    "parameters",
    [
        {"dropout": 0.2},
        {"augment": "elastic"},
        {"optimizer": "nadam", "learning_rate": 0.001},
        {"class_weight": {3: 5.0}, "label_smoothing": 0.1},
        {"batch_size": 1024, "shuffle": False},
    ],
    ids=str,
)
def test_two_partial_fits_two_warm_starts_and_two_epochs_are_the_same(
    parameters, mnist
):
    X, y = mnist.X_train, mnist.y_train
    weight = np.random.default_rng(0).uniform(0.5, 2, 300)
    whole, parts = small(epochs=2, **parameters), small(**parameters)
    warm = small(epochs=1, warm_start=True, **parameters)

    whole.fit(X, y, sample_weight=weight)
    for _ in range(2):
        parts.partial_fit(X, y, classes=np.arange(10), sample_weight=weight)
        warm.fit(X, y, sample_weight=weight)

    assert same_weights(parts, whole)
    assert same_weights(warm, whole)
    assert parts.history_ == warm.history_ == whole.history_


def test_partial_fit_is_one_epoch_at_a_constant_rate(mnist):
    X, y = mnist.X_train, mnist.y_train

    partial = continued(small(epochs=50, learning_rate_schedule="cosine"), X, y, 1)

    assert partial.n_iter_ == 1
    assert same_weights(partial, small(epochs=1).fit(X, y))


def test_partial_fit_goes_on_after_fit(mnist):
    X, y = mnist.X_train, mnist.y_train

    assert same_weights(small(epochs=2).fit(X, y).partial_fit(X, y), small().fit(X, y))


def test_partial_fit_learns_from_parts_of_the_data(mnist):
    classifier = small()

    for _ in range(4):
        for part in np.array_split(np.arange(300), 5):
            classifier.partial_fit(
                mnist.X_train[part], mnist.y_train[part], classes=np.arange(10)
            )

    assert classifier.n_iter_ == 20
    assert classifier.score(mnist.X_test, mnist.y_test) > 0.7


def test_partial_fit_knows_classes_it_has_not_seen(mnist):
    classifier = small().partial_fit(
        mnist.X_train[:3], mnist.y_train[:3], classes=range(10)
    )

    assert classifier.predict_proba(mnist.X_test).shape == (200, 10)


def test_partial_fit_keeps_the_type_and_the_shape_of_the_first_call(mnist):
    classifier = small().fit(mnist.X_train, mnist.y_train)

    images = mnist.X_train.reshape(-1, 28, 28).astype(np.float64)
    classifier.partial_fit(images, mnist.y_train)

    assert same_weights(classifier, small(epochs=4).fit(mnist.X_train, mnist.y_train))


def test_partial_fit_is_not_there_with_early_stopping():
    assert hasattr(small(), "partial_fit")
    assert not hasattr(small(early_stopping=True), "partial_fit")


@pytest.mark.parametrize(
    "copied",
    [lambda c: pickle.loads(pickle.dumps(c)), copy.deepcopy, copy.copy],
    ids=["pickle", "deepcopy", "copy"],
)
def test_a_copy_goes_on_as_the_original_does(copied, mnist):
    original = small(dropout=0.2).fit(mnist.X_train, mnist.y_train)
    duplicate = copied(original)

    for classifier in (original, duplicate):
        continued(classifier, mnist.X_train, mnist.y_train, 2)

    assert same_weights(duplicate, original)
    assert duplicate.n_iter_ == original.n_iter_ == 5
    assert duplicate.loss_curve_ == original.loss_curve_


def test_training_a_shallow_copy_leaves_the_original_alone(mnist, fitted):
    before = pickle.dumps(fitted)

    copy.copy(fitted).partial_fit(mnist.X_train, mnist.y_train)

    assert pickle.dumps(fitted) == before


# Copies and pickles


def test_a_classifier_survives_copies_before_fit(mnist, fitted):
    for duplicate in (
        copy.copy(small()),
        copy.deepcopy(small()),
        pickle.loads(pickle.dumps(small())),
        clone(small()),
    ):
        assert not hasattr(duplicate, "coefs_")
        assert same_weights(duplicate.fit(mnist.X_train, mnist.y_train), fitted)


def test_a_fitted_classifier_survives_copies(mnist, fitted, tmp_path):
    joblib.dump(fitted, tmp_path / "classifier.joblib")

    for duplicate in (
        copy.copy(fitted),
        copy.deepcopy(fitted),
        pickle.loads(pickle.dumps(fitted)),
        joblib.load(tmp_path / "classifier.joblib"),
    ):
        np.testing.assert_array_equal(
            duplicate.predict_proba(mnist.X_test), fitted.predict_proba(mnist.X_test)
        )


def test_a_memory_mapped_classifier_predicts(mnist, fitted, tmp_path):
    joblib.dump(fitted, tmp_path / "classifier.joblib")

    mapped = joblib.load(tmp_path / "classifier.joblib", mmap_mode="r")

    np.testing.assert_array_equal(
        mapped.predict(mnist.X_test), fitted.predict(mnist.X_test)
    )


def test_a_clone_is_not_fitted_and_has_the_same_parameters(fitted):
    duplicate = clone(fitted)

    assert not hasattr(duplicate, "coefs_")
    assert duplicate.get_params() == fitted.get_params()


def test_a_pickle_is_the_same_after_the_keras_model_was_made(mnist):
    classifier = small().fit(mnist.X_train, mnist.y_train)
    before = pickle.dumps(classifier)

    assert classifier.model_.count_params() > 0

    assert pickle.dumps(classifier) == before


def test_a_pickle_holds_no_more_than_weights_and_optimizer(mnist, fitted):
    size_of_weights = sum(array.nbytes for array in weights(fitted))

    # Adam remembers two numbers for each weight
    assert len(pickle.dumps(fitted)) < 3 * size_of_weights + 10_000

"""Labels: every kind that is taken, what folds lack, and the words for the others."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from helpers import same_weights, small, tried_on
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    cross_val_predict,
    cross_val_score,
    learning_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.utils.class_weight import compute_class_weight

from skdigits._training.training_set import TrainingSet

TEN_CLASSES = dict.fromkeys(range(10), 1)


@pytest.fixture(scope="module")
def by_class(mnist):
    """Digits in the order of their classes, so that folds lack some."""
    order = np.argsort(mnist.y_train, kind="stable")
    return mnist.X_train[order], mnist.y_train[order]


# Class weights


def test_class_weight_may_name_a_class_that_the_data_lacks(mnist):
    nine = mnist.y_train < 9
    X, y = mnist.X_train[nine], mnist.y_train[nine]

    given = small(class_weight=TEN_CLASSES).fit(X, y)

    assert same_weights(given, small().fit(X, y))


def test_class_weight_for_all_classes_suits_every_fold(by_class):
    X, y = by_class

    weighted = cross_val_score(
        small(class_weight=TEN_CLASSES), X, y, cv=KFold(3), error_score="raise"
    )

    unweighted = cross_val_score(small(), X, y, cv=KFold(3), error_score="raise")
    np.testing.assert_array_equal(weighted, unweighted)


def test_class_weight_for_all_classes_suits_every_batch(mnist):
    first_three = mnist.y_train < 3
    X, y = mnist.X_train[first_three], mnist.y_train[first_three]
    weight = {label: label + 1 for label in range(12)}

    given = small(class_weight=weight).partial_fit(X, y, classes=range(10))

    expected = small().partial_fit(X, y, classes=range(10), sample_weight=y + 1.0)
    assert same_weights(given, expected)


def test_class_weight_for_some_classes_leaves_the_others_at_one(mnist):
    given = small(class_weight={3: 2}).fit(mnist.X_train, mnist.y_train)

    weight = np.where(mnist.y_train == 3, 2, 1)
    expected = small().fit(mnist.X_train, mnist.y_train, sample_weight=weight)
    assert same_weights(given, expected)


@tried_on(50, 500)
@given(
    labels=st.lists(st.integers(0, 5), min_size=1, max_size=12),
    class_weight=st.dictionaries(st.integers(0, 7), st.integers(1, 9)),
)
def test_class_weight_is_taken_or_refused_as_in_scikit_learn(labels, class_weight):
    y = np.array(labels)
    classes = np.unique(y)

    def loss_weight():
        return TrainingSet.weigh(y[:, None] * 1.0, y, classes, None, class_weight)

    try:
        expected = compute_class_weight(class_weight, classes=classes, y=y)
    except ValueError:
        with pytest.raises(ValueError, match=r"class_weight has the classes .* lacks"):
            loss_weight()
    else:
        by_sample = expected[np.searchsorted(classes, y)]
        np.testing.assert_array_equal(loss_weight().loss_weight, by_sample)


def test_class_weight_suits_the_two_classes_of_one_against_the_rest(mnist):
    classifier = OneVsRestClassifier(small(class_weight=TEN_CLASSES))

    classifier.fit(mnist.X_train, mnist.y_train)

    assert classifier.score(mnist.X_test, mnist.y_test) > 0.5


def test_class_weights_can_be_searched_where_folds_lack_classes(by_class):
    grid = {"class_weight": [None, "balanced", TEN_CLASSES]}

    search = GridSearchCV(small(), grid, cv=KFold(3), error_score="raise")

    assert np.isfinite(search.fit(*by_class).cv_results_["mean_test_score"]).all()


# Folds that lack classes


def test_labels_of_one_group_alone_are_wrong_and_no_error(mnist):
    groups = mnist.y_train // 5

    scores = cross_val_score(
        small(),
        mnist.X_train,
        mnist.y_train,
        groups=groups,
        cv=LeaveOneGroupOut(),
        error_score="raise",
    )

    np.testing.assert_array_equal(scores, [0, 0])


def test_probabilities_of_folds_are_put_in_the_columns_of_all_classes(by_class):
    X, y = by_class

    with pytest.warns(RuntimeWarning, match="Number of classes in training fold"):
        probabilities = cross_val_predict(
            small(), X, y, cv=GroupKFold(2), groups=y // 5, method="predict_proba"
        )

    assert probabilities.shape == (len(y), 10)
    # The five classes that a fold does not know
    assert not probabilities[np.arange(len(y)), y].any()


@pytest.mark.parametrize("incremental", [False, True])
def test_a_learning_curve_begins_with_few_classes(by_class, incremental):
    _, _, scores = learning_curve(
        small(class_weight=TEN_CLASSES),
        *by_class,
        train_sizes=[5, 60, 200],
        cv=3,
        exploit_incremental_learning=incremental,
        error_score="raise",
    )

    assert np.isfinite(scores).all()


def test_partial_fit_takes_more_classes_than_ever_come(mnist):
    classifier = small().partial_fit(mnist.X_train, mnist.y_train, classes=range(12))

    assert classifier.predict_proba(mnist.X_test).shape == (200, 12)


@pytest.mark.parametrize("scoring", ["roc_auc_ovr", "roc_auc_ovo", "neg_log_loss"])
def test_scores_of_probabilities_are_there_where_folds_have_all_classes(mnist, scoring):
    scores = cross_val_score(
        small(), mnist.X_train, mnist.y_train, cv=2, scoring=scoring
    )

    assert np.isfinite(scores).all()


def test_warm_start_with_other_classes_says_what_to_do(mnist):
    classifier = small(warm_start=True).fit(mnist.X_train, mnist.y_train)
    few = mnist.y_train < 5

    with pytest.raises(
        ValueError, match=r"same classes.*Set warm_start=False.*or call partial_fit"
    ):
        classifier.fit(mnist.X_train[few], mnist.y_train[few])

    # which does take them
    classifier.partial_fit(mnist.X_train[few], mnist.y_train[few])


# Labels of every kind


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [
        (lambda y: y.astype(float), np.float64),
        (lambda y: pd.Series(y, dtype="Int64"), np.int64),
        (lambda y: pd.Series(y, dtype="UInt8"), np.uint8),
        (lambda y: pd.Series(y > 4, dtype="boolean"), np.bool_),
        (lambda y: pd.Series(y).astype("category"), np.int64),
    ],
    ids=["whole floats", "Int64", "UInt8", "boolean", "categories"],
)
def test_labels_come_back_in_kind(labels, dtype, mnist):
    classifier = small().fit(mnist.X_train, labels(mnist.y_train))

    assert classifier.predict(mnist.X_test).dtype == dtype


def test_strings_of_digits_stay_strings(mnist):
    classifier = small().fit(mnist.X_train, [str(label) for label in mnist.y_train])

    assert set(classifier.predict(mnist.X_test)) <= set("0123456789")


def one_hot(y):
    return np.eye(10)[y]


@pytest.mark.parametrize(
    ("labels", "mend"),
    [
        (one_hot, r"y\.argmax\(axis=1\)"),
        (lambda y: one_hot(y).astype(int), r"y\.argmax\(axis=1\)"),
        (lambda y: one_hot(y).astype(bool), r"y\.argmax\(axis=1\)"),
        (lambda y: one_hot(y).tolist(), r"np\.argmax\(y, axis=1\)"),
        (pd.get_dummies, r"y\.idxmax\(axis=1\)"),
        (lambda y: sp.csr_array(one_hot(y)), r"y\.toarray\(\)\.argmax\(axis=1\)"),
    ],
    ids=["floats", "integers", "booleans", "lists", "frame", "sparse"],
)
def test_one_hot_labels_get_the_way_back(labels, mend, mnist):
    y = labels(mnist.y_train)

    with pytest.raises(ValueError, match=f"y is one-hot encoded: pass {mend}"):
        small().fit(mnist.X_train, y)


def test_the_way_back_from_one_hot_labels_works(mnist):
    for y, way in [
        (one_hot(mnist.y_train), "y.argmax(axis=1)"),
        (one_hot(mnist.y_train).tolist(), "np.argmax(y, axis=1)"),
        (pd.get_dummies(mnist.y_train), "y.idxmax(axis=1)"),
        (sp.csr_array(one_hot(mnist.y_train)), "y.toarray().argmax(axis=1)"),
    ]:
        labels = eval(way, {"y": y, "np": np})
        np.testing.assert_array_equal(labels, mnist.y_train)


MISSING_LABELS = {
    "None among integers": (None, object),
    "None among strings": (None, str),
    "NaN among integers": (np.nan, object),
    "NaN among strings": (np.nan, str),
    "NA among strings": (pd.NA, str),
}


@pytest.mark.parametrize(
    ("missing", "kind"), MISSING_LABELS.values(), ids=MISSING_LABELS.keys()
)
def test_a_missing_label_is_named_by_its_index(missing, kind, mnist):
    y = mnist.y_train.astype(kind).astype(object)
    y[7] = missing

    with pytest.raises(ValueError, match=r"Input y contains NaN or None: y\[7\] is .*"):
        small().fit(mnist.X_train, y)


@pytest.mark.parametrize(
    ("labels", "mend"),
    [
        (lambda y: y.astype(object), r"of type int\. Pass y\.astype\(int\)"),
        (lambda y: y.astype(float).astype(object), r"Pass y\.astype\(float\)"),
        (lambda y: (y > 4).astype(object), r"Pass y\.astype\(bool\)"),
        (lambda y: y.astype(object) + 10**30, r"Pass y\.astype\(str\)"),
        (lambda y: y.astype("S"), r"y must .*\[label\.decode\(\) for label in y\]"),
        (
            lambda y: y.astype("S").astype(object),
            r"y must .*\[label\.decode\(\) for label in y\]",
        ),
        (
            lambda y: np.where(y > 4, y.astype(str).astype(object), y.astype(object)),
            r"y must have .* Got int, str\. Pass \[str\(label\) for label in y\]",
        ),
        (
            lambda y: [[label] * (1 + label % 2) for label in y],
            "y is a list whose items differ in length.*MultiLabelBinarizer",
        ),
        (
            lambda y: [{label} for label in y],
            "y is .* of type set.*MultiLabelBinarizer",
        ),
    ],
    ids=[
        "integers",
        "floats",
        "booleans",
        "long",
        "bytes",
        "byte-objects",
        "mixed",
        "ragged",
        "sets",
    ],
)
def test_labels_that_are_no_classes_get_the_way_to_some(labels, mend, mnist):
    with pytest.raises((ValueError, TypeError), match=mend):
        small().fit(mnist.X_train, labels(mnist.y_train))


@pytest.mark.parametrize("n_labels", [299, 301])
def test_another_number_of_labels_than_samples_is_told_of_y(n_labels, mnist):
    y = np.resize(mnist.y_train, n_labels)

    message = (
        rf"samples: \[300, {n_labels}\]\. y must have one label for each of the 300"
    )
    with pytest.raises(ValueError, match=message):
        small().fit(mnist.X_train, y)


# Several labels per sample


def several_labels(y):
    """Whether a digit is even, above four, and a multiple of three."""
    return np.column_stack([y % 2 == 0, y > 4, y % 3 == 0]).astype(int)


SEVERAL_LABELS = {
    "indicator": several_labels,
    "sparse indicator": lambda y: sp.csr_array(several_labels(y)),
    "columns of integers": lambda y: np.column_stack([y, y % 3]),
    "columns of strings": lambda y: np.column_stack([y, y % 3]).astype(str),
    "frame": lambda y: pd.DataFrame({"digit": y, "rest": y % 3}),
}


@pytest.mark.parametrize("labels", SEVERAL_LABELS.values(), ids=SEVERAL_LABELS.keys())
def test_several_labels_per_sample_name_the_wrappers(labels, mnist):
    message = (
        r"y should be a 1d array, got .* shape \(300, .*OneVsRestClassifier.*"
        "MultiOutputClassifier"
    )
    with pytest.raises(ValueError, match=message):
        small().fit(mnist.X_train, labels(mnist.y_train))

"""Bad input to MLPDigitClassifier: what it says, and that it changes nothing."""

import copy
import re
import signal
from contextlib import contextmanager

import keras
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.callback import ProgressBar
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.utils.validation import check_is_fitted

from skdigits import MLPDigitClassifier, load_mnist

MNIST = load_mnist("test")
IMAGES = (MNIST.images[:200] / 255).astype(np.float32)
ROWS = IMAGES.reshape(len(IMAGES), -1)
LABELS = MNIST.target[:200]
WORDS = LABELS.astype(str).astype(object)

# One architecture for nearly every test: its network is made once, then lent again
SETTINGS = dict(
    hidden_layer_sizes=(16,),
    dropout=0.05,
    weight_decay=0.2,
    learning_rate=0.004,
    epochs=2,
    batch_size=64,
    random_state=0,
)


@pytest.fixture(scope="module")
def trained():
    """A classifier that no test may change."""
    return MLPDigitClassifier(**SETTINGS).fit(IMAGES, LABELS)


@pytest.fixture
def fitted(trained):
    return copy.deepcopy(trained)


@pytest.fixture(params=["unfitted", "fitted"])
def classifier(request, trained):
    """Neither state of a classifier may be lost to bad input."""
    if request.param == "unfitted":
        return MLPDigitClassifier(**SETTINGS)
    return copy.deepcopy(trained)


def partly_fitted():
    """A classifier in the middle of training by partial_fit."""
    classifier = MLPDigitClassifier(**SETTINGS)
    return classifier.partial_fit(IMAGES, LABELS, classes=range(10))


def learned(classifier):
    """What training gave a classifier, which is everything but its parameters."""
    names = vars(classifier).keys() - classifier.get_params(deep=False).keys()
    return {name: vars(classifier)[name] for name in names}


@contextmanager
def refused(classifier, error, match=None):
    """Check that a block raises and leaves the classifier as it was."""
    was_fitted = hasattr(classifier, "coefs_")
    parameters = classifier.get_params(deep=False)
    before = copy.deepcopy(learned(classifier))
    predicted = classifier.predict_proba(IMAGES) if was_fitted else None
    with pytest.raises(error, match=match):
        yield
    assert classifier.get_params(deep=False) == parameters
    np.testing.assert_equal(learned(classifier), before)
    if was_fitted:
        np.testing.assert_array_equal(classifier.predict_proba(IMAGES), predicted)


def replaced(values, value, at=3):
    """A copy with one value replaced."""
    values = np.array(values)
    values[at] = value
    return values


# Images


WRONG_IMAGES = {
    "colour": (
        np.stack([IMAGES] * 3, axis=-1),
        r"X has shape \(200, 28, 28, 3\): images with 3 colour channels\. "
        r"Expected grey images of shape \(n_samples, height, width\)",
    ),
    "channel first": (
        IMAGES[:, np.newaxis],
        r"X has shape \(200, 1, 28, 28\), with its channel axis first\. Expected",
    ),
    "five dimensions": (
        IMAGES[:, np.newaxis, np.newaxis],
        r"X has 5 dimensions, of shape \(200, 1, 1, 28, 28\)\. Expected grey images",
    ),
    "one dimension": (ROWS[0], "Expected 2D array, got 1D array instead"),
    "no dimension": (3.0, "Expected 2D array, got scalar array instead"),
    "no array": ("abc", "X is a single path, 'abc'. Expected several pictures"),
    "images of many sizes": (
        [IMAGES[0], IMAGES[1, ::2]],
        r"X is a list whose items differ in shape: item 0 has shape \(28, 28\), "
        r"item 1 \(14, 28\)\. Expected",
    ),
    "no sample": (
        IMAGES[:0],
        r"Found array with 0 sample\(s\) \(shape=\(0, 784\)\) while a minimum of 1 is "
        "required by MLPDigitClassifier",
    ),
    "no sample, flat": (ROWS[:0], r"0 sample\(s\) .* minimum of 1 is required"),
    "empty list": ([], "Expected 2D array, got 1D array instead"),
    "no pixel": (
        IMAGES[:, :0],
        r"0 feature\(s\) \(shape=\(200, 0\)\) while a minimum of 1 is required",
    ),
    "NaN": (replaced(IMAGES, np.nan), "Input X contains NaN"),
    "infinity": (
        replaced(IMAGES, np.inf),
        r"Input X contains infinity or a value too large for dtype\('float32'\)",
    ),
    "minus infinity": (replaced(ROWS, -np.inf), "Input X contains infinity"),
    "None among numbers": (
        replaced(ROWS.astype(object), None),
        "Input X contains NaN",
    ),
    "NA in a dataframe": (
        pd.DataFrame(replaced(ROWS, np.nan)).astype("Float32"),
        "Input X contains NaN",
    ),
    "sparse NaN": (sp.csr_array(replaced(ROWS, np.nan)), "Input X contains NaN"),
    "words": (
        np.full((200, 784), "dark", dtype=object),
        "could not convert string to float: 'dark'",
    ),
    "complex": (ROWS * 1j, "Complex data not supported"),
    "dates": (
        np.zeros((200, 784), dtype="datetime64[D]"),
        "X has values of type datetime64",
    ),
    "durations": (
        np.zeros((200, 784), dtype="timedelta64[D]"),
        "X has values of type timedelta64",
    ),
}


@pytest.mark.parametrize(
    ("X", "message"), WRONG_IMAGES.values(), ids=WRONG_IMAGES.keys()
)
def test_fit_refuses_what_are_no_images(classifier, X, message):
    y = LABELS[: len(X)] if hasattr(X, "__len__") and not sp.issparse(X) else LABELS
    with refused(classifier, (ValueError, TypeError), message):
        classifier.fit(X, y)


@pytest.mark.parametrize(
    ("X", "message"), WRONG_IMAGES.values(), ids=WRONG_IMAGES.keys()
)
def test_predict_refuses_what_are_no_images(fitted, X, message):
    # To predict, images without a pixel are first of all images of another size
    message += "|X has images of 0 x 28 pixels, but .* was fitted on .* 28 x 28 pixels"
    with refused(fitted, (ValueError, TypeError), message):
        fitted.predict(X)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
def test_images_of_another_size_are_refused(fitted, method):
    message = (
        "X has images of 14 x 14 pixels, but MLPDigitClassifier was fitted on images "
        "of 28 x 28 pixels"
    )
    with refused(fitted, ValueError, message):
        getattr(fitted, method)(IMAGES[:, ::2, ::2])


def test_images_of_another_size_are_refused_though_the_pixels_are_as_many(fitted):
    message = "images of 14 x 56 pixels, but .* was fitted on images of 28 x 28 pixels"
    with refused(fitted, ValueError, message):
        fitted.predict(IMAGES.reshape(-1, 14, 56))


def test_a_single_image_is_refused_with_the_way_to_pass_it(fitted):
    message = r"shape \(28, 28\) of a single image.*expects several.*X\[np.newaxis\]"
    with refused(fitted, ValueError, message):
        fitted.predict(IMAGES[0])


def test_partial_fit_refuses_images_of_another_size():
    classifier = partly_fitted()
    message = "images of 14 x 56 pixels, but .* was fitted on images of 28 x 28 pixels"
    with refused(classifier, ValueError, message):
        classifier.partial_fit(IMAGES.reshape(-1, 14, 56), LABELS)


def test_another_number_of_features_is_refused(fitted):
    message = "X has 196 features, but MLPDigitClassifier is expecting 784 features"
    with refused(fitted, ValueError, message):
        fitted.predict(ROWS[:, :196])


def test_partial_fit_refuses_another_number_of_features():
    classifier = partly_fitted()
    message = "X has 196 features, but MLPDigitClassifier is expecting 784 features"
    with refused(classifier, ValueError, message):
        classifier.partial_fit(ROWS[:, :196], LABELS)


def test_other_feature_names_are_refused():
    frame = pd.DataFrame(ROWS).add_prefix("pixel_")
    classifier = MLPDigitClassifier(**SETTINGS).fit(frame, LABELS)
    message = "(?s)Feature names unseen at fit time:.*- dot_0.*missing:.*- pixel_0"
    with pytest.raises(ValueError, match=message):
        classifier.predict(frame.rename(columns=lambda name: f"dot{name[5:]}"))


def test_feature_names_in_another_order_are_refused():
    frame = pd.DataFrame(ROWS).add_prefix("pixel_")
    classifier = MLPDigitClassifier(**SETTINGS).fit(frame, LABELS)
    message = "Feature names must be in the same order as they were in fit"
    with pytest.raises(ValueError, match=message):
        classifier.predict(frame.iloc[:, ::-1])


def test_feature_names_that_are_missing_get_a_warning():
    frame = pd.DataFrame(ROWS).add_prefix("pixel_")
    classifier = MLPDigitClassifier(**SETTINGS).fit(frame, LABELS)
    message = "X does not have valid feature names, but MLPDigitClassifier was fitted"
    with pytest.warns(UserWarning, match=message):
        classifier.predict(ROWS)


@pytest.mark.parametrize("name", ["bsr", "coo", "csc", "csr", "dok", "lil"])
def test_every_sparse_format_is_converted(name, trained):
    X = getattr(sp, f"{name}_array")(ROWS)
    classifier = MLPDigitClassifier(**SETTINGS).fit(X, LABELS)
    np.testing.assert_array_equal(classifier.predict(X), trained.predict(ROWS))


def test_numbers_in_words_are_read_as_scikit_learn_reads_them(trained):
    classifier = MLPDigitClassifier(**SETTINGS)
    classifier.fit(ROWS.astype(str).astype(object), LABELS)
    np.testing.assert_array_equal(classifier.predict(ROWS), trained.predict(ROWS))


def test_one_sample_makes_a_classifier_of_one_class():
    classifier = MLPDigitClassifier(**SETTINGS).fit(IMAGES[:1], LABELS[:1])
    np.testing.assert_array_equal(classifier.classes_, LABELS[:1])
    np.testing.assert_array_equal(classifier.predict_proba(IMAGES), np.ones((200, 1)))


def test_values_too_huge_to_train_on_are_refused_with_the_mend(classifier):
    with refused(classifier, ValueError, "scale X to the range from 0 to 1"):
        classifier.fit(IMAGES * np.float32(1e38), LABELS)


@pytest.mark.filterwarnings("ignore:X has values from .* far outside")
@pytest.mark.parametrize("value", [1e30, -1e30])
def test_huge_values_get_probabilities(trained, value):
    probability = trained.predict_proba(np.full_like(ROWS, value))
    np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=1e-6)


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
def test_values_beyond_the_float_type_of_the_network_are_refused(fitted):
    message = r"Input X contains infinity or a value too large for dtype\('float32'\)"
    with refused(fitted, ValueError, message):
        fitted.predict(replaced(ROWS.astype(np.float64), 1e300))


# Sample weights


WRONG_WEIGHTS = {
    "negative": (
        replaced(np.ones(200), -1),
        "Negative values in data passed to `sample_weight`",
    ),
    "all zero": (
        np.zeros(200),
        "Sample weights must contain at least one non-zero number",
    ),
    "NaN": (replaced(np.ones(200), np.nan), "Input sample_weight contains NaN"),
    "infinity": (
        replaced(np.ones(200), np.inf),
        "Input sample_weight contains infinity",
    ),
    "too few": (
        np.ones(199),
        r"sample_weight.shape == \(199,\), expected \(200,\)",
    ),
    "2-D": (
        np.ones((200, 1)),
        "Sample weights must be 1D array or scalar, got 2D array. Expected either a "
        "scalar value or a 1D array of length 200",
    ),
    "words": (np.full(200, "heavy"), r"could not convert string to float.*'heavy'"),
}


@pytest.mark.parametrize(
    ("sample_weight", "message"), WRONG_WEIGHTS.values(), ids=WRONG_WEIGHTS.keys()
)
def test_fit_refuses_sample_weights(classifier, sample_weight, message):
    with refused(classifier, ValueError, message):
        classifier.fit(IMAGES, LABELS, sample_weight=sample_weight)


@pytest.mark.parametrize(
    ("sample_weight", "message"), WRONG_WEIGHTS.values(), ids=WRONG_WEIGHTS.keys()
)
def test_partial_fit_refuses_sample_weights(sample_weight, message):
    classifier = partly_fitted()
    with refused(classifier, ValueError, message):
        classifier.partial_fit(IMAGES, LABELS, sample_weight=sample_weight)


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_sample_weights_may_have_any_scale(trained, scale):
    classifier = MLPDigitClassifier(**SETTINGS)
    classifier.fit(IMAGES, LABELS, sample_weight=np.full(200, scale))
    np.testing.assert_allclose(
        classifier.predict_proba(IMAGES), trained.predict_proba(IMAGES), rtol=1e-4
    )


# Labels


WRONG_LABELS = {
    "continuous": (LABELS + 0.5, ValueError, "Unknown label type: continuous"),
    "of many outputs": (
        np.column_stack([LABELS, LABELS]),
        ValueError,
        r"y should be a 1d array, got an array of shape \(200, 2\) instead",
    ),
    "multilabel": (
        np.eye(10, dtype=int)[LABELS],
        ValueError,
        r"y should be a 1d array, got an array of shape \(200, 10\) instead",
    ),
    "NaN": (
        replaced(LABELS.astype(float), np.nan),
        ValueError,
        "Input y contains NaN",
    ),
    "infinity": (
        replaced(LABELS.astype(float), np.inf),
        ValueError,
        "Input y contains infinity",
    ),
    "None among words": (
        replaced(WORDS, None),
        (ValueError, TypeError),
        r"(?=.*\by\b)(?=.*None)",
    ),
    "numbers among words": (
        replaced(WORDS, 3),
        (ValueError, TypeError),
        r"(?=.*\by\b)(?=.*int)(?=.*str)",
    ),
    "NaN among words": (
        replaced(WORDS, np.nan),
        ValueError,
        "contains NaN",
    ),
    "NA in a series": (
        pd.Series(LABELS, dtype="Int64").mask(LABELS == 3),
        ValueError,
        "Input y contains NaN",
    ),
    "sparse": (
        sp.csr_array(LABELS[:, np.newaxis]),
        TypeError,
        "Sparse data was passed for y, but dense data is required",
    ),
    "complex": (LABELS * 1j, ValueError, "Complex data not supported"),
    "too few": (
        LABELS[:-1],
        ValueError,
        r"inconsistent numbers of samples: \[200, 199\]",
    ),
    "none": (
        None,
        ValueError,
        "MLPDigitClassifier estimator requires y to be passed, but .* y is None",
    ),
}


@pytest.mark.parametrize(
    ("y", "error", "message"), WRONG_LABELS.values(), ids=WRONG_LABELS.keys()
)
def test_fit_refuses_labels(classifier, y, error, message):
    with refused(classifier, error, message):
        classifier.fit(IMAGES, y)


@pytest.mark.parametrize(
    ("y", "error", "message"), WRONG_LABELS.values(), ids=WRONG_LABELS.keys()
)
def test_partial_fit_refuses_labels(y, error, message):
    classifier = partly_fitted()
    with refused(classifier, error, message):
        classifier.partial_fit(IMAGES, y)


def test_labels_in_a_column_get_a_warning(trained):
    classifier = MLPDigitClassifier(**SETTINGS)
    message = "A column-vector y was passed when a 1d array was expected"
    with pytest.warns(DataConversionWarning, match=message):
        classifier.fit(IMAGES, LABELS[:, np.newaxis])
    np.testing.assert_array_equal(classifier.predict(IMAGES), trained.predict(IMAGES))


def test_score_refuses_labels_of_another_kind(fitted):
    with refused(fitted, ValueError, r"Mix of label input types \(string and number\)"):
        fitted.score(IMAGES, WORDS)


# The order of calls


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("predict", (IMAGES,)),
        ("predict_proba", (IMAGES,)),
        ("predict_log_proba", (IMAGES,)),
        ("score", (IMAGES, LABELS)),
    ],
    ids=["predict", "predict_proba", "predict_log_proba", "score"],
)
def test_before_fit_the_error_says_to_fit(method, arguments):
    classifier = MLPDigitClassifier(**SETTINGS)
    message = (
        "This MLPDigitClassifier instance is not fitted yet. Call 'fit' with "
        "appropriate arguments before using this estimator"
    )
    with refused(classifier, NotFittedError, message):
        getattr(classifier, method)(*arguments)


def test_before_fit_there_is_no_model():
    classifier = MLPDigitClassifier(**SETTINGS)
    with refused(classifier, AttributeError, "no model_ before it is fitted"):
        _ = classifier.model_


def test_partial_fit_needs_the_classes_at_first():
    classifier = MLPDigitClassifier(**SETTINGS)
    message = "classes must be passed on the first call to partial_fit"
    with refused(classifier, ValueError, message):
        classifier.partial_fit(IMAGES, LABELS)


def test_partial_fit_refuses_a_class_not_announced():
    classifier = MLPDigitClassifier(**SETTINGS)
    message = r"y has the classes \[9\], which are not among .* \[0 1 2 3 4 5 6 7 8\]"
    with refused(classifier, ValueError, message):
        classifier.partial_fit(IMAGES, LABELS, classes=range(9))


def test_partial_fit_refuses_a_class_not_announced_in_a_later_call():
    classifier = partly_fitted()
    with refused(classifier, ValueError, r"y has the classes \[10\], which are not"):
        classifier.partial_fit(IMAGES, LABELS + 1)


def test_partial_fit_refuses_labels_of_another_kind_in_a_later_call():
    classifier = partly_fitted()
    with refused(classifier, ValueError, r"y has the classes \['0' '1' .*, which are"):
        classifier.partial_fit(IMAGES, WORDS)


def test_partial_fit_refuses_other_classes_in_a_later_call():
    classifier = partly_fitted()
    message = r"`classes=range\(0, 11\)` is not the same as on last call to partial_fit"
    with refused(classifier, ValueError, message):
        classifier.partial_fit(IMAGES, LABELS, classes=range(11))


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (10, "Expected array-like .*, got 10"),
        ("0123456789", "Expected array-like .*, got '0123456789'"),
        ([0.5, 1.5], r"Unknown label type: \(\[0.5, 1.5\],\)"),
    ],
    ids=["number", "word", "continuous"],
)
def test_partial_fit_refuses_what_are_no_classes(classes, message):
    classifier = MLPDigitClassifier(**SETTINGS)
    with refused(classifier, ValueError, message):
        classifier.partial_fit(IMAGES, LABELS, classes=classes)


def test_partial_fit_has_no_early_stopping():
    classifier = MLPDigitClassifier(**SETTINGS, early_stopping=True)
    message = "no attribute 'partial_fit', since early_stopping=True needs epochs"
    with pytest.raises(AttributeError, match=message):
        _ = classifier.partial_fit


def test_partial_fit_cannot_balance_the_classes():
    classifier = MLPDigitClassifier(**SETTINGS, class_weight="balanced")
    message = "class_weight='balanced' needs all labels at once.*Pass a dict of weights"
    with refused(classifier, ValueError, message):
        classifier.partial_fit(IMAGES, LABELS, classes=range(10))


@pytest.mark.parametrize(
    ("y", "given"),
    [(LABELS % 5, r"\[0 1 2 3 4\]"), (WORDS, r"\['0' '1' ")],
    ids=["fewer", "words"],
)
def test_warm_start_refuses_other_classes(fitted, y, given):
    fitted.set_params(warm_start=True)
    message = rf"warm_start=True needs the same classes .*\[0 1 2 .*Got {given}"
    with refused(fitted, ValueError, message):
        fitted.fit(IMAGES, y)


def test_warm_start_refuses_other_hidden_layers(fitted):
    fitted.set_params(warm_start=True, hidden_layer_sizes=(8,))
    message = r"hidden_layer_sizes=\(16,\) and cannot continue with \(8,\)"
    with refused(fitted, ValueError, message):
        fitted.fit(IMAGES, LABELS)


def test_warm_start_refuses_images_of_another_size(fitted):
    fitted.set_params(warm_start=True)
    message = "images of 14 x 14 pixels, but .* was fitted on images of 28 x 28 pixels"
    with refused(fitted, ValueError, message):
        fitted.fit(IMAGES[:, ::2, ::2], LABELS)


def test_partial_fit_refuses_other_hidden_layers():
    classifier = partly_fitted().set_params(hidden_layer_sizes=(8,))
    message = r"hidden_layer_sizes=\(16,\) and cannot continue with \(8,\)"
    with refused(classifier, ValueError, message):
        classifier.partial_fit(IMAGES, LABELS)


@pytest.mark.parametrize(
    ("n_samples", "y"),
    [(1, [7]), (10, range(10))],
    ids=["one sample", "one sample a class"],
)
def test_early_stopping_refuses_too_few_samples(classifier, n_samples, y):
    classifier.set_params(early_stopping=True)
    message = (
        "early_stopping=True needs a class with at least two distinct samples.*"
        f"Got n_samples = {n_samples}"
    )
    with refused(classifier, ValueError, message):
        classifier.fit(IMAGES[:n_samples], list(y))


# Parameters


def of_range(name, accepted, *values):
    return [(name, value, accepted) for value in values]


SIZES = r"int.* in the range \[1, inf\)"
POSITIVE_INT = r"an int in the range \[1, inf\)"
FROM_0 = r"a float in the range \[0.0, inf\)"
FROM_0_TO_1 = r"a float in the range \[0.0, 1.0\)"
BOOLEAN = "an instance of 'bool'"

WRONG_PARAMETERS = [
    *of_range("hidden_layer_sizes", SIZES, 0, -3, 2.5, "wide", None),
    *of_range("hidden_layer_sizes", SIZES, (16, 0), (16, -1), (16, 2.0), (16, "8")),
    *of_range("hidden_layer_sizes", SIZES, ((16, 8), 4), [[16]], np.array([[16]])),
    *of_range("hidden_layer_sizes", SIZES, (None,), (np.nan,), (np.inf,)),
    # No order to put the layers in
    *of_range("hidden_layer_sizes", SIZES, {16, 8}, {16: "relu"}),
    *of_range("activation", "a str among {.*'relu'", "softmax", None, np.tanh),
    *of_range("dropout", FROM_0_TO_1, -0.1, 1, 1.5, np.nan, np.inf, "0.5", None),
    *of_range("weight_decay", FROM_0, -0.1, np.nan, np.inf, "0.1", None),
    *of_range("label_smoothing", FROM_0_TO_1, -0.1, 1.0, np.nan, np.inf, None),
    *of_range("augment", "a str among {.*.elastic.*}, a callable or None", "rotate", 3),
    *of_range("optimizer", "an instance of 'str', .* and 'get_config'", None, 3),
    *of_range(
        "learning_rate",
        r"a float in the range \(0.0, inf\)",
        *(0, 0.0, -0.1, np.nan, np.inf, -np.inf, "fast", None, [0.1]),
    ),
    *of_range("learning_rate_schedule", "a str among {.*'cosine'", "linear", None, 1),
    *of_range("batch_size", POSITIVE_INT, 0, -1, 64.0, np.inf, "full", None),
    *of_range("epochs", POSITIVE_INT, 0, -1, 2.0, np.inf, np.nan, None),
    *of_range("shuffle", BOOLEAN, "yes", None, 1),
    *of_range("early_stopping", BOOLEAN, "yes", None, 0),
    *of_range(
        "validation_fraction",
        r"a float in the range \(0.0, 1.0\)",
        *(0, 0.0, 1, 1.0, -0.1, np.nan, np.inf, None),
    ),
    *of_range("n_iter_no_change", POSITIVE_INT, 0, -1, 2.5, -np.inf, None),
    *of_range("tol", FROM_0, -1e-4, np.nan, np.inf, "0", None),
    *of_range("class_weight", ".*'balanced'} or None", "even", [1] * 10, 2.0),
    *of_range("warm_start", BOOLEAN, "yes", None, 1),
    *of_range("callbacks", ".* None", 3, "stop", ProgressBar()),
    *of_range("verbose", r"an int in the range \[0, inf\)", -1, 0.5, "loud", None),
    *of_range(
        "random_state",
        "an int in the range .*, an instance of 'numpy.random.mtrand.RandomState' or "
        "None",
        *(-1, 2**32, 0.5, "lucky", np.random.default_rng(0)),
    ),
]


def identify(name, value, _):
    plain = isinstance(value, str | int | float | tuple | list | set | dict | None)
    return f"{name}={value}" if plain else f"{name}: {type(value).__name__}"


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    WRONG_PARAMETERS,
    ids=[identify(*parameters) for parameters in WRONG_PARAMETERS],
)
def test_a_parameter_out_of_range_is_named_with_value_and_range(
    classifier, name, value, accepted
):
    classifier.set_params(**{name: value})
    message = (
        f"The '{name}' parameter of MLPDigitClassifier must be .*{accepted}.*"
        rf"\. Got {re.escape(repr(value))} instead\."
    )
    with refused(classifier, ValueError, message):
        classifier.fit(IMAGES, LABELS)


def test_partial_fit_refuses_a_parameter_out_of_range():
    classifier = MLPDigitClassifier(**SETTINGS | {"dropout": 1.5})
    message = f"The 'dropout' parameter .* must be {FROM_0_TO_1} .*Got 1.5 instead"
    with refused(classifier, ValueError, message):
        classifier.partial_fit(IMAGES, LABELS, classes=range(10))


def test_parameters_are_not_validated_before_fit():
    classifier = MLPDigitClassifier(dropout=7).set_params(epochs="many")
    assert classifier.get_params()["dropout"] == 7
    assert clone(classifier).epochs == "many"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_layer_sizes", np.int64(16)),
        ("hidden_layer_sizes", np.array([16], dtype=np.uint8)),
        ("dropout", np.float32(0)),
        ("weight_decay", np.float32(0.25)),
        ("label_smoothing", np.float16(0.25)),
        ("learning_rate", np.float32(0.01)),
        ("learning_rate", np.int64(1)),
        ("batch_size", np.int64(64)),
        ("batch_size", np.uint8(64)),
        ("epochs", np.uint8(2)),
        ("shuffle", np.bool_(False)),
        ("warm_start", np.bool_(True)),
        ("verbose", np.int8(0)),
        ("random_state", np.int64(7)),
    ],
)
def test_numpy_numbers_do_as_python_numbers_do(name, value):
    given, same = (
        MLPDigitClassifier(**{**SETTINGS, name: number}).fit(IMAGES, LABELS)
        for number in (value, value.tolist())
    )
    np.testing.assert_equal(given.coefs_, same.coefs_)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("validation_fraction", np.float32(0.25)),
        ("n_iter_no_change", np.uint8(1)),
        ("tol", np.float32(0)),
        ("early_stopping", np.bool_(True)),
    ],
)
def test_numpy_numbers_do_as_python_numbers_do_in_early_stopping(name, value):
    settings = {**SETTINGS, "early_stopping": True}
    given, same = (
        MLPDigitClassifier(**{**settings, name: number}).fit(IMAGES, LABELS)
        for number in (value, value.item())
    )
    np.testing.assert_equal(given.coefs_, same.coefs_)


WRONG_CLASS_WEIGHTS = {
    "unknown class": (
        {0: 1.0, 99: 2.0},
        r"class_weight has the classes \[99\], which are not among .* \[0 1 2 3.*, and "
        r"lacks \[1, 2, .*Give each class of y a weight",
    ),
    "class of another kind": (
        {"0": 1.0},
        r"class_weight has the classes \['0'\], which are not .* \[0 1 2 3.*lacks",
    ),
    "negative": ({0: -1.0}, r"class_weight must .*negative.* Got \{0: -1.0\}"),
    "NaN": ({0: np.nan}, r"class_weight must .* Got \{0: nan\}"),
    "infinity": ({0: np.inf}, r"class_weight must .* Got \{0: inf\}"),
    "word": ({0: "much"}, r"class_weight must .* Got \{0: 'much'\}"),
    "None": ({0: None}, r"class_weight must .* Got \{0: None\}"),
    "nothing left": (
        dict.fromkeys(range(10), 0),
        "class_weight={0: 0, .*} leaves no sample a weight",
    ),
}


@pytest.mark.parametrize(
    ("class_weight", "message"),
    WRONG_CLASS_WEIGHTS.values(),
    ids=WRONG_CLASS_WEIGHTS.keys(),
)
def test_class_weights_are_refused(classifier, class_weight, message):
    classifier.set_params(class_weight=class_weight)
    with refused(classifier, (ValueError, TypeError), message):
        classifier.fit(IMAGES, LABELS)


class EpochCounter:
    """Has the methods of a Keras callback that scikit-learn's checks can see."""

    def set_model(self, model):
        pass

    def on_epoch_end(self, epoch, logs=None):
        pass


@pytest.mark.parametrize(
    ("callbacks", "given"),
    [
        ([1], "1"),
        ((None,), "None"),
        ([keras.callbacks.TerminateOnNaN], ".*TerminateOnNaN"),
        ([ProgressBar()], ".*ProgressBar"),
        (EpochCounter(), ".*EpochCounter"),
        # The class where an instance is meant
        (keras.callbacks.TerminateOnNaN, ".*TerminateOnNaN"),
    ],
    ids=["number", "None", "class in a list", "scikit-learn's", "lookalike", "class"],
)
def test_callbacks_that_are_none_of_keras_are_refused(classifier, callbacks, given):
    classifier.set_params(callbacks=callbacks)
    message = rf"'callbacks' parameter .*keras\.callbacks\.Callback.* Got {given}"
    with refused(classifier, (ValueError, TypeError), message):
        classifier.fit(IMAGES, LABELS)


# Augmentation


WRONG_AUGMENTS = {
    "cropped": (lambda images, rng: images[:, 1:], r"\(200, 27, 28\)"),
    "flat": (lambda images, rng: images.reshape(len(images), -1), r"\(200, 784\)"),
    "with a channel": (lambda images, rng: images[..., np.newaxis], r", 28, 1\)"),
    "fewer": (lambda images, rng: images[:5], r"\(5, 28, 28\)"),
    "none": (lambda images, rng: None, r"\(\)"),
}


@pytest.mark.parametrize(
    ("augment", "given"), WRONG_AUGMENTS.values(), ids=WRONG_AUGMENTS.keys()
)
def test_augmented_images_of_another_shape_are_refused(fitted, augment, given):
    fitted.set_params(augment=augment)
    message = rf"augment must return images of the shape (?=.*\(200, 28, 28\)).*{given}"
    with refused(fitted, ValueError, message):
        fitted.fit(IMAGES, LABELS)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_augmented_images_that_are_not_finite_are_refused(fitted, value):
    fitted.set_params(augment=lambda images, rng: np.full_like(images, value))
    with refused(fitted, ValueError, "augment must .*(finite|NaN)"):
        fitted.fit(IMAGES, LABELS)


def test_rows_that_are_no_images_cannot_be_augmented(fitted):
    fitted.set_params(augment=lambda images, rng: images)
    message = "augment needs images.*rows of 783.*no.* square.*pass X of shape"
    with refused(fitted, ValueError, message):
        fitted.fit(ROWS[:, :783], LABELS)


def test_an_error_in_augment_comes_through(fitted):
    def augment(images, rng):
        raise ZeroDivisionError("no such angle")

    fitted.set_params(augment=augment)
    with refused(fitted, ZeroDivisionError, "no such angle"):
        fitted.fit(IMAGES, LABELS)


# Training that goes wrong


def test_a_training_that_diverges_names_the_learning_rate(classifier):
    classifier.set_params(optimizer="sgd", learning_rate=1e6)
    message = r"diverged in epoch 1, .* Lower learning_rate=1000000\.0 .*or scale X"
    with refused(classifier, ValueError, message):
        classifier.fit(IMAGES * 255, LABELS)


def test_partial_fit_that_diverges_names_the_learning_rate():
    classifier = partly_fitted().set_params(learning_rate=1e30)
    message = r"diverged in epoch \d, .* Lower learning_rate=1e\+30 .*or scale X"
    with refused(classifier, ValueError, message):
        classifier.partial_fit(IMAGES, LABELS)
        classifier.partial_fit(IMAGES, LABELS)


@pytest.mark.parametrize("learning_rate", [1.0, 1e4, 1e10, 1e30])
def test_a_learning_rate_too_high_gives_an_error_or_probabilities(learning_rate):
    settings = SETTINGS | {"learning_rate": learning_rate}
    classifier = MLPDigitClassifier(**settings)
    try:
        probability = classifier.fit(IMAGES, LABELS).predict_proba(IMAGES)
    except ValueError as error:
        probability, message = None, str(error)
    if probability is None:
        assert f"Lower learning_rate={learning_rate}" in message
    else:
        np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=1e-6)


def test_a_weight_decay_too_high_gives_an_error(classifier):
    classifier.set_params(weight_decay=1e30)
    with refused(classifier, ValueError, "diverged in epoch"):
        classifier.fit(IMAGES, LABELS)


class Interruption:
    """Press Control-C in an epoch, as an `augment` that alters nothing."""

    def __init__(self, epoch):
        self.epoch = epoch
        self.calls = 0

    def __call__(self, images, rng):
        self.calls += 1
        if self.calls == self.epoch:
            # A process inherits that SIGINT is ignored, as in a shell's background jobs
            previous = signal.signal(signal.SIGINT, signal.default_int_handler)
            try:
                signal.raise_signal(signal.SIGINT)
            finally:
                signal.signal(signal.SIGINT, previous)
        return images


def test_an_interrupted_fit_keeps_what_it_had(classifier):
    classifier.set_params(augment=Interruption(epoch=2))
    with refused(classifier, KeyboardInterrupt):
        classifier.fit(IMAGES[::-1], LABELS[::-1])


def test_an_interrupted_first_fit_leaves_the_classifier_unfitted():
    classifier = MLPDigitClassifier(**SETTINGS, augment=Interruption(epoch=2))
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(IMAGES, LABELS)
    with pytest.raises(NotFittedError):
        check_is_fitted(classifier)


def test_after_an_interruption_fit_starts_anew(trained):
    classifier = MLPDigitClassifier(**SETTINGS, augment=Interruption(epoch=2))
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(IMAGES, LABELS)
    classifier.fit(IMAGES, LABELS)
    np.testing.assert_equal(classifier.coefs_, trained.coefs_)


def test_after_an_interruption_partial_fit_goes_on_as_if_there_had_been_none():
    interrupted, other = partly_fitted(), partly_fitted()
    interrupted.set_params(augment=Interruption(epoch=1))
    with pytest.raises(KeyboardInterrupt):
        interrupted.partial_fit(IMAGES, LABELS)
    interrupted.partial_fit(IMAGES, LABELS)
    other.partial_fit(IMAGES, LABELS)
    np.testing.assert_equal(interrupted.coefs_, other.coefs_)


def test_an_error_in_a_callback_leaves_the_classifier_as_it_was(classifier):
    class Fails(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise OSError("disk full")

    classifier.set_params(callbacks=[Fails()])
    with refused(classifier, OSError, "disk full"):
        classifier.fit(IMAGES, LABELS)

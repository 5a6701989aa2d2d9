"""Training in Keras: the model, reproducibility, and no traces left elsewhere."""

import copy
import hashlib
import logging
import os
import pickle
import random
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import joblib
import keras
import matplotlib
import numpy as np
import pytest
from helpers import (
    keras_output,
    random_numbers_of_the_backend,
    run_python,
    same_weights,
    settings_of_the_backend,
    small,
    weights,
)
from sklearn import config_context
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline

from skdigits import FlattenScaler, MLPDigitClassifier
from skdigits._training.keras import training
from skdigits._training.keras.network import Network, build_network
from skdigits._training.keras.pool import Pool

# Enough of MNIST for another process, which cannot have the fixture
PREAMBLE = """
import numpy as np
from skdigits import MLPDigitClassifier, load_mnist
train = load_mnist("train")
X, y = (train.data[:300] / 255).astype(np.float32), train.target[:300]
"""


def fingerprint(classifier):
    return hashlib.sha256(b"".join(array.tobytes() for array in weights(classifier)))


# model_


def test_the_keras_model_for_mnist_has_its_published_layers(mnist):
    images = mnist.X_train.reshape(-1, 28, 28)
    model = MLPDigitClassifier(epochs=1).fit(images, mnist.y_train).model_

    assert {layer.name: layer.count_params() for layer in model.layers} == {
        "flatten": 0,
        "dense_1": 100_480,
        "dense_2": 8_256,
        "dense_3": 650,
    }
    assert model.count_params() == 109_386
    assert sum(weight.size for weight in model.get_weights()) == 109_386
    assert model.input_shape == (None, 28, 28)


@pytest.mark.parametrize("shape", [(784,), (28, 28), (28, 28, 1)])
def test_the_keras_model_takes_what_fit_took_and_predicts_the_same(shape, mnist):
    X_train, X_test = (X.reshape(-1, *shape) for X in (mnist.X_train, mnist.X_test))

    classifier = small().fit(X_train, mnist.y_train)

    np.testing.assert_allclose(
        classifier.model_.predict(X_test, verbose=0),
        classifier.predict_proba(X_test),
        atol=1e-6,
    )


def test_the_keras_model_takes_images_where_channels_come_first(mnist):
    classifier = small().fit(mnist.X_train.reshape(-1, 28, 28), mnist.y_train)
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        predicted = keras_output(classifier.model_, mnist.X_test.reshape(-1, 28, 28))
    finally:
        keras.config.set_image_data_format(before)

    np.testing.assert_allclose(
        predicted, classifier.predict_proba(mnist.X_test), atol=1e-6
    )


def test_the_keras_model_is_made_once_for_each_fit(mnist):
    classifier = small().fit(mnist.X_train, mnist.y_train)

    before = classifier.model_
    assert classifier.model_ is before

    classifier.partial_fit(mnist.X_train, mnist.y_train)
    assert classifier.model_ is not before
    np.testing.assert_array_equal(
        classifier.model_.get_weights()[0], classifier.coefs_[0]
    )


def test_there_is_no_keras_model_before_fit():
    assert not hasattr(small(), "model_")
    with pytest.raises(AttributeError, match="no model_ before it is fitted"):
        small().model_  # noqa: B018


def test_training_the_keras_model_further_leaves_the_classifier_alone(mnist):
    classifier = small().fit(mnist.X_train, mnist.y_train)
    before = copy.deepcopy(classifier.coefs_)

    classifier.model_.compile("sgd", "sparse_categorical_crossentropy")
    classifier.model_.fit(mnist.X_train, mnist.y_train, epochs=1, verbose=0)

    for ours, was in zip(classifier.coefs_, before, strict=True):
        np.testing.assert_array_equal(ours, was)
    assert not np.array_equal(classifier.model_.get_weights()[0], before[0])


def test_the_keras_model_can_be_saved_and_loaded_by_keras_alone(mnist, tmp_path):
    classifier = small().fit(mnist.X_train, mnist.y_train)

    classifier.model_.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")

    np.testing.assert_array_equal(
        keras_output(loaded, mnist.X_test),
        keras_output(classifier.model_, mnist.X_test),
    )


# The same seed, the same weights


def test_the_same_seed_gives_the_same_weights_twice(mnist):
    one, other = (small().fit(mnist.X_train, mnist.y_train) for _ in range(2))

    assert same_weights(one, other)
    assert one.history_ == other.history_


def test_another_seed_gives_other_weights(mnist):
    one, other = (
        small(random_state=seed).fit(mnist.X_train, mnist.y_train) for seed in (0, 1)
    )

    assert not same_weights(one, other)


def test_without_a_seed_two_fits_differ(mnist):
    one, other = (
        small(random_state=None).fit(mnist.X_train, mnist.y_train) for _ in range(2)
    )

    assert not same_weights(one, other)


def test_a_generator_as_seed_moves_on_from_fit_to_fit(mnist):
    def two_fits():
        classifier = small(random_state=np.random.RandomState(7))
        return [
            copy.deepcopy(classifier.fit(mnist.X_train, mnist.y_train))
            for _ in range(2)
        ]

    first, second = two_fits()

    assert not same_weights(first, second)
    assert all(map(same_weights, two_fits(), (first, second)))


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_fits_in_between_leave_no_trace(dropout, mnist):
    X, y = mnist.X_train, mnist.y_train
    before = small(dropout=dropout).fit(X, y)

    small(dropout=dropout, random_state=5, learning_rate=0.1).fit(X[:170], y[:170])
    small(dropout=dropout, class_weight={3: 9}).partial_fit(X, y, classes=range(10))
    small(optimizer="sgd", early_stopping=True).fit(X, y)

    assert same_weights(small(dropout=dropout).fit(X, y), before)


def test_more_architectures_than_are_kept_leave_no_trace(mnist, monkeypatch):
    X, y = mnist.X_train, mnist.y_train
    pool = Pool(build_network, Network.count_params, max_kept=1, max_size=10**6)
    monkeypatch.setattr(training, "networks", pool)
    before = small().fit(X, y)

    small(optimizer="sgd").fit(X, y)

    assert same_weights(small().fit(X, y), before)


@pytest.mark.programs
def test_another_process_comes_to_the_same_weights(mnist):
    here = small(dropout=0.2).fit(mnist.X_train, mnist.y_train)

    there = run_python(
        PREAMBLE
        + "import hashlib, random\n"
        + "random.seed(3); np.random.seed(4)\n"
        + "c = MLPDigitClassifier((16,), batch_size=32, epochs=3, dropout=0.2,"
        + " learning_rate_schedule='constant', random_state=0).fit(X, y)\n"
        + "arrays = [a.tobytes() for a in (*c.coefs_, *c.intercepts_)]\n"
        + "print(hashlib.sha256(b''.join(arrays)).hexdigest())",
    )

    assert there.stdout.strip() == fingerprint(here).hexdigest()


def test_fits_in_other_threads_change_nothing(mnist):
    X, y = mnist.X_train, mnist.y_train
    alone = [
        small(random_state=seed, dropout=dropout).fit(X, y)
        for seed in (0, 1)
        for dropout in (0.0, 0.2)
    ]
    start = threading.Barrier(4)

    def fit_beside_others(classifier):
        start.wait(timeout=60)
        return copy.deepcopy(classifier).fit(X, y)

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(fit_beside_others, alone))

    assert all(map(same_weights, together, alone))


def test_threads_may_predict_with_one_classifier_while_it_trains_elsewhere(mnist):
    classifier = small().fit(mnist.X_train, mnist.y_train)
    expected = classifier.predict_proba(mnist.X_test)

    with ThreadPoolExecutor(4) as threads:
        training = threads.submit(
            copy.deepcopy(classifier).fit, mnist.X_train, mnist.y_train
        )
        predictions = [
            threads.submit(classifier.predict_proba, mnist.X_test) for _ in range(20)
        ]

    training.result()
    for prediction in predictions:
        np.testing.assert_array_equal(prediction.result(), expected)


# Nothing changes but the classifier


def state_of_the_process():
    loggers = [logging.root, *map(logging.getLogger, logging.root.manager.loggerDict)]
    return {
        "environment": dict(os.environ),
        "warnings": list(warnings.filters),
        "loggers": {
            logger.name: (logger.level, list(logger.handlers), logger.propagate)
            for logger in loggers
        },
        "random": random.getstate(),
        "NumPy random": pickle.dumps(np.random.get_state()),  # noqa: NPY002
        "NumPy errors": np.geterr(),
        "Matplotlib": dict(matplotlib.rcParams),
        "Keras": (
            keras.config.floatx(),
            keras.config.epsilon(),
            keras.config.image_data_format(),
            keras.config.dtype_policy().name,
            keras.config.is_traceback_filtering_enabled(),
        ),
        "backend": settings_of_the_backend(),
        "output": (sys.stdout, sys.stderr, os.fstat(1), os.fstat(2)[:7]),
        "threads": threading.active_count(),
    }


@pytest.mark.parametrize(
    "parameters",
    [
        # Sizes that no other test has, so that the network is built here
        {"hidden_layer_sizes": (13,)},
        {"hidden_layer_sizes": (12,), "dropout": 0.3, "early_stopping": True},
    ],
    ids=["plain", "dropout, early stopping"],
)
def test_a_fit_changes_nothing_in_the_process(parameters, mnist):
    before = state_of_the_process()

    classifier = small(**parameters).fit(mnist.X_train, mnist.y_train)
    classifier.predict(mnist.X_test)
    assert classifier.model_.count_params() > 0

    after = state_of_the_process()
    before["output"], after["output"] = (
        [*output[:2], output[2][:7], output[3]]
        for output in (before["output"], after["output"])
    )
    for name in before:
        assert after[name] == before[name], name


def test_a_fit_does_not_move_the_random_numbers_of_keras_and_its_backend(mnist):
    def draw(after):
        keras.utils.set_random_seed(11)
        after()
        return (
            keras.ops.convert_to_numpy(keras.random.uniform((3,))),
            random_numbers_of_the_backend(),
        )

    undisturbed = draw(lambda: None)
    after_a_fit = draw(
        lambda: small(hidden_layer_sizes=(11,), dropout=0.3).fit(
            mnist.X_train, mnist.y_train
        )
    )

    np.testing.assert_array_equal(after_a_fit, undisturbed)


@pytest.mark.parametrize(
    ("setting", "value"), [("floatx", "float64"), ("dtype_policy", "mixed_float16")]
)
def test_keras_settings_of_the_user_do_not_change_a_fit(
    setting, value, mnist, monkeypatch
):
    # A size of its own, so that the network is built under the setting, and not kept
    monkeypatch.setattr(training.networks, "max_size", 0)
    units = {"floatx": 9, "dtype_policy": 10}[setting]
    change = getattr(keras.config, f"set_{setting}")
    before = getattr(keras.config, setting)()
    # Where JAX is set to 64 bits, as it must be here, it draws other random numbers
    dropout = 0.0 if keras.config.backend() == "jax" else 0.2

    change(value)
    try:
        with training.backend.precision(keras.config.floatx()):
            under_setting = small(hidden_layer_sizes=(units,), dropout=dropout)
            under_setting.fit(mnist.X_train, mnist.y_train)
            predicted = under_setting.model_.predict(mnist.X_test, verbose=0)
    finally:
        change(before)

    ordinary = small(hidden_layer_sizes=(units,), dropout=dropout)
    assert same_weights(under_setting, ordinary.fit(mnist.X_train, mnist.y_train))
    np.testing.assert_allclose(
        predicted, ordinary.predict_proba(mnist.X_test), atol=1e-5
    )


# What a fit prints

SHORT_FITS = (
    PREAMBLE
    + """
import scipy.sparse as sp
for parameters, data in [
    ({}, X), ({"dropout": 0.2}, X), ({"early_stopping": True}, X),
    ({}, sp.csr_array(X)), ({}, X.reshape(-1, 28, 28)), ({}, X.astype(np.float64)),
]:
    classifier = MLPDigitClassifier((16,), batch_size=32, epochs=2, **parameters)
    classifier.fit(data, y).predict(data)
    classifier.model_
"""
)

# So many steps that compiling with XLA pays
LONG_FITS = (
    PREAMBLE
    + """
for dropout in (0.0, 0.2):
    classifier = MLPDigitClassifier((64,), batch_size=1, epochs=25, dropout=dropout)
    classifier.fit(X[:100], y[:100]).predict(X)
from skdigits._training.keras import training
n_steps, n_weights = 25 * 100, 784 * 64 + 64 * 10
compiled = training.backend.compiling_pays(n_steps, n_weights)
assert compiled or training.keras.config.backend() == "torch"
"""
)


@pytest.mark.programs
@pytest.mark.parametrize("warn", ["default", "error"])
@pytest.mark.parametrize("fits", [SHORT_FITS, LONG_FITS], ids=["short", "long"])
def test_fits_and_predictions_print_nothing(fits, warn):
    done = run_python(fits, "-W", warn, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.programs
def test_what_the_users_own_code_prints_arrives():
    done = run_python(
        PREAMBLE
        + """
import logging, os, sys, warnings
import skdigits._training.keras
import keras

class Loud(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        os.write(2, b"written during fit\\n")

MLPDigitClassifier((16,), batch_size=32, epochs=1, callbacks=[Loud()]).fit(X, y)
os.write(2, b"written after fit\\n")
logging.getLogger("any").warning("logged by the user")
warnings.warn("warned by the user")
""",
    )

    for words in (
        "written during fit",
        "written after fit",
        "logged by the user",
        "warned by the user",
    ):
        assert done.stderr.count(words) >= 1, words


def test_verbose_shows_the_progress_bar_of_keras(mnist, capsys):
    small(verbose=1).fit(mnist.X_train, mnist.y_train)

    shown = capsys.readouterr().out
    for words in ("Epoch 1/3", "Epoch 3/3", "10/10", "accuracy", "loss"):
        assert words in shown


def test_verbose_2_prints_a_line_an_epoch(mnist, capsys):
    small(verbose=2).fit(mnist.X_train, mnist.y_train)

    shown = capsys.readouterr().out
    assert shown.count("10/10") == 3
    assert "━" not in shown


def test_a_quiet_fit_prints_nothing(mnist, capfd):
    small(hidden_layer_sizes=(14,)).fit(mnist.X_train, mnist.y_train)

    assert capfd.readouterr() == ("", "")


# Other processes


@pytest.mark.programs
def test_a_loaded_classifier_predicts_without_tensorflow_and_then_goes_on(
    mnist, tmp_path
):
    classifier = small(dropout=0.2).fit(mnist.X_train, mnist.y_train)
    joblib.dump(classifier, tmp_path / "classifier.joblib")

    there = run_python(
        PREAMBLE
        + f"""
import hashlib, sys
import joblib
c = joblib.load({str(tmp_path / "classifier.joblib")!r})
hash = lambda arrays: hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest()
print(hash([c.predict_proba(X)]))
print({{"tensorflow", "keras", "scikeras"}} & set(sys.modules))
c.partial_fit(X, y)
print(hash([*c.coefs_, *c.intercepts_]))
"""
    )

    probabilities = classifier.predict_proba(mnist.X_train).tobytes()
    classifier.partial_fit(mnist.X_train, mnist.y_train)
    assert there.stdout.split() == [
        hashlib.sha256(probabilities).hexdigest(),
        "set()",
        fingerprint(classifier).hexdigest(),
    ]


@pytest.mark.programs
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_forked_process_predicts_and_says_why_it_cannot_fit():
    done = run_python(
        PREAMBLE
        + """
import os, signal, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of fork beside threads
c = MLPDigitClassifier((16,), batch_size=32, epochs=1).fit(X, y)
expected = c.predict(X)
child = os.fork()
if not child:
    signal.alarm(30)  # rather than hang
    assert (c.predict(X) == expected).all()
    try:
        c.fit(X, y)
    except RuntimeError as error:
        print(error, flush=True)
    os._exit(0)
print(os.waitpid(child, 0)[1])
""",
    )

    assert "use joblib's 'loky' backend" in done.stdout
    assert done.stdout.split()[-1] == "0"


# augment


class Shifts:
    """Shifts images by a random pixel, and keeps what it was given."""

    def __init__(self):
        self.given = []

    def __call__(self, images, rng):
        self.given.append((images.copy(), rng))
        return np.roll(images, rng.integers(-1, 2), axis=2)


@pytest.mark.parametrize("shape", [(784,), (28, 28), (28, 28, 1)])
def test_augmenting_is_given_images_and_a_generator(shape, mnist):
    shifts = Shifts()

    small(augment=shifts).fit(mnist.X_train.reshape(-1, *shape), mnist.y_train)

    assert sum(len(images) for images, _ in shifts.given) == 3 * 300
    for images, rng in shifts.given:
        assert images.shape[1:] == (28, 28)
        assert images.dtype == np.float32
        assert isinstance(rng, np.random.Generator)


def test_augmenting_is_given_every_image_in_every_epoch(mnist):
    shifts = Shifts()

    small(augment=shifts, shuffle=False).fit(mnist.X_train, mnist.y_train)

    seen = np.concatenate([images for images, _ in shifts.given]).reshape(-1, 784)
    np.testing.assert_array_equal(seen, np.tile(mnist.X_train, (3, 1)))


def test_images_that_are_not_square_keep_their_shape(mnist):
    shifts = Shifts()

    small(augment=shifts).fit(mnist.X_train.reshape(-1, 14, 56), mnist.y_train)

    assert shifts.given[0][0].shape[1:] == (14, 56)


def test_augmenting_follows_the_seed_and_differs_from_epoch_to_epoch(mnist):
    drawn = []

    def draw(images, rng):
        drawn.append(rng.random())
        return images

    for _ in range(2):
        small(augment=draw).fit(mnist.X_train, mnist.y_train)

    assert drawn[: len(drawn) // 2] == drawn[len(drawn) // 2 :]
    assert len(set(drawn)) == len(drawn) // 2
    one, other = (
        small(augment=Shifts()).fit(mnist.X_train, mnist.y_train) for _ in range(2)
    )
    assert same_weights(one, other)
    assert not same_weights(one, small().fit(mnist.X_train, mnist.y_train))


def test_augmenting_that_changes_nothing_changes_nothing(mnist):
    still = small(augment=lambda images, rng: images).fit(mnist.X_train, mnist.y_train)

    assert same_weights(still, small().fit(mnist.X_train, mnist.y_train))


def test_validation_images_are_not_augmented(mnist):
    shifts = Shifts()
    classifier = small(augment=shifts, early_stopping=True, epochs=1)

    classifier.fit(mnist.X_train, mnist.y_train)

    seen = {image.tobytes() for images, _ in shifts.given for image in images}
    held_out = np.array([row.tobytes() not in seen for row in mnist.X_train])
    assert 20 <= held_out.sum() <= 40
    score = classifier.score(mnist.X_train[held_out], mnist.y_train[held_out])
    assert score == pytest.approx(classifier.best_validation_score_)


def test_augmenting_works_on_sparse_data(mnist):
    from scipy.sparse import csr_array

    dense, sparse = (
        small(augment=Shifts()).fit(X, mnist.y_train)
        for X in (mnist.X_train, csr_array(mnist.X_train))
    )

    assert same_weights(dense, sparse)


def test_augmenting_to_another_shape_is_an_error(mnist):
    classifier = small(augment=lambda images, rng: images[:, 2:])

    with pytest.raises(ValueError, match=r"augment must return .*\(300, 26, 28\)"):
        classifier.fit(mnist.X_train, mnist.y_train)


def test_augmenting_rows_of_no_square_number_is_an_error(mnist):
    classifier = small(augment=lambda images, rng: images)

    with pytest.raises(ValueError, match=r"augment needs images\..* rows of 783 "):
        classifier.fit(mnist.X_train[:, 1:], mnist.y_train)


# Metadata routing


def test_sample_weights_are_routed_to_it_in_a_pipeline(mnist):
    weight = (mnist.y_train != 4).astype(float)

    with config_context(enable_metadata_routing=True):
        classifier = small().set_fit_request(sample_weight=True)
        pipeline = make_pipeline(FlattenScaler(), classifier)
        pipeline.fit(mnist.X_train, mnist.y_train, sample_weight=weight)

    assert 4 not in pipeline.predict(mnist.X_test)


def test_sample_weights_are_routed_to_it_in_cross_validation(mnist):
    weight = (mnist.y_train != 4).astype(float)

    with config_context(enable_metadata_routing=True):
        classifier = small().set_fit_request(sample_weight=True)
        classifier.set_score_request(sample_weight=False)
        results = cross_validate(
            classifier,
            mnist.X_train,
            mnist.y_train,
            params={"sample_weight": weight},
            cv=2,
            return_estimator=True,
        )

    for fitted in results["estimator"]:
        assert 4 not in fitted.predict(mnist.X_test)

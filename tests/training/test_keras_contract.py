"""Keras's contract with its callbacks, each class of them held against Keras itself."""

import copy
import csv
import inspect
import pickle
import warnings
from functools import cache

import keras
import numpy as np
import pytest
from helpers import only_on, run_python, same_weights, small
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

RATE = 0.01


class AddsALog(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["val_f1"] = epoch + 0.5


class KeepsFirstWeights(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.weights = self.model.get_weights()


class Raises(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 4:
            raise OSError("the machine goes down")


class CountsEpochs(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.epochs = []

    def on_epoch_begin(self, epoch, logs=None):
        self.epochs.append(epoch)


def falling_rate(epoch):
    return RATE / (epoch + 1)


def say_nothing(*_):
    pass


K = keras.callbacks

# Each makes a callback that writes into the current directory, if it writes
CALLBACKS = {
    "backup": lambda: K.BackupAndRestore("backup"),
    "backup in batches": lambda: K.BackupAndRestore("backup", save_freq=3),
    "csv": lambda: K.CSVLogger("log.csv"),
    "early stopping": lambda: K.EarlyStopping("accuracy", min_delta=1, patience=1),
    "early stopping, best": lambda: K.EarlyStopping(
        "accuracy", patience=2, restore_best_weights=True
    ),
    "history": K.History,
    "lambda": lambda: K.LambdaCallback(on_epoch_end=say_nothing),
    "rate": lambda: K.LearningRateScheduler(falling_rate),
    "checkpoint": lambda: K.ModelCheckpoint(
        "best.keras", "accuracy", save_best_only=True
    ),
    "weights": lambda: K.ModelCheckpoint("{epoch}.weights.h5", save_weights_only=True),
    "progress bar": K.ProgbarLogger,
    "plateau": lambda: K.ReduceLROnPlateau(
        "accuracy", factor=0.5, patience=1, min_delta=1
    ),
    "remote": lambda: K.RemoteMonitor("http://localhost:1"),
    "average": lambda: K.SwapEMAWeights(swap_on_epoch=True),
    "tensorboard": lambda: K.TensorBoard("logs", histogram_freq=1, write_images=True),
    "tensorboard, batches": lambda: K.TensorBoard("logs", update_freq="batch"),
    "nan": K.TerminateOnNaN,
    "own": AddsALog,
}

each_callback = pytest.mark.parametrize("name", sorted(CALLBACKS))


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def plain(callbacks, **parameters):
    """A classifier that does nothing that an ordinary Keras model would not do."""
    return small(
        **{
            "callbacks": callbacks,
            "epochs": 4,
            "learning_rate": RATE,
            "shuffle": False,
            "weight_decay": 0,
            **parameters,
        }
    )


def optimizer_for(name):
    config = {"use_ema": True, "ema_momentum": 0.9} if name == "average" else {}
    return {"class_name": "Adam", "config": config}


def fit(classifier, mnist):
    with warnings.catch_warnings():
        # Nobody listens at that port
        warnings.filterwarnings("ignore", "Could not reach RemoteMonitor")
        return classifier.fit(mnist.X_train, mnist.y_train)


def test_every_class_of_callbacks_is_tried():
    tried = {type(make()) for make in CALLBACKS.values()}
    classes = {kind for kind in vars(K).values() if inspect.isclass(kind)}
    # Two are not for users to give, and one needs a package that needs JAX
    untried = {kind.__name__ for kind in classes - tried} - {"OrbaxCheckpoint"}
    assert untried == {"Callback", "CallbackList"}


@cache
def compiled_in_keras(averages):
    """The network as a model of Keras, compiled once, with what its optimizer holds."""
    model = keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(16, "relu"),
            keras.layers.Dense(10, "softmax"),
        ]
    )
    config = optimizer_for("average" if averages else "")["config"]
    optimizer = keras.optimizers.Adam(RATE, **config)
    optimizer.build(model.trainable_variables)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, [keras.ops.convert_to_numpy(v).copy() for v in optimizer.variables]


@each_callback
def test_a_callback_sees_and_does_what_it_does_in_keras(name, mnist):
    first = KeepsFirstWeights()
    classifier = plain([first, CALLBACKS[name]()], optimizer=optimizer_for(name))
    fit(classifier, mnist)

    model, at_first = compiled_in_keras(averages=name == "average")
    model.set_weights(first.weights)
    for variable, value in zip(model.optimizer.variables, at_first, strict=True):
        variable.assign(value)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Could not reach RemoteMonitor")
        history = model.fit(
            mnist.X_train,
            mnist.y_train,
            batch_size=32,
            epochs=4,
            shuffle=False,
            verbose=0,
            callbacks=[CALLBACKS[name]()],
        ).history

    assert classifier.history_.keys() == history.keys()
    for key, values in history.items():
        np.testing.assert_allclose(classifier.history_[key], values, rtol=1e-4)
    for ours, theirs in zip(
        [*classifier.coefs_, *classifier.intercepts_],
        [*model.get_weights()[::2], *model.get_weights()[1::2]],
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)


@pytest.mark.thorough
@each_callback
def test_a_classifier_goes_on_as_an_estimator_with_any_callback(name, mnist):
    classifier = plain(CALLBACKS[name](), optimizer=optimizer_for(name))

    for _ in range(2):
        clone(classifier)
        copy.deepcopy(classifier)
        pickle.loads(pickle.dumps(classifier))
        fit(classifier, mnist)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Could not reach RemoteMonitor")
        scores = cross_val_score(classifier, mnist.X_train, mnist.y_train, cv=2)

    assert np.isfinite(scores).all()


def test_a_callback_may_watch_the_accuracy_of_the_validation_without_a_mode(mnist):
    watches = K.EarlyStopping("val_accuracy", patience=1, restore_best_weights=True)

    classifier = plain([watches], early_stopping=True, epochs=30, n_iter_no_change=30)
    classifier.fit(mnist.X_train, mnist.y_train)

    scores = classifier.validation_scores_
    assert watches.best == pytest.approx(max(scores))
    assert len(scores) < 30


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_a_backup_goes_on_with_the_epochs_that_are_due(schedule, mnist):
    X, y = mnist.X_train, mnist.y_train
    counts = CountsEpochs()
    parameters = {"epochs": 6, "learning_rate_schedule": schedule}
    with pytest.raises(OSError, match="goes down"):
        small(**parameters, callbacks=[K.BackupAndRestore("b"), Raises()]).fit(X, y)

    resumed = small(**parameters, callbacks=[K.BackupAndRestore("b"), counts])
    resumed.fit(X, y)

    assert counts.epochs == [5]
    assert resumed.n_iter_ == 1
    assert same_weights(resumed, small(**parameters).fit(X, y))
    # The network that is kept for the next fit does not remember
    assert small(**parameters).fit(X, y).n_iter_ == 6


def test_a_backup_of_a_finished_training_is_all_there_is_to_do(mnist):
    X, y = mnist.X_train, mnist.y_train
    keep = K.BackupAndRestore("b", delete_checkpoint=False)
    finished = small(callbacks=keep).fit(X, y)

    again = small(callbacks=K.BackupAndRestore("b", delete_checkpoint=False)).fit(X, y)

    assert same_weights(again, finished)
    assert again.n_iter_ == 0
    assert np.isnan(again.loss_)


def test_a_file_that_keras_opened_for_a_callback_is_closed_and_complete(mnist):
    classifier = plain(K.CSVLogger("log.csv")).fit(mnist.X_train, mnist.y_train)

    with open("log.csv") as lines:
        losses = [float(row["loss"]) for row in csv.DictReader(lines)]
    assert losses == classifier.loss_curve_


def test_what_a_callback_recorded_stays_in_it(mnist):
    class Records(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.losses, self.model_seen = [], self.model

        def on_epoch_end(self, epoch, logs=None):
            self.losses.append(logs["loss"])
            self.weights = self.model.get_weights()

    records = Records()
    classifier = plain(records).fit(mnist.X_train, mnist.y_train)

    assert records.losses == classifier.loss_curve_
    np.testing.assert_array_equal(records.weights[0], classifier.coefs_[0])


@pytest.mark.parametrize(
    "callback",
    [K.LearningRateScheduler(falling_rate), K.ReduceLROnPlateau("loss")],
    ids=["scheduler", "plateau"],
)
def test_a_callback_that_sets_the_rate_is_refused_beside_a_schedule(callback, mnist):
    classifier = small(callbacks=callback, learning_rate_schedule="cosine")

    with pytest.raises(ValueError, match="Set learning_rate_schedule='constant'"):
        classifier.fit(mnist.X_train, mnist.y_train)

    assert not hasattr(classifier, "coefs_")


def test_a_rate_set_between_batches_beside_a_schedule_is_refused(mnist):
    class Sets(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.optimizer.learning_rate = 0.5

    classifier = small(callbacks=Sets(), learning_rate_schedule="cosine")

    with pytest.raises(ValueError, match="Set learning_rate_schedule='constant'"):
        classifier.fit(mnist.X_train, mnist.y_train)


@pytest.mark.parametrize("batch_size", [16, 128])
def test_a_rate_that_a_callback_sets_is_the_rate_of_the_steps(batch_size, mnist):
    X, y = mnist.X_train, mnist.y_train
    sets = K.LearningRateScheduler(lambda epoch: 0.01)

    by_callback = small(callbacks=sets, batch_size=batch_size).fit(X, y)

    by_parameter = small(learning_rate=0.01, batch_size=batch_size).fit(X, y)
    assert same_weights(by_callback, by_parameter)


# Where a classifier is fitted


@pytest.mark.parametrize(
    ("enter", "name"),
    [
        ("keras.StatelessScope()", r"a keras\.StatelessScope"),
        ("tf.Graph().as_default()", r"a tf\.Graph"),
        ("tf.distribute.MirroredStrategy().scope()", "MirroredStrategy"),
        ("tf.distribute.OneDeviceStrategy('/cpu:0').scope()", "OneDeviceStrategy"),
    ],
)
@only_on("tensorflow")
def test_a_context_that_takes_no_network_is_refused_by_name(enter, name, mnist):
    import tensorflow as tf

    classifier = small()
    with (
        pytest.raises(RuntimeError, match=rf"inside .*{name}.*outside of it"),
        eval(enter, {"keras": keras, "tf": tf}),
    ):
        classifier.fit(mnist.X_train, mnist.y_train)

    assert not hasattr(classifier, "coefs_")
    assert classifier.fit(mnist.X_train, mnist.y_train).n_iter_ == 3


@only_on("tensorflow")
def test_a_tf_function_is_refused_by_name(mnist):
    import tensorflow as tf

    @tf.autograph.experimental.do_not_convert
    def train():
        small().fit(mnist.X_train, mnist.y_train)

    with pytest.raises(RuntimeError, match=r"inside a tf\.function"):
        tf.function(train)()


@only_on("tensorflow")
def test_execution_modes_of_tensorflow_change_nothing(mnist):
    import tensorflow as tf

    X, y = mnist.X_train, mnist.y_train
    expected = small().fit(X, y)
    experimental = tf.config.experimental

    experimental.set_synchronous_execution(False)
    try:
        asynchronous = [small().fit(X, y), small(hidden_layer_sizes=(21,)).fit(X, y)]
    finally:
        experimental.set_synchronous_execution(True)
    tf.config.run_functions_eagerly(True)
    try:
        eager = small().fit(X, y)
    finally:
        tf.config.run_functions_eagerly(False)

    assert same_weights(asynchronous[0], expected)
    assert same_weights(asynchronous[1], small(hidden_layer_sizes=(21,)).fit(X, y))
    assert same_weights(eager, expected)


@pytest.mark.programs
@only_on("tensorflow")
def test_the_debugger_of_tensorflow_may_come_and_go(tmp_path):
    """In a process of its own, which would crash."""
    run_python(
        f"""
import numpy as np
from skdigits import MLPDigitClassifier, load_mnist
train = load_mnist("train")
X, y = train.data[:100] / np.float32(255), train.target[:100]

def fit():
    return MLPDigitClassifier((16,), epochs=2, random_state=0).fit(X, y).coefs_[0]

before = fit()
import tensorflow as tf
dump = tf.debugging.experimental
for folder in ("one", "two"):
    dump.enable_dump_debug_info({str(tmp_path)!r} + folder, "FULL_HEALTH", -1)
    within = fit()
    dump.disable_dump_debug_info()
    after = fit()
    assert np.array_equal(before, after)
    np.testing.assert_allclose(before, within, atol=1e-6)
"""
    )


def test_objects_of_the_user_named_as_those_of_keras_change_nothing(mnist):
    X, y = mnist.X_train, mnist.y_train

    def mine(*_, **__):
        raise AssertionError("was asked")

    names = ("adam", "Adam", "relu", "softmax", "zeros", "Zeros", "Dense", "Dropout")
    with keras.saving.custom_object_scope(dict.fromkeys(names, mine)):
        classifier = small(hidden_layer_sizes=(22,), dropout=0.2).fit(X, y)
        assert classifier.model_.count_params() == 784 * 22 + 22 + 22 * 10 + 10

    expected = small(hidden_layer_sizes=(22,), dropout=0.2).fit(X, y)
    assert same_weights(classifier, expected)


@pytest.mark.programs
def test_keras_classes_are_pickled_and_copied_as_before():
    """scikeras replaces these methods when it is imported."""
    done = run_python(
        """
import keras
kinds = keras.Model, keras.losses.Loss, keras.metrics.Metric, keras.optimizers.Optimizer
names = "__reduce__", "__deepcopy__"
methods = lambda: [[getattr(kind, name, None) for name in names] for kind in kinds]
before = methods()
import numpy as np
from skdigits import MLPDigitClassifier
MLPDigitClassifier(epochs=1).fit(np.eye(3), [0, 1, 2])
import sys
print("scikeras" in sys.modules, methods() == before)
"""
    )

    assert done.stdout.split() == ["True", "True"]


@pytest.mark.programs
def test_without_scikeras_a_fit_says_so_once_and_does_the_same(mnist):
    done = run_python(
        """
import sys, warnings
import numpy as np
sys.modules["scikeras"] = None
from skdigits import MLPDigitClassifier, load_mnist
train = load_mnist("train")
X, y = train.data[:300] / np.float32(255), train.target[:300]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for _ in range(2):
        classifier = MLPDigitClassifier(
            (16,), dropout=0, batch_size=32, epochs=3, random_state=0,
            learning_rate_schedule="constant",
        ).fit(X, y)
print(sum("scikeras cannot be imported" in str(w.message) for w in caught))
print(classifier.loss_)
"""
    )

    n_warnings, loss = done.stdout.split()
    assert n_warnings == "1"
    assert float(loss) == small().fit(mnist.X_train, mnist.y_train).loss_


@pytest.mark.programs
def test_keras_goes_on_after_a_fit_with_tensorboard(mnist, tmp_path):
    done = run_python(
        f"""
import gc
import numpy as np, keras
from skdigits import MLPDigitClassifier, load_mnist
test = load_mnist("test")
X, y = test.data[:64] / np.float32(255), test.target[:64]
logs = keras.callbacks.TensorBoard({str(tmp_path)!r})
MLPDigitClassifier((8,), epochs=1, callbacks=[logs]).fit(X, y)
gc.collect()
model = keras.Sequential([keras.layers.Dense(10, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", run_eagerly=True)
print(np.isfinite(model.train_on_batch(X, y)))
"""
    )
    assert done.stdout == "True\n"

"""The parameter optimizer: Keras's names, configurations and instances."""

import copy
import pickle

import keras
import numpy as np
import pytest
from helpers import run_python, same_weights, small, thorough_but
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skdigits import MLPDigitClassifier
from skdigits._training.keras.start import backend

NESTEROV = {"class_name": "SGD", "config": {"momentum": 0.9, "nesterov": True}}


class Unregistered(keras.optimizers.SGD):
    """An optimizer of which Keras does not know from where to import it."""


NAMES = sorted(
    name
    for name, kind in vars(keras.optimizers).items()
    if isinstance(kind, type)
    and issubclass(kind, keras.optimizers.Optimizer)
    and name not in ("LossScaleOptimizer", "MultiOptimizer", "Optimizer")
)


@pytest.mark.parametrize("name", thorough_but(["Adam", "RMSprop"], NAMES))
def test_every_optimizer_of_keras_trains_by_its_name_in_any_case(name, mnist):
    X, y = mnist.X_train, mnist.y_train

    by_name, in_lower_case = (
        small(optimizer=spelt, epochs=1).fit(X, y) for spelt in (name, name.lower())
    )

    assert same_weights(by_name, in_lower_case)


@pytest.mark.parametrize(
    "instance",
    [
        keras.optimizers.SGD(momentum=0.9, nesterov=True),
        NESTEROV,
        {"class_name": "sgd", "config": {"momentum": 0.9, "nesterov": True}},
        keras.optimizers.serialize(keras.optimizers.SGD(momentum=0.9, nesterov=True)),
    ],
    ids=["instance", "configuration", "lower case", "serialized"],
)
def test_an_instance_and_its_configuration_train_the_same(instance, mnist):
    X, y = mnist.X_train, mnist.y_train
    expected = small(optimizer=NESTEROV, learning_rate=0.05).fit(X, y)

    classifier = small(optimizer=instance, learning_rate=0.05).fit(X, y)

    assert same_weights(classifier, expected)
    assert not same_weights(
        classifier, small(optimizer="SGD", learning_rate=0.05).fit(X, y)
    )


@pytest.mark.parametrize(
    "adam", ["Adam", {"class_name": "Adam"}, keras.optimizers.Adam()], ids=type
)
def test_adam_has_its_own_learning_rate_however_it_is_given(adam, mnist):
    classifier = MLPDigitClassifier((16,), epochs=1, optimizer=adam)

    classifier.fit(mnist.X_train, mnist.y_train)

    assert classifier.learning_rate_ == 0.01


def test_options_may_be_numbers_of_numpy(mnist):
    X, y = mnist.X_train, mnist.y_train
    config = {"momentum": np.float32(0.5), "nesterov": np.bool_(True)}

    classifier = small(optimizer={"class_name": "SGD", "config": config}).fit(X, y)

    plain = keras.optimizers.SGD(momentum=0.5, nesterov=True)
    assert same_weights(classifier, small(optimizer=plain).fit(X, y))


def test_options_of_an_optimizer_have_their_effect(mnist):
    clipped = {"class_name": "SGD", "config": {"clipnorm": 1e-9}}

    classifier = small(optimizer=clipped, weight_decay=0)
    classifier.fit(mnist.X_train, mnist.y_train)

    assert classifier.loss_curve_[0] == pytest.approx(classifier.loss_, rel=1e-4)


# What looks at several weights at once among them, and what keeps more than most
OPTIONS = [
    *(
        {"class_name": name, "config": {}}
        for name in NAMES
        # Keras cannot find the one by its name, nor compute the other in float64
        if name not in ("Lamb", "Muon")
    ),
    NESTEROV,
    {"class_name": "Adam", "config": {"amsgrad": True, "clipvalue": 0.001}},
    {"class_name": "RMSprop", "config": {"momentum": 0.5, "centered": True}},
    {"class_name": "SGD", "config": {"clipnorm": 0.1}},
    {"class_name": "SGD", "config": {"global_clipnorm": 0.1}},
    {"class_name": "Adam", "config": {"use_ema": True, "ema_overwrite_frequency": 2}},
    {"class_name": "Adam", "config": {"gradient_accumulation_steps": 2}},
]


OFTEN = [
    {"class_name": "Adam", "config": {}},
    NESTEROV,
    {"class_name": "SGD", "config": {"global_clipnorm": 0.1}},
    # Its variables start as copies of the weights
    {"class_name": "ScheduleFreeAdamW", "config": {}},
]


@pytest.mark.parametrize("optimizer", thorough_but(OFTEN, OPTIONS), ids=str)
def test_an_optimizer_updates_the_weights_as_in_a_model_of_keras(optimizer, mnist):
    X, y = mnist.X_train[:64].astype(np.float64), mnist.y_train[:64]
    n_steps, rates = 5, {"learning_rate": 0.01, "weight_decay": 0.1}
    start = keras.callbacks.Callback()
    start.on_train_begin = lambda logs=None: setattr(
        start, "weights", start.model.get_weights()
    )
    classifier = small(
        optimizer=optimizer,
        epochs=n_steps,
        batch_size=64,
        dropout=0,
        learning_rate_schedule="constant",
        callbacks=start,
        **rates,
    ).fit(X, y)

    with backend.precision("float64"):
        model = keras.Sequential(
            keras.layers.Dense(len(biases), activation, dtype="float64")
            for biases, activation in zip(
                classifier.intercepts_, ("relu", "softmax"), strict=True
            )
        )
        model.build(X.shape)
        model.set_weights(start.weights)
        config = optimizer["config"] | rates
        model.compile(
            keras.optimizers.deserialize(optimizer | {"config": config}),
            "sparse_categorical_crossentropy",
            run_eagerly=True,
        )
        for _ in range(n_steps):
            model.train_on_batch(X, y)
        model.optimizer.finalize_variable_values(model.trainable_variables)
        expected = model.get_weights()

    layers = zip(classifier.coefs_, classifier.intercepts_, strict=True)
    for ours, keras_own in zip(
        [array for layer in layers for array in layer], expected, strict=True
    ):
        np.testing.assert_allclose(ours, keras_own, rtol=1e-4, atol=1e-5)


def test_an_instance_is_left_as_it_was(mnist):
    optimizer = keras.optimizers.Adam(beta_1=0.8)
    before = optimizer.get_config()

    classifier = small(optimizer=optimizer).fit(mnist.X_train, mnist.y_train)

    assert classifier.optimizer is optimizer
    assert optimizer.get_config() == before
    assert not optimizer.built


def test_an_instance_can_be_cloned_copied_and_stored(mnist):
    X, y = mnist.X_train, mnist.y_train
    optimizer = keras.optimizers.SGD(momentum=0.9, nesterov=True)
    classifier = small(optimizer=optimizer).fit(X, y)

    for other in (
        clone(classifier),
        copy.deepcopy(classifier),
        pickle.loads(pickle.dumps(classifier)),
    ):
        assert same_weights(other.fit(X, y), classifier)


def test_a_classifier_stored_with_an_instance_predicts_without_keras(mnist, tmp_path):
    classifier = small(optimizer=keras.optimizers.SGD(momentum=0.9))
    classifier.fit(mnist.X_train, mnist.y_train)
    (tmp_path / "model.pickle").write_bytes(pickle.dumps(classifier))

    done = run_python(
        f"""
import pickle, sys
sys.modules["keras"] = sys.modules["tensorflow"] = None
with open({str(tmp_path / "model.pickle")!r}, "rb") as file:
    classifier = pickle.load(file)
import numpy as np
print(classifier.predict(np.zeros((1, 784), np.float32)).shape)
"""
    )

    assert done.stdout.strip() == "(1,)"


def test_partial_fit_goes_on_with_the_momentum(mnist):
    X, y = mnist.X_train, mnist.y_train
    at_once = small(optimizer=NESTEROV, epochs=2).fit(X, y)

    in_turn = small(optimizer=NESTEROV, epochs=1).fit(X, y)
    in_turn = pickle.loads(pickle.dumps(in_turn)).partial_fit(X, y)

    assert same_weights(in_turn, at_once)


def test_other_options_start_the_optimizer_afresh(mnist):
    X, y = mnist.X_train, mnist.y_train
    classifier = small(optimizer="SGD", warm_start=True).fit(X, y)

    classifier.set_params(optimizer=NESTEROV).fit(X, y)

    assert classifier.n_iter_ == 6
    assert np.isfinite(classifier.loss_)


class Anchored(keras.optimizers.SGD):
    """SGD that pulls the weights back to where they were when it was built."""

    def build(self, variables):
        super().build(variables)
        self.anchors = self.add_optimizer_variables(variables, "anchor")
        for anchor, variable in zip(self.anchors, variables, strict=True):
            self.assign(anchor, variable)

    def update_step(self, gradient, variable, learning_rate):
        anchor = self.anchors[self._get_variable_index(variable)]
        self.assign(variable, anchor - 0 * gradient)


def test_an_optimizer_that_copies_the_weights_copies_the_initial_ones_of_each_fit(
    mnist,
):
    X, y = mnist.X_train, mnist.y_train
    first, second, again = (
        small(optimizer=Anchored(), epochs=1, weight_decay=0, random_state=seed)
        for seed in (0, 1, 0)
    )

    for classifier in (first, second, again):
        classifier.fit(X, y)

    assert all(coef.std() > 0.01 for coef in first.coefs_)
    assert not same_weights(first, second)
    assert same_weights(first, again)


def test_optimizers_can_be_searched(mnist):
    grid = {
        "optimizer": [
            {"class_name": "SGD", "config": {"momentum": momentum}}
            for momentum in (0.0, 0.9)
        ]
    }

    search = GridSearchCV(small(learning_rate=0.05), grid, cv=2, n_jobs=1)
    search.fit(mnist.X_train, mnist.y_train)

    assert search.best_params_["optimizer"]["config"]["momentum"] == 0.9


def test_an_average_of_the_weights_is_what_the_classifier_keeps(mnist):
    averaged = {"class_name": "Adam", "config": {"use_ema": True, "ema_momentum": 0.5}}

    classifier = small(optimizer=averaged).fit(mnist.X_train, mnist.y_train)

    assert not same_weights(classifier, small().fit(mnist.X_train, mnist.y_train))
    assert classifier.score(mnist.X_test, mnist.y_test) > 0.6


@pytest.mark.parametrize(
    ("optimizer", "message"),
    [
        ("adamm", r"the name of one of Keras's optimizers, .*adamw.* Got 'adamm'"),
        ("LossScaleOptimizer", "Got 'LossScaleOptimizer'"),
        (
            keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD()),
            "wraps other optimizers. Pass the inner optimizer",
        ),
        (keras.optimizers.serialize(Unregistered()), "register_keras_serializable"),
        ({"class_name": "SGD", "config": {"momentumm": 1}}, r"\['momentumm'\]"),
        ({"name": "SGD"}, "must be a configuration of one of Keras's optimizers"),
        (
            keras.optimizers.SGD(learning_rate=0.5),
            r"learning_rate=0\.5, but the classifier's learning_rate=0\.004",
        ),
        (
            {"class_name": "SGD", "config": {"weight_decay": 0.5}},
            r"weight_decay=0\.5, but the classifier's weight_decay=0\.2",
        ),
        (
            keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 10)),
            "Set learning_rate and learning_rate_schedule of the classifier",
        ),
    ],
)
def test_an_optimizer_that_cannot_be_had_is_named(optimizer, message, mnist):
    classifier = MLPDigitClassifier(optimizer=optimizer)

    with pytest.raises(ValueError, match=message):
        classifier.fit(mnist.X_train, mnist.y_train)

    assert not hasattr(classifier, "coefs_")


def test_the_rate_of_an_instance_may_agree_with_that_of_the_classifier(mnist):
    X, y = mnist.X_train, mnist.y_train
    optimizer = keras.optimizers.SGD(learning_rate=0.05)

    classifier = small(optimizer=optimizer, learning_rate=0.05).fit(X, y)

    assert same_weights(
        classifier, small(optimizer="SGD", learning_rate=0.05).fit(X, y)
    )

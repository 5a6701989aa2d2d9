"""The Keras side: build the network and train it.

The only module that imports Keras, TensorFlow or scikeras. It takes NumPy arrays and
gives NumPy arrays back. The Keras model between them is an engine that is kept for the
next fit of the same architecture: to build and trace one takes longer than to train it
on a few hundred images.
"""

import os
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sklearn.preprocessing import FunctionTransformer

from skdigits._batches import Batches, BlockShape, steps_per_epoch
from skdigits._lending import Lender
from skdigits._schedules import LearningRate
from skdigits._startup import (
    interruptions_deferred,
    limit_threads,
    startup_messages_dropped,
)

with interruptions_deferred(), startup_messages_dropped():
    import keras
    import tensorflow as tf
    from scikeras.wrappers import KerasClassifier

    limit_threads(tf.config.threading)
    # Looking for devices and compiling for the first time have messages of their own,
    # and so has this operation, which XLA compiles by another way than most
    tf.function(
        lambda x: tf.raw_ops.ReluGrad(gradients=x, features=x), jit_compile=True
    )(tf.ones(1))

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        "skdigits trains with Keras's TensorFlow backend. Got the backend "
        f"{keras.backend.backend()!r}: set KERAS_BACKEND=tensorflow."
    )

_IMPORTED_IN = os.getpid()

# XLA compiles for about a second, and then saves about 7 ns a step for each weight that
# the optimizer updates and the time of about this many weights besides. A training pays
# that back from this many updates on.
_XLA_SAVES_LIKE_WEIGHTS = 20_000
_XLA_PAYS_FROM_UPDATES = 160_000_000

# What idle networks may hold: each weight costs about 16 bytes, with its optimizer's
# variables, and each network some MB for its graph.
_KEPT_NETWORKS = 8
_KEPT_WEIGHTS = 5_000_000

_KERAS_ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid"}


@dataclass(frozen=True)
class Architecture:
    """What the graph of a training step depends on; the rest are values in it."""

    n_features: int
    hidden_layer_sizes: tuple
    n_outputs: int
    activation: str
    dropout: float
    label_smoothing: float
    optimizer: str
    weight_decay: float
    dtype: str

    @property
    def n_weights(self):
        """Count the weights and biases."""
        units = self.n_features, *self.hidden_layer_sizes, self.n_outputs
        return sum((before + 1) * after for before, after in pairwise(units))


@dataclass(frozen=True)
class Plan:
    """How a training runs.

    Every epoch is a function of the state before it, the seed and the epoch's number,
    so that with a constant rate a training goes on where another stopped as if it had
    not; to the bit where XLA compiles both or neither.
    """

    epochs: int
    first_epoch: int
    batch_size: int
    shuffle: bool
    learning_rate: float
    learning_rate_schedule: str
    seed: int
    augment: object
    callbacks: list
    verbose: int


@dataclass
class State:
    """Where a training stands, in NumPy arrays: all that the next one starts from."""

    weights: list
    optimizer_variables: list | None = None


def prediction_model(coefs, intercepts, activation, input_shape):
    """Build the Keras model that computes what ``inference.forward`` computes."""
    _check_process()
    dtype = coefs[0].dtype.name
    functions = [_keras_activation(activation)] * (len(coefs) - 1) + ["softmax"]
    layers = [
        _dense(intercept.size, function, dtype, name=f"dense_{number}")
        for number, (intercept, function) in enumerate(
            zip(intercepts, functions, strict=True), start=1
        )
    ]
    model = keras.Sequential(
        [
            keras.Input(input_shape, dtype=dtype),
            keras.layers.Flatten(name="flatten", dtype=dtype),
            *layers,
        ],
        name="mlp_digit_classifier",
    )
    for layer, coef, intercept in zip(layers, coefs, intercepts, strict=True):
        layer.set_weights([coef, intercept])
    return model


def train(architecture, state, training_set, plan, monitor):
    """Train a network from a state and return the state it comes to.

    Parameters
    ----------
    architecture : Architecture

    state : State
        Not modified.

    training_set : TrainingSet
        Its X of the architecture's dtype.

    plan : Plan

    monitor : Monitor

    Returns
    -------
    State
    """
    _check_process()
    n_steps = steps_per_epoch(len(training_set.y), plan.batch_size) * plan.epochs
    engine = _Engine(
        architecture,
        BlockShape.suited_to(training_set.X, plan.batch_size),
        jit_compile=n_steps * (architecture.n_weights + _XLA_SAVES_LIKE_WEIGHTS)
        >= _XLA_PAYS_FROM_UPDATES,
    )
    with _networks.lend(engine) as network:
        network.load_state(state)
        trainer = _Trainer(
            model=lambda: network,
            loss=network.loss,
            epochs=plan.epochs,
            callbacks=plan.callbacks,
            verbose=plan.verbose,
        )
        try:
            trainer.fit(
                training_set.X,
                training_set.class_number,
                sample_weight=training_set.loss_weight,
                initial_epoch=plan.first_epoch,
                plan=plan,
                monitor=monitor,
            )
        finally:
            # Callbacks are parameters of the estimator, copied and pickled with it:
            # the network that they watched must not go along.
            for callback in plan.callbacks:
                callback._model = None
        return network.to_state()


def _check_process():
    if os.getpid() != _IMPORTED_IN:
        raise RuntimeError(
            "TensorFlow was started before this process was forked and cannot run in "
            "it. To fit in parallel, use joblib's 'loky' backend, or multiprocessing's "
            "'spawn' or 'forkserver'. Predicting does work in a forked process."
        )


def check_callbacks(callbacks):
    """Return Keras callbacks as a list, or say which is none."""
    if callbacks is None:
        return []
    if not isinstance(callbacks, list | tuple):
        callbacks = [callbacks]
    for callback in callbacks:
        if not isinstance(callback, keras.callbacks.Callback):
            raise TypeError(
                "The 'callbacks' parameter must be None or a list of instances of "
                f"keras.callbacks.Callback. Got {callback!r} instead. scikit-learn's "
                "callbacks are for set_callbacks."
            )
    return list(callbacks)


def _keras_activation(name):
    return _KERAS_ACTIVATIONS.get(name, name)


def _dense(units, activation, dtype, name=None):
    # The weights are always set from outside. Zeros, since any other initial value
    # would take from the user's random numbers.
    return keras.layers.Dense(
        units, activation, kernel_initializer="zeros", dtype=dtype, name=name
    )


class _Trainer(KerasClassifier):
    """scikeras's classifier, for data that are validated and encoded already."""

    def _validate_data(self, X=None, y=None, reset=False, y_numeric=False):
        # scikeras's own would make float32 of all sparse data
        return X, y

    @staticmethod
    def _validate_sample_weight(X, y, sample_weight):
        # scikeras's own would copy the data to leave out what weighs nothing
        return X, y, sample_weight

    @property
    def target_encoder(self):
        return FunctionTransformer()


class _CrossEntropy(keras.losses.Loss):
    """Cross-entropy of logits, summed over the batch.

    Keras's CategoricalCrossentropy warns of a single class, which is welcome here.
    """

    def __init__(self, dtype):
        super().__init__(reduction="sum", dtype=dtype)

    def call(self, y_true, y_pred):
        return keras.ops.categorical_crossentropy(y_true, y_pred, from_logits=True)


@dataclass(frozen=True)
class _Engine:
    """What a compiled network is good for."""

    architecture: Architecture
    block: BlockShape
    jit_compile: bool


class _Network(keras.Sequential):
    """A Keras model whose ``fit`` hands TensorFlow a block of steps at a time."""

    def __init__(self, engine):
        architecture, dtype = engine.architecture, engine.architecture.dtype
        function = _keras_activation(architecture.activation)
        layers = [keras.Input((architecture.n_features,), dtype=dtype)]
        for units in architecture.hidden_layer_sizes:
            layers.append(_dense(units, function, dtype))
            if architecture.dropout:
                # One mask for the whole batch trains as well as one for each row, in
                # a fifth of the time, and keeps a row of weight two the same as the
                # row twice.
                layers.append(
                    keras.layers.Dropout(
                        architecture.dropout,
                        noise_shape=(1, units),
                        seed=0,
                        dtype=dtype,
                    )
                )
        layers.append(_dense(architecture.n_outputs, None, dtype))
        super().__init__(layers, name="mlp_digit_classifier")
        self.engine = engine
        optimizer = keras.optimizers.get(
            {
                "class_name": architecture.optimizer,
                "config": {"weight_decay": architecture.weight_decay or None},
            }
        )
        self.compile(
            optimizer=optimizer, loss=_CrossEntropy(dtype), auto_scale_loss=False
        )
        optimizer.build(self.trainable_variables)
        self.initial_optimizer_variables = _arrays(optimizer.variables)
        self.train_block = self._trace_block()
        if dtype != "float32":
            # No step, but what TensorFlow does first, with the messages it has then
            signature, _ = self.train_block.structured_input_signature
            with startup_messages_dropped():
                self.train_block(
                    *(tf.zeros(spec.shape, spec.dtype) for spec in signature)
                )

    def _trace_block(self):
        architecture, block = self.engine.architecture, self.engine.block
        rows = (block.n_steps, block.n_rows)
        # A concrete function: tf.function would count the tracings and warn of them
        return tf.function(
            self._train_block, jit_compile=self.engine.jit_compile, autograph=False
        ).get_concrete_function(
            tf.TensorSpec((*rows, architecture.n_features), architecture.dtype),
            tf.TensorSpec(rows, tf.int32),
            tf.TensorSpec(rows, architecture.dtype),
            tf.TensorSpec((block.n_steps,), tf.float32),
            tf.TensorSpec((), tf.int32),
        )

    def _train_block(self, X, y, sample_weight, learning_rates, n_steps):
        def train_one(step, totals):
            self.optimizer.learning_rate.assign(learning_rates[step])
            batch = X[step], y[step], sample_weight[step]
            return step + 1, totals + self.train_step(batch)

        _, totals = tf.while_loop(
            lambda step, totals: step < n_steps,
            train_one,
            (0, tf.zeros(2, self.engine.architecture.dtype)),
        )
        return totals

    def train_step(self, data):
        """Take a step, and return the sums over the batch of loss and hits."""
        X, y, sample_weight = data
        architecture = self.engine.architecture
        targets = tf.one_hot(y, architecture.n_outputs, dtype=X.dtype)
        smoothing = architecture.label_smoothing
        targets = targets * (1 - smoothing) + smoothing / architecture.n_outputs
        # Divided by the number of samples, not by their weight: a batch of samples that
        # weigh little must count little. Rows without weight fill up a short batch.
        n_samples = tf.maximum(tf.math.count_nonzero(sample_weight, dtype=X.dtype), 1)
        with tf.GradientTape() as tape:
            logits = self(X, training=True)
            loss_sum = self.loss(targets, logits, sample_weight)
            loss = loss_sum / n_samples
        variables = self.trainable_variables
        gradients = tape.gradient(loss, variables)
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        hits = tf.cast(tf.argmax(logits, axis=1, output_type=y.dtype) == y, X.dtype)
        return tf.stack([loss_sum, tf.reduce_sum(hits * sample_weight)])

    def predict_step(self, data):
        """Give callbacks that predict what the classifier predicts: probabilities."""
        return keras.ops.softmax(super().predict_step(data))

    def evaluate(self, *args, **kwargs):
        """Refuse: the loss is that of training, of logits and smoothed labels."""
        raise NotImplementedError(
            "This model cannot evaluate while it is trained. Compare model.predict(X) "
            "with the labels, or see val_loss and val_accuracy in the logs, which "
            "early_stopping=True adds."
        )

    def fit(
        self,
        x,
        y,
        *,
        sample_weight,
        epochs,
        initial_epoch,
        callbacks,
        verbose,
        plan,
        monitor,
        **_,
    ):
        """Train as ``keras.Model.fit`` does, by a plan; scikeras calls it."""
        batches = Batches(x, y, sample_weight, plan.batch_size, self.engine.block)
        n_steps = batches.n_steps
        learning_rate = LearningRate(
            self.optimizer.learning_rate if callbacks else None,
            plan.learning_rate,
            plan.learning_rate_schedule,
            n_steps * (epochs - initial_epoch),
        )
        callbacks = keras.callbacks.CallbackList(
            callbacks,
            add_history=True,
            add_progbar=verbose != 0,
            model=self,
            verbose=verbose,
            epochs=epochs,
            steps=n_steps,
        )
        self.stop_training = False
        with learning_rate.shown_at(0):
            callbacks.on_train_begin()
        for epoch in range(initial_epoch, epochs):
            first_step = (epoch - initial_epoch) * n_steps
            monitor.before_epoch()
            with learning_rate.shown_at(first_step):
                callbacks.on_epoch_begin(epoch)
            logs = self._train_epoch(
                epoch, batches, first_step, learning_rate, callbacks.callbacks, plan
            )
            logs |= monitor.validate(logs["loss"], self.weights_as_arrays)
            with learning_rate.shown_at(first_step + n_steps - 1):
                callbacks.on_epoch_end(epoch, logs)
            stop = monitor.after_epoch(logs, self.weights_as_arrays)
            if stop or self.stop_training:
                break
        callbacks.on_train_end(logs)
        return self.history

    def _train_epoch(self, epoch, batches, first_step, learning_rate, callbacks, plan):
        rng = np.random.default_rng((plan.seed, epoch))
        # Before anything that takes more of it for more samples
        self._seed_dropout(rng)
        order = np.arange(batches.n_samples)
        if plan.shuffle:
            rng.shuffle(order)
        augment = plan.augment and (lambda rows: plan.augment(rows, rng))
        totals, weight = np.zeros(2), 0.0
        rates = np.zeros(self.engine.block.n_steps, np.float32)
        for block in batches.blocks(order, augment):
            for callback in callbacks:
                callback.on_train_batch_begin(block.first_step)
            first, stop = block.first_step, block.first_step + block.n_steps
            rates[: block.n_steps] = learning_rate.of_steps(
                first_step + first, first_step + stop
            )
            arguments = block.y, block.sample_weight, rates, block.n_steps
            totals += self.train_block(
                _as_tensor(block.X), *map(tf.convert_to_tensor, arguments)
            ).numpy()
            weight += block.sample_weight.sum()
            logs = dict(
                zip(("loss", "accuracy"), (totals / weight).tolist(), strict=True)
            )
            for callback in callbacks:
                callback.on_train_batch_end(stop - 1, logs)
            if self.stop_training:
                break
        return logs

    def _seed_dropout(self, rng):
        for layer in self.layers:
            if isinstance(layer, keras.layers.Dropout):
                layer.seed_generator.state.assign([rng.integers(2**31 - 1), 0])

    def weights_as_arrays(self):
        """Return kernels and biases, layer by layer."""
        return _arrays(self.trainable_variables)

    def load_state(self, state):
        """Set the weights and the optimizer's variables."""
        optimizer_variables = state.optimizer_variables
        if optimizer_variables is None:
            optimizer_variables = self.initial_optimizer_variables
        _assign(self.trainable_variables, state.weights)
        _assign(self.optimizer.variables, optimizer_variables)

    def to_state(self):
        """Return the present state."""
        return State(self.weights_as_arrays(), _arrays(self.optimizer.variables))

    def save(self, filepath, *args, **kwargs):
        """Save what predicts, a model of Keras's own layers, as checkpoints do."""
        weights = self.weights_as_arrays()
        architecture = self.engine.architecture
        prediction_model(
            weights[::2],
            weights[1::2],
            architecture.activation,
            (architecture.n_features,),
        ).save(filepath, *args, **kwargs)


def _as_tensor(aligned_array):
    # Not a copy, which convert_to_tensor makes
    return tf.experimental.dlpack.from_dlpack(aligned_array.__dlpack__())


def _arrays(variables):
    return [variable.numpy() for variable in variables]


def _assign(variables, arrays):
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def _build_network(engine):
    # Interrupted while it traces, TensorFlow raises a SystemError, or worse
    with interruptions_deferred():
        return _Network(engine)


_networks = Lender(
    _build_network,
    _Network.count_params,
    max_kept=_KEPT_NETWORKS,
    max_size=_KEPT_WEIGHTS,
)

"""The Keras side: build the network and train it.

The only module that imports scikeras, and with ``backends`` the only one that knows of
Keras, TensorFlow, JAX and PyTorch. It takes NumPy arrays and gives NumPy arrays back.
The Keras model between them is an engine that is kept for the next fit of the same
architecture: to build and trace one takes longer than to train it on a few hundred
images.
"""

import os
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sklearn.preprocessing import FunctionTransformer

from skdigits._training.batches import Batches, BlockShape, steps_per_epoch
from skdigits._training.keras import backends
from skdigits._training.keras.pool import Lender
from skdigits._training.keras.startup import (
    interruptions_deferred,
    startup_messages_dropped,
)
from skdigits._training.schedules import LearningRate

with interruptions_deferred(), startup_messages_dropped():
    import keras
    from scikeras.wrappers import KerasClassifier

    backend = backends.load(keras.config.backend())
    backend.start()

_IMPORTED_IN = os.getpid()

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
    """Build the Keras model that computes what ``forward.forward`` computes."""
    _check_process()
    dtype = coefs[0].dtype.name
    functions = [_keras_activation(activation)] * (len(coefs) - 1) + ["softmax"]
    with backend.precision(dtype):
        layers = [
            keras.layers.Dense(
                intercept.size,
                function,
                dtype=dtype,
                name=f"dense_{number}",
                **_INITIAL,
            )
            for number, (intercept, function) in enumerate(
                zip(intercepts, functions, strict=True), start=1
            )
        ]
        model = keras.Sequential(
            [
                keras.Input(input_shape, dtype=dtype),
                # Or an image would be transposed where channels come first
                keras.layers.Flatten("channels_last", name="flatten", dtype=dtype),
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
        jit_compile=backend.compiling_pays(n_steps, architecture.n_weights),
    )
    with backend.precision(architecture.dtype), _networks.lend(engine) as network:
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
            f"Keras's backend, {keras.config.backend()}, was started before this "
            "process was forked and cannot run in it. To fit in parallel, use joblib's "
            "'loky' backend, or multiprocessing's 'spawn' or 'forkserver'. Predicting "
            "does work in a forked process."
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


# The weights are always set from outside. Zeros, since any other initial value would
# take from the user's random numbers.
_INITIAL = {"kernel_initializer": "zeros"}


class Dense(keras.layers.Dense):
    """Keras's layer, with products of the network's own float type.

    ``keras.ops.matmul`` gives PyTorch float32 to multiply in place of float64. The name
    is Keras's, since files of weights are laid out by it.
    """

    def call(self, inputs, training=None):
        """Compute the layer."""
        outputs = inputs @ self.kernel.value + self.bias.value
        return outputs if self.activation is None else self.activation(outputs)


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
    """A Keras model whose ``fit`` hands the backend a block of steps at a time."""

    def __init__(self, engine):
        architecture, dtype = engine.architecture, engine.architecture.dtype
        function = _keras_activation(architecture.activation)
        layers = [keras.Input((architecture.n_features,), dtype=dtype)]
        for units in architecture.hidden_layer_sizes:
            layers.append(Dense(units, function, dtype=dtype, **_INITIAL))
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
        layers.append(Dense(architecture.n_outputs, dtype=dtype, **_INITIAL))
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
        self.train_block = backend.compile_block(self)
        self._structure_compiled = self._structure()

    def _structure(self):
        parts = *self.layers, *self.trainable_variables, self.optimizer
        return [id(part) for part in parts]

    def _check_structure(self):
        if self._structure() != self._structure_compiled:
            raise ValueError(
                "A callback changed the layers of the model, which of them are "
                "trainable, or its optimizer. The network is compiled before that: in "
                "'callbacks', weights, the learning rate and stop_training may change."
            )

    def call(self, inputs, training=None, mask=None):
        """Return logits in training, else what the classifier predicts."""
        logits = super().call(inputs, training=training, mask=mask)
        return logits if training else keras.ops.softmax(logits)

    def batch_loss(self, X, y, sample_weight):
        """Return the loss of a batch, and the sums over it of loss and hits."""
        architecture = self.engine.architecture
        targets = keras.ops.one_hot(y, architecture.n_outputs, dtype=architecture.dtype)
        smoothing = architecture.label_smoothing
        targets = targets * (1 - smoothing) + smoothing / architecture.n_outputs
        logits = X
        for layer in self.layers:
            # Not its __call__, whose checks would take most of a step on PyTorch
            logits = layer.call(logits, training=True)
        loss_sum = self.loss(targets, logits, sample_weight)
        # Divided by the number of samples, not by their weight: a batch of samples that
        # weigh little must count little. Rows without weight fill up a short batch.
        counts = keras.ops.cast(keras.ops.not_equal(sample_weight, 0), loss_sum.dtype)
        loss = loss_sum / keras.ops.maximum(keras.ops.sum(counts), 1)
        hits = keras.ops.equal(keras.ops.argmax(logits, axis=1), y)
        hits = keras.ops.cast(hits, architecture.dtype)
        hits_sum = keras.ops.sum(hits * sample_weight)
        return loss, keras.ops.stack([loss_sum, hits_sum])

    def evaluate(self, *args, **kwargs):
        """Refuse: the loss is that of training, of logits and smoothed labels."""
        raise NotImplementedError(
            "This model cannot evaluate while it is trained. Compare model.predict(X) "
            "with the labels, or see val_loss and val_accuracy in the logs, which "
            "early_stopping=True adds, as do X_val and y_val in fit."
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
            self._check_structure()
            logs = self._train_epoch(
                epoch, batches, first_step, learning_rate, callbacks.callbacks, plan
            )
            logs |= monitor.validate(logs["loss"], self.weights_as_arrays)
            with learning_rate.shown_at(first_step + n_steps - 1):
                callbacks.on_epoch_end(epoch, logs)
            self._check_structure()
            stop = monitor.after_epoch(logs, self.weights_as_arrays)
            if stop or self.stop_training:
                break
        callbacks.on_train_end(logs)
        self._check_structure()
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
            totals += self.train_block(
                block.X, block.y, block.sample_weight, rates, block.n_steps
            )
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
        # Interrupted in there, TensorFlow raises a SystemError
        with interruptions_deferred():
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


def _arrays(variables):
    return [backend.to_array(variable) for variable in variables]


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

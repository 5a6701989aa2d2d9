"""The network in training: a Keras model, and the graph of a block of steps."""

from dataclasses import dataclass
from itertools import pairwise

import keras
import numpy as np

from skdigits._network.activations import ACTIVATIONS
from skdigits._training.batches import BlockShape
from skdigits._training.keras.optimizers import OptimizerKind
from skdigits._training.keras.process import interruptions_deferred
from skdigits._training.keras.start import backend

# Initializers of weights that are set from outside: any other would take from the
# user's random numbers. Not by name, as the user may have an object of that name.
SET_LATER = {
    "kernel_initializer": keras.initializers.Zeros(),
    "bias_initializer": keras.initializers.Zeros(),
}


def keras_activation(name):
    """Return Keras's function of a name of ours, whatever the user calls so."""
    return getattr(keras.activations, ACTIVATIONS[name].keras)


@dataclass(frozen=True)
class Architecture:
    """What the graph of a training step depends on; the rest are given to it."""

    n_features: int
    hidden_layer_sizes: tuple
    n_outputs: int
    activation: str
    has_dropout: bool
    optimizer: OptimizerKind
    dtype: str

    @property
    def n_dropout_units(self):
        """Count the units that a step may drop."""
        return sum(self.hidden_layer_sizes) if self.has_dropout else 0

    @property
    def n_weights(self):
        """Count the weights and biases."""
        units = self.n_features, *self.hidden_layer_sizes, self.n_outputs
        return sum((before + 1) * after for before, after in pairwise(units))


@dataclass(frozen=True)
class GraphKey:
    """What networks must have in common for one to be used for the other."""

    architecture: Architecture
    block: BlockShape
    jit_compile: bool


@dataclass
class TrainingState:
    """Where a training stands, in NumPy arrays: all that the next one starts from."""

    weights: list
    optimizer_variables: list | None = None


class Network:
    """A Keras model with a compiled loop over steps of its training.

    Parameters
    ----------
    key : GraphKey

    Attributes
    ----------
    model : keras.Sequential
        What callbacks see: an ordinary compiled model, of rows to probabilities. The
        weights are its own.

    train_block : callable
        See ``backends``.
    """

    # scikeras asks for these
    compiled = True
    outputs = (None,)

    def __init__(self, key):
        self.key = key
        architecture = key.architecture
        function = keras_activation(architecture.activation)
        self.layers = [
            self._dense(units, function) for units in architecture.hidden_layer_sizes
        ]
        # Keras takes the softmax of a single class for a mistake, and warns
        single = architecture.n_outputs == 1
        softmax = keras.ops.ones_like if single else keras.activations.softmax
        self.layers.append(self._dense(architecture.n_outputs, softmax))
        inputs = keras.Input((architecture.n_features,), dtype=architecture.dtype)
        self.model = keras.Sequential(
            [inputs, *self.layers], name="mlp_digit_classifier"
        )
        self.optimizer = architecture.optimizer.build()
        self.loss = keras.losses.SparseCategoricalCrossentropy()
        self.model.compile(
            optimizer=self.optimizer,
            loss=self.loss,
            metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
            jit_compile=False,
            auto_scale_loss=False,
        )
        self.trainable_variables = self.model.trainable_variables
        # Where an optimizer copies the weights when it is built, this shows
        for variable in self.trainable_variables:
            backend.assign(variable, np.full(variable.shape, np.nan))
        self.optimizer.build(self.trainable_variables)
        self._initial_optimizer_variables = arrays(self.optimizer.variables)
        self._optimizer_copies_weights = any(
            np.isnan(array).any() for array in self._initial_optimizer_variables
        )
        self.train_block = backend.compile_block(self)
        self._structure_compiled = self._structure()

    def _dense(self, units, function):
        return keras.layers.Dense(
            units, function, dtype=self.key.architecture.dtype, **SET_LATER
        )

    def _structure(self):
        model = self.model
        parts = *model.layers, *model.trainable_variables, model.optimizer
        return [id(part) for part in parts]

    def check_structure(self):
        """Raise if the model is no longer the one that was compiled."""
        if self._structure() != self._structure_compiled:
            raise ValueError(
                "A callback changed the layers of the model, which of them are "
                "trainable, or its optimizer. The network is compiled before that: in "
                "'callbacks', weights, the learning rate and stop_training may change."
            )

    def batch_loss(self, weights, X, y, sample_weight, dropout_mask, label_smoothing):
        """Return the loss of a batch, and the sums over it of loss and hits.

        The weights are tensors, kernel and bias of each layer in turn.

        One mask for the whole batch trains as well as one for each row, in a fifth of
        the time, and keeps a row of weight two the same as the row twice.
        """
        ops, architecture = keras.ops, self.key.architecture
        logits = self._logits(weights, X, dropout_mask)
        targets = ops.one_hot(y, architecture.n_outputs, dtype=architecture.dtype)
        smoothed = targets + label_smoothing * (1 / architecture.n_outputs - targets)
        losses = -ops.sum(smoothed * ops.log_softmax(logits), axis=1)
        loss_sum = ops.sum(losses * sample_weight)
        # Divided by the number of samples, not by their weight: a batch of samples that
        # weigh little must count little. Rows without weight fill up a short batch.
        counts = ops.cast(ops.not_equal(sample_weight, 0), loss_sum.dtype)
        loss = loss_sum / ops.maximum(ops.sum(counts), 1)
        # Not argmax, for which Keras has ten operations. A tie is no hit: a network
        # whose weights have all become zero must not look right.
        of_others = ops.max(logits - 1e30 * targets, axis=1)
        hits = ops.sum(targets * logits, axis=1) > of_others
        hits_sum = ops.sum(ops.cast(hits, architecture.dtype) * sample_weight)
        return loss, ops.stack([loss_sum, hits_sum])

    def _logits(self, weights, X, dropout_mask):
        *hidden, _ = self.layers
        kernels, biases = weights[::2], weights[1::2]
        first_unit = 0
        for layer, kernel, bias in zip(hidden, kernels, biases, strict=False):
            # Not its __call__, whose checks would take most of a step on PyTorch, and
            # not keras.ops.matmul, which multiplies in float32 there
            X = layer.activation(X @ kernel + bias)
            if self.key.architecture.has_dropout:
                X = X * dropout_mask[first_unit : first_unit + layer.units]
                first_unit += layer.units
        return X @ kernels[-1] + biases[-1]

    def fit(self, x, y, *, sample_weight, train, **_):
        """Do what ``keras.Model.fit`` does; scikeras calls it."""
        return train(x, y, sample_weight)

    def weights_as_arrays(self):
        """Return kernels and biases, layer by layer."""
        return arrays(self.trainable_variables)

    def load_state(self, state):
        """Set the weights and the optimizer's variables."""
        optimizer_variables = state.optimizer_variables
        initial = self._initial_optimizer_variables
        # Interrupted in there, TensorFlow raises a SystemError
        with interruptions_deferred():
            _assign(self.trainable_variables, state.weights)
            if not _have_same_shapes(optimizer_variables, initial):
                # None, or of an optimizer with other options, such as momentum
                optimizer_variables = (
                    self._fresh_optimizer_variables()
                    if self._optimizer_copies_weights
                    else initial  # to build an optimizer takes a tenth of a second
                )
            _assign(self.optimizer.variables, optimizer_variables)

    def _fresh_optimizer_variables(self):
        """Return what an optimizer has that is built on the present weights."""
        with _initializers_of_keras():
            optimizer = self.key.architecture.optimizer.build()
            optimizer.build(self.trainable_variables)
        return arrays(optimizer.variables)

    def to_state(self):
        """Return the present state."""
        return TrainingState(self.weights_as_arrays(), arrays(self.optimizer.variables))

    def count_params(self):
        """Count the weights and biases."""
        return self.key.architecture.n_weights


def arrays(variables):
    """Return the values of variables."""
    return [backend.to_array(variable) for variable in variables]


def _have_same_shapes(one, other):
    return one is not None and [*map(np.shape, one)] == [*map(np.shape, other)]


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        # To look takes less time than to assign, and calls of partial_fit in turn find
        # all in place
        if not np.array_equal(backend.to_array(variable), value):
            backend.assign(variable, value)


def build_network(key):
    """Build a network, whole: half traced, TensorFlow is of no use to the next."""
    with interruptions_deferred(), _initializers_of_keras():
        return Network(key)


def _initializers_of_keras():
    """Let Keras's optimizers find this initializer, and not the user's of that name."""
    return keras.saving.custom_object_scope({"zeros": keras.initializers.Zeros})

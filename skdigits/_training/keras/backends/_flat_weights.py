"""What a step in TensorFlow updates: the weights, layer by layer or as one vector.

A step of a small network takes as long as its operations are many. Most of them are the
optimizer's, which has as many for a vector of all weights as for one of the arrays.
"""

import math

import keras
import numpy as np
import tensorflow as tf


class LayerWeights:
    """Kernels and biases, each a variable of the network.

    Parameters
    ----------
    network : Network

    Attributes
    ----------
    variables : list of keras.Variable
        What is trained.

    optimizer : keras.optimizers.Optimizer
        What trains it.
    """

    def __init__(self, network):
        self.variables = network.trainable_variables
        self.optimizer = network.optimizer

    def take(self):
        """Take the values of the network's variables, before the steps."""

    def give_back(self):
        """Set the network's variables, after the steps."""

    def by_layer(self, values):
        """Return kernels and biases, given the values of `variables`."""
        return values


class FlatWeights:
    """All weights as one vector, with an optimizer of their own, of the same kind.

    Right for optimizers that look at no other weight to update one.
    """

    def __init__(self, network):
        architecture = network.key.architecture
        vector = keras.Variable(
            np.zeros(architecture.n_weights), dtype=architecture.dtype
        )
        self.variables = [vector]
        self.optimizer = architecture.optimizer.build()
        self.optimizer.build(self.variables)
        self._shapes = [variable.shape for variable in network.trainable_variables]
        # An optimizer's lists of a variable for each weight, the weights among them
        self._pairs = [
            (vars(self.optimizer)[name][0], of_layers)
            for name, of_layers in vars(network.optimizer).items()
            if isinstance(of_layers, list)
            and [getattr(item, "shape", None) for item in of_layers] == self._shapes
        ]
        scalars = (
            [variable for variable in optimizer.variables if variable.ndim == 0]
            for optimizer in (self.optimizer, network.optimizer)
        )
        self._pairs += [(one, [other]) for one, other in zip(*scalars, strict=True)]

    def take(self):
        """Take the values of the network's variables, before the steps."""
        for own, of_layers in self._pairs:
            values = [tf.reshape(variable.value, [-1]) for variable in of_layers]
            own.assign(tf.reshape(tf.concat(values, axis=0), own.shape))

    def give_back(self):
        """Set the network's variables, after the steps."""
        for own, of_layers in self._pairs:
            values = _split(own.value, [variable.shape for variable in of_layers])
            for variable, value in zip(of_layers, values, strict=True):
                variable.assign(value)

    def by_layer(self, values):
        """Return kernels and biases, given the values of `variables`."""
        (vector,) = values
        return _split(vector, self._shapes)


def _split(vector, shapes):
    sizes = [math.prod(shape) for shape in shapes]
    parts = tf.split(tf.reshape(vector, [-1]), sizes)
    return [tf.reshape(part, shape) for part, shape in zip(parts, shapes, strict=True)]

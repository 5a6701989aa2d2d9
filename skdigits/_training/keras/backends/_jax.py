"""Training on JAX: a compiled loop over steps that hand on all that they change."""

import os
from contextlib import nullcontext

import jax
import keras
import numpy as np

from skdigits._training.keras.process import threads_allowed


def start():
    """Start JAX's client with the threads that it may have."""
    n_threads = threads_allowed()
    if n_threads is None or "NPROC" in os.environ:
        jax.devices()
        return
    # The only place where XLA looks for their number, and only now
    os.environ["NPROC"] = str(n_threads)
    try:
        jax.devices()
    finally:
        del os.environ["NPROC"]


def compiling_pays(n_steps, n_weights):
    """Return True: JAX has no other way to run a loop."""
    return True


def obstacle():
    """Return None: what JAX cannot trace, it says itself."""


def precision(dtype):
    """Let float64 be float64, which JAX shortens to float32 unless told not to."""
    return jax.enable_x64(True) if dtype == "float64" else nullcontext()


def to_array(variable):
    """Return the value of a Keras variable as a NumPy array of its own."""
    return np.array(variable.value)


def assign(variable, array):
    """Set the value of a Keras variable."""
    variable.assign(array)


def compile_block(network):
    """Compile the loop over a block's steps."""
    trainable = network.trainable_variables
    changed = trainable + network.optimizer.variables

    def step(values, learning_rate, *batch):

        def loss_of(weights):
            return network.batch_loss(weights, *batch)

        (_, sums), gradients = jax.value_and_grad(loss_of, has_aux=True)(
            values[: len(trainable)]
        )
        with keras.StatelessScope(zip(changed, values, strict=True)) as scope:
            network.optimizer.learning_rate.assign(learning_rate)
            network.optimizer.apply(gradients, trainable)
        return [scope.get_current_value(variable) for variable in changed], sums

    def train_block(
        values, X, y, sample_weight, masks, learning_rates, label_smoothing, n_steps
    ):
        def train_one(number, carried):
            values, sums = carried
            values, of_step = step(
                values,
                learning_rates[number],
                X[number],
                y[number],
                sample_weight[number],
                masks[number],
                label_smoothing,
            )
            return values, sums.at[number].set(of_step)

        sums = jax.numpy.zeros((len(X), 2), X.dtype)
        return jax.lax.fori_loop(0, n_steps, train_one, (values, sums))

    compiled = jax.jit(train_block, donate_argnums=0)

    def run(X, y, sample_weight, masks, learning_rates, label_smoothing, n_steps):
        values, sums = compiled(
            [variable.value for variable in changed],
            X,
            y,
            sample_weight,
            masks,
            learning_rates,
            X.dtype.type(label_smoothing),
            n_steps,
        )
        for variable, value in zip(changed, values, strict=True):
            variable.assign(value)
        return np.asarray(sums)

    return run

"""Training on JAX: a compiled loop over steps that hand on all that they change."""

import os
from contextlib import nullcontext

import jax
import keras
import numpy as np

from skdigits._training.keras.startup import threads_allowed


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


def precision(dtype):
    """Let float64 be float64, which JAX shortens to float32 unless told not to."""
    return jax.enable_x64(True) if dtype == "float64" else nullcontext()


def to_array(variable):
    """Return the value of a Keras variable as a NumPy array of its own."""
    return np.array(variable.value)


def compile_block(network):
    """Compile the loop over a block's steps."""
    trainable = network.trainable_variables
    # The seeds of dropout, and what the optimizer keeps
    others = network.non_trainable_variables + network.optimizer.variables

    def step(values, X, y, sample_weight, learning_rate):
        def loss_of(weights):
            given = zip(
                trainable + others, weights + values[len(trainable) :], strict=True
            )
            with keras.StatelessScope(given) as scope:
                loss, sums = network.batch_loss(X, y, sample_weight)
            return loss, (sums, [scope.get_current_value(v) for v in others])

        weights = values[: len(trainable)]
        (_, (sums, after)), gradients = jax.value_and_grad(loss_of, has_aux=True)(
            weights
        )
        given = zip(trainable + others, weights + after, strict=True)
        with keras.StatelessScope(given) as scope:
            network.optimizer.learning_rate.assign(learning_rate)
            network.optimizer.apply(gradients, trainable)
        return [scope.get_current_value(v) for v in trainable + others], sums

    def train_block(values, X, y, sample_weight, learning_rates, n_steps):
        def train_one(number, carried):
            values, totals = carried
            values, sums = step(
                values,
                X[number],
                y[number],
                sample_weight[number],
                learning_rates[number],
            )
            return values, totals + sums

        return jax.lax.fori_loop(
            0, n_steps, train_one, (values, jax.numpy.zeros(2, X.dtype))
        )

    compiled = jax.jit(train_block, donate_argnums=0)

    def run(X, y, sample_weight, learning_rates, n_steps):
        values, totals = compiled(
            [variable.value for variable in trainable + others],
            X,
            y,
            sample_weight,
            learning_rates,
            n_steps,
        )
        for variable, value in zip(trainable + others, values, strict=True):
            variable.assign(value)
        return np.asarray(totals)

    return run

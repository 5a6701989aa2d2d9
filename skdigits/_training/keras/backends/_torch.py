"""Training on PyTorch: step after step, each operation at once."""

from contextlib import nullcontext

import keras
import torch


def start():
    """Do nothing: PyTorch keeps to OMP_NUM_THREADS by itself."""


def compiling_pays(n_steps, n_weights):
    """Return False: torch.compile needs a C++ compiler at run time."""
    return False


def precision(dtype):
    """Do nothing: PyTorch keeps every float type."""
    return nullcontext()


def to_array(variable):
    """Return the value of a Keras variable as a NumPy array of its own."""
    return variable.value.detach().cpu().numpy().copy()


def compile_block(network):
    """Return the loop over a block's steps."""
    variables = network.trainable_variables

    def run(X, y, sample_weight, learning_rates, n_steps):
        block = [keras.ops.convert_to_tensor(array) for array in (X, y, sample_weight)]
        totals = 0
        for step in range(n_steps):
            network.optimizer.learning_rate.assign(learning_rates[step])
            loss, sums = network.batch_loss(*(array[step] for array in block))
            gradients = torch.autograd.grad(loss, [v.value for v in variables])
            with torch.no_grad():
                network.optimizer.apply(gradients, variables)
                totals = totals + sums
        return totals.cpu().numpy()

    return run

"""Training on PyTorch: step after step, each operation at once."""

from contextlib import nullcontext

import keras
import torch


def start():
    """Do nothing: PyTorch keeps to OMP_NUM_THREADS by itself."""


def compiling_pays(n_steps, n_weights):
    """Return False: torch.compile needs a C++ compiler at run time."""
    return False


def obstacle():
    """Return None: PyTorch trains anywhere."""


def precision(dtype):
    """Do nothing: PyTorch keeps every float type."""
    return nullcontext()


def to_array(variable):
    """Return the value of a Keras variable as a NumPy array of its own."""
    return variable.value.detach().cpu().numpy().copy()


def assign(variable, array):
    """Set the value of a Keras variable."""
    variable.assign(array)


def compile_block(network):
    """Return the loop over a block's steps."""
    variables = network.trainable_variables

    def run(X, y, sample_weight, masks, learning_rates, label_smoothing, n_steps):
        arrays = X, y, sample_weight, masks
        block = [keras.ops.convert_to_tensor(array) for array in arrays]
        sums = []
        for step in range(n_steps):
            network.optimizer.learning_rate.assign(learning_rates[step])
            batch = [array[step] for array in block]
            weights = [variable.value for variable in variables]
            loss, of_step = network.batch_loss(weights, *batch, label_smoothing)
            gradients = torch.autograd.grad(loss, weights)
            with torch.no_grad():
                network.optimizer.apply(gradients, variables)
            sums.append(of_step.detach())
        return torch.stack(sums).cpu().numpy()

    return run

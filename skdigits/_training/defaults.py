"""What parameters that are "auto" come to.

``examples/choose_parameters.py auto`` measures what was chosen here, and what was not.
"""

import math

from skdigits._training.batches import steps_per_epoch

_EPOCHS_TIMES_ROOT_OF_STEPS = 400
_LEAST_EPOCHS = 20
# Of distorted images no two epochs are the same: more of them help for longer
_TIMES_IF_AUGMENTED = 3


def auto_parameters(n_samples, batch_size, augmented):
    """Choose epochs, dropout and weight decay.

    The epochs are 400 divided by the square root of the steps in one, at least 20, and
    three times as many with augmented images. So four times the data get twice the
    steps, until 20 epochs are enough. Augmented images cannot be learnt by heart: they
    need no dropout and less weight decay.

    Parameters
    ----------
    n_samples : int
        Samples trained on: without those that are held out or have no weight.

    batch_size : int

    augmented : bool

    Returns
    -------
    parameters : dict
        Values of ``epochs``, ``dropout`` and ``weight_decay``.

    Examples
    --------
    >>> auto_parameters(100, batch_size=128, augmented=False)
    {'epochs': 400, 'dropout': 0.05, 'weight_decay': 0.2}
    >>> auto_parameters(60_000, batch_size=128, augmented=False)
    {'epochs': 20, 'dropout': 0.05, 'weight_decay': 0.2}
    >>> auto_parameters(60_000, batch_size=128, augmented=True)
    {'epochs': 60, 'dropout': 0.0, 'weight_decay': 0.05}
    """
    n_steps = steps_per_epoch(n_samples, batch_size)
    epochs = round(_EPOCHS_TIMES_ROOT_OF_STEPS / math.sqrt(n_steps))
    epochs = max(epochs, _LEAST_EPOCHS)
    if augmented:
        return {
            "epochs": epochs * _TIMES_IF_AUGMENTED,
            "dropout": 0.0,
            "weight_decay": 0.05,
        }
    return {"epochs": epochs, "dropout": 0.05, "weight_decay": 0.2}

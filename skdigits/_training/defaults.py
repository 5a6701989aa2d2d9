"""What parameters that are "auto" come to.

``examples/choose_parameters.py auto`` measures what was chosen here, and what was not.
"""

import math

from skdigits._training.batches import steps_per_epoch

# Of at most so many samples, a step takes all, so that a weight of two is the sample
# twice; of at most so many, small batches learn as well as large ones in less time
_ONE_BATCH, _FEW_SAMPLES = 128, 2000
_SMALL_BATCH, _LARGE_BATCH = 32, 128

# The steps of a fit, divided by the root of the samples: 35
_STEPS_TIMES_ROOT = 400 / math.sqrt(_LARGE_BATCH)
_LEAST_EPOCHS = 20
# Of distorted images no two epochs are the same: more of them help for longer
_TIMES_IF_AUGMENTED = 3


def auto_batch_size(n_samples, augmented):
    """Choose the batch size: 32 for 129 to 2,000 samples, else 128.

    Distorted images are never learnt by heart: the more that a step sees, the better.

    Examples
    --------
    >>> auto_batch_size(1000, augmented=False)
    32
    >>> auto_batch_size(1000, augmented=True)
    128
    """
    is_small = _ONE_BATCH < n_samples <= _FEW_SAMPLES and not augmented
    return _SMALL_BATCH if is_small else _LARGE_BATCH


def auto_parameters(n_samples, batch_size, augmented):
    """Choose epochs, dropout and weight decay.

    The epochs are those of 35 steps times the square root of the number of samples, at
    least 20, and three times as many with augmented images. So four times the data get
    twice the steps, until 20 epochs are enough. Augmented images cannot be learnt by
    heart: they need no dropout and less weight decay.

    Parameters
    ----------
    n_samples : int
        Samples trained on: without those that are held out or have no weight.

    batch_size : int
        Samples in a step. The square root is of the samples in whole batches; larger
        batches than 128 count as such.

    augmented : bool

    Returns
    -------
    parameters : dict
        Values of ``epochs``, ``dropout`` and ``weight_decay``.

    Examples
    --------
    >>> auto_parameters(100, batch_size=128, augmented=False)
    {'epochs': 400, 'dropout': 0.05, 'weight_decay': 0.2}
    >>> auto_parameters(1000, batch_size=32, augmented=False)
    {'epochs': 35, 'dropout': 0.05, 'weight_decay': 0.2}
    >>> auto_parameters(60_000, batch_size=128, augmented=False)
    {'epochs': 20, 'dropout': 0.05, 'weight_decay': 0.2}
    >>> auto_parameters(60_000, batch_size=128, augmented=True)
    {'epochs': 60, 'dropout': 0.0, 'weight_decay': 0.05}
    """
    n_steps = steps_per_epoch(n_samples, batch_size)
    n_rows = n_steps * min(batch_size, _LARGE_BATCH)
    epochs = max(round(_STEPS_TIMES_ROOT * math.sqrt(n_rows) / n_steps), _LEAST_EPOCHS)
    if augmented:
        return {
            "epochs": epochs * _TIMES_IF_AUGMENTED,
            "dropout": 0.0,
            "weight_decay": 0.05,
        }
    return {"epochs": epochs, "dropout": 0.05, "weight_decay": 0.2}

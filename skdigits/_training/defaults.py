"""What parameters that are "auto" come to.

``examples/choose_parameters.py auto`` measures what was chosen here, and what was not.
"""

import math

from skdigits._training.batches import steps_per_epoch

# Of at most so many samples, a step takes all, so that a weight of two is the sample
# twice; of at most so many, small batches learn as well as large ones in less time
_ONE_BATCH, _FEW_SAMPLES = 64, 2048
_SMALL_BATCH, _LARGE_BATCH = 32, 128

_LEAST_EPOCHS = 20
# Of distorted images no two epochs are the same: more of them help for longer
_TIMES_IF_AUGMENTED = 3


def resolve_auto(parameters, n_samples, *, augmented, adam_settles):
    """Replace each "auto" among the parameters of a training by a number.

    The steps are 400 for 128 samples, and twice as many for four times the samples,
    until 20 epochs are enough. Few samples get half the steps at a higher rate, and
    very few more weight decay. Augmented images cannot be learnt by heart: they get no
    dropout, less weight decay and more steps.

    Parameters
    ----------
    parameters : dict
        batch_size, epochs, learning_rate, dropout and weight_decay: numbers or "auto".

    n_samples : int
        Samples trained on: without those that are held out or have no weight.

    augmented : bool

    adam_settles : bool
        Whether the optimizer is Adam, at a rate that falls in the end. Only it can take
        a higher rate. Otherwise, the samples may also be a part of many, as in
        ``partial_fit``.

    Returns
    -------
    parameters : dict
        The same, with numbers only.

    Examples
    --------
    >>> names = "batch_size", "epochs", "learning_rate", "dropout", "weight_decay"
    >>> def resolve(n_samples, augmented=False):
    ...     auto = dict.fromkeys(names, "auto")
    ...     numbers = resolve_auto(
    ...         auto, n_samples, augmented=augmented, adam_settles=True
    ...     )
    ...     return list(numbers.values())
    >>> resolve(50)
    [64, 141, 0.01, 0.05, 2.0]
    >>> resolve(500)
    [32, 25, 0.01, 0.05, 0.25]
    >>> resolve(60_000)
    [128, 20, 0.004, 0.05, 0.2]
    >>> resolve(60_000, augmented=True)
    [128, 60, 0.004, 0.0, 0.05]
    """
    if augmented or n_samples > _FEW_SAMPLES:
        batch_size = _LARGE_BATCH
    else:
        batch_size = _ONE_BATCH if n_samples <= _ONE_BATCH else _SMALL_BATCH
    # Not an integer of NumPy, whose product with a large number may overflow
    batch_size = int(_or_auto(parameters["batch_size"], batch_size))
    # Of what fits into one batch, any number of samples is trained on alike
    n_steps = steps_per_epoch(n_samples, batch_size)
    n_rows = n_steps * min(batch_size, _LARGE_BATCH)
    fast = n_samples <= _FEW_SAMPLES and not augmented and adam_settles
    steps = 400 * math.sqrt(n_rows / 128)
    if fast and parameters["learning_rate"] == "auto":
        steps /= 2
    epochs = max(round(steps / n_steps), _LEAST_EPOCHS)
    weight_decay = min(max(round(128 / n_rows, 2), 0.2), 2.0) if fast else 0.2
    auto = {
        "epochs": epochs * (_TIMES_IF_AUGMENTED if augmented else 1),
        "learning_rate": 0.01 if fast else 0.004,
        "dropout": 0.0 if augmented else 0.05,
        "weight_decay": 0.05 if augmented else weight_decay,
    }
    others = {name: _or_auto(parameters[name], value) for name, value in auto.items()}
    return {"batch_size": batch_size, **others}


def _or_auto(given, auto):
    return auto if isinstance(given, str) else given

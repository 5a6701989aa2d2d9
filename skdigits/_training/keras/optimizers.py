"""Keras's optimizers: by name, as a configuration, or as an instance."""

import inspect
import json
from dataclasses import dataclass
from functools import cache

import keras
import numpy as np

# These wrap other optimizers, and so have no meaning as a name
_WRAPPERS = {"LossScaleOptimizer", "MultiOptimizer", "Optimizer"}

# To update a weight, these look at no other
_BY_ITSELF = {
    keras.optimizers.SGD,
    keras.optimizers.Adam,
    keras.optimizers.AdamW,
    keras.optimizers.Adamax,
    keras.optimizers.Nadam,
    keras.optimizers.Adagrad,
    keras.optimizers.Adadelta,
    keras.optimizers.RMSprop,
    keras.optimizers.Ftrl,
    keras.optimizers.Lion,
}

# What the classifier has parameters for, with the parameters' names
_OF_THE_CLASSIFIER = {
    "learning_rate": "learning_rate and learning_rate_schedule",
    "weight_decay": "weight_decay",
}


@cache
def _classes():
    """Return Keras's optimizers by their names in lower case."""
    return {
        name.lower(): kind
        for name, kind in vars(keras.optimizers).items()
        if inspect.isclass(kind)
        and issubclass(kind, keras.optimizers.Optimizer)
        and name not in _WRAPPERS
    }


@dataclass(frozen=True)
class OptimizerKind:
    """An optimizer's class and configuration, but for its learning rate.

    Two that are equal make optimizers of which one can go on where the other stopped.
    """

    kind: type
    config: str

    @classmethod
    def of(cls, optimizer, *, learning_rate, weight_decay):
        """Return the kind that the classifier's parameters describe.

        Parameters
        ----------
        optimizer : str, dict or keras.optimizers.Optimizer
            Name in any case, configuration as ``keras.optimizers.serialize`` returns
            it, or instance, which is not modified.

        learning_rate, weight_decay : float
            The classifier's parameters.

        Raises
        ------
        ValueError
            If Keras has no such optimizer, or if the optimizer was given a learning
            rate or weight decay of its own.
        """
        kind, given = _class_and_config(optimizer)
        parameters = {"learning_rate": learning_rate, "weight_decay": weight_decay}
        for name, value in parameters.items():
            _check_not_given_twice(kind, given, name, value)
        config = {
            key: value
            for key, value in given.items()
            if key not in ("name", "learning_rate")
        }
        # AdamW insists on a number
        none = 0.0 if issubclass(kind, keras.optimizers.AdamW) else None
        config["weight_decay"] = float(weight_decay) or none
        # default, for NumPy's numbers
        return cls(kind, json.dumps(config, sort_keys=True, default=float))

    @property
    def name(self):
        """Name of the class, in lower case."""
        return self.kind.__name__.lower()

    @property
    def updates_each_weight_by_itself(self):
        """Whether arrays of weights may be joined without a change of any update."""
        clipnorm = json.loads(self.config).get("clipnorm")
        return self.kind in _BY_ITSELF and clipnorm is None

    def build(self):
        """Make an optimizer."""
        return self.kind.from_config(json.loads(self.config))


def optimizer_name(optimizer):
    """Return the name of the class, in lower case, that a user's optimizer is of."""
    return _class_and_config(optimizer)[0].__name__.lower()


def optimizer_config(optimizer):
    """Return the configuration of an instance, from which ``OptimizerKind`` makes it.

    Other objects come back as they are.
    """
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        return optimizer
    return keras.optimizers.serialize(optimizer)


def _class_and_config(optimizer):
    if isinstance(optimizer, str):
        classes = _classes()
        if optimizer.lower() not in classes:
            raise ValueError(
                "The 'optimizer' parameter must be the name of one of Keras's "
                f"optimizers, {', '.join(sorted(classes))}, an instance of one or its "
                f"configuration. Got {optimizer!r} instead."
            )
        return classes[optimizer.lower()], {}
    if isinstance(optimizer, dict):
        kind, given = _from_dict(optimizer)
    elif isinstance(optimizer, keras.optimizers.Optimizer):
        kind, given = type(optimizer), optimizer.get_config()
    else:
        raise TypeError(
            "The 'optimizer' parameter must be a str, a dict or an instance of "
            f"keras.optimizers.Optimizer. Got {optimizer!r} instead."
        )
    if kind.__name__ in _WRAPPERS:
        raise ValueError(
            f"The 'optimizer' parameter is a {kind.__name__}, which wraps other "
            "optimizers. Pass the inner optimizer instead."
        )
    return kind, given


def _from_dict(optimizer):
    name, config = optimizer.get("class_name"), optimizer.get("config", {})
    classes = _classes()
    if isinstance(name, str) and name.lower() in classes and isinstance(config, dict):
        kind = classes[name.lower()]
        unknown = set(config) - set(inspect.signature(kind).parameters)
        # get_config has more than the constructor names
        unknown -= set(kind().get_config()) if unknown else set()
        if not unknown:
            return kind, config
        raise ValueError(
            f"The 'optimizer' parameter has the options {sorted(unknown)}, which "
            f"keras.optimizers.{kind.__name__} does not have."
        )
    try:
        instance = keras.optimizers.deserialize(optimizer)
        # Of a class that it does not know, Keras may make a string
        return type(instance), instance.get_config()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            "The 'optimizer' parameter, as a dict, must be a configuration of one of "
            "Keras's optimizers, such as {'class_name': 'SGD', 'config': {'momentum': "
            "0.9}}, or of a class of your own that is registered: decorate it with "
            "@keras.saving.register_keras_serializable(). Got "
            f"{optimizer!r} instead."
        ) from error


def _check_not_given_twice(kind, given, name, ours):
    """Raise if an optimizer has its own idea of what the classifier has to say."""
    theirs = given.get(name)
    default = inspect.signature(kind).parameters[name].default
    if theirs is None or _are_same(theirs, default) or _are_same(theirs, ours):
        return
    raise ValueError(
        f"optimizer has {name}={theirs}, but the classifier's {name}={ours} is what "
        f"training uses. Set {_OF_THE_CLASSIFIER[name]} of the classifier instead."
    )


def _are_same(one, other):
    """Tell whether two numbers are the same in float32, as Keras keeps them."""
    try:
        return np.float32(one) == np.float32(other)
    except (TypeError, ValueError):
        return False  # one is a schedule, or None

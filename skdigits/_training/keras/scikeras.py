"""scikeras, held and not inherited: its classifier calls the network's ``fit``."""

import warnings
from contextlib import contextmanager

import keras
from sklearn.preprocessing import FunctionTransformer

_PATCHED = ("__reduce__", "__deepcopy__")


@contextmanager
def _keras_classes_unchanged():
    """Undo what scikeras does to Keras's classes when it is imported.

    It replaces how models, losses, metrics and optimizers are pickled and copied, for
    the whole process. Keras 3 does both by itself.
    """
    classes = (
        keras.Model,
        keras.losses.Loss,
        keras.metrics.Metric,
        keras.optimizers.Optimizer,
    )
    before = [
        {name: vars(kind)[name] for name in _PATCHED if name in vars(kind)}
        for kind in classes
    ]
    try:
        yield
    finally:
        for kind, methods in zip(classes, before, strict=True):
            for name in _PATCHED:
                if name in methods:
                    setattr(kind, name, methods[name])
                elif name in vars(kind):
                    delattr(kind, name)


try:
    with _keras_classes_unchanged():
        from scikeras.wrappers import KerasClassifier
except ImportError as error:
    warnings.warn(
        f"scikeras cannot be imported ({error}). Training does without it, with the "
        "same results.",
        stacklevel=2,
    )
    KerasClassifier = None
else:

    class _ScikerasClassifier(KerasClassifier):
        """scikeras's classifier, for data that are validated and encoded already."""

        def _validate_data(self, X=None, y=None, reset=False, y_numeric=False):
            # scikeras's own would make float32 of all sparse data
            return X, y

        @staticmethod
        def _validate_sample_weight(X, y, sample_weight):
            # scikeras's own would copy the data to leave out what weighs nothing
            return X, y, sample_weight

        @property
        def target_encoder(self):
            return FunctionTransformer()


def fit(network, X, y, *, sample_weight, **options):
    """Train a network on samples, through scikeras where it can be imported.

    Parameters
    ----------
    network : Network

    X, y, sample_weight
        As ``Network.fit`` takes them.

    **options : dict
        What ``Network.fit`` takes besides.
    """
    if KerasClassifier is None:
        network.fit(X, y, sample_weight=sample_weight, **options)
        return
    classifier = _ScikerasClassifier(model=lambda: network, loss=network.loss)
    classifier.fit(X, y, sample_weight=sample_weight, **options)

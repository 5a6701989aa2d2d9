"""MLPDigitClassifier: what scikit-learn sees."""

from functools import wraps
from math import isqrt
from numbers import Integral, Real

import numpy as np
from scipy import sparse
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import (
    _check_partial_fit_first_call,
    check_classification_targets,
)
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    validate_data,
)

from skdigits import inference
from skdigits._images import check_image_shape, flatten_images
from skdigits._monitoring import EarlyStopping, Monitor
from skdigits._schedules import SCHEDULES
from skdigits._training_set import TrainingSet

_OPTIMIZERS = {"adam", "adamax", "nadam", "rmsprop", "sgd"}


def _all_or_nothing(method):
    """Let a method that raises leave the estimator as it was before the call."""

    @wraps(method)
    def restoring_method(estimator, *args, **kwargs):
        before = vars(estimator).copy()
        try:
            return method(estimator, *args, **kwargs)
        except BaseException:
            vars(estimator).clear()
            vars(estimator).update(before)
            raise

    return restoring_method


def _partial_fit_available(estimator):
    if estimator.early_stopping:
        raise AttributeError(
            "partial_fit is not available with early_stopping=True, since a call is "
            "one epoch over part of the data."
        )
    return True


class MLPDigitClassifier(CallbackSupportMixin, ClassifierMixin, BaseEstimator):
    """DOC"""

    _parameter_constraints: dict = {
        "hidden_layer_sizes": [
            "array-like",
            Interval(Integral, 1, None, closed="left"),
        ],
        "activation": [StrOptions(set(inference.ACTIVATIONS))],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "augment": [callable, None],
        "optimizer": [StrOptions(_OPTIMIZERS)],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "learning_rate_schedule": [StrOptions(set(SCHEDULES))],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "warm_start": ["boolean"],
        "callbacks": [list, tuple, HasMethods(["set_model", "on_epoch_end"]), None],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        hidden_layer_sizes=(128, 64),
        *,
        activation="relu",
        dropout=0.0,
        weight_decay=0.2,
        label_smoothing=0.1,
        augment=None,
        optimizer="adam",
        learning_rate=0.003,
        learning_rate_schedule="cosine",
        batch_size=128,
        epochs=20,
        shuffle=True,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=5,
        tol=1e-4,
        class_weight=None,
        warm_start=False,
        callbacks=None,
        verbose=0,
        random_state=None,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.label_smoothing = label_smoothing
        self.augment = augment
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.batch_size = batch_size
        self.epochs = epochs
        self.shuffle = shuffle
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.verbose = verbose
        self.random_state = random_state

    @_all_or_nothing
    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None):
        """FITDOC"""
        resume = self.warm_start and hasattr(self, "coefs_")
        X, y = self._validate_training_data(X, y, resume)
        if not resume:
            self._forget_training()
            self.classes_ = LabelEncoder().fit(y).classes_
        elif not np.array_equal(np.unique(y), self.classes_):
            raise ValueError(
                "warm_start=True needs the same classes in y as the previous fit had, "
                f"{self.classes_}. Got {np.unique(y)}."
            )
        return self._train(
            X, y, sample_weight, self.epochs, self.learning_rate_schedule
        )

    @available_if(_partial_fit_available)
    @_all_or_nothing
    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """PARTIALDOC"""
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' needs all labels at once, and partial_fit sees"
                " some. Pass a dict of weights instead, for example those that "
                "sklearn.utils.class_weight.compute_class_weight gives."
            )
        resume = not _check_partial_fit_first_call(self, classes)
        X, y = self._validate_training_data(X, y, resume)
        if not resume:
            self._forget_training()
        unknown = np.setdiff1d(y, self.classes_)
        if unknown.size:
            raise ValueError(
                f"y has the classes {unknown}, which are not among those of the first "
                f"call, {self.classes_}."
            )
        return self._train(X, y, sample_weight, epochs=1, schedule="constant")

    def predict(self, X):
        """PREDICTDOC"""
        return self.classes_[self._logits(X).argmax(axis=1)]

    def predict_proba(self, X):
        """PROBADOC"""
        return softmax(self._logits(X), axis=1)

    def predict_log_proba(self, X):
        """LOGPROBADOC"""
        return log_softmax(self._logits(X), axis=1)

    @property
    def model_(self):
        """The network as a Keras model, made from the weights when first asked for."""
        if not hasattr(self, "coefs_"):
            raise AttributeError(
                f"This {type(self).__name__} has no model_ before it is fitted."
            )
        if "_model" not in vars(self):
            from skdigits.network import prediction_model

            self._model = prediction_model(
                self.coefs_,
                self.intercepts_,
                self._trained_activation,
                self.image_shape_ or (self.n_features_in_,),
            )
        return self._model

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.three_d_array = True
        return tags

    def __getstate__(self):
        state = super().__getstate__().copy()
        # Made from the weights again where it is asked for
        state.pop("_model", None)
        return state

    def _logits(self, X):
        check_is_fitted(self)
        X, image_shape = flatten_images(X)
        check_image_shape(X, image_shape, self.image_shape_, estimator=self)
        X = validate_data(
            self, X, reset=False, accept_sparse="csr", dtype=self.coefs_[0].dtype
        )
        return inference.logits(
            X, self.coefs_, self.intercepts_, self._trained_activation
        )

    def _validate_training_data(self, X, y, resume):
        """Return X as rows of floats, and y as a vector of labels."""
        X, image_shape = flatten_images(X)
        if resume:
            check_image_shape(X, image_shape, self.image_shape_, estimator=self)
        else:
            self.image_shape_ = image_shape
        X, y = validate_data(
            self,
            X,
            y,
            reset=not resume,
            accept_sparse="csr",
            dtype=self.coefs_[0].dtype if resume else (np.float32, np.float64),
        )
        check_classification_targets(y)
        return sparse.csr_array(X) if sparse.issparse(X) else X, y

    def _forget_training(self):
        """Start from a network that no epoch has changed."""
        self._seed = check_random_state(self.random_state).randint(2**31 - 1)
        self._optimizer_variables = None
        self.n_iter_ = 0
        self.loss_curve_ = []
        self.history_ = {}
        self.validation_scores_ = None

    def _train(self, X, y, sample_weight, epochs, schedule):
        """Train on validated data, from where the training stands."""
        from skdigits import network

        training_set = self._weigh(X, y, sample_weight)
        early_stopping = None
        if self.early_stopping:
            training_set, early_stopping = self._hold_out(training_set)
        architecture = network.Architecture(
            n_features=X.shape[1],
            hidden_layer_sizes=self._hidden_layer_sizes(),
            n_outputs=len(self.classes_),
            activation=self.activation,
            dropout=self.dropout,
            label_smoothing=self.label_smoothing,
            optimizer=self.optimizer,
            weight_decay=self.weight_decay,
            dtype=X.dtype.name,
        )
        plan = network.Plan(
            epochs=epochs,
            first_epoch=self.n_iter_,
            batch_size=self.batch_size,
            shuffle=self.shuffle,
            learning_rate=self.learning_rate,
            learning_rate_schedule=schedule,
            seed=self._seed,
            augment=self._augment_rows if self.augment is not None else None,
            callbacks=network.check_callbacks(self.callbacks),
            verbose=min(int(self.verbose), 2),
        )
        state = (
            network.State(self._weights_to_resume(), self._optimizer_variables)
            if self.n_iter_
            else network.initial_state(architecture, self._seed)
        )
        task = {"X": training_set.X, "y": training_set.y, "metadata": None}
        if sample_weight is not None:
            task["metadata"] = {"sample_weight": training_set.sample_weight}
        context = self._init_callback_context(max_subtasks=epochs)
        context.call_on_fit_task_begin(estimator=self, **task)
        monitor = Monitor(self, context, task, self._attributes_after, early_stopping)
        state = network.train(architecture, state, training_set, plan, monitor)
        history = {
            name: self.history_.get(name, []) + values
            for name, values in state.history.items()
        }
        attributes = self._attributes_after(monitor, state.weights)
        vars(self).update(attributes, history_=history)
        self._optimizer_variables = state.optimizer_variables
        vars(self).pop("_model", None)
        context.call_on_fit_task_end(
            estimator=self, **task, reconstruction_attributes={}
        )
        return self

    def _weigh(self, X, y, sample_weight):
        """Return the samples that have weight."""
        sample_weight = _check_sample_weight(
            sample_weight, X, dtype=np.float64, ensure_non_negative=True
        )
        unweighted = TrainingSet(
            X, y, np.searchsorted(self.classes_, y), sample_weight, sample_weight
        )
        weighted = unweighted[sample_weight > 0]
        weighted.loss_weight = weighted.sample_weight * self._class_weights(weighted)
        weighted = weighted[weighted.loss_weight > 0]
        if not len(weighted.y):
            raise ValueError(
                f"class_weight={self.class_weight} leaves no sample a weight above 0."
            )
        # The scale is of no account to a weighted mean, but for the range of float32
        loss_weight = weighted.loss_weight / weighted.loss_weight.mean()
        weighted.loss_weight = loss_weight.astype(X.dtype)
        return weighted

    def _class_weights(self, training_set):
        """Return the class weight of each sample."""
        if isinstance(self.class_weight, dict):
            unknown = set(self.class_weight) - set(self.classes_.tolist())
            if unknown:
                raise ValueError(
                    f"class_weight has the classes {sorted(unknown, key=repr)}, which "
                    f"are not among those of y, {self.classes_}."
                )
            if any(weight < 0 for weight in self.class_weight.values()):
                raise ValueError(
                    f"class_weight must not be negative. Got {self.class_weight}."
                )
        present, position = np.unique(training_set.y, return_inverse=True)
        return compute_class_weight(
            self.class_weight,
            classes=present,
            y=training_set.y,
            sample_weight=training_set.sample_weight,
        )[position]

    def _hold_out(self, training_set):
        """Split samples off for early stopping."""
        chosen = training_set.chosen_for_validation(
            self.validation_fraction, self._seed
        )
        if not chosen.any():
            raise ValueError(
                "early_stopping=True needs a class with at least two distinct samples, "
                "of which it can hold one out. Got n_samples = "
                f"{len(training_set.y)}."
            )
        early_stopping = EarlyStopping(
            training_set[chosen],
            activation=self.activation,
            tol=self.tol,
            n_iter_no_change=self.n_iter_no_change,
        )
        return training_set[~chosen], early_stopping

    def _attributes_after(self, monitor, weights):
        """Return the attributes of a fit that ends with these weights."""
        early_stopping = monitor.early_stopping
        scores = self.validation_scores_
        if early_stopping is not None:
            weights = early_stopping.best_weights
            scores = (scores or []) + early_stopping.scores
        loss_curve = self.loss_curve_ + monitor.losses
        return {
            "coefs_": weights[::2],
            "intercepts_": weights[1::2],
            "n_layers_": len(weights) // 2 + 1,
            "n_outputs_": len(self.classes_),
            "n_iter_": len(loss_curve),
            "loss_": loss_curve[-1],
            "loss_curve_": loss_curve,
            "validation_scores_": scores,
            "best_validation_score_": max(scores) if scores else None,
            "_trained_activation": self.activation,
        }

    def _hidden_layer_sizes(self):
        sizes = self.hidden_layer_sizes
        sizes = (sizes,) if isinstance(sizes, Integral) else tuple(sizes)
        if not all(isinstance(size, Integral) and size >= 1 for size in sizes):
            raise ValueError(
                f"The 'hidden_layer_sizes' parameter of {type(self).__name__} must be "
                "an int or a sequence of ints, each in the range [1, inf). Got "
                f"{self.hidden_layer_sizes!r} instead."
            )
        return tuple(int(size) for size in sizes)

    def _weights_to_resume(self):
        sizes = tuple(len(intercept) for intercept in self.intercepts_[:-1])
        if self._hidden_layer_sizes() != sizes:
            raise ValueError(
                f"The network trained so far has hidden_layer_sizes={sizes} and cannot "
                f"go on with {self.hidden_layer_sizes}. Set it back, or fit with "
                "warm_start=False."
            )
        layers = zip(self.coefs_, self.intercepts_, strict=True)
        return [array for layer in layers for array in layer]

    def _augment_rows(self, rows, rng):
        """Let `augment` change rows as images."""
        n_samples, n_features = rows.shape
        shape = self.image_shape_ or (isqrt(n_features),) * 2
        if shape[0] * shape[1] != n_features:
            raise ValueError(
                f"augment needs images. Got rows of {n_features} pixels, which is no "
                "square number: pass X of shape (n_samples, height, width)."
            )
        images = np.asarray(self.augment(rows.reshape(n_samples, *shape[:2]), rng))
        if images.shape != (n_samples, *shape[:2]):
            raise ValueError(
                f"augment must return images of the shape it is given, "
                f"{(n_samples, *shape[:2])}. Got {images.shape}."
            )
        return images.reshape(rows.shape)

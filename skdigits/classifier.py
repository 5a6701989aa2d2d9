"""MLPDigitClassifier: what scikit-learn sees."""

from collections.abc import Sequence
from functools import cache, partial
from itertools import pairwise
from numbers import Integral, Real

import numpy as np
from scipy import sparse
from scipy.special import log_softmax
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call
from sklearn.utils.validation import _num_samples, check_is_fitted, validate_data

from skdigits._network import forward
from skdigits._training.initial_weights import initial_weights
from skdigits._training.monitor import EarlyStopping, Monitor
from skdigits._training.schedules import SCHEDULES
from skdigits._training.training_set import TrainingSet
from skdigits._utils.atomic import all_or_nothing
from skdigits._utils.images import check_image_shape, flatten_images
from skdigits._utils.pixel_scale import (
    PixelScale,
    has_usual_moments,
    learn_scale,
    merge_scales,
    warn_of_another_scale,
)
from skdigits._utils.stored_state import StoredStateMixin
from skdigits._utils.validation import check_labels, float_types, labels_in_kind
from skdigits.augmentation import PRESETS, augment_rows

_OPTIMIZERS = {"adam", "adamax", "nadam", "rmsprop", "sgd"}


def _partial_fit_available(estimator):
    if estimator.early_stopping:
        raise AttributeError(
            "partial_fit is not available with early_stopping=True, since a call is "
            "one epoch over part of the data."
        )
    return True


class MLPDigitClassifier(
    StoredStateMixin, CallbackSupportMixin, ClassifierMixin, BaseEstimator
):
    """Dense Keras network as a scikit-learn classifier.

    A multi-layer perceptron for images of digits, or for any numeric features. Keras
    trains it; the trained weights are NumPy arrays, and predicting is NumPy alone, so
    that it is as fast as scikit-learn's own and needs no TensorFlow, neither in this
    process nor in the one that loads a pickle.

    The network has the float type of the first `X`: float32 trains a float32 network,
    float64 and longer floats a float64 one, and other numbers become float32.

    Parameters
    ----------
    hidden_layer_sizes : int, or sequence or ndarray of int, default=(128, 64)
        Units in each hidden layer. Empty for none, which is multinomial logistic
        regression.

    activation : {"relu", "tanh", "logistic", "identity", "elu", "gelu", \
"leaky_relu", "selu", "silu"}, default="relu"
        Function of the hidden layers. The names are scikit-learn's where it has the
        function, else Keras's; the definitions are Keras's.

    dropout : float, default=0.05
        Fraction of each hidden layer's units that a training step does without, in
        [0, 1). The same units for the whole batch, anew for every step.

    weight_decay : float, default=0.2
        How much of each weight a step takes away, as a multiple of the learning rate
        (decoupled from the gradient, see [1]_). Biases decay too, as Keras has it.

    label_smoothing : float, default=0.0
        Part of each label's probability that training spreads evenly over all
        classes, in [0, 1). It raises accuracy, and makes the probabilities say less
        than they could: that of the predicted label is too low.

    augment : {"affine", "elastic"}, RandomDistortion, callable or None, default=None
        Changes the training images before each epoch sees them, so that no two epochs
        see the same. "elastic" is ``RandomDistortion()``, and "affine" the same with
        ``elastic=0``; give a :class:`RandomDistortion` to choose or search the
        strengths. A callable ``augment(images, rng)`` is given a block of images as an
        array of shape (n_images, height, width) and a :class:`numpy.random.Generator`,
        and returns an array of that shape. Validation images are not changed. `X` must
        be images, or rows of a square number of pixels. Train for more `epochs`, with
        less `weight_decay` and without `dropout`.

    optimizer : {"adam", "adamax", "nadam", "rmsprop", "sgd"}, default="adam"
        Keras optimizer, with Keras's defaults for what has no parameter here.

    learning_rate : float, default=0.004
        Step size, the peak of `learning_rate_schedule`. A Keras callback that sets
        the rate when training or an epoch begins or ends scales the schedule from
        there: use it with "constant".

    learning_rate_schedule : {"cosine", "constant"}, default="cosine"
        How the learning rate runs over the steps of a fit. "cosine" climbs to
        `learning_rate` along a line in the first tenth and falls to zero along half a
        cosine in the rest; see [2]_. "constant" stays. `partial_fit` is always
        constant.

    batch_size : int, default=128
        Samples in a training step. Data of no more samples is trained on as a whole.

    epochs : int, default=20
        Passes over the training data.

    shuffle : bool, default=True
        Whether every epoch takes the samples in a new order.

    early_stopping : bool, default=False
        Whether to hold `validation_fraction` of the samples of each class out, to stop
        when their accuracy no longer rises, and to end with the weights of the best
        epoch: that with the least loss among those whose accuracy is highest, or less
        than `tol` below. Samples that are equal are held out together or not at all.

    validation_fraction : float, default=0.1
        Fraction held out, by weight, in (0, 1), and at least one sample of every class
        that has two which differ. Used if `early_stopping` is True.

    n_iter_no_change : int, default=5
        Epochs in turn without a gain that end the fit. Used if `early_stopping` is
        True.

    tol : float, default=1e-4
        By how much the accuracy on the validation samples must rise to count as a
        gain, or, where it is highest or less than that below, their loss must fall.
        Used if `early_stopping` is True.

    class_weight : dict, "balanced" or None, default=None
        Weight of each class in the loss, times the sample weights. "balanced" makes
        the classes count the same, as
        :func:`~sklearn.utils.class_weight.compute_class_weight` does. A class that a
        dict leaves out has weight 1.

    warm_start : bool, default=False
        Whether `fit` goes on from where the last one stopped, weights and optimizer,
        rather than anew. Parameters may change in between, other than
        `hidden_layer_sizes`, but `random_state` is that of the first fit. Another
        `optimizer` starts afresh on the same weights, as does the same one after early
        stopping went back to an earlier epoch.

    callbacks : keras.callbacks.Callback, list of them or None, default=None
        Keras callbacks for the training. Their batch methods are called for a block of
        batches at a time. The model that they see takes rows, and predicts and saves
        what `model_` would. scikit-learn's callbacks are for :meth:`set_callbacks`.

    verbose : int, default=0
        0 is silent, 1 shows Keras's progress bar, 2 a line an epoch.

    random_state : int, RandomState instance or None, default=None
        Seeds the initial weights, the order of samples, the dropout, the choice of
        validation samples and `augment`. The same int gives the same weights, to the
        bit on the same machine with as many threads. See
        :term:`Glossary <random_state>`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.

    coefs_ : list of ndarray
        ``coefs_[i]``, of shape (units of layer i, units of layer i + 1), are the
        weights between the two layers; layer 0 is the input.

    intercepts_ : list of ndarray
        ``intercepts_[i]`` are the biases of layer i + 1.

    model_ : keras.Sequential
        The trained network as a Keras model, with layers ``flatten``, ``dense_1`` and
        so on. A copy made on first access: training it further does not change the
        classifier. Its input is of the shape of `X` in :meth:`fit`.

    history_ : dict of str to list of float
        What Keras logged in every epoch: ``"loss"``, ``"accuracy"`` and, with early
        stopping, ``"val_loss"`` and ``"val_accuracy"``, of the epochs that had them.
        The training figures are means over the epoch, taken while the weights were
        changing.

    loss_curve_ : list of float
        Training loss by epoch.

    loss_ : float
        Training loss of the last epoch.

    n_iter_ : int
        Epochs trained, over all calls that went on from one another.

    validation_scores_ : list of float or None
        Validation accuracy of each epoch with early stopping. None if the last fit was
        without.

    best_validation_score_ : float or None
        Validation accuracy of the epoch whose weights were kept.

    n_layers_ : int
        Layers, with input and output.

    n_outputs_ : int
        Units of the output layer: the number of classes.

    image_shape_ : tuple of int or None
        (height, width) or (height, width, 1) of the images in the first call of
        :meth:`fit`, None if they were rows.

    n_features_in_ : int
        Features seen in :meth:`fit`: pixels of an image.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if `X` had names that are all strings.

    See Also
    --------
    FlattenScaler : Scales images to [0, 1], as the learning rate expects.
    RandomDistortion : Distorts training images, as `augment`.
    sklearn.neural_network.MLPClassifier : scikit-learn's multi-layer perceptron.

    Notes
    -----
    A call of `fit` or `partial_fit` that raises, for bad input, in a callback or by
    :class:`KeyboardInterrupt`, leaves the classifier as it was before the call, other
    than a RandomState or callbacks among its parameters, which have seen it. To stop
    early and keep the result, use `early_stopping` or a callback.

    The compiled network is kept in the process for the next fit of the same
    architecture, which saves that fit most of a second. No two fits share it at once.

    In a process that has ``OMP_NUM_THREADS`` set, as joblib's workers have, training
    keeps to so many threads, unless TensorFlow runs already or has been told otherwise.

    The defaults were chosen for MNIST, of which an epoch has hundreds of steps. A few
    hundred samples make a few steps an epoch, and want more `epochs` or a smaller
    `batch_size`.

    Samples of weight zero are left out, and a weight of two is the sample twice when
    the data fits into one batch.

    References
    ----------
    .. [1] I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization", 2019,
       :arxiv:`1711.05101`.
    .. [2] I. Loshchilov, F. Hutter, "SGDR: Stochastic Gradient Descent with Warm
       Restarts", 2017, :arxiv:`1608.03983`.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist
    >>> train, test = load_mnist("train"), load_mnist("test")
    >>> model = make_pipeline(FlattenScaler(), MLPDigitClassifier(random_state=0))
    >>> model.fit(train.images[:5000], train.target[:5000]).predict(test.images[:4])
    array([7, 2, 1, 0])
    >>> bool(model.score(test.images, test.target) > 0.94)
    True
    """

    _parameter_constraints: dict = {
        "hidden_layer_sizes": [
            "array-like",
            Interval(Integral, 1, None, closed="left"),
        ],
        "activation": [StrOptions(set(forward.ACTIVATIONS))],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "augment": [StrOptions(set(PRESETS)), callable, None],
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

    # Made from the weights again where it is asked for
    _not_stored = frozenset({"model_"})

    def __init__(
        self,
        hidden_layer_sizes=(128, 64),
        *,
        activation="relu",
        dropout=0.05,
        weight_decay=0.2,
        label_smoothing=0.0,
        augment=None,
        optimizer="adam",
        learning_rate=0.004,
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

    @all_or_nothing
    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None):
        """Train the network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or \
array-like of shape (n_samples, height, width) or (n_samples, height, width, 1)
            Training samples, as rows or as images, best scaled to [0, 1].

        y : array-like of shape (n_samples,)
            Labels: integers, strings or booleans.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples in the loss, not negative. None for 1 each.

        Returns
        -------
        self : MLPDigitClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            For bad input; if the loss ceases to be finite; if `early_stopping` finds
            nothing to hold out.

        RuntimeError
            In a process forked from one that had started TensorFlow.
        """
        resume = self.warm_start and hasattr(self, "coefs_")
        given = X
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
            X, y, sample_weight, given, self.epochs, self.learning_rate_schedule
        )

    @available_if(_partial_fit_available)
    @all_or_nothing
    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Train for one epoch, going on from where the last call stopped.

        Weights and optimizer go on, at a constant `learning_rate`. Not available with
        `early_stopping`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or \
array-like of shape (n_samples, height, width) or (n_samples, height, width, 1)
            Training samples, as rows or as images.

        y : array-like of shape (n_samples,)
            Labels.

        classes : array-like of shape (n_classes,), default=None
            All labels that will ever come. Needed in the first call, if no call of
            `fit` went before it.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples in the loss, not negative. None for 1 each.

        Returns
        -------
        self : MLPDigitClassifier
            The classifier, trained further.

        Raises
        ------
        ValueError
            For bad input, a label that was not announced among it; with
            ``class_weight="balanced"``; if the loss ceases to be finite.

        RuntimeError
            In a process forked from one that had started TensorFlow.
        """
        # scikit-learn would validate the parameters of the first call alone
        self._validate_params()
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' needs all labels at once, and partial_fit sees"
                " some. Pass a dict of weights instead, for example those that "
                "sklearn.utils.class_weight.compute_class_weight gives."
            )
        resume = not _check_partial_fit_first_call(self, classes)
        given = X
        X, y = self._validate_training_data(X, y, resume)
        if not resume:
            self._forget_training()
        unknown = np.setdiff1d(y, self.classes_)
        if unknown.size:
            raise ValueError(
                f"y has the classes {unknown}, which are not among those of the first "
                f"call, {self.classes_}."
            )
        return self._train(X, y, sample_weight, given, epochs=1, schedule="constant")

    def predict(self, X):
        """Predict labels.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or \
array-like of shape (n_samples, height, width) or (n_samples, height, width, 1)
            Samples, as rows or as images.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            The most probable label of each sample.
        """
        numbers = self._infer(forward.logits, X).argmax(axis=1)
        return self.classes_[numbers]

    def predict_proba(self, X):
        """Predict the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or \
array-like of shape (n_samples, height, width) or (n_samples, height, width, 1)
            Samples, as rows or as images.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of `classes_` and of the network's float type; rows sum to 1.
        """
        return self._infer(forward.forward, X)

    def predict_log_proba(self, X):
        """Predict the logarithm of each class's probability.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or \
array-like of shape (n_samples, height, width) or (n_samples, height, width, 1)
            Samples, as rows or as images.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes)
            Finite where the probability itself is rounded to zero.
        """
        return log_softmax(self._infer(forward.logits, X), axis=1)

    def hidden_activations(self, X, layer=-1):
        """Compute what the units of a hidden layer put out.

        Features that the network has learnt, for a nearest neighbour search, a
        projection or another classifier.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or \
array-like of shape (n_samples, height, width) or (n_samples, height, width, 1)
            Samples, as rows or as images.

        layer : int, default=-1
            Index of the hidden layer, as in `hidden_layer_sizes`: 0 is the first, -1
            the last.

        Returns
        -------
        activations : ndarray of shape (n_samples, n_units)
            Of the network's float type.

        Raises
        ------
        ValueError
            If the network has no such hidden layer.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from skdigits import MLPDigitClassifier
        >>> X, y = load_digits(return_X_y=True)
        >>> classifier = MLPDigitClassifier((32, 8), random_state=0).fit(X / 16, y)
        >>> classifier.hidden_activations(X / 16).shape
        (1797, 8)
        """
        check_is_fitted(self)
        n_hidden = len(self.coefs_) - 1
        if not isinstance(layer, Integral) or not -n_hidden <= layer < n_hidden:
            raise ValueError(
                f"layer must be an int from {-n_hidden} to {n_hidden - 1}, the index "
                f"of one of the {n_hidden} hidden layers. Got {layer!r}."
                if n_hidden
                else "The network has no hidden layer, whose units could put out "
                f"anything. Got layer={layer!r}."
            )
        compute = partial(forward.hidden_activations, layer=layer)
        return self._infer(compute, X)

    def input_gradients(self, X, target):
        """Compute how fast the logit of a class rises with each feature.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or \
array-like of shape (n_samples, height, width) or (n_samples, height, width, 1)
            Samples, as rows or as images.

        target : label, or array-like of shape (n_samples,)
            Class whose logit is differentiated, one for all samples or one for each.

        Returns
        -------
        gradients : ndarray of shape (n_samples, n_features)
            Of the network's float type. Where the activation has a kink, that of its
            right-hand side, other than relu's, which is 0.

        Raises
        ------
        ValueError
            If a label is not among `classes_`, or if there are not as many as samples.

        See Also
        --------
        ContributionsDisplay : Shows gradients times pixels.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from skdigits import MLPDigitClassifier
        >>> X, y = load_digits(return_X_y=True)
        >>> classifier = MLPDigitClassifier(random_state=0).fit(X / 16, y)
        >>> classifier.input_gradients(X[:5] / 16, target=7).shape
        (5, 64)
        """
        check_is_fitted(self)
        n_samples = _num_samples(X)
        labels = np.asarray(target)
        if labels.ndim == 0:
            labels = np.full(n_samples, labels)
        if labels.shape != (n_samples,):
            raise ValueError(
                "target must be a label, or one for each sample, of shape "
                f"({n_samples},). Got shape {labels.shape}."
            )
        unknown = [label for label in labels if label not in self.classes_]
        if unknown:
            raise ValueError(
                f"target must be of the classes {self.classes_.tolist()}. Got "
                f"{unknown[0]!r}."
            )
        class_numbers = np.searchsorted(self.classes_, labels)
        compute = partial(forward.input_gradients, class_numbers=class_numbers)
        return self._infer(compute, X)

    def __getattr__(self, name):
        # Not a property: dir() and scikit-learn's HTML representation look at those,
        # and to look at this one imports TensorFlow
        if name != "model_":
            return super().__getattribute__(name)  # which raises, in its own words
        if "coefs_" not in vars(self):
            raise AttributeError(
                f"This {type(self).__name__} has no model_ before it is fitted."
            )
        from skdigits._training.keras.model import prediction_model

        self.model_ = prediction_model(
            self.coefs_,
            self.intercepts_,
            self._trained_activation,
            self.image_shape_ or (self.n_features_in_,),
        )
        return self.model_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.three_d_array = True
        return tags

    def __setstate__(self, state):
        super().__setstate__(state)
        if "coefs_" in vars(self):
            self._check_loaded_network()

    def _check_loaded_network(self):
        """Raise if no fit can have left what was loaded: a file may come from anyone.

        NumPy would stretch biases of a wrong size over a layer, and predict.
        """
        coefs, intercepts = self.coefs_, self.intercepts_
        arrays = [*coefs, *intercepts]
        units = [self.n_features_in_, *map(np.size, intercepts)]
        if not (
            all(isinstance(array, np.ndarray) for array in arrays)
            and [coef.shape for coef in coefs] == list(pairwise(units))
            and all(intercept.ndim == 1 for intercept in intercepts)
            and units[-1] == len(self.classes_)
            and {array.dtype.name for array in arrays} in ({"float32"}, {"float64"})
            and self._trained_activation in forward.ACTIVATIONS
        ):
            described = [
                f"{array.dtype} {array.shape}"
                if isinstance(array, np.ndarray)
                else type(array).__name__
                for array in arrays
            ]
            raise ValueError(
                f"The stored {type(self).__name__} is no network: its n_features_in_, "
                "coefs_, intercepts_, classes_ and activation do not fit together. Got "
                f"n_features_in_ = {self.n_features_in_}, {len(coefs)} coefs_ and "
                f"{len(intercepts)} intercepts_ of {', '.join(described)}, "
                f"{len(self.classes_)} classes and the activation "
                f"{self._trained_activation!r}."
            )

    def _infer(self, function, X):
        if not self._takes_as_it_is(X):
            check_is_fitted(self)
            X, image_shape = flatten_images(X)
            check_image_shape(X, image_shape, self.image_shape_, estimator=self)
            X = validate_data(
                self, X, reset=False, accept_sparse="csr", dtype=self.coefs_[0].dtype
            )
            warn_of_another_scale(X, self._pixel_scale, self)
        return function(X, self.coefs_, self.intercepts_, self._trained_activation)

    def _takes_as_it_is(self, X):
        """Tell whether X is such that validation would find nothing to do or to say.

        For a single row, it would take several times as long as the prediction.
        """
        fitted = vars(self)
        if (
            type(X) is not np.ndarray
            or X.ndim != 2
            or "coefs_" not in fitted
            or "feature_names_in_" in fitted
            or X.dtype != self.coefs_[0].dtype
            or X.shape[1] != self.n_features_in_
            or not len(X)
        ):
            return False
        return has_usual_moments(X, X.size, self._pixel_scale)

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
            labels_in_kind(y),
            reset=not resume,
            accept_sparse="csr",
            dtype=self.coefs_[0].dtype if resume else float_types(X),
        )
        check_labels(y)
        scale = learn_scale(X)
        if resume:
            scale = merge_scales(PixelScale(*self._pixel_scale), scale)
        # A plain tuple, which skops stores
        self._pixel_scale = tuple(scale)
        return sparse.csr_array(X) if sparse.issparse(X) else X, y

    def _forget_training(self):
        """Start from a network that no epoch has changed."""
        self._seed = check_random_state(self.random_state).randint(2**31 - 1)
        self._optimizer_variables = None
        self.n_iter_ = 0
        self.loss_curve_ = []
        self.history_ = {}
        self.validation_scores_ = None

    def _train(self, X, y, sample_weight, given, epochs, schedule):
        """Train on X as validated from what was given, from where training stands."""
        from skdigits._training.keras import model as network

        training_set = TrainingSet.weigh(
            X, y, self.classes_, sample_weight, self.class_weight
        )
        early_stopping = None
        if self.early_stopping:
            training_set, early_stopping = self._hold_out(training_set)
        training_set = training_set.with_mean_weight_one()
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
            epochs=int(epochs),
            first_epoch=self.n_iter_,
            batch_size=int(self.batch_size),
            shuffle=self.shuffle,
            learning_rate=self.learning_rate,
            learning_rate_schedule=schedule,
            seed=self._seed,
            augment=self.augment
            and partial(augment_rows, self.augment, self.image_shape_),
            callbacks=network.check_callbacks(self.callbacks),
            verbose=min(int(self.verbose), 2),
        )
        state = (
            self._state_to_resume(network)
            if self.n_iter_
            else network.State(self._initial_weights(X))
        )
        # What callbacks are given is of the kind that the user gave, made if one asks
        task = {
            "X": cache(lambda: _safe_indexing(given, training_set.place)),
            "y": training_set.y,
            "metadata": None,
        }
        if sample_weight is not None:
            task["metadata"] = {"sample_weight": training_set.sample_weight}
        context = self._init_callback_context(max_subtasks=epochs)
        context.call_on_fit_task_begin(estimator=self, **task)
        monitor = Monitor(self, context, task, self._attributes_after, early_stopping)
        state = network.train(architecture, state, training_set, plan, monitor)
        monitor.check(*state.weights)
        vars(self).update(self._attributes_after(monitor, state.weights))
        self._optimizer_variables = state.optimizer_variables
        if early_stopping is not None and early_stopping.best_epoch + 1 < len(
            early_stopping.scores
        ):
            # They are those of the last epoch, of other weights
            self._optimizer_variables = None
        vars(self).pop("model_", None)
        context.call_on_fit_task_end(
            estimator=self, **task, reconstruction_attributes={}
        )
        return self

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
        scores = best_score = best_epoch = None
        if early_stopping is not None:
            best_epoch = len(self.loss_curve_) + early_stopping.best_epoch + 1
            weights = early_stopping.best_weights
            best_score = early_stopping.best_score
            scores = (self.validation_scores_ or []) + early_stopping.scores
        loss_curve = self.loss_curve_ + monitor.losses
        return {
            "coefs_": weights[::2],
            "intercepts_": weights[1::2],
            "n_layers_": len(weights) // 2 + 1,
            "n_outputs_": len(self.classes_),
            "n_iter_": len(loss_curve),
            "loss_": loss_curve[-1],
            "loss_curve_": loss_curve,
            "history_": {
                name: self.history_.get(name, []) + values
                for name, values in monitor.history.items()
            },
            "validation_scores_": scores,
            "best_validation_score_": best_score,
            "_best_epoch": best_epoch,
            "_trained_activation": self.activation,
            "_trained_optimizer": self.optimizer,
        }

    def _hidden_layer_sizes(self):
        sizes = self.hidden_layer_sizes
        sizes = (sizes,) if isinstance(sizes, Integral) else sizes
        if not isinstance(sizes, Sequence | np.ndarray) or not all(
            isinstance(size, Integral) and size >= 1 for size in sizes
        ):
            raise ValueError(
                f"The 'hidden_layer_sizes' parameter of {type(self).__name__} must be "
                "an int or a sequence of ints, each in the range [1, inf). Got "
                f"{self.hidden_layer_sizes!r} instead."
            )
        return tuple(int(size) for size in sizes)

    def _initial_weights(self, X):
        units = (X.shape[1], *self._hidden_layer_sizes(), len(self.classes_))
        return initial_weights(units, self.activation, X.dtype, self._seed)

    def _state_to_resume(self, network):
        sizes = tuple(len(intercept) for intercept in self.intercepts_[:-1])
        if self._hidden_layer_sizes() != sizes:
            raise ValueError(
                f"The network trained so far has hidden_layer_sizes={sizes} and cannot "
                f"go on with {self.hidden_layer_sizes}. Set it back, or fit with "
                "warm_start=False."
            )
        layers = zip(self.coefs_, self.intercepts_, strict=True)
        weights = [array for layer in layers for array in layer]
        # What one optimizer keeps says nothing to another
        same = self.optimizer == self._trained_optimizer
        return network.State(weights, self._optimizer_variables if same else None)

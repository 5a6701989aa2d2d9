"""MLPDigitClassifier: the estimator, its parameters and its fitted attributes."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import pairwise
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.special import log_softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.metrics import check_scoring
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from skdigits._network import activations, forward
from skdigits._training.convergence import warn_if_nothing_learnt
from skdigits._training.defaults import resolve_auto
from skdigits._training.initial_weights import initial_weights
from skdigits._training.monitor import Monitor, joined
from skdigits._training.schedules import SCHEDULES
from skdigits._training.training_set import TrainingSet
from skdigits._training.validation import Validation, check_validation_data
from skdigits._utils.atomic import all_or_nothing
from skdigits._utils.containers import float_types, take_samples
from skdigits._utils.doc_link import DocLinkMixin
from skdigits._utils.images import check_image_shape, flatten_images
from skdigits._utils.labels import check_labels, read_labels
from skdigits._utils.pixel_scale import (
    PixelScale,
    has_usual_moments,
    learn_scale,
    merge_scales,
    warn_of_another_scale,
)
from skdigits._utils.sklearn_private import (
    HasMethods,
    Interval,
    Options,
    StrOptions,
    _check_partial_fit_first_call,
    _fit_context,
    _num_samples,
)
from skdigits._utils.stored_state import StoredStateMixin
from skdigits._utils.types import Floats, Samples, typed
from skdigits.augmentation import PRESETS, augment_rows

__all__ = ["MLPDigitClassifier"]


def _partial_fit_available(estimator):
    return not estimator.early_stopping


class MLPDigitClassifier(
    DocLinkMixin, StoredStateMixin, CallbackSupportMixin, ClassifierMixin, BaseEstimator
):
    """Dense Keras network as a scikit-learn classifier.

    A multi-layer perceptron for images of digits, or for any numeric features. Keras
    trains it. The trained weights are NumPy arrays, and prediction uses NumPy alone: it
    is as fast as that of scikit-learn's networks, and a process that loads a pickled
    model needs no TensorFlow.

    The first `X` determines the float type of the network: float64 and longer floats
    train a float64 network, all other numbers a float32 network.

    Parameters
    ----------
    hidden_layer_sizes : int, or sequence or ndarray of int, default=(128, 64)
        Units in each hidden layer. Empty for none, which is multinomial logistic
        regression.

    activation : {"relu", "tanh", "logistic", "identity", "elu", "gelu", \
"leaky_relu", "mish", "selu", "silu"}, default="relu"
        Function of the hidden layers. The names are scikit-learn's where it has the
        function, else Keras's; the definitions are Keras's. Keras's "sigmoid",
        "linear" and "swish" are "logistic", "identity" and "silu".

    dropout : float or "auto", default="auto"
        Fraction of each hidden layer's units dropped at each step, in [0, 1). All
        samples of a batch share the dropped units. "auto" is 0.05, and 0 with
        `augment`.

    weight_decay : float or "auto", default="auto"
        Decoupled weight decay, see [1]_: each step subtracts `learning_rate` times
        `weight_decay` times the weight. As in Keras, biases decay, too. "auto" is 0.2,
        and 0.05 with `augment`. Where the "auto" of `learning_rate` is 0.01, it is 128
        divided by the number of samples, rounded up to whole batches, between 0.2
        and 2.

    label_smoothing : float, default=0.0
        Part of each label's probability that training spreads evenly over all
        classes, in [0, 1). It raises the accuracy and makes the classifier
        under-confident.

    augment : {"affine", "elastic"}, RandomDistortion, callable or None, default=None
        Distorts the training images at random before each epoch. "elastic" is
        ``RandomDistortion()``, and "affine" is ``RandomDistortion(elastic=0)``. Pass a
        :class:`RandomDistortion` to choose or search the strengths. A callable
        ``augment(images, rng)`` gets a block of images of shape (n_images, height,
        width) and a :class:`numpy.random.Generator`, and returns an array of the same
        shape. It is called in a thread, for the next block while the network trains
        on one. Validation images are not distorted. `X` must be images, or rows of a
        square number of pixels. Parameters that are "auto" get values that suit
        distorted images.

    optimizer : str, dict or keras.optimizers.Optimizer, default="adam"
        Keras optimizer: its name in any case, such as "adam", "SGD" or "lion", its
        configuration, as in ``{"class_name": "SGD", "config": {"momentum": 0.9}}``, or
        an instance, which is not modified. `learning_rate` and `weight_decay` are
        those of the classifier; the other options are Keras's defaults unless given.
        Instances are stored as configurations.

    learning_rate : float or "auto", default="auto"
        Step size; with the "cosine" schedule, its maximum. A Keras callback may
        change it if the schedule is "constant". "auto" is 0.01 for at most 2,048
        samples with Adam, "cosine" and without `augment`, else 0.004.

    learning_rate_schedule : {"cosine", "constant"}, default="cosine"
        Learning rate over the steps of a fit. "cosine" rises linearly to
        `learning_rate` in the first tenth, and then falls to zero along half a cosine;
        see [2]_. :meth:`partial_fit` always uses a constant rate.

    batch_size : int or "auto", default="auto"
        Number of samples per training step. If there are fewer, a step uses all.
        "auto" is 128, but without `augment` 32 for up to 2,048 samples, and 64 for up
        to 64.

    epochs : int or "auto", default="auto"
        Passes over the training data. "auto" makes about 35 steps times the square
        root of the number of samples, half as many if `learning_rate` is "auto" and
        comes to 0.01, at least 20 epochs; three times as many with `augment`. A batch
        counts as at most 128 samples there.

    shuffle : bool, default=True
        Whether to shuffle the samples before each epoch.

    early_stopping : bool, default=False
        Whether to hold `validation_fraction` of the samples out, score them after each
        epoch, stop after `n_iter_no_change` epochs without improvement, and keep the
        weights of the best epoch: the last one whose score is at most `tol` below the
        highest. If :meth:`fit` is given `X_val` and `y_val`, they are scored, and
        nothing is held out.

    validation_fraction : float, default=0.1
        Fraction of each class to hold out, by weight and to the nearest sample, in
        (0, 1). Equal rows are held out together or not at all, and a class never loses
        its last row. A row that occurs at least 5 times and makes up more than a
        hundredth of the data is split itself: `validation_fraction` of its copies are
        held out. Used if `early_stopping` is True.

    scoring : str, callable or None, default="accuracy"
        How to score the validation samples. "accuracy" and "loss" are weighted by
        sample and class weights; the score of "loss" is the negative cross-entropy.
        Other strings are scikit-learn's, as :func:`~sklearn.metrics.get_scorer` takes
        them. A callable ``scorer(estimator, X, y)`` gets an estimator of which only the
        weights are those of the epoch. If the validation samples have weights, scorers
        get them as ``sample_weight``. None is accuracy. Higher scores are better.

    n_iter_no_change : int or inf, default=20
        Stop after this many consecutive epochs without improvement. Used if
        `early_stopping` is True.

    tol : float, default=1e-4
        An epoch improves if its score is more than `tol` above the highest before, or
        at most `tol` below it and its loss is more than `tol` below that of the last
        epoch that improved. Used if `early_stopping` is True.

    class_weight : dict, "balanced" or None, default=None
        Weight of each class in the loss, multiplied with the sample weights. "balanced"
        gives all classes the same total weight, as
        :func:`~sklearn.utils.class_weight.compute_class_weight` does. Classes missing
        in a dict have weight 1. A dict may name classes that `y` lacks, for example in
        a fold, if it has a weight for each class of `y`.

    warm_start : bool, default=False
        Whether `fit` continues from the weights and the optimizer state of the last fit
        instead of starting again. All parameters except `hidden_layer_sizes` may change
        in between; a new `random_state` is ignored. The optimizer state is reset if
        `optimizer` changes, or if early stopping returned to an earlier epoch.

    callbacks : keras.callbacks.Callback, list of them or None, default=None
        Keras callbacks for the training. Their batch methods are called once per block
        of batches. Their model is a compiled ``keras.Sequential`` whose input is rows.
        Pass scikit-learn's callbacks to :meth:`set_callbacks` instead.

    verbose : int, default=0
        0 is silent, 1 shows Keras's progress bar, 2 prints one line per epoch.

    random_state : int, RandomState instance or None, default=None
        Seeds the initial weights, the order of samples, the dropout, the choice of
        validation samples and `augment`. The same int gives the same weights, to the
        bit on the same machine with the same number of threads. See
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
        Losses and scores of each epoch: ``"loss"``, ``"accuracy"`` and, with early
        stopping or `X_val`, ``"val_loss"`` and ``"val_accuracy"``, and ``"val_score"``
        if `scoring` is neither accuracy nor loss. Each list has `n_iter_` entries, NaN
        if an epoch has no value. Training values are means over the epoch, during
        which the weights change.

    loss_curve_ : list of float
        Training loss by epoch.

    loss_ : float
        Training loss of the last epoch.

    n_iter_ : int
        Number of epochs trained, including earlier warm-started or partial fits.

    batch_size_ : int
        Value of `batch_size` in the last call.

    epochs_ : int
        Value of `epochs` in the last call of :meth:`fit`, or 1 after
        :meth:`partial_fit`. Training that stops early has fewer epochs.

    learning_rate_ : float
        Value of `learning_rate` in the last call.

    dropout_ : float
        Value of `dropout` in the last call.

    weight_decay_ : float
        Value of `weight_decay` in the last call.

    validation_scores_ : list of float or None
        Validation score of each epoch, according to `scoring`: `n_iter_` entries, NaN
        if an epoch has no score. None if no epoch has one.

    best_validation_score_ : float or None
        Validation score of the epoch whose weights were kept. None if the last call
        was without early stopping.

    best_epoch_ : int or None
        Index of that epoch in `validation_scores_` and in the lists of `history_`,
        counted from 0. None if the last call was without early stopping.

    activation_ : str
        Activation of the hidden layers in the last call of :meth:`fit` or
        :meth:`partial_fit`, which prediction uses.

    n_layers_ : int
        Number of layers, including input and output.

    n_outputs_ : int
        Number of units of the output layer, which is the number of classes.

    image_shape_ : tuple of int or None
        (height, width) or (height, width, 1) of the images in the first call of
        :meth:`fit`, None if they were rows.

    n_features_in_ : int
        Number of features seen in :meth:`fit`, for images the number of pixels.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if `X` had names that are all strings.

    See Also
    --------
    FlattenScaler : Scales images to [0, 1], as the learning rate expects.
    RandomDistortion : Distorts training images, as `augment`.
    sklearn.neural_network.MLPClassifier : Multi-layer perceptron of scikit-learn.

    Notes
    -----
    If `fit` or `partial_fit` raises an error, also in a callback or by
    :class:`KeyboardInterrupt`, the classifier stays as it was before the call. Only a
    RandomState and callbacks among its parameters may have changed. To stop early and
    keep the result, use `early_stopping` or a callback.

    The compiled network is kept in the process for the next fit of the same
    architecture, which saves a third of a second or more.

    If ``OMP_NUM_THREADS`` is set, as in joblib's workers, training uses that number of
    threads, unless TensorFlow has started already or has its own setting.

    The defaults were chosen by measurements on MNIST, from 100 to 60,000 images, and on
    small tables. If `verbose` is not 0, the values of "auto" are printed.

    Samples of weight zero are removed. If the data fits into one batch of at most 2,048
    samples, a weight of two is equivalent to including the sample twice.

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
        "activation": [StrOptions(set(activations.NAMES))],
        "dropout": [Interval(Real, 0, 1, closed="left"), StrOptions({"auto"})],
        "weight_decay": [
            Interval(Real, 0, None, closed="left"),
            StrOptions({"auto"}),
        ],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "augment": [StrOptions(set(PRESETS)), callable, None],
        "optimizer": [str, dict, HasMethods(["apply", "get_config"])],
        "learning_rate": [
            Interval(Real, 0, None, closed="neither"),
            StrOptions({"auto"}),
        ],
        "learning_rate_schedule": [StrOptions(set(SCHEDULES))],
        "batch_size": [
            Interval(Integral, 1, None, closed="left"),
            StrOptions({"auto"}),
        ],
        "epochs": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "shuffle": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "scoring": [str, callable, None],
        "n_iter_no_change": [
            Interval(Integral, 1, None, closed="left"),
            Options(Real, {np.inf}),
        ],
        "tol": [Interval(Real, 0, None, closed="left")],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "warm_start": ["boolean"],
        "callbacks": [list, tuple, HasMethods(["set_model", "on_epoch_end"]), None],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
    }

    classes_: NDArray[Any]
    coefs_: list[Floats]
    intercepts_: list[Floats]
    model_: Any  # a keras.Sequential, and Keras has no types
    history_: dict[str, list[float]]
    loss_curve_: list[float]
    loss_: float
    n_iter_: int
    batch_size_: int
    epochs_: int
    learning_rate_: float
    dropout_: float
    weight_decay_: float
    validation_scores_: list[float] | None
    best_validation_score_: float | None
    best_epoch_: int | None
    activation_: str
    n_layers_: int
    n_outputs_: int
    image_shape_: tuple[int, ...] | None
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]

    if TYPE_CHECKING:  # inherited, and not annotated there

        def score(  # noqa: D102
            self, X: Samples, y: ArrayLike, sample_weight: ArrayLike | None = None
        ) -> float: ...

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] | NDArray[np.integer] = (128, 64),
        *,
        activation: str = "relu",
        dropout: float | str = "auto",
        weight_decay: float | str = "auto",
        label_smoothing: float = 0.0,
        augment: str | Callable[..., ArrayLike] | None = None,
        optimizer: Any = "adam",
        learning_rate: float | str = "auto",
        learning_rate_schedule: str = "cosine",
        batch_size: int | str = "auto",
        epochs: int | str = "auto",
        shuffle: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        scoring: str | Callable[..., float] | None = "accuracy",
        n_iter_no_change: float = 20,
        tol: float = 1e-4,
        class_weight: dict[Any, Any] | str | None = None,
        warm_start: bool = False,
        callbacks: Any = None,
        verbose: int = 0,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
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
        self.scoring = scoring
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.verbose = verbose
        self.random_state = random_state

    @all_or_nothing
    @typed(with_callbacks)
    @typed(_fit_context(prefer_skip_nested_validation=True))
    def fit(
        self,
        X: Samples,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: Samples | None = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Self:
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

        X_val : {array-like, sparse matrix}, default=None
            Validation samples, of the kind of `X`. They are scored after every epoch,
            and with `early_stopping` decide when to stop, instead of a part of `X`. In
            a pipeline, ``Pipeline(..., transform_input=["X_val"])`` transforms them as
            it does `X`.

        y_val : array-like of shape (n_validation_samples,), default=None
            Labels of the validation samples, of the classes of `y`.

        sample_weight_val : array-like of shape (n_validation_samples,), default=None
            Weights of the validation samples, not negative. None for 1 each.

        Returns
        -------
        self : MLPDigitClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            For invalid input; if training diverges; if `early_stopping` cannot hold
            out a sample; if `scoring` does not return a number.

        TypeError
            If `scoring` does not take the weights of the validation samples.

        RuntimeError
            In a process forked from one that had started TensorFlow.
        """
        resume = self.warm_start and hasattr(self, "coefs_")
        rows, y = self._validate_training_data(X, y, resume)
        if not resume:
            self._forget_training()
            self.classes_ = LabelEncoder().fit(y).classes_
        elif not np.array_equal(np.unique(y), self.classes_):
            raise ValueError(
                "warm_start=True needs the same classes in y as the previous fit had, "
                f"{self.classes_}. Got {np.unique(y)}. Set warm_start=False to start "
                "again, or call partial_fit, which accepts samples of some classes."
            )
        is_weighted = sample_weight is not None
        training_set = TrainingSet.weigh(
            rows, y, self.classes_, sample_weight, self.class_weight
        )
        validation = None
        if any(given is not None for given in (X_val, y_val, sample_weight_val)):
            samples = self._validation_samples(rows, X_val, y_val, sample_weight_val)
            is_val_weighted = sample_weight_val is not None
            validation = self._validation(samples, X_val, is_val_weighted)
        elif self.early_stopping:
            training_set, samples = self._hold_out(training_set)
            validation = self._validation(samples, X, is_weighted)
        self._train(
            training_set,
            validation,
            given=X,
            is_weighted=is_weighted,
            epochs=self.epochs,
            schedule=self.learning_rate_schedule,
        )
        warn_if_nothing_learnt(self, training_set)
        return self

    @typed(available_if(_partial_fit_available))
    @all_or_nothing
    @typed(with_callbacks)
    @typed(_fit_context(prefer_skip_nested_validation=True))
    def partial_fit(
        self,
        X: Samples,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch, continuing from the last call.

        Continues with the weights and the optimizer state, at a constant
        `learning_rate`. `epochs` is ignored. Not available with `early_stopping`. To
        train a finished classifier on new data alone, lower `learning_rate` first.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or \
array-like of shape (n_samples, height, width) or (n_samples, height, width, 1)
            Training samples, as rows or as images.

        y : array-like of shape (n_samples,)
            Labels.

        classes : array-like of shape (n_classes,), default=None
            All labels, including those of later calls. Required in the first call,
            unless `fit` was called before.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples in the loss, not negative. None for 1 each.

        Returns
        -------
        self : MLPDigitClassifier
            The classifier, trained further.

        Raises
        ------
        ValueError
            For invalid input, such as a label that is not among `classes`; with
            ``class_weight="balanced"``; if training diverges.

        RuntimeError
            In a process forked from one that had started TensorFlow.
        """
        # scikit-learn validates the parameters of the first call only
        self._validate_params()
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' needs all labels at once, and partial_fit sees"
                " some. Pass a dict of weights instead, for example those that "
                "sklearn.utils.class_weight.compute_class_weight gives."
            )
        resume = not _check_partial_fit_first_call(self, classes)
        rows, y = self._validate_training_data(X, y, resume)
        if not resume:
            self._forget_training()
        unknown = np.setdiff1d(y, self.classes_)
        if unknown.size:
            raise ValueError(
                f"y has the classes {unknown}, which are not among those of the first "
                f"call, {self.classes_}."
            )
        training_set = TrainingSet.weigh(
            rows, y, self.classes_, sample_weight, self.class_weight
        )
        self._train(
            training_set,
            None,
            given=X,
            is_weighted=sample_weight is not None,
            epochs=1,
            schedule="constant",
        )
        return self

    def predict(self, X: Samples) -> NDArray[Any]:
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

    def predict_proba(self, X: Samples) -> Floats:
        """Predict the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or \
array-like of shape (n_samples, height, width) or (n_samples, height, width, 1)
            Samples, as rows or as images.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Columns in the order of `classes_`, of the network's float type. Each row
            sums to 1.
        """
        return self._infer(forward.forward, X)

    def predict_log_proba(self, X: Samples) -> Floats:
        """Predict the logarithm of each class's probability.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or \
array-like of shape (n_samples, height, width) or (n_samples, height, width, 1)
            Samples, as rows or as images.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes)
            Finite even if the probability itself is rounded to zero.
        """
        return log_softmax(self._infer(forward.logits, X), axis=1)

    def hidden_activations(self, X: Samples, layer: int = -1) -> Floats:
        """Compute the activations of a hidden layer.

        These are features that the network has learned, for a nearest neighbour search,
        a projection or another classifier.

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
                else f"The network has no hidden layer. Got layer={layer!r}."
            )
        compute = partial(forward.hidden_activations, layer=layer)
        return self._infer(compute, X)

    def input_gradients(self, X: Samples, target: ArrayLike) -> Floats:
        """Compute the gradient of a class's logit with respect to each feature.

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
            Of the network's float type. At a kink of the activation, the right-hand
            derivative; for relu, 0.

        Raises
        ------
        ValueError
            If a label is not among `classes_`, or if the number of labels is wrong.

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

    if not TYPE_CHECKING:  # which would take any attribute to exist

        def __getattr__(self, name):
            if name == "partial_fit" and vars(self).get("early_stopping"):
                raise AttributeError(
                    f"This {type(self).__name__!r} has no attribute 'partial_fit', "
                    "since early_stopping=True needs epochs over all the data, and "
                    "partial_fit sees a part. Set early_stopping=False."
                )
            # Not a property: dir() and scikit-learn's HTML representation read
            # properties, and reading this one imports TensorFlow
            if name != "model_":
                return super().__getattribute__(name)  # which raises, in its own words
            if "coefs_" not in vars(self):
                raise AttributeError(
                    f"This {type(self).__name__} has no model_ before it is fitted."
                )
            from skdigits._training.keras import prediction_model

            self.model_ = prediction_model(
                self.coefs_,
                self.intercepts_,
                self.activation_,
                self.image_shape_ or self.coefs_[0].shape[:1],
            )
            return self.model_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.three_d_array = True
        return tags

    def _to_store(self, state):
        # Built again from the weights when needed
        state.pop("model_", None)
        if not isinstance(self.optimizer, str | dict):
            from skdigits._training import keras

            # So that loading needs no Keras
            state["optimizer"] = keras.optimizer_config(self.optimizer)
        return state

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
        # A subclass may remove it, as scikit-learn allows
        has_count = hasattr(self, "n_features_in_")
        n_features = self.n_features_in_ if has_count else len(coefs[0])
        units = [n_features, *map(np.size, intercepts)]
        if not (
            all(isinstance(array, np.ndarray) for array in arrays)
            and [coef.shape for coef in coefs] == list(pairwise(units))
            and all(intercept.ndim == 1 for intercept in intercepts)
            and units[-1] == len(self.classes_)
            and {array.dtype.name for array in arrays} in ({"float32"}, {"float64"})
            and self.activation_ in activations.ACTIVATIONS
        ):
            described = [
                f"{array.dtype} {array.shape}"
                if isinstance(array, np.ndarray)
                else type(array).__name__
                for array in arrays
            ]
            raise ValueError(
                f"The stored {type(self).__name__} is invalid: its n_features_in_, "
                "coefs_, intercepts_, classes_ and activation do not fit together. Got "
                f"n_features_in_ = {n_features}, {len(coefs)} coefs_ and "
                f"{len(intercepts)} intercepts_ of {', '.join(described)}, "
                f"{len(self.classes_)} classes and the activation "
                f"{self.activation_!r}."
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
        return function(X, self.coefs_, self.intercepts_, self.activation_)

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
            or X.shape[1] != len(self.coefs_[0])
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
            read_labels(y, X),
            reset=not resume,
            accept_sparse="csr",
            dtype=self.coefs_[0].dtype if resume else float_types(X),
        )
        check_labels(y)
        scale = learn_scale(X)
        if resume:
            warn_of_another_scale(X, self._pixel_scale, self)
            scale = merge_scales(PixelScale(*self._pixel_scale), scale)
        # A plain tuple, because skops can store it
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

    def _hold_out(self, training_set):
        """Split samples off for validation."""
        training_set, samples = training_set.split(self.validation_fraction, self._seed)
        if not len(samples.y):
            raise ValueError(
                "early_stopping=True needs a class with at least two distinct samples, "
                "of which it can hold one out. Got n_samples = "
                f"{len(training_set.y)}. Pass X_val and y_val to fit, or set "
                "early_stopping=False."
            )
        return training_set, samples

    def _validation_samples(self, rows, X_val, y_val, sample_weight_val):
        """Validate the user's own validation samples, to go with rows for training."""
        for name, array in ("X_val", X_val), ("y_val", y_val):
            if array is None:
                raise ValueError(
                    "fit takes X_val and y_val together, with or without "
                    f"sample_weight_val. Got no {name}."
                )
        X_val, y_val = check_validation_data(self, X_val, y_val, rows.dtype)
        try:
            return TrainingSet.weigh(
                X_val, y_val, self.classes_, sample_weight_val, self.class_weight
            )
        except ValueError as error:
            raise ValueError(
                f"X_val, y_val and sample_weight_val do not fit: {error}"
            ) from error

    def _validation(self, samples, given, is_weighted):
        """Return what scores the samples, of the data that the user gave."""
        scoring = self.scoring or "accuracy"
        if scoring not in ("accuracy", "loss"):
            scoring = partial(
                self._score_weights,
                check_scoring(self, scoring),
                # The user's container type, as for callbacks
                take_samples(given, samples.place),
                samples.y,
                {"sample_weight": samples.sample_weight} if is_weighted else {},
            )
        return Validation(
            samples,
            activation=activations.NAMES[self.activation],
            scoring=scoring,
            tol=self.tol,
            n_iter_no_change=self.n_iter_no_change if self.early_stopping else np.inf,
        )

    def _score_weights(self, scorer, X, y, metadata, weights):
        """Let a scorer score validation samples with other weights of the network."""
        estimator = self._twin()
        estimator._set_network(weights)
        try:
            return scorer(estimator, X, y, **metadata)
        except TypeError as error:
            if metadata and "sample_weight" in str(error):
                raise TypeError(
                    f"scoring={self.scoring!r} does not take sample_weight, but the "
                    "validation samples have weights. Pass a scorer that does, or fit "
                    "without sample_weight."
                ) from error
            raise
        except ValueError as error:
            if len(np.unique(y)) < len(self.classes_):
                error.add_note(
                    "The validation samples lack classes of y. Raise "
                    "validation_fraction, pass X_val and y_val to fit, or set "
                    "scoring='loss'."
                )
            raise

    def _train(self, training_set, validation, *, given, is_weighted, epochs, schedule):
        """Train on samples of what the user gave, from where training stands."""
        from skdigits._training import keras

        training_set = training_set.with_mean_weight_one()
        n_samples, n_features = training_set.X.shape
        name = keras.optimizer_name(self.optimizer)
        self._resolve_auto(epochs, n_samples, schedule, name)
        optimizer = keras.OptimizerKind.of(
            self.optimizer,
            learning_rate=self.learning_rate_,
            weight_decay=self.weight_decay_,
        )
        architecture = keras.Architecture(
            n_features=n_features,
            hidden_layer_sizes=self._hidden_layer_sizes(),
            n_outputs=len(self.classes_),
            activation=activations.NAMES[self.activation],
            has_dropout=self.dropout_ > 0,
            optimizer=optimizer,
            dtype=training_set.X.dtype.name,
        )
        options = keras.FitOptions(
            epochs=self.epochs_,
            first_epoch=self.n_iter_,
            batch_size=self.batch_size_,
            shuffle=self.shuffle,
            dropout=self.dropout_,
            label_smoothing=self.label_smoothing,
            learning_rate=self.learning_rate_,
            learning_rate_schedule=schedule,
            seed=self._seed,
            augment=self.augment
            and partial(augment_rows, self.augment, self.image_shape_),
            callbacks=keras.check_callbacks(self.callbacks, schedule),
            verbose=min(int(self.verbose), 2),
        )
        state = (
            self._state_to_resume(keras, optimizer)
            if self.n_iter_
            else keras.TrainingState(self._initial_weights(training_set.X))
        )
        # Callbacks get the user's container type, made only when they ask for it
        task = {
            "X": cache(lambda: take_samples(given, training_set.place)),
            "y": training_set.y,
            "metadata": {"sample_weight": training_set.sample_weight}
            if is_weighted
            else None,
        }
        context = self._init_callback_context(max_subtasks=self.epochs_)
        context.call_on_fit_task_begin(estimator=self, **task)
        monitor = Monitor(self, context, task, self._results_by_name, validation)
        state = keras.train(architecture, state, training_set, options, monitor)
        monitor.check(*state.weights)
        self._set_results(monitor, state.weights)
        self._optimizer_variables = state.optimizer_variables
        self._trained_optimizer = optimizer.name
        if self.best_epoch_ is not None and self.best_epoch_ + 1 < self.n_iter_:
            # They belong to the weights of the last epoch
            self._optimizer_variables = None
        context.call_on_fit_task_end(
            estimator=self, **task, reconstruction_attributes={}
        )

    def _resolve_auto(self, epochs, n_samples, schedule, optimizer_name):
        """Set what the parameters that are "auto" come to for so many samples."""
        given = {
            "batch_size": self.batch_size,
            "epochs": epochs,
            "learning_rate": self.learning_rate,
            "dropout": self.dropout,
            "weight_decay": self.weight_decay,
        }
        chosen = resolve_auto(
            given,
            n_samples,
            augmented=self.augment is not None,
            adam_settles=(schedule == "cosine" and optimizer_name == "adam"),
        )
        self.batch_size_ = chosen["batch_size"]
        self.epochs_ = int(chosen["epochs"])
        self.learning_rate_ = chosen["learning_rate"]
        self.dropout_ = chosen["dropout"]
        self.weight_decay_ = chosen["weight_decay"]
        if self.verbose and "auto" in given.values():
            values = ", ".join(f"{name}={value}" for name, value in chosen.items())
            print(f"{type(self).__name__}: {n_samples} samples, {values}")

    def _set_network(self, weights):
        """Set what predicts."""
        self.coefs_ = weights[::2]
        self.intercepts_ = weights[1::2]
        self.activation_ = activations.NAMES[self.activation]
        self.n_layers_ = len(weights) // 2 + 1
        self.n_outputs_ = len(self.classes_)
        vars(self).pop("model_", None)

    def _set_results(self, monitor, weights):
        """Set the attributes of a fit that ends with these weights."""
        validation = monitor.validation
        epochs_before, epochs_now = self.n_iter_, len(monitor.losses)
        self.best_epoch_ = self.best_validation_score_ = None
        if self.early_stopping and validation.scores:
            self.best_epoch_ = epochs_before + validation.best_epoch
            self.best_validation_score_ = validation.best_score
            weights = validation.best_weights
        self._set_network(weights)
        scores = self.validation_scores_
        if validation is not None or scores is not None:
            self.validation_scores_ = (scores or [np.nan] * epochs_before) + (
                [np.nan] * epochs_now if validation is None else validation.scores
            )
        self.history_ = joined(
            self.history_, epochs_before, monitor.history, epochs_now
        )
        self.loss_curve_ = self.loss_curve_ + monitor.losses
        # A callback that restores a finished training leaves no epoch to train
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else np.nan
        self.n_iter_ = len(self.loss_curve_)

    def _results_by_name(self, monitor, weights):
        """Return the attributes that `_set_results` would set."""
        twin = self._twin()
        twin._set_results(monitor, weights)
        return {
            name: value
            for name, value in vars(twin).items()
            if value is not vars(self).get(name)
        }

    def _twin(self):
        """Return a classifier with the same attributes, to set others on."""
        twin = object.__new__(type(self))
        vars(twin).update(vars(self))
        return twin

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
        activation = activations.NAMES[self.activation]
        return initial_weights(units, activation, X.dtype, self._seed)

    def _state_to_resume(self, keras, optimizer):
        sizes = tuple(len(intercept) for intercept in self.intercepts_[:-1])
        if self._hidden_layer_sizes() != sizes:
            raise ValueError(
                f"The network trained so far has hidden_layer_sizes={sizes} and cannot "
                f"continue with {self.hidden_layer_sizes}. Set it back, or fit with "
                "warm_start=False."
            )
        layers = zip(self.coefs_, self.intercepts_, strict=True)
        weights = [array for layer in layers for array in layer]
        # The state of one optimizer means nothing to another
        same = optimizer.name == self._trained_optimizer
        return keras.TrainingState(weights, self._optimizer_variables if same else None)

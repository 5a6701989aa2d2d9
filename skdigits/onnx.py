"""Export to ONNX: converters for skl2onnx.

Needs the extra ``onnx``: ``pip install "skdigits[onnx]"``. No other module imports it.
"""

import math

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skdigits._network.activations import ACTIVATIONS
from skdigits.classifier import MLPDigitClassifier
from skdigits.preprocessing import FlattenScaler

__all__ = ["register_converters"]


def register_converters() -> None:
    """Register converters for this package's estimators with skl2onnx.

    Call it once per process, before ``skl2onnx.to_onnx``. It registers
    :class:`~skdigits.MLPDigitClassifier` and :class:`~skdigits.FlattenScaler`, also
    inside pipelines and ensembles. If a pipeline starts with a
    :class:`~skdigits.DigitNormalizer`, export the steps after it.

    The classifier has skl2onnx's options for classifiers: ``zipmap`` (True, False or
    ``"columns"``), ``output_class_labels`` and ``nocl``. The classifier and the scaler
    accept rows and images of float32, float64, int32, int64, int8, uint8 and bool.

    Raises
    ------
    ImportError
        If skl2onnx is not installed.

    Notes
    -----
    The graph computes in the network's float type, as the classifier does. The only
    exception is ``erf`` in a float64 network with ``activation="gelu"``, which
    onnxruntime has in float32 only.

    Examples
    --------
    >>> import skl2onnx
    >>> from onnxruntime import InferenceSession
    >>> from sklearn.pipeline import make_pipeline
    >>> from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist
    >>> from skdigits.onnx import register_converters
    >>> train, test = load_mnist("train"), load_mnist("test")
    >>> model = make_pipeline(FlattenScaler(), MLPDigitClassifier(random_state=0))
    >>> model = model.fit(train.images[:3000], train.target[:3000])
    >>> register_converters()
    >>> exported = skl2onnx.to_onnx(
    ...     model, train.images[:1], options={"zipmap": False}
    ... )
    >>> session = InferenceSession(exported.SerializeToString())
    >>> labels, probabilities = session.run(None, {"X": test.images[:4]})
    >>> labels.tolist()
    [7, 2, 1, 0]
    """
    try:
        from skl2onnx import update_registered_converter
    except ImportError as error:
        raise ImportError(
            "Export to ONNX needs skl2onnx, which is not installed. Install it with "
            "the extra 'onnx': pip install 'skdigits[onnx]'."
        ) from error
    update_registered_converter(
        MLPDigitClassifier,
        "SkdigitsMLPDigitClassifier",
        _set_types_of_classifier,
        _convert_classifier,
        options={
            "zipmap": [True, False, "columns"],
            "output_class_labels": [False, True],
            "nocl": [True, False],
        },
    )
    update_registered_converter(
        FlattenScaler, "SkdigitsFlattenScaler", _set_type_of_scaler, _convert_scaler
    )


class _Graph:
    """The part of an ONNX graph that stands for one estimator."""

    def __init__(self, scope, operator, container):
        self.scope = scope
        self.operator = operator
        self.container = container

    def rows(self, dtype):
        """Return the input as rows of numbers of a type."""
        inputs = [
            self.cast(variable.full_name, dtype) for variable in self.operator.inputs
        ]
        if len(inputs) > 1:  # the columns of a dataframe
            return self.node("Concat", *inputs, axis=1)
        return self.node("Flatten", *inputs, axis=1)

    def constant(self, values):
        """Return the name of an array of the graph."""
        from onnx.helper import np_dtype_to_tensor_dtype

        values = np.asarray(values)
        name = self.scope.get_unique_variable_name("constant")
        flat = values.ravel()
        if values.dtype.kind in "OU":
            values = values.astype(object)
            flat = [text.encode() for text in flat]
        self.container.add_initializer(
            name, np_dtype_to_tensor_dtype(values.dtype), values.shape, flat
        )
        return name

    def node(self, kind, *inputs, output=None, **attributes):
        """Add an operation and return the name of its result."""
        output = output or self.scope.get_unique_variable_name(kind.lower())
        self.container.add_node(
            kind,
            list(inputs),
            output,
            name=self.scope.get_unique_operator_name(kind),
            **attributes,
        )
        return output

    def cast(self, value, dtype, output=None):
        from onnx.helper import np_dtype_to_tensor_dtype

        dtype = np_dtype_to_tensor_dtype(np.dtype(dtype))
        return self.node("Cast", value, to=dtype, output=output)


# The classifier


def _set_types_of_classifier(operator):
    from skl2onnx.common.data_types import Int64TensorType, StringTensorType
    from skl2onnx.common.utils_classifier import get_label_classes

    classifier = operator.raw_operator
    n_samples = _check_input(operator)
    classes = get_label_classes(operator.scope_inst, classifier)
    label_type = StringTensorType if _are_strings(classes) else Int64TensorType
    label, probabilities = operator.outputs[:2]
    label.set_type(label_type([n_samples]))
    probabilities.set_type(
        _tensor_type(classifier.coefs_[0].dtype)([n_samples, len(classes)])
    )


def _convert_classifier(scope, operator, container):
    from skl2onnx.common.utils_classifier import get_label_classes

    classifier = operator.raw_operator
    graph = _Graph(scope, operator, container)
    label, probabilities = (output.full_name for output in operator.outputs[:2])
    dtype = classifier.coefs_[0].dtype
    activate = ACTIVATIONS[classifier.activation_].onnx
    values = graph.rows(dtype)
    layers = zip(classifier.coefs_, classifier.intercepts_, strict=True)
    for number, (coef, intercept) in enumerate(layers):
        if number:
            values = activate(graph, values, dtype.type)
        values = graph.node("MatMul", values, graph.constant(coef))
        values = graph.node("Add", values, graph.constant(intercept))
    graph.node("Softmax", values, axis=1, output=probabilities)
    classes = get_label_classes(scope, classifier)
    if not _are_strings(classes):
        classes = classes.astype(np.int64)
    number = graph.node("ArgMax", values, axis=1, keepdims=0)
    graph.node("Gather", graph.constant(classes), number, output=label)


def _are_strings(classes):
    return all(isinstance(label, str) for label in classes)


# The scaler


def _set_type_of_scaler(operator):
    scaler = operator.raw_operator
    n_samples = _check_input(operator)
    dtype, _ = scaler._types(_dtype_of(operator.inputs[0]))
    operator.outputs[0].set_type(
        _tensor_type(dtype)([n_samples, scaler.n_features_in_])
    )


def _convert_scaler(scope, operator, container):
    scaler = operator.raw_operator
    graph = _Graph(scope, operator, container)
    dtype, working = scaler._types(_dtype_of(operator.inputs[0]))
    number = working.type
    values = graph.rows(working)
    # The scaler's own operations, so that results are equal to the bit
    if scaler.data_min_ != 0:
        values = graph.node("Sub", values, graph.constant(number(scaler.data_min_)))
    span = graph.constant(number(scaler.data_range_ or 1.0))
    values = graph.node("Div", values, span)
    if scaler.clip:
        zero, one = graph.constant(number(0)), graph.constant(number(1))
        values = graph.node("Clip", values, zero, one)
    graph.cast(values, dtype, output=operator.outputs[0].full_name)


# Shared by both


def _check_input(operator):
    """Raise if the input is not what the estimator takes; return its first dimension.

    That is how many samples there will be, None as a rule.
    """
    estimator = operator.raw_operator
    check_is_fitted(estimator)
    # A dataframe has one input per column
    sizes = [list(given.type.shape) for given in operator.inputs]
    known = all(isinstance(n, int) for size in sizes for n in size[1:])
    n_features = sum(math.prod(size[1:]) for size in sizes) if known else None
    if known and n_features != estimator.n_features_in_:
        raise ValueError(
            f"{type(estimator).__name__} takes {estimator.n_features_in_} features or "
            f"images of that many pixels. Got X of shape {tuple(sizes[0])}, with "
            f"{n_features}."
        )
    return operator.inputs[0].get_first_dimension()


def _dtype_of(variable):
    from onnx.helper import tensor_dtype_to_np_dtype
    from skl2onnx.common.data_types import guess_proto_type

    return tensor_dtype_to_np_dtype(guess_proto_type(variable.type))


def _tensor_type(dtype):
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    return DoubleTensorType if dtype == np.float64 else FloatTensorType

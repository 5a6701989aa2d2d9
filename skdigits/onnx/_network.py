"""MLPDigitClassifier and FlattenScaler as ONNX graphs."""

import numpy as np

from skdigits._network.activations import ACTIVATIONS
from skdigits.onnx._graph import Graph, check_input, dtype_of, tensor_type

# The classifier


def parse_classifier(scope, model, inputs, custom_parsers=None):
    """Declare the outputs as skl2onnx does, and labels of the type of the first."""
    from skl2onnx._parse import _parse_sklearn_classifier

    outputs = _parse_sklearn_classifier(
        scope, model, inputs, custom_parsers=custom_parsers
    )
    for operator in scope.operators.values():
        if operator.type == "SklearnClassLabels" and outputs[-1] in operator.outputs:
            # skl2onnx declares text where they are bytes, booleans or floats
            operator.classes, label_type = _labels(scope, model)
            outputs[-1].set_type(label_type(operator.classes.shape))
    return outputs


def _labels(scope, classifier):
    """Return the labels as the graph gives them, and skl2onnx's type of these."""
    from skl2onnx.common.data_types import Int64TensorType, StringTensorType
    from skl2onnx.common.utils_classifier import get_label_classes

    classes = get_label_classes(scope, classifier)
    if all(isinstance(label, str) for label in classes):
        return classes, StringTensorType
    return classes.astype(np.int64), Int64TensorType


def set_types_of_classifier(operator):
    classifier = operator.raw_operator
    n_samples = check_input(operator)
    classes, label_type = _labels(operator.scope_inst, classifier)
    label, probabilities = operator.outputs[:2]
    label.set_type(label_type([n_samples]))
    probabilities.set_type(
        tensor_type(classifier.coefs_[0].dtype)([n_samples, len(classes)])
    )


def convert_classifier(scope, operator, container):
    classifier = operator.raw_operator
    graph = Graph(scope, operator, container)
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
    classes, _ = _labels(scope, classifier)
    number = graph.node("ArgMax", values, axis=1, keepdims=0)
    graph.node("Gather", graph.constant(classes), number, output=label)


# The scaler


def set_type_of_scaler(operator):
    scaler = operator.raw_operator
    n_samples = check_input(operator)
    dtype, _ = scaler._types(dtype_of(operator.inputs[0]))
    operator.outputs[0].set_type(tensor_type(dtype)([n_samples, scaler.n_features_in_]))


def convert_scaler(scope, operator, container):
    scaler = operator.raw_operator
    graph = Graph(scope, operator, container)
    dtype, working = scaler._types(dtype_of(operator.inputs[0]))
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

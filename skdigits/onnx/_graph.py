"""The part of an ONNX graph that stands for one estimator, and its values."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted


class Graph:
    """The part of an ONNX graph that stands for one estimator."""

    def __init__(self, scope, operator, container):
        self.scope = scope
        self.operator = operator
        self.container = container
        self._constants = {}

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
        key = values.dtype.str, values.shape, values.tobytes()
        if values.dtype != object and key in self._constants:
            return self._constants[key]
        name = self._constants[key] = self.scope.get_unique_variable_name("constant")
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

    def loop(self, body, n_times, *states, n_results=0):
        """Run a body, in the language of onnx.parser, as long as it says and at most.

        It is given how many times it ran before, whether to go on, and the states. It
        returns the states, and results of the first state's type, which are stacked.
        """
        from onnx.compose import add_prefix_graph
        from onnx.parser import parse_graph

        # Its names must not be those of the graph
        prefix = self.scope.get_unique_variable_name("loop") + "_"
        body = add_prefix_graph(parse_graph(body), prefix)
        dtypes = [state.dtype for state in states] + n_results * [states[0].dtype]
        names = [self.scope.get_unique_variable_name("state") for _ in dtypes]
        going = self.constant(np.array(True))
        self.container.add_node(
            "Loop",
            [n_times.name, going, *(state.name for state in states)],
            names,
            name=self.scope.get_unique_operator_name("Loop"),
            body=body,
        )
        return [
            Value(self, name, dtype) for name, dtype in zip(names, dtypes, strict=True)
        ]

    def cast(self, value, dtype, output=None):
        """Convert to a type of NumPy's and return the name of the result."""
        from onnx.helper import np_dtype_to_tensor_dtype

        dtype = np_dtype_to_tensor_dtype(np.dtype(dtype))
        return self.node("Cast", value, to=dtype, output=output)


@dataclass(frozen=True, eq=False)
class Value:
    """A tensor of a graph, to compute with as with an array of NumPy's.

    Numbers become constants of its type. Reductions keep the dimensions.
    """

    graph: Any
    name: str
    dtype: np.dtype

    def apply(self, kind, *others, dtype=None, **attributes):
        """Return the result of an operation on this value and others."""
        name = self.graph.node(
            kind,
            self.name,
            *(self._as_operand(other) for other in others),
            **attributes,
        )
        return Value(self.graph, name, np.dtype(dtype or self.dtype))

    def _as_operand(self, other):
        if isinstance(other, Value):
            return other.name
        if isinstance(other, list):  # of axes, lengths or places
            return self.graph.constant(np.array(other, np.int64))
        return self.graph.constant(np.asarray(other, self.dtype))

    def constant(self, values):
        """Return an array of the graph, of this value's type."""
        values = np.asarray(values, self.dtype)
        return Value(self.graph, self.graph.constant(values), self.dtype)

    def __add__(self, other):
        return self.apply("Add", other)

    def __sub__(self, other):
        return self.apply("Sub", other)

    def __rsub__(self, other):
        return self.constant(other) - self

    def __mul__(self, other):
        return self.apply("Mul", other)

    def __truediv__(self, other):
        return self.apply("Div", other)

    def __floordiv__(self, other):
        """Divide integers that are not negative."""
        return self.apply("Div", other)

    def __rtruediv__(self, other):
        return self.constant(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def __matmul__(self, other):
        return self.apply("MatMul", other)

    def __neg__(self):
        return self.apply("Neg")

    def __abs__(self):
        return self.apply("Abs")

    def __lt__(self, other):
        return self.apply("Less", other, dtype=bool)

    def __gt__(self, other):
        return self.apply("Greater", other, dtype=bool)

    def __le__(self, other):
        return self.apply("LessOrEqual", other, dtype=bool)

    def __ge__(self, other):
        return self.apply("GreaterOrEqual", other, dtype=bool)

    def equals(self, other):
        """Compare; ``==`` would make values unhashable."""
        return self.apply("Equal", other, dtype=bool)

    def __and__(self, other):
        return self.apply("And", other)

    def __or__(self, other):
        return self.apply("Or", other)

    def __invert__(self):
        return self.apply("Not")

    def astype(self, dtype):
        """Convert to a type of NumPy's."""
        return Value(self.graph, self.graph.cast(self.name, dtype), np.dtype(dtype))

    def minimum(self, other):
        """Return the smaller of two values, element by element."""
        return self.apply("Min", other)

    def maximum(self, other):
        """Return the larger of two values, element by element."""
        return self.apply("Max", other)

    def clip(self, low, high):
        """Limit to a range."""
        return self.maximum(low).minimum(high)

    def where(self, yes, no):
        """Choose by this boolean from two values, one of which may be a number."""
        value = yes if isinstance(yes, Value) else no
        return Value(
            self.graph,
            self.graph.node(
                "Where", self.name, value._as_operand(yes), value._as_operand(no)
            ),
            value.dtype,
        )

    def sum(self, *axes):
        """Add up along axes."""
        return self.apply("ReduceSum", list(axes), keepdims=1)

    def mean(self, *axes):
        """Average along axes."""
        return self.apply("ReduceMean", list(axes), keepdims=1)

    def min(self, *axes):
        """Return the least along axes."""
        return self.apply("ReduceMin", list(axes), keepdims=1)

    def max(self, *axes):
        """Return the largest along axes."""
        return self.apply("ReduceMax", list(axes), keepdims=1)

    def any(self, *axes):
        """Tell whether any is true along axes."""
        return self.astype(np.float32).max(*axes) > 0

    def sort(self, length, *, descending):
        """Sort along the last axis, and keep so many."""
        graph = self.graph
        places = graph.scope.get_unique_variable_name("places")
        name = graph.scope.get_unique_variable_name("sorted")
        length = length.apply("Reshape", [1]).name
        graph.container.add_node(
            "TopK",
            [self.name, length],
            [name, places],
            name=graph.scope.get_unique_operator_name("TopK"),
            largest=int(descending),
        )
        return Value(graph, name, self.dtype)

    def take(self, places, axis):
        """Take the elements at places along an axis, for each of the other axes."""
        return self.apply("GatherElements", places, axis=axis)

    def part(self, axis, start, end):
        """Take what lies between two places along an axis."""
        ends = [
            place.apply("Reshape", [1]) if isinstance(place, Value) else [place]
            for place in (start, end)
        ]
        return self.apply("Slice", *ends, [axis])

    def reshape(self, *shape):
        """Give another shape: 0 keeps a length, -1 stands for what is left."""
        return self.apply("Reshape", list(shape))

    def transpose(self, *axes):
        """Reorder the axes."""
        return self.apply("Transpose", perm=list(axes))

    def length(self, axis):
        """Return the length along an axis, an integer."""
        shape = self.apply("Shape", dtype=np.int64)
        return shape.apply("Gather", shape.constant(axis))

    def range(self, end):
        """Return the integers from this one to another."""
        one = self.constant(1)
        return self.apply("Range", end, one)


# skl2onnx's types of tensors that graphs take, as types of NumPy's
_TAKEN = {
    "Float": "float32",
    "Double": "float64",
    "Int32": "int32",
    "Int64": "int64",
    "Int8": "int8",
    "UInt8": "uint8",
    "Boolean": "bool",
}
# And those that have the values of others
_INSTEAD = {
    "Float16": "float32",
    "Int16": "int32",
    "UInt16": "int32",
    "UInt32": "int64",
    "UInt64": "int64",
}


def with_types_checked(parse):
    """Make a parser of skl2onnx's refuse types of X that it does not know."""

    def checked(scope, model, inputs, custom_parsers=None):
        for given in inputs:
            name = type(given.type).__name__.removesuffix("TensorType")
            if name not in _TAKEN:
                raise TypeError(_refusal(model, name))
        return parse(scope, model, inputs, custom_parsers=custom_parsers)

    return checked


def _refusal(model, name):
    mend = (
        f" Convert X with X.astype(np.{_INSTEAD[name]}), both for to_onnx and for the "
        "session."
        if name in _INSTEAD
        else ""
    )
    return (
        f"The ONNX graph of {type(model).__name__} takes X of type "
        f"{', '.join(_TAKEN.values())}. Got {name.lower()}.{mend}"
    )


def check_input(operator):
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


def dtype_of(variable):
    """Return NumPy's type of an input of an operator."""
    from onnx.helper import tensor_dtype_to_np_dtype
    from skl2onnx.common.data_types import guess_proto_type

    return tensor_dtype_to_np_dtype(guess_proto_type(variable.type))


def tensor_type(dtype):
    """Return skl2onnx's class for tensors of a type of NumPy's."""
    from skl2onnx.common import data_types

    names = {np.float64: "Double", np.float32: "Float", np.uint8: "UInt8"}
    return getattr(data_types, f"{names[np.dtype(dtype).type]}TensorType")

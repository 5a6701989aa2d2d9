"""Annotations of the public names: that they are whole, and that they resolve."""

import inspect
import typing

import pytest
from sklearn import config_context

import skdigits
from skdigits import (
    DigitNormalizer,
    FlattenScaler,
    MLPDigitClassifier,
    RandomDistortion,
)
from skdigits.onnx import register_converters


def public_functions():
    for function in (register_converters, skdigits.find_digits, skdigits.load_mnist):
        yield pytest.param(function, id=function.__name__)
    for kind in (DigitNormalizer, FlattenScaler, MLPDigitClassifier, RandomDistortion):
        for name, method in vars(kind).items():
            is_public = not name.startswith("_") or name in ("__init__", "__call__")
            if inspect.isfunction(method) and is_public:
                yield pytest.param(method, id=f"{kind.__name__}.{name}")


@pytest.mark.parametrize("function", list(public_functions()))
def test_every_parameter_and_result_is_annotated(function):
    function = inspect.unwrap(function)
    names = {*inspect.signature(function).parameters, "return"} - {"self"}

    assert set(typing.get_type_hints(function)) == names


def test_partial_fit_is_annotated():
    # Not among those above, since it is there for some parameters alone
    hints = inspect.signature(MLPDigitClassifier().partial_fit).parameters

    assert all(hint.annotation is not hint.empty for hint in hints.values())


def test_annotations_leave_what_scikit_learn_makes_of_the_signatures():
    with config_context(enable_metadata_routing=True):
        classifier = MLPDigitClassifier().set_fit_request(sample_weight=True)

    assert classifier.get_metadata_routing().fit.requests["sample_weight"]
    assert list(classifier.get_params())[:2] == ["activation", "augment"]

"""Annotations of the public names: that they are whole, and that they resolve."""

import inspect
import os
import re
import subprocess
import sys
import typing
from pathlib import Path

import pytest
from sklearn import config_context

import skdigits
from skdigits import (
    DigitNormalizer,
    FlattenScaler,
    MLPDigitClassifier,
    RandomDistortion,
    inspection,
)
from skdigits.onnx import register_converters

ROOT = Path(__file__).parents[2]


def public_functions():
    functions = (
        register_converters,
        skdigits.find_digits,
        skdigits.load_mnist,
        skdigits.load_reader,
        skdigits.read_numbers,
    )
    for function in functions:
        yield pytest.param(function, id=function.__name__)
    kinds = [DigitNormalizer, FlattenScaler, MLPDigitClassifier, RandomDistortion]
    kinds += [getattr(inspection, name) for name in inspection.__all__]
    for kind in kinds:
        for name, method in vars(kind).items():
            method = getattr(method, "__func__", method)  # of a class method
            is_public = not name.startswith("_") or name in ("__init__", "__call__")
            if inspect.isfunction(method) and is_public:
                yield pytest.param(method, id=f"{kind.__name__}.{name}")


@pytest.mark.parametrize("function", list(public_functions()))
def test_every_parameter_and_result_is_annotated(function):
    function = inspect.unwrap(function)
    names = {*inspect.signature(function).parameters, "return"} - {"self", "cls"}

    assert set(typing.get_type_hints(function)) == names


@pytest.mark.parametrize("kind", [DigitNormalizer, FlattenScaler, MLPDigitClassifier])
def test_every_documented_attribute_is_annotated(kind):
    section = inspect.getdoc(kind).split("\nAttributes\n----------\n")[1]
    documented = re.findall(r"^(\w+_) : ", section.split("\n---")[0], re.MULTILINE)

    assert list(typing.get_type_hints(kind)) == ["_parameter_constraints", *documented]


def test_an_annotated_attribute_is_not_there_before_fit():
    unfitted = MLPDigitClassifier()

    assert not hasattr(unfitted, "coefs_")
    assert "coefs_" not in dir(unfitted)


def test_partial_fit_is_annotated():
    # Not among those above, since it is there for some parameters alone
    hints = inspect.signature(MLPDigitClassifier().partial_fit).parameters

    assert all(hint.annotation is not hint.empty for hint in hints.values())


def test_annotations_leave_what_scikit_learn_makes_of_the_signatures():
    with config_context(enable_metadata_routing=True):
        classifier = MLPDigitClassifier().set_fit_request(sample_weight=True)

    assert classifier.get_metadata_routing().fit.requests["sample_weight"]
    assert list(classifier.get_params())[:2] == ["activation", "augment"]


# As a user writes it. The lines that end in a code of mypy's are mistakes.
USER_CODE = """
import numpy as np

import skdigits
from skdigits import (
    DigitNormalizer,
    FlattenScaler,
    ImagesDisplay,
    MLPDigitClassifier,
    PredictionsDisplay,
    RandomDistortion,
    find_digits,
    load_mnist,
)
from skdigits.onnx import register_converters

train, test = load_mnist("train"), load_mnist("test")
images, labels = load_mnist(return_X_y=True)
scaler = FlattenScaler().fit(train.images[:500])
X = scaler.transform(train.images[:500])
largest: float = scaler.data_max_

classifier = MLPDigitClassifier((64, 32), dropout=0.1, augment=RandomDistortion(zoom=0))
classifier.fit(X, train.target[:500], X_val=X, y_val=train.target[:500])
classifier.partial_fit(X, train.target[:500], sample_weight=np.ones(500))
MLPDigitClassifier(epochs="many", hidden_layer_size=64)  # call-arg
if classifier.best_epoch_ is not None:
    print(classifier.history_["val_loss"][classifier.best_epoch_])
print(classifier.coefs_[0].shape, classifier.coefs_.shape)  # attr-defined
print(classifier.model_.summary(), sum(classifier.loss_curve_) / classifier.n_iter_)


def accuracy(model: MLPDigitClassifier) -> float:
    return model.score(test.images, test.target)


def read(path: str) -> list[int]:
    found = find_digits(path)
    rows = DigitNormalizer(deskew=True).fit_transform(found.images)
    probabilities = classifier.fit(X, labels).predict_proba(rows)
    return [int(label) for label in classifier.classes_[probabilities.argmax(axis=1)]]


display = ImagesDisplay.from_images(test.images, test.target, n_images=4)
display.plot(im_kw={"cmap": "gray"}).figure_.suptitle("Four digits")
colours = display.im_.get_cmap()
classifier_display = PredictionsDisplay.from_estimator(classifier, X, n_images=3)
print(classifier_display.axes_.shape, colours.name)
first: str = read("page.png")[0]  # assignment
register_converters()
print(skdigits.__version__, accuracy(classifier))
"""


@pytest.mark.programs
def test_mypy_finds_the_mistakes_in_user_code_and_no_others(tmp_path):
    pytest.importorskip("mypy")
    page = tmp_path / "page.py"
    page.write_text(USER_CODE)
    mistakes = {
        (number, line.rpartition("  # ")[2])
        for number, line in enumerate(USER_CODE.splitlines(), 1)
        if "  # " in line
    }

    options = ["--strict", "--config-file=", "--follow-imports=silent"]
    command = [sys.executable, "-m", "mypy", *options, str(page)]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    found = re.findall(
        r"^page\.py:(\d+): error: .*\[(.+)\]$", done.stdout, re.MULTILINE
    )

    assert {(int(number), code) for number, code in found} == mistakes, done.stdout

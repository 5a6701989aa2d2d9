"""The HTML representation in notebooks: links to the reference, and descriptions."""

import inspect
import re
from pathlib import Path

import pytest
from sklearn.pipeline import make_pipeline

import skdigits
from skdigits import (
    DigitNormalizer,
    FlattenScaler,
    MLPDigitClassifier,
    RandomDistortion,
)

REFERENCE = Path(__file__).parents[2] / "docs" / "api.md"

ESTIMATORS = [DigitNormalizer, FlattenScaler, MLPDigitClassifier, RandomDistortion]


def html(estimator):
    return estimator._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_the_diagram_links_to_a_page_of_the_reference(estimator_class):
    name = estimator_class.__name__
    (page,) = set(
        re.findall(
            r'href="https://skdigits\.readthedocs\.io/en/\w+/generated/([^"#]+)"',
            html(estimator_class()),
        )
    )
    assert page == f"skdigits.{name}.html"
    assert re.search(rf"^ +{name}$", REFERENCE.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_the_diagram_describes_every_parameter(estimator_class):
    shown = html(estimator_class())
    parameters = inspect.signature(estimator_class).parameters
    missing = [name for name in parameters if f"--doc-link-{name};" not in shown]
    assert not missing


def test_every_step_of_a_pipeline_has_its_own_link():
    shown = html(make_pipeline(DigitNormalizer(), FlattenScaler()))
    assert "generated/skdigits.DigitNormalizer.html" in shown
    assert "generated/skdigits.FlattenScaler.html" in shown


def test_a_subclass_of_another_package_has_no_link():
    class Own(MLPDigitClassifier):
        """Not in the reference."""

    assert "readthedocs" not in html(Own())


def test_a_development_version_links_to_the_latest_pages():
    is_dev = "dev" in skdigits.__version__
    assert ("/en/latest/" in html(FlattenScaler())) is is_dev

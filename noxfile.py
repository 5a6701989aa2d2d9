"""Sessions that test skdigits with other versions and backends: ``nox --list``."""

import os
import tomllib
from pathlib import Path

import nox

nox.options.sessions = ["lint", "tests"]
nox.options.reuse_existing_virtualenvs = True

PYTHONS = ["3.11", "3.12", "3.13"]
PROJECT = tomllib.loads(Path("pyproject.toml").read_text())["project"]


def run_tests(session, *requirements, **environment):
    """Install the package with these requirements and run all tests but slow ones.

    What pytest is given may say otherwise.
    """
    session.install("-e", ".[test]", *requirements)
    command = ["python", "-m", "pytest", "-m", "not slow", *session.posargs]
    session.run(*command, env=environment)


@nox.session
def lint(session):
    """Check style, types, spelling and docstrings."""
    # Of what the package imports, these come with types
    typed = ("matplotlib", "numpy", "onnx", "pillow")
    session.install(*PROJECT["optional-dependencies"]["lint"], *typed)
    session.run(".ci/lint", external=True)


@nox.session(python=PYTHONS)
def tests(session):
    """Run the tests on each Python."""
    run_tests(session)


@nox.session(python=PYTHONS[0])
def coverage(session):
    """Run the tests, slow ones too, and tell which lines none of them ran."""
    session.install("-e", ".[test]", "pytest-cov>=7")
    session.run("python", "-m", "pytest", "-m", "", "--cov", *session.posargs)


@nox.session(python=PYTHONS[0])
def lowest(session):
    """Run the tests with the lowest versions that pyproject.toml allows."""
    extras = PROJECT["optional-dependencies"]
    lowest_versions = [
        requirement.replace(">=", "==")
        for requirements in (
            PROJECT["dependencies"],
            *(extras[extra] for extra in ("dask", "onnx", "skops", "test")),
        )
        for requirement in requirements
        if ">=" in requirement
    ]
    run_tests(session, *lowest_versions)


@nox.session(python=PYTHONS[0])
@nox.parametrize("backend", ["jax", "torch"])
def backends(session, backend):
    """Run the tests on another of Keras's backends."""
    run_tests(session, backend, KERAS_BACKEND=backend)


@nox.session(python=PYTHONS[-1])
def nightly(session):
    """Run the tests with the nightly builds of scikit-learn and Keras.

    PIP_EXTRA_INDEX_URL names the index of the scientific Python nightly wheels.
    """
    if not os.environ.get("PIP_EXTRA_INDEX_URL"):
        session.error("PIP_EXTRA_INDEX_URL must name the index of the nightly wheels.")
    session.install("-e", ".[test]")
    # Both are in one folder, where modules that the newer dropped would stay
    session.run("python", "-m", "pip", "uninstall", "--yes", "keras")
    session.install("--pre", "--upgrade", "scikit-learn", "keras-nightly")
    for package in ("sklearn", "keras"):
        is_nightly = f"import {package}; assert 'dev' in {package}.__version__"
        session.run("python", "-c", is_nightly)
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def docs(session):
    """Build the documentation."""
    session.install("-e", ".[docs]")
    session.run(
        "sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html"
    )


@nox.session
def benchmarks(session):
    """Measure against the peers, in about half an hour."""
    session.install("-e", ".[test,bench]")
    session.run("python", "-m", "pytest", "tests/benchmarks", *session.posargs)

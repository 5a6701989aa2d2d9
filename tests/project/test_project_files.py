"""The rules of the tree that docs/development.md states, and the files around it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "skdigits"
KERAS = PACKAGE / "_training" / "keras"
CONFIGURATIONS = sorted(
    [
        *ROOT.glob(".github/**/*.yml"),
        ROOT / ".pre-commit-config.yaml",
        ROOT / ".readthedocs.yaml",
        ROOT / "CITATION.cff",
    ]
)


def path_of(file):
    return file.relative_to(ROOT).as_posix()


def imports(file):
    """The lines of a module that import."""
    return re.findall(r"^ *(?:from|import) .*$", file.read_text("utf-8"), re.MULTILINE)


def test_private_parts_of_scikit_learn_have_one_door():
    private = re.compile(r" *from sklearn(\.\w+)*\._|.*\bsklearn\b.* import .*\b_\w")
    found = {
        path_of(file)
        for file in PACKAGE.rglob("*.py")
        if any(map(private.match, imports(file)))
    }
    assert found == {"skdigits/_utils/sklearn_private.py"}


def test_keras_has_one_door():
    names = re.compile(r" *(from|import) (keras|tensorflow|scikeras|jax|torch)\b")
    found = [
        path_of(file)
        for file in PACKAGE.rglob("*.py")
        if KERAS not in file.parents and any(map(names.match, imports(file)))
    ]
    assert found == []


def test_the_door_is_opened_late():
    found = [
        f"{path_of(file)}: {line}"
        for file in PACKAGE.rglob("*.py")
        if KERAS not in file.parents
        for line in imports(file)
        if "_training.keras" in line or "_training import keras" in line
        if not line.startswith(" ")
    ]
    assert found == []


def test_the_network_in_numpy_knows_nothing_of_training():
    found = [
        line
        for file in (PACKAGE / "_network").glob("*.py")
        for line in imports(file)
        if "skdigits" in line and "skdigits._network" not in line
    ]
    assert found == []


def test_the_development_page_lists_every_module():
    page = (ROOT / "docs/development.md").read_text("utf-8")
    listed = re.findall(r"^\| `(skdigits/[^`]+)` \|", page, re.MULTILINE)
    folders = tuple(path for path in listed if path.endswith("/"))
    modules = {path_of(file) for file in PACKAGE.rglob("[!_]*.py")}
    rest = [path for path in modules - {*listed} if not path.startswith(folders)]
    assert rest == []
    assert [path for path in listed if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("file", CONFIGURATIONS, ids=path_of)
def test_a_configuration_is_yaml(file):
    yaml = pytest.importorskip("yaml")

    assert yaml.safe_load(file.read_text("utf-8"))


def test_the_hooks_before_a_commit_are_the_commands_of_the_lint():
    yaml = pytest.importorskip("yaml")
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    lint = (ROOT / ".ci/lint").read_text("utf-8").splitlines()

    # Local ones: nothing is fetched
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    for hook in hooks:
        assert any(line.startswith(hook["entry"]) for line in lint), hook["entry"]


@pytest.mark.skipif(sys.platform == "win32", reason="a script of Unix's shell")
@pytest.mark.parametrize("script", ["lint", "run"])
def test_a_script_of_the_integration_can_be_parsed(script):
    subprocess.run(["bash", "-n", ROOT / ".ci" / script], check=True)

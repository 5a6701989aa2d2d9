"""The pages of the documentation: that their code runs and their lists are whole."""

import doctest
import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import pytest
from helpers import only_on
from scikeras.wrappers import KerasClassifier
from sklearn.neural_network import MLPClassifier

import skdigits
from skdigits import MLPDigitClassifier

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    page
    for page in sorted(DOCS.rglob("*.md"))
    if page.relative_to(DOCS).parts[0] not in {"_build", "auto_examples", "generated"}
]


def name_of(page):
    return page.relative_to(DOCS).as_posix()


def read(name):
    return (DOCS / name).read_text(encoding="utf-8")


def first_column(page):
    """The code in the first column of a page's tables."""
    cells = re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE)
    return {code for cell in cells for code in re.findall(r"`([^`]+)`", cell)}


def parameters(estimator):
    return set(inspect.signature(estimator).parameters)


class Checker(doctest.OutputChecker):
    """Lets a number with decimals differ in the last that the page shows.

    Another processor rounds in another order, which a training lets grow.
    """

    number = re.compile(r"\d+\.(\d+)")

    def check_output(self, want, got, optionflags):
        shown, printed = (list(self.number.finditer(text)) for text in (want, got))
        if len(shown) == len(printed):
            pairs = zip(shown, printed, strict=True)
            if all(self.are_close(*pair) for pair in pairs):
                numbers = iter(match[0] for match in shown)
                got = self.number.sub(lambda match: next(numbers), got)
        return super().check_output(want, got, optionflags)

    @staticmethod
    def are_close(shown, printed):
        return abs(float(shown[0]) - float(printed[0])) < 2 * 10.0 ** -len(shown[1])


@pytest.mark.programs
@only_on("tensorflow")  # whose figures the pages show
@pytest.mark.parametrize(
    "page", [page for page in PAGES if ">>> " in page.read_text("utf-8")], ids=name_of
)
def test_the_code_of_a_page_prints_what_the_page_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    matplotlib.use("agg")
    # The fence that ends a block of code is not part of what the code prints
    text = re.sub("^```.*$", "", page.read_text("utf-8"), flags=re.MULTILINE)
    test = doctest.DocTestParser().get_doctest(text, {}, name_of(page), str(page), 0)
    runner = doctest.DocTestRunner(
        Checker(), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )
    report = []

    try:
        runner.run(test, out=report.append)
    finally:
        plt.close("all")

    assert not report, "".join(report)


@pytest.mark.programs
@only_on("tensorflow")
def test_the_ten_lines_of_the_front_page_print_what_it_says(capsys):
    blocks = re.search(
        r"```python\n(.*?)```\n+```text\n(.*?)```", read("index.md"), re.DOTALL
    )
    code, printed = blocks.groups()

    exec(code, {})

    assert Checker().check_output(printed, capsys.readouterr().out, 0)


@pytest.mark.parametrize(
    "page",
    [*PAGES, *sorted(ROOT.glob("*.md"))],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_links_to_files_lead_to_files(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    made_by_the_build = ("auto_examples/", "generated/")
    missing = [
        link
        for link in links
        if not any(folder in link for folder in made_by_the_build)
        and not (page.parent / link).exists()
    ]
    assert not missing


def test_the_reference_lists_every_public_name():
    listed = set(re.findall(r"^ {3}(\w+)$", read("api.md"), re.MULTILINE))
    modules = re.findall(r"`skdigits\.([a-z]+)`", read("api.md"))
    public = {
        name
        for module in modules
        for name in import_module(f"skdigits.{module}").__all__
    }
    assert listed == public
    of_the_package = public - {"register_converters"} | {"__version__"}
    assert set(skdigits.__all__) == of_the_package | set(modules)


def test_every_parameter_of_scikit_learns_network_has_a_row():
    assert parameters(MLPClassifier) <= first_column(
        read("coming_from/mlpclassifier.md")
    )


def test_every_parameter_of_scikeras_has_a_row():
    expected = parameters(KerasClassifier) - {"kwargs"}
    assert expected <= first_column(read("coming_from/scikeras.md"))


@pytest.mark.parametrize("page", ["keras", "mlpclassifier", "scikeras"])
def test_every_parameter_of_the_classifier_has_an_equivalent_or_is_said_to_be_new(page):
    text = read(f"coming_from/{page}.md")
    missing = {
        name for name in parameters(MLPDigitClassifier) if f"`{name}" not in text
    }
    assert not missing


def test_the_tables_on_accuracy_are_of_the_figures_in_results():
    process = subprocess.run(
        [sys.executable, DOCS / "tables.py", "--check"], capture_output=True, text=True
    )
    assert process.returncode == 0, process.stderr


def test_readme_begins_as_the_front_page_does():
    readme = (ROOT / "README.md").read_text("utf-8")
    front_page = read("index.md").split("{{")[0]
    words = re.sub(r"^```.*?^```$", "", front_page, flags=re.MULTILINE | re.DOTALL)
    code, printed = re.findall(
        r"^```(?:python|text)\n(.*?)^```$", read("index.md"), re.MULTILINE | re.DOTALL
    )

    for part in (words.strip(), code, printed, "images/learning_curves.png"):
        assert part in readme

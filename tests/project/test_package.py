import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from importlib import import_module
from importlib.metadata import version
from inspect import ismodule
from pathlib import Path

import pytest

import skdigits

ROOT = Path(__file__).parents[2]

FILES_BESIDE_THE_CODE = {
    "skdigits/py.typed",
    "skdigits/datasets/data/mnist.npz",
    "skdigits/datasets/data/README.md",
    "skdigits/datasets/descr/mnist.rst",
    "skdigits/preprocessing/data/segmentation.npz",
    "skdigits/reading/data/reader.npz",
}


def run_python(code, folder=None):
    """Run code in a new interpreter, in a folder, and return the words it printed."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return done.stdout.decode().split()


def imported_by(statement):
    """The top-level packages that a new interpreter has loaded after a statement."""
    code = f"{statement}\nimport sys; print(*{{m.split('.')[0] for m in sys.modules}})"
    return set(run_python(code))


# Names


def test_import_loads_no_heavy_package():
    heavy = {"keras", "matplotlib", "numpy", "scikeras", "sklearn", "tensorflow"}
    assert not imported_by("import skdigits") & heavy


def test_loading_data_imports_no_keras():
    heavy = {"keras", "matplotlib", "scikeras", "tensorflow"}
    assert not imported_by("import skdigits; skdigits.load_mnist('test')") & heavy


# The names themselves are held against the reference in test_docs.py


def test_dir_lists_the_public_names_and_modules_before_they_are_used():
    listed = run_python("import skdigits; print(*dir(skdigits))")
    assert set(listed) >= set(skdigits.__all__)


@pytest.mark.parametrize("name", skdigits.__all__)
def test_every_public_name_resolves(name):
    assert getattr(skdigits, name) is getattr(skdigits, name)


REFUSE_KERAS = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"tensorflow", "keras", "scikeras"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refuse())
"""


def test_import_of_all_names_needs_no_keras():
    names = [name for name in skdigits.__all__ if ismodule(getattr(skdigits, name))]
    modules = ["skdigits", *(f"skdigits.{name}" for name in names)]
    code = f"""{REFUSE_KERAS}
from importlib import import_module
for name in {modules}:
    names = {{}}
    exec(f"from {{name}} import *", names)
    assert {{*names}} - {{"__builtins__"}} <= {{*import_module(name).__all__}}
    print(name, *import_module(name).__all__)
"""
    assert run_python(code) == [
        word for name in modules for word in (name, *import_module(name).__all__)
    ]


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("DigitNormalizer", "preprocessing"),
        ("FlattenScaler", "preprocessing"),
        ("ImagesDisplay", "inspection"),
        ("MLPDigitClassifier", "classifier"),
        ("RandomDistortion", "augmentation"),
        ("find_digits", "preprocessing"),
        ("load_mnist", "datasets"),
        ("read_numbers", "reading"),
    ],
)
def test_public_name_is_that_of_its_submodule(name, module):
    assert getattr(skdigits, name) is getattr(getattr(skdigits, module), name)


def test_unknown_attribute_gets_the_ordinary_message():
    message = "module 'skdigits' has no attribute 'MLPDigitRegressor'"
    with pytest.raises(AttributeError, match=f"^{message}$"):
        _ = skdigits.MLPDigitRegressor


def test_unknown_import_gets_the_ordinary_error():
    with pytest.raises(ImportError, match="cannot import name 'MLPDigitRegressor'"):
        from skdigits import MLPDigitRegressor  # noqa: F401


def test_version_is_that_of_the_installed_package():
    assert skdigits.__version__ == version("skdigits")


@pytest.mark.programs
@pytest.mark.parametrize("missing", ["keras", "tensorflow"])
def test_training_without_keras_says_what_to_install(missing):
    code = f"""
import sys
sys.modules["{missing}"] = None  # as if it were not installed
from skdigits import MLPDigitClassifier, load_mnist
test = load_mnist("test")
try:
    MLPDigitClassifier().fit(test.data[:100] / 255, test.target[:100])
except ModuleNotFoundError as error:
    print(error)
"""
    printed = " ".join(run_python(code))
    assert printed.startswith("fit, partial_fit and model_ need Keras")
    assert printed.endswith(f"pip install {missing}")


# Distributions


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    """The folder of an sdist, and of the wheel built from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder]
    subprocess.run([*command, ROOT], check=True, capture_output=True)
    return folder


@pytest.mark.programs
def test_sdist_holds_code_data_tests_and_licence(distributions):
    (sdist,) = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= FILES_BESIDE_THE_CODE
    assert names >= {
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "tests/project/test_package.py",
    }


@pytest.mark.programs
def test_wheel_holds_every_file_of_the_package_and_no_other(distributions):
    (wheel,) = distributions.glob("*.whl")
    names = {
        name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info" not in name
    }
    in_tree = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "skdigits").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert names == in_tree
    assert names >= FILES_BESIDE_THE_CODE


def test_trained_weights_take_less_than_two_megabytes():
    weights = [*(ROOT / "skdigits").glob("*/data/*.npz")]
    trained = [path for path in weights if path.name != "mnist.npz"]
    assert len(trained) == 2
    assert sum(path.stat().st_size for path in trained) < 2_000_000


@pytest.mark.programs
def test_wheel_carries_both_licences(distributions):
    (wheel,) = distributions.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    licences = {
        name.partition("/licenses/")[2] for name in names if "/licenses/" in name
    }
    assert licences == {"LICENSE", "skdigits/datasets/data/README.md"}


@pytest.mark.programs
def test_wheel_loads_its_data(distributions, tmp_path):
    (wheel,) = distributions.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = "import skdigits as s; print(s.__file__, len(s.load_mnist('test').data))"
    file, n_samples = run_python(code, folder=tmp_path)
    assert Path(file) == tmp_path / "skdigits" / "__init__.py"
    assert n_samples == "10000"


@pytest.fixture(scope="module")
def light_wheel(tmp_path_factory):
    """The wheel for machines that predict and do not train."""
    folder = tmp_path_factory.mktemp("light")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel"]
    command += ["--outdir", folder, ROOT / ".light"]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return zipfile.ZipFile(wheel)


def metadata(wheel):
    """The metadata of a wheel."""
    (name,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    return message_from_bytes(wheel.read(name))


@pytest.mark.programs
def test_light_wheel_holds_the_same_code(light_wheel, distributions):
    (wheel,) = distributions.glob("*.whl")
    contents = [
        {
            name: archive.read(name)
            for name in archive.namelist()
            if ".dist-info" not in name
        }
        for archive in (light_wheel, zipfile.ZipFile(wheel))
    ]
    assert contents[0] == contents[1]


@pytest.mark.programs
def test_light_wheel_is_another_build_of_the_same_version(light_wheel):
    described = metadata(light_wheel)
    assert described["Name"] == "skdigits"
    assert described["Version"] == f"{skdigits.__version__}+light"


@pytest.mark.programs
def test_light_wheel_leaves_out_what_only_training_and_pictures_need(
    light_wheel, distributions
):
    (wheel,) = distributions.glob("*.whl")
    light, ordinary = (
        set(metadata(archive).get_all("Requires-Dist"))
        for archive in (light_wheel, zipfile.ZipFile(wheel))
    )
    assert light < ordinary
    needed = {line for line in ordinary - light if "extra ==" not in line}
    names = {re.match(r"[\w-]+", line)[0] for line in needed}
    assert names == {"keras", "matplotlib", "scikeras", "tensorflow"}


@pytest.mark.programs
def test_light_wheel_carries_the_licence(light_wheel):
    assert any(name.endswith("/LICENSE") for name in light_wheel.namelist())

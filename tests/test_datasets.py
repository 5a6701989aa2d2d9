import hashlib
import pickle
import struct
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from sklearn.utils import Bunch

from skdigits.datasets import _mnist, load_mnist

SHIPPED_FILE = files("skdigits.datasets") / "data" / "mnist.npz"

SIZES = {"train": 60_000, "test": 10_000, "all": 70_000}

# SHA-256 of the files that the authors of MNIST distributed, uncompressed.
IDX_SHA256 = {
    ("train", "images"): (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    ),
    ("train", "target"): (
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    ("test", "images"): (
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    ),
    ("test", "target"): (
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    ),
}


@pytest.fixture(scope="module")
def mnist():
    """Every subset, loaded once; to read only."""
    return {subset: load_mnist(subset) for subset in SIZES}


@pytest.fixture
def data_file(tmp_path, monkeypatch):
    """A place for another data file, which load_mnist reads instead of its own."""
    path = tmp_path / "mnist.npz"
    monkeypatch.setattr(_mnist, "_DATA_FILE", path)
    return path


def idx_bytes(array):
    """The array as an IDX file of unsigned bytes."""
    unsigned_byte = 8
    header = struct.pack(">HBB", 0, unsigned_byte, array.ndim)
    dimensions = struct.pack(f">{array.ndim}I", *array.shape)
    return header + dimensions + array.astype(np.uint8).tobytes()


# What the data are


@pytest.mark.parametrize(("subset", "field"), IDX_SHA256)
def test_data_rebuild_the_original_idx_files(mnist, subset, field):
    rebuilt = idx_bytes(mnist[subset][field])
    assert hashlib.sha256(rebuilt).hexdigest() == IDX_SHA256[subset, field]


def test_data_equal_those_of_keras(mnist, monkeypatch):
    keras = pytest.importorskip("keras")
    load_data = keras.datasets.mnist.load_data
    # Keras downloads any file but its own archive; let it read ours.
    monkeypatch.setitem(
        load_data.__globals__, "get_file", lambda *_, **__: SHIPPED_FILE
    )
    (X_train, y_train), (X_test, y_test) = load_data()
    np.testing.assert_array_equal(mnist["train"].images, X_train)
    np.testing.assert_array_equal(mnist["train"].target, y_train)
    np.testing.assert_array_equal(mnist["test"].images, X_test)
    np.testing.assert_array_equal(mnist["test"].target, y_test)


def test_data_file_is_the_one_its_readme_describes():
    readme = SHIPPED_FILE.with_name("README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(SHIPPED_FILE.read_bytes()).hexdigest() in readme
    assert all(digest in readme for digest in IDX_SHA256.values())


def test_data_file_holds_no_pickled_objects():
    with np.load(SHIPPED_FILE, allow_pickle=False) as arrays:
        assert {array.dtype for array in arrays.values()} == {np.dtype(np.uint8)}


# What load_mnist returns


@pytest.mark.parametrize("subset", SIZES)
def test_bunch_has_the_fields_of_load_digits(mnist, subset):
    bunch, n = mnist[subset], SIZES[subset]
    assert isinstance(bunch, Bunch)
    assert set(bunch) == {
        "data",
        "target",
        "frame",
        "feature_names",
        "target_names",
        "images",
        "DESCR",
    }
    assert (bunch.data.shape, bunch.data.dtype) == ((n, 784), np.uint8)
    assert (bunch.images.shape, bunch.images.dtype) == ((n, 28, 28), np.uint8)
    assert (bunch.target.shape, bunch.target.dtype) == ((n,), np.int64)
    assert bunch.frame is None


@pytest.mark.parametrize("subset", SIZES)
def test_text_has_the_shapes_in_five_lines(mnist, subset):
    first, *shapes, last = repr(mnist[subset]).splitlines()
    assert first == "MNIST, handwritten digits"
    assert len(shapes) == 3
    assert all(f"of shape ({SIZES[subset]}," in line for line in shapes)
    assert last == "and frame, feature_names, target_names, DESCR"


def test_text_of_what_the_caller_changed_is_of_what_is_there():
    bunch = load_mnist("test")
    del bunch["DESCR"], bunch["images"]
    bunch.data = bunch.data[:5]
    assert "data    ndarray of shape (5, 784)" in repr(bunch)
    assert repr(bunch).endswith("and frame, feature_names, target_names")


def test_a_stored_data_set_is_loaded_the_same(mnist):
    loaded = pickle.loads(pickle.dumps(mnist["test"]))
    assert repr(loaded) == repr(mnist["test"])
    np.testing.assert_array_equal(loaded.data, mnist["test"].data)


def test_default_subset_is_the_training_images(mnist):
    np.testing.assert_array_equal(load_mnist().data, mnist["train"].data)


def test_all_is_train_followed_by_test(mnist):
    for field in ("data", "target"):
        both = np.concatenate([mnist["train"][field], mnist["test"][field]])
        np.testing.assert_array_equal(mnist["all"][field], both)


@pytest.mark.parametrize("subset", SIZES)
def test_images_are_a_view_of_data(mnist, subset):
    bunch = mnist[subset]
    assert np.shares_memory(bunch.images, bunch.data)
    np.testing.assert_array_equal(bunch.images[7].ravel(), bunch.data[7])


def test_every_digit_occurs_and_has_its_name(mnist):
    target_names = mnist["test"].target_names
    np.testing.assert_array_equal(target_names, np.arange(10))
    np.testing.assert_array_equal(np.unique(mnist["test"].target), target_names)


def test_feature_names_say_row_and_column(mnist):
    names = mnist["test"].feature_names
    assert len(set(names)) == 784
    assert names[0] == "pixel_0_0"
    assert names[3 * 28 + 5] == "pixel_3_5"
    assert names[-1] == "pixel_27_27"


def test_description_names_licence_and_authors(mnist):
    description = mnist["test"].DESCR
    assert "Copyright Yann LeCun and Corinna Cortes" in description
    assert "Creative Commons Attribution-ShareAlike 3.0" in description
    assert "Gradient-based learning" in description


def test_return_X_y_gives_data_and_target(mnist):
    X, y = load_mnist("test", return_X_y=True)
    np.testing.assert_array_equal(X, mnist["test"].data)
    np.testing.assert_array_equal(y, mnist["test"].target)


def test_caller_may_modify_what_it_gets(mnist):
    first = load_mnist("test")
    first.data[:] = 0
    first.target[:] = 0
    second = load_mnist("test")
    np.testing.assert_array_equal(second.data, mnist["test"].data)
    np.testing.assert_array_equal(second.target, mnist["test"].target)


# Data frames


def test_as_frame_gives_pandas_objects(mnist):
    pd = pytest.importorskip("pandas")
    bunch = load_mnist("test", as_frame=True)
    assert isinstance(bunch.data, pd.DataFrame)
    assert list(bunch.data.columns) == bunch.feature_names
    assert set(bunch.data.dtypes) == {np.dtype(np.uint8)}
    np.testing.assert_array_equal(bunch.data, mnist["test"].data)
    expected = pd.Series(mnist["test"].target, name="target")
    pd.testing.assert_series_equal(bunch.target, expected)


def test_as_frame_joins_data_and_target_in_frame():
    pd = pytest.importorskip("pandas")
    bunch = load_mnist("test", as_frame=True)
    joined = pd.concat([bunch.data, bunch.target], axis=1)
    pd.testing.assert_frame_equal(bunch.frame, joined)


def test_text_with_frames_has_their_shapes():
    pytest.importorskip("pandas")
    text = repr(load_mnist("test", as_frame=True))
    assert "data    DataFrame of shape (10000, 784)" in text
    assert "frame   DataFrame of shape (10000, 785)" in text
    assert len(text.splitlines()) == 6


def test_as_frame_keeps_images_an_array(mnist):
    pytest.importorskip("pandas")
    images = load_mnist("test", as_frame=True).images
    np.testing.assert_array_equal(images, mnist["test"].images)


def test_return_X_y_as_frame_gives_data_frame_and_series():
    pd = pytest.importorskip("pandas")
    X, y = load_mnist("test", return_X_y=True, as_frame=True)
    assert isinstance(X, pd.DataFrame)
    assert isinstance(y, pd.Series)


def test_as_frame_without_pandas_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    message = "load_mnist with as_frame=True requires pandas"
    with pytest.raises(ImportError, match=message):
        load_mnist("test", as_frame=True)


# Errors


@pytest.mark.parametrize("subset", ["validation", "Train", None, 1, ["train"]])
def test_unknown_subset_is_refused_with_those_allowed(subset):
    with pytest.raises(ValueError, match="'subset' parameter of load_mnist") as raised:
        load_mnist(subset)
    message = str(raised.value)
    assert all(f"'{name}'" in message for name in SIZES)
    assert f"Got {subset!r} instead" in message


@pytest.mark.parametrize("flag", ["return_X_y", "as_frame"])
def test_flag_that_is_no_boolean_is_refused(flag):
    with pytest.raises(ValueError, match=f"'{flag}' parameter of load_mnist"):
        load_mnist("test", **{flag: "yes"})


def test_flags_are_keyword_only():
    with pytest.raises(TypeError):
        load_mnist("test", True)


def test_missing_data_file_is_named_with_the_mend(data_file):
    with pytest.raises(FileNotFoundError, match="Reinstall skdigits") as raised:
        load_mnist("test")
    assert str(data_file) in str(raised.value)


def truncated():
    content = SHIPPED_FILE.read_bytes()
    return content[: len(content) // 2]


def with_one_byte_flipped():
    content = bytearray(SHIPPED_FILE.read_bytes())
    content[len(content) // 2] ^= 0xFF
    return bytes(content)


def with_a_zip_header_byte_flipped():
    content = bytearray(SHIPPED_FILE.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 10] ^= 0xFF  # the compression method
    return bytes(content)


def with_a_row_missing(tmp_path):
    with np.load(SHIPPED_FILE) as arrays:
        changed = {**arrays, "x_test": arrays["x_test"][:, :27]}
    path = tmp_path / "changed.npz"
    np.savez(path, **changed)
    return path.read_bytes()


DAMAGE = [truncated, with_one_byte_flipped, with_a_zip_header_byte_flipped]


def assert_damage_is_named_with_the_mend(data_file):
    with pytest.raises(OSError, match=r"is damaged.*Reinstall skdigits") as raised:
        load_mnist("test")
    assert str(data_file) in str(raised.value)


@pytest.mark.parametrize("damaged", DAMAGE)
def test_damaged_data_file_is_named_with_the_mend(data_file, damaged):
    data_file.write_bytes(damaged())
    assert_damage_is_named_with_the_mend(data_file)


@pytest.mark.parametrize("content", [b"", b"version 1", b"PK\x03\x04"])
def test_data_file_that_is_no_archive_is_named_with_the_mend(data_file, content):
    data_file.write_bytes(content)
    assert_damage_is_named_with_the_mend(data_file)


def test_data_file_with_other_shapes_is_named_with_the_mend(data_file, tmp_path):
    data_file.write_bytes(with_a_row_missing(tmp_path))
    assert_damage_is_named_with_the_mend(data_file)


def test_another_working_directory_makes_no_difference(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(load_mnist("test").data) == 10_000
    assert list(Path.cwd().iterdir()) == []

"""What loading an estimator checks: its version, its checksum, its shapes."""

import copy
import pickle
import sys

import numpy as np
import pytest
from helpers import run_python, small
from sklearn.base import BaseEstimator

import skdigits
from skdigits import DigitNormalizer, FlattenScaler, RandomDistortion
from skdigits._utils.stored_state import StoredStateMixin


class Estimator(StoredStateMixin, BaseEstimator):
    """Holds whatever it is given."""

    def __init__(self, content=None):
        self.content = content

    def _to_store(self, state):
        return {name: value for name, value in state.items() if name != "cache_"}


@pytest.fixture(scope="module")
def fitted(mnist):
    """A classifier that no test may change."""
    return small().fit(mnist.X_train, mnist.y_train)


@pytest.fixture
def version(monkeypatch):
    """Make this another version of skdigits."""

    def version(name):
        monkeypatch.setattr("skdigits._utils.stored_state.__version__", name)

    return version


# Versions


@pytest.mark.parametrize(
    "estimator",
    [small(), DigitNormalizer(), FlattenScaler(), RandomDistortion()],
    ids=repr,
)
def test_every_estimator_stores_the_version_of_skdigits(estimator):
    assert estimator.__getstate__()["_skdigits_version"] == skdigits.__version__


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("0.2.0", "0.1.9"),
        ("1.0.0", "0.10.0"),
        ("0.2.0", "0.2.0rc1"),
        ("0.1.0", "0.1.0.dev0"),
        ("0.2.0.dev0", "0.1.0"),
    ],
)
def test_what_a_newer_version_stored_is_refused_with_both_versions(
    newer, older, version
):
    version(newer)
    stored = pickle.dumps(FlattenScaler())
    version(older)

    message = f"FlattenScaler was stored by skdigits {newer}, .* older skdigits {older}"
    with pytest.raises(ValueError, match=message):
        pickle.loads(stored)


@pytest.mark.parametrize(
    ("older", "newer"),
    [("0.1.0", "0.12.0"), ("0.1.0.dev0", "0.1.0"), ("0.1.0.dev0", "0.1.0rc1")],
)
def test_what_an_older_version_stored_loads(older, newer, version):
    version(older)
    stored = pickle.dumps(FlattenScaler(clip=True))
    version(newer)

    assert pickle.loads(stored).clip


@pytest.mark.parametrize("state", [{"clip": True}, {}, [1, 2], 3])
def test_a_state_that_names_no_version_is_refused(state):
    with pytest.raises(ValueError, match="has no version of skdigits"):
        FlattenScaler().__setstate__(state)


def test_what_is_stored_besides_does_not_become_an_attribute():
    before = FlattenScaler().fit([[0, 1]])

    assert vars(pickle.loads(pickle.dumps(before))) == vars(before)


# Damage


@pytest.mark.parametrize(
    "content",
    [
        np.arange(6, dtype=np.float32).reshape(2, 3),
        np.arange(6.0).reshape(2, 3).T,
        np.array(["zero", "one"]),
        np.array(["zero", "one"], dtype=object),
        np.array(3),
        np.array("zero", dtype=object),
        np.zeros((0, 3)),
        np.float32(0.1),
        np.True_,
        np.longdouble(0.1),
        np.array([0.1, 0.2], np.longdouble),
        np.array(["zero", "one"], np.dtypes.StringDType()),
        {"a": [1, 2.5, None, True], 3: ("b", b"c")},
        float("nan"),
        RandomDistortion(),
    ],
    ids=repr,
)
def test_contents_of_all_kinds_are_stored(content):
    loaded = pickle.loads(pickle.dumps(Estimator(content))).content

    assert type(loaded) is type(content)
    assert repr(loaded) == repr(content)


class Holder:
    def __init__(self, content):
        self.content = content

    def _to_store(self, state):
        return {name: value for name, value in state.items() if name != "cache_"}


def test_an_estimator_may_be_part_of_what_it_holds():
    first, second = Estimator(), Estimator()
    # The second is loaded before the list is complete
    first.content = second.content = [Holder(second)]

    loaded = pickle.loads(pickle.dumps(first))

    (holder,) = loaded.content
    assert holder.content.content is loaded.content


@pytest.mark.parametrize(
    ("stored", "loaded"),
    [
        (np.array([1.0, 2.0], "<f4"), np.array([1.0, 2.0], ">f4")),
        (np.ones((2, 3)), np.ones((2, 3), order="F")),
        ((1, "a"), [1, "a"]),
        (np.float64(0.5), 0.5),
    ],
    ids=["byte order", "memory order", "list", "number"],
)
def test_what_is_the_same_on_another_machine_is_not_taken_for_damage(stored, loaded):
    state = Estimator(stored).__getstate__() | {"content": loaded}

    Estimator().__setstate__(state)


@pytest.mark.parametrize(
    ("stored", "loaded"),
    [
        (np.ones((2, 3)), np.ones((3, 2))),
        (np.zeros(2, np.int32), np.zeros(2, np.float32)),
        ([[1], [2]], [[1, 2]]),
        ({"a": 1, "b": 2}, {"a": 2, "b": 1}),
        (1, "2"),
        (0.1, np.nextafter(0.1, 1)),
        (None, 0),
    ],
    ids=str,
)
def test_what_differs_is_found(stored, loaded):
    state = Estimator(stored).__getstate__() | {"content": loaded}

    with pytest.raises(
        ValueError, match="damaged: the checksum of content does not match"
    ):
        Estimator().__setstate__(state)


def test_a_bit_that_flips_in_any_array_is_found(fitted):
    stored = pickle.dumps(fitted)
    lists = (value for value in fitted.__getstate__().values() if type(value) is list)
    arrays = [item for items in lists for item in items if type(item) is np.ndarray]
    # Those of the optimizer among them
    assert len(arrays) > len(fitted.coefs_) + len(fitted.intercepts_)
    rng = np.random.default_rng(0)
    for array in arrays:
        start = stored.index(array.tobytes())
        damaged = bytearray(stored)
        damaged[start + rng.integers(array.nbytes)] ^= 1 << rng.integers(8)
        with pytest.raises(ValueError, match="stored MLPDigitClassifier is damaged"):
            pickle.loads(damaged)


@pytest.mark.parametrize("name", ["coefs_", "classes_", "augment", "_seed"])
def test_a_bit_that_flips_in_a_name_is_found(name, fitted):
    stored = bytearray(pickle.dumps(fitted))
    # pickle refers to a name that occurs again by the place of the first
    stored[stored.index(b"\x8c" + bytes([len(name)]) + name.encode()) + 3] ^= 1

    with pytest.raises(ValueError, match="stored MLPDigitClassifier is damaged"):
        pickle.loads(stored)


def test_a_truncated_pickle_is_refused(fitted):
    stored = pickle.dumps(fitted)
    for length in np.linspace(0, len(stored) - 1, 200, dtype=int):
        with pytest.raises((EOFError, pickle.UnpicklingError)):
            pickle.loads(stored[:length])


FLIP_BITS = """
import pickle, resource
import numpy as np
from pathlib import Path
from skdigits import FlattenScaler, MLPDigitClassifier

# A damaged length asks for memory without end
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
stored = Path({path!r}).read_bytes()
X = np.random.default_rng(0).random((20, 196)).astype(np.float32)
expected = pickle.loads(stored).predict_proba(X)
rng = np.random.default_rng({seed})
refused = 0
for position in rng.integers(8 * len(stored), size={n_flips}):
    damaged = bytearray(stored)
    damaged[position // 8] ^= 1 << position % 8
    if b"\x02m8" in damaged:
        continue  # NumPy crashes where "i8" became a duration of no unit
    try:
        predicted = pickle.loads(bytes(damaged)).predict_proba(X)
    except Exception:
        refused += 1
    else:
        assert np.array_equal(predicted, expected), position
print(refused)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on memory")
@pytest.mark.parametrize("seed", range(3))
def test_no_bit_that_flips_in_a_pickle_changes_a_prediction(seed, mnist, tmp_path):
    path = tmp_path / "classifier.pickle"
    X = mnist.X_train.reshape(-1, 28, 28)[:, ::2, ::2]
    path.write_bytes(pickle.dumps(small().fit(X, mnist.y_train)))

    code = FLIP_BITS.format(path=str(path), seed=seed, n_flips=10_000)

    assert int(run_python(code).stdout) > 9_500


# Copies


class Unstorable(Estimator):
    def __getstate__(self):
        raise RuntimeError("It was about to be stored.")


@pytest.mark.parametrize("copy_of", [copy.copy, copy.deepcopy])
def test_a_copy_does_not_pay_for_what_a_file_needs(copy_of):
    original = Unstorable(np.arange(3))

    np.testing.assert_array_equal(copy_of(original).content, original.content)


def test_a_shallow_copy_shares_the_arrays_and_a_deep_one_does_not(fitted):
    assert copy.copy(fitted).coefs_[0] is fitted.coefs_[0]
    assert not np.shares_memory(copy.deepcopy(fitted).coefs_[0], fitted.coefs_[0])


def test_a_deep_copy_of_an_estimator_that_holds_itself_holds_itself():
    original = Estimator()
    original.content = [original]

    copied = copy.deepcopy(original)

    assert copied is not original
    assert copied.content == [copied]


# What no fit leaves


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.coefs_.pop(),
        lambda c: c.coefs_.reverse(),
        lambda c: c.intercepts_.pop(),
        lambda c: setattr(c, "intercepts_", [np.zeros((1, n)) for n in (16, 10)]),
        lambda c: setattr(c, "intercepts_", [np.zeros(1, np.float32)] * 2),
        lambda c: setattr(c, "coefs_", [coef.T for coef in c.coefs_]),
        lambda c: setattr(c, "coefs_", [coef.astype(int) for coef in c.coefs_]),
        lambda c: setattr(c, "coefs_", [coef.tolist() for coef in c.coefs_]),
        lambda c: setattr(c, "classes_", c.classes_[:9]),
        lambda c: setattr(c, "n_features_in_", 783),
        lambda c: setattr(c, "activation_", "sine"),
    ],
    ids=[
        "a layer less",
        "layers in another order",
        "biases of a layer less",
        "biases of two dimensions",
        "biases too short",
        "weights across",
        "weights of integers",
        "weights in lists",
        "a class less",
        "a feature less",
        "activation",
    ],
)
def test_a_network_whose_parts_do_not_fit_together_is_refused(change, fitted):
    odd = copy.deepcopy(fitted)
    change(odd)

    message = "MLPDigitClassifier is invalid: .* fit together. Got n_features_in_ = "
    with pytest.raises(ValueError, match=message):
        pickle.loads(pickle.dumps(odd))


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))]
)
def test_attributes_made_again_when_needed_are_not_stored(again):
    estimator = Estimator()
    estimator.cache_ = object

    assert not hasattr(again(estimator), "cache_")

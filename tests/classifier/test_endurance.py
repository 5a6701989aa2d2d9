"""Long runs in one process, and more data than memory: neither takes more and more."""

import json
import sys

import numpy as np
import pytest
from helpers import only_on, run_python, same_weights, small

linux_only = pytest.mark.skipif(
    sys.platform != "linux", reason="reads /proc/self/status"
)

pytestmark = pytest.mark.programs

# RssAnon is memory of the process's own: pages of a mapped file, which the system may
# take back at any time, are not among it
PREAMBLE = """
import gc, json, sys, threading, time
from pathlib import Path
import numpy as np
from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist

def memory():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) * 1024

class Peak:
    "The most memory taken in a block, looked at every few milliseconds."

    def __enter__(self):
        gc.collect()
        self.bytes, self.running = memory(), True
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        return self

    def look(self):
        while self.running:
            self.bytes = max(self.bytes, memory())
            time.sleep(0.005)

    def __exit__(self, *_):
        self.running = False
        self.thread.join()

train = load_mnist("train")
"""


def measured(program, *arguments):
    """What a program in a process of its own prints last, as JSON."""
    setting = f"import sys; sys.argv[1:] = {[*map(str, arguments)]}\n"
    done = run_python(setting + PREAMBLE + program, timeout=1200)
    return json.loads(done.stdout.splitlines()[-1])


# Many fits and predictions

MANY_CALLS = """
n_fits, n_predictions = map(int, sys.argv[1:])
X, y = (train.data[:300] / 255).astype(np.float32), train.target[:300]
row, images = X[:1].copy(), train.images[:50] / np.float32(255)

def work(part):
    for number in range(n_fits // part):
        parameters = {"dropout": 0.2} if number % 2 else {"early_stopping": True}
        classifier = MLPDigitClassifier((16,), batch_size=32, epochs=2, **parameters)
        classifier.fit(X, y)
    for _ in range(n_predictions // part // 2):
        classifier.predict_proba(row)
        classifier.predict(images)
    gc.collect()
    return memory()

work(part=10)
warm = work(part=10)
print(json.dumps(work(part=1) - warm))
"""


@linux_only
@pytest.mark.parametrize(
    ("n_fits", "n_predictions"),
    [(20, 1000), pytest.param(200, 20_000, marks=pytest.mark.slow)],
)
def test_many_fits_and_predictions_take_no_more_memory_than_some(n_fits, n_predictions):
    grown = measured(MANY_CALLS, n_fits, n_predictions)

    assert grown < 10e6


MANY_NETWORKS = """
X, y = (train.data[:100] / 255).astype(np.float32), train.target[:100]
n_networks, units, n_apart, n_rounds = map(int, sys.argv[1:])
taken = []
for number in range(n_rounds * n_networks):
    layers = (units + n_apart * number,)
    classifier = MLPDigitClassifier(layers, activation="silu", batch_size=50, epochs=1)
    classifier.fit(X, y)
    if number % n_networks == n_networks - 1:
        gc.collect()
        taken.append(memory())
print(json.dumps(taken[-1] - taken[-2]))
"""


@linux_only
@only_on("tensorflow")
def test_networks_of_many_sizes_leave_no_graphs_behind():
    grown = measured(MANY_NETWORKS, 32, 16, 1, 2)

    # A graph and what TensorFlow prepares to run it have 4 MB. Some 0.7 MB a network
    # stay in its C++ part.
    assert grown < 32 * 1.5e6


@linux_only
@pytest.mark.slow
def test_a_network_too_large_to_be_kept_leaves_nothing_of_its_weights_behind():
    # After two rounds, the allocator has what it needs
    grown = measured(MANY_NETWORKS, 4, 7000, 0, 4)

    # One has 89 MB, with what Adam keeps
    assert grown < 60e6


# Data in a file


@pytest.fixture
def digits_in_files(mnist, tmp_path):
    """Images and labels, as arrays and mapped from files."""
    arrays = mnist.X_train, mnist.y_train
    for name, array in zip("Xy", arrays, strict=True):
        np.save(tmp_path / f"{name}.npy", array)
    mapped = [np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in "Xy"]
    return arrays, mapped


@pytest.mark.parametrize("parameters", [{}, {"early_stopping": True}], ids=str)
def test_a_fit_on_files_is_that_on_arrays(parameters, digits_in_files):
    arrays, mapped = digits_in_files

    classifier = small(**parameters).fit(*mapped)

    assert same_weights(classifier, small(**parameters).fit(*arrays))
    np.testing.assert_array_equal(
        classifier.predict_proba(mapped[0]), classifier.predict_proba(arrays[0])
    )


def test_partial_fits_on_parts_of_files_are_those_on_arrays(digits_in_files):
    classifiers = []

    for X, y in digits_in_files:
        classifier = small()
        for start in range(0, 300, 75):
            part = slice(start, start + 75)
            classifier.partial_fit(X[part], y[part], classes=range(10))
        classifiers.append(classifier)

    assert same_weights(*classifiers)


IN_PARTS = """
path, n_images, n_at_a_time = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
images = np.lib.format.open_memmap(path, "w+", np.uint8, (n_images, 28, 28))
target = np.empty(n_images, train.target.dtype)
for start in range(0, n_images, 10_000):
    part = slice(start, min(start + 10_000, n_images))
    taken = np.arange(part.start, part.stop) % 60_000
    # Shifted by some pixels, other ones each time around
    shift = (0, 1, -1, 2, -2)[start // 60_000 % 5]
    images[part] = np.roll(train.images[taken], shift, axis=2)
    target[part] = train.target[taken]
images.flush()
images = np.load(path, mmap_mode="r")
test = load_mnist("test")
scaler = FlattenScaler().fit(images[:100])
classifier = MLPDigitClassifier((64,), random_state=0)

def train_on(start):
    part = slice(start, start + n_at_a_time)
    X = scaler.partial_fit(images[part]).transform(images[part])
    classifier.partial_fit(X, target[part], classes=range(10))

for _ in range(2):
    train_on(0)
before = memory()
with Peak() as first:
    train_on(0)
with Peak() as all_parts:
    for start in range(0, n_images, n_at_a_time):
        train_on(start)
accuracy = classifier.score(scaler.transform(test.images), test.target)
print(json.dumps([first.bytes - before, all_parts.bytes - before, accuracy]))
"""


@linux_only
@pytest.mark.parametrize(
    ("n_images", "n_at_a_time"),
    [(20_000, 2000), pytest.param(600_000, 20_000, marks=pytest.mark.slow)],
)
def test_training_on_parts_of_a_file_takes_the_memory_of_one_part(
    n_images, n_at_a_time, tmp_path
):
    path = tmp_path / "images.npy"

    of_one_part, of_all, accuracy = measured(IN_PARTS, path, n_images, n_at_a_time)

    # The bytes as floats, and what is lost between them
    assert of_all < of_one_part + 10e6
    assert of_all < 1.5 * n_at_a_time * 784 * 4 + 10e6
    assert accuracy > 0.85


WHOLE = """
path, n_images = sys.argv[1], 600_000
images = np.lib.format.open_memmap(path, "w+", np.float32, (n_images, 784))
for start in range(0, n_images, 10_000):
    part = slice(start, min(start + 10_000, n_images))
    images[part] = train.data[np.arange(part.start, part.stop) % 60_000]
    images[part] /= 255
images.flush()
images = np.load(path, mmap_mode="r")
target = np.resize(train.target, n_images)

def classifier(epochs):
    return MLPDigitClassifier((16,), epochs=epochs, batch_size=256, random_state=0)

classifier(1).fit(images[:20_000], target[:20_000])
gc.collect()
before = memory()
with Peak() as peak:
    fitted = classifier(2).fit(images, target)
test = load_mnist("test")
accuracy = fitted.score((test.data / 255).astype(np.float32), test.target)
print(json.dumps([peak.bytes - before, accuracy]))
"""


@linux_only
@pytest.mark.slow
def test_a_fit_on_a_file_of_float32_does_not_read_it_into_memory(tmp_path):
    taken, accuracy = measured(WHOLE, tmp_path / "images.npy")

    # A block of batches, and some numbers for each image; the file itself has 1.9 GB
    assert taken < 100e6
    assert accuracy > 0.85

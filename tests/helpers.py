"""What the tests of several modules fit, compare and run."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text

from skdigits import MLPDigitClassifier

EXAMPLES = Path(__file__).parents[1] / "examples"

# hypothesis's settings, and those where slow tests run, too
FEW_EXAMPLES, MANY_EXAMPLES = "few examples", "many examples"

# Classes of other kinds than digits
WORDS = np.array(["T-shirt", "trousers", "a long coat", "ankle-boot"])
LETTERS = np.array(list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
KINDS_OF_CLASSES = [np.array([False, True]), np.arange(10), LETTERS, WORDS]

# What Dask sets to 1 in its workers
VARIABLES_OF_THREADS = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]


def tried_on(few, many):
    """Try a property on few examples, or on many where slow tests run, as one of them.

    Those are runs with ``-m slow`` or ``-m ""``.
    """
    if hypothesis.settings.get_current_profile_name() == FEW_EXAMPLES:
        return hypothesis.settings(max_examples=few)
    return lambda test: pytest.mark.slow(hypothesis.settings(max_examples=many)(test))


def thorough_but(often, values):
    """Return parameters of a test: of the values, those not among `often` thorough."""
    return [
        value if value in often else pytest.param(value, marks=pytest.mark.thorough)
        for value in values
    ]


def small(**parameters):
    """A classifier that trains in a fraction of a second, the same each time.

    To trace a network takes longer than to train it, so the tests keep to one
    architecture where it is of no account.
    """
    ordinary = {
        "hidden_layer_sizes": (16,),
        "dropout": 0.0,
        "weight_decay": 0.2,
        "batch_size": 32,
        "epochs": 3,
        "learning_rate_schedule": "constant",
        "random_state": 0,
    }
    return MLPDigitClassifier(**{**ordinary, **parameters})


def weights(classifier):
    return [*classifier.coefs_, *classifier.intercepts_]


def same_weights(one, other):
    """Whether two classifiers have the same weights to the bit."""
    return all(
        a.dtype == b.dtype and np.array_equal(a, b)
        for a, b in zip(weights(one), weights(other), strict=True)
    )


def assert_weights_close(one, other, atol):
    for a, b in zip(weights(one), weights(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=atol)


def keras_output(model, X):
    """What a Keras model makes of X, as an array, whatever the backend."""
    import keras

    from skdigits._training.keras.start import backend

    with backend.precision(X.dtype.name):
        return keras.ops.convert_to_numpy(model(X))


def only_on(name):
    """Mark a test that is about one of Keras's backends alone."""
    import keras

    return pytest.mark.skipif(keras.config.backend() != name, reason=f"is about {name}")


def settings_of_the_backend():
    """What Keras's backend is set to."""
    import keras

    match keras.config.backend():
        case "tensorflow":
            import tensorflow as tf

            return (
                tf.config.functions_run_eagerly(),
                tf.config.optimizer.get_jit(),
                tf.config.threading.get_inter_op_parallelism_threads(),
                tf.config.threading.get_intra_op_parallelism_threads(),
            )
        case "jax":
            import jax

            return dict(jax.config.values)
        case "torch":
            import torch

            return (
                torch.get_default_dtype(),
                torch.get_num_threads(),
                torch.is_grad_enabled(),
                torch.are_deterministic_algorithms_enabled(),
            )


def random_numbers_of_the_backend():
    """Numbers from what state Keras's backend has of its own."""
    import keras

    match keras.config.backend():
        case "tensorflow":
            import tensorflow as tf

            return tf.random.uniform((3,)).numpy()
        case "torch":
            import torch

            return torch.rand(3).numpy()
        case "jax":
            return np.zeros(3)  # it has none


def run_python(code, *options, check=True, environment=None, timeout=120):
    """Run code in a new interpreter and return what came of it, output as text.

    The environment is this process's, with the variables given.
    """
    return subprocess.run(
        [sys.executable, *options, "-c", code],
        check=check,
        capture_output=True,
        text=True,
        timeout=timeout,
        env=os.environ | (environment or {}),
    )


@contextmanager
def cluster_of(n_workers, **told):
    """A client of workers that are told this of threads, and else what Dask tells them.

    Dask sets the variables of its workers in the process that starts them, too, and
    leaves them there.
    """
    from distributed import Client, LocalCluster

    before = dict(os.environ)
    for name in VARIABLES_OF_THREADS:
        os.environ.pop(name, None)
    os.environ.update(told)
    try:
        with (
            LocalCluster(
                n_workers=n_workers, threads_per_worker=1, dashboard_address=":0"
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
    finally:
        os.environ.clear()
        os.environ.update(before)


def assert_readable(figure):
    """Assert that no two texts overlap, and that none leaves the figure."""
    figure.draw_without_rendering()
    undrawn = {text for ax in figure.findobj(Axes) for text in _undrawn(ax)}
    drawn = [
        text
        for text in figure.findobj(Text)
        if text.get_text().strip() and text.get_visible() and text not in undrawn
    ]
    boxes = [text.get_window_extent() for text in drawn]
    figure_box = figure.bbox.padded(1)
    for text, box in zip(drawn, boxes, strict=True):
        assert all(figure_box.contains(*corner) for corner in box.corners()), text
    # A box has room for ascenders and descenders that digits lack
    extents = np.array([box.padded(-1).extents for box in boxes]).reshape(-1, 2, 2)
    low, high = extents.min(axis=1), extents.max(axis=1)
    overlap = (low[:, np.newaxis] <= high).all(axis=2)
    pairs = np.argwhere(np.triu(overlap & overlap.T, k=1))
    assert not pairs.size, [(drawn[one], drawn[other]) for one, other in pairs]


def _undrawn(ax):
    """Labels that matplotlib keeps but does not draw."""
    if not ax.axison:
        yield from {*ax.findobj(Text)} - {*ax.texts}
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not low - 1e-9 <= tick.get_loc() <= high + 1e-9:
                yield from (tick.label1, tick.label2)


def assert_like_baseline(figure, name, folder):
    """Assert that a figure looks as it did, give or take how fonts are drawn.

    To accept a new look, delete the file in tests/baseline and run the test: it fails
    once, and makes the file.
    """
    baseline = Path(__file__).parent / "baseline" / f"{name}.png"
    picture = folder / f"{name}.png"
    figure.savefig(picture, dpi=50, metadata={"Software": None})
    if not baseline.exists():
        baseline.write_bytes(picture.read_bytes())
        pytest.fail(f"There was no {baseline}. Look at the one made now.")
    difference = compare_images(str(baseline), str(picture), tol=8)
    assert difference is None, difference


def squares(n_images, height, width):
    """Images that are the same everywhere: each with a dark block of its own."""
    images = np.zeros((n_images, height, width), np.float32)
    for index, image in enumerate(images):
        top, left = index % height, 2 * index % width
        image[top : top + height // 2, left : left + width // 2] = 1 - index / 100
    return images

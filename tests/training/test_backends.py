"""Keras's backends: what is theirs alone. All other tests run on each of them.

``KERAS_BACKEND=jax python -m pytest`` tests on JAX, and so on.
"""

import numpy as np
import pytest
from helpers import only_on, run_python, same_weights, small

from skdigits._training.keras import backends, training


@pytest.mark.parametrize("name", backends.NAMES)
def test_every_backend_has_the_same_functions(name):
    pytest.importorskip(name)

    module = backends.load(name)

    for function in (
        "start",
        "compiling_pays",
        "precision",
        "to_array",
        "compile_block",
    ):
        assert callable(getattr(module, function))


def test_a_backend_that_cannot_train_is_named_with_those_that_can():
    message = "with Keras's backends jax, tensorflow, torch. Got the backend 'numpy'"

    with pytest.raises(ImportError, match=message):
        backends.load("numpy")


def test_the_network_keeps_to_its_float_type(mnist):
    """Which shows in the digits: the products of float32 have seven."""
    X, y = mnist.X_train.astype(np.float64), mnist.y_train
    wide = small(optimizer="sgd").fit(X, y)

    moved = X + 1e-10 * np.random.default_rng(0).normal(size=X.shape)
    other = small(optimizer="sgd").fit(moved, y)

    assert wide.coefs_[0].dtype == np.float64
    difference = np.abs(wide.coefs_[0] - other.coefs_[0]).max()
    assert 0 < difference < 1e-8


def test_what_a_fit_returns_is_not_memory_of_the_backend(mnist):
    one = small().fit(mnist.X_train, mnist.y_train)
    before = [coef.copy() for coef in one.coefs_]

    # The same network, trained for someone else
    other = small(random_state=1).fit(mnist.X_train, mnist.y_train)

    assert not same_weights(one, other)
    for coef, was in zip(one.coefs_, before, strict=True):
        np.testing.assert_array_equal(coef, was)
        assert coef.flags.writeable
        assert coef.flags.owndata or coef.base.flags.owndata


def threads(code, before="", **environment):
    """What code says of the threads of a process that has started the network."""
    done = run_python(
        f"{before}\nimport skdigits._training.keras\n{code}",
        environment=environment,
    )
    return tuple(map(int, done.stdout.split()))


TENSORFLOW_THREADS = """
import tensorflow as tf
threading = tf.config.threading
print(threading.get_intra_op_parallelism_threads())
print(threading.get_inter_op_parallelism_threads())
"""


@pytest.mark.programs
@only_on("tensorflow")
@pytest.mark.parametrize("value", ["1", "1,2"])
def test_tensorflow_keeps_to_the_threads_that_omp_num_threads_allows(value):
    assert threads(TENSORFLOW_THREADS, OMP_NUM_THREADS=value) == (1, 1)


@pytest.mark.programs
@only_on("tensorflow")
def test_threads_set_for_tensorflow_itself_go_before_omp_num_threads():
    before = """
import tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(2)
"""
    assert threads(TENSORFLOW_THREADS, before, OMP_NUM_THREADS="1") == (2, 0)
    assert threads(
        TENSORFLOW_THREADS, OMP_NUM_THREADS="1", TF_NUM_INTRAOP_THREADS="2"
    ) == (0, 0)


@pytest.mark.programs
@only_on("tensorflow")
def test_tensorflow_that_runs_already_keeps_its_threads():
    before = "import tensorflow as tf; tf.ones(1) + 1"

    assert threads(TENSORFLOW_THREADS, before, OMP_NUM_THREADS="1") == (0, 0)


@pytest.mark.programs
@only_on("tensorflow")
def test_messages_of_tensorflow_that_the_user_asks_for_arrive():
    done = run_python(
        """
import skdigits._training.keras
import tensorflow as tf
tf.print("printed by TensorFlow")
tf.get_logger().warning("logged by TensorFlow")
import os, sys
assert "jax" in sys.modules or "TF_CPP_MIN_LOG_LEVEL" not in os.environ
"""
    )

    assert "printed by TensorFlow" in done.stderr
    assert "logged by TensorFlow" in done.stderr


@only_on("torch")
def test_pytorch_keeps_to_the_threads_that_omp_num_threads_allows():
    code = "import torch; print(torch.get_num_threads())"

    assert threads(code, OMP_NUM_THREADS="1") == (1,)


# Threads of the process beyond those of a process that may have eight more
JAX_THREADS = "import os; print(len(os.listdir('/proc/self/task')))"


@only_on("jax")
def test_jax_keeps_to_the_threads_that_omp_num_threads_allows():
    (few,) = threads(JAX_THREADS, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    (many,) = threads(JAX_THREADS, OMP_NUM_THREADS="9", OPENBLAS_NUM_THREADS="1")

    assert many - few >= 8


@only_on("jax")
def test_threads_set_for_jax_itself_go_before_omp_num_threads():
    (few,) = threads(
        JAX_THREADS, OMP_NUM_THREADS="9", NPROC="1", OPENBLAS_NUM_THREADS="1"
    )
    (many,) = threads(
        JAX_THREADS, OMP_NUM_THREADS="1", NPROC="9", OPENBLAS_NUM_THREADS="1"
    )

    assert many - few >= 8


@only_on("jax")
def test_starting_jax_leaves_the_environment_alone():
    done = run_python(
        "import os; import skdigits._training.keras; print(os.environ.get('NPROC'))",
        environment={"OMP_NUM_THREADS": "1"},
    )

    assert done.stdout.split() == ["None"]


@only_on("jax")
def test_a_float64_network_leaves_jax_with_float32(mnist):
    import jax.numpy as jnp

    small().fit(mnist.X_train.astype(np.float64), mnist.y_train)

    assert jnp.ones(1).dtype == np.float32
    assert training.keras.ops.ones(1).dtype == np.float32

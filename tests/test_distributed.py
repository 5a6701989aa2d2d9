"""Searches on Dask's distributed scheduler, through joblib."""

import json
import os
import signal
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from helpers import (
    EXAMPLES,
    VARIABLES_OF_THREADS,
    cluster_of,
    only_on,
    run_python,
    small,
)
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline

from skdigits import FlattenScaler, load_mnist

pytestmark = pytest.mark.programs

MNIST = load_mnist("train")
IMAGES, LABELS = MNIST.images[:300], MNIST.target[:300]
GRID = {"mlpdigitclassifier__learning_rate": [3e-4, 1e-3, 3e-3, 1e-2]}


@pytest.fixture(scope="module")
def client():
    with cluster_of(2) as client:
        yield client


@pytest.fixture
def on_every_worker(monkeypatch):
    """What the example uses to run joblib on a cluster."""
    monkeypatch.syspath_prepend(EXAMPLES)
    from distributed_grid_search import on_every_worker

    return on_every_worker


def make_search(epochs=3):
    model = make_pipeline(FlattenScaler(), small(epochs=epochs))
    # Without a last fit here, where other threads would round in another order
    return GridSearchCV(model, GRID, cv=3, refit=False)


def scores(search):
    return np.array([search.cv_results_[f"split{k}_test_score"] for k in range(3)])


@cache
def scores_in_one_process(epochs=3):
    """Search without Dask, in a process that has one thread, as each worker has."""
    code = (
        "from test_distributed import IMAGES, LABELS, make_search, scores\n"
        f"search = make_search(epochs={epochs}).fit(IMAGES, LABELS)\n"
        "print(scores(search).tolist())\n"
    )
    told = dict.fromkeys(VARIABLES_OF_THREADS, "1")
    here = {"PYTHONPATH": str(Path(__file__).parent)}
    return np.array(json.loads(run_python(code, environment=told | here).stdout))


def folds_and_arrays():
    folds = list(StratifiedKFold(3).split(IMAGES, LABELS))
    return folds, [IMAGES, LABELS, *(index for fold in folds for index in fold)]


def threads():
    """Count the threads that TensorFlow and BLAS may use, in a worker."""
    import tensorflow as tf
    from threadpoolctl import threadpool_info

    import skdigits._training.keras  # noqa: F401

    # NumPy and SciPy may each bring a BLAS
    blas = {
        pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"
    }
    return (
        tf.config.threading.get_intra_op_parallelism_threads(),
        tf.config.threading.get_inter_op_parallelism_threads(),
        *blas,
    )


def test_scores_are_those_of_a_search_in_one_process(client, on_every_worker):
    folds, arrays = folds_and_arrays()
    search = make_search().set_params(cv=folds)
    with on_every_worker(client, arrays):
        search.fit(IMAGES, LABELS)

    alone = scores_in_one_process()
    assert len(np.unique(alone)) > 4
    np.testing.assert_array_equal(scores(search), alone)


def test_both_workers_fit(client, on_every_worker):
    folds, arrays = folds_and_arrays()
    search = make_search().set_params(cv=folds, scoring=process_number)
    with on_every_worker(client, arrays):
        search.fit(IMAGES, LABELS)

    assert set(scores(search).ravel()) == set(client.run(os.getpid).values())


def process_number(model, X, y):
    return os.getpid()


@only_on("tensorflow")
def test_a_worker_keeps_to_one_thread(client):
    assert set(client.run(threads).values()) == {(1, 1, 1)}


def test_dasks_memory_manager_goes_on_after_the_search(client, on_every_worker):
    assert client.amm.running()
    with on_every_worker(client, [IMAGES]):
        assert not client.amm.running()
    assert client.amm.running()


@only_on("tensorflow")
@pytest.mark.slow
def test_a_worker_takes_as_many_threads_as_it_is_told():
    # LocalCluster(env=...) would come after NumPy, which has started its BLAS by then
    with cluster_of(1, **dict.fromkeys(VARIABLES_OF_THREADS, "2")) as client:
        assert set(client.run(threads).values()) == {(2, 2, min(2, os.cpu_count()))}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("which", [0, 1])
def test_a_worker_that_is_killed_takes_no_result_along(which, client, on_every_worker):
    folds, arrays = folds_and_arrays()
    search = make_search(epochs=20).set_params(cv=folds)
    processes = client.run(os.getpid)
    victim = list(processes.values())[which]
    done = []

    def kill_when_some_fits_are_done(event):
        done.append(event)
        if len(done) == 3:
            os.kill(victim, signal.SIGKILL)

    client.subscribe_topic("done", kill_when_some_fits_are_done)
    search.set_params(scoring=accuracy_and_event)
    with on_every_worker(client, arrays):
        search.fit(IMAGES, LABELS)
    client.unsubscribe_topic("done")

    client.wait_for_workers(2)
    assert victim not in client.run(os.getpid).values()
    np.testing.assert_array_equal(scores(search), scores_in_one_process(epochs=20))


def accuracy_and_event(model, X, y):
    from distributed import get_worker

    get_worker().log_event("done", None)
    return model.score(X, y)

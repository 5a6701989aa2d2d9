"""What it takes to load a fitted pipeline in a fresh process and to predict."""

import sys

import joblib
import numpy as np
import pytest
from contenders import (
    SCIKERAS,
    SCIKIT_LEARN,
    SKDIGITS,
    scikeras_classifier,
    scikit_learn_classifier,
    skdigits_classifier,
)
from measuring import Contender, medians, run_python, take_turns
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler
from table import at_most, show_megabytes

from skdigits import FlattenScaler

LOAD_AND_PREDICT = """
import json, sys
import joblib, numpy as np
from measuring import memory

joblib.load(sys.argv[1]).predict(np.load(sys.argv[2]))
print(json.dumps([memory("VmHWM"), "tensorflow" in sys.modules]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/status")
def test_loading_and_predicting_takes_at_most_1_2_times_what_scikit_learns_does(
    benchmark, table, mnist, tmp_path
):
    """In time and in memory; and without TensorFlow."""
    X, y = mnist[0][:5000], mnist[1][:5000]
    np.save(tmp_path / "image.npy", X[:1])
    pipelines = {
        SKDIGITS: (FlattenScaler(), skdigits_classifier(epochs=1)),
        SCIKIT_LEARN: (MaxAbsScaler(), scikit_learn_classifier(epochs=1)),
        SCIKERAS: (MaxAbsScaler(), scikeras_classifier(epochs=1)),
    }
    bytes_used = {name: [] for name in pipelines}
    contenders = []
    for name, steps in pipelines.items():
        path = tmp_path / f"{len(contenders)}.joblib"
        joblib.dump(make_pipeline(*steps).fit(X, y), path)

        def run(name=name, path=path):
            used, imports_tensorflow = run_python(
                LOAD_AND_PREDICT, path, tmp_path / "image.npy"
            )
            assert imports_tensorflow == (name == SCIKERAS)
            bytes_used[name].append(used)

        contenders.append(Contender(name, run))
    seconds = take_turns(benchmark, contenders, rounds=10)
    benchmark.extra_info["bytes"] = bytes_used
    what = "load a pipeline and predict an image, in a fresh process"
    targets = {SCIKIT_LEARN: at_most(1.2)}
    missed = table.compare(f"{what}: time", medians(seconds), targets)
    missed += table.compare(
        f"{what}: peak memory", medians(bytes_used), targets, show=show_megabytes
    )
    assert not missed

"""How much memory fits take, and how large a pickle is."""

import pickle
import sys

import numpy as np
import pytest
from contenders import (
    SCIKERAS,
    SCIKIT_LEARN,
    SKDIGITS,
    scikit_learn_classifier,
    skdigits_classifier,
)
from measuring import run_python
from table import at_most, below, show_megabytes, show_number

linux_only = pytest.mark.skipif(
    sys.platform != "linux", reason="reads /proc/self/status"
)

# The first fit is of few images: what TensorFlow takes once it has built a network of
# this architecture is not counted, nor are the images themselves, which are read from
# a file so that nothing larger was in memory before.
PEAK_OF_FIT = """
import gc, json, sys
import contenders, numpy as np
from measuring import memory

X, y = np.load(sys.argv[2]), np.load(sys.argv[3])
classifier = getattr(contenders, sys.argv[1])
classifier(epochs=1).fit(X[:500], y[:500])
gc.collect()
before = memory("VmRSS")
classifier(epochs=1).fit(X, y)
print(json.dumps((memory("VmHWM") - before) / X.nbytes))
"""


@linux_only
def test_fitting_takes_at_most_the_memory_of_the_data_again(
    benchmark, table, mnist, tmp_path
):
    X, y = mnist
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", y)

    def peak_of(classifier):
        return run_python(
            PEAK_OF_FIT, classifier, tmp_path / "X.npy", tmp_path / "y.npy"
        )

    figures = {
        SKDIGITS: benchmark.pedantic(peak_of, args=("skdigits_classifier",)),
        SCIKIT_LEARN: peak_of("scikit_learn_classifier"),
        SCIKERAS: peak_of("scikeras_classifier"),
    }
    what = "peak memory of fit, 60,000 images, as a multiple of theirs"
    missed = table.limit(what, figures[SKDIGITS], at_most(1.0), show=show_number)
    table.compare(what, figures, {}, show=show_number)
    assert not missed


MANY_FITS = """
import gc, json
import contenders
from measuring import memory

X, y = contenders.training_images()
X, y = X[:500].copy(), y[:500]
used = []
for n_fits in range(1, 101):
    contenders.skdigits_classifier(epochs=1).fit(X, y)
    if n_fits in (10, 100):
        gc.collect()
        used.append(memory("VmRSS"))
print(json.dumps(used))
"""


@linux_only
def test_90_further_fits_leave_at_most_50_mb_behind(benchmark, table):
    after_10, after_100 = benchmark.pedantic(run_python, args=(MANY_FITS,))
    missed = table.limit(
        "memory after 100 fits, above that after 10",
        after_100 - after_10,
        at_most(50e6),
        show=show_megabytes,
    )
    assert not missed


def test_a_pickle_is_smaller_than_scikit_learns(benchmark, table, mnist):
    X, y = mnist[0][:5000], mnist[1][:5000]

    def pickled_size(classifier):
        return len(pickle.dumps(classifier(epochs=1).fit(X, y)))

    figures = {
        SKDIGITS: benchmark.pedantic(pickled_size, args=(skdigits_classifier,)),
        SCIKIT_LEARN: pickled_size(scikit_learn_classifier),
    }
    missed = table.compare(
        "size of a fitted classifier, pickled",
        figures,
        {SCIKIT_LEARN: below(1.0)},
        show=show_megabytes,
    )
    assert not missed

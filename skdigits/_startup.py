"""Start Keras: without TensorFlow's messages, on this process's share of the cores."""

import os
import re
import sys
import tempfile
from contextlib import contextmanager

# What TensorFlow 2.20 and later write to the process's standard error when they are
# imported, look for a GPU, compile for the first time and, on some processors, when
# they prepare a graph of float64. They come from C++, where no Python logger reaches,
# and TF_CPP_MIN_LOG_LEVEL is no cure: it is read once, so that it would silence the
# user's own TensorFlow code for good.
_STARTUP_MESSAGE = re.compile(
    rb"""
      ^WARNING:\ All\ log\ messages\ before\ absl::InitializeLog
    | ^To\ enable\ the\ following\ instructions
    | ^[^ ]*[IWE]\d{4}\ .*\b
      (?: cudart_stub | cpu_feature_guard | port | cuda_\w+ | gpu_device | service
        | device_compiler | computation_placer | dump_mlir_util
        | mlir_graph_optimization_pass )
      \.(?:cc|h):\d+\]
    | ^W\d{4}\ .*\ util\.cc:\d+\]\ Not\ handling\ type\ DT_DOUBLE
    | ^\d{4}-\d\d-\d\d\ .*\ [IWE]\ (?:external/local_)?(?:tensorflow|tsl|xla)/
    """,
    re.VERBOSE,
)


@contextmanager
def startup_messages_dropped():
    """Hold back standard error, then pass on all but TensorFlow's start-up messages."""
    try:
        sys.stderr.flush()
        terminal = os.dup(2)
    except (AttributeError, OSError):
        # No standard error, as under pythonw: nothing to keep quiet
        yield
        return
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(terminal, 2)
            os.close(terminal)
            held_back.seek(0)
            for line in held_back:
                if not _STARTUP_MESSAGE.search(line):
                    os.write(2, line)


def threads_allowed():
    """Return how many threads OMP_NUM_THREADS allows, None if it says nothing.

    joblib and Dask set it in their workers, so that these share the cores, and not all
    of Keras's backends look at it.
    """
    n_threads = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(n_threads) if n_threads.isdecimal() else None

"""What training does to the process: its standard error, Control-C, its threads."""

import os
import re
import signal
import sys
import tempfile
import threading
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


# Threads that took turns wrongly would leave each other's file as standard error
_standard_error = threading.RLock()


@contextmanager
def startup_messages_dropped():
    """Hold back standard error, then pass on all but TensorFlow's start-up messages."""
    with _standard_error:
        try:
            sys.stderr.flush()
            terminal = os.dup(2)
        except (AttributeError, OSError, ValueError):
            # No standard error, as under pythonw, or a closed one: nothing to keep
            # quiet
            yield
            return
        try:
            with tempfile.TemporaryFile() as held_back:
                # Control-C may strike when any of these calls comes back
                try:
                    os.dup2(held_back.fileno(), 2)
                    yield
                finally:
                    try:
                        sys.stderr.flush()
                    finally:
                        os.dup2(terminal, 2)
                    held_back.seek(0)
                    for line in held_back:
                        if not _STARTUP_MESSAGE.search(line):
                            os.write(2, line)
        finally:
            os.close(terminal)


@contextmanager
def interruptions_deferred():
    """Let Control-C wait for the end of the block.

    For what does not survive an interruption. TensorFlow, Keras and Matplotlib, half
    imported, cannot be imported again: what they had registered by then is in the way.
    """
    handler = signal.getsignal(signal.SIGINT)
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not callable(handler) or not in_main_thread:
        # Nothing is raised here
        yield
        return
    pressed = []
    signal.signal(signal.SIGINT, lambda *arguments: pressed.append(arguments))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if pressed:
            handler(*pressed[-1])


def threads_allowed():
    """Return how many threads OMP_NUM_THREADS allows, None if it says nothing.

    joblib and Dask set it in their workers, so that these share the cores, and not all
    of Keras's backends look at it.
    """
    n_threads = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(n_threads) if n_threads.isdecimal() else None

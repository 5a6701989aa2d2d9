"""Run contenders in turn, and ask processes for their time and memory."""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter


@dataclass
class Contender:
    """What is timed, under the name that the table gives it."""

    name: str
    run: Callable
    # Done before every run and not timed.
    prepare: Callable = gc.collect
    # Calls of ``run`` that a round times together, for those of microseconds.
    calls: int = 1
    # For a slow one, fewer rounds than the others run.
    rounds: int | None = None


def take_turns(benchmark, contenders, rounds, *, warm_up=True):
    """Let every contender run once a round, the first of them last.

    Whatever else the machine does then falls on all of them alike. The first is what
    pytest-benchmark times and keeps; with ``--benchmark-disable`` there is one round.

    Returns
    -------
    dict of str to list of float
        Seconds of a call, in each round, by the contenders' names.
    """
    ours, *peers = contenders
    seconds = {contender.name: [] for contender in contenders}

    def call(contender):
        for _ in range(contender.calls):
            contender.run()

    def time(contender):
        start = perf_counter()
        call(contender)
        seconds[contender.name].append((perf_counter() - start) / contender.calls)

    def run_peers():
        for peer in peers:
            if len(seconds[peer.name]) != peer.rounds:
                peer.prepare()
                time(peer)
        ours.prepare()

    if warm_up:
        for contender in contenders:
            contender.prepare()
            contender.run()
    benchmark.pedantic(time, args=(ours,), setup=run_peers, rounds=rounds)
    benchmark.extra_info["seconds"] = seconds
    return seconds


def medians(times):
    return {name: median(values) for name, values in times.items()}


def run_python(code, *arguments):
    """Run code in a new interpreter, and return what it printed, as JSON, last.

    It can import the modules of this directory.
    """
    path = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    process = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path)},
    )
    return json.loads(process.stdout.splitlines()[-1])


def memory(name):
    """Return a figure on this process's memory, in bytes: VmRSS now, VmHWM at most.

    Not ``resource.getrusage``, whose maximum a process inherits from its parent.
    """
    for line in Path("/proc/self/status").read_text().splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return int(value.split()[0]) * 1024
    raise LookupError(name)

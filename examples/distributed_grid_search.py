"""Search for good parameters on a Dask cluster, on one machine or on many.

This is the search of grid_search.py. Each fit runs on a worker of the cluster: one of
two processes on this machine, or a worker of the given scheduler. If a worker dies, the
others repeat its fits. Needs the extra "dask".
"""

import argparse
import logging
import sys
from contextlib import ExitStack, contextmanager
from functools import partial
from time import perf_counter

import joblib
from _command_line import add_random_state, add_train_size, load_training_images, run
from grid_search import GRID, make_search, print_table
from sklearn.model_selection import ParameterGrid, StratifiedKFold

from skdigits import load_mnist


def main():
    parser, args = parse_arguments()
    try:
        import distributed  # noqa: F401
    except ModuleNotFoundError:
        sys.exit('Dask is not installed. To install it: pip install "skdigits[dask]"')
    images, labels = load_training_images(args.train_size, args.random_state)
    test = load_mnist("test")
    search = make_search(args.random_state)
    folds = list(StratifiedKFold(search.cv).split(images, labels))
    with connection(parser, args.scheduler) as client:
        print(
            f"{args.train_size} training images, {len(folds)} folds, "
            f"{len(client.ncores())} workers"
        )
        topic = f"fits of {client.id}"
        progress = Progress(n_fits=len(folds) * len(ParameterGrid(GRID)))
        client.subscribe_topic(topic, progress)
        search.set_params(cv=folds, scoring=partial(score_and_tell, topic=topic))
        start = perf_counter()
        indices = [index for fold in folds for index in fold]
        with on_every_worker(client, [images, labels, *indices]):
            search.fit(images, labels)
        print(f"searched in {perf_counter() - start:.0f} s\n")

    print_table(search.cv_results_)
    best = search.best_estimator_
    print(
        "\nThe first one, fitted to all the training images: "
        f"{best.score(test.images, test.target):.2%} of {len(test.target)} test images "
        "right"
    )


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="of a running cluster, as in tcp://192.168.0.1:8786 (default: start one, "
        "of two processes on this machine)",
    )
    add_train_size(parser, default=1_000)
    add_random_state(parser)
    return parser, parser.parse_args()


@contextmanager
def connection(parser, address):
    """Connect to the cluster of an address, or start one and close it afterwards."""
    from distributed import Client, LocalCluster

    with ExitStack() as stack:
        if address is None:
            address = stack.enter_context(
                LocalCluster(
                    n_workers=2,
                    threads_per_worker=1,
                    dashboard_address=":0",  # any port that is free
                    # It warns of processes that take a while to end
                    silence_logs=logging.ERROR,
                )
            )
        try:
            client = stack.enter_context(Client(address, timeout=10))
            client.wait_for_workers(1, timeout=10)
        except TimeoutError as error:
            parser.error(f"--scheduler: no workers at {address}: {error}")
        except (OSError, ValueError) as error:
            parser.error(f"--scheduler: cannot connect to {address}: {error}")
        try:
            yield client
        except KeyboardInterrupt:
            # Tornado would report the results that were on their way
            logging.getLogger("tornado.application").setLevel(logging.CRITICAL)
            raise


@contextmanager
def on_every_worker(client, arrays):
    """Let joblib run on the cluster, with a copy of the arrays on every worker.

    joblib would send an array to one worker, which passes it on: if it died, the array
    would be lost, and the search with it. Dask would delete copies that no task waits
    for, unless its memory manager is told to stop.
    """
    managed = client.amm.running()
    client.amm.stop()
    try:
        with joblib.parallel_config(backend="dask", scatter=arrays):
            yield
    finally:
        if managed:
            client.amm.start()


def score_and_tell(model, X, y, topic):
    """Return the accuracy, and tell those of it who have subscribed to the topic."""
    from distributed import get_worker

    accuracy = model.score(X, y)
    worker = get_worker()
    worker.log_event(topic, (worker.get_current_task(), worker.address, accuracy))
    return accuracy


class Progress:
    """Prints a line for every fit that a worker has told of."""

    def __init__(self, n_fits):
        self.n_fits = n_fits
        self.done = set()

    def __call__(self, event):
        _, (task, worker, accuracy) = event
        if task not in self.done:  # else done again, since its first worker died
            self.done.add(task)
            print(
                f"fit {len(self.done):>2} of {self.n_fits}: {accuracy:.2%} by {worker}"
            )


if __name__ == "__main__":
    run(main)

"""What the examples that are programs share: arguments, images, progress, figures."""

import argparse
import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from types import SimpleNamespace

from sklearn.utils import resample

from skdigits import load_mnist


def integer(low, high):
    """Return an argparse type: an integer from low to high."""

    def integer(text):
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{value} is not from {low} to {high}")
        return value

    return integer


def output_file(default_name, suffixes):
    """Return an argparse type: a file to write to, or the directory for it."""

    def output_file(text):
        path = Path(text)
        if path.is_dir():
            path /= default_name
        if path.suffix not in suffixes:
            raise argparse.ArgumentTypeError(
                f"{text!r} is neither a directory nor a file name in "
                f"{' or '.join(suffixes)}"
            )
        if not path.parent.is_dir():
            raise argparse.ArgumentTypeError(f"there is no directory {path.parent}")
        if path.is_dir() or not os.access(
            path if path.exists() else path.parent, os.W_OK
        ):
            raise argparse.ArgumentTypeError(f"cannot write to {path}")
        return path

    return output_file


def directory(text):
    """Take a directory for an argument, one that is there or can be made."""
    path = Path(text)
    if path.exists() and not path.is_dir():
        raise argparse.ArgumentTypeError(f"{path} is a file, not a directory")
    there = path if path.exists() else path.absolute().parent
    if not there.is_dir():
        raise argparse.ArgumentTypeError(f"there is no directory {there}")
    if not os.access(there, os.W_OK):
        raise argparse.ArgumentTypeError(f"cannot write to {there}")
    return path


def add_output(parser, default_name, what, suffixes):
    parser.add_argument(
        "--output",
        type=output_file(default_name, suffixes),
        default=default_name,
        metavar="PATH",
        help=f"file or directory for the {what} (default: %(default)s)",
    )


def add_train_size(parser, default, most=60_000):
    parser.add_argument(
        "--train-size",
        type=integer(100, most),
        default=default,
        metavar="N",
        help=f"number of training images, 100 to {most} (default: %(default)s)",
    )


def add_seeds(parser, of_what):
    parser.add_argument(
        "--seeds",
        type=integer(1, 100),
        default=3,
        metavar="N",
        help=f"number of {of_what}, 1 to 100 (default: %(default)s)",
    )


def add_n_jobs(parser, default):
    parser.add_argument(
        "--n-jobs",
        type=integer(1, os.cpu_count()),
        default=default,
        metavar="N",
        help="number of processes, each of which imports TensorFlow "
        "(default: %(default)s)",
    )


def add_output_and_random_state(parser, picture_name):
    add_output(parser, picture_name, "picture", [".png", ".pdf", ".svg"])
    add_random_state(parser)


def add_random_state(parser):
    parser.add_argument(
        "--random-state",
        type=integer(0, 2**32 - 1),
        default=0,
        metavar="SEED",
        help="seed of the choice of images and of the networks (default: %(default)s)",
    )


def load_training_images(n_samples, random_state):
    """Return training images and labels in random order, every digit's fair share."""
    train = load_mnist("train")
    return resample(
        train.images,
        train.target,
        replace=False,
        n_samples=n_samples,
        stratify=train.target,
        random_state=random_state,
    )


@contextmanager
def counting(what):
    """Count the seconds that something takes, in a line that says what it is.

    A terminal shows the seconds as they pass. Elsewhere, as in a file, the line gets
    longer whenever the time has doubled, from five seconds on. What is yielded has
    the ``seconds`` in the end.
    """
    is_terminal = sys.stdout.isatty()
    timer = SimpleNamespace(seconds=None)
    over = Event()
    start = perf_counter()

    def count():
        wait = 1 if is_terminal else 5
        while not over.wait(wait):
            seconds = perf_counter() - start
            tick = (
                f"\r{what} ... {seconds:.0f} s" if is_terminal else f" {seconds:.0f} s,"
            )
            print(tick, end="", flush=True)
            wait = 1 if is_terminal else seconds

    def show(time, end):
        line = f"\r{what} ..." if is_terminal else ""
        print(line, time, end=end, flush=True)

    print(f"{what} ...", end="", flush=True)
    counter = Thread(target=count)
    try:
        # In here, or Ctrl-C in between would leave it counting
        counter.start()
        yield timer
        timer.seconds = perf_counter() - start
    finally:
        over.set()
        if counter.is_alive():
            counter.join()
    show(f"{timer.seconds:.1f} s", end="\n")


def write_json(path, content):
    """Write all of a file or nothing."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    os.replace(unfinished, path)


def run(main):
    """Run a program that the user may stop with Ctrl-C."""
    try:
        main()
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        sys.exit(130)  # as a shell reports a program that Ctrl-C ended

"""What the examples that are programs share: checked arguments, a calm Ctrl-C."""

import argparse
import os
import sys
from pathlib import Path


def integer(low, high):
    """Return an argparse type: an integer from low to high."""

    def integer(text):
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{value} is not from {low} to {high}")
        return value

    return integer


def picture(default_name):
    """Return an argparse type: a file to draw to, or the directory for it."""

    def picture(text):
        path = Path(text)
        if path.is_dir():
            path /= default_name
        if path.suffix not in {".png", ".pdf", ".svg"}:
            raise argparse.ArgumentTypeError(
                f"{text!r} is neither a directory nor a file name in .png, .pdf or .svg"
            )
        if not path.parent.is_dir():
            raise argparse.ArgumentTypeError(f"there is no directory {path.parent}")
        if path.is_dir() or not os.access(
            path if path.exists() else path.parent, os.W_OK
        ):
            raise argparse.ArgumentTypeError(f"cannot write to {path}")
        return path

    return picture


def run(main):
    """Run a program that the user may stop with Ctrl-C."""
    try:
        main()
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        sys.exit(130)  # as a shell reports a program that Ctrl-C ended

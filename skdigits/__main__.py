"""Run the package: ``python -m skdigits read PICTURE...`` reads numbers in pictures."""

import argparse
import json
import sys
import warnings


def main(arguments: list[str] | None = None) -> int:
    """Run a command, and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m skdigits", description="Read handwritten numbers in pictures."
    )
    commands = parser.add_subparsers(required=True)
    read = commands.add_parser(
        "read",
        help="print the numbers in pictures",
        description="Print the numbers in pictures, a line for each line of text, with "
        "the file's name where there are several. The status is 1 if a file cannot be "
        "read.",
    )
    read.add_argument("pictures", nargs="+", metavar="PICTURE", help="file of a photo")
    read.add_argument(
        "--json",
        action="store_true",
        help="print an object for each picture, with the box and the probability of "
        "each digit",
    )
    args = parser.parse_args(arguments)
    return _read(args.pictures, as_json=args.json)


def _read(paths, as_json):
    # What takes long to import, after the arguments are known to be right
    from skdigits import read_numbers

    status = 0
    for number, path in enumerate(paths):
        _show_progress(number, len(paths))
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", UserWarning)
                numbers = read_numbers(path)
        except (OSError, ValueError) as error:
            _show_progress(None, len(paths))
            print(f"{path}: {error}", file=sys.stderr)
            status = 1
            continue
        _show_progress(None, len(paths))
        for warning in caught:
            print(f"{path}: {warning.message}", file=sys.stderr)
        if as_json:
            print(json.dumps({"picture": path} | numbers.to_dict()), flush=True)
        else:
            before = f"{path}: " if len(paths) > 1 else ""
            for text in str(numbers).split("\n"):
                print(f"{before}{text}", flush=True)
    return status


def _show_progress(number, n_pictures):
    """Count in a line of the terminal, which None clears."""
    if n_pictures > 1 and sys.stderr.isatty():
        text = "" if number is None else f"picture {number + 1} of {n_pictures} ..."
        print(f"\r{text:<40}", end="\r", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

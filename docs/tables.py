"""Write the tables of accuracy.md from the figures in results/.

What stands between ``<!-- table: name -->`` and ``<!-- end -->`` is replaced. With
--check nothing is written, and tables that differ from the figures are an error.
"""

import argparse
import json
import re
import sys
from pathlib import Path

import numpy as np

DOCS = Path(__file__).parent
PAGE = DOCS / "accuracy.md"

MODELS = {
    "defaults": "defaults",
    "augmented": "128-64, augmented",
    "deskewed": "128-64, augmented and deskewed",
    "large": "1024-512, augmented more, 500 epochs",
    "large_deskewed": "1024-512, augmented more, deskewed, 500 epochs",
    "vote": "vote of one plain and two deskewed",
    "MLPClassifier": "scikit-learn's MLPClassifier",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    before = PAGE.read_text(encoding="utf-8")
    after = re.sub(
        r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)",
        lambda match: f"{match[1]}{TABLES[match[2]]()}\n{match[3]}",
        before,
        flags=re.DOTALL,
    )
    if check and before != after:
        sys.exit(f"{PAGE.name} differs from the figures: run docs/tables.py")
    if not check:
        PAGE.write_text(after, encoding="utf-8")


def test_images():
    results = figures_of("train_best")
    lines = [
        (
            MODELS[name],
            spread([one["accuracy"] for one in results["rows"][name]]),
            len(results["rows"][name]),
            percent(mean(results["rows"][name], "training_accuracy")),
            percent(mean(results["rows"][name], "accuracy_shifted")),
            percent(mean(results["rows"][name], "accuracy_turned")),
            f"{mean(results['rows'][name], 'log_loss'):.4f}",
            percent(mean(results["rows"][name], "calibration_error")),
            duration(min(one["fit_seconds"] for one in results["rows"][name])),
        )
        for name in MODELS
    ]
    return table(
        [
            "",
            "accuracy",
            "seeds",
            "on the training images",
            "shifted by 2 pixels",
            "turned by 15°",
            "log loss",
            "calibration error",
            "fit",
        ],
        lines,
    )


def calibration():
    lines = [
        (
            f"{MODELS[name]}, {method}",
            f"{np.mean([one[method]['log_loss'] for one in figures]):.4f}",
            percent(np.mean([one[method]["calibration_error"] for one in figures])),
            percent(np.mean([one[method]["accuracy"] for one in figures])),
        )
        for name, figures in figures_of("train_best")["calibrated"].items()
        for method in figures[0]
    ]
    return table(["", "log loss", "calibration error", "accuracy"], lines)


def ingredients():
    return validation(figures_of("ingredients")["rows"])


def search():
    rows = figures_of("defaults")["rows"]
    smoothed, others = (
        [row for row in rows if bool(row["parameters"]["label_smoothing"]) is smooth]
        for smooth in (True, False)
    )
    return validation(smoothed[:8] + others[:8])


def learning_curves():
    curves = figures_of("learning_curves")
    sizes = list(next(iter(curves.values())))
    lines = [
        (
            f"`{name}`",
            *(percent(np.mean(list(by_size[size].values()))) for size in sizes),
        )
        for name, by_size in curves.items()
    ]
    return table(["images", *(f"{int(size):,}" for size in sizes)], lines)


def small_tables():
    rows = {
        (row["data"], row["name"]): row
        for row in figures_of("auto")["rows"]
        if "images" not in row["data"]
    }
    names = {
        "auto": "`MLPDigitClassifier`",
        "400/√steps": "by the rule for more samples",
        "MLPClassifier": "`MLPClassifier`",
        "LogisticRegression": "`LogisticRegression`",
        "SVC": "`SVC`",
    }
    data_sets = list(dict.fromkeys(data for data, _ in rows))
    made = [data for data in data_sets if data.startswith("make_")]
    real = [data for data in data_sets if data not in made]

    def line(title, *data_sets):
        accuracy = (
            np.mean([rows[data, name]["accuracy"] for data in data_sets])
            for name in names
        )
        return (title, *map(percent, accuracy))

    lines = [line(data, data) for data in real]
    lines += [line("mean", *real), *(line(data, data) for data in made)]
    return table(["", *names.values()], [*lines, line("mean", *made)])


def validation(rows):
    lines = [
        (
            row["name"],
            spread(row["accuracy"]),
            f"{np.mean(row['log_loss']):.4f}",
            percent(np.mean(row["calibration_error"])),
            duration(min(row["fit_seconds"])),
        )
        for row in rows
    ]
    return table(["", "accuracy", "log loss", "calibration error", "fit"], lines)


def figures_of(name):
    return json.loads((DOCS / "results" / f"{name}.json").read_text(encoding="utf-8"))


def mean(figures, key):
    return np.mean([one[key] for one in figures])


def percent(number):
    return f"{number:.2%}"


def spread(numbers):
    """Return mean and standard deviation, or the one number there is."""
    if len(numbers) == 1:
        return percent(numbers[0])
    return f"{np.mean(numbers):.2%} ± {np.std(numbers, ddof=1):.2%}"


def duration(seconds):
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} min"


def table(headings, lines):
    rows = [headings, ["---"] * len(headings), *lines]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


TABLES = {
    "learning_curves": learning_curves,
    "test_images": test_images,
    "calibration": calibration,
    "ingredients": ingredients,
    "search": search,
    "small_tables": small_tables,
}

if __name__ == "__main__":
    main()

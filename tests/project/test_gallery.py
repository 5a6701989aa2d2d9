"""The examples of the gallery, run as programs are."""

import ast
import json
import re
import shutil

import numpy as np
import pytest
from helpers import EXAMPLES

RESULTS = EXAMPLES.parent / "docs" / "results"

# test_examples.py has a test of its own for that one
GALLERY = sorted(
    path.name
    for path in EXAMPLES.glob("plot_*.py")
    if path.name != "plot_augmentation.py"
)


def percentages(text):
    return [float(number) for number in re.findall(r"([\d.]+)%", text)]


def check_mnist(printed):
    assert "training images: (60000, 28, 28), uint8" in printed
    assert "test images: (10000, 28, 28), uint8" in printed
    assert "restored: True" in printed
    (by_average,) = percentages(re.search(r"right by.*", printed)[0])
    assert 75 < by_average < 90
    extremes = {
        name: (float(low), float(high))
        for name, low, high in re.findall(r"(\w+Scaler) +(\S+) to +(\S+)", printed)
    }
    assert extremes["FlattenScaler"] == (0, 1)
    assert extremes["StandardScaler"][1] > 100


def check_training_curves(printed):
    assert "curves: loss, accuracy, val_loss, val_accuracy" in printed
    trained, allowed = re.search(r"trained: (\d+) of (\d+)", printed).groups()
    assert int(trained) < int(allowed)
    unrestrained, restrained = re.findall(
        r"training +([\d.]+)%  validation ([\d.]+)%.* ([\d.]+), last ([\d.]+)", printed
    )
    training, validation, least, last = map(float, unrestrained)
    assert training > 99.5
    assert last > 1.1 * least
    assert float(restrained[1]) > validation
    assert float(restrained[3]) < last
    sizes = re.findall(r"images: training ([\d.]+)%, test ([\d.]+)%", printed)
    on_training, on_test = np.array(sizes, float).T
    assert np.all(on_training > on_test)
    assert np.all(np.diff(on_test) > 0)


def check_with_scikit_learn(printed):
    assert "macro avg" in printed
    rows = re.findall(r"probability ([\d.]+)%, right ([\d.]+)%, .* ([\d.]+)\n", printed)
    network, smoothed, tempered, logistic = np.array(rows, float)
    # Under-confident, then corrected
    assert smoothed[0] < smoothed[1] - 5
    assert abs(tempered[0] - tempered[1]) < 2
    assert tempered[1] == smoothed[1]
    assert tempered[2] < smoothed[2]
    assert network[1] > logistic[1]
    votes = percentages(printed[printed.rindex("log loss") :])
    assert len(votes) == 5
    assert votes[4] > votes[2] > votes[0]


def check_hard_digits(printed):
    digits = re.search(r"hardest first: (.*)", printed)[1].split()
    assert sorted(digits) == list("0123456789")
    assert set(digits[-2:]) == {"0", "1"}
    right = np.array(re.findall(r"([\d.]+)% of the rest right", printed), float)
    assert len(right) == 5
    assert np.all(np.diff(right) > 0)


def check_compare_classifiers(printed):
    live = dict(re.findall(r"(\w+) +([\d.]+)% right after 4,000", printed))
    assert set(live) == {"LogisticRegression", "SVC", "MLPDigitClassifier"}
    assert all(80 < float(accuracy) < 97 for accuracy in live.values())
    record = printed[printed.index("60,000 training images") :]
    rows = re.findall(r"^(\w+) +([\d.]+) +([\d.]+) +([\d.]+) ", record, re.M)
    assert {name for name, *_ in rows} == {*live, "MLPClassifier"}
    accuracy, low, high = np.array([numbers for _, *numbers in rows], float).T
    assert np.all((low < accuracy) & (accuracy < high))


def check_learning_curves(printed):
    live = re.findall(r"images: ([\d.]+)% of other images right", printed)
    assert 70 < float(live[0]) < float(live[-1]) < 97
    table = printed[printed.index("images for") :].splitlines()
    assert re.findall(r"\d+%", table[0]) == ["90%", "95%", "98%"]
    needed = {
        line[:27].strip(): [float(n.replace(",", "")) for n in line[27:].split()[:1]]
        for line in table[1:]
        if not line[27:].lstrip().startswith("<")
    }
    assert needed["MLPDigitClassifier"] < needed["MLPClassifier"]
    assert needed["SVC"] < needed["LogisticRegression"]


def check_grid_search(printed):
    assert "12 combinations, 3 folds" in printed
    in_search, few, many = percentages(printed[printed.index("in cross-") :])
    assert 80 < in_search < 95
    assert many > few > 80


def check_explain_prediction(printed):
    stay = percentages(printed)
    assert len(stay) == 4
    _, most, at_random, least = stay
    assert most < 70
    assert most < at_random - 20
    assert least >= at_random


def check_your_own_digits(printed):
    mnist, resized, normalized, small_resized, small_normalized = percentages(printed)
    assert resized < 30
    assert normalized > mnist - 3
    assert small_resized < 60
    assert small_normalized > 80


def check_no_digit(printed):
    lines = [percentages(line) for line in printed.splitlines()]
    assert [line[0] for line in lines] == [1, 2, 5]
    rejected = np.array(lines)[:, 1:]
    assert (rejected[0] > 60).all()
    assert (rejected[2] > 90).all()


CHECKS = {
    "plot_compare_classifiers.py": check_compare_classifiers,
    "plot_explain_prediction.py": check_explain_prediction,
    "plot_grid_search.py": check_grid_search,
    "plot_hard_digits.py": check_hard_digits,
    "plot_learning_curves.py": check_learning_curves,
    "plot_mnist.py": check_mnist,
    "plot_no_digit.py": check_no_digit,
    "plot_training_curves.py": check_training_curves,
    "plot_with_scikit_learn.py": check_with_scikit_learn,
    "plot_your_own_digits.py": check_your_own_digits,
}


def record_in(name):
    """The measurement that a script shows, from its text."""
    text = (EXAMPLES / name).read_text("utf-8")
    return ast.literal_eval(re.search(r"^record = (\{.*?^\})", text, re.M | re.S)[1])


def test_the_recorded_learning_curves_are_those_of_the_results():
    scores = json.loads((RESULTS / "learning_curves.json").read_text("utf-8"))
    means = {
        name: [100 * np.mean([*by_seed.values()]) for by_seed in by_size.values()]
        for name, by_size in scores.items()
    }
    record = record_in("plot_learning_curves.py")
    assert record.keys() == means.keys()
    for name, shown in record.items():
        np.testing.assert_allclose(shown, means[name], atol=0.0051)


def test_the_recorded_comparison_is_that_of_the_results():
    results = json.loads((RESULTS / "compare_classifiers.json").read_text("utf-8"))
    record = record_in("plot_compare_classifiers.py")
    assert results["train_size"] == 60_000
    assert record.keys() == {row["name"] for row in results["rows"]}
    for row in results["rows"]:
        accuracy, low, high, *prices = record[row["name"]]
        measured = 100 * np.array([row["accuracy"], *row["interval"]])
        np.testing.assert_allclose([accuracy, low, high], measured, atol=0.0051)
        names = "fit_seconds", "predict_seconds", "megabytes"
        measured = [row[name] for name in names]
        np.testing.assert_allclose(prices, measured, rtol=0.1)


@pytest.mark.programs
@pytest.mark.parametrize("name", GALLERY)
def test_example_runs_anywhere_without_a_display_and_prints_what_it_says(
    name, run_example, tmp_path, tmp_path_factory
):
    # A copy: what its page offers is the script alone
    alone = shutil.copy(EXAMPLES / name, tmp_path_factory.mktemp("downloads"))
    process = run_example(alone, options=["-W", "error"])
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    assert list(tmp_path.iterdir()) == []
    CHECKS[name](process.stdout)

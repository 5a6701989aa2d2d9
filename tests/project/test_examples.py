"""The examples, run as programs are."""

import json
import os
import re
import signal
import subprocess
import sys
from itertools import combinations
from time import sleep

import joblib
import numpy as np
import psutil
import pytest
from _command_line import counting
from helpers import EXAMPLES, cluster_of, small
from matplotlib.figure import Figure
from matplotlib.image import imread, imsave
from sklearn.pipeline import make_pipeline

from skdigits import FlattenScaler, load_mnist
from skdigits.preprocessing._page.segmentation import WEIGHTS_FILE

pytestmark = pytest.mark.programs

COMPARE = "compare_classifiers.py"
SEARCH = "grid_search.py"
DISTRIBUTED = "distributed_grid_search.py"
AUGMENTATION = "plot_augmentation.py"
CHOOSE = "choose_parameters.py"
BEST = "train_best.py"
CURVES = "learning_curves.py"
READ = "read_number.py"


def assert_picture(path):
    pixels = imread(path)
    height, width = pixels.shape[:2]
    assert min(height, width) >= 400
    # Neither blank nor nearly so
    assert np.mean(pixels[..., :3] < 0.5) > 0.005


PROGRAMS = sorted(
    path.name for path in EXAMPLES.glob("[!_]*.py") if "plot_" not in path.name
)

# What the extras bring, and what training alone needs
REFUSE = """
import runpy, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {
            "dask", "distributed", "keras", "onnx", "scikeras", "skimage", "skl2onnx",
            "skops", "tensorflow"
        }:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refuse())
del sys.argv[0]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_needs_nothing_that_an_extra_brings(name, environment, tmp_path):
    process = subprocess.run(
        [sys.executable, "-c", REFUSE, (EXAMPLES / name).as_posix(), "--help"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        encoding="utf-8",
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith(f"usage: {name}")
    assert process.stderr == ""


def test_a_search_on_a_cluster_without_dask_says_how_to_install_it(
    environment, tmp_path
):
    process = subprocess.run(
        [sys.executable, "-c", REFUSE, (EXAMPLES / DISTRIBUTED).as_posix()],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        encoding="utf-8",
    )
    assert process.returncode == 1
    assert 'pip install "skdigits[dask]"' in process.stderr


def percentages(text):
    return [float(number) / 100 for number in re.findall(r"([\d.]+)%", text)]


def test_compare_classifiers_prints_a_row_a_classifier_and_saves_a_picture(
    run_example, tmp_path
):
    process = run_example(COMPARE, "--train-size", 100, "--figures", ".")
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    rows = json.loads((tmp_path / "compare_classifiers.json").read_text())["rows"]
    names = [row["name"] for row in rows]
    assert names == [
        "LogisticRegression",
        "SVC",
        "MLPClassifier",
        "MLPDigitClassifier",
        "MLPDigitClassifier, elastic",
    ]
    accuracy = {}
    for name in names:
        assert f"fitting {name} ..." in process.stdout
        (row,) = re.findall(rf"^{name} .*MB$", process.stdout, re.MULTILINE)
        accuracy[name], low, high, train = percentages(row)
        assert 0.6 < low < accuracy[name] < high < 0.95
        assert 0.9 < train <= 1
    assert accuracy.pop("MLPDigitClassifier, elastic") > max(accuracy.values()) + 0.05
    assert "do equal work: 50 epochs" in process.stdout
    picture = tmp_path / "compare_classifiers.png"
    assert process.stdout.endswith(f"Picture saved to {picture.resolve()}\n")
    assert_picture(picture)


@pytest.mark.parametrize(
    ("seconds", "accuracy"),
    [
        ([3.1, 6.2, 5.5, 4.1, 22], [0.911, 0.969, 0.957, 0.966, 0.983]),
        ([15.7, 268, 15.6, 9.1, 90], [0.926, 0.984, 0.981, 0.985, 0.993]),
        ([8, 8.1, 8.5, 8.9, 10], [0.9, 0.969, 0.967, 0.968, 0.971]),
    ],
)
def test_the_names_in_the_comparison_cover_neither_points_nor_each_other(
    seconds, accuracy
):
    from compare_classifiers import DISTORTED, OURS, draw_accuracy, draw_names

    names = ["LogisticRegression", "SVC", "MLPClassifier", OURS, DISTORTED]
    results = [
        {
            "name": name,
            "fit_seconds": time,
            "accuracy": right,
            "interval": (right - 0.003, right + 0.003),
        }
        for name, time, right in zip(names, seconds, accuracy, strict=True)
    ]
    figure = Figure(figsize=(6, 5))
    ax = figure.subplots()
    draw_accuracy(ax, results)
    figure.draw_without_rendering()
    draw_names(ax, results)

    extents = [text.get_window_extent() for text in ax.texts]
    assert sorted(text.get_text() for text in ax.texts) == sorted(names)
    assert not any(a.overlaps(b) for a, b in combinations(extents, 2))
    points = ax.transData.transform(np.transpose([seconds, accuracy]))
    assert not any(extent.contains(*point) for extent in extents for point in points)


def test_counting_says_how_long_it_took(capsys):
    with counting("sleeping") as timer:
        sleep(0.1)
    assert timer.seconds == pytest.approx(0.1, abs=0.05)
    assert re.fullmatch(r"sleeping \.\.\. 0\.\d s\n", capsys.readouterr().out)


def test_counting_counts_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with counting("sleeping"):
        sleep(1.1)
    assert "\rsleeping ... 1 s\rsleeping ... 1." in capsys.readouterr().out


def test_grid_search_prints_the_combinations_by_rank_and_saves_a_picture(
    run_example, tmp_path
):
    picture = tmp_path / "scores.png"
    process = run_example(SEARCH, "--train-size", 150, "--output", picture)
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    assert "GridSearchCV - search" in process.stdout
    rows = re.findall(r"^ +(\d+) +([\d.]+)% ± ", process.stdout, re.MULTILINE)
    ranks, scores = np.array(rows, dtype=float).T
    assert len(rows) == 18
    assert ranks[0] == 1
    assert (np.diff(ranks) >= 0).all()
    assert (np.diff(scores) <= 0).all()
    (accuracy,) = re.findall(r"([\d.]+)% of 10000 test images", process.stdout)
    assert 80 < float(accuracy) < 97
    assert process.stdout.endswith(f"Picture saved to {picture.resolve()}\n")
    assert_picture(picture)


@pytest.mark.slow
def test_grid_search_runs_in_two_processes(run_example, tmp_path):
    process = run_example(
        SEARCH, "--train-size", 150, "--n-jobs", min(2, os.cpu_count())
    )
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    assert_picture(tmp_path / "grid_search.png")


def kill_worker(process, address):
    """Kill the process, of those that another one started, that is at an address."""
    port = int(address.rpartition(":")[2])
    (worker,) = (
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        for socket in child.net_connections()
        if (socket.status, socket.laddr.port) == (psutil.CONN_LISTEN, port)
    )
    worker.kill()


@pytest.fixture
def search_on_cluster(environment, tmp_path):
    """Search on a cluster, and return the lines it printed when all of it has ended."""

    def search_on_cluster(*arguments, kill_after=None):
        program = [sys.executable, "-u", EXAMPLES / DISTRIBUTED]
        process = subprocess.Popen(
            [*program, "--train-size", "150", *arguments],
            cwd=tmp_path,
            # In the table there is no fit that other threads would round otherwise
            env=environment | {"OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        lines, started = [], set()
        with process:
            for line in process.stdout:
                lines.append(line)
                if line.startswith("fit"):
                    started.update(psutil.Process(process.pid).children(recursive=True))
                if kill_after and line.startswith(f"fit {kill_after:>2} of 54"):
                    kill_worker(process, address=line.split()[-1])
            assert process.stderr.read() == ""
        assert process.returncode == 0
        _, left = psutil.wait_procs(started, timeout=10)
        assert left == []
        return lines

    return search_on_cluster


def table(lines):
    """The rows of the table, without how long the fits took."""
    pattern = r"^ +\d+ +[\d.]+% ± +[\d.]+% | s  \(.*"
    return [re.findall(pattern, line) for line in lines if "% ±" in line]


@pytest.mark.slow
def test_a_search_on_a_given_cluster_prints_the_table_of_one_process_and_leaves_it(
    search_on_cluster, run_example, environment
):
    with cluster_of(2) as client:
        lines = search_on_cluster("--scheduler", client.scheduler.address)
        given = set(client.ncores())
        assert len(given) == 2
    assert lines[0] == "150 training images, 3 folds, 2 workers\n"
    fits = [line.split() for line in lines if line.startswith("fit ")]
    assert {fit[-1] for fit in fits} == given

    environment["OMP_NUM_THREADS"] = "1"
    alone = run_example(SEARCH, "--train-size", 150)
    assert len(table(lines)) == 18
    assert table(lines) == table(alone.stdout.splitlines(keepends=True))


@pytest.mark.slow
def test_a_cluster_without_workers_is_refused(run_example):
    with cluster_of(0) as client:
        address = client.scheduler.address
        process = run_example(DISTRIBUTED, "--scheduler", address)
    assert process.returncode == 2
    assert f"--scheduler: no workers at {address}: " in process.stderr
    assert process.stdout == ""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_search_on_a_cluster_prints_the_same_table_if_a_worker_is_killed(
    search_on_cluster,
):
    undisturbed, disturbed = search_on_cluster(), search_on_cluster(kill_after=5)

    for lines in (undisturbed, disturbed):
        told = re.findall(r"^fit +(\d+) of 54: [\d.]+% by tcp", "".join(lines), re.M)
        assert [int(number) for number in told] == list(range(1, 55))
        assert re.search(r"[89]\d\.\d+% of 10000 test images right", lines[-1])
    assert len(table(undisturbed)) == 18
    assert table(disturbed) == table(undisturbed)
    workers = {line.split()[-1] for line in disturbed if line.startswith("fit ")}
    assert len(workers) >= 2


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        (COMPARE, ["--train-size", "0"], "--train-size: 0 is not from 100 to 60000"),
        (COMPARE, ["--output", "a.txt"], "--output: 'a.txt' is neither a directory"),
        (SEARCH, ["--output", "no/a.png"], "--output: there is no directory no"),
        (SEARCH, ["--n-jobs", "none"], "--n-jobs: invalid integer value: 'none'"),
        (READ, ["none.png"], "the path 'none.png', but there is no such file"),
        (READ, [str(EXAMPLES)], f"the file '{EXAMPLES}', which cannot be read"),
        (READ, [__file__], f"the file {__file__!r}, which cannot be read as a picture"),
        (READ, ["--model", "none.joblib"], "--model: there is no file none.joblib"),
        (READ, ["--model", __file__], f"{__file__} is no file that joblib.dump wrote"),
        (READ, ["--model", "."], "--model: . is a directory, not a file"),
        (CHOOSE, ["auto", "--cache", __file__], f"{__file__} is a file, not a dir"),
        (BEST, ["--models", __file__], f"{__file__} is a file, not a directory"),
        (
            DISTRIBUTED,
            ["--train-size", "9"],
            "--train-size: 9 is not from 100 to 60000",
        ),
        (
            DISTRIBUTED,
            ["--scheduler", "nowhere"],
            "--scheduler: cannot connect to nowhere: missing port number",
        ),
    ],
)
def test_bad_arguments_are_refused_before_any_work(
    name, arguments, message, run_example, tmp_path
):
    process = run_example(name, *arguments)
    assert process.returncode == 2
    assert message in process.stderr
    assert process.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "[1, 2", "5", '{"SVC": 3}', '{"a": {}}'])
def test_a_file_that_holds_no_learning_curves_is_left_alone(
    content, run_example, tmp_path
):
    (tmp_path / "scores.json").write_text(content)
    process = run_example(CURVES, "--results", "scores.json")
    assert process.returncode == 2
    assert "scores.json holds no scores of this program. Remove it" in process.stderr
    assert (tmp_path / "scores.json").read_text() == content


@pytest.fixture
def interrupt_example(environment, tmp_path):
    """Run an example, press Ctrl-C when it has printed a text, and return its end."""

    def interrupt_example(name, *arguments, at):
        # A process inherits that SIGINT is ignored, as in a shell's background jobs
        previous = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            process = subprocess.Popen(
                [sys.executable, EXAMPLES / name, *arguments],
                cwd=tmp_path,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
            )
        finally:
            signal.signal(signal.SIGINT, previous)
        with process:
            printed = ""
            while at not in printed:
                character = process.stdout.read(1)
                assert character, process.stderr.read()
                printed += character
            process.send_signal(signal.SIGINT)
            _, error = process.communicate(timeout=60)
        return process.returncode, error

    return interrupt_example


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_ctrl_c_ends_a_search_on_a_cluster_with_one_line(interrupt_example):
    arguments = ["--train-size", "150"]
    end = interrupt_example(DISTRIBUTED, *arguments, at="fit  2 of 54")
    assert end == (130, "\nInterrupted.\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_ctrl_c_ends_with_one_line(interrupt_example, tmp_path):
    assert interrupt_example(COMPARE, at="fitting") == (130, "\nInterrupted.\n")
    assert list(tmp_path.iterdir()) == []


def test_plot_augmentation_shows_that_distorted_training_images_help(run_example):
    process = run_example(AUGMENTATION)
    assert process.returncode == 0, process.stderr
    none, affine, elastic = (
        np.array(percentages(line)) for line in process.stdout.splitlines()
    )

    assert none.shape == (3,)
    assert np.all(affine < none)
    assert np.all(elastic < none)


def test_choose_parameters_writes_scores_of_every_candidate_the_best_first(
    run_example, tmp_path
):
    size = ["--train-size", 200, "--epochs", 1, "--seeds", 2, "--n-jobs", 1]
    process = run_example(CHOOSE, "defaults", *size)
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    rows = json.loads((tmp_path / "parameters.json").read_text())["rows"]
    assert len(rows) == 36
    assert all(len(row["accuracy"]) == 2 for row in rows)
    means = np.array([np.mean(row["accuracy"]) for row in rows])
    assert np.all(np.diff(means) <= 0)
    (first,) = re.findall(rf"{rows[0]['name']} +([\d.]+)%", process.stdout)
    assert float(first) / 100 == pytest.approx(means[0], abs=1e-4)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_the_search_for_auto_goes_on_where_it_was_stopped(
    interrupt_example, run_example, tmp_path
):
    arguments = ["auto", "--quick"]
    assert interrupt_example(CHOOSE, *arguments, at="2 of 12") == (
        130,
        "\nInterrupted.\n",
    )
    assert not (tmp_path / "parameters.json").exists()
    kept = set((tmp_path / "choose_parameters_auto").rglob("output.pkl"))
    assert len(kept) >= 1

    process = run_example(CHOOSE, *arguments)
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    rows = json.loads((tmp_path / "parameters.json").read_text())["rows"]
    accuracy = {row["name"]: row["accuracy"] for row in rows}
    assert accuracy["20 epochs"] < accuracy["400/√steps"]
    steps = {row["name"]: row["n_steps"] for row in rows if "n_steps" in row}
    assert steps["400/√steps"] == [400]
    assert len(rows) == 12


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_train_best_goes_on_where_it_was_stopped(
    interrupt_example, run_example, tmp_path
):
    code, _ = interrupt_example(BEST, "--quick", at="minutes left in all")
    assert code == 130
    assert not (tmp_path / "train_best.json").exists()

    process = run_example(BEST, "--quick")
    assert process.returncode == 0, process.stderr
    (found,) = re.findall(r"8 networks to train, (\d) of them found", process.stdout)
    assert int(found) >= 1
    results = json.loads((tmp_path / "train_best.json").read_text())
    assert {name: len(figures) for name, figures in results["rows"].items()} == {
        "defaults": 1,
        "augmented": 1,
        "deskewed": 1,
        "large": 1,
        "large_deskewed": 1,
        "MLPClassifier": 1,
        "vote": 1,
    }
    for name, figures in results["rows"].items():
        # To be shifted makes no difference behind a DigitNormalizer
        slack = 0.01 if name in ("deskewed", "large_deskewed") else 0
        for one in figures:
            assert 0.4 < one["accuracy_shifted"] < one["accuracy"] + slack < 0.9
            assert one["calibration_error"] < 0.6
            assert 0.4 < one["log_loss"] < 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_learning_curves_go_on_where_they_were_stopped(
    interrupt_example, run_example, tmp_path
):
    arguments = ["--train-size", "100", "--seeds", "1"]
    code, _ = interrupt_example(CURVES, *arguments, at="3 of 5")
    assert code == 130
    kept = json.loads((tmp_path / "learning_curves.json").read_text())
    assert len(kept) == 2

    process = run_example(CURVES, *arguments)
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    assert re.findall(r"^(\d) of 5", process.stdout, re.MULTILINE) == ["3", "4", "5"]
    scores = json.loads((tmp_path / "learning_curves.json").read_text())
    assert all(0.6 < by_size["100"]["0"] < 0.95 for by_size in scores.values())
    assert kept.items() <= scores.items()
    assert_picture(tmp_path / "learning_curves.png")


@pytest.fixture(scope="module")
def model_file(tmp_path_factory):
    train = load_mnist("train")
    model = make_pipeline(FlattenScaler(), small(hidden_layer_sizes=(128,), epochs=10))
    model.fit(train.images[:5000], train.target[:5000])
    path = tmp_path_factory.mktemp("model") / "model.joblib"
    joblib.dump(model, path)
    return path


def test_read_number_reads_a_sample_and_saves_a_picture(run_example, tmp_path):
    process = run_example(READ)
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    (drawn,) = re.findall(r"a sample of (\d{5}):$", process.stdout, re.MULTILINE)
    (read,) = re.findall(r"^(\d+)$", process.stdout, re.MULTILINE)
    assert len(read) == 5
    assert sum(a == b for a, b in zip(drawn, read, strict=True)) >= 4
    picture = tmp_path / "read_number.png"
    assert process.stdout.endswith(f"Picture saved to {picture.resolve()}\n")
    assert_picture(picture)


@pytest.fixture
def two_pictures(tmp_path):
    """Two files of two lines of four digits each, and the lines."""
    test = load_mnist("test")
    for name, start in {"a.png": 0, "b.png": 8}.items():
        lines = test.images[start : start + 8].reshape(2, 4, 28, 28)
        rows = np.vstack([np.hstack(list(line)) for line in lines])
        imsave(tmp_path / name, 255 - rows, cmap="gray")
    return ["".join(map(str, line)) for line in test.target[:16].reshape(4, 4)]


def alike(texts, others):
    """Count the characters that are the same."""
    return sum(a == b for a, b in zip("".join(texts), "".join(others), strict=True))


def test_read_number_reads_files_line_by_line(run_example, two_pictures):
    process = run_example(READ, "a.png", "b.png")
    assert process.returncode == 0, process.stderr
    assert re.findall(r"^(\d of 2, .*):$", process.stdout, re.MULTILINE) == [
        "1 of 2, a.png",
        "2 of 2, b.png",
    ]
    read = re.findall(r"^(\d{4})$", process.stdout, re.MULTILINE)
    assert alike(read, two_pictures) >= 15


def test_read_number_reads_with_a_model_of_mnists_images(
    run_example, model_file, two_pictures
):
    process = run_example(READ, "a.png", "--model", model_file)
    assert process.returncode == 0, process.stderr
    read = re.findall(r"^(\d{4})$", process.stdout, re.MULTILINE)
    assert alike(read, two_pictures[:2]) >= 7


def test_read_number_prints_json(run_example, two_pictures):
    process = run_example(READ, "a.png", "b.png", "--json")
    assert process.returncode == 0, process.stderr
    pictures = [json.loads(line) for line in process.stdout.splitlines()]
    assert [picture["picture"] for picture in pictures] == ["a.png", "b.png"]
    digits = [digit["digit"] for picture in pictures for digit in picture["digits"]]
    assert alike(map(str, digits), two_pictures) >= 15


def test_read_number_says_which_file_is_missing(run_example):
    process = run_example(READ, "nothing.png")
    assert process.returncode == 2
    assert "'nothing.png', but there is no such file" in process.stderr


@pytest.mark.slow
def test_train_reader_writes_a_reader(run_example, tmp_path):
    process = run_example("train_reader.py", "--quick")
    assert process.returncode == 0, process.stderr
    accuracy, error = percentages(process.stdout)
    assert accuracy > 0.75
    assert error < 0.1
    assert (tmp_path / "reader.npz").stat().st_size < 2_000_000


@pytest.mark.slow
def test_train_segmentation_writes_the_network(run_example, tmp_path):
    process = run_example("train_segmentation.py", "--quick")
    assert process.returncode == 0, process.stderr
    losses = [float(loss) for loss in re.findall(r" loss: ([\d.]+)", process.stdout)]
    assert losses[-1] < losses[0]
    with np.load(tmp_path / "segmentation.npz") as arrays:
        stored = np.load(WEIGHTS_FILE)
        assert {name: arrays[name].shape for name in arrays} == {
            name: stored[name].shape for name in stored
        }

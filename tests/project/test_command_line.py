"""``python -m skdigits``."""

import json
import subprocess
import sys

import numpy as np
import pytest
from helpers import run_python
from PIL import Image

from skdigits import load_mnist
from skdigits.__main__ import main


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two pictures of four test digits each."""
    folder = tmp_path_factory.mktemp("pictures")
    images = load_mnist("test").images[:8].reshape(2, 4, 28, 28)
    for name, line in zip(["a.png", "b.png"], images, strict=True):
        Image.fromarray(255 - np.hstack(list(line))).save(folder / name)
    return [str(folder / name) for name in ("a.png", "b.png")]


def test_one_picture_prints_its_numbers(files, capsys):
    assert main(["read", files[0]]) == 0
    assert capsys.readouterr() == ("7210\n", "")


def test_several_pictures_print_their_names(files, capsys):
    assert main(["read", *files]) == 0
    expected = f"{files[0]}: 7210\n{files[1]}: 4149\n"
    assert capsys.readouterr() == (expected, "")


def test_json_is_an_object_for_each_picture(files, capsys):
    assert main(["read", "--json", *files]) == 0
    lines = capsys.readouterr().out.splitlines()
    pictures = [json.loads(line) for line in lines]
    assert [picture["picture"] for picture in pictures] == files
    assert [picture["numbers"] for picture in pictures] == [["7210"], ["4149"]]
    assert all(0 <= each["probability"] <= 1 for each in pictures[0]["digits"])


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_read(files, capsys):
    assert main(["read", "nothing.png", files[0]]) == 1
    printed = capsys.readouterr()
    assert printed.out == f"{files[0]}: 7210\n"
    assert printed.err.startswith("nothing.png: ")
    assert "there is no such file" in printed.err


def test_a_file_that_is_no_picture_is_named(tmp_path, capsys):
    (tmp_path / "text.png").write_text("no picture")
    assert main(["read", str(tmp_path / "text.png")]) == 1
    assert "cannot be read as a picture" in capsys.readouterr().err


def test_a_file_that_is_too_large_does_not_end_the_batch(files, capsys, monkeypatch):
    pixels = 28 * 4 * 28  # of the others; Pillow raises above twice its limit
    wide = files[0].replace("a.png", "wide.png")
    Image.new("1", (2 * pixels + 1, 1)).save(wide)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", pixels)

    assert main(["read", wide, files[0]]) == 1
    printed = capsys.readouterr()
    assert printed.out == f"{files[0]}: 7210\n"
    assert "which is too large for Pillow" in printed.err


@pytest.mark.filterwarnings("default")
def test_a_large_file_is_read_and_what_pillow_says_has_its_name(
    files, capsys, monkeypatch
):
    pixels = 28 * 4 * 28
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", pixels - 1)

    assert main(["read", *files]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{files[0]}: 7210\n{files[1]}: 4149\n"
    for line, file in zip(printed.err.splitlines(), files, strict=True):
        assert line.startswith(f"{file}: Image size ({pixels} pixels) exceeds limit")


def test_a_terminal_counts_the_pictures(files, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["read", *files]) == 0
    assert "picture 2 of 2" in capsys.readouterr().err


def test_without_a_command_it_says_which_there_are(capsys):
    with pytest.raises(SystemExit) as exit:
        main([])
    assert exit.value.code == 2
    assert "read" in capsys.readouterr().err


def test_help_imports_nothing_that_takes_long():
    code = (
        "import sys; from skdigits.__main__ import main\n"
        "try: main(['read', '--help'])\n"
        "except SystemExit: pass\n"
        "print({'sklearn', 'numpy', 'tensorflow', 'matplotlib'} & {*sys.modules})"
    )
    printed = run_python(code).stdout
    assert printed.startswith("usage: python -m skdigits read")
    assert printed.endswith("set()\n")


@pytest.mark.programs
def test_the_package_runs_as_a_module(files):
    command = [sys.executable, "-m", "skdigits", "read", files[0]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("7210\n", "")

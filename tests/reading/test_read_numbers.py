"""From pictures to numbers, and what shows them."""

import base64
import json
import re

import numpy as np
import pytest
from PIL import Image
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skdigits import (
    DigitNormalizer,
    FlattenScaler,
    Numbers,
    load_mnist,
    load_reader,
    read_numbers,
)

TEST = load_mnist("test")
LINES = ["".join(map(str, line)) for line in TEST.target[:8].reshape(2, 4)]


@pytest.fixture(scope="module")
def picture():
    """Two lines of four digits, dark on light."""
    lines = TEST.images[:8].reshape(2, 4, 28, 28)
    return 255 - np.vstack([np.hstack(list(line)) for line in lines])


@pytest.fixture(scope="module")
def numbers(picture):
    return read_numbers(picture)


@pytest.fixture
def saved(picture, tmp_path):
    path = tmp_path / "numbers.png"
    Image.fromarray(picture).save(path)
    return path


def test_numbers_are_read_line_by_line(numbers):
    assert numbers.numbers == LINES
    np.testing.assert_array_equal(numbers.digits, TEST.target[:8])
    np.testing.assert_array_equal(numbers.lines, [0] * 4 + [1] * 4)


def test_every_digit_has_a_box_and_probabilities(numbers):
    assert numbers.boxes.shape == (8, 4)
    assert numbers.probabilities.shape == (8, 10)
    np.testing.assert_allclose(numbers.probabilities.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(numbers.probabilities.argmax(axis=1), numbers.digits)
    middles = (numbers.boxes[:, :2] + numbers.boxes[:, 2:]) // 2 // 28
    np.testing.assert_array_equal(middles, list(np.ndindex(2, 4)))


def test_paths_pictures_of_pillow_and_arrays_are_the_same(numbers, picture, saved):
    for same in (str(saved), saved, Image.open(saved), picture.tolist()):
        other = read_numbers(same)
        np.testing.assert_array_equal(other.boxes, numbers.boxes)
        np.testing.assert_allclose(
            other.probabilities, numbers.probabilities, atol=1e-3
        )


def test_a_photo_is_turned_as_its_camera_says(picture, tmp_path):
    path = tmp_path / "turned.png"
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees to the right
    Image.fromarray(np.rot90(picture)).save(path, exif=exif)
    numbers = read_numbers(path)
    assert numbers.numbers == LINES
    np.testing.assert_array_equal(numbers.picture, picture)


def test_a_reader_of_ones_own_reads(picture):
    normalizer, scaler, classifier = load_reader()
    classifier.classes_ = np.array(list("abcdefghij"))
    reader = make_pipeline(normalizer, scaler, classifier)
    expected = ["".join("abcdefghij"[int(digit)] for digit in line) for line in LINES]
    assert read_numbers(picture, reader).numbers == expected


@pytest.mark.parametrize("picture", [np.full((40, 60), 255), np.zeros((40, 60, 3))])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_an_empty_page_has_no_numbers(picture):
    numbers = read_numbers(picture)
    assert numbers.numbers == []
    assert numbers.boxes.shape == (0, 4)
    assert numbers.probabilities.shape == (0, 10)
    assert numbers.to_dict() == {"numbers": [], "digits": []}
    assert repr(numbers) == "no digits found"
    assert "<img" in numbers._repr_html_()


# How they show themselves


def test_the_repr_is_the_lines(numbers):
    assert repr(numbers) == str(numbers) == "\n".join(LINES)


def test_a_notebook_shows_the_picture_and_the_lines(numbers, tmp_path):
    html = numbers._repr_html_()
    assert html.endswith(f"<pre>{numbers}</pre>")
    (png,) = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    path = tmp_path / "shown.png"
    path.write_bytes(base64.b64decode(png))
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    is_green = pixels[..., 1] > pixels[..., 0] + 100
    assert is_green.sum() > 500  # of the boxes


def test_labels_are_escaped_in_a_notebook(numbers):
    evil = Numbers(**numbers | {"numbers": ["<script>"]})
    assert "<script>" not in evil._repr_html_()
    assert "<pre>&lt;script&gt;</pre>" in evil._repr_html_()


def test_showing_opens_no_figure_of_pyplot(numbers):
    import matplotlib.pyplot as plt

    numbers._repr_html_()
    assert plt.get_fignums() == []


def test_a_dictionary_of_plain_values_goes_into_json(numbers):
    content = json.loads(json.dumps(numbers.to_dict()))
    assert content["numbers"] == LINES
    first = content["digits"][0]
    assert first.keys() == {"digit", "probability", "line", "box"}
    assert (first["digit"], first["line"]) == (7, 0)
    assert first["box"] == numbers.boxes[0].tolist()


# What is refused


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"picture is the path .*nothing\.png"):
        read_numbers(tmp_path / "nothing.png")


def test_a_file_that_is_no_picture_is_named(tmp_path):
    path = tmp_path / "text.png"
    path.write_text("no picture")
    with pytest.raises(ValueError, match=r"text\.png.*cannot be read as a picture"):
        read_numbers(path)


def test_a_file_cut_short_is_named(saved):
    saved.write_bytes(saved.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"numbers\.png"):
        read_numbers(saved)


def test_a_directory_is_named(tmp_path):
    with pytest.raises(ValueError, match=tmp_path.name):
        read_numbers(tmp_path)


def test_a_reader_without_probabilities_is_refused(picture):
    with pytest.raises(TypeError, match=r"reader must .* Got LinearSVC"):
        read_numbers(picture, LinearSVC())


def test_a_reader_that_is_not_fitted_is_refused(picture):
    pipeline = make_pipeline(DigitNormalizer(), *load_reader()[1:])
    unfitted = pipeline.set_params(mlpdigitclassifier=type(pipeline[-1])())
    with pytest.raises(NotFittedError):
        read_numbers(picture, unfitted)


def test_a_reader_of_images_of_one_size_gets_the_mend(picture):
    reader = make_pipeline(FlattenScaler(), load_reader()[-1])
    reader[0].fit(TEST.images[:10])
    with pytest.raises(ValueError, match="differ in shape") as raised:
        read_numbers(picture, reader)
    assert "start with a DigitNormalizer" in raised.value.__notes__[0]

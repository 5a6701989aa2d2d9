"""What a picture is, and its grey."""

import re

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image

from skdigits._utils.pictures import (
    check_finite,
    read_picture,
    read_pictures,
    to_grey,
)

IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
ROWS = IMAGES.reshape(2, 12)

# Dark strokes and light paper
L = np.array([[250, 250, 250, 10], [250, 10, 10, 250]], np.uint8)
RGB = np.dstack([L, L, L])
OPACITY = np.array([[0, 0, 0, 255], [0, 255, 255, 0]], np.uint8)


def grey(picture):
    """A picture's grey, from 0 to 1."""
    values = to_grey(read_picture(picture)[np.newaxis])[0].astype(float)
    return (values - values.min()) / np.ptp(values)


# One picture


def transparent_palette():
    picture = Image.fromarray(L // 250).convert("P")
    picture.putpalette([0, 0, 0, 0, 0, 0])
    picture.info["transparency"] = 1
    return picture


FORMS = {
    "1": (Image.fromarray(L > 100), "png"),
    "L": (Image.fromarray(L), "png"),
    "LA": (Image.fromarray(np.dstack([L, np.full_like(L, 255)])), "png"),
    "RGB": (Image.fromarray(RGB), "png"),
    "RGBA": (Image.fromarray(np.dstack([RGB, np.full_like(L, 255)])), "png"),
    "palette": (Image.fromarray(RGB).convert("P"), "png"),
    "palette with transparency": (transparent_palette(), "png"),
    "dark ink on transparent": (Image.fromarray(np.dstack([L, OPACITY])), "png"),
    "CMYK": (Image.fromarray(RGB).convert("CMYK"), "tiff"),
    "16 bits": (Image.fromarray(L.astype(np.uint16) * 257), "png"),
    "16 bits of TIFF": (Image.fromarray(L.astype(np.uint16) * 257), "tiff"),
    "32 bits": (Image.fromarray(L.astype(np.int32) * 99999), "tiff"),
    "floats": (Image.fromarray(L.astype(np.float32) / 255), "tiff"),
    "LA of TIFF": (Image.fromarray(np.dstack([L, np.full_like(L, 255)])), "tiff"),
    "RGBA of TIFF": (Image.fromarray(np.dstack([RGB, np.full_like(L, 255)])), "tiff"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_file_shows_the_same_in_every_form(form, tmp_path):
    picture, ending = FORMS[form]
    path = tmp_path / f"picture.{ending}"
    picture.save(path)

    for given_as in (path, str(path), picture):
        np.testing.assert_allclose(grey(given_as), L > 100, atol=0.02)


def test_an_image_of_luma_and_chroma_shows_the_same():
    # Not from a file: before version 13, Pillow cannot read the TIFF that it writes
    image = Image.fromarray(RGB).convert("YCbCr")
    np.testing.assert_allclose(grey(image), L > 100, atol=0.02)


def test_two_channels_and_the_lightness_of_lab_are_read():
    lab = Image.merge("LAB", [Image.fromarray(L)] * 3)
    np.testing.assert_array_equal(grey(lab), L > 100)
    np.testing.assert_array_equal(grey(np.dstack([L, np.full_like(L, 255)])), L > 100)


def test_transparency_of_a_grey_file_is_kept(tmp_path):
    drawing = Image.fromarray(np.where(L > 100, 7, 250).astype(np.uint8))
    drawing.save(tmp_path / "light.png", transparency=7)

    # Light ink, so that the transparent rest is black
    assert read_picture(tmp_path / "light.png").shape == (2, 4, 2)
    np.testing.assert_array_equal(grey(tmp_path / "light.png"), L < 100)


def test_a_photo_is_turned_as_its_exif_data_says(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned clockwise, to be shown
    Image.fromarray(L).save(tmp_path / "photo.png", exif=exif)

    np.testing.assert_array_equal(
        read_picture(tmp_path / "photo.png"), np.rot90(L, k=-1)
    )


def test_the_first_image_of_several_is_taken(tmp_path):
    first, second = Image.fromarray(L), Image.fromarray(255 - L)
    first.save(tmp_path / "pages.tiff", save_all=True, append_images=[second])

    np.testing.assert_array_equal(read_picture(tmp_path / "pages.tiff"), L)


def test_an_array_is_not_copied():
    assert np.shares_memory(read_picture(L), L)


def test_a_missing_file_is_named_with_the_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = f"photo is the path 'my3.png', but there is no such file. .*{tmp_path.name}"
    with pytest.raises(FileNotFoundError, match=words):
        read_picture("my3.png", name="photo")


def test_a_file_that_is_no_picture_is_named(tmp_path):
    text, cut = tmp_path / "text.png", tmp_path / "cut.png"
    text.write_text("no picture")
    Image.fromarray(np.tile(L, (50, 50))).save(cut)
    cut.write_bytes(cut.read_bytes()[:90])

    for path in (text, cut, tmp_path):
        words = f"image is the file {str(path)!r}, which cannot be read as a picture"
        with pytest.raises(ValueError, match=re.escape(words)):
            read_picture(path)


@pytest.fixture
def large(tmp_path, monkeypatch):
    """A picture that Pillow warns of; one of more than twice the limit is an error."""
    path = str(tmp_path / "large.png")
    Image.fromarray(np.tile(L, (10, 5))).save(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 399)
    return path


def too_large(path):
    return re.escape(f"X[1] is the file {path!r}, which is too large for Pillow: ")


def test_a_file_that_pillow_refuses_for_its_size_is_named(large, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 199)
    mend = "Make the picture smaller.*MAX_IMAGE_PIXELS"
    with pytest.raises(ValueError, match=too_large(large) + f".*{mend}"):
        read_pictures([L, large])


def test_a_file_that_pillow_warns_of_for_its_size_is_read(large):
    with pytest.warns(Image.DecompressionBombWarning, match="400 pixels"):
        picture = read_picture(large)

    np.testing.assert_array_equal(picture, np.tile(L, (10, 5)))


@pytest.mark.filterwarnings("error")
def test_a_warning_of_the_size_that_is_raised_names_the_file(large):
    with pytest.raises(ValueError, match=too_large(large)):
        read_pictures([L, large])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (None, "image is None. Expected the path"),
        (b"\x89PNG", "image is a bytes. Expected the path"),
        ([[1, 2], [3]], "image is no image: its rows differ in length"),
        (np.zeros(5), "image has shape (5,). Expected the path of a picture file"),
        (np.zeros((2, 3, 5)), "image has shape (2, 3, 5). Expected the path"),
        (np.zeros((2, 0)), "image has no pixels: its shape is (2, 0)"),
        (np.zeros((2, 2), complex), "image has values of type complex128"),
        (np.full((2, 2), np.nan), "image contains NaN"),
        (np.full((2, 2), np.longdouble("1e4000")), "image contains infinity"),
    ],
)
def test_what_is_no_picture_is_refused(wrong, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        read_picture(wrong)


# Several that may differ in size and colour


@pytest.mark.parametrize(
    "X", [ROWS, ROWS.tolist(), list(ROWS), pd.DataFrame(ROWS), sp.csr_array(ROWS)]
)
def test_a_table_of_rows_is_left_to_scikit_learn(X):
    assert read_pictures(X) is None


@pytest.mark.parametrize("container", [list, tuple, np.array, pd.Series])
def test_no_pictures_are_refused_as_such(container):
    nothing = container(np.array([], object))
    with pytest.raises(ValueError, match=r"X has no images: it is an empty \w+\. Exp"):
        read_pictures(nothing)


def test_images_of_one_size_are_one_group_and_not_copied():
    ((indices, images),) = read_pictures(IMAGES)

    assert indices.tolist() == [0, 1]
    assert np.shares_memory(images, IMAGES)


def test_images_of_a_list_are_grouped_by_shape_and_type():
    row = np.arange(12, dtype=np.uint8)
    X = [IMAGES[0], row, IMAGES[1], IMAGES[0] / 2, Image.fromarray(IMAGES[0])]

    groups = read_pictures(X)

    assert [indices.tolist() for indices, _ in groups] == [[0, 2, 4], [1], [3]]
    for indices, images in groups:
        for index, image in zip(indices, images, strict=True):
            np.testing.assert_array_equal(image, X[index])


@pytest.mark.parametrize("container", [list, tuple, np.array, pd.Series])
def test_several_files_are_read(container, tmp_path):
    paths = [str(tmp_path / f"{number}.png") for number in range(2)]
    for path, image in zip(paths, IMAGES, strict=True):
        Image.fromarray(image).save(path)

    ((indices, images),) = read_pictures(container(paths))

    assert indices.tolist() == [0, 1]
    np.testing.assert_array_equal(images, IMAGES)


def test_the_first_image_that_is_not_finite_is_named():
    images, names = np.zeros((3, 2, 2)), ["X[4]", "X[5]", "X[6]"]
    assert check_finite(images, names) is images
    images[1, 0, 0], images[2, 0, 0] = np.inf, np.nan
    with pytest.raises(ValueError, match=re.escape("X[5] contains infinity")):
        check_finite(images, names)


# Grey


def test_grey_of_colours_is_their_luminance():
    colours = np.array([[[[200, 0, 0], [0, 200, 0], [0, 0, 200], [200] * 3]]], np.uint8)

    np.testing.assert_allclose(to_grey(colours), [[[42.5, 143.08, 14.42, 200]]])


def test_what_is_transparent_shows_the_paper_that_ink_stands_out_of():
    half = [[[[30, 255], [30, 128], [30, 0]]], [[[225, 255], [225, 128], [225, 0]]]]

    dark, light = to_grey(np.array(half, np.uint8))

    np.testing.assert_allclose(dark[0], [30, 142, 255], atol=1)
    np.testing.assert_allclose(light[0], [225, 113, 0], atol=1)


@pytest.mark.parametrize("paper", [0, 255])
def test_around_opaque_paper_there_is_more_of_it(paper):
    values = np.full((20, 20), paper, np.uint8)
    values[8:12, 9] = 255 - paper
    opacity = np.full_like(values, 255)
    opacity[:2, :5] = 0
    values[:2, :5] = 128  # hidden

    expected = np.where(opacity, values, paper)
    np.testing.assert_array_equal(grey(np.dstack([values, opacity])), expected / 255)


@pytest.mark.parametrize("paper", [0, 255])
@pytest.mark.parametrize("margin", [2, 20, 60])
def test_paper_is_paper_however_wide_its_transparent_margin(margin, paper):
    values = np.full((20, 20), paper, np.uint8)
    values[8:12, 9] = 255 - paper
    picture = np.stack([values, np.full_like(values, 255)], axis=-1)
    sheet = np.pad(picture, [(margin, margin)] * 2 + [(0, 0)])

    expected = np.pad(values, margin, constant_values=paper)
    np.testing.assert_array_equal(grey(sheet), expected / 255)


@given(
    npst.arrays(
        st.sampled_from(["?", "u1", "u2", "i8", "f4", "f8"]),
        st.tuples(*[st.integers(1, 4)] * 3, st.sampled_from([1, 2, 3, 4])),
    ).filter(lambda images: np.isfinite(images).all())
)
def test_grey_of_any_channels_is_finite_and_within_the_values(images):
    before = images.copy()
    values = to_grey(images)

    np.testing.assert_array_equal(images, before)
    assert values.shape == images.shape[:3]
    assert np.isfinite(values).all()

"""NormalizationDisplay: what it shows, of what, and where."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from distorted_pictures import photograph
from helpers import assert_like_baseline, assert_readable
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from skdigits import (
    DigitNormalizer,
    FlattenScaler,
    MLPDigitClassifier,
    NormalizationDisplay,
    load_mnist,
)

STAGES = ["raw", "background removed", "cropped", "scaled", "evened", "centred"]

pytestmark = pytest.mark.usefixtures("no_window")


@pytest.fixture(scope="module")
def digits():
    train = load_mnist("train")
    return train.images[:60], train.target[:60]


@pytest.fixture
def photos(digits):
    """Pictures of different sizes, dark on light and light on dark."""
    (first, second), third = photograph(digits[0][:2], seed=0), digits[0][2]
    return [first, second[:, 5:], third]


def test_a_row_for_each_picture_and_a_column_for_each_step(photos):
    display = NormalizationDisplay.from_estimator(DigitNormalizer(), photos)

    assert display.axes_.shape == (3, 6)
    assert [ax.get_title() for ax in display.axes_[0]] == STAGES
    for row, stages in zip(display.axes_, display.stages, strict=True):
        assert list(stages) == STAGES
        for ax, image in zip(row, stages.values(), strict=True):
            np.testing.assert_array_equal(ax.images[0].get_array(), image)


def test_steps_lead_from_the_picture_to_what_transform_returns(photos):
    normalizer = DigitNormalizer()
    display = NormalizationDisplay.from_estimator(normalizer, photos)

    rows = normalizer.transform(photos)
    for photo, stages, row in zip(photos, display.stages, rows, strict=True):
        np.testing.assert_array_equal(stages["raw"], photo)
        assert stages["background removed"].shape == photo.shape
        assert stages["background removed"].min() == 0
        assert stages["cropped"].size < photo.size
        # The longer side, with a border of one pixel
        assert max(stages["scaled"].shape) == 22
        np.testing.assert_array_equal(np.rint(255 * stages["centred"]).ravel(), row)


def test_thick_strokes_are_shown_before_and_after_they_are_evened():
    bar = np.zeros((48, 48), np.uint8)
    bar[8:40, 17:31] = 255
    display = NormalizationDisplay.from_estimator(DigitNormalizer(), [bar])

    (stages,) = display.stages
    widths = [(stages[name] > 0.5).any(axis=0).sum() for name in ("scaled", "evened")]
    assert widths == [9, 3]


def test_deskewed_strokes_have_a_column(photos):
    display = NormalizationDisplay.from_estimator(DigitNormalizer(deskew=True), photos)

    titles = [ax.get_title() for ax in display.axes_[0]]
    assert titles == [*STAGES[:2], "upright", *STAGES[2:]]


def test_parameters_of_the_normalizer_count(photos):
    display = NormalizationDisplay.from_estimator(
        DigitNormalizer(size=40, inner_size=30), photos
    )

    assert display.stages[0]["centred"].shape == (40, 40)


def test_a_picture_without_strokes_shows_where_they_got_lost(photos):
    display = NormalizationDisplay.from_estimator(
        DigitNormalizer(), [np.ones((30, 30)), photos[0]]
    )

    empty, digit = display.stages
    assert not empty["background removed"].any()
    assert not empty["centred"].any()
    assert digit["centred"].any()


def test_colours_are_shown_in_grey(photos):
    display = NormalizationDisplay.from_estimator(
        DigitNormalizer(), [np.dstack([photos[0]] * 3)]
    )

    np.testing.assert_allclose(display.stages[0]["raw"], photos[0], rtol=1e-5)


def test_a_pipeline_tells_what_it_takes_each_picture_for(digits, photos):
    model = make_pipeline(DigitNormalizer(), FlattenScaler(), KNeighborsClassifier(1))
    search = GridSearchCV(model, {"digitnormalizer__deskew": [False]}, cv=2)
    for fitted in (model.fit(*digits), search.fit(*digits)):
        display = NormalizationDisplay.from_estimator(fitted, photos)

        expected = fitted.predict(photos)
        np.testing.assert_array_equal(display.y_pred, expected)
        for label, ax in zip(expected, display.axes_[:, -1], strict=True):
            assert ax.get_ylabel() == str(label)


def test_a_pipeline_without_a_classifier_takes_them_for_nothing(photos):
    model = make_pipeline(DigitNormalizer(), FlattenScaler())

    assert NormalizationDisplay.from_estimator(model, photos).y_pred is None


def test_a_pipeline_need_not_be_fitted(photos):
    model = make_pipeline(DigitNormalizer(), FlattenScaler(), MLPDigitClassifier())

    display = NormalizationDisplay.from_estimator(model, photos)

    assert display.y_pred is None
    assert len(display.stages) == len(photos)


@pytest.mark.parametrize(("n_images", "expected"), [(1, 1), (2, 2), (9, 3)])
def test_the_first_pictures_are_shown(photos, n_images, expected):
    display = NormalizationDisplay.from_estimator(
        DigitNormalizer(), photos, n_images=n_images
    )

    assert len(display.stages) == expected


def test_draws_in_the_place_of_the_axes_given_with_the_style_given(photos):
    figure, (left, right) = plt.subplots(1, 2)

    display = NormalizationDisplay.from_estimator(
        DigitNormalizer(), photos, ax=right, im_kw={"cmap": "viridis"}
    )

    assert display.figure_ is figure
    assert not left.images
    assert not right.axison
    for ax in display.axes_.flat:
        assert ax.images[0].get_cmap().name == "viridis"
        assert ax.get_position().x0 >= right.get_position().x0


@pytest.mark.parametrize("n_images", [1, 3])
def test_words_do_not_overlap(digits, photos, n_images):
    model = make_pipeline(DigitNormalizer(), FlattenScaler(), KNeighborsClassifier(1))
    display = NormalizationDisplay.from_estimator(
        model.fit(*digits), photos, n_images=n_images
    )

    assert_readable(display.figure_)


def test_looks_as_it_did(photos, tmp_path):
    display = NormalizationDisplay.from_estimator(DigitNormalizer(), photos)

    assert_like_baseline(display.figure_, "normalization", tmp_path)


def test_other_estimators_are_refused(photos):
    for wrong in (FlattenScaler(), make_pipeline(FlattenScaler()), "normalizer"):
        with pytest.raises(TypeError, match="estimator must be a DigitNormalizer"):
            NormalizationDisplay.from_estimator(wrong, photos)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([], "X has no images"),
        ([np.full((3, 3), np.nan)], r"X\[0\] contains NaN"),
        (np.zeros((2, 3, 3, 7)), "X has shape"),
    ],
)
def test_what_is_no_picture_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        NormalizationDisplay.from_estimator(DigitNormalizer(), wrong)

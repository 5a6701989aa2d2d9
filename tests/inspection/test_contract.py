"""What every display promises: the contract in skdigits/inspection/_base.py."""

import inspect
import re
import typing

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
from helpers import assert_readable, small
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
from matplotlib.container import BarContainer
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skdigits import DigitNormalizer, FlattenScaler, inspection

pytestmark = [
    pytest.mark.usefixtures("no_window"),
    # An image of a single digit is what find_digits warns of
    pytest.mark.filterwarnings("ignore:A box covers most of image"),
]

DISPLAYS = [getattr(inspection, name) for name in inspection.__all__]

# What is drawn, and what styles it
ARTISTS = {
    "best_epoch_lines_": Line2D,
    "bars_": BarContainer,
    "boxes_": Rectangle,
    "colorbar_": Colorbar | None,
    "im_": AxesImage,
    "images_": AxesImage,
    "lines_": Line2D,
    "text_": Text | None,
}
STYLES = {
    "im_kw": {"cmap": "viridis"},
    "line_kw": {"c": "red"},
    "bar_kw": {"color": "red"},
    "box_kw": {"ec": "red"},
    "text_kw": {"c": "red"},
}


def constructors():
    for kind in DISPLAYS:
        for name in ("from_estimator", "from_images", "from_predictions"):
            if hasattr(kind, name):
                yield pytest.param(getattr(kind, name), id=f"{kind.__name__}.{name}")


def constructors_with(parameter):
    return [made for made in constructors() if parameter in signature(made.values[0])]


def constructors_without(parameter):
    with_it = {made.id for made in constructors_with(parameter)}
    return [made for made in constructors() if made.id not in with_it]


def constructors_of_several_axes():
    """Of images; curves are added to those that are there."""
    pictures = constructors_without("line_kw")
    return [made for made in pictures if "axes_ :" in made.values[0].__self__.__doc__]


def signature(function):
    return inspect.signature(function).parameters


of_every_display = pytest.mark.parametrize("make", list(constructors()))


@pytest.fixture(scope="module")
def digits(mnist):
    return mnist.X_train[:60].reshape(-1, 28, 28), mnist.y_train[:60]


@pytest.fixture(scope="module")
def pipeline(digits):
    """What every display can show something of."""
    model = make_pipeline(DigitNormalizer(), FlattenScaler(), small())
    return model.set_params(mlpdigitclassifier__early_stopping=True).fit(*digits)


@pytest.fixture(scope="module")
def nested(digits, pipeline):
    """The same model in pipelines and searches."""
    normalizer, scaler, classifier = (step for _, step in pipeline.steps)
    inner = make_pipeline(scaler, classifier)
    search = GridSearchCV(clone(inner), {}, cv=2)
    models = [
        make_pipeline(make_pipeline(normalizer, scaler), "passthrough", classifier),
        make_pipeline(normalizer, inner),
        make_pipeline(normalizer, search).fit(*digits),
    ]
    outer = GridSearchCV(clone(models[-1]), {}, cv=2)
    return [*models, outer.fit(*digits)]


@pytest.fixture
def arguments(digits, pipeline):
    X, y = digits
    y_pred = np.roll(y, 1)
    return {
        "estimator": pipeline,
        "X": X,
        "y": y,
        "y_true": y,
        "y_pred": y_pred,
        "y_proba": np.eye(10)[y_pred],
        "n_images": 2,
        "random_state": 0,
    }


@pytest.fixture
def draw(arguments):
    """Make a display by one of its class methods."""

    def draw(make, **given):
        known = {k: v for k, v in arguments.items() if k in signature(make)}
        return make(**known | given)

    return draw


def artists(display, name):
    """The artists in an attribute, which is one, or a list, array or dict of them."""
    value = getattr(display, name)
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, BarContainer | Colorbar | AxesImage) or value is None:
        return [value]
    return list(value.flat if isinstance(value, np.ndarray) else value)


def stored(display):
    """What a display was made of."""
    names = list(signature(type(display).__init__))[1:]
    return {name: getattr(display, name) for name in names}


def bars_of(display):
    return [bar for bars in display.bars_ for bar in bars]


def place(display):
    return display.ax_ if hasattr(display, "ax_") else display.axes_


def axes_of(display):
    return list(np.atleast_1d(np.asarray(place(display), dtype=object)).ravel())


def drawn(figure):
    """How many things of each kind a figure has."""
    kinds = ("images", "lines", "patches", "texts")
    counts = {kind: sum(len(getattr(ax, kind)) for ax in figure.axes) for kind in kinds}
    return counts | {"axes": len(figure.axes)}


@of_every_display
def test_data_come_first_and_the_rest_is_named(make):
    names = list(signature(make))
    data = {
        "from_estimator": ["estimator", "X", "y"],
        "from_images": ["X", "y", "augment"],
        "from_predictions": ["X", "y_true", "y_pred"],
    }[make.__name__]

    positional = [
        name
        for name, parameter in signature(make).items()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    assert positional == names[: len(positional)]
    assert positional == [name for name in data if name in positional]
    assert not {"X", "y", "y_true", "y_pred"} & {*names} - {*positional}


@of_every_display
def test_styles_have_the_names_that_all_have(make):
    parameters = signature(make).values()

    assert all(parameter.kind is not parameter.VAR_KEYWORD for parameter in parameters)
    styles = {parameter.name for parameter in parameters if "_kw" in parameter.name}
    assert styles
    assert styles <= {*STYLES}


@of_every_display
def test_plot_takes_what_the_class_methods_take(make):
    first, *rest = list(signature(make.__self__.plot).values())[1:]

    assert (first.name, first.default) == ("ax", None)
    for parameter in rest:
        assert parameter.kind is parameter.KEYWORD_ONLY
        assert signature(make)[parameter.name].default == parameter.default


@of_every_display
def test_every_parameter_and_result_is_annotated(make):
    kind = make.__self__
    for function in (kind.__init__, make.__func__, kind.plot):
        hints = typing.get_type_hints(function)
        assert {*hints} == {*signature(function), "return"} - {"self", "cls"}


@of_every_display
def test_parameters_are_stored_under_their_names(make, draw):
    display = draw(make)

    names = {name for name in vars(display) if not name.endswith("_")}
    assert names == {*stored(display)}


@of_every_display
def test_what_was_drawn_is_in_the_attributes_documented(make, draw):
    display = draw(make)

    own = {name for name in vars(display) if name.endswith("_")}
    sections = re.split(r"^    (?=.+\n    -+$)", type(display).__doc__, flags=re.M)
    (attributes,) = [text for text in sections if text.startswith("Attributes")]
    assert own == {*re.findall(r"^    (\w+_) : ", attributes, re.M)}
    assert own - {*ARTISTS} in ({"ax_", "figure_"}, {"axes_", "figure_"})
    assert all(ax.figure is display.figure_ for ax in axes_of(display))
    assert all(isinstance(ax, Axes) for ax in axes_of(display))
    for name in own & {*ARTISTS}:
        for artist in artists(display, name):
            assert isinstance(artist, ARTISTS[name])


@of_every_display
def test_words_do_not_overlap(make, draw):
    assert_readable(draw(make).figure_)


@pytest.mark.parametrize("make", constructors_with("n_images"))
def test_as_many_images_are_shown_as_asked_for(make, draw):
    display = draw(make, n_images=3)

    names = ("stages", "numbers", "images")
    (shown,) = (getattr(display, name) for name in names if hasattr(display, name))
    assert len(shown) == 3


@pytest.mark.parametrize("make", constructors_with("n_images"))
def test_the_number_of_images_has_one_default(make):
    assert signature(make)["n_images"].default == 8


@pytest.mark.parametrize("number", [0, 1.5, "6"])
@pytest.mark.parametrize("make", constructors_with("n_images"))
def test_a_number_of_images_that_is_none_is_refused(make, draw, number):
    with pytest.raises((TypeError, ValueError), match="n_images"):
        draw(make, n_images=number)


@pytest.mark.parametrize("make", constructors_with("im_kw"))
def test_a_style_of_images_counts(make, draw):
    display = draw(make, im_kw=STYLES["im_kw"])

    # A confusion matrix is none of the images
    name = "images_" if hasattr(display, "images_") else "im_"
    assert artists(display, name)
    for image in artists(display, name):
        assert image.get_cmap().name == "viridis"


@pytest.mark.parametrize("style", [{"clim": (-1, 3)}, {"norm": plt.Normalize(-1, 3)}])
@pytest.mark.parametrize("make", constructors_with("im_kw"))
def test_limits_of_colours_count_however_they_are_given(make, draw, style):
    display = draw(make, im_kw=style)

    name = "images_" if hasattr(display, "images_") else "im_"
    assert {image.get_clim() for image in artists(display, name)} == {(-1, 3)}


@pytest.mark.parametrize("style", [{"color": "red"}, {"fc": "red"}])
@pytest.mark.parametrize("make", constructors_with("bar_kw"))
def test_a_colour_of_bars_counts_for_all(make, draw, style):
    bars = bars_of(draw(make, bar_kw=style))

    assert {bar.get_facecolor() for bar in bars} == {(1, 0, 0, 1)}


@pytest.mark.parametrize("make", constructors_with("box_kw"))
def test_a_style_of_boxes_counts(make, draw):
    boxes = draw(make, box_kw=STYLES["box_kw"]).boxes_

    assert {box.get_edgecolor() for box in boxes} == {(1, 0, 0, 1)}


@pytest.mark.parametrize("make", constructors_with("line_kw"))
def test_a_style_of_lines_counts(make, draw):
    lines = draw(make, line_kw=STYLES["line_kw"]).lines_

    assert {line.get_color() for line in lines.values()} == {"red"}


@pytest.mark.parametrize("make", constructors_with("text_kw"))
def test_a_style_of_text_counts(make, draw):
    texts = artists(draw(make, text_kw=STYLES["text_kw"]), "text_")

    assert {text.get_color() for text in texts if text is not None} == {"red"}


@of_every_display
def test_plotting_again_makes_a_new_figure_of_the_same(make, draw):
    display = draw(make)
    before, first = stored(display), display.figure_

    assert display.plot() is display

    assert display.figure_ is not first
    assert all(vars(display)[name] is value for name, value in before.items())
    assert drawn(display.figure_) == drawn(first)


@of_every_display
def test_plotting_again_on_its_own_axes_replaces_what_it_drew(make, draw):
    display = draw(make)
    figure, axes, before = display.figure_, axes_of(display), drawn(display.figure_)

    display.plot(ax=place(display))

    assert display.figure_ is figure
    assert axes_of(display) == axes
    assert drawn(figure) == before


@pytest.mark.parametrize("make", constructors_without("line_kw"))
def test_a_picture_drawn_twice_in_one_place_is_there_once(make, draw):
    figure, (left, right) = plt.subplots(1, 2, figsize=(16, 7))
    left.plot([1, 2])
    display = draw(make, ax=right)
    before = drawn(figure)
    size = axes_of(display)[0].get_position().size

    again = draw(make, ax=right)

    assert drawn(figure) == before
    assert len(left.lines) == 1
    np.testing.assert_allclose(axes_of(again)[0].get_position().size, size)


def free_axes(n_axes):
    """Axes that are part of no grid, side by side."""
    figure = plt.figure(figsize=(16, 7))
    width = 0.9 / n_axes
    return [
        figure.add_axes((0.05 + i * width, 0.1, 0.9 * width, 0.8))
        for i in range(n_axes)
    ]


@pytest.mark.parametrize("make", constructors_without("line_kw"))
def test_a_free_axes_keeps_its_size_when_drawn_into_again(make, draw):
    (free,) = free_axes(1)
    first = [ax.get_position().bounds for ax in axes_of(draw(make, ax=free))]

    again = [ax.get_position().bounds for ax in axes_of(draw(make, ax=free))]

    np.testing.assert_allclose(again, first)


@pytest.mark.parametrize("make", constructors_of_several_axes())
def test_free_axes_for_each_part_keep_their_size_when_drawn_into_again(make, draw):
    free = free_axes(len(axes_of(draw(make))))
    first = [ax.get_position().bounds for ax in axes_of(draw(make, ax=free))]

    again = [ax.get_position().bounds for ax in axes_of(draw(make, ax=free))]

    np.testing.assert_allclose(again, first)


@pytest.mark.parametrize("make", constructors_with("line_kw"))
def test_curves_drawn_into_one_place_stand_beside_each_other(make, draw):
    figure, (left, right) = plt.subplots(1, 2)
    names = ["small", "medium", "large"]

    first, *others = (draw(make, ax=right, name=name) for name in names)

    assert all(axes_of(other) == axes_of(first) for other in others)
    assert len(figure.axes) == 2 + len(axes_of(first))
    labels = [text.get_text() for text in first.axes_[0].get_legend().get_texts()]
    assert labels == [
        f"{name}, {part}" for name in names for part in ("training", "validation")
    ]
    for key, line in first.lines_.items():
        assert line.axes is others[1].lines_[key].axes
        assert len({other.lines_[key].get_color() for other in [first, *others]}) == 3
    assert not left.lines


@of_every_display
def test_one_display_takes_the_place_of_another(make, draw):
    _, ax = plt.subplots()
    inspection.PredictionsDisplay.from_predictions(
        np.eye(5)[np.newaxis], y_pred=[1], ax=ax
    )

    display = draw(make, ax=ax)

    assert {*display.figure_.axes} >= {ax, *axes_of(display)}
    alone = draw(make, ax=plt.subplots()[1])
    assert drawn(display.figure_) == drawn(alone.figure_)


@pytest.mark.parametrize("ax", ["left", ["left", "right"], 3])
@of_every_display
def test_axes_that_are_none_are_refused(make, draw, ax):
    with pytest.raises(TypeError, match=r"ax must be a matplotlib\.axes\.Axes"):
        draw(make, ax=ax)


@pytest.fixture
def without_errors(arguments, digits, pipeline):
    """Show the errors, of which there are none."""
    y = pipeline.predict(digits[0])
    arguments |= {"y": y, "y_true": y, "y_pred": y, "y_proba": None, "show": "errors"}


@pytest.mark.usefixtures("without_errors")
@pytest.mark.parametrize("make", constructors_with("show"))
def test_where_there_is_nothing_to_show_the_first_of_many_axes_says_so(make, draw):
    _, axes = plt.subplots(2, 2)

    display = draw(make, ax=axes)

    assert axes_of(display) == [axes[0, 0]]
    assert [len(ax.texts) for ax in axes.flat] == [1, 0, 0, 0]


@pytest.mark.usefixtures("without_errors")
@pytest.mark.parametrize("make", constructors_with("show"))
def test_what_says_that_there_is_nothing_replaces_itself(make, draw):
    display = draw(make)
    figure, before = display.figure_, drawn(display.figure_)

    display.plot(ax=display.axes_)

    assert display.figure_ is figure
    assert drawn(figure) == before


@pytest.mark.usefixtures("without_errors")
@pytest.mark.parametrize("ax", ["left", ["left", "right"], 3, []], ids=str)
@pytest.mark.parametrize("make", constructors_with("show"))
def test_axes_that_are_none_are_refused_where_there_is_nothing_to_show(make, draw, ax):
    with pytest.raises((TypeError, ValueError), match=r"ax must be"):
        draw(make, ax=ax)


@of_every_display
def test_global_settings_and_data_stay_as_they_are(make, draw, arguments):
    before, X = dict(matplotlib.rcParams), arguments["X"].copy()

    draw(make)

    assert dict(matplotlib.rcParams) == before
    np.testing.assert_array_equal(arguments["X"], X)


@pytest.mark.parametrize("make", constructors_without("estimator"))
def test_whatever_holds_images_shows_the_same(make, draw, digits):
    X, _ = digits
    rows = X.reshape(len(X), -1)
    expected = stored(draw(make))
    for same in (
        rows,
        X[..., np.newaxis],
        list(X),
        pd.DataFrame(rows),
        pl.DataFrame(rows, schema=[f"pixel_{i}" for i in range(784)]),
        sp.coo_array(rows),
    ):
        np.testing.assert_equal(stored(draw(make, X=same)), expected)


@pytest.mark.parametrize("make", constructors_with("estimator"))
def test_pipelines_and_searches_show_the_same_however_nested(
    make, draw, pipeline, nested
):
    expected = stored(draw(make))
    for model in nested:
        np.testing.assert_equal(stored(draw(make, estimator=model)), expected)


@pytest.mark.parametrize(
    "make",
    [
        made
        for made in constructors_with("estimator")
        if "dataframe" in made.values[0].__doc__
    ],
)
def test_names_of_features_are_handed_on(make, draw, digits, pipeline):
    # Any warning fails a test, as that of missing names
    X, y = digits
    frame = pd.DataFrame(X.reshape(len(X), -1)).add_prefix("pixel ")
    named = clone(pipeline).set_output(transform="pandas").fit(frame, y)
    expected = stored(draw(make))

    np.testing.assert_equal(stored(draw(make, X=frame, estimator=named)), expected)

"""The window to draw digits in, without a display: events are simulated."""

import numpy as np
import pytest
from draw_digit import NEW, UNDO, Drawing
from matplotlib import rcParamsDefault
from matplotlib.backend_bases import KeyEvent, MouseButton, MouseEvent
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from skdigits import load_reader

ONE = [(0.5, 0.2), (0.5, 0.5), (0.5, 0.8)]
ZERO = [
    (0.5 + 0.15 * np.sin(a), 0.5 - 0.3 * np.cos(a)) for a in np.linspace(0, 6.3, 13)
]


@pytest.fixture
def drawing():
    figure = Figure(figsize=(9, 5))
    FigureCanvasAgg(figure)
    return Drawing(figure, load_reader())


def mouse(drawing, name, point, button=MouseButton.LEFT, axes=None):
    canvas = drawing.figure.canvas
    x, y = (axes or drawing.sheet).transData.transform(point)
    event = MouseEvent(name, canvas, x, y, button)
    canvas.callbacks.process(name, event)


def draw(drawing, points, **options):
    mouse(drawing, "button_press_event", points[0], **options)
    for point in points[1:]:
        mouse(drawing, "motion_notify_event", point, **options)
    mouse(drawing, "button_release_event", points[-1], **options)


def press(drawing, key):
    canvas = drawing.figure.canvas
    canvas.callbacks.process(
        "key_press_event", KeyEvent("key_press_event", canvas, key)
    )


def heights(drawing):
    return np.array([bar.get_height() for bar in drawing.bars])


@pytest.mark.parametrize(("digit", "points"), [(1, ONE), (0, ZERO)])
def test_a_drawn_digit_is_recognised(drawing, digit, points):
    draw(drawing, points)
    assert heights(drawing).argmax() == digit
    assert heights(drawing).sum() == pytest.approx(1)
    assert drawing.sheet.get_title().startswith(f"{digit}, with a probability of ")


def test_the_bars_follow_the_pen(drawing):
    seen = []
    mouse(drawing, "button_press_event", ZERO[0])
    for point in ZERO[1::4]:
        mouse(drawing, "motion_notify_event", point)
        seen.append(heights(drawing))
    assert all(np.abs(np.diff(seen, axis=0)).max(axis=1) > 0)


def test_the_sheet_shows_the_strokes(drawing):
    draw(drawing, ONE)
    shown = np.asarray(drawing.image.get_array())
    size = len(shown)
    assert shown[size // 2, size // 2] == 255
    assert shown[size // 2, size // 4] == 0


def test_undo_takes_back_the_last_stroke(drawing):
    draw(drawing, ONE)
    before = heights(drawing)
    draw(drawing, ZERO)
    press(drawing, UNDO)
    assert len(drawing.strokes) == 1
    np.testing.assert_array_equal(heights(drawing), before)


def test_a_new_sheet_is_empty(drawing):
    draw(drawing, ONE)
    draw(drawing, ZERO)
    press(drawing, NEW)
    assert drawing.strokes == []
    assert not drawing.pixels().any()
    assert not heights(drawing).any()
    assert drawing.sheet.get_title() == "Draw a digit"


@pytest.mark.parametrize("key", [UNDO, NEW])
def test_an_empty_sheet_takes_keys(drawing, key):
    press(drawing, key)
    assert drawing.strokes == []


def test_undo_in_the_middle_of_a_stroke_ends_it(drawing):
    mouse(drawing, "button_press_event", ONE[0])
    press(drawing, UNDO)
    mouse(drawing, "motion_notify_event", ONE[1])
    assert drawing.strokes == []


def test_the_mouse_draws_only_with_its_left_button_and_on_the_sheet(drawing):
    draw(drawing, ONE, button=MouseButton.RIGHT)
    draw(drawing, ONE, axes=drawing.bars[0].axes)
    mouse(drawing, "motion_notify_event", ONE[0])
    assert drawing.strokes == []


def test_the_mouse_is_the_toolbars_while_it_zooms(drawing):
    lock = drawing.figure.canvas.widgetlock
    lock(toolbar := object())
    draw(drawing, ONE)
    lock.release(toolbar)
    assert drawing.strokes == []


def test_a_click_is_a_dot(drawing):
    draw(drawing, ONE[:1])
    assert drawing.pixels().any()
    assert heights(drawing).sum() == pytest.approx(1)


def test_keys_are_not_those_of_matplotlib():
    taken = {
        key
        for name, keys in rcParamsDefault.items()
        if name.startswith("keymap.")
        for key in keys
    }
    assert "q" in taken
    assert not taken & {UNDO, NEW}


@pytest.mark.programs
def test_without_a_display_the_program_says_so(run_example):
    process = run_example("draw_digit.py")
    assert process.returncode == 1
    assert process.stderr.startswith("There is no display to open a window on")
    assert process.stdout == ""

"""Draw a digit with the mouse, and see what a network predicts.

The bars show the probabilities of the ten digits while you draw. Keys: u undoes the
last stroke, n clears the sheet, and q closes the window, as in all of matplotlib's
windows.
"""

import argparse
import sys

import matplotlib.pyplot as plt
import numpy as np
from _command_line import run
from _reading import add_model
from matplotlib.backend_bases import MouseButton
from matplotlib.backends.registry import BackendFilter, backend_registry
from PIL import Image, ImageDraw

from skdigits import load_reader

# Keys that matplotlib's windows have no use for
UNDO, NEW = "u", "n"

# The sheet goes from 0 to 1 both ways, and becomes an image of so many pixels a side
SIZE = 140

# Pens are about as thick in MNIST's images
PEN = 0.07


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_model(parser)
    args = parser.parse_args()
    backend = plt.get_backend()
    if backend.lower() not in backend_registry.list_builtin(BackendFilter.INTERACTIVE):
        sys.exit(
            "There is no display to open a window on, or none of the toolkits that "
            f"matplotlib opens windows with: it would use its backend {backend}."
        )
    model = args.model or load_reader()
    # The window goes on listening for as long as something refers to the drawing
    drawing = Drawing(plt.figure("Draw a digit", (9, 5)), model)
    print(f"Draw a digit in the window. {drawing.HELP}")
    plt.show()


class Drawing:
    """A sheet to draw on, beside bars of what a model makes of the drawing.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        An empty one, with a canvas whose events are listened to.

    model : classifier
        Takes a list of pictures of digits.

    Attributes
    ----------
    strokes : list of list of tuple of float
        The points of each stroke, from 0 to 1 to the right and down.

    probabilities : ndarray of shape (n_classes,)
        What the bars show: zeros for an empty sheet.
    """

    HELP = f"{UNDO}: undo   {NEW}: new sheet   q: quit"

    def __init__(self, figure, model):
        self.figure, self.model = figure, model
        self.strokes = []
        self.is_drawing = False
        self.probabilities = np.zeros(len(model.classes_))
        self._make_axes()
        for event, listener in {
            "button_press_event": self._on_press,
            "motion_notify_event": self._on_move,
            "button_release_event": self._on_release,
            "key_press_event": self._on_key,
        }.items():
            figure.canvas.mpl_connect(event, listener)
        self._show()

    def _make_axes(self):
        self.sheet, bars = self.figure.subplots(1, 2)
        self.figure.subplots_adjust(0.04, 0.12, 0.97, 0.86, wspace=0.15)
        self.image = self.sheet.imshow(
            np.zeros((SIZE, SIZE)), cmap="gray_r", vmin=0, vmax=255, extent=(0, 1, 1, 0)
        )
        self.sheet.set(xticks=[], yticks=[], xlabel=self.HELP)
        places = range(len(self.model.classes_))
        self.bars = bars.bar(places, self.probabilities)
        bars.set_xticks(places, [str(label) for label in self.model.classes_])
        bars.set(ylim=(0, 1), ylabel="probability")

    def _is_on_sheet(self, event):
        # While the toolbar pans or zooms, the mouse is its
        is_free = not self.figure.canvas.widgetlock.locked()
        return is_free and event.inaxes is self.sheet

    def _on_press(self, event):
        if event.button == MouseButton.LEFT and self._is_on_sheet(event):
            self.is_drawing = True
            self.strokes.append([(event.xdata, event.ydata)])
            self._show()

    def _on_move(self, event):
        if self.is_drawing and self._is_on_sheet(event):
            self.strokes[-1].append((event.xdata, event.ydata))
            self._show()

    def _on_release(self, event):
        if event.button == MouseButton.LEFT:
            self.is_drawing = False

    def _on_key(self, event):
        if event.key not in {UNDO, NEW}:
            return
        del self.strokes[-1 if event.key == UNDO else 0 :]
        self.is_drawing = False
        self._show()

    def pixels(self):
        """Return the drawing as light strokes on dark, of bytes."""
        # Four times as large, and then reduced, so that edges are smooth
        scale = 4 * SIZE
        image = Image.new("L", (scale, scale))
        draw = ImageDraw.Draw(image)
        for stroke in self.strokes:
            points = [(scale * x, scale * y) for x, y in stroke]
            draw.line(points, fill=255, width=round(PEN * scale))
            for point in points:
                draw.circle(point, PEN * scale / 2, fill=255)
        return np.asarray(image.reduce(4))

    def _show(self):
        pixels = self.pixels()
        self.image.set_data(pixels)
        if self.strokes:
            (self.probabilities,) = self.model.predict_proba([pixels])
            best = self.probabilities.argmax()
            title = (
                f"{self.model.classes_[best]}, with a probability of "
                f"{self.probabilities[best]:.0%}"
            )
        else:
            self.probabilities = np.zeros(len(self.bars))
            best, title = None, "Draw a digit"
        for place, (bar, height) in enumerate(
            zip(self.bars, self.probabilities, strict=True)
        ):
            bar.set_height(height)
            bar.set_color("tab:orange" if place == best else "tab:blue")
        self.sheet.set_title(title)
        self.figure.canvas.draw_idle()


if __name__ == "__main__":
    run(main)

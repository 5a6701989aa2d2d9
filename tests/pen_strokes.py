"""Digits as a pen writes them: strokes, and drawings of them with any hand."""

import math

import numpy as np
from PIL import Image, ImageDraw


def _arc(x, y, width, height, start, end):
    """Points of an arc, between angles in degrees: 0 is right, 90 is down."""
    angles = [math.radians(start + (end - start) * i / 20) for i in range(21)]
    return [(x + width * math.cos(a), y + height * math.sin(a)) for a in angles]


# Points of each stroke, from 0 to 1 to the right and down
STROKES = {
    0: [_arc(0.5, 0.5, 0.22, 0.32, -90, 270)],
    1: [[(0.38, 0.3), (0.52, 0.18), (0.5, 0.82)]],
    2: [[*_arc(0.5, 0.35, 0.2, 0.17, -170, 40), (0.3, 0.8), (0.72, 0.8)]],
    3: [
        [
            *_arc(0.47, 0.34, 0.2, 0.16, -150, 90),
            *_arc(0.47, 0.66, 0.22, 0.17, -90, 150),
        ]
    ],
    4: [[(0.4, 0.18), (0.28, 0.55), (0.72, 0.55)], [(0.62, 0.3), (0.6, 0.85)]],
    5: [
        [(0.38, 0.2), (0.36, 0.45), *_arc(0.48, 0.62, 0.2, 0.18, -120, 150)],
        [(0.38, 0.2), (0.68, 0.19)],
    ],
    6: [[(0.6, 0.17), (0.42, 0.35), *_arc(0.5, 0.65, 0.18, 0.17, -170, 190)]],
    7: [[(0.3, 0.22), (0.7, 0.22), (0.45, 0.82)]],
    8: [
        [
            *_arc(0.5, 0.34, 0.15, 0.15, 90, -270),
            *_arc(0.5, 0.66, 0.18, 0.17, -90, 270),
        ]
    ],
    9: [[*_arc(0.5, 0.36, 0.17, 0.17, 0, -360), (0.66, 0.4), (0.6, 0.84)]],
}


def draw(strokes, *, height, width, pen):
    """Draw strokes as dark ink on white paper.

    Parameters
    ----------
    strokes : list of list of tuple of float
        As in `STROKES`.

    height, width : int
        In pixels.

    pen : float
        How thick strokes are, in pixels.

    Returns
    -------
    picture : ndarray of shape (height, width)
        Of bytes.
    """
    image = Image.new("L", (4 * width, 4 * height), 255)
    pencil = ImageDraw.Draw(image)
    for stroke in strokes:
        points = [(4 * width * x, 4 * height * y) for x, y in stroke]
        pencil.line(points, fill=0, width=round(4 * pen))
        for point in points:
            pencil.circle(point, 2 * pen, fill=0)
    return np.asarray(image.reduce(4))


def drawings(n_drawings, seed, *, sides=(20, 160)):
    """Draw digits at random size, place, slant, thickness, and with an unsteady hand.

    Returns
    -------
    pictures : list of ndarray of shape (height, width)

    labels : list of int
    """
    rng = np.random.default_rng(seed)
    pictures, labels = [], []
    for _ in range(n_drawings):
        label = int(rng.integers(10))
        height, width = (int(side) for side in rng.integers(*sides, 2))
        side = min(height, width)
        scale, slant = rng.uniform(0.5, 1.2), rng.uniform(-0.3, 0.3)
        stretch, angle = rng.uniform(0.8, 1.2), rng.uniform(-0.2, 0.2)
        turn = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
        shape = scale * side * np.array([[stretch, slant], [0, 1]]) @ turn
        middle = rng.uniform(0.4, 0.6, 2) * (width, height)
        strokes = []
        for stroke in STROKES[label]:
            points = np.array(stroke) - 0.5
            points += rng.normal(0, 0.01, points.shape).cumsum(axis=0) / 2
            strokes.append((points @ shape.T + middle) / (width, height))
        pen = max(1, side * rng.uniform(0.02, 0.14))
        pictures.append(draw(strokes, height=height, width=width, pen=pen))
        labels.append(label)
    return pictures, labels

"""Pixels, gray levels and histogram equalisation."""

from __future__ import annotations

import cv2
import numpy as np

from app.learn.base.lesson import Answer, Lesson, Values
from app.learn.base.parameters import Flag, Range
from app.learn.base.tools import Tools

# Side of the square of pixels whose numbers are shown.
GRID_SIDE = 7
HISTOGRAM_BINS = 32
# Weights of red, green and blue in the gray level (ITU-R BT.601), as in OpenCV's RGB2GRAY.
GRAY_WEIGHTS = (0.299, 0.587, 0.114)


def run(image: np.ndarray, values: Values, tools: Tools) -> Answer:
    """Reduce a picture to few pixels and gray levels, and spread its histogram."""
    small = _reduce(image, values["pixels"])
    gray = quantize(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), values["levels"])
    shown = cv2.equalizeHist(gray) if values["equalize"] else gray
    height, width = gray.shape
    column, row = (min(int(values[name] * side), side - 1) for name, side in (("x", width), ("y", height)))
    left, top = _grid_start(column, width), _grid_start(row, height)
    grid = shown[top : top + GRID_SIDE, left : left + GRID_SIDE]
    result = {
        "width": width,
        "height": height,
        "column": column,
        "row": row,
        "rgb": small[row, column].tolist(),
        "gray_weights": GRAY_WEIGHTS,
        "gray": int(gray[row, column]),
        "shown": int(shown[row, column]),
        "grid": {"left": left, "top": top, "numbers": grid.tolist()},
        "histogram": {"gray": histogram(gray), "shown": histogram(shown)},
        "contrast": {"gray": round(float(gray.std()), 1), "shown": round(float(shown.std()), 1)},
    }
    return Answer(result, {"colour": small, "gray": gray, "shown": shown})


def quantize(gray: np.ndarray, levels: int) -> np.ndarray:
    """Round gray levels, uint8, to so many evenly spaced ones from 0 to 255."""
    table = np.rint(np.rint(np.arange(256) / 255 * (levels - 1)) / (levels - 1) * 255).astype(np.uint8)
    return np.asarray(cv2.LUT(gray, table))


def histogram(gray: np.ndarray) -> list[float]:
    """Share of the pixels in each of `HISTOGRAM_BINS` equal ranges of gray levels."""
    counts, _ = np.histogram(gray, HISTOGRAM_BINS, (0, 256))
    return [round(float(count), 4) for count in counts / gray.size]


def _reduce(image: np.ndarray, width: int) -> np.ndarray:
    """The image at a width of so many pixels; it is never enlarged."""
    height, full_width = image.shape[:2]
    width = min(width, full_width)
    size = (width, max(1, round(height * width / full_width)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _grid_start(index: int, side: int) -> int:
    return max(0, min(index - GRID_SIDE // 2, side - GRID_SIDE))


LESSON = Lesson(
    name="pixels",
    parameters={
        "pixels": Range(8, 240, 120, 4),
        "levels": Range(2, 256, 256, 1),
        "equalize": Flag(),
        "x": Range(0.0, 1.0, 0.45, 0.01),
        "y": Range(0.0, 1.0, 0.3, 0.01),
    },
    run=run,
)

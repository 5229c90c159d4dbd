"""OpenCV's classic Haar cascade."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from app.domain import Box, Face
from app.settings import Settings
from app.vision.detection.resize import shrink_to_fit

LONGEST = 320
# Median sides of YuNet's boxes over Haar's on the same faces.
HAAR_WIDTH, HAAR_HEIGHT = 0.797, 1.036
HAAR_FILE = str(Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml")


class HaarDetector:
    """OpenCV's frontal-face cascade on a gray picture scaled down."""

    name, title = "haar", "Haar cascade"

    def __init__(self, settings: Settings, notice: str | None = None) -> None:
        self.notice, self.input_scale = notice, 1.0
        self._settings = settings
        self._cascade = cv2.CascadeClassifier(HAAR_FILE)

    def detect(self, image: np.ndarray) -> list[Face]:
        small, factor = shrink_to_fit(image, round(self.input_scale * (self._settings.detect_width or LONGEST)))
        smallest = self._settings.haar_min_size
        squares, supports = self._cascade.detectMultiScale2(
            cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), self._settings.haar_scale_factor,
            self._settings.haar_min_neighbors, minSize=(smallest, smallest),
        )  # fmt: skip
        faces = [_from_square(square, support, factor) for square, support in zip(squares, supports, strict=True)]
        return sorted(faces, key=lambda face: -face.score)


def _from_square(square: Sequence[int], support: int, factor: float) -> Face:
    """Haar's square in YuNet's convention; the score grows with how many windows agreed."""
    x, y, side = (float(value) * factor for value in square[:3])
    center_x, center_y = x + side / 2, y + side / 2
    half_width, half_height = HAAR_WIDTH * side / 2, HAAR_HEIGHT * side / 2
    box = Box(center_x - half_width, center_y - half_height, center_x + half_width, center_y + half_height)
    return Face(box, int(support) / (int(support) + 5))

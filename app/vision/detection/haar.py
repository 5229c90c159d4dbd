"""OpenCV's Haar cascade."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from app.domain import Box, Face
from app.settings import Settings
from app.vision.detection.resize import shrink_to_fit

DEFAULT_MAX_SIDE_PX = 320
# Median size of YuNet's boxes relative to Haar's squares on the same faces.
BOX_WIDTH_FACTOR = 0.797
BOX_HEIGHT_FACTOR = 1.036
# Overlapping windows of what might be a face.
CANDIDATE_SUPPORT = 1
# Number of overlapping windows at which the score is 0.5.
HALF_SCORE_SUPPORT = 5
CASCADE_FILE = str(Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml")


class HaarDetector:
    """OpenCV's frontal-face cascade on a downscaled grayscale image."""

    name, title = "haar", "Haar cascade"

    def __init__(self, settings: Settings, notice: str | None = None) -> None:
        self.notice, self.input_scale = notice, 1.0
        self._settings, self.min_score = settings, _score(settings.haar_neighbours)
        self._cascade = cv2.CascadeClassifier(CASCADE_FILE)

    def detect(self, image: np.ndarray) -> list[Face]:
        """Detect faces without points, highest score first; see `FaceDetector.detect`."""
        return self._detect(image, self._settings.haar_neighbours)

    def detect_candidates(self, image: np.ndarray) -> list[Face]:
        """Detect what might be a face; see `FaceDetector.detect_candidates`."""
        return self._detect(image, min(self._settings.haar_neighbours, CANDIDATE_SUPPORT))

    def _detect(self, image: np.ndarray, min_support: int) -> list[Face]:
        max_side = round(self.input_scale * (self._settings.detect_width or DEFAULT_MAX_SIDE_PX))
        small, factor = shrink_to_fit(image, max_side)
        min_side = self._settings.haar_size
        squares, supports = self._cascade.detectMultiScale2(
            cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), self._settings.haar_scale,
            min_support, minSize=(min_side, min_side),
        )  # fmt: skip
        faces = [_face(square, support, factor) for square, support in zip(squares, supports, strict=True)]
        return sorted(faces, key=lambda face: -face.score)


def _face(square: Sequence[int], support: int, factor: float) -> Face:
    """Convert Haar's square to YuNet's box convention; the score grows with the number of overlapping windows."""
    x, y, side = (float(value) * factor for value in square[:3])
    center_x, center_y = x + side / 2, y + side / 2
    half_width, half_height = BOX_WIDTH_FACTOR * side / 2, BOX_HEIGHT_FACTOR * side / 2
    box = Box(center_x - half_width, center_y - half_height, center_x + half_width, center_y + half_height)
    return Face(box, _score(int(support)))


def _score(support: int) -> float:
    return support / (support + HALF_SCORE_SUPPORT)

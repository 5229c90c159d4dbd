"""Find faces: YuNet where its file is given, the classic Haar cascade otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from app.domain import Box, Face
from app.errors import DetectorUnavailable
from app.settings import Settings

# Development copy and the release of OpenCV's model zoo.
YUNET_HASHES = frozenset({
    "ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0",
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
})  # fmt: skip
YUNET_SCORE = 0.7
YUNET_OVERLAP = 0.3
YUNET_SMALLEST = 64  # below 33 pixels a side OpenCV's network reads memory that nobody wrote, and finds ghosts
HAAR_NOTICE = "No YuNet file given, so the classic Haar cascade looks for faces: slower, and it misses many."
# Median sides of YuNet's boxes over Haar's on the same faces.
HAAR_WIDTH, HAAR_HEIGHT = 0.797, 1.036
HAAR_FILE = str(Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml")


class FaceDetector(Protocol):
    """Finds the faces in a picture."""

    name: str
    title: str
    notice: str | None

    def detect(self, image: np.ndarray) -> list[Face]:
        """The faces in an RGB uint8 picture of shape (height, width, 3), in its pixels; best first."""


def build_detector(settings: Settings) -> FaceDetector:
    """The detector that `settings.detector` asks for; without one, Haar.

    Raises:
        DetectorUnavailable: the file is missing or is no YuNet release that is known.
    """
    if settings.detector == "haar":
        return HaarDetector(settings)
    if settings.detector:
        return YuNetDetector(Path(settings.detector), settings.detect_width)
    return HaarDetector(settings, HAAR_NOTICE)


class YuNetDetector:
    """OpenCV's YuNet on a picture scaled down."""

    name, title = "yunet", "YuNet"

    def __init__(self, path: Path, detect_width: int) -> None:
        self.notice: str | None = None
        self._detect_width = detect_width
        model = np.frombuffer(_verified(path), np.uint8)
        nothing = np.empty(0, np.uint8)
        self._size = detect_width, detect_width
        self._network = cv2.FaceDetectorYN.create("onnx", model, nothing, self._size, YUNET_SCORE, YUNET_OVERLAP)

    def detect(self, image: np.ndarray) -> list[Face]:
        small, factor = _scaled_down(image, self._detect_width)
        small = _at_least(small, YUNET_SMALLEST)
        size = small.shape[1], small.shape[0]
        if size != self._size:
            self._network.setInputSize(size)
            self._size = size
        _, rows = self._network.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        return [] if rows is None else [_from_row(row, factor) for row in rows]


class HaarDetector:
    """OpenCV's frontal-face cascade on a gray picture scaled down."""

    name, title = "haar", "Haar cascade"

    def __init__(self, settings: Settings, notice: str | None = None) -> None:
        self.notice = notice
        self._settings = settings
        self._cascade = cv2.CascadeClassifier(HAAR_FILE)

    def detect(self, image: np.ndarray) -> list[Face]:
        small, factor = _scaled_down(image, self._settings.detect_width)
        smallest = self._settings.haar_min_size
        squares, supports = self._cascade.detectMultiScale2(
            cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), self._settings.haar_scale_factor,
            self._settings.haar_min_neighbors, minSize=(smallest, smallest),
        )  # fmt: skip
        faces = [_from_square(square, support, factor) for square, support in zip(squares, supports, strict=True)]
        return sorted(faces, key=lambda face: -face.score)


def _verified(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError:
        raise DetectorUnavailable(
            f"cannot read the detector file {str(path)!r}; give a YuNet .onnx file or haar as detector"
        ) from None
    if hashlib.sha256(content).hexdigest() not in YUNET_HASHES:
        raise DetectorUnavailable(
            f"{str(path)!r} is no known YuNet release (its hash differs); fetch face_detection_yunet_2023mar.onnx "
            "again, or give haar as detector"
        )
    return content


def _scaled_down(image: np.ndarray, longest: int) -> tuple[np.ndarray, float]:
    """The picture with its longer side at most `longest`, and the factor that leads back."""
    height, width = image.shape[:2]
    factor = max(width, height) / longest
    if factor <= 1:
        return image, 1.0
    size = max(1, round(width / factor)), max(1, round(height / factor))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA), factor


def _at_least(image: np.ndarray, side: int) -> np.ndarray:
    """The picture with black added at its right and bottom where a side is shorter."""
    missing_y, missing_x = max(0, side - image.shape[0]), max(0, side - image.shape[1])
    if not missing_y and not missing_x:
        return image
    return cv2.copyMakeBorder(image, 0, missing_y, 0, missing_x, cv2.BORDER_CONSTANT)


def _from_row(row: np.ndarray, factor: float) -> Face:
    """A row of YuNet: x, y, width, height, five points, score."""
    x, y, width, height = (float(value) * factor for value in row[:4])
    points = (row[4:14].reshape(5, 2) * factor).astype(np.float32)
    return Face(Box(x, y, x + width, y + height), min(1.0, float(row[14])), points)


def _from_square(square: Sequence[int], support: int, factor: float) -> Face:
    """Haar's square in YuNet's convention; the score grows with how many windows agreed."""
    x, y, side = (float(value) * factor for value in square[:3])
    center_x, center_y = x + side / 2, y + side / 2
    half_width, half_height = HAAR_WIDTH * side / 2, HAAR_HEIGHT * side / 2
    box = Box(center_x - half_width, center_y - half_height, center_x + half_width, center_y + half_height)
    return Face(box, int(support) / (int(support) + 5))

"""OpenCV's YuNet, from a file of the zoo's releases."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np

from app.domain import Box, Face
from app.errors import DetectorUnavailable
from app.vision.detection.resize import pad_to_size, shrink_to_fit

# Development copy and the release of OpenCV's model zoo.
YUNET_HASHES = frozenset({
    "ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0",
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
})  # fmt: skip
LONGEST = 320
YUNET_SCORE = 0.7
YUNET_OVERLAP = 0.3
YUNET_SMALLEST = 64  # below 33 pixels a side OpenCV's network reads memory that nobody wrote, and finds ghosts


class YuNetDetector:
    """YuNet on a picture scaled down.

    Args:
        longest: Longer side in pixels that pictures are scaled down to.
        score: Least score of a face.
    """

    name, title = "yunet", "YuNet"

    def __init__(self, path: Path, longest: int | None = None, score: float = YUNET_SCORE) -> None:
        self.notice: str | None = None
        self.input_scale = 1.0
        self._longest = longest or LONGEST
        model = np.frombuffer(_verified(path), np.uint8)
        nothing = np.empty(0, np.uint8)
        self._ready_for = self._longest, self._longest
        self._network = cv2.FaceDetectorYN.create("onnx", model, nothing, self._ready_for, score, YUNET_OVERLAP)

    def detect(self, image: np.ndarray) -> list[Face]:
        small, factor = shrink_to_fit(image, round(self.input_scale * self._longest))
        small = pad_to_size(small, YUNET_SMALLEST, YUNET_SMALLEST)
        size = small.shape[1], small.shape[0]
        if size != self._ready_for:
            self._network.setInputSize(size)
            self._ready_for = size
        _, rows = self._network.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        return [] if rows is None else [_from_row(row, factor) for row in rows]


def _verified(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError:
        raise DetectorUnavailable(
            f"cannot read the detector file {str(path)!r}; give own, haar or a YuNet .onnx file as detector"
        ) from None
    if hashlib.sha256(content).hexdigest() not in YUNET_HASHES:
        raise DetectorUnavailable(
            f"{str(path)!r} is no known YuNet release (its hash differs); fetch face_detection_yunet_2023mar.onnx "
            "again, or give own or haar as detector"
        )
    return content


def _from_row(row: np.ndarray, factor: float) -> Face:
    """A row of YuNet: x, y, width, height, five points, score."""
    x, y, width, height = (float(value) * factor for value in row[:4])
    points = (row[4:14].reshape(5, 2) * factor).astype(np.float32)
    return Face(Box(x, y, x + width, y + height), min(1.0, float(row[14])), points)

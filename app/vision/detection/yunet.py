"""OpenCV's YuNet, from a file of OpenCV's model zoo."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np

from app.domain import Box, Face
from app.errors import DetectorUnavailable
from app.vision.detection.resize import pad_to_size, shrink_to_fit

# SHA-256 of a development copy and of the release in OpenCV's model zoo.
YUNET_HASHES = frozenset({
    "ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0",
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
})  # fmt: skip
DEFAULT_MAX_SIDE_PX = 320
YUNET_MIN_SCORE = 0.7
# Minimum score of what might be a face.
CANDIDATE_SCORE = 0.2
NMS_IOU = 0.3
# On images with a side below 33 pixels OpenCV's network reads uninitialized memory and returns false detections.
MIN_SIDE_PX = 64


class YuNetDetector:
    """YuNet on a downscaled image.

    Args:
        max_side: Longer side of the downscaled image in pixels.
        min_score: Minimum score of a face.
    """

    name, title = "yunet", "YuNet"

    def __init__(self, path: Path, max_side: int | None = None, min_score: float = YUNET_MIN_SCORE) -> None:
        self.notice: str | None = None
        self.input_scale, self.min_score = 1.0, min_score
        self._max_side = max_side or DEFAULT_MAX_SIDE_PX
        model = np.frombuffer(_read_verified(path), np.uint8)
        no_config = np.empty(0, np.uint8)
        self._input_size = self._max_side, self._max_side
        self._network = cv2.FaceDetectorYN.create("onnx", model, no_config, self._input_size, min_score, NMS_IOU)

    def detect(self, image: np.ndarray) -> list[Face]:
        """Detect faces with five points each, highest score first; see `FaceDetector.detect`."""
        return self._detect(image, self.min_score)

    def detect_candidates(self, image: np.ndarray) -> list[Face]:
        """Detect what might be a face; see `FaceDetector.detect_candidates`."""
        return self._detect(image, min(self.min_score, CANDIDATE_SCORE))

    def _detect(self, image: np.ndarray, min_score: float) -> list[Face]:
        self._network.setScoreThreshold(min_score)
        small, factor = shrink_to_fit(image, round(self.input_scale * self._max_side))
        small = pad_to_size(small, MIN_SIDE_PX, MIN_SIDE_PX)
        size = small.shape[1], small.shape[0]
        if size != self._input_size:
            self._network.setInputSize(size)
            self._input_size = size
        _, rows = self._network.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        return [] if rows is None else [_face(row, factor) for row in rows]


def _read_verified(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError:
        raise DetectorUnavailable(
            f"cannot read the detector file {str(path)!r}; give own, haar or a YuNet .onnx file as detector"
        ) from None
    if hashlib.sha256(content).hexdigest() not in YUNET_HASHES:
        raise DetectorUnavailable(
            f"{str(path)!r} is not a known YuNet release (its hash differs); download "
            "face_detection_yunet_2023mar.onnx again, or give own or haar as detector"
        )
    return content


def _face(row: np.ndarray, factor: float) -> Face:
    """Convert a row of YuNet: x, y, width, height, five points, score."""
    x, y, width, height = (float(value) * factor for value in row[:4])
    points = (row[4:14].reshape(5, 2) * factor).astype(np.float32)
    return Face(Box(x, y, x + width, y + height), min(1.0, float(row[14])), points)

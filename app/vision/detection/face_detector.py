"""Find faces: the network trained here, YuNet from a file, or the classic Haar cascade."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np

from app.domain import Face
from app.settings import Settings
from app.vision.detection.anchor_free_detector import FOLDER, AnchorFreeDetector, read_detector_card
from app.vision.detection.haar import HaarDetector
from app.vision.detection.yunet import YuNetDetector

HAAR_NOTICE = f"The models folder has no {FOLDER}. OpenCV's Haar cascade is used instead: slower, with lower recall."


class FaceDetector(Protocol):
    """Finds the faces in a picture.

    Attributes:
        input_scale: Factor on the usual input size; a lower one is faster and misses small faces.
    """

    input_scale: float
    name: str
    title: str
    notice: str | None

    def detect(self, image: np.ndarray) -> list[Face]:
        """The faces in an RGB uint8 picture of shape (height, width, 3), in its pixels; best first."""


def build_detector(settings: Settings) -> FaceDetector:
    """The detector that `settings.detector` asks for; Haar instead of a network of our own that is not there.

    Raises:
        DetectorUnavailable: a YuNet file is missing or is no release that is known.
        ModelError: our own network is damaged, altered, or does not fit its card.
    """
    if settings.detector == "haar":
        return HaarDetector(settings)
    if settings.detector != "own":
        return YuNetDetector(Path(settings.detector), settings.detect_width)
    folder = Path(settings.models) / FOLDER
    if not folder.is_dir():
        return HaarDetector(settings, HAAR_NOTICE)
    return AnchorFreeDetector(read_detector_card(folder), settings.detect_width)

"""Interface of face detectors, and the choice of one: own network, YuNet, or Haar cascade."""

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
    """Detects the faces in an image.

    Attributes:
        input_scale: Factor on the usual input size; a lower one is faster and misses small faces.
        min_score: Minimum score of a face.
        name, title: Identifier, and name for people.
        notice: Line for the viewer, or None.
    """

    input_scale: float
    min_score: float
    name: str
    title: str
    notice: str | None

    def detect(self, image: np.ndarray) -> list[Face]:
        """Detect faces; highest score first, in image pixels.

        Args:
            image: RGB uint8, shape (height, width, 3).
        """

    def detect_candidates(self, image: np.ndarray) -> list[Face]:
        """Detect faces, and with scores below `min_score` whatever might be one; otherwise like `detect`."""


def build_detector(settings: Settings) -> FaceDetector:
    """Create the detector of `settings.detector`; the Haar cascade if the own network is not installed.

    Raises:
        DetectorUnavailable: the YuNet file is missing or is not a known release.
        ModelError: the own network is damaged, altered, or does not match its card.
    """
    if settings.detector == "haar":
        return HaarDetector(settings)
    if settings.detector != "own":
        return YuNetDetector(Path(settings.detector), settings.detect_width)
    folder = Path(settings.models) / FOLDER
    if not folder.is_dir():
        return HaarDetector(settings, HAAR_NOTICE)
    return AnchorFreeDetector(read_detector_card(folder), settings.detect_width)

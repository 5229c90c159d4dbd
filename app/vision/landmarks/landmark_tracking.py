"""Interface for tracking faces by their landmarks between detections."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from app.domain import Face
from app.vision.landmarks.network import FOLDER, LandmarkNetwork, read_landmark_card


class LandmarkTracker(Protocol):
    """Tracks faces between detections, and rejects false detections."""

    def confirm_detections(
        self, image: np.ndarray, detections: Sequence[Face], known: Sequence[Face] = ()
    ) -> Sequence[Face]:
        """Keep the detections that are faces, with refined positions; occluded ones keep the detector's box.

        Args:
            image: RGB uint8, shape (height, width, 3).
            detections: In image pixels.
            known: Tracked faces at their predicted positions.
        """

    def track(self, image: np.ndarray, faces: Sequence[Face]) -> Sequence[Face | None]:
        """Update the positions of tracked faces without a detection.

        Args:
            image: RGB uint8, shape (height, width, 3).
            faces: Faces at their predicted positions, in image pixels.
        Returns:
            Per face its new position, or None if it is occluded; empty if tracking is not available.
        """


class NullLandmarkTracker:
    """Accepts all detections and tracks nothing, which leaves tracking to the motion model."""

    def confirm_detections(
        self, image: np.ndarray, detections: Sequence[Face], known: Sequence[Face] = ()
    ) -> Sequence[Face]:
        """Return the detections unchanged."""
        return detections

    def track(self, image: np.ndarray, faces: Sequence[Face]) -> Sequence[Face | None]:
        """Return nothing: the motion model predicts all positions."""
        return []


def load_landmark_tracker(models: str | Path) -> LandmarkTracker:
    """Load the landmark network from a models folder, or the null tracker if there is none.

    Raises:
        ModelError: the network is damaged, altered, or does not match its card.
    """
    folder = Path(models) / FOLDER
    return LandmarkNetwork(read_landmark_card(folder)) if folder.is_dir() else NullLandmarkTracker()

"""Follow known faces through pictures in which nobody looks for faces."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from app.domain import Face
from app.vision.landmarks.network import FOLDER, LandmarkNetwork, read_landmark_card


class LandmarkTracker(Protocol):
    """Finds known faces again near where they are expected, and tells faces from what a detector took for them."""

    def confirm_detections(
        self, image: np.ndarray, faces: Sequence[Face], known: Sequence[Face] = ()
    ) -> Sequence[Face]:
        """Those of a detector's faces that are faces, perhaps with a better place.

        Args:
            image: RGB uint8, shape (height, width, 3).
            faces: In image pixels.
            known: Where motion leads those who were found before.
        Returns:
            Who is covered in part keeps the detector's box.
        """

    def track(self, image: np.ndarray, faces: Sequence[Face]) -> Sequence[Face | None]:
        """Each face where it is in this picture, None for who is covered; empty where nobody can be followed.

        Args:
            image: RGB uint8, shape (height, width, 3).
            faces: Where motion leads the faces, in image pixels.
        """


class NullLandmarkTracker:
    """Tells nothing, so that each face is taken to be where the detector found it and then where its motion leads."""

    def confirm_detections(
        self, image: np.ndarray, faces: Sequence[Face], known: Sequence[Face] = ()
    ) -> Sequence[Face]:
        return faces

    def track(self, image: np.ndarray, faces: Sequence[Face]) -> Sequence[Face | None]:
        return []


def load_landmark_tracker(models: str | Path) -> LandmarkTracker:
    """The landmark network in a folder of models; motion alone where there is none.

    Raises:
        ModelError: the network is damaged, altered, or does not fit its card.
    """
    folder = Path(models) / FOLDER
    return LandmarkNetwork(read_landmark_card(folder)) if folder.is_dir() else NullLandmarkTracker()

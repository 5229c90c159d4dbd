"""Cut patches out of pictures that already are face crops: the whole picture, or upright as the landmarks say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.settings import PROJECT
from app.vision.face_frame import FaceFrame
from app.vision.landmarks import FOLDER, LandmarkNetwork, read_landmark_card
from app.vision.patch import PatchSpec, cut, whole_picture_frame

MODELS = PROJECT / "models"
# Landmarks that put the face elsewhere than the picture does are not believed: in sides of the face, and as a factor.
FARTHEST, LARGEST_FACTOR = 0.3, 1.5


def face_patches(images: Sequence[np.ndarray], spec: PatchSpec, models: Path = MODELS) -> np.ndarray:
    """The patch of each picture, uint8 (n, *spec.shape), aligned where the spec asks for it.

    Args:
        images: RGB uint8, one face each.
        models: Where the landmark network is.
    Raises:
        ModelError: the spec asks for alignment, and the landmark network is missing, altered, or does not fit its card.
    """
    network = LandmarkNetwork(read_landmark_card(models / FOLDER)) if spec.aligned else None
    patches = [cut(image, frame_of(image, spec, network), spec) for image in images]
    return np.array(patches, np.uint8).reshape(-1, *spec.shape)


def frame_of(image: np.ndarray, spec: PatchSpec, network: LandmarkNetwork | None) -> FaceFrame:
    """Where the face is: by its landmarks where the network sees them near, else where the picture has it."""
    whole = whole_picture_frame(image.shape[1], image.shape[0], spec)
    if network is None:
        return whole
    frame = network.frame_near(image, whole)
    return frame if frame is not None and _is_near(frame, whole) else whole


def whole_patch(image: np.ndarray, spec: PatchSpec) -> np.ndarray:
    """The patch that shows the whole picture, uint8 of `spec.shape`."""
    return cut(image, whole_picture_frame(image.shape[1], image.shape[0], spec), spec)


def _is_near(frame: FaceFrame, whole: FaceFrame) -> bool:
    away = np.hypot(frame.x - whole.x, frame.y - whole.y) / whole.side
    return bool(away <= FARTHEST and 1 / LARGEST_FACTOR <= frame.side / whole.side <= LARGEST_FACTOR)

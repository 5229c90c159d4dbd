"""Rate how much a face crop reveals about constant attributes such as age and sex."""

from __future__ import annotations

import cv2
import numpy as np

from app.domain import Face
from app.vision.inference.face_crop import PatchSpec, crop_face
from app.vision.inference.face_pose import FacePose

# Mean of box width and height above which more pixels add nothing: the largest model input is 96 pixels wide.
FULL_QUALITY_SIDE_PX = 96.0
# Variance of the Laplacian at which sharpness is 0.5; between blurred and sharp faces.
HALF_SHARPNESS_VARIANCE = 60.0
# A poor crop is better than none.
MIN_QUALITY = 0.02
SHARPNESS_PATCH = PatchSpec(64, "gray", 1.0)


def crop_quality(image: np.ndarray, face: Face) -> float:
    """Quality from `MIN_QUALITY` to 1, by size, sharpness and, if landmarks are known, frontality.

    Args:
        image: RGB uint8, shape (height, width, 3).
        face: In image pixels.
    """
    size = min(1.0, (face.box.width + face.box.height) / 2 / FULL_QUALITY_SIDE_PX)
    sharpness = _sharpness(crop_face(image, FacePose.from_face(face), SHARPNESS_PATCH))
    return max(MIN_QUALITY, size * frontality(face.points) * sharpness)


def frontality(points: np.ndarray | None) -> float:
    """1 if the nose is midway between the eyes, 0 if it is at or beyond one of them; 1 without points.

    Args:
        points: Landmarks as in `Face.points`, shape (5 or more, 2).
    """
    if points is None:
        return 1.0
    left_eye, right_eye, nose = np.asarray(points[:3], float)
    eye_line = right_eye - left_eye
    length = float(eye_line @ eye_line)
    if length == 0:
        return 0.0
    position = float((nose - left_eye) @ eye_line) / length
    return max(0.0, 1 - 2 * abs(position - 0.5))


def _sharpness(gray: np.ndarray) -> float:
    variance = float(cv2.Laplacian(gray, cv2.CV_32F).var())
    return variance / (variance + HALF_SHARPNESS_VARIANCE)

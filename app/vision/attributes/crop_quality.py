"""How much a picture of a face tells of what does not change, such as age and sex."""

from __future__ import annotations

import cv2
import numpy as np

from app.domain import Face
from app.vision.inference.face_crop import PatchSpec, crop_face
from app.vision.inference.face_pose import FacePose

LARGE_ENOUGH = 96.0  # mean side in pixels, from which on more pixels tell nothing more
SHARP = 60.0  # variance of the Laplacian of a face that is half way between blurred and sharp
LEAST = 0.02  # a bad picture is better than none
VIEW = PatchSpec(64, "gray", 1.0)


def quality(image: np.ndarray, face: Face) -> float:
    """From `LEAST` to 1, by the face's size, sharpness and, where its points are known, how frontal it is.

    Args:
        image: RGB uint8, shape (height, width, 3).
        face: In image pixels.
    """
    size = min(1.0, (face.box.width + face.box.height) / 2 / LARGE_ENOUGH)
    return max(LEAST, size * frontality(face.points) * _sharpness(crop_face(image, FacePose.from_face(face), VIEW)))


def frontality(points: np.ndarray | None) -> float:
    """1 where the nose is midway between the eyes, 0 where it is at or beyond one of them; 1 without points."""
    if points is None:
        return 1.0
    left_eye, right_eye, nose = np.asarray(points[:3], float)
    across = right_eye - left_eye
    length = float(across @ across)
    if length == 0:
        return 0.0
    share = float((nose - left_eye) @ across) / length
    return max(0.0, 1 - 2 * abs(share - 0.5))


def _sharpness(gray: np.ndarray) -> float:
    variance = float(cv2.Laplacian(gray, cv2.CV_32F).var())
    return variance / (variance + SHARP)

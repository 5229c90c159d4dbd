"""The face that a lesson is about: the largest of the picture."""

from __future__ import annotations

import numpy as np

from app.domain import Face
from app.learn.base.lesson import NoFace
from app.learn.base.tools import Tools
from app.vision.inference.face_pose import FacePose

NO_FACE = "the picture has no face; turn to the camera, or choose another picture"


def largest_face(image: np.ndarray, tools: Tools) -> Face:
    """The largest face of an image, RGB uint8 (height, width, 3).

    Raises:
        NoFace: there is none.
    """
    faces = tools.faces(image)
    if not faces:
        raise NoFace(NO_FACE)
    return faces[0]


def square_around(image: np.ndarray, face: Face, margin: float = 1.0) -> tuple[int, int, int]:
    """The upright square around a face that lies inside the image: left, top and side in pixels."""
    height, width = image.shape[:2]
    pose = FacePose.from_face(face)
    side = int(min(margin * pose.side, height, width))
    left = int(np.clip(round(pose.x - side / 2), 0, width - side))
    top = int(np.clip(round(pose.y - side / 2), 0, height - side))
    return left, top, side

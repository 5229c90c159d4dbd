"""Position, size and in-plane rotation of a face, from its landmarks or its box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.domain import Box, Face

# Size of a face's box in units of the mean of the eye distance and the distance from eyes to mouth, and how far its
# centre lies above the midpoint of eyes and mouth. Medians of YuNet's boxes on 349 stills of YouTube Faces and 424
# images of All-Age-Faces.
BOX_WIDTH_UNITS = 2.2
BOX_HEIGHT_UNITS = 2.76
BOX_RISE_UNITS = 0.12
# The first landmarks of `Face.points`; left and right are the subject's own in these names.
FIVE_POINTS = ("right_eye_center", "left_eye_center", "nose_tip", "mouth_right_corner", "mouth_left_corner")


@dataclass(frozen=True, slots=True)
class FacePose:
    """Similarity pose of a face in an image.

    Attributes:
        x, y: Centre in pixels from the top left corner of the image.
        side: Mean of width and height of the upright face's box, in pixels.
        roll_rad: In-plane rotation; positive if the top of the face leans to the right of the image.
    """

    x: float
    y: float
    side: float
    roll_rad: float = 0.0

    @classmethod
    def from_face(cls, face: Face) -> FacePose:
        """Pose from the landmarks if the landmark network has run, else from the box.

        The five points of a detector are not accurate enough.
        """
        if face.points is not None and has_landmarks(face):
            return cls.from_points(face.points)
        return cls.from_box(face.box)

    @classmethod
    def from_box(cls, box: Box) -> FacePose:
        """Upright pose of a box."""
        return cls(*box.center, (box.width + box.height) / 2)

    @classmethod
    def from_points(cls, points: np.ndarray) -> FacePose:
        """Pose from eyes and mouth corners.

        Args:
            points: Landmarks in image pixels as in `Face.points`, shape (5 or more, 2).
        """
        left_eye, right_eye, _, left_corner, right_corner = points[: len(FIVE_POINTS)].tolist()
        eyes, mouth = _middle(left_eye, right_eye), _middle(left_corner, right_corner)
        across_x, across_y = right_eye[0] - left_eye[0], right_eye[1] - left_eye[1]
        down_x, down_y = mouth[0] - eyes[0], mouth[1] - eyes[1]
        unit = (math.hypot(across_x, across_y) + math.hypot(down_x, down_y)) / 2
        # Combine both directions: the eye line gets short when the head turns sideways.
        roll_rad = math.atan2(across_y - down_x, across_x + down_y)
        (x, y), rise = _middle(eyes, mouth), BOX_RISE_UNITS * unit
        side = unit * (BOX_WIDTH_UNITS + BOX_HEIGHT_UNITS) / 2
        return cls(x + 0.5 + rise * math.sin(roll_rad), y + 0.5 - rise * math.cos(roll_rad), max(1.0, side), roll_rad)

    @property
    def box(self) -> Box:
        """Upright box with the usual proportions of a face."""
        half = self.side / (BOX_WIDTH_UNITS + BOX_HEIGHT_UNITS)
        half_width, half_height = half * BOX_WIDTH_UNITS, half * BOX_HEIGHT_UNITS
        return Box(self.x - half_width, self.y - half_height, self.x + half_width, self.y + half_height)


def _middle(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    return (first[0] + second[0]) / 2, (first[1] + second[1]) / 2


def has_landmarks(face: Face) -> bool:
    """Whether the points come from the landmark network rather than from the detector."""
    return face.points is not None and len(face.points) > len(FIVE_POINTS)

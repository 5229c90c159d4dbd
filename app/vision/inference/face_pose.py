"""Where a face is, how large and how turned: what every patch of it is cut around."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from app.domain import Box, Face

# The box of a face by its points, in means of the distance between the eyes and from eyes to mouth: medians of YuNet's
# boxes on 349 stills of YouTube Faces and 424 pictures of All-Age-Faces.
BOX_WIDTH, BOX_HEIGHT, BOX_RISE = 2.2, 2.76, 0.12
# The landmarks that `Face.points` holds: left and right are the subject's own in their names.
FIVE_POINTS = ("right_eye_center", "left_eye_center", "nose_tip", "mouth_right_corner", "mouth_left_corner")


@dataclass(frozen=True, slots=True)
class FacePose:
    """A face's place in a picture.

    Attributes:
        x, y: Its centre in pixels from the picture's left upper edge.
        side: Mean of the width and the height of its box, were it upright.
        roll_rad: Radians in the plane; positive where its top leans to the right of the picture.
    """

    x: float
    y: float
    side: float
    roll_rad: float = 0.0

    @classmethod
    def from_face(cls, face: Face) -> FacePose:
        """By its landmarks where they are known, else by its box: a detector's five points are too rough."""
        if face.points is not None and has_landmarks(face):
            return cls.from_points(face.points)
        return cls.from_box(face.box)

    @classmethod
    def from_box(cls, box: Box) -> FacePose:
        return cls(*box.center, (box.width + box.height) / 2)

    @classmethod
    def from_points(cls, points: np.ndarray) -> FacePose:
        """By eyes, nose and mouth corners as `Face.points` has them; the nose does not count."""
        left_eye, right_eye, _, left_corner, right_corner = np.asarray(points[: len(FIVE_POINTS)], float)
        eyes, mouth = (left_eye + right_eye) / 2, (left_corner + right_corner) / 2
        across, down = right_eye - left_eye, mouth - eyes
        unit = (math.hypot(*across) + math.hypot(*down)) / 2
        # Both tell the turn: heads that look aside have short eye lines.
        level = across + (down[1], -down[0])
        turn = math.atan2(level[1], level[0])
        x, y = (eyes + mouth) / 2 + 0.5 + BOX_RISE * unit * np.array([math.sin(turn), -math.cos(turn)])
        return cls(float(x), float(y), max(1.0, unit * (BOX_WIDTH + BOX_HEIGHT) / 2), turn)

    @property
    def box(self) -> Box:
        """An upright box of the face's sides around its centre."""
        half = self.side / (BOX_WIDTH + BOX_HEIGHT)
        width, height = half * BOX_WIDTH, half * BOX_HEIGHT
        return Box(self.x - width, self.y - height, self.x + width, self.y + height)


def has_landmarks(face: Face) -> bool:
    """Whether the landmark network told the points of a face."""
    return face.points is not None and len(face.points) > len(FIVE_POINTS)

"""Rotation of a head from its fifteen landmarks.

Axes of the camera: x to the right of the picture, y down, z away from the camera. The mean face is given with the same
axes and looks at the camera, so its forward direction is -z.

Angles, in degrees, as the viewer sees the picture:

- yaw: positive if the face turns to the right side of the picture, from -180 to 180;
- pitch: positive if the face looks up, from -90 to 90;
- roll: positive if the top of the head leans to the right side of the picture, from -180 to 180.

In the mirror image of a picture, yaw and roll change their sign and pitch stays. The rotation is yaw (about the
vertical axis) * pitch (about the horizontal axis) * roll (about the forward direction of the face).

The angles are relative to the line of sight: they are 0 if the face looks into the camera, wherever in the picture it
is. They do not tell where the eyes look.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from app.attributes.attribute import PnpSolver

# Order of `Face.points`; left and right are the subject's own.
POINT_NAMES = (
    "right_eye_center",
    "left_eye_center",
    "nose_tip",
    "mouth_right_corner",
    "mouth_left_corner",
    "left_eye_inner_corner",
    "left_eye_outer_corner",
    "right_eye_inner_corner",
    "right_eye_outer_corner",
    "left_eyebrow_inner_end",
    "left_eyebrow_outer_end",
    "right_eyebrow_inner_end",
    "right_eyebrow_outer_end",
    "mouth_center_top_lip",
    "mouth_center_bottom_lip",
)
# Mean face in mm, its centre at the origin: fitted to stills of 239 people by structure from motion, symmetric, with no
# pitch for portraits that face the camera. `python -m training fit-mean-face` prints it.
MEAN_FACE_MM = (
    (-31.5, -15.7, 3.5),
    (31.5, -15.7, 3.5),
    (0.0, 19.4, -25.0),
    (-25.5, 50.9, 2.7),
    (25.5, 50.9, 2.7),
    (19.2, -15.2, 3.4),
    (43.3, -16.1, 8.0),
    (-19.2, -15.2, 3.4),
    (-43.3, -16.1, 8.0),
    (18.3, -35.6, -7.6),
    (57.0, -31.2, 12.5),
    (-18.3, -35.6, -7.6),
    (-57.0, -31.2, 12.5),
    (0.0, 43.4, -12.6),
    (0.0, 63.0, -7.3),
)
# Focal length in longer sides of the picture, which is a field of view of 53 degrees along it; webcams have 50 to 70. A
# wrong one matters little: half or twice the length changes the yaw by 1.3 or 0.7 degrees on average, the other angles
# by less (`evaluate pose`).
FOCAL_LENGTH_SIDES = 1.0


@dataclass(frozen=True, slots=True)
class HeadRotation:
    """Yaw, pitch and roll in degrees, relative to the line of sight."""

    yaw: float
    pitch: float
    roll: float

    @property
    def angle_to_camera(self) -> float:
        """Angle between the forward direction of the face and the direction to the camera, 0 to 180 degrees."""
        forward = math.cos(math.radians(self.yaw)) * math.cos(math.radians(self.pitch))
        return math.degrees(math.acos(max(-1.0, min(1.0, forward))))


def head_rotation(points: np.ndarray, frame_size: tuple[int, int], solve_pnp: PnpSolver) -> HeadRotation | None:
    """Rotation of a head by its landmarks; None if there is no solution.

    Args:
        points: float (15, 2) in pixels, in the order of `POINT_NAMES`.
        frame_size: Width and height of the picture in pixels.
    """
    return relative_rotation(_mean_face(), points, points.mean(0), frame_size, solve_pnp)


def relative_rotation(
    model_points: np.ndarray,
    points: np.ndarray,
    target: np.ndarray,
    frame_size: tuple[int, int],
    solve_pnp: PnpSolver,
) -> HeadRotation | None:
    """Rotation of a model of a face, relative to the line of sight; None if there is no solution.

    Args:
        model_points: float (n, 3), any unit, with the axes of the mean face.
        points: float (n, 2) in pixels.
        target: Where the line of sight ends, float (2,) in pixels.
        frame_size: Width and height of the picture in pixels.
    """
    camera = camera_matrix(frame_size)
    rotation = solve_pnp(model_points, points, camera)
    return None if rotation is None else angles(line_of_sight(target, camera).T @ rotation)


def camera_matrix(frame_size: tuple[int, int]) -> np.ndarray:
    """Camera matrix for a picture of this width and height in pixels, float64 (3, 3).

    The optical axis passes through the centre of the picture.
    """
    width, height = frame_size
    focal_px = FOCAL_LENGTH_SIDES * max(width, height)
    return np.array([[focal_px, 0.0, (width - 1) / 2], [0.0, focal_px, (height - 1) / 2], [0.0, 0.0, 1.0]])


def line_of_sight(point: np.ndarray, camera: np.ndarray) -> np.ndarray:
    """Rotation by yaw and pitch that turns the optical axis to a point of the picture, float64 (3, 3).

    Args:
        point: float (2,) in pixels.
        camera: Camera matrix, float (3, 3).
    """
    x, y = ((point - camera[:2, 2]) / camera[0, 0]).tolist()
    yaw, pitch = -math.atan(x), math.atan2(y, math.hypot(1, x))
    return rotation_matrix(HeadRotation(math.degrees(yaw), math.degrees(pitch), 0.0))


def angles(rotation: np.ndarray) -> HeadRotation:
    """Yaw, pitch and roll of a rotation matrix (3, 3); the inverse of `rotation_matrix`."""
    (_, _, right), (roll_sine, roll_cosine, up), (_, _, away) = rotation.tolist()
    return HeadRotation(
        math.degrees(math.atan2(-right, away)),
        math.degrees(math.asin(max(-1.0, min(1.0, up)))),
        math.degrees(math.atan2(roll_sine, roll_cosine)),
    )


def rotation_matrix(head: HeadRotation) -> np.ndarray:
    """Rotation matrix of a head, float64 (3, 3)."""
    yaw, pitch, roll = (math.radians(angle) for angle in (head.yaw, head.pitch, head.roll))
    ys, yc, ps, pc = math.sin(yaw), math.cos(yaw), math.sin(pitch), math.cos(pitch)
    rs, rc = math.sin(roll), math.cos(roll)
    return np.array(
        [
            [yc * rc + ys * ps * rs, ys * ps * rc - yc * rs, -ys * pc],
            [pc * rs, pc * rc, ps],
            [ys * rc - yc * ps * rs, -ys * rs - yc * ps * rc, yc * pc],
        ]
    )


@cache
def _mean_face() -> np.ndarray:
    return np.array(MEAN_FACE_MM)

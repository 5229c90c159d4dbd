"""Crop, align and resize a face to the input patch of a model; the only code that does so.

Training and serving both call `crop_face`, so that a model sees the same framing in both. The crop is a square relative
to the pose of the face: its side is `margin * pose.side`, its centre lies `offset_y * pose.side` below that of the
face, and it is rotated by the roll of the face, which is then upright in the patch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from app.vision.inference.face_pose import FacePose


@dataclass(frozen=True, slots=True)
class PatchSpec:
    """Input patch of a model.

    Attributes:
        size: Side of the patch in pixels.
        colour: `gray` or `rgb`.
        margin: Side of the crop over the side of the face.
        offset_y: Distance of the crop's centre below the face's centre, in sides of the face.
        aligned: Whether the model was trained on faces aligned by landmarks. The app aligns every face with landmarks.
    """

    size: int
    colour: str
    margin: float
    offset_y: float = 0.0
    aligned: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the patch array: (size, size, channels)."""
        return self.size, self.size, 1 if self.colour == "gray" else 3


class Framing(Protocol):
    """Placement of a square around a face: a patch, or the images of a data set."""

    @property
    def margin(self) -> float:
        """Side of the square over the side of the face."""

    @property
    def offset_y(self) -> float:
        """Distance of the square's centre below the face's centre, in sides of the face."""


def crop_face(image: np.ndarray, pose: FacePose, spec: PatchSpec) -> np.ndarray:
    """Crop one face as a model input.

    Args:
        image: RGB uint8, shape (height, width, 3).
        pose: Face in image pixels; beyond the image its edge is repeated.
    Returns:
        uint8, shape `spec.shape`.
    """
    matrix = patch_matrix(pose, spec)
    if similarity_scale(matrix) < 1:
        image, matrix = _downscale_region(image, matrix, spec.size)
    patch = cv2.warpAffine(
        image, matrix, (spec.size, spec.size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    if spec.colour == "gray":
        return cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY)[..., None]
    return patch


def patch_matrix(pose: FacePose, spec: PatchSpec) -> np.ndarray:
    """Similarity transform from image pixels to patch pixels, float64 (2, 3)."""
    scale = spec.size / max(1.0, spec.margin * pose.side)
    cosine, sine = scale * math.cos(pose.roll_rad), scale * math.sin(pose.roll_rad)
    rotation = np.array([[cosine, sine], [-sine, cosine]])
    down = spec.offset_y * pose.side
    center = np.array([pose.x - math.sin(pose.roll_rad) * down, pose.y + math.cos(pose.roll_rad) * down])
    # Pixel centres lie at half-integer distances from the image edge.
    translation = rotation @ (0.5 - center) + spec.size / 2 - 0.5
    return np.column_stack([rotation, translation])


def similarity_scale(matrix: np.ndarray) -> float:
    """Scale factor of a similarity transform, shape (2, 3)."""
    return math.hypot(matrix[0, 0], matrix[0, 1])


def transform_points(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Apply an affine transform, shape (2, 3), to points, shape (..., 2)."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def whole_image_pose(width: int, height: int, framing: Framing) -> FacePose:
    """Pose of the face in an image that already is a face crop with this framing."""
    side = min(width, height) / framing.margin
    return FacePose(width / 2, height / 2 - framing.offset_y * side, side)


def _downscale_region(image: np.ndarray, matrix: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Downscale the region that a patch shows to the patch's resolution; area averaging avoids aliasing.

    Returns:
        The region, and the transform from its pixels to patch pixels.
    """
    height, width = image.shape[:2]
    corners = transform_points(
        cv2.invertAffineTransform(matrix), np.array([(x, y) for x in (0, size - 1) for y in (0, size - 1)])
    )
    # Clip to the image; of a face beyond the edge only the edge pixels remain.
    first = np.floor(corners.min(0)).astype(int).clip(0, (width - 1, height - 1))
    last = np.ceil(corners.max(0)).astype(int).clip(0, (width - 1, height - 1)) + 1
    extent = last - first
    small = np.maximum(1, np.round(extent * similarity_scale(matrix))).astype(int)
    region = cv2.resize(image[first[1] : last[1], first[0] : last[0]], small.tolist(), interpolation=cv2.INTER_AREA)
    factor = extent / small
    back = np.array([[factor[0], 0, factor[0] / 2 - 0.5 + first[0]], [0, factor[1], factor[1] / 2 - 0.5 + first[1]]])
    return region, np.column_stack([matrix[:, :2] @ back[:, :2], transform_points(matrix, back[:, 2])])

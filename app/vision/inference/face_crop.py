"""Crop, align and resize a face to the input patch of a model; the only code that does so.

Training and serving both call `crop_face`, so that a model sees the same framing in both. The crop is a square relative
to the pose of the face: its side is `margin * pose.side`, its centre lies `offset_y * pose.side` below that of the
face, and it is rotated by the roll of the face, which is then upright in the patch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
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
    image, matrix = _shown_region(image, patch_matrix(pose, spec), spec.size)
    if spec.colour == "gray":  # first, since resizing three channels takes three times as long
        image = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if similarity_scale(matrix) < 1:
        image, matrix = _downscale(image, matrix)
    patch = cv2.warpAffine(
        image, matrix, (spec.size, spec.size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return patch.reshape(spec.shape)


def crop_faces(image: np.ndarray, poses: Sequence[FacePose], spec: PatchSpec) -> np.ndarray:
    """Crop faces as model inputs.

    Args:
        image: RGB uint8, shape (height, width, 3).
        poses: Faces in image pixels.
    Returns:
        uint8, shape (len(poses), *spec.shape).
    Raises:
        ValueError: image is not RGB uint8.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"the image is {image.dtype} {image.shape}, not RGB uint8 (height, width, 3)")
    patches = [crop_face(image, pose, spec) for pose in poses]
    return np.array(patches, np.uint8).reshape(-1, *spec.shape)


def patch_matrix(pose: FacePose, spec: PatchSpec) -> np.ndarray:
    """Similarity transform from image pixels to patch pixels, float64 (2, 3)."""
    scale = spec.size / max(1.0, spec.margin * pose.side)
    cosine, sine = scale * math.cos(pose.roll_rad), scale * math.sin(pose.roll_rad)
    down = spec.offset_y * pose.side
    # Pixel centres lie at half-integer distances from the image edge.
    x = 0.5 - (pose.x - math.sin(pose.roll_rad) * down)
    y = 0.5 - (pose.y + math.cos(pose.roll_rad) * down)
    middle = spec.size / 2 - 0.5
    return np.array([[cosine, sine, cosine * x + sine * y + middle], [-sine, cosine, cosine * y - sine * x + middle]])


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


def _shown_region(image: np.ndarray, matrix: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The region of an image that a patch shows, and the transform from its pixels to patch pixels."""
    height, width = image.shape[:2]
    to_x, to_y = cv2.invertAffineTransform(matrix).tolist()
    (left, right), (top, bottom) = _clipped_span(to_x, size - 1, width), _clipped_span(to_y, size - 1, height)
    return image[top:bottom, left:right], _before_transform(matrix, (1.0, 1.0), (left, top))


def _downscale(region: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Downscale a region to the resolution of its patch; area averaging avoids aliasing.

    Returns:
        The region, and the transform from its pixels to patch pixels.
    """
    (height, width), scale = region.shape[:2], similarity_scale(matrix)
    small_width, small_height = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(region, (small_width, small_height), interpolation=cv2.INTER_AREA)
    scale_x, scale_y = width / small_width, height / small_height
    return small, _before_transform(matrix, (scale_x, scale_y), (scale_x / 2 - 0.5, scale_y / 2 - 0.5))


def _clipped_span(row: Sequence[float], side: int, limit: int) -> tuple[int, int]:
    """First image pixel of a patch along one axis, and the one after its last; beyond the image only its edge pixel.

    Args:
        row: Row of the transform from patch to image pixels.
        side: Distance between the patch's first and last pixel.
    """
    by_x, by_y, origin = row[0] * side, row[1] * side, row[2]
    corners = (0.0, by_x, by_y, by_x + by_y)
    first, last = math.floor(min(corners) + origin), math.ceil(max(corners) + origin)
    return min(max(first, 0), limit - 1), min(max(last, 0), limit - 1) + 1


def _before_transform(matrix: np.ndarray, scale: tuple[float, float], shift: tuple[float, float]) -> np.ndarray:
    """An affine transform, shape (2, 3), of points that are first scaled and then shifted in x and y."""
    (scale_x, scale_y), (shift_x, shift_y) = scale, shift
    return np.array([[a * scale_x, b * scale_y, a * shift_x + b * shift_y + c] for a, b, c in matrix.tolist()])

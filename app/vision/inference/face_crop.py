"""Cut the square picture of a face that a model takes: the only code that crops or resizes a face.

Training and serving both go through `crop_face`, so that a model sees the same framing in both. The framing is
relative to the face's frame: `side = margin * frame.side`, centred on the frame, moved down along the face by
`offset_y * frame.side`, and turned with it, so that the face stands upright in the patch.
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
    """How a model wants to see a face.

    Attributes:
        size: Side of the patch in pixels.
        colour: `gray` or `rgb`.
        margin: Side of the cut square over the frame's.
        offset_y: How far the square's centre lies below the frame's, in sides of the frame.
        aligned: Whether it learnt from faces that stand upright by their landmarks, rather than from pictures as they
            come; the app aligns every face whose landmarks it knows.
    """

    size: int
    colour: str
    margin: float
    offset_y: float = 0.0
    aligned: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.size, self.size, 1 if self.colour == "gray" else 3


class Framing(Protocol):
    """How a square is laid around a face: a patch, or the pictures of a set."""

    @property
    def margin(self) -> float: ...
    @property
    def offset_y(self) -> float: ...


def crop_face(image: np.ndarray, frame: FacePose, spec: PatchSpec) -> np.ndarray:
    """One face as a model input.

    Args:
        image: RGB uint8, shape (height, width, 3).
        frame: The face's place in it; may reach past the edge, where the edge is repeated.
    Returns:
        uint8, shape `spec.shape`.
    """
    matrix = patch_matrix(frame, spec)
    if similarity_scale(matrix) < 1:
        image, matrix = _shrunk(image, matrix, spec.size)
    patch = cv2.warpAffine(
        image, matrix, (spec.size, spec.size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    if spec.colour == "gray":
        return cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY)[..., None]
    return patch


def patch_matrix(frame: FacePose, spec: PatchSpec) -> np.ndarray:
    """Where the pixels of a picture lie in the patch of a face, float64 (2, 3): turned, scaled and moved."""
    scale = spec.size / max(1.0, spec.margin * frame.side)
    cosine, sine = scale * math.cos(frame.roll_rad), scale * math.sin(frame.roll_rad)
    turned = np.array([[cosine, sine], [-sine, cosine]])
    down = spec.offset_y * frame.side
    middle = np.array([frame.x - math.sin(frame.roll_rad) * down, frame.y + math.cos(frame.roll_rad) * down])
    # Pixel centres lie at half numbers from a picture's edge.
    moved = turned @ (0.5 - middle) + spec.size / 2 - 0.5
    return np.column_stack([turned, moved])


def similarity_scale(matrix: np.ndarray) -> float:
    """How much larger a similarity (2, 3) makes things."""
    return math.hypot(matrix[0, 0], matrix[0, 1])


def transform_points(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (..., 2) after an affine map (2, 3)."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def whole_image_pose(width: int, height: int, framing: Framing) -> FacePose:
    """The frame of the face in a picture that already is a face crop, framed like a patch or like a set's pictures."""
    side = min(width, height) / framing.margin
    return FacePose(width / 2, height / 2 - framing.offset_y * side, side)


def _shrunk(image: np.ndarray, matrix: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The part of a picture that a patch shows, scaled to the patch's pixels by area, which aliases nothing."""
    height, width = image.shape[:2]
    corners = transform_points(
        cv2.invertAffineTransform(matrix), np.array([(x, y) for x in (0, size - 1) for y in (0, size - 1)])
    )
    # What is left of a face beyond the edge is the edge.
    first = np.floor(corners.min(0)).astype(int).clip(0, (width - 1, height - 1))
    last = np.ceil(corners.max(0)).astype(int).clip(0, (width - 1, height - 1)) + 1
    extent = last - first
    small = np.maximum(1, np.round(extent * similarity_scale(matrix))).astype(int)
    region = cv2.resize(image[first[1] : last[1], first[0] : last[0]], small.tolist(), interpolation=cv2.INTER_AREA)
    factor = extent / small
    back = np.array([[factor[0], 0, factor[0] / 2 - 0.5 + first[0]], [0, factor[1], factor[1] / 2 - 0.5 + first[1]]])
    return region, np.column_stack([matrix[:, :2] @ back[:, :2], transform_points(matrix, back[:, 2])])

"""Cut the square picture of a face that a model takes: the only code that crops or resizes a face.

Training and serving both go through `cut`, so that a model sees the same framing in both. The framing is
relative to the face's box: `side = margin * mean(box.width, box.height)`, centred on the box and moved down by
`offset_y * mean(box.width, box.height)`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from app.domain import Box

# Height over width of the boxes YuNet draws on upright faces (median over FER2013, UTKFace and AAF: 1.25-1.39).
BOX_ASPECT = 1.3


@dataclass(frozen=True, slots=True)
class PatchSpec:
    """How a model wants to see a face.

    Attributes:
        size: Side of the patch in pixels.
        colour: `gray` or `rgb`.
        margin: Side of the cut square over the mean side of the face's box.
        offset_y: How far the square's centre lies below the box's, in mean sides of the box.
    """

    size: int
    colour: str
    margin: float
    offset_y: float = 0.0

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.size, self.size, 1 if self.colour == "gray" else 3


def cut(image: np.ndarray, box: Box, spec: PatchSpec) -> np.ndarray:
    """One face as a model input.

    Args:
        image: RGB uint8, shape (height, width, 3).
        box: The face's box in image pixels; may reach past the edge, where the edge is repeated.
    Returns:
        uint8, shape `spec.shape`.
    """
    center_x, center_y = box.center
    mean_side = (box.width + box.height) / 2
    side = max(1.0, spec.margin * mean_side)
    left, top = center_x - side / 2, center_y + spec.offset_y * mean_side - side / 2
    region = _region(image, left, top, side)
    shrinks = region.shape[0] > spec.size
    patch = cv2.resize(region, (spec.size, spec.size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    if spec.colour == "gray":
        return cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY)[..., None]
    return patch


def whole_picture_box(width: int, height: int, spec: PatchSpec) -> Box:
    """The box whose patch is the whole picture: for pictures that already are face crops."""
    side = min(width, height) / spec.margin
    box_width = 2 * side / (1 + BOX_ASPECT)
    box_height = box_width * BOX_ASPECT
    center_x, center_y = width / 2, height / 2 - spec.offset_y * side
    return Box(center_x - box_width / 2, center_y - box_height / 2, center_x + box_width / 2, center_y + box_height / 2)


def _region(image: np.ndarray, left: float, top: float, side: float) -> np.ndarray:
    """The square at whole pixels, its edge repeated where it leaves the image."""
    height, width = image.shape[:2]
    x1, y1, length = round(left), round(top), max(1, round(side))
    x2, y2 = x1 + length, y1 + length
    inside = image[
        min(max(y1, 0), height - 1) : max(min(y2, height), 1), min(max(x1, 0), width - 1) : max(min(x2, width), 1)
    ]
    before_y, before_x = length - inside.shape[0], length - inside.shape[1]
    if not before_y and not before_x:
        return inside
    above, to_left = min(max(-y1, 0), before_y), min(max(-x1, 0), before_x)
    return cv2.copyMakeBorder(inside, above, before_y - above, to_left, before_x - to_left, cv2.BORDER_REPLICATE)

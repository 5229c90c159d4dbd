"""Drawings on a face that attributes name as their `overlay`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from app.attributes.estimate import Estimate, VectorEstimate
from app.attributes.face_geometry import POINT_NAMES, HeadRotation, rotation_matrix
from app.domain import Face
from app.vision.drawing.label_chips import Colour

# The usual colours of x, y and z, light enough for dark images: across the face, up, and forward.
AXIS_COLOURS: tuple[Colour, ...] = ((255, 99, 99), (110, 220, 110), (110, 160, 255))
OUTLINE_COLOUR: Colour = (16, 20, 28)
# Length of an axis that lies in the plane of the picture, in widths of the face's box; chosen by eye.
LENGTH_BOX_WIDTHS = 0.4
MIN_THICKNESS_PX = 2
BOX_WIDTHS_PER_THICKNESS = 50
# OpenCV draws at sixteenths of a pixel.
FRACTION_BITS = 4
NOSE = POINT_NAMES.index("nose_tip")


def draw_axes(image: np.ndarray, face: Face, estimate: Estimate) -> None:
    """Draw the axes of a head at the tip of the nose: across the face, up and forward, the nearest one last.

    Args:
        image: RGB uint8, shape (height, width, 3); drawn onto.
        face: With landmarks.
        estimate: Yaw, pitch and roll in degrees; nothing is drawn while they are hidden.
    """
    if face.points is None or not isinstance(estimate, VectorEstimate) or estimate.values is None:
        return
    axes = rotation_matrix(HeadRotation(**estimate.values)) * (1, -1, -1)
    length_px = LENGTH_BOX_WIDTHS * face.box.width
    thickness = max(MIN_THICKNESS_PX, round(face.box.width / BOX_WIDTHS_PER_THICKNESS))
    nose = face.points[NOSE].astype(float)
    for index in np.argsort(-axes[2]).tolist():
        ends = np.stack([nose, nose + length_px * axes[:2, index]])
        start, end = np.rint(ends * (1 << FRACTION_BITS)).astype(int).tolist()
        for colour, width in ((OUTLINE_COLOUR, thickness + 2), (AXIS_COLOURS[index], thickness)):
            cv2.line(image, start, end, colour, width, cv2.LINE_AA, FRACTION_BITS)


# By `Attribute.overlay`.
OVERLAYS: Mapping[str, Callable[[np.ndarray, Face, Estimate], None]] = {"axes": draw_axes}

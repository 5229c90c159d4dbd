"""How data sets frame their faces, and patch specifications that show the whole of such an image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.vision.inference.face_crop import PatchSpec


@dataclass(frozen=True, slots=True)
class Framing:
    """Where the face lies in the images of a data set.

    Attributes:
        margin: Side of the image over the mean side of the face box.
        offset_y: How far the image centre lies below the box centre, in mean box sides.
    """

    margin: float
    offset_y: float = 0.0


# YuNet places its box too high on UTKFace chips, which cut off the forehead. The chip was therefore placed by eyes and
# mouth (medians of 599 chips), and the box around them taken from uncropped images (medians of 1,357 scene faces).
UTKFACE_FRAMING = Framing(margin=1.057, offset_y=0.083)
FER2013_FRAMING = Framing(margin=1.14)  # median of YuNet's boxes on 500 images
EXPRESSIONS_FRAMING = Framing(margin=1.25)  # as the set states it
AAF_FRAMING = Framing(margin=1.476)  # median of 1,014 images by their landmarks; half of them within 0.05


def fer2013_patch(size: int = 48, colour: str = "gray") -> PatchSpec:
    """The patch that shows a whole FER2013 image."""
    return PatchSpec(size, colour, FER2013_FRAMING.margin)


def utkface_patch(size: int, colour: str = "rgb") -> PatchSpec:
    """The patch that shows a whole UTKFace chip."""
    return PatchSpec(size, colour, UTKFACE_FRAMING.margin, UTKFACE_FRAMING.offset_y)


def normalize_points(points: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Convert pixel coordinates to coordinates relative to the largest centred square of an image.

    Args:
        points: Pixels, shape (..., 2).
        image: Shape (height, width, channels); only its size is used.
    Returns:
        Shape (..., 2): 0 at the centre, -1 and 1 at the edges of the square.
    """
    height, width = image.shape[:2]
    # The centre of pixel 0 lies half a pixel from the edge of the image.
    return (points + 0.5 - (width / 2, height / 2)) / (min(width, height) / 2)


def denormalize_points(points: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Inverse of `normalize_points`."""
    height, width = image.shape[:2]
    return points * (min(width, height) / 2) + (width / 2, height / 2) - 0.5

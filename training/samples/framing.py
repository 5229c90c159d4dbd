"""How the sets frame a face, and patches that show the whole picture of a set, for any size a network wants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.vision.inference.face_crop import PatchSpec


@dataclass(frozen=True, slots=True)
class Framing:
    """How the pictures of a set frame their faces.

    Attributes:
        margin: Side of the picture over the mean of the sides of the face's box.
        offset_y: How far the picture's centre lies below the box's, in such means.
    """

    margin: float
    offset_y: float = 0.0


# YuNet draws its box too high on UTKFace's chips, which cut the forehead off. So the chip was placed by its eyes and
# mouth (medians of 599 chips), and the box around them taken from whole pictures (medians of 1,357 faces of scenes).
UTKFACE_FRAMING = Framing(margin=1.057, offset_y=0.083)
FER2013_FRAMING = Framing(margin=1.14)  # median of YuNet's boxes on 500 pictures
AAF_FRAMING = Framing(margin=1.476)  # median of 1,014 pictures by their points; half of them within .05


def fer2013_patch(size: int = 48, colour: str = "gray") -> PatchSpec:
    """The whole of a FER2013 picture."""
    return PatchSpec(size, colour, FER2013_FRAMING.margin)


def utkface_patch(size: int, colour: str = "rgb") -> PatchSpec:
    """The whole of a UTKFace chip."""
    return PatchSpec(size, colour, UTKFACE_FRAMING.margin, UTKFACE_FRAMING.offset_y)


def normalize_points(points: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Points (..., 2) in pixels of a picture whose middle square becomes the patch: 0 in its middle, 1 at its edge."""
    height, width = image.shape[:2]
    # Pixel centres lie at half numbers from the picture's edge.
    return (points + 0.5 - (width / 2, height / 2)) / (min(width, height) / 2)


def denormalize_points(points: np.ndarray, image: np.ndarray) -> np.ndarray:
    """The reverse of `normalize_points`."""
    height, width = image.shape[:2]
    return points * (min(width, height) / 2) + (width / 2, height / 2) - 0.5

"""How the sets frame a face: patches that show the whole picture of a set, for any size a network wants."""

from __future__ import annotations

import numpy as np

from app.vision.patch import PatchSpec


def fer2013_patch(size: int = 48, colour: str = "gray") -> PatchSpec:
    """A FER2013 picture is 1.14 mean sides of the face's box (median of YuNet's boxes on 500 pictures)."""
    return PatchSpec(size=size, colour=colour, margin=1.14)


def utkface_patch(size: int, colour: str = "rgb") -> PatchSpec:
    """A UTKFace chip is 1.057 mean sides of the face's box, its centre .083 below the box's.

    YuNet draws its box too high on chips, which cut the forehead off. So the chip was placed by its eyes and mouth
    (medians of 599 chips), and the box around them taken from whole pictures (medians of 1,357 faces of the scenes).
    """
    return PatchSpec(size=size, colour=colour, margin=1.057, offset_y=0.083)


def points_in_patch(points: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Points (..., 2) in pixels of a picture whose middle square becomes the patch: 0 in its middle, 1 at its edge."""
    height, width = image.shape[:2]
    # Pixel centres lie at half numbers from the picture's edge.
    return (points + 0.5 - (width / 2, height / 2)) / (min(width, height) / 2)


def points_in_picture(points: np.ndarray, image: np.ndarray) -> np.ndarray:
    """The reverse of `points_in_patch`."""
    height, width = image.shape[:2]
    return points * (min(width, height) / 2) + (width / 2, height / 2) - 0.5

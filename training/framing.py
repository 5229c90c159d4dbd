"""How the sets frame a face: patches that show the whole picture of a set, for any size a network wants."""

from __future__ import annotations

from app.vision.patch import PatchSpec


def fer2013_patch(size: int = 48, colour: str = "gray") -> PatchSpec:
    """A FER2013 picture is 1.14 mean sides of the face's box (median of YuNet's boxes on 500 pictures)."""
    return PatchSpec(size=size, colour=colour, margin=1.14)


def utkface_patch(size: int, colour: str = "rgb") -> PatchSpec:
    """A UTKFace chip is 1.007 mean sides of the face's box, its centre .134 below (median, 500 chips)."""
    return PatchSpec(size=size, colour=colour, margin=1.007, offset_y=0.134)

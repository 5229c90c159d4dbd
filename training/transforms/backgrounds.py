"""Backgrounds without a face: of the scenes where that set lies beside, else made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from training.datasets.readers.scenes import BOXES_FILE, Scene
from training.datasets.scene_sets import read_source

FOLDER = "scenes"
LEVELS_UP = 2  # a set's tar lies in the folder of the set, which lies in the folder of sets
CLOSER = 1.5  # so far a picture is enlarged at most beyond what covers the frame
GRAINS = 4, 16, 64  # sides in pixels of the patches of made textures


@dataclass(frozen=True, slots=True)
class Backgrounds:
    """Where backgrounds come from.

    Attributes:
        pictures: RGB uint8 of any size; none makes every background.
    """

    pictures: Sequence[np.ndarray] = field(default=(), repr=False)

    @property
    def about(self) -> str:
        """For people."""
        return f"{len(self.pictures)} scenes without a face" if self.pictures else "gradients and noise, made"

    def one(self, random: np.random.Generator, width: int, height: int) -> np.ndarray:
        """One of them, RGB uint8 (height, width, 3)."""
        if not self.pictures:
            return _made(random, width, height)
        return _covering(self.pictures[int(random.integers(len(self.pictures)))], random, width, height)


def find_backgrounds(data: Path) -> Backgrounds:
    """The scenes without a face from the folder of sets that `data` lies in, which no detector learned from.

    Raises:
        UnreadableMedia: the scenes are damaged.
    """
    home = data.resolve()
    for folder in (home, *list(home.parents)[:LEVELS_UP]):
        if (folder / FOLDER / BOXES_FILE).is_file():
            parts, found = read_source(folder)
            unseen = _faceless(parts["valid"]) or _faceless(found.scenes)
            return Backgrounds([scene.image for scene in unseen])
    return Backgrounds()


def _faceless(scenes: Sequence[Scene]) -> list[Scene]:
    return [scene for scene in scenes if not len(scene.boxes)]


def _covering(picture: np.ndarray, random: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Some part of a picture, or of its mirror image."""
    fits = max(width / picture.shape[1], height / picture.shape[0])
    scale = fits * float(random.uniform(1, CLOSER))
    size = max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale))
    large = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
    left, top = int(random.integers(size[0] - width + 1)), int(random.integers(size[1] - height + 1))
    part = large[top : top + height, left : left + width]
    return np.ascontiguousarray(part[:, ::-1] if random.random() < 0.5 else part)


def _made(random: np.random.Generator, width: int, height: int) -> np.ndarray:
    """A slope from one colour to another, under noise of several grains."""
    first, second = random.uniform(0, 255, (2, 3)).astype(np.float32)
    angle = random.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    slope = np.cos(angle) * x / width + np.sin(angle) * y / height
    share = ((slope - slope.min()) / np.ptp(slope))[..., None]
    picture = first * (1 - share) + second * share
    for grain in GRAINS:
        noise = random.normal(0, random.uniform(0, 20), (height // grain + 2, width // grain + 2, 3))
        picture += cv2.resize(noise.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return picture.clip(0, 255).astype(np.uint8)

"""Background images without a face: from the scenes data set if it is available, else procedural."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from training.datasets.readers.scenes import BOXES_FILE, Scene
from training.datasets.scene_sets import read_scene_set, split_scenes

FOLDER = "scenes"
LEVELS_UP = 2  # the tar of a data set lies in its folder, which lies in the folder of data sets
MAX_ZOOM = 1.5  # beyond what covers the frame
NOISE_GRAINS_PX = 4, 16, 64
MAX_NOISE_STD = 20  # gray levels


@dataclass(frozen=True, slots=True)
class Backgrounds:
    """A source of backgrounds.

    Attributes:
        images: RGB uint8 of any size; if there is none, backgrounds are procedural.
    """

    images: Sequence[np.ndarray] = field(default=(), repr=False)

    @property
    def about(self) -> str:
        """Description for people."""
        return f"{len(self.images)} scenes without a face" if self.images else "gradients and noise, made"

    def draw(self, random: np.random.Generator, width: int, height: int) -> np.ndarray:
        """A random background, RGB uint8 (height, width, 3)."""
        if not self.images:
            return _procedural(random, width, height)
        return _random_part(self.images[int(random.integers(len(self.images)))], random, width, height)


def find_backgrounds(data: Path) -> Backgrounds:
    """The validation scenes without a face in the folder of data sets that holds `data`; detectors trained on others.

    Raises:
        UnreadableMedia: the scenes are damaged.
    """
    home = data.resolve()
    for folder in (home, *list(home.parents)[:LEVELS_UP]):
        if (folder / FOLDER / BOXES_FILE).is_file():
            scenes = read_scene_set(folder).scenes
            unseen = _without_faces(split_scenes(scenes)["valid"]) or _without_faces(scenes)
            return Backgrounds([scene.image for scene in unseen])
    return Backgrounds()


def _without_faces(scenes: Sequence[Scene]) -> list[Scene]:
    return [scene for scene in scenes if not len(scene.boxes)]


def _random_part(image: np.ndarray, random: np.random.Generator, width: int, height: int) -> np.ndarray:
    """A random part of an image, mirrored half of the time."""
    cover = max(width / image.shape[1], height / image.shape[0])
    scale = cover * float(random.uniform(1, MAX_ZOOM))
    size = max(width, round(image.shape[1] * scale)), max(height, round(image.shape[0] * scale))
    resized = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
    left, top = int(random.integers(size[0] - width + 1)), int(random.integers(size[1] - height + 1))
    part = resized[top : top + height, left : left + width]
    return np.ascontiguousarray(part[:, ::-1] if random.random() < 0.5 else part)


def _procedural(random: np.random.Generator, width: int, height: int) -> np.ndarray:
    """A gradient between two colours under noise of several grain sizes."""
    first, second = random.uniform(0, 255, (2, 3)).astype(np.float32)
    angle = random.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    slope = np.cos(angle) * x / width + np.sin(angle) * y / height
    weight = ((slope - slope.min()) / np.ptp(slope))[..., None]
    image = first * (1 - weight) + second * weight
    for grain in NOISE_GRAINS_PX:
        noise = random.normal(0, random.uniform(0, MAX_NOISE_STD), (height // grain + 2, width // grain + 2, 3))
        image += cv2.resize(noise.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return image.clip(0, 255).astype(np.uint8)

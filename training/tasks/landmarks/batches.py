"""Draw batches of crops for the landmark network."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from training.datasets.readers.scenes import Scene
from training.samples.sample import Sample
from training.tasks.landmarks.crops import MarkedFace, boxed_crop, empty_crop, face_crop
from training.tasks.landmarks.task import LandmarkRecipe

Pair = tuple[np.ndarray, np.ndarray]
LEAST_BOX = 12  # pixels


class CropBatches:
    """Varied crops, which depend only on seed, epoch and index; every set of faces is drawn from equally often.

    `ready_s` holds when a batch was ready, by epoch and index and `time.monotonic`.
    """

    def __init__(
        self, marked: Sequence[Sequence[Sample]], scenes: Sequence[Scene], recipe: LandmarkRecipe, seed: int
    ) -> None:
        self.faces = [[MarkedFace.of(sample) for sample in samples] for samples in marked]
        self.scenes, self.boxed = scenes, boxed(scenes)
        self.recipe, self.seed = recipe, seed
        self.batch = recipe.batch
        self.ready_s: dict[tuple[int, int], float] = {}

    def __len__(self) -> int:
        return self.recipe.steps

    def made(self, epoch: int, index: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Patches and targets of one batch of an epoch."""
        random = np.random.default_rng((self.seed, epoch, index))
        batch = stacked([self._crop(random) for _ in range(self.batch)])
        self.ready_s[epoch, index] = time.monotonic()
        return batch

    def _crop(self, random: np.random.Generator) -> Pair:
        kind = random.random()
        if kind < self.recipe.empty_share:
            return empty_crop(self.scenes[int(random.integers(len(self.scenes)))], self.recipe, random)
        if self.boxed and kind < self.recipe.empty_share + self.recipe.boxed_share:
            scene, box = self.boxed[int(random.integers(len(self.boxed)))]
            return boxed_crop(scene, box, self.recipe, random)
        faces = self.faces[int(random.integers(len(self.faces)))]
        return face_crop(faces[int(random.integers(len(faces)))], self.recipe, random)


def boxed(scenes: Sequence[Scene]) -> list[tuple[Scene, np.ndarray]]:
    """The faces of scenes that are beyond doubt and large enough to be told, each with its box (4,)."""
    return [
        (scene, box)
        for scene in scenes
        for box, ignore in zip(scene.boxes, scene.ignore, strict=True)
        if not ignore and min(box[2] - box[0], box[3] - box[1]) >= LEAST_BOX
    ]


def stacked(pairs: Sequence[Pair]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Patches and targets as a network takes them."""
    patches, wanted = zip(*pairs, strict=True)
    return np.stack(patches), {"answer": np.stack(wanted)}

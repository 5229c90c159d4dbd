"""Draw batches of crops for the detector."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from training.datasets.readers.scenes import Scene
from training.tasks.detection import targets
from training.tasks.detection.task import DetectorRecipe
from training.transforms.copy_paste import PastableFace, copy_paste
from training.transforms.mask_overlay import add_masks
from training.transforms.scene_crops import Crop, jitter_crop, mosaic, random_crop

# How much oftener pictures of a source are drawn than their number says: masks are rare and hard.
DRAWN = {"maskcc0": 4.0}
COMPOSED = 0.65  # share of the crops without a face that get some
TILED = 0.25  # share of the crops that show four scenes


class SceneBatches:
    """Varied crops, which depend only on seed, epoch and index.

    `ready_s` holds when a batch was ready, by epoch and index and `time.monotonic`.
    """

    def __init__(
        self, scenes: Sequence[Scene], cutouts: Sequence[PastableFace], recipe: DetectorRecipe, seed: int
    ) -> None:
        self.scenes, self.cutouts, self.recipe, self.seed = scenes, cutouts, recipe, seed
        self.batch = recipe.batch
        self.grid = targets.grid(recipe.size)
        weights = np.array([DRAWN.get(scene.name.partition("_")[0], 1.0) for scene in scenes])
        self.chances = weights / weights.sum()
        self.ready_s: dict[tuple[int, int], float] = {}

    def __len__(self) -> int:
        return self.recipe.steps

    def made(self, epoch: int, index: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Pictures and targets of one batch of an epoch."""
        random = np.random.default_rng((self.seed, epoch, index))
        drawn = random.choice(len(self.scenes), self.batch, p=self.chances)
        crops = [self._crop(self.scenes[number], random) for number in drawn]
        wanted = np.stack([targets.targets(crop, self.grid) for crop in crops])
        self.ready_s[epoch, index] = time.monotonic()
        return np.stack([crop.image for crop in crops]), {"cells": wanted}

    def _crop(self, scene: Scene, random: np.random.Generator) -> Crop:
        crop = self._plain_crop(scene, random)
        if len(crop.boxes) == 0 and len(scene.boxes) == 0 and self.cutouts and random.random() < COMPOSED:
            crop = copy_paste(crop, self.cutouts, random)
        return jitter_crop(add_masks(crop, self.recipe.masked, random), random)

    def _plain_crop(self, scene: Scene, random: np.random.Generator) -> Crop:
        if random.random() >= TILED:
            return random_crop(scene, self.recipe.size, random)
        others = [self.scenes[number] for number in random.choice(len(self.scenes), 3, p=self.chances)]
        return mosaic([scene, *others], self.recipe.size, random)

"""Draw batches of crops for the detector."""

from __future__ import annotations

import time
from collections.abc import Sequence

import keras
import numpy as np

from training.data.scenes import Scene
from training.detector import cells
from training.detector.composites import Cutout, composed
from training.detector.covers import with_masks
from training.detector.crops import Crop, cropped, tiled, varied_tones_of
from training.detector.recipe import DetectorRecipe

# How much oftener pictures of a source are drawn than their number says: masks are rare and hard.
DRAWN = {"maskcc0": 2.5}
COMPOSED = 0.65  # share of the crops without a face that get some
TILED = 0.2  # share of the crops that show four scenes


class SceneBatches(keras.utils.PyDataset):
    """Varied crops, which depend only on seed, epoch and index.

    `ready_s` holds when each batch of the epoch was ready, by `time.monotonic`.
    """

    def __init__(self, scenes: Sequence[Scene], cutouts: Sequence[Cutout], recipe: DetectorRecipe, seed: int) -> None:
        super().__init__(workers=1, use_multiprocessing=False)
        self.scenes, self.cutouts, self.recipe, self.seed = scenes, cutouts, recipe, seed
        self.batch = recipe.batch
        self.grid = cells.grid(recipe.size)
        weights = np.array([DRAWN.get(scene.name.partition("_")[0], 1.0) for scene in scenes])
        self.chances = weights / weights.sum()
        self.start(0)

    def __len__(self) -> int:
        return self.recipe.steps

    def __getitem__(self, index: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        random = np.random.default_rng((self.seed, self.epoch, index))
        drawn = random.choice(len(self.scenes), self.batch, p=self.chances)
        crops = [self._crop(self.scenes[number], random) for number in drawn]
        wanted = np.stack([cells.targets(crop, self.grid) for crop in crops])
        self.ready_s[index] = time.monotonic()
        return np.stack([crop.image for crop in crops]), {"cells": wanted}

    def start(self, epoch: int) -> None:
        """Take the variation of an epoch."""
        self.epoch = epoch
        self.ready_s: dict[int, float] = {}

    def _crop(self, scene: Scene, random: np.random.Generator) -> Crop:
        crop = self._plain_crop(scene, random)
        if len(crop.boxes) == 0 and len(scene.boxes) == 0 and self.cutouts and random.random() < COMPOSED:
            crop = composed(crop, self.cutouts, random)
        return varied_tones_of(with_masks(crop, self.recipe.masked, random), random)

    def _plain_crop(self, scene: Scene, random: np.random.Generator) -> Crop:
        if random.random() >= TILED:
            return cropped(scene, self.recipe.size, random)
        others = [self.scenes[number] for number in random.choice(len(self.scenes), 3, p=self.chances)]
        return tiled([scene, *others], self.recipe.size, random)

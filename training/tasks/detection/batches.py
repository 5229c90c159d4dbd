"""Draw batches of crops for the detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from training.datasets.readers.scenes import Scene
from training.tasks.base import Batch
from training.tasks.detection import targets
from training.transforms.copy_paste import PastableFace, copy_paste
from training.transforms.mask_overlay import add_masks
from training.transforms.photometric import jitter_photometric
from training.transforms.scene_crops import Crop, mosaic, random_crop

SOURCE_WEIGHTS = {"maskcc0": 4.0}  # how much more often images of a source are drawn: masks are rare and hard
COMPOSITE_PROBABILITY = 0.65  # of pasting faces into a crop without a face
MOSAIC_PROBABILITY = 0.25  # of a crop that shows four scenes


class SceneBatches:
    """Randomly drawn and augmented crops of scenes, which depend only on seed, epoch and index."""

    def __init__(
        self,
        scenes: Sequence[Scene],
        cutouts: Sequence[PastableFace],
        size: int,
        mask_probability: float,
        batch_size: int,
        steps: int,
        seed: int,
    ) -> None:
        """See `DetectionTask` for `size`, `steps` and `mask_probability`."""
        self.scenes, self.cutouts = scenes, cutouts
        self.size, self.mask_probability = size, mask_probability
        self.batch_size, self.steps, self.seed = batch_size, steps, seed
        self.grid = targets.grid(size)
        weights = np.array([SOURCE_WEIGHTS.get(scene.name.partition("_")[0], 1.0) for scene in scenes])
        self.chances = weights / weights.sum()

    def __len__(self) -> int:
        return self.steps

    def batch_at(self, epoch: int, index: int) -> Batch:
        """Crops, uint8 (batch_size, size, size, 3), and targets (batch_size, cells, COLUMNS)."""
        random = np.random.default_rng((self.seed, epoch, index))
        drawn = random.choice(len(self.scenes), self.batch_size, p=self.chances)
        crops = [self._crop(self.scenes[number], random) for number in drawn]
        wanted = np.stack([targets.targets(crop, self.grid) for crop in crops])
        return np.stack([crop.image for crop in crops]), {"cells": wanted}

    def _crop(self, scene: Scene, random: np.random.Generator) -> Crop:
        crop = self._plain_crop(scene, random)
        if len(crop.boxes) == 0 and len(scene.boxes) == 0 and self.cutouts and random.random() < COMPOSITE_PROBABILITY:
            crop = copy_paste(crop, self.cutouts, random)
        crop = add_masks(crop, self.mask_probability, random)
        return replace(crop, image=jitter_photometric(crop.image, random))

    def _plain_crop(self, scene: Scene, random: np.random.Generator) -> Crop:
        if random.random() >= MOSAIC_PROBABILITY:
            return random_crop(scene, self.size, random)
        others = [self.scenes[number] for number in random.choice(len(self.scenes), 3, p=self.chances)]
        return mosaic([scene, *others], self.size, random)

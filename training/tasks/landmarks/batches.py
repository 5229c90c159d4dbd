"""Batches of crops for the landmark network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.datasets.readers.scenes import Scene
from training.samples.sample import Sample
from training.tasks.base import Batch
from training.tasks.landmarks.crops import CropSettings, MarkedFace, boxed_crop, empty_crop, face_crop

Pair = tuple[np.ndarray, np.ndarray]  # a patch and its targets
MIN_BOX_PX = 12
# To validate on.
EMPTY_CROPS = 300
MAX_FACES = 400  # of a set, so that every set counts about alike


class CropBatches:
    """Randomly drawn crops, which depend only on seed, epoch and index; every set of faces is drawn equally often."""

    def __init__(
        self,
        marked: Sequence[Sequence[Sample]],
        scenes: Sequence[Scene],
        settings: CropSettings,
        batch_size: int,
        steps: int,
        seed: int,
    ) -> None:
        """Args: marked: One list a set, of images whose landmarks are all known. steps: Batches an epoch."""
        self.faces = [[MarkedFace.of(sample) for sample in samples] for samples in marked]
        self.scenes, self.boxed = scenes, boxed_faces(scenes)
        self.settings = settings
        self.batch_size, self.steps, self.seed = batch_size, steps, seed

    def __len__(self) -> int:
        return self.steps

    def batch_at(self, epoch: int, index: int) -> Batch:
        """Patches, uint8 (batch_size, size, size, channels), and targets of one batch of an epoch."""
        random = np.random.default_rng((self.seed, epoch, index))
        return _stacked([self._crop(random) for _ in range(self.batch_size)])

    def _crop(self, random: np.random.Generator) -> Pair:
        settings, kind = self.settings, random.random()
        if kind < settings.empty_share:
            return empty_crop(self.scenes[int(random.integers(len(self.scenes)))], settings, random)
        if self.boxed and kind < settings.empty_share + settings.boxed_share:
            scene, box = self.boxed[int(random.integers(len(self.boxed)))]
            return boxed_crop(scene, box, settings, random)
        faces = self.faces[int(random.integers(len(self.faces)))]
        return face_crop(faces[int(random.integers(len(faces)))], settings, random)


def validation_crops(
    marked: Sequence[Sequence[Sample]], scenes: Sequence[Scene], settings: CropSettings, seed: int
) -> Batch:
    """Patches and targets of faces and places to validate on, drawn as in training but always the same.

    They are shuffled: the figures are means over batches, and each batch should have its share of marked faces.
    """
    random = np.random.default_rng(seed)
    pairs: list[Pair] = []
    for samples in marked:
        step = -(-len(samples) // MAX_FACES)
        pairs += [face_crop(MarkedFace.of(sample), settings, random) for sample in samples[::step]]
    faces = boxed_faces(scenes)
    step = max(1, -(-len(faces) // MAX_FACES))
    pairs += [boxed_crop(scene, box, settings, random) for scene, box in faces[::step]]
    pairs += [empty_crop(scenes[number % len(scenes)], settings, random) for number in range(EMPTY_CROPS)]
    return _stacked([pairs[index] for index in random.permutation(len(pairs))])


def boxed_faces(scenes: Sequence[Scene]) -> list[tuple[Scene, np.ndarray]]:
    """The faces of scenes that are not ignored and large enough, each with its box (4,)."""
    return [
        (scene, box)
        for scene in scenes
        for box, ignore in zip(scene.boxes, scene.ignore, strict=True)
        if not ignore and min(box[2] - box[0], box[3] - box[1]) >= MIN_BOX_PX
    ]


def _stacked(pairs: Sequence[Pair]) -> Batch:
    patches, wanted = zip(*pairs, strict=True)
    return np.stack(patches), {"answer": np.stack(wanted)}

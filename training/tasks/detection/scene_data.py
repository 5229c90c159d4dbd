"""The scenes as a detector learns from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from training.datasets.readers.scenes import Scene
from training.datasets.scene_sets import read_scene_set, split_scenes
from training.samples.sample import Rejection
from training.tasks.base import SEED, Validation
from training.tasks.detection.batches import SceneBatches
from training.tasks.detection.label_cleaning import ignore_undetected
from training.tasks.detection.validation import ScenePrecision
from training.tasks.recipe import Recipe
from training.transforms.copy_paste import PastableFace

if TYPE_CHECKING:
    from training.tasks.detection.task import DetectionTask


@dataclass(frozen=True)
class SceneData:
    """Scenes by split. Implements `training.tasks.base.TrainingData`.

    Attributes:
        cutouts: Faces to paste into scenes without a face.
    """

    recipe: Recipe[DetectionTask]
    scenes: Mapping[str, Sequence[Scene]]
    cutouts: Sequence[PastableFace]
    rejected: Sequence[Rejection]

    @property
    def names(self) -> Mapping[str, Sequence[str]]:
        return {split: [scene.name for scene in scenes] for split, scenes in self.scenes.items()}

    @property
    def summary(self) -> str:
        return (
            f"{len(self.scenes['train'])} scenes to train, {len(self.scenes['valid'])} to validate, "
            f"{len(self.cutouts)} faces for composites"
        )

    def batches(self) -> SceneBatches:
        task = self.recipe.task
        batch_size, steps = self.recipe.batch, task.steps
        return SceneBatches(
            self.scenes["train"], self.cutouts, task.size, task.mask_probability, batch_size, steps, SEED
        )

    def validation(self) -> Validation:
        return Validation(callbacks=[ScenePrecision(self.scenes["valid"])])


def read_training_scenes(data: Path, teacher: Path | None) -> tuple[dict[str, list[Scene]], Sequence[Rejection]]:
    """The scenes by split, and what the reader rejected.

    Args:
        teacher: File of YuNet; faces that it does not detect are marked `ignore`.
    Raises:
        UnreadableMedia: the set cannot be found.
        DetectorUnavailable: the teacher is missing or unknown.
    """
    found = read_scene_set(data)
    scenes = ignore_undetected(found.scenes, teacher) if teacher else found.scenes
    return split_scenes(scenes), found.rejected

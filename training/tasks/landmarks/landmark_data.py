"""The face images and scenes that the landmark network learns from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import UnreadableMedia
from training.datasets.catalog import AAF, LANDMARKS
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.readers.scenes import Scene
from training.datasets.scene_sets import CombinedSet, read_scene_set, split_scenes
from training.samples.sample import Rejection, Sample
from training.tasks.base import SEED, SPLITS, Validation
from training.tasks.landmarks.batches import CropBatches, validation_crops
from training.tasks.recipe import Recipe

if TYPE_CHECKING:
    from training.tasks.landmarks.task import LandmarkTask

FACES_AND_SCENES = CombinedSet(
    name="Marked faces and scenes",
    about="a folder that holds ytf68/ (stills of YouTube Faces with 68 points), aaf/ (All-Age-Faces with 49 points) "
    "and scenes/, whose places without a face teach what is none",
    terms="the sets state no licence for their pictures; used for non-commercial research only",
    protocol=f"YouTube Faces {LANDMARKS.protocol}; All-Age-Faces {AAF.protocol}; scenes as for the detector",
    sets=("YouTube Faces", "All-Age-Faces", "Scenes"),
)


@dataclass(frozen=True)
class LandmarkData:
    """Faces and scenes by split. Implements `training.tasks.base.TrainingData`.

    Attributes:
        marked: By split, one list a set: face images whose landmarks are all known.
        scenes: By split (`train`, `valid`).
    """

    recipe: Recipe[LandmarkTask]
    marked: Mapping[str, Sequence[Sequence[Sample]]]
    scenes: Mapping[str, Sequence[Scene]]
    rejected: Sequence[Rejection]

    @property
    def names(self) -> Mapping[str, Sequence[str]]:
        return {split: self._names(split) for split in SPLITS}

    def _names(self, split: str) -> list[str]:
        faces = [sample.name for samples in self.marked[split] for sample in samples]
        return [*faces, *(scene.name for scene in self.scenes.get(split, ()))]

    @property
    def summary(self) -> str:
        train, valid = (sum(map(len, self.marked[split])) for split in ("train", "valid"))
        return f"{train} faces to train on, {valid} to validate"

    def batches(self) -> CropBatches:
        task, batch_size = self.recipe.task, self.recipe.batch
        return CropBatches(self.marked["train"], self.scenes["train"], task.crops, batch_size, task.steps, SEED)

    def validation(self) -> Validation:
        return Validation(validation_crops(self.marked["valid"], self.scenes["valid"], self.recipe.task.crops, SEED))


def read_landmark_data(recipe: Recipe[LandmarkTask], data: Path) -> LandmarkData:
    """Everything that the landmark network learns from.

    Args:
        data: Folder of the sets.
    Raises:
        UnreadableMedia: a set cannot be found, or has no face to train or to validate on.
    """
    read = [_marked_faces(LANDMARKS, data / "ytf68"), _marked_faces(AAF, data / "aaf")]
    marked = {split: [samples[split] for samples, _ in read] for split in SPLITS}
    for split in ("train", "valid"):
        if not all(marked[split]):
            raise UnreadableMedia(f"{data} has no marked face to {split} on; expected {FACES_AND_SCENES.about}")
    found = read_scene_set(data)
    rejected = [*found.rejected, *(one for _, rejected in read for one in rejected)]
    return LandmarkData(recipe, marked, split_scenes(found.scenes), rejected)


def _marked_faces(source: DatasetSpec, data: Path) -> tuple[dict[str, list[Sample]], Sequence[Rejection]]:
    dealt = source.split(source.read(data, False))
    samples = {split: [one for one in dealt.part(split) if one.has_all_landmarks] for split in SPLITS}
    return samples, dealt.rejected

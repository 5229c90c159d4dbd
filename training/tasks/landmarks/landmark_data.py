"""The face images and scenes that the landmark network learns from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import UnreadableMedia
from training.datasets.catalog import AAF, LANDMARKS
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.readers.scenes import Scene
from training.datasets.scene_sets import CombinedSet, read_scene_set, split_scenes
from training.samples.sample import Rejection, Sample
from training.tasks.base import SEED, SPLITS, TrainingData, Validation
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


def read_landmark_data(recipe: Recipe[LandmarkTask], data: Path) -> TrainingData:
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
    return training_data(recipe, marked, split_scenes(found.scenes), rejected)


def training_data(
    recipe: Recipe[LandmarkTask],
    marked: Mapping[str, Sequence[Sequence[Sample]]],
    scenes: Mapping[str, Sequence[Scene]],
    rejected: Sequence[Rejection],
) -> TrainingData:
    """What the landmark network learns from.

    Args:
        marked: By split, one list a set: face images whose landmarks are all known.
        scenes: By split (`train`, `valid`).
    """
    task, (train, valid) = recipe.task, (sum(map(len, marked[split])) for split in ("train", "valid"))
    faces = {split: [sample.name for samples in marked[split] for sample in samples] for split in SPLITS}
    return TrainingData(
        {split: [*names, *(scene.name for scene in scenes.get(split, ()))] for split, names in faces.items()},
        rejected,
        f"{train} faces to train on, {valid} to validate",
        lambda: CropBatches(marked["train"], scenes["train"], task.crops, recipe.batch, task.steps, SEED),
        lambda: Validation(validation_crops(marked["valid"], scenes["valid"], task.crops, SEED)),
    )


def _marked_faces(source: DatasetSpec, data: Path) -> tuple[dict[str, list[Sample]], Sequence[Rejection]]:
    dealt = source.split(source.read(data, False))
    samples = {split: [one for one in dealt.part(split) if one.has_all_landmarks] for split in SPLITS}
    return samples, dealt.rejected

"""The task of finding faces in whole images."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import SettingsError
from training.datasets.scene_sets import SCENES, CombinedSet
from training.engine.run_dir import TEACHER
from training.tasks.base import SEED, ExportOptions, ServingForm, TrainingData, TrainOptions, Validation
from training.tasks.detection.batches import SceneBatches
from training.tasks.detection.label_cleaning import read_training_scenes
from training.tasks.detection.serving import serving_form
from training.tasks.detection.validation import ScenePrecision
from training.tasks.face_model import FaceModel
from training.tasks.recipe import Recipe
from training.transforms.copy_paste import read_pastable_faces


@dataclass(frozen=True)
class DetectionTask:
    """Find faces in whole images. Implements `training.tasks.base.Task`.

    The training model's output `cells` is served as it is.

    Attributes:
        size: Side of the training crops in pixels.
        steps: Batches an epoch: crops are drawn at random, not dealt.
        mask_probability: Of drawing a mask over a face.
    """

    size: int = 256
    steps: int = 300
    mask_probability: float = 0.18
    source: CombinedSet = SCENES
    face_set: None = None
    train_options: Collection[str] = ("teacher",)

    def run_settings(self, options: TrainOptions) -> Mapping[str, Any]:
        return {TEACHER: str(options.teacher.resolve()) if options.teacher else None}

    def read(self, recipe: Recipe[Any], data: Path, options: TrainOptions) -> TrainingData:
        scenes, rejected = read_training_scenes(data, options.teacher)
        train, valid, cutouts = scenes["train"], scenes["valid"], read_pastable_faces(data)
        return TrainingData(
            {split: [scene.name for scene in found] for split, found in scenes.items()},
            rejected,
            f"{len(train)} scenes to train, {len(valid)} to validate, {len(cutouts)} faces for composites",
            lambda: SceneBatches(train, cutouts, self.size, self.mask_probability, recipe.batch, self.steps, SEED),
            lambda: Validation(callbacks=[ScenePrecision(valid)]),
        )

    def serving_form(self, recipe: Recipe[Any], run: Path, options: ExportOptions) -> ServingForm:
        return serving_form(recipe, run, options)

    def portable_form(self, recipe: Recipe[Any], run: Path, options: ExportOptions) -> None:
        """The boxes depend on the strides in the card."""

    def face_model(self, recipe: Recipe[Any], run: Path, weights: Path | None = None) -> FaceModel:
        raise SettingsError(f"{recipe.name} finds faces in whole images; score it with evaluate detector")

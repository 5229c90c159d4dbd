"""The task of finding faces in whole images."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import SettingsError
from training.datasets.scene_sets import SCENES, CombinedSet
from training.engine.run_dir import TEACHER
from training.tasks.base import ExportOptions, ServingForm, TrainOptions
from training.tasks.detection.scene_data import SceneData, read_training_scenes
from training.tasks.detection.serving import serving_form
from training.tasks.face_model import FaceModel
from training.tasks.recipe import Recipe
from training.transforms.pastable_faces import read_pastable_faces


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

    def read(self, recipe: Recipe[Any], data: Path, options: TrainOptions) -> SceneData:
        scenes, rejected = read_training_scenes(data, options.teacher)
        return SceneData(recipe, scenes, read_pastable_faces(data), rejected)

    def serving_form(self, recipe: Recipe[Any], run: Path, options: ExportOptions) -> ServingForm:
        return serving_form(recipe, run, options)

    def portable_form(self, recipe: Recipe[Any], run: Path, options: ExportOptions) -> None:
        """The boxes depend on the strides in the card."""

    def face_model(self, recipe: Recipe[Any], run: Path, weights: Path | None = None) -> FaceModel:
        raise SettingsError(f"{recipe.name} finds faces in whole images; score it with evaluate detector")

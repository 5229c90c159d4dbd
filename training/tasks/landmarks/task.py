"""The task of locating the landmarks of a face, and of telling whether there is a face at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.datasets.scene_sets import CombinedSet
from training.tasks.base import ExportOptions, ServingForm, TrainingData, TrainOptions
from training.tasks.face_model import FaceModel
from training.tasks.landmarks.crops import CropSettings
from training.tasks.landmarks.landmark_data import FACES_AND_SCENES, read_landmark_data
from training.tasks.landmarks.model import landmark_face_model, trained_network
from training.tasks.landmarks.serving import serving_form
from training.tasks.recipe import Recipe


@dataclass(frozen=True)
class LandmarkTask:
    """Locate the landmarks of a face. Implements `training.tasks.base.Task`.

    The training model's output `answer` is served as it is.

    Attributes:
        crops: What the network sees, and how its training crops are drawn.
        steps: Batches an epoch: crops are drawn at random, not dealt.
    """

    crops: CropSettings
    steps: int = 200
    source: CombinedSet = field(default=FACES_AND_SCENES)
    face_set: None = None
    train_options: Collection[str] = ()

    def run_settings(self, options: TrainOptions) -> Mapping[str, Any]:
        return {}

    def read(self, recipe: Recipe[Any], data: Path, options: TrainOptions) -> TrainingData:
        return read_landmark_data(recipe, data)

    def serving_form(self, recipe: Recipe[Any], run: Path, options: ExportOptions) -> ServingForm:
        return serving_form(recipe, run, options)

    def portable_form(self, recipe: Recipe[Any], run: Path, options: ExportOptions) -> None:
        """The points depend on their names in the card."""

    def face_model(self, recipe: Recipe[Any], run: Path, weights: Path | None = None) -> FaceModel:
        return landmark_face_model(trained_network(recipe, run, weights))

"""A model that is scored: one that the app serves, or the weights of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import ModelError
from app.numerics import softmax
from app.vision.attributes.predictor import LiteRtPredictor, load_predictors
from app.vision.inference.face_crop import PatchSpec
from app.vision.inference.model_card import AGE_INTERVAL_SHARE, Head
from app.vision.landmarks.network import LandmarkNetwork
from training.engine.run_dir import BEST, recipe_name
from training.tasks.attributes.task import Recipe, find_any_recipe, find_recipe
from training.tasks.landmarks.model import heads_of, reader_of, served_landmarks, trained_landmarks
from training.tasks.landmarks.task import LandmarkRecipe

BATCH = 256


@dataclass(frozen=True, slots=True)
class FaceModel:
    """What reads faces.

    Attributes:
        title: For people.
        heads: What the output columns mean; of kind `value` they are plain numbers.
        predict: Output columns, float32 (n, outputs), of uint8 patches (n, size, size, channels).
        folder: Of the model or the run.
    """

    title: str
    patch: PatchSpec
    heads: Sequence[Head]
    predict: Callable[[np.ndarray], np.ndarray]
    folder: Path

    @property
    def attributes(self) -> set[str]:
        return {head.attribute for head in self.heads}

    def answers(self, patches: np.ndarray) -> dict[str, np.ndarray]:
        """By attribute: probabilities (n, labels) of words, bins as value and interval (n, 3), plain values (n, m)."""
        outputs = self.predict(patches)
        ends = np.cumsum([len(head.labels) for head in self.heads])
        parts = np.split(outputs, ends[:-1], axis=-1)
        return {head.attribute: _answer(head, part) for head, part in zip(self.heads, parts, strict=True)}


def served_model(models: Path, attributes: Sequence[str]) -> FaceModel:
    """The model in a folder of models that reads all of `attributes`, run by the app's own code.

    Raises:
        ModelError: none does, or one is missing, altered, or does not fit its card.
    """
    if tuple(attributes) == ("landmarks",):
        return _marking(served_landmarks(models), " (served)")
    for predictor in load_predictors(models, race=True):
        card = predictor.card
        if set(attributes) <= {head.attribute for head in card.heads}:
            predict = LiteRtPredictor(card).predict_patches
            return FaceModel(f"{card.title} (served)", card.patch, card.heads, predict, card.folder)
    raise ModelError(f"no model in {models} reads {' and '.join(attributes)}; export one, or give another --models")


def run_model(run: Path, weights: Path | None = None) -> FaceModel:
    """The network of a run, in Keras and float32, with its best weights.

    Args:
        weights: Instead of the best.
    Raises:
        SettingsError: the folder does not say which recipe it holds.
        ModelError: the weights are missing or do not fit.
    """
    from training.tasks.attributes.serving import serving_model

    recipe = find_any_recipe(recipe_name(run))
    if isinstance(recipe, LandmarkRecipe):
        return _marking(trained_landmarks(recipe, run, weights))
    recipe = find_recipe(recipe.name)
    return network_model(recipe, serving_model(recipe, weights or run / BEST), run)


def network_model(recipe: Recipe, network: Any, run: Path) -> FaceModel:
    """The Keras network of a run, as `export.serving_model` makes it."""

    def predict(patches: np.ndarray) -> np.ndarray:
        return np.asarray(network.predict(patches, batch_size=BATCH, verbose=0), np.float32)

    return FaceModel(f"{recipe.title}, run {run.name}", recipe.patch, recipe.plain_heads, predict, run)


def _marking(network: LandmarkNetwork, suffix: str = "") -> FaceModel:
    card = network.card
    return FaceModel(card.title + suffix, card.patch, heads_of(card), reader_of(network), card.folder)


def _answer(head: Head, outputs: np.ndarray) -> np.ndarray:
    if head.kind == "value":
        return outputs.astype(np.float64)
    if head.kind == "bins":
        return head.expected_with_intervals(outputs, AGE_INTERVAL_SHARE)
    return softmax(outputs / head.temperature)

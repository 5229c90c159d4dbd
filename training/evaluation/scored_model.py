"""Load the model that is scored: one that the app serves, or the weights of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.errors import ModelError
from app.vision.attributes.predictor import LiteRtPredictor, load_predictors
from app.vision.landmarks.network import FOLDER, LandmarkNetwork, read_landmark_card
from training.engine.run_dir import recipe_name
from training.tasks.face_model import FaceModel
from training.tasks.landmarks.model import landmark_face_model

SERVED = " (served)"  # suffix of the title


def served_model(models: Path, attributes: Sequence[str]) -> FaceModel:
    """The model in a folder of models that reads all of `attributes`, run by the app's own code.

    Raises:
        ModelError: there is none, or one is missing, altered, or does not fit its card.
    """
    if tuple(attributes) == ("landmarks",):
        return landmark_face_model(LandmarkNetwork(read_landmark_card(models / FOLDER)), SERVED)
    for predictor in load_predictors(models):
        card = predictor.card
        if set(attributes) <= {head.attribute for head in card.heads}:
            predict = LiteRtPredictor(card).predict_patches
            return FaceModel(card.title + SERVED, card.patch, card.heads, predict, card.folder)
    raise ModelError(f"no model in {models} reads {' and '.join(attributes)}; export one, or give another --models")


def run_model(run: Path, weights: Path | None = None) -> FaceModel:
    """The network of a run, in Keras and float32.

    Args:
        weights: Instead of the run's best.
    Raises:
        SettingsError: the folder does not say which recipe it holds, or the network reads no single faces.
        ModelError: the weights are missing or do not fit.
    """
    from training.recipes.registry import find_recipe  # imports Keras, which served models do without

    recipe = find_recipe(recipe_name(run))
    return recipe.task.face_model(recipe, run, weights)

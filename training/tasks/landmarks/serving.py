"""Turn a run of the landmark network into a folder that the app serves."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from app.errors import ModelError
from app.numerics import sigmoid
from app.vision.inference.crop_model import LiteRtCropModel
from app.vision.inference.model_card import MODEL
from app.vision.landmarks.network import LandmarkNetwork, read_landmark_card
from training.engine.run_dir import BEST, trained_on
from training.export.model_card import write_kind_card
from training.samples.landmark_points import LANDMARK_NAMES
from training.tasks.attributes.serving import KERAS_MODEL, facts, replacing, trained_model, write_models
from training.tasks.landmarks.crops import FACE, MARKED, POINTS, UNIT
from training.tasks.landmarks.losses import SCORE
from training.tasks.landmarks.source import read_faces
from training.tasks.landmarks.task import LandmarkRecipe
from training.tasks.landmarks.train import validation

# How far the served file may stray from Keras on the validation crops, in distances of the eyes.
LARGEST_SHIFT = 0.005
# Share of the faces of the validation crops that the served score may miss: a third of them are the small, turned
# and masked ones of scenes, some of which nobody could tell.
MISSED = 0.01


def export_landmarks(
    recipe: LandmarkRecipe,
    run: Path,
    models: Path,
    data: Path | None = None,
    file_format: str = "int8",
    weights: Path | None = None,
) -> Path:
    """Write the served model of a run and return its folder.

    Args:
        data: The sets to choose the served score on; None is what the run was trained on.
        file_format: `int8` (dynamic range) or `float32`.
        weights: Instead of the run's best.
    Raises:
        ModelError: the weights are missing or do not fit, or the converted model strays from Keras.
    """
    model = trained_model(recipe, weights or run / BEST)
    patches, targets = validation(read_faces(data or trained_on(run)), recipe)
    wanted = targets["answer"]
    answers = model.predict(patches, batch_size=256, verbose=0)["answer"]
    score = least_score(answers[wanted[:, FACE] > 0, SCORE])
    folder = models / recipe.network
    with replacing(folder) as unfinished:
        write_models(model, unfinished, file_format)
        serving = {"patch": asdict(recipe.patch), "points": list(LANDMARK_NAMES), "score": round(score, 3)}
        about = {"format": file_format, "parameters": model.count_params(), "training": facts(recipe, run, weights)}
        write_kind_card(unfinished, "landmarks", recipe, serving, (MODEL, KERAS_MODEL), about)
        shift = _shift(unfinished, patches, answers, wanted)
    print(f"{folder}: points {shift:.2%} of the eyes' distance from Keras', served score {score:.3f}")
    return folder


def least_score(logits: np.ndarray) -> float:
    """The score below which only few faces lie, between .05 and .95."""
    return float(np.clip(sigmoid(np.quantile(logits, MISSED)), 0.05, 0.95))


def _shift(folder: Path, patches: np.ndarray, answers: np.ndarray, wanted: np.ndarray) -> float:
    """How far the written network's points lie from Keras' on faces, through the app's own code."""
    card = read_landmark_card(folder)
    LandmarkNetwork(card)  # the app takes it
    faces = wanted[:, MARKED] > 0
    written = LiteRtCropModel(card, card.patch, answers.shape[1]).run_patches(patches[faces])
    off = (written[:, POINTS] - answers[faces, POINTS]).reshape(len(written), -1, 2)
    shift = float((np.linalg.norm(off, axis=-1).mean(-1) / wanted[faces, UNIT]).mean())
    if shift > LARGEST_SHIFT:
        raise ModelError(
            f"the converted network's points stray by {shift:.2%} of the eyes' distance; export with --format float32"
        )
    return shift

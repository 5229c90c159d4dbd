"""The serving form of a landmark network: its score threshold, and its comparison with Keras."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import ModelError
from app.numerics import sigmoid
from app.vision.inference.crop_model import LiteRtCropModel
from app.vision.landmarks.network import LandmarkNetwork, read_landmark_card
from training.engine.run_dir import BEST, trained_on
from training.engine.weights import load_trained
from training.samples.landmark_points import LANDMARK_NAMES
from training.tasks.base import ExportOptions, ServingForm
from training.tasks.landmarks.crops import FACE, MARKED, POINTS, UNIT
from training.tasks.landmarks.landmark_data import read_landmark_data
from training.tasks.landmarks.losses import SCORE
from training.tasks.recipe import Recipe

MAX_SHIFT = 0.005  # of a point by the conversion, on average, in distances of the eyes
# Share of the faces of the validation crops that the served threshold may miss: a third of them are the small, turned
# and masked ones of scenes, some of which nobody could recognise.
MISSED = 0.01
THRESHOLDS = (0.05, 0.95)  # least and largest
PREDICTION_BATCH = 256


def serving_form(recipe: Recipe[Any], run: Path, options: ExportOptions) -> ServingForm:
    """As `Task.serving_form`: the score threshold is chosen on the validation crops."""
    model = load_trained(recipe, options.weights or run / BEST)
    crops = read_landmark_data(recipe, options.data or trained_on(run)).validation().arrays
    assert crops is not None
    patches, wanted = crops[0], crops[1]["answer"]
    reference = model.predict(patches, batch_size=PREDICTION_BATCH, verbose=0)["answer"]
    logits = reference[wanted[:, FACE] > 0, SCORE]  # of faces, of which all but the share MISSED get a higher one
    threshold = float(np.clip(sigmoid(np.quantile(logits, MISSED)), *THRESHOLDS))
    card = {"patch": asdict(recipe.task.crops.patch), "points": list(LANDMARK_NAMES), "score": round(threshold, 3)}

    def check(folder: Path) -> str:
        return f"{_compare(folder, patches, reference, wanted)}, served score {threshold:.3f}"

    return ServingForm(model, "landmarks", card, check, {})


def _compare(folder: Path, patches: np.ndarray, reference: np.ndarray, wanted: np.ndarray) -> str:
    """How far the written network's points lie from those of Keras on faces, through the app's own code."""
    card = read_landmark_card(folder)
    LandmarkNetwork(card)  # the app takes it
    faces = wanted[:, MARKED] > 0
    written = LiteRtCropModel(card, card.patch, reference.shape[1]).run_patches(patches[faces])
    off = (written[:, POINTS] - reference[faces, POINTS]).reshape(len(written), -1, 2)
    shift = float((np.linalg.norm(off, axis=-1).mean(-1) / wanted[faces, UNIT]).mean())
    if shift > MAX_SHIFT:
        raise ModelError(
            f"the converted network's points stray by {shift:.2%} of the eyes' distance; export with --format float32"
        )
    return f"points {shift:.2%} of the eyes' distance from Keras'"

"""Write a run's network in a form that is used elsewhere: LiteRT, or Keras's JSON with its weights."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import keras
import numpy as np

from app.errors import ModelError
from app.vision.attributes.predictor import LiteRtPredictor
from app.vision.inference.model_card import MODEL, ModelCard
from training.engine.checkpoints import first_line
from training.engine.run_dir import BEST, trained_on
from training.tasks.attributes.patch_cache import prepared
from training.tasks.attributes.serving import COMPARED, agreement, converted, serving_model
from training.tasks.attributes.task import Recipe

ARCHITECTURE, WEIGHTS = "model.json", "model.weights.h5"


def write_form(
    recipe: Recipe,
    run: Path,
    out: Path,
    file_format: str,
    data: Path | None = None,
    weights: Path | None = None,
    cache: Path | None = None,
) -> list[Path]:
    """Write a run's network into a folder, reload it, and return its files.

    Args:
        file_format: `int8` or `float32` (`model.tflite`), or `json` (`model.json` and `model.weights.h5`).
        data: The set whose patches are compared on; None is the one the run was trained on.
        weights: Instead of the run's best.
    Raises:
        ModelError: the weights are missing or do not fit, or what was written strays from Keras.
    """
    patches = prepared(recipe, data or trained_on(run), cache).valid.patches[:COMPARED]
    model = serving_model(recipe, weights or run / BEST)
    unfinished = out / f".unfinished.{os.getpid()}"
    try:
        unfinished.mkdir(parents=True)
        if file_format == "json":
            answers = _json(model, unfinished, patches)
        else:
            answers = litert_predictor(recipe, converted(model, file_format), unfinished).predict_patches(patches)
        print(f"{out}: {agreement(recipe.plain_heads, answers, np.asarray(model.predict(patches, verbose=0)))}")
        return [_moved(file, out) for file in sorted(unfinished.iterdir())]
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _json(model: keras.Model, folder: Path, patches: np.ndarray) -> np.ndarray:
    """Write the two files and return what they answer once loaded again."""
    (folder / ARCHITECTURE).write_text(model.to_json(indent=1), encoding="utf-8")
    model.save_weights(folder / WEIGHTS)
    try:
        again = keras.models.model_from_json((folder / ARCHITECTURE).read_text(encoding="utf-8"))
        again.load_weights(folder / WEIGHTS)
    except (TypeError, ValueError) as error:
        raise ModelError(f"the network does not load from JSON ({first_line(error)}); use --format float32") from None
    return np.asarray(again.predict(patches, verbose=0))


def litert_predictor(recipe: Recipe, content: bytes, folder: Path) -> LiteRtPredictor:
    """Write a converted network into a folder and load it as the app does, without a card of its own."""
    (folder / MODEL).write_bytes(content)
    files = {MODEL: hashlib.sha256(content).hexdigest()}
    card = ModelCard(recipe.network, recipe.title, recipe.patch, recipe.plain_heads, files, folder)
    return LiteRtPredictor(card)


def _moved(file: Path, folder: Path) -> Path:
    os.replace(file, folder / file.name)
    return folder / file.name

"""Export a run: the model folder that the app serves, or one file for use elsewhere."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from app.model_cards import CARD_FILE
from app.vision.inference.model_card import MODEL
from training.engine.run_dir import trained_on, training_facts
from training.export.formats import KERAS_MODEL, write_h5, write_json, write_litert, write_models
from training.export.guide import write_guide
from training.export.model_card import write_card
from training.tasks.base import ExportOptions, PortableForm
from training.tasks.recipe import Recipe

WRITERS = {"json": write_json, "h5": write_h5}


def export(recipe: Recipe[Any], run: Path, models: Path, options: ExportOptions | None = None) -> Path:
    """Write `model.keras`, `model.tflite` and `card.json` of a run and return their folder.

    Raises:
        ModelError: the weights are missing or do not fit, or the converted model strays from Keras.
        SettingsError: the app cannot serve what the recipe predicts.
    """
    options = options or ExportOptions()
    form = recipe.task.serving_form(recipe, run, options)
    folder = models / recipe.network
    with _unfinished(folder.parent / f".{folder.name}.{os.getpid()}") as unfinished:
        write_models(form.model, unfinished, options.file_format)
        about = {
            "format": options.file_format,
            "parameters": form.model.count_params(),
            "training": {**training_facts(recipe, run, options.weights), **form.training},
        }
        source = recipe.task.source.at(options.data or trained_on(run))
        write_card(unfinished, recipe, form, (MODEL, KERAS_MODEL), source.card_entry, about)
        agreement = form.check(unfinished)
        folder.mkdir(exist_ok=True)
        for name in (KERAS_MODEL, MODEL, CARD_FILE):  # the card goes last, since the other two must be there for it
            os.replace(unfinished / name, folder / name)
    print(f"{folder}: {agreement}")
    return folder


def export_files(recipe: Recipe[Any], run: Path, out: Path, options: ExportOptions) -> list[Path]:
    """Write a run's network in one format into a folder and return its files.

    `json` gives `model.json` and `model.weights.h5`, `h5` gives `model.h5`, both with README.md and `loop.py`, a
    program that runs the network on a camera; the other formats give `model.tflite`. A network that is of use only with
    its card gets its whole model folder, in `out`.

    Raises:
        ModelError: the weights are missing or do not fit, or what was written strays from Keras.
    """
    form = recipe.task.portable_form(recipe, run, options)
    if form is None:
        return [export(recipe, run, out, options)]
    with _unfinished(out / f".unfinished.{os.getpid()}") as unfinished:
        agreement = form.agreement(_written_outputs(form, unfinished, options.file_format))
        if form.answer:
            write_guide(unfinished, recipe.title, options.file_format, form.spec, form.answer)
        print(f"{out}: {agreement}")
        names = sorted(file.name for file in unfinished.iterdir())
        for name in names:
            os.replace(unfinished / name, out / name)
    return [out / name for name in names]


def _written_outputs(form: PortableForm, folder: Path, file_format: str) -> np.ndarray:
    """Write the network into a folder, load it again and return its outputs for the form's patches."""
    if file_format in WRITERS:
        return np.asarray(WRITERS[file_format](form.model, folder).predict(form.patches, verbose=0))
    return write_litert(form.model, file_format, form.spec, folder).run_patches(form.patches)


@contextlib.contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """A new folder to write into, which is removed in the end."""
    try:
        folder.mkdir(parents=True)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)

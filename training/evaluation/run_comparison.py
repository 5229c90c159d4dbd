"""Set runs side by side: figures on the split they were chosen by, curves, size and time a face."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from app.vision.inference.model_card import MODEL
from training.datasets.dataset_spec import DatasetSpec
from training.engine.run_dir import BEST, log_rows, recipe_name, trained_on, training_facts
from training.evaluation.faces import all_figures, note_on, score_samples
from training.evaluation.timing import median_ms
from training.export.formats import write_litert
from training.recipes.registry import find_face_recipe
from training.samples.sample import Sample
from training.tasks.attributes.serving import serving_model
from training.tasks.attributes.task import AttributeTask
from training.tasks.recipe import Recipe

TIMED_CALLS = 30
FaceRecipe = Recipe[AttributeTask]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run.

    Attributes:
        figures: Flat, as `evaluate --json` has them, on the pictures that its best epoch was chosen by.
        scored_on: Identifies these pictures; only runs of the same pictures can be ranked.
        note: What a reader of the figures must know; None where there is nothing.
        facts: `parameters`, `size_mb` (LiteRT, float32), `ms_per_face` (one thread) and what `training_facts` knows.
        rows: Its log by epoch.
    """

    run: Path
    recipe: FaceRecipe
    figures: Mapping[str, float | int]
    scored_on: str
    note: str | None
    facts: Mapping[str, float | int | str | bool]
    rows: Sequence[Mapping[str, float]]


def compare_runs(runs: Sequence[Path]) -> list[RunSummary]:
    """Score and time every run.

    Raises:
        SettingsError: a folder is no run, or does not say what it was trained on.
        ModelError: a run's weights are missing or do not fit.
        UnreadableMedia: a run's set is no longer there.
    """
    read = cache(_valid_samples)  # runs on the same set read it once
    return [_compared(run, read) for run in runs]


def _valid_samples(source: DatasetSpec, data: Path) -> Sequence[Sample]:
    return source.split(source.read(data, False)).valid


def _compared(run: Path, read: Callable[[DatasetSpec, Path], Sequence[Sample]]) -> RunSummary:
    recipe = find_face_recipe(recipe_name(run))
    samples = read(recipe.task.source, trained_on(run))
    network = serving_model(recipe, run / BEST)
    model = recipe.task.scored(recipe, network, run)
    figures = all_figures(score_samples(model, tuple(model.attributes), samples), samples)
    facts = {**_size_and_speed(recipe, network), **training_facts(recipe, run)}
    return RunSummary(run, recipe, figures, pictures_id(samples), note_on(samples, "valid"), facts, log_rows(run))


def pictures_id(samples: Sequence[Sample]) -> str:
    """The same for the same pictures, in any order and under any name."""
    return hashlib.sha256("".join(sorted(sample.content_hash for sample in samples)).encode()).hexdigest()


def _size_and_speed(recipe: FaceRecipe, network: Any) -> dict[str, float | int]:
    """How large and how slow the network is in LiteRT, float32, on one thread of this machine."""
    with tempfile.TemporaryDirectory() as folder:
        model = write_litert(network, "float32", recipe.task.patch, Path(folder))
        size_mb = round((Path(folder) / MODEL).stat().st_size / 1e6, 2)
    patch = np.zeros((1, *recipe.task.patch.shape), np.uint8)
    milliseconds = median_ms(model.run_patches, [patch] * (1 + TIMED_CALLS), warm_up=1)
    return {"parameters": network.count_params(), "size_mb": size_mb, "ms_per_face": round(milliseconds, 3)}

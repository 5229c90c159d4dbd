"""Set runs side by side: figures on the split they were chosen by, curves, size and time a face."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from app.vision.attributes.predictor import LiteRtPredictor
from training.datasets.dataset_spec import DatasetSpec
from training.engine.run_dir import BEST, log_rows, recipe_name, trained_on, training_facts
from training.evaluation.faces import figures_of, note_on, scores_of
from training.evaluation.scored_model import network_model
from training.export.formats import litert_predictor
from training.samples.sample import Sample
from training.tasks.attributes.serving import converted, serving_model
from training.tasks.attributes.task import Recipe, find_recipe

TIMED_CALLS = 30
DetectorResult = Callable[[Recipe, Path], Sequence[Sample]]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run.

    Attributes:
        figures: Flat, as `evaluate --json` has them, on the pictures that its best epoch was chosen by.
        note: What a reader of the figures must know; None where there is nothing.
        facts: `parameters`, `size_mb` (LiteRT, float32), `ms_per_face` (one thread) and what `training_facts` knows.
        rows: Its log by epoch.
    """

    run: Path
    recipe: Recipe
    figures: Mapping[str, float | int]
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
    # Runs on the same set read it once.
    valid = cache(_valid_samples)
    return [_compared(run, lambda recipe, data: valid(recipe.source, data)) for run in runs]


def _valid_samples(source: DatasetSpec, data: Path) -> Sequence[Sample]:
    return source.split(source.read(data, False)).valid


def _compared(run: Path, scored: DetectorResult) -> RunSummary:
    recipe = find_recipe(recipe_name(run))
    samples = scored(recipe, trained_on(run))
    network = serving_model(recipe, run / BEST)
    model = network_model(recipe, network, run)
    figures = figures_of(scores_of(model, tuple(model.attributes), samples), samples)
    facts = {**_weight(recipe, network), **training_facts(recipe, run)}
    return RunSummary(run, recipe, figures, note_on(samples, "valid"), facts, log_rows(run))


def _weight(recipe: Recipe, network: Any) -> dict[str, float | int]:
    """How large and how slow the network is in LiteRT, float32, on one thread of this machine."""
    content = converted(network, "float32")
    with tempfile.TemporaryDirectory() as folder:
        predictor = litert_predictor(recipe, content, Path(folder))
    patch = np.zeros((1, *recipe.patch.shape), np.uint8)
    predictor.predict_patches(patch)
    milliseconds = statistics.median(_timed(predictor, patch) for _ in range(TIMED_CALLS))
    size_mb, ms = round(len(content) / 1e6, 2), round(milliseconds, 3)
    return {"parameters": network.count_params(), "size_mb": size_mb, "ms_per_face": ms}


def _timed(predictor: LiteRtPredictor, patch: np.ndarray) -> float:
    started_s = time.perf_counter()
    predictor.predict_patches(patch)
    return 1000 * (time.perf_counter() - started_s)

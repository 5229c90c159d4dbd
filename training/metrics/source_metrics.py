"""Each image source of a data set on its own: a mean over all images hides the small ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.metrics.class_scores import ClassScores
from training.metrics.predictions import NORMAL_95, balanced_accuracy, wilson_interval
from training.metrics.scores import Figures
from training.samples.sample import Sample


def rows_by_source(samples: Sequence[Sample]) -> dict[str, np.ndarray]:
    """Indexes of the samples of each source, int64 (n,), by its name; empty if the samples name none."""
    sources = np.array([str(sample.labels.get("source", "")) for sample in samples])
    return {source: np.flatnonzero(sources == source) for source in sorted(set(sources.tolist()) - {""})}


def source_figures(scores: ClassScores, samples: Sequence[Sample]) -> Figures:
    """Flat: `mean_of_sources` (of their accuracies), and of each `n`, `accuracy` and `balanced_accuracy`.

    Such as `n_<source>`; nothing if the samples name no sources. The mean and the accuracies have 95 % intervals, which
    take the faces for independent, with `_low` and `_high` after the name.
    """
    parts = rows_by_source(samples)
    if not parts:
        return {}
    accuracies = np.array([scores.correct[rows].mean() for rows in parts.values()])
    counts = np.array([len(rows) for rows in parts.values()])
    mean, error = accuracies.mean(), np.sqrt((accuracies * (1 - accuracies) / counts).sum()) / len(parts)
    interval = {
        "mean_of_sources_low": float(mean - NORMAL_95 * error),
        "mean_of_sources_high": float(mean + NORMAL_95 * error),
    }
    figures: dict[str, float | int] = {"mean_of_sources": float(mean), **interval}
    for source, rows in parts.items():
        figures |= _figures_of(source, scores, rows)
    return figures


def _figures_of(source: str, scores: ClassScores, rows: np.ndarray) -> Figures:
    low, high = wilson_interval(int(scores.correct[rows].sum()), len(rows))
    return {
        f"n_{source}": len(rows),
        f"accuracy_{source}": float(scores.correct[rows].mean()),
        f"accuracy_{source}_low": low,
        f"accuracy_{source}_high": high,
        f"balanced_accuracy_{source}": balanced_accuracy(scores.probabilities[rows], scores.indexes[rows]),
    }

"""Each image source of a data set on its own: a mean over all images hides the small ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.metrics.class_scores import ClassScores
from training.metrics.predictions import balanced_accuracy
from training.metrics.scores import Figures
from training.samples.sample import Sample


def rows_by_source(samples: Sequence[Sample]) -> dict[str, np.ndarray]:
    """Indexes of the samples of each source, int64 (n,), by its name; empty if the samples name none."""
    sources = np.array([str(sample.labels.get("source", "")) for sample in samples])
    return {source: np.flatnonzero(sources == source) for source in sorted(set(sources.tolist()) - {""})}


def source_figures(scores: ClassScores, samples: Sequence[Sample]) -> Figures:
    """Flat: `mean_of_sources` (of their accuracies), and of each `n`, `accuracy` and `balanced_accuracy`.

    Such as `n_<source>`; nothing if the samples name no sources.
    """
    figures: dict[str, float | int] = {}
    parts = rows_by_source(samples)
    for source, rows in parts.items():
        balanced = balanced_accuracy(scores.probabilities[rows], scores.indexes[rows])
        own = {"n": len(rows), "accuracy": float(scores.correct[rows].mean()), "balanced_accuracy": balanced}
        figures |= {f"{name}_{source}": value for name, value in own.items()}
    if not parts:
        return {}
    mean = float(np.mean([figures[f"accuracy_{source}"] for source in parts]))
    return {"mean_of_sources": mean, **figures}

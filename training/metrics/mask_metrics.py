"""What is counted of masks beside the classes: mask against none, and each source on its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.metrics.predictions import balanced_accuracy
from training.metrics.results import ClassScores, Figures
from training.samples.sample import Sample


def mask_figures(scores: ClassScores, samples: Sequence[Sample]) -> Figures:
    """Flat: `mask_vs_none`, and of each source its own with `n` and `balanced_accuracy`, such as `n_<source>`.

    Sources have shortcuts, such as tighter crops where a mask is worn: a network can learn these instead.
    """
    figures = dict(_mask_vs_none(scores, np.arange(len(samples))))
    sources = np.array([str(sample.labels.get("source", "")) for sample in samples])
    for source in sorted(set(sources.tolist()) - {""}):
        rows = np.flatnonzero(sources == source)
        balanced = balanced_accuracy(scores.probabilities[rows], scores.indexes[rows])
        own = {"n": len(rows), "balanced_accuracy": balanced, **_mask_vs_none(scores, rows)}
        figures |= {f"{name}_{source}": value for name, value in own.items()}
    return figures


def _mask_vs_none(scores: ClassScores, rows: np.ndarray) -> Figures:
    """Of the faces labelled either, the share for which that one is the likelier of the two."""
    if not {"none", "mask"} <= set(scores.labels):
        return {}
    none, mask = scores.labels.index("none"), scores.labels.index("mask")
    chosen = rows[np.isin(scores.indexes[rows], (none, mask))]
    if not len(chosen):
        return {}
    masked = scores.probabilities[chosen, mask] > scores.probabilities[chosen, none]
    return {"mask_vs_none": float((masked == (scores.indexes[chosen] == mask)).mean())}

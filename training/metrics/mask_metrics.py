"""Metrics of masks beside those of classes: mask against none, and each image source on its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.metrics.class_scores import ClassScores
from training.metrics.predictions import balanced_accuracy
from training.metrics.scores import Figures
from training.metrics.source_metrics import rows_by_source
from training.samples.sample import Sample


def mask_figures(scores: ClassScores, samples: Sequence[Sample]) -> Figures:
    """Flat: `mask_vs_none`, and for each source `n`, `balanced_accuracy` and `mask_vs_none`, such as `n_<source>`.

    Sources allow shortcuts that a network can learn instead, such as tighter crops of faces with a mask.
    """
    figures = dict(_mask_vs_none(scores, np.arange(len(samples))))
    for source, rows in rows_by_source(samples).items():
        balanced = balanced_accuracy(scores.probabilities[rows], scores.indexes[rows])
        own = {"n": len(rows), "balanced_accuracy": balanced, **_mask_vs_none(scores, rows)}
        figures |= {f"{name}_{source}": value for name, value in own.items()}
    return figures


def _mask_vs_none(scores: ClassScores, rows: np.ndarray) -> Figures:
    """Accuracy between `none` and `mask`, for the faces labelled as one of them."""
    if not {"none", "mask"} <= set(scores.labels):
        return {}
    none, mask = scores.labels.index("none"), scores.labels.index("mask")
    chosen = rows[np.isin(scores.indexes[rows], (none, mask))]
    if not len(chosen):
        return {}
    masked = scores.probabilities[chosen, mask] > scores.probabilities[chosen, none]
    return {"mask_vs_none": float((masked == (scores.indexes[chosen] == mask)).mean())}

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
    """Flat: those of the faces labelled none or mask, and for each source `n`, `balanced_accuracy` and `mask_vs_none`.

    Of the faces labelled none or mask, `n_none_or_mask`: `mask_vs_none` is the accuracy of the likelier of these two
    labels, `none_or_mask_accuracy` that of the label that is shown, the likeliest of all three. Those of a source have
    its name at the end, such as `n_<source>`.

    Sources allow shortcuts that a network can learn instead, such as tighter crops of faces with a mask.
    """
    chosen = _none_or_mask(scores, np.arange(len(samples)))
    figures = {"n_none_or_mask": len(chosen), **_mask_vs_none(scores, chosen)} if len(chosen) else {}
    if len(chosen):
        figures["none_or_mask_accuracy"] = float(scores.correct[chosen].mean())
    for source, rows in rows_by_source(samples).items():
        balanced = balanced_accuracy(scores.probabilities[rows], scores.indexes[rows])
        own = {"n": len(rows), "balanced_accuracy": balanced, **_mask_vs_none(scores, _none_or_mask(scores, rows))}
        figures |= {f"{name}_{source}": value for name, value in own.items()}
    return figures


def _none_or_mask(scores: ClassScores, rows: np.ndarray) -> np.ndarray:
    """The rows of faces labelled `none` or `mask`; none where the model does not know both."""
    if not {"none", "mask"} <= set(scores.labels):
        return rows[:0]
    return rows[np.isin(scores.indexes[rows], [scores.labels.index(label) for label in ("none", "mask")])]


def _mask_vs_none(scores: ClassScores, chosen: np.ndarray) -> Figures:
    """Accuracy of the likelier of `none` and `mask`, for rows of faces labelled as one of them."""
    if not len(chosen):
        return {}
    none, mask = scores.labels.index("none"), scores.labels.index("mask")
    masked = scores.probabilities[chosen, mask] > scores.probabilities[chosen, none]
    return {"mask_vs_none": float((masked == (scores.indexes[chosen] == mask)).mean())}

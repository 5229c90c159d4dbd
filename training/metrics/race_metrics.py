"""Metrics of race labels beside those of all five: the three classes that some publications use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.metrics.class_scores import ClassScores
from training.metrics.predictions import wilson_interval
from training.metrics.scores import Figures
from training.samples.sample import Sample

THREE = ("white", "black", "asian")


def race_figures(scores: ClassScores, samples: Sequence[Sample]) -> Figures:
    """Flat, of the faces labelled white, black or asian, `n_race_3`.

    `race_3_accuracy` and its 95 % interval are those of the likeliest of these three labels; `race_3_accuracy_of_all`
    that of the likeliest of all labels that the network knows.
    """
    known = np.array([scores.labels.index(label) for label in THREE if label in scores.labels], np.int64)
    rows = np.flatnonzero(np.isin(scores.indexes, known))
    if len(known) < len(THREE) or not len(rows):
        return {}
    likeliest = known[scores.probabilities[rows][:, known].argmax(1)]
    right = likeliest == scores.indexes[rows]
    low, high = wilson_interval(int(right.sum()), len(rows))
    return {
        "n_race_3": len(rows),
        "race_3_accuracy": float(right.mean()),
        "race_3_accuracy_low": low,
        "race_3_accuracy_high": high,
        "race_3_accuracy_of_all": float(scores.correct[rows].mean()),
    }

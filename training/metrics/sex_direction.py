"""In which direction the perceived sex is read wrongly, under conditions such as hidden hair."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from training.metrics.class_scores import ClassScores
from training.metrics.scores import Figures, degradation_figures

DIRECTIONS = (("female", "male"), ("male", "female"))  # the label, and what it is read as


def direction_figures(by_condition: Mapping[str, ClassScores], plain: str) -> Figures:
    """Flat, such as `female_as_male`: the share of the faces labelled female that are read as male.

    For every other condition follow the share (`female_as_male_hair_hidden`) and how much more it is than of the plain
    faces, with its 95 % interval (`female_as_male_lost_hair_hidden`, `..._low`, `..._high`).

    Args:
        by_condition: The same faces in the same order.
        plain: The condition that the others are compared with.
    """
    reference, figures = by_condition[plain], dict[str, float | int]()
    for label, other in DIRECTIONS:
        name, read_as = f"{label}_as_{other}", reference.labels.index(other)
        rows = np.flatnonzero(reference.indexes == reference.labels.index(label))
        if len(rows) < 2:
            continue
        wrong = {key: scores.probabilities[rows].argmax(-1) == read_as for key, scores in by_condition.items()}
        figures |= {f"n_{label}": len(rows), name: float(wrong[plain].mean())}
        for key in wrong.keys() - {plain}:
            figures[f"{name}_{key}"] = float(wrong[key].mean())
            figures |= degradation_figures(f"{name}_lost_{key}", wrong[key].astype(float) - wrong[plain])
    return figures

"""Predicted classes next to the labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from training.metrics import predictions
from training.metrics.scores import Figures, RowFigure, Scores
from training.metrics.subgroups import MIN_GROUP_FACES

LOW_RECALL = 0.5  # a class with a lower recall is listed as a known failure


@dataclass(frozen=True, slots=True)
class ClassScores(Scores):
    """Class probabilities of n faces.

    Attributes:
        probabilities: Shape (n, labels).
        indexes: The true labels, shape (n,).
        prefix: Prefix of the names of the figures.
    """

    attribute: str
    labels: Sequence[str]
    probabilities: np.ndarray
    indexes: np.ndarray
    prefix: str = ""
    higher_is_better = True

    @property
    def correct(self) -> np.ndarray:
        """Whether each prediction is correct, bool (n,)."""
        return self.probabilities.argmax(-1) == self.indexes

    @property
    def confusion(self) -> np.ndarray:
        """Counts by true and predicted label, int64 (labels, labels)."""
        return predictions.confusion_matrix(self.probabilities, self.indexes)

    @property
    def figures(self) -> Figures:
        low, high = predictions.wilson_interval(int(self.correct.sum()), len(self.correct))
        named = {
            "accuracy": predictions.accuracy(self.probabilities, self.indexes),
            "accuracy_low": low,
            "accuracy_high": high,
            "balanced_accuracy": predictions.balanced_accuracy(self.probabilities, self.indexes),
            "ece": predictions.expected_calibration_error(self.probabilities, self.indexes),
            "ece_by_chance": predictions.chance_calibration_error(self.probabilities),
            "nll": predictions.negative_log_likelihood(self.probabilities, self.indexes),
            "brier": predictions.brier_score(self.probabilities, self.indexes),
        }
        return {f"{self.prefix}{name}": value for name, value in named.items()}

    @property
    def main_figure(self) -> str:
        return f"{self.prefix}accuracy"

    @property
    def group_figure(self) -> str:
        return f"{self.attribute}_accuracy"

    @property
    def figure_of_rows(self) -> RowFigure:
        return lambda rows: float(self.correct[rows].mean())

    def sample_errors(self) -> np.ndarray:
        return 1.0 - self.correct

    def severity(self) -> np.ndarray:
        # A confident wrong prediction is worse than an undecided one.
        return self.probabilities.max(-1) - self.probabilities[np.arange(len(self.indexes)), self.indexes]

    def describe(self, index: int) -> str:
        predicted = int(self.probabilities[index].argmax())
        confidence = self.probabilities[index, predicted]
        return f"{self.labels[predicted]} {confidence:.0%}, labelled {self.labels[int(self.indexes[index])]}"

    def describe_figure(self, value: float) -> str:
        return f"accuracy {value:.0%}"

    def select(self, rows: np.ndarray) -> ClassScores:
        return replace(self, probabilities=self.probabilities[rows], indexes=self.indexes[rows])

    def with_predictions(self, predictions: Sequence[Mapping[str, float]]) -> ClassScores:
        return replace(self, probabilities=np.array([[one[label] for label in self.labels] for one in predictions]))

    def details(self) -> dict[str, Any]:
        named = zip(self.labels, predictions.class_figures(self.confusion), strict=True)
        bins = predictions.confidence_bins(self.probabilities, self.indexes)
        return {
            "classes": {label: one._asdict() for label, one in named},
            "confusion": self.confusion.tolist(),
            "reliability": [one._asdict() for one in bins],
        }

    def known_failures(self) -> Iterator[str]:
        for row, (label, one) in enumerate(zip(self.labels, predictions.class_figures(self.confusion), strict=True)):
            if one.n >= MIN_GROUP_FACES and one.recall < LOW_RECALL:
                others = self.confusion[row].copy()
                others[row] = 0
                taken = f"{self.labels[int(others.argmax())]} ({others.max() / one.n:.0%})"
                recall = f"recall {one.recall:.0%} of {one.n:,} faces"
                yield f"Label {label}: {recall}; most often predicted as {taken}."

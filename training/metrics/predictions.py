"""Metrics over arrays of predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

ECE_BINS = 15
NORMAL_95 = 1.959964  # standard deviations that contain 95 % of a normal distribution
MIN_PROBABILITY = 1e-12  # keeps logarithms finite


def accuracy(probabilities: np.ndarray, indexes: np.ndarray) -> float:
    """Fraction of correct predictions, from probabilities (n, labels) and true labels (n,)."""
    return float((probabilities.argmax(-1) == indexes).mean())


def balanced_accuracy(probabilities: np.ndarray, indexes: np.ndarray) -> float:
    """Mean recall of the classes that occur, from probabilities (n, labels) and true labels (n,)."""
    correct = probabilities.argmax(-1) == indexes
    return float(np.mean([correct[indexes == label].mean() for label in np.unique(indexes)]))


def expected_calibration_error(probabilities: np.ndarray, indexes: np.ndarray, bins: int = ECE_BINS) -> float:
    """Mean gap between confidence and accuracy over equally wide bins of confidence, weighted by count.

    Args:
        probabilities: Shape (n, labels).
        indexes: True labels, shape (n,).
    """
    found = confidence_bins(probabilities, indexes, bins)
    return sum(abs(one.confidence - one.accuracy) * one.n for one in found) / max(1, len(indexes))


def chance_calibration_error(probabilities: np.ndarray, draws: int = 100) -> float:
    """The expected calibration error of a perfectly calibrated model on this many rows (n, labels), by simulation."""
    random, ends = np.random.default_rng(0), probabilities.cumsum(1)
    drawn = [(random.random((len(ends), 1)) > ends[:, :-1]).sum(1) for _ in range(draws)]
    return float(np.mean([expected_calibration_error(probabilities, indexes) for indexes in drawn]))


def wilson_interval(successes: int, count: int) -> tuple[float, float]:
    """95 % confidence interval of a proportion (Wilson 1927); 0 to 1 if nothing was counted."""
    if not count:
        return 0.0, 1.0
    share, spread = successes / count, NORMAL_95**2 / count
    center = (share + spread / 2) / (1 + spread)
    half = NORMAL_95 * np.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return float(max(0.0, center - half)), float(min(1.0, center + half))


@dataclass(frozen=True, slots=True)
class MeanEstimate:
    """A mean and its standard error."""

    value: float
    error: float

    @classmethod
    def of(cls, values: np.ndarray) -> MeanEstimate:
        """From at least two values, shape (n,)."""
        return cls(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))

    @property
    def interval(self) -> tuple[float, float]:
        """95 % confidence interval."""
        return self.value - NORMAL_95 * self.error, self.value + NORMAL_95 * self.error

    def differs_from(self, other: MeanEstimate) -> bool:
        """Whether the 95 % confidence interval of the difference excludes 0."""
        return abs(self.value - other.value) > NORMAL_95 * float(np.hypot(self.error, other.error))


def brier_score(probabilities: np.ndarray, indexes: np.ndarray) -> float:
    """Mean squared distance from the one-hot true labels (Brier 1950), summed over labels: 0 (best) to 2.

    Args:
        probabilities: Shape (n, labels).
        indexes: True labels, shape (n,).
    """
    one_hot = np.eye(probabilities.shape[-1])[indexes]
    return float(np.square(probabilities - one_hot).sum(-1).mean())


def negative_log_likelihood(probabilities: np.ndarray, indexes: np.ndarray) -> float:
    """Mean negative log probability of the true labels in nats, from probabilities (n, labels) and labels (n,)."""
    chosen = probabilities[np.arange(len(indexes)), indexes]
    return float(-np.log(np.maximum(chosen, MIN_PROBABILITY)).mean())


def confusion_matrix(probabilities: np.ndarray, indexes: np.ndarray) -> np.ndarray:
    """Counts, int64 (labels, labels): a row for each true label, a column for each predicted one."""
    labels = probabilities.shape[-1]
    cells = indexes * labels + probabilities.argmax(-1)
    return np.bincount(cells, minlength=labels**2).reshape(labels, labels)


class ClassFigures(NamedTuple):
    """Precision, recall and F1 of one class with n faces; 0 if there is nothing to divide by."""

    precision: float
    recall: float
    f1: float
    n: int


def class_figures(confusion: np.ndarray) -> list[ClassFigures]:
    """By class, from a confusion matrix (labels, labels)."""
    hits, true, predicted = np.diag(confusion), confusion.sum(1), confusion.sum(0)
    precision, recall = hits / np.maximum(predicted, 1), hits / np.maximum(true, 1)
    f1 = 2 * hits / np.maximum(true + predicted, 1)
    columns = zip(precision.tolist(), recall.tolist(), f1.tolist(), true.tolist(), strict=True)
    return [ClassFigures(*row) for row in columns]


class ConfidenceBin(NamedTuple):
    """Predictions of similar confidence: their mean confidence, accuracy and number."""

    confidence: float
    accuracy: float
    n: int


def confidence_bins(probabilities: np.ndarray, indexes: np.ndarray, bins: int = ECE_BINS) -> list[ConfidenceBin]:
    """Equally wide bins of confidence, lowest first; empty ones are left out.

    Args:
        probabilities: Shape (n, labels).
        indexes: True labels, shape (n,).
    """
    confidence = probabilities.max(-1)
    correct = probabilities.argmax(-1) == indexes
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    parts = [bin_of == one for one in np.unique(bin_of)]
    return [ConfidenceBin(float(confidence[p].mean()), float(correct[p].mean()), int(p.sum())) for p in parts]


def normalized_landmark_errors(predicted: np.ndarray, true: np.ndarray, eyes: tuple[int, int]) -> np.ndarray:
    """Distances between landmarks, divided by the true distance of the eye centres.

    Args:
        predicted, true: Shape (n, points, 2) in any one unit.
        eyes: Indexes of the eye centres.
    Returns:
        Shape (n, points).
    """
    left, right = eyes
    eye_distance = np.linalg.norm(true[:, left] - true[:, right], axis=-1)
    return np.linalg.norm(predicted - true, axis=-1) / eye_distance[:, None]

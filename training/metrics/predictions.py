"""Figures over predictions; every function takes whole arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ECE_BINS = 15
NORMAL_95 = 1.959964  # standard deviations that hold 95 % of a normal distribution


def accuracy(probabilities: np.ndarray, indexes: np.ndarray) -> float:
    """Share of rows of (n, labels) whose likeliest label is the right one."""
    return float((probabilities.argmax(-1) == indexes).mean())


def balanced_accuracy(probabilities: np.ndarray, indexes: np.ndarray) -> float:
    """Mean of the classes' own accuracies, over the classes that occur."""
    right = probabilities.argmax(-1) == indexes
    return float(np.mean([right[indexes == label].mean() for label in np.unique(indexes)]))


def expected_calibration_error(probabilities: np.ndarray, indexes: np.ndarray, bins: int = ECE_BINS) -> float:
    """Mean gap between confidence and accuracy over equally wide bins of confidence, weighted by their rows."""
    found = confidence_bins(probabilities, indexes, bins)
    return sum(abs(one.confidence - one.accuracy) * one.count for one in found) / max(1, len(indexes))


def chance_calibration_error(probabilities: np.ndarray, draws: int = 100) -> float:
    """The mean calibration error that remains on so many rows where the probabilities are exactly right."""
    random, ends = np.random.default_rng(0), probabilities.cumsum(1)
    drawn = [(random.random((len(ends), 1)) > ends[:, :-1]).sum(1) for _ in range(draws)]
    return float(np.mean([expected_calibration_error(probabilities, indexes) for indexes in drawn]))


def mean_absolute_error(predicted: np.ndarray, true: np.ndarray) -> float:
    return float(np.abs(predicted - true).mean())


def root_mean_square_error(predicted: np.ndarray, true: np.ndarray) -> float:
    return float(np.sqrt(np.square(predicted - true).mean()))


def mean_error(predicted: np.ndarray, true: np.ndarray) -> float:
    """How much too high predictions are on average; negative where they are too low."""
    return float((predicted - true).mean())


def fraction_within(predicted: np.ndarray, true: np.ndarray, largest: float) -> float:
    """Share of predictions that are off by `largest` at most."""
    return float((np.abs(predicted - true) <= largest).mean())


def wilson_interval(right: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share; all of 0 to 1 where nothing was counted."""
    if not count:
        return 0.0, 1.0
    share, spread = right / count, NORMAL_95**2 / count
    center = (share + spread / 2) / (1 + spread)
    half = NORMAL_95 * np.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return float(max(0.0, center - half)), float(min(1.0, center + half))


@dataclass(frozen=True, slots=True)
class MeanEstimate:
    """A mean with its standard error."""

    value: float
    error: float

    @classmethod
    def of(cls, values: np.ndarray) -> MeanEstimate:
        """Of at least two values, shape (n,)."""
        return cls(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))

    @property
    def interval(self) -> tuple[float, float]:
        """Which holds the true mean 95 times in 100."""
        return self.value - NORMAL_95 * self.error, self.value + NORMAL_95 * self.error


def brier_score(probabilities: np.ndarray, indexes: np.ndarray) -> float:
    """Mean squared distance from the certain right answer, summed over labels: 0 is perfect, 2 is certainly wrong."""
    right = np.eye(probabilities.shape[-1])[indexes]
    return float(np.square(probabilities - right).sum(-1).mean())


def negative_log_likelihood(probabilities: np.ndarray, indexes: np.ndarray) -> float:
    """Mean surprise, in nats, at the right labels."""
    chosen = probabilities[np.arange(len(indexes)), indexes]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def confusion_matrix(probabilities: np.ndarray, indexes: np.ndarray) -> np.ndarray:
    """Counts, int64 (labels, labels): a row for each true label, a column for each predicted one."""
    labels = probabilities.shape[-1]
    cells = indexes * labels + probabilities.argmax(-1)
    return np.bincount(cells, minlength=labels**2).reshape(labels, labels)


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """How one class is found; a share is 0 where there is nothing to divide by."""

    precision: float
    recall: float
    f1: float
    count: int


def class_figures(confusion: np.ndarray) -> list[ClassFigures]:
    """By true label, from a confusion matrix."""
    right, true, predicted = np.diag(confusion), confusion.sum(1), confusion.sum(0)
    precision, recall = right / np.maximum(predicted, 1), right / np.maximum(true, 1)
    f1 = 2 * right / np.maximum(true + predicted, 1)
    columns = zip(precision.tolist(), recall.tolist(), f1.tolist(), true.tolist(), strict=True)
    return [ClassFigures(*row) for row in columns]


@dataclass(frozen=True, slots=True)
class ConfidenceBin:
    """The predictions of about the same confidence."""

    confidence: float
    accuracy: float
    count: int


def confidence_bins(probabilities: np.ndarray, indexes: np.ndarray, bins: int = ECE_BINS) -> list[ConfidenceBin]:
    """Equally wide bins of confidence, from the least confident; empty ones are left out."""
    confidence = probabilities.max(-1)
    right = probabilities.argmax(-1) == indexes
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    parts = [bin_of == one for one in np.unique(bin_of)]
    return [ConfidenceBin(float(confidence[p].mean()), float(right[p].mean()), int(p.sum())) for p in parts]


def normalized_landmark_errors(predicted: np.ndarray, true: np.ndarray, eyes: tuple[int, int]) -> np.ndarray:
    """Distances of points, each face scaled so that its true eye centres are 1 apart.

    Args:
        predicted, true: Shape (n, points, 2) in any one unit.
        eyes: Which points are the eye centres.
    Returns:
        Shape (n, points).
    """
    left, right = eyes
    apart = np.linalg.norm(true[:, left] - true[:, right], axis=-1)
    return np.linalg.norm(predicted - true, axis=-1) / apart[:, None]

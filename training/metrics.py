"""Figures over predictions; every function takes whole arrays."""

from __future__ import annotations

import numpy as np

ECE_BINS = 15


def accuracy(probabilities: np.ndarray, indexes: np.ndarray) -> float:
    """Share of rows of (n, labels) whose likeliest label is the right one."""
    return float((probabilities.argmax(-1) == indexes).mean())


def balanced_accuracy(probabilities: np.ndarray, indexes: np.ndarray) -> float:
    """Mean of the classes' own accuracies, over the classes that occur."""
    right = probabilities.argmax(-1) == indexes
    return float(np.mean([right[indexes == label].mean() for label in np.unique(indexes)]))


def expected_calibration_error(probabilities: np.ndarray, indexes: np.ndarray, bins: int = ECE_BINS) -> float:
    """Mean gap between confidence and accuracy over equally wide bins of confidence, weighted by their rows."""
    confidence = probabilities.max(-1)
    right = probabilities.argmax(-1) == indexes
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[bin_of == one].mean() - right[bin_of == one].mean()) * (bin_of == one).mean()
        for one in np.unique(bin_of)
    ]
    return float(np.sum(gaps))


def mean_absolute_error(predicted: np.ndarray, true: np.ndarray) -> float:
    return float(np.abs(predicted - true).mean())


def root_mean_square_error(predicted: np.ndarray, true: np.ndarray) -> float:
    return float(np.sqrt(np.square(predicted - true).mean()))

"""Calibrate a model: the temperature of its softmax (Guo et al. 2017) and the width of its age intervals."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from app.numerics import softmax
from training.metrics.predictions import negative_log_likelihood

IntervalScales = tuple[tuple[float, float], ...]

TEMPERATURE_RANGE = (0.2, 5.0)
# Interval scales are fitted at every so many years, on faces up to as far away: neighbours share half of their faces.
STEP_YEARS = 10
MIN_FACES = 100  # fewer give no stable quantile


def fit_temperature(logits: np.ndarray, indexes: np.ndarray) -> float:
    """The divisor of logits (n, labels) that maximises the likelihood of the true labels (n,)."""
    low, high = np.log(TEMPERATURE_RANGE)
    found = minimize_scalar(
        lambda log: negative_log_likelihood(softmax(logits / np.exp(log)), indexes),
        bounds=(low, high),
        method="bounded",
    )
    return float(np.exp(found.x))


def fit_interval_scales(
    predicted: np.ndarray, intervals: np.ndarray, true: np.ndarray, coverage: float, groups: np.ndarray | None = None
) -> IntervalScales:
    """Factors on the width of prediction intervals so that they cover a given fraction of the true ages.

    Conformalised intervals (Romano et al. 2019), fitted on faces that were not trained on.

    Args:
        predicted, true: Ages in years, shape (n,).
        intervals: Predicted intervals in years, shape (n, 2).
        coverage: Fraction of true ages that the intervals must contain.
        groups: Data set of each face, int (n,); at every age all sets count the same. None if there is only one.
    Returns:
        Pairs of predicted age and factor.
    """
    groups = np.zeros(len(true), int) if groups is None else groups
    middles, halves = intervals.mean(1), np.maximum(np.ptp(intervals, axis=1) / 2, 1e-6)
    needed = np.abs(true - middles) / halves
    found = []
    for age in range(0, int(predicted.max()) + STEP_YEARS, STEP_YEARS):
        near = np.abs(predicted - age) <= STEP_YEARS
        if near.sum() >= MIN_FACES:
            weights = _equal_group_weights(groups[near])
            middle = float(np.average(predicted[near], weights=weights))
            found.append((middle, _weighted_quantile(needed[near], weights, coverage)))
    return tuple(found) or ((0.0, _weighted_quantile(needed, _equal_group_weights(groups), coverage)),)


def _equal_group_weights(groups: np.ndarray) -> np.ndarray:
    """A weight for each row, float64 (n,), so that each group (n,) weighs 1 in all."""
    _, index, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return np.asarray(1 / counts[index])


def _weighted_quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """Value below which a share of the weight lies, linearly interpolated between the values (n,)."""
    order = np.argsort(values)
    below = np.cumsum(weights[order]) - weights[order] / 2
    return float(np.interp(share, below / weights.sum(), values[order]))

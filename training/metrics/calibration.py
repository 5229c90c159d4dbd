"""Fit what makes a model honest: the temperature of a softmax, and how wide the intervals around a value are."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from app.numerics import softmax

IntervalScales = tuple[tuple[float, float], ...]

TEMPERATURE_RANGE = (0.2, 5.0)
# Intervals are fitted every so many years, on the faces up to as far away: neighbours share half of their faces.
STEP_YEARS, LEAST_NEAR = 10, 100


def negative_log_likelihood(logits: np.ndarray, indexes: np.ndarray) -> float:
    """Mean over rows of logits (n, labels), with the index of each row's label."""
    probabilities = softmax(logits)[np.arange(len(indexes)), indexes]
    return float(-np.log(np.maximum(probabilities, 1e-12)).mean())


def temperature(logits: np.ndarray, indexes: np.ndarray) -> float:
    """The number, 0.2 to 5, that logits (n, labels) are divided by to make the labels likeliest."""
    low, high = np.log(TEMPERATURE_RANGE)
    found = minimize_scalar(
        lambda log: negative_log_likelihood(logits / np.exp(log), indexes), bounds=(low, high), method="bounded"
    )
    return float(np.exp(found.x))


def fit_interval_scales(predicted: np.ndarray, intervals: np.ndarray, true: np.ndarray, share: float) -> IntervalScales:
    """By predicted age, how many times as wide intervals (n, 2) must be to hold `share` of the true ages (n,).

    Conformal (Romano et al. 2019): the share of errors that were no larger among faces that nothing was learnt from.
    """
    middles, halves = intervals.mean(1), np.maximum(np.ptp(intervals, axis=1) / 2, 1e-6)
    needed = np.abs(true - middles) / halves
    found = []
    for age in range(0, int(predicted.max()) + STEP_YEARS, STEP_YEARS):
        near = np.abs(predicted - age) <= STEP_YEARS
        if near.sum() >= LEAST_NEAR:
            found.append((float(predicted[near].mean()), float(np.quantile(needed[near], share))))
    return tuple(found) or ((0.0, float(np.quantile(needed, share))),)

"""Fit the temperature that makes a softmax honest."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

SEARCHED = (0.2, 5.0)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Over the last axis, in float64."""
    powers = np.exp(logits.astype(np.float64) - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def negative_log_likelihood(logits: np.ndarray, indexes: np.ndarray) -> float:
    """Mean over rows of logits (n, labels), with the index of each row's label."""
    probabilities = softmax(logits)[np.arange(len(indexes)), indexes]
    return float(-np.log(np.maximum(probabilities, 1e-12)).mean())


def temperature(logits: np.ndarray, indexes: np.ndarray) -> float:
    """The number, 0.2 to 5, that logits (n, labels) are divided by to make the labels likeliest."""
    low, high = np.log(SEARCHED)
    found = minimize_scalar(
        lambda log: negative_log_likelihood(logits / np.exp(log), indexes), bounds=(low, high), method="bounded"
    )
    return float(np.exp(found.x))

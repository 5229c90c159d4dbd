"""Numerical functions that several modules share; training scores with the same ones (NumPy only)."""

from __future__ import annotations

import math

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis, float64 of the same shape."""
    powers = np.exp(logits.astype(np.float64) - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Probability of each logit, same shape and dtype."""
    return 1 / (1 + np.exp(-logits))


def logit(probability: float) -> float:
    """Log odds of a probability between 0 and 1, both excluded."""
    return math.log(probability / (1 - probability))


def ema_weight(elapsed_s: float, time_constant_s: float) -> float:
    """Weight of a new value in an exponential moving average, 0 to 1."""
    return -math.expm1(-elapsed_s / time_constant_s)


def box_iou(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union of every pair of boxes.

    Args:
        first: Boxes as x1, y1, x2, y2, shape (n, 4).
        second: Likewise, shape (m, 4).
    Returns:
        Shape (n, m), 0 to 1; 0 where both boxes are empty.
    """
    top_left = np.maximum(first[:, None, :2], second[None, :, :2])
    bottom_right = np.minimum(first[:, None, 2:], second[None, :, 2:])
    intersections = np.clip(bottom_right - top_left, 0, None).prod(-1)
    unions = _areas(first)[:, None] + _areas(second)[None] - intersections
    return np.divide(intersections, unions, out=np.zeros_like(intersections), where=unions > 0)


def _areas(boxes: np.ndarray) -> np.ndarray:
    return np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(-1)

"""Bring a picture to the size that faces are looked for in."""

from __future__ import annotations

import cv2
import numpy as np


def shrink_to_fit(image: np.ndarray, longest: int) -> tuple[np.ndarray, float]:
    """The picture with its longer side at most `longest`, and the factor that leads back."""
    height, width = image.shape[:2]
    factor = max(width, height) / longest
    if factor <= 1:
        return image, 1.0
    size = max(1, round(width / factor)), max(1, round(height / factor))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA), factor


def pad_to_size(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """The picture with black added at its right and bottom where a side is shorter."""
    missing_y, missing_x = max(0, height - image.shape[0]), max(0, width - image.shape[1])
    if not missing_y and not missing_x:
        return image
    return cv2.copyMakeBorder(image, 0, missing_y, 0, missing_x, cv2.BORDER_CONSTANT)

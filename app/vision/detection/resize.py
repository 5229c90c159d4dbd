"""Resize images for detection."""

from __future__ import annotations

import cv2
import numpy as np


def shrink_to_fit(image: np.ndarray, max_side: int) -> tuple[np.ndarray, float]:
    """Shrink an image so that its longer side has at most `max_side` pixels.

    Args:
        image: uint8, shape (height, width, 3).
    Returns:
        The image, and the factor from its pixels back to the original ones; smaller images are returned as they are.
    """
    height, width = image.shape[:2]
    factor = max(width, height) / max_side
    if factor <= 1:
        return image, 1.0
    size = max(1, round(width / factor)), max(1, round(height / factor))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA), factor


def pad_to_size(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """Pad an image, shape (rows, columns, 3), with black at the right and bottom up to a minimum size."""
    missing_y, missing_x = max(0, height - image.shape[0]), max(0, width - image.shape[1])
    if not missing_y and not missing_x:
        return image
    return cv2.copyMakeBorder(image, 0, missing_y, 0, missing_x, cv2.BORDER_CONSTANT)

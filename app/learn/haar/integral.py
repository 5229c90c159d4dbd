"""The integral image: the sum of any rectangle from four numbers."""

from __future__ import annotations

import numpy as np


def integral_image(gray: np.ndarray) -> np.ndarray:
    """Sums of all pixels above and to the left, int64 (height + 1, width + 1), of gray levels (height, width)."""
    sums = np.zeros((gray.shape[0] + 1, gray.shape[1] + 1), np.int64)
    sums[1:, 1:] = gray.astype(np.int64).cumsum(0).cumsum(1)
    return sums


def rectangle_sum(sums: np.ndarray, x: int, y: int, width: int, height: int) -> int:
    """Sum of the pixels in a rectangle, from an integral image."""
    corners = sums[y, x], sums[y, x + width], sums[y + height, x], sums[y + height, x + width]
    return int(corners[3] - corners[1] - corners[2] + corners[0])

"""Decide in which pictures to look for faces anew."""

from __future__ import annotations

import cv2
import numpy as np

# Seconds from one look to the next, where something moves and where nothing does; less where a face that only motion
# follows is about: half of it where that goes by its own side in a second, and so on.
MOVING_S, RESTING_S, BY_MOTION_S = 0.2, 0.3, 0.1
EARLY_S = 0.002  # time stamps are not exact
# Levels of brightness: by how much some part of the picture must change to count as moving, all of it as another one.
CHANGED, CUT = 8.0, 25.0
ROWS, GRID = 60, (16, 12)  # about so many rows of pixels are compared, in the means of so many cells


class DetectionScheduler:
    """Follows the source's time."""

    def __init__(self) -> None:
        self._looked_at_s: float | None = None
        self._seen = np.zeros(GRID[::-1], np.float32)

    def is_due(self, image: np.ndarray, now_s: float, in_doubt: bool, fastest: float | None = None) -> bool:
        """Whether to look now; whoever is told so looks.

        Args:
            image: RGB uint8, shape (height, width, 3).
            in_doubt: Whether somebody may have come or gone.
            fastest: How fast a face moves that only motion follows, in its sides a second; None where there is none.
        """
        means = _means(image)
        moving_s = MOVING_S if fastest is None else BY_MOTION_S / (1 + fastest)
        due = self._looked_at_s is None or in_doubt or self._has_waited(means, now_s - self._looked_at_s, moving_s)
        if due:
            self._looked_at_s, self._seen = now_s, means
        return due

    def reset(self) -> None:
        """Begin a new source."""
        self._looked_at_s = None

    def _has_waited(self, means: np.ndarray, waited_s: float, moving_s: float) -> bool:
        changes = np.abs(means - self._seen)
        moves = waited_s >= moving_s - EARLY_S and changes.max() > CHANGED
        return bool(moves or waited_s >= RESTING_S - EARLY_S or changes.mean() > CUT)


def _means(image: np.ndarray) -> np.ndarray:
    """Mean brightness of each cell, float32 of the grid's shape."""
    step = max(1, min(image.shape[:2]) // ROWS)
    few = cv2.cvtColor(np.ascontiguousarray(image[::step, ::step]), cv2.COLOR_RGB2GRAY)
    return cv2.resize(few, GRID, interpolation=cv2.INTER_AREA).astype(np.float32)

"""Decide in which frames to run the detector."""

from __future__ import annotations

import cv2
import numpy as np

# Time between two detections, in a scene with motion and in a still one.
MOVING_INTERVAL_S = 0.2
STILL_INTERVAL_S = 0.3
# The same while only the motion model tracks a face; divided by 1 + its speed in sides of the face per second.
UNTRACKED_INTERVAL_S = 0.1
# Time stamps jitter; a detection this close to its time is due.
TIME_STAMP_TOLERANCE_S = 0.002
# Grey levels: maximum change of a grid cell that counts as motion, and mean change that counts as a scene cut.
MOTION_LEVELS = 8.0
CUT_LEVELS = 25.0
# Brightness is compared on a grid of columns x rows cells, from about this many rows of pixels.
SAMPLED_ROWS = 60
GRID_SIZE = (16, 12)


class DetectionScheduler:
    """Schedules detections by source time, image motion and tracking state."""

    def __init__(self) -> None:
        self._detected_at_s: float | None = None
        self._brightness = np.zeros(GRID_SIZE[::-1], np.float32)  # at the last detection

    def is_due(self, image: np.ndarray, now_s: float, urgent: bool, max_untracked_speed: float | None = None) -> bool:
        """Whether to run the detector on this frame; the caller must then do so.

        Args:
            image: RGB uint8, shape (height, width, 3).
            urgent: Whether a face may have just appeared or disappeared.
            max_untracked_speed: Highest speed of the faces that only the motion model tracks, in sides per second; None
                without such faces.
        """
        brightness = _grid_brightness(image)
        interval_s = MOVING_INTERVAL_S
        if max_untracked_speed is not None:
            interval_s = UNTRACKED_INTERVAL_S / (1 + max_untracked_speed)
        due = (
            self._detected_at_s is None
            or urgent
            or self._has_waited(brightness, now_s - self._detected_at_s, interval_s)
        )
        if due:
            self._detected_at_s, self._brightness = now_s, brightness
        return due

    def reset(self) -> None:
        """Start a new source."""
        self._detected_at_s = None

    def _has_waited(self, brightness: np.ndarray, waited_s: float, moving_interval_s: float) -> bool:
        changes = np.abs(brightness - self._brightness)
        moves = waited_s >= moving_interval_s - TIME_STAMP_TOLERANCE_S and changes.max() > MOTION_LEVELS
        return bool(moves or waited_s >= STILL_INTERVAL_S - TIME_STAMP_TOLERANCE_S or changes.mean() > CUT_LEVELS)


def _grid_brightness(image: np.ndarray) -> np.ndarray:
    """Mean brightness of each grid cell, float32 (rows, columns)."""
    step = max(1, min(image.shape[:2]) // SAMPLED_ROWS)
    gray = cv2.cvtColor(np.ascontiguousarray(image[::step, ::step]), cv2.COLOR_RGB2GRAY)
    return cv2.resize(gray, GRID_SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)

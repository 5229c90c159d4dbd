"""The one-euro filter: removes jitter at rest with little lag in motion (Casiez, Roussel and Vogel, 2012)."""

from __future__ import annotations

import math

import numpy as np

SPEED_CUTOFF_HZ = 1.0  # value recommended by the authors


class OneEuroFilter:
    """Filters a vector of values with irregular time stamps."""

    def __init__(self, min_cutoff_hz: float, slope: float) -> None:
        """Create a filter without state.

        Args:
            min_cutoff_hz: Cut-off frequency at rest; a lower one removes more jitter.
            slope: Increase of the cut-off in Hz per unit of speed; a higher one reduces lag.
        """
        self._min_cutoff_hz, self._slope = min_cutoff_hz, slope
        self._updated_at_s: float | None = None
        self._values = self._speeds = np.zeros(0)

    def update(self, values: np.ndarray, now_s: float, unit: float = 1.0) -> np.ndarray:
        """Add measured values; return the filtered ones, float64 of the same shape.

        Args:
            unit: Unit of the speed; the side of a face makes near and far faces behave alike.
        """
        if self._updated_at_s is None:
            self._values, self._speeds = values.astype(np.float64), np.zeros_like(values, np.float64)
        elif now_s > self._updated_at_s:
            step_s = now_s - self._updated_at_s
            speeds = (values - self._values) / (step_s * unit)
            self._speeds = self._speeds + (speeds - self._speeds) * _low_pass_weight(SPEED_CUTOFF_HZ, step_s)
            cutoffs_hz = self._min_cutoff_hz + self._slope * np.abs(self._speeds)
            self._values = self._values + (values - self._values) * _low_pass_weight(cutoffs_hz, step_s)
        self._updated_at_s = now_s
        return self._values


def _low_pass_weight(cutoff_hz: np.ndarray | float, step_s: float) -> np.ndarray | float:
    """Weight of a new value in a first-order low-pass filter."""
    angle = 2 * math.pi * cutoff_hz * step_s
    return angle / (angle + 1)

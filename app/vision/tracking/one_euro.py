"""The one-euro filter: still values lie still, moving ones are followed closely (Casiez, Roussel and Vogel, 2012)."""

from __future__ import annotations

import math

import numpy as np

SPEED_CUTOFF_HZ = 1.0  # the authors' value


class OneEuroFilter:
    """Filters a vector of values, by the times it is given."""

    def __init__(self, cutoff_hz: float, slope: float) -> None:
        """Begin without a value.

        Args:
            cutoff_hz: Of values that rest; less is calmer.
            slope: How much the cut-off rises, in Hz, with a speed of one unit a second; more follows closer.
        """
        self._cutoff_hz, self._slope = cutoff_hz, slope
        self._at_s: float | None = None
        self._values = self._speeds = np.zeros(0)

    def update(self, values: np.ndarray, now_s: float, unit: float = 1.0) -> np.ndarray:
        """The filtered values at `now_s`, float64 of the same shape.

        Args:
            unit: What the speed is measured in; the side of a face makes near and far faces alike.
        """
        if self._at_s is None:
            self._values, self._speeds = values.astype(np.float64), np.zeros_like(values, np.float64)
        elif now_s > self._at_s:
            step_s = now_s - self._at_s
            speeds = (values - self._values) / (step_s * unit)
            self._speeds = self._speeds + (speeds - self._speeds) * _share(SPEED_CUTOFF_HZ, step_s)
            cutoffs_hz = self._cutoff_hz + self._slope * np.abs(self._speeds)
            self._values = self._values + (values - self._values) * _share(cutoffs_hz, step_s)
        self._at_s = now_s
        return self._values


def _share(cutoff_hz: np.ndarray | float, step_s: float) -> np.ndarray | float:
    """How far a low-pass of first order goes towards a new value."""
    turned = 2 * math.pi * cutoff_hz * step_s
    return turned / (turned + 1)

"""Where a face is expected: a Kalman filter of its box, for motion of nearly constant velocity."""

from __future__ import annotations

import numpy as np

from app.domain import Box

# All in sides of the face, so that near and far faces are treated alike.
JITTER = 0.03  # of a detector's boxes
FIRST_SPEED = 1.5  # a second, of a face seen for the first time
SWERVE = 1.5  # how much the speed changes in a second
# A box that shrinks at once (the logarithm of its area) is that of a face which something covers: where it is then says
# little of where the whole face is. The more so where one side alone shrinks (by its logarithm).
DOUBTED_SHRINKING, DOUBTED_NARROWING = 0.1, 0.03
# After which a motion that nobody sees has all but ended: a head turns back, and a box keeps its size.
PLACE_LASTS_S, SIZE_LASTS_S = 1.5, 0.3
LASTS_S = (PLACE_LASTS_S, PLACE_LASTS_S, SIZE_LASTS_S, SIZE_LASTS_S)


class Motion:
    """Follows one box by the source's time.

    The centre and the sides share one covariance, since their noises are alike.
    """

    def __init__(self, box: Box, now_s: float) -> None:
        self._values, self._speeds = center_and_sides(box), np.zeros(4)
        self._place_variance, self._speed_variance, self._covariance = JITTER**2, FIRST_SPEED**2, 0.0
        self._at_s = now_s

    @property
    def speed(self) -> float:
        """Of the centre, in sides of the box a second."""
        return float(np.hypot(*self._speeds[:2]) / max(1.0, self._values[2:].mean()))

    def expected(self, now_s: float) -> Box:
        """Where the box is at a time at or after the last."""
        return box_around(self._values + self._speeds * _lasting_s(now_s - self._at_s))

    def correct(self, box: Box, now_s: float) -> None:
        """Take in where the box was seen."""
        self._advance(now_s)
        found = self._uncovered(center_and_sides(box))
        doubts = np.array([1.0, 1.0, *self._doubts(found[2:])])
        variance = self._place_variance + JITTER**2
        believed = (found - self._values) * variance / (self._place_variance + JITTER**2 * doubts)
        certainty = 1 / variance
        place_gain, speed_gain = self._place_variance * certainty, self._covariance * certainty
        self._values = self._values + place_gain * believed
        self._speeds = self._speeds + speed_gain * believed
        self._speed_variance -= speed_gain * self._covariance
        self._covariance *= 1 - place_gain
        self._place_variance *= 1 - place_gain

    def _uncovered(self, found: np.ndarray) -> np.ndarray:
        """The box with its centre where that of the whole face is, of which something may cover one side.

        The side that is seen tells: of its edges and its centre that one counts which is nearest to where it should be.
        """
        center, sides = found[:2], found[2:]
        covered = np.maximum(0.0, self._values[2:] - sides) / 2
        moves = np.clip(self._values[:2] - center, -covered, covered)
        nearest = np.where(np.abs(moves) > covered / 2, np.sign(moves) * covered, 0.0)
        return np.concatenate([center + nearest, sides])

    def _doubts(self, sides: np.ndarray) -> np.ndarray:
        """How much less than usual each side says of the whole face's, as it shrinks with the other or alone."""
        shrinking = np.log(np.maximum(1.0, self._values[2:]) / np.maximum(1.0, sides))
        together = max(0.0, float(shrinking.sum())) / DOUBTED_SHRINKING
        alone = (shrinking - shrinking.min()) / DOUBTED_NARROWING
        return 1 + together**2 + np.where(shrinking > 0, alone, 0.0) ** 2

    def _advance(self, now_s: float) -> None:
        step_s = max(0.0, now_s - self._at_s)
        self._values = self._values + self._speeds * _lasting_s(step_s)
        self._speeds = self._speeds * np.exp(-step_s / np.array(LASTS_S))
        self._place_variance += (
            2 * step_s * self._covariance + step_s**2 * self._speed_variance + SWERVE**2 * step_s**3 / 3
        )
        self._covariance += step_s * self._speed_variance + SWERVE**2 * step_s**2 / 2
        self._speed_variance += SWERVE**2 * step_s
        self._at_s = now_s


def _lasting_s(step_s: float) -> np.ndarray:
    """For how long the last speeds would have had to last, to come as far as they do while they fade."""
    lasts_s = np.array(LASTS_S)
    return lasts_s * -np.expm1(-max(0.0, step_s) / lasts_s)


def center_and_sides(box: Box) -> np.ndarray:
    """Centre x and y, width and height, float64 (4,)."""
    return np.array([*box.center, box.width, box.height])


def box_around(values: np.ndarray) -> Box:
    """The box of `center_and_sides`, its sides at least a pixel."""
    x, y, width, height = values.tolist()
    half_width, half_height = max(1.0, width) / 2, max(1.0, height) / 2
    return Box(x - half_width, y - half_height, x + half_width, y + half_height)

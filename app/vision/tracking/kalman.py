"""Where a face is expected: a Kalman filter of its centre, for motion of nearly constant velocity, beside its sides."""

from __future__ import annotations

import numpy as np

from app.domain import Box

# All in sides of the face, so that near and far faces are treated alike.
JITTER, HIDDEN_JITTER = 0.03, 0.2  # of a detector's boxes, and how much more there is of one of which all is hidden
FIRST_SPEED = 1.5  # a second, of a face seen for the first time
SWERVE = 1.5  # how much the speed changes in a second
LASTS_S = 1.5  # after which a motion that nobody sees has all but ended: a head turns back
# The sides follow those that are found within such a time. What one changes alone (by its logarithm) says less the more
# there is of it: something may cover a face until it is gone, and a detector takes hair for a part of a face or not.
TOGETHER_S, ALONE_S, ALONE, MOST_ALONE_S = 0.12, 0.3, 0.2, 2.0
# Which edge of a face that is covered in part is its own: the one that is where it should be, give or take so much; and
# the rear one, by how much for each side of the face a second, since whoever goes behind something is covered from the
# front.
EDGE, REAR = 0.1, 1.0
AT_REST = np.zeros(2)


class Motion:
    """Follows one box by the source's time.

    Both directions of the centre share one covariance, since their noises are alike.
    """

    def __init__(self, box: Box, now_s: float) -> None:
        values = center_and_sides(box)
        self._center, self._sides, self._speeds = values[:2], np.maximum(1.0, values[2:]), np.zeros(2)
        self._place_variance, self._speed_variance, self._covariance = JITTER**2, FIRST_SPEED**2, 0.0
        self._at_s = now_s

    @property
    def speed(self) -> float:
        """Of the centre, in sides of the box a second."""
        return float(np.hypot(*self._speeds) / self._sides.mean())

    def expected(self, now_s: float) -> Box:
        """Where the box is at a time at or after the last."""
        center = self._center + self._speeds * _lasting_s(now_s - self._at_s)
        return box_around(np.concatenate([center, self._sides]))

    def correct(self, box: Box, now_s: float) -> None:
        """Take in where the box was seen, of the whole face or of the part that nothing covers."""
        step_s = max(0.0, now_s - self._at_s)
        self._advance(step_s)
        center, sides = np.split(center_and_sides(box), 2)
        center = center + uncovered(self.expected(self._at_s), box, self._speeds / self._sides)
        hidden = max(0.0, 1 - float((sides / self._sides).min()))
        certainty = 1 / (self._place_variance + (JITTER + HIDDEN_JITTER * hidden) ** 2)
        place_gain, speed_gain = self._place_variance * certainty, self._covariance * certainty
        self._center, self._speeds = (
            self._center + place_gain * (center - self._center),
            self._speeds + speed_gain * (center - self._center),
        )
        self._speed_variance -= speed_gain * self._covariance
        self._covariance *= 1 - place_gain
        self._place_variance *= 1 - place_gain
        self._resize(np.maximum(1.0, sides), step_s)

    def _resize(self, sides: np.ndarray, step_s: float) -> None:
        """Go towards the sides that were found, slowly where one changes without the other."""
        changes = np.log(sides / self._sides)
        together = np.sign(changes) * np.abs(changes).min() if np.prod(changes) > 0 else np.zeros(2)
        alone = changes - together
        alone_s = np.minimum(ALONE_S * (1 + (alone / ALONE) ** 2), MOST_ALONE_S)
        self._sides = self._sides * np.exp(together * _share(step_s / TOGETHER_S) + alone * _share(step_s / alone_s))

    def _advance(self, step_s: float) -> None:
        self._center = self._center + self._speeds * _lasting_s(step_s)
        self._speeds = self._speeds * np.exp(-step_s / LASTS_S)
        self._place_variance += (
            2 * step_s * self._covariance + step_s**2 * self._speed_variance + SWERVE**2 * step_s**3 / 3
        )
        self._covariance += step_s * self._speed_variance + SWERVE**2 * step_s**2 / 2
        self._speed_variance += SWERVE**2 * step_s
        self._at_s += step_s


def uncovered(expected: Box, found: Box, speeds: np.ndarray = AT_REST) -> np.ndarray:
    """How far the centre of a whole face is from that of the part that was found of it, x and y in pixels.

    The edge that is the face's own tells; halfway where both are as likely, nothing where no part is missing.

    Args:
        expected: Of the whole face.
        speeds: x and y in sides of the face a second.
    """
    whole, seen = center_and_sides(expected), center_and_sides(found)
    hidden, off = np.maximum(0.0, whole[2:] - seen[2:]) / 2, whole[:2] - seen[:2]
    return hidden * np.tanh(2 * hidden * off / (EDGE * whole[2:]) ** 2 + REAR * speeds)


def _lasting_s(step_s: float) -> float:
    """For how long the last speed would have had to last, to come as far as it does while it fades."""
    return float(LASTS_S * _share(max(0.0, step_s) / LASTS_S))


def _share(time: np.ndarray | float) -> np.ndarray | float:
    """How far an exponential average goes towards a new value; `time` in time constants."""
    return -np.expm1(-np.asarray(time))


def center_and_sides(box: Box) -> np.ndarray:
    """Centre x and y, width and height, float64 (4,)."""
    return np.array([*box.center, box.width, box.height])


def box_around(values: np.ndarray) -> Box:
    """The box of `center_and_sides`, its sides at least a pixel."""
    x, y, width, height = values.tolist()
    half_width, half_height = max(1.0, width) / 2, max(1.0, height) / 2
    return Box(x - half_width, y - half_height, x + half_width, y + half_height)

"""Motion model of a face box: a constant-velocity Kalman filter of the centre, and smoothed side lengths."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.domain import Box
from app.numerics import ema_weight

# All distances are in sides of the face, so that near and far faces behave alike.
# Standard deviation of a detector's box centre, and how much is added for a fully occluded face.
DETECTION_NOISE_SIDES = 0.03
OCCLUSION_NOISE_SIDES = 0.2
# Standard deviation of the unknown first velocity, in sides per second.
FIRST_SPEED_SIDES_PER_S = 1.5
# Process noise: how much the velocity changes in one second.
ACCELERATION_NOISE = 1.5
# Time constant with which a velocity that is not observed decays: heads turn back.
VELOCITY_DECAY_S = 1.5
# Time constant of both sides changing together, as when a face comes nearer.
RESIZE_TOGETHER_S = 0.12
# Time constant of one side changing alone. It grows with the change (in log units over the second value) up to a limit:
# large changes of one side come from an occluder, or from a detector that includes the hair or not.
RESIZE_ALONE_S = 0.3
RESIZE_ALONE_LOG = 0.2
MAX_RESIZE_ALONE_S = 2.0
# Of a partly occluded face, the visible edge is the one that lies within about this distance of its prediction.
EDGE_TOLERANCE_SIDES = 0.1
# A face that moves behind an occluder is covered from its front: weight of the rear edge per side and second of speed.
REAR_EDGE_WEIGHT = 1.0


@dataclass(slots=True)
class _Axis:
    """One axis of a box: centre and side length in pixels, velocity of the centre in pixels per second."""

    center: float
    side: float
    velocity: float = 0.0


class BoxKalmanFilter:
    """Tracks one box by source time.

    State: for each axis the centre, its velocity, and the side length. Both axes share one 2 x 2 covariance of
    position and velocity in sides of the box, since their noise is equal. Plain numbers: with arrays of two elements
    NumPy takes five times as long.
    """

    def __init__(self, box: Box, now_s: float) -> None:
        (x, y), (width, height) = box.center, (box.width, box.height)
        self._x, self._y = _Axis(x, max(1.0, width)), _Axis(y, max(1.0, height))
        self._position_variance = DETECTION_NOISE_SIDES**2
        self._velocity_variance = FIRST_SPEED_SIDES_PER_S**2
        self._covariance = 0.0
        self._updated_at_s = now_s

    @property
    def speed(self) -> float:
        """Speed of the centre in sides of the box per second."""
        return math.hypot(self._x.velocity, self._y.velocity) / ((self._x.side + self._y.side) / 2)

    def predict(self, now_s: float) -> Box:
        """Predicted box at a time at or after the last update."""
        moving_s = _moving_time_s(now_s - self._updated_at_s)
        x, y = (axis.center + axis.velocity * moving_s for axis in (self._x, self._y))
        return box_from_center_size(x, y, self._x.side, self._y.side)

    def correct(self, box: Box, now_s: float) -> None:
        """Update the state with a measured box, of the whole face or of its visible part."""
        step_s = max(0.0, now_s - self._updated_at_s)
        self._advance(step_s)
        velocity = self._x.velocity / self._x.side, self._y.velocity / self._y.side
        offset = occlusion_offset(self.predict(self._updated_at_s), box, velocity)
        hidden = max(0.0, 1 - min(box.width / self._x.side, box.height / self._y.side))
        noise = DETECTION_NOISE_SIDES + OCCLUSION_NOISE_SIDES * hidden
        precision = 1 / (self._position_variance + noise**2)
        position_gain, velocity_gain = self._position_variance * precision, self._covariance * precision
        for axis, center, correction in zip((self._x, self._y), box.center, offset, strict=True):
            innovation = center + correction - axis.center
            axis.center += position_gain * innovation
            axis.velocity += velocity_gain * innovation
        self._velocity_variance -= velocity_gain * self._covariance
        self._covariance *= 1 - position_gain
        self._position_variance *= 1 - position_gain
        self._resize(max(1.0, box.width), max(1.0, box.height), step_s)

    def _resize(self, width: float, height: float, step_s: float) -> None:
        """Move towards the measured sides, slowly if only one of them changes."""
        changes = math.log(width / self._x.side), math.log(height / self._y.side)
        common = min(map(abs, changes)) if changes[0] * changes[1] > 0 else 0.0
        for axis, change in zip((self._x, self._y), changes, strict=True):
            together = math.copysign(common, change)
            alone = change - together
            alone_s = min(RESIZE_ALONE_S * (1 + (alone / RESIZE_ALONE_LOG) ** 2), MAX_RESIZE_ALONE_S)
            axis.side *= math.exp(
                together * ema_weight(step_s, RESIZE_TOGETHER_S) + alone * ema_weight(step_s, alone_s)
            )

    def _advance(self, step_s: float) -> None:
        """Prediction step of the filter."""
        moving_s, decay = _moving_time_s(step_s), math.exp(-step_s / VELOCITY_DECAY_S)
        for axis in (self._x, self._y):
            axis.center += axis.velocity * moving_s
            axis.velocity *= decay
        self._position_variance += (
            2 * step_s * self._covariance + step_s**2 * self._velocity_variance + ACCELERATION_NOISE**2 * step_s**3 / 3
        )
        self._covariance += step_s * self._velocity_variance + ACCELERATION_NOISE**2 * step_s**2 / 2
        self._velocity_variance += ACCELERATION_NOISE**2 * step_s
        self._updated_at_s += step_s


def occlusion_offset(predicted: Box, detected: Box, velocity: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float]:
    """Offset from the centre of the visible part of a face to the centre of the whole face.

    The visible edge of the face is kept: the one nearer to its prediction, or the rear one of a moving face. If both
    are equally likely the offset is zero, as it is if nothing is hidden.

    Args:
        predicted: Box of the whole face.
        detected: Box of the visible part.
        velocity: x and y in sides of the face per second.
    Returns:
        x and y in pixels.
    """
    (whole_x, whole_y), (visible_x, visible_y) = predicted.center, detected.center
    return (
        _axis_offset(predicted.width, detected.width, whole_x - visible_x, velocity[0]),
        _axis_offset(predicted.height, detected.height, whole_y - visible_y, velocity[1]),
    )


def _axis_offset(whole_side: float, visible_side: float, offset: float, velocity: float) -> float:
    hidden = max(0.0, whole_side - visible_side) / 2
    edge_evidence = 2 * hidden * offset / (EDGE_TOLERANCE_SIDES * whole_side) ** 2
    return hidden * math.tanh(edge_evidence + REAR_EDGE_WEIGHT * velocity)


def _moving_time_s(step_s: float) -> float:
    """Time at the initial velocity that covers the same distance as the decaying velocity."""
    return VELOCITY_DECAY_S * ema_weight(max(0.0, step_s), VELOCITY_DECAY_S)


def box_from_center_size(x: float, y: float, width: float, height: float) -> Box:
    """Box with this centre and sides of at least one pixel."""
    half_width, half_height = max(1.0, width) / 2, max(1.0, height) / 2
    return Box(x - half_width, y - half_height, x + half_width, y + half_height)

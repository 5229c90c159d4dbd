"""Motion model of a face box: a constant-velocity Kalman filter of the centre, and smoothed side lengths."""

from __future__ import annotations

import numpy as np

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
AT_REST = np.zeros(2)


class BoxKalmanFilter:
    """Tracks one box by source time.

    State: centre x, y and velocity vx, vy in pixels, and the side lengths. Both axes share one 2 x 2 covariance of
    position and velocity in sides of the box, since their noise is equal.
    """

    def __init__(self, box: Box, now_s: float) -> None:
        values = box_to_center_size(box)
        self._center, self._sides, self._velocity = values[:2], np.maximum(1.0, values[2:]), np.zeros(2)
        self._position_variance = DETECTION_NOISE_SIDES**2
        self._velocity_variance = FIRST_SPEED_SIDES_PER_S**2
        self._covariance = 0.0
        self._updated_at_s = now_s

    @property
    def speed(self) -> float:
        """Speed of the centre in sides of the box per second."""
        return float(np.hypot(*self._velocity) / self._sides.mean())

    def predict(self, now_s: float) -> Box:
        """Predicted box at a time at or after the last update."""
        center = self._center + self._velocity * _moving_time_s(now_s - self._updated_at_s)
        return box_from_center_size(np.concatenate([center, self._sides]))

    def correct(self, box: Box, now_s: float) -> None:
        """Update the state with a measured box, of the whole face or of its visible part."""
        step_s = max(0.0, now_s - self._updated_at_s)
        self._advance(step_s)
        center, sides = np.split(box_to_center_size(box), 2)
        center = center + occlusion_offset(self.predict(self._updated_at_s), box, self._velocity / self._sides)
        hidden = max(0.0, 1 - float((sides / self._sides).min()))
        noise = DETECTION_NOISE_SIDES + OCCLUSION_NOISE_SIDES * hidden
        precision = 1 / (self._position_variance + noise**2)
        position_gain, velocity_gain = self._position_variance * precision, self._covariance * precision
        innovation = center - self._center
        self._center = self._center + position_gain * innovation
        self._velocity = self._velocity + velocity_gain * innovation
        self._velocity_variance -= velocity_gain * self._covariance
        self._covariance *= 1 - position_gain
        self._position_variance *= 1 - position_gain
        self._resize(np.maximum(1.0, sides), step_s)

    def _resize(self, sides: np.ndarray, step_s: float) -> None:
        """Move towards the measured sides, slowly if only one of them changes."""
        changes = np.log(sides / self._sides)
        together = np.sign(changes) * np.abs(changes).min() if np.prod(changes) > 0 else np.zeros(2)
        alone = changes - together
        alone_s = np.minimum(RESIZE_ALONE_S * (1 + (alone / RESIZE_ALONE_LOG) ** 2), MAX_RESIZE_ALONE_S)
        step = together * ema_weight(step_s, RESIZE_TOGETHER_S) + alone * ema_weight(step_s, alone_s)
        self._sides = self._sides * np.exp(step)

    def _advance(self, step_s: float) -> None:
        """Prediction step of the filter."""
        self._center = self._center + self._velocity * _moving_time_s(step_s)
        self._velocity = self._velocity * np.exp(-step_s / VELOCITY_DECAY_S)
        self._position_variance += (
            2 * step_s * self._covariance + step_s**2 * self._velocity_variance + ACCELERATION_NOISE**2 * step_s**3 / 3
        )
        self._covariance += step_s * self._velocity_variance + ACCELERATION_NOISE**2 * step_s**2 / 2
        self._velocity_variance += ACCELERATION_NOISE**2 * step_s
        self._updated_at_s += step_s


def occlusion_offset(predicted: Box, detected: Box, velocity: np.ndarray = AT_REST) -> np.ndarray:
    """Offset from the centre of the visible part of a face to the centre of the whole face.

    The visible edge of the face is kept: the one nearer to its prediction, or the rear one of a moving face. If both
    are equally likely the offset is zero, as it is if nothing is hidden.

    Args:
        predicted: Box of the whole face.
        detected: Box of the visible part.
        velocity: x and y in sides of the face per second, shape (2,).
    Returns:
        x and y in pixels, float64 (2,).
    """
    whole, visible = box_to_center_size(predicted), box_to_center_size(detected)
    hidden, offset = np.maximum(0.0, whole[2:] - visible[2:]) / 2, whole[:2] - visible[:2]
    edge_evidence = 2 * hidden * offset / (EDGE_TOLERANCE_SIDES * whole[2:]) ** 2
    return hidden * np.tanh(edge_evidence + REAR_EDGE_WEIGHT * velocity)


def _moving_time_s(step_s: float) -> float:
    """Time at the initial velocity that covers the same distance as the decaying velocity."""
    return float(VELOCITY_DECAY_S * ema_weight(max(0.0, step_s), VELOCITY_DECAY_S))


def box_to_center_size(box: Box) -> np.ndarray:
    """Centre x and y, width and height, float64 (4,)."""
    return np.array([*box.center, box.width, box.height])


def box_from_center_size(values: np.ndarray) -> Box:
    """Inverse of `box_to_center_size`, with sides of at least one pixel.

    Args:
        values: Shape (4,).
    """
    x, y, width, height = values.tolist()
    half_width, half_height = max(1.0, width) / 2, max(1.0, height) / 2
    return Box(x - half_width, y - half_height, x + half_width, y + half_height)

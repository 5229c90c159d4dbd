"""What the landmark network is trained to make small, and the figures that are watched."""

from __future__ import annotations

from typing import Any

from keras import ops

from training.samples.landmark_points import LANDMARK_NAMES
from training.tasks.landmarks.crops import FACE, MARKED, POINTS, UNIT

# Columns of the network's output: the points, then a logit of there being a face.
SCORE, OUTPUTS = 2 * len(LANDMARK_NAMES), 2 * len(LANDMARK_NAMES) + 1
# In distances of the eyes: smaller errors count squared, larger ones as they are, since some marks are wrong.
USUAL_ERROR = 0.04
POINT_WEIGHT = 8.0


def landmark_loss(wanted: Any, answer: Any) -> Any:
    """Huber loss of the known points, in distances of their eyes, and cross-entropy of there being one, (n,)."""
    face = wanted[..., FACE]
    off = ops.abs(answer[..., POINTS] - wanted[..., POINTS]) / _unit(wanted)[..., None]
    near = ops.minimum(off, USUAL_ERROR)
    huber = ops.mean(near * (off - near / 2), -1) / USUAL_ERROR
    entropy = ops.softplus(answer[..., SCORE]) - face * answer[..., SCORE]
    return POINT_WEIGHT * wanted[..., MARKED] * huber + entropy


def nme(wanted: Any, answer: Any) -> Any:
    """Mean distance from the right place over the marked faces of a batch, in distances of the eyes."""
    marked = wanted[..., MARKED]
    off = ops.reshape(answer[..., POINTS] - wanted[..., POINTS], (-1, len(LANDMARK_NAMES), 2))
    errors = ops.mean(ops.sqrt(ops.sum(ops.square(off), -1)), -1) / _unit(wanted)
    return ops.sum(marked * errors) / ops.maximum(ops.sum(marked), 1.0)


def told_apart(wanted: Any, answer: Any) -> Any:
    """Share of crops of which it is said rightly whether they show a face, (n,)."""
    return ops.cast(ops.equal(answer[..., SCORE] > 0, wanted[..., FACE] > 0.5), "float32")


def _unit(wanted: Any) -> Any:
    return ops.maximum(wanted[..., UNIT], 1e-3)

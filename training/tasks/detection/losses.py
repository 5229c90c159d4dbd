"""What the detector is trained to make small: errors of faces, boxes and points, each per face cell."""

from __future__ import annotations

from typing import Any

from keras import ops

from training.tasks.detection.targets import BOXED, DISTANCES, FACE, POINTED, POINTS, WEIGHT

ALPHA, GAMMA = 0.3, 2.0
BOX_WEIGHT, POINT_WEIGHT = 1.5, 0.3
# Columns of the network's output.
SCORE, LOG_DISTANCES, OFFSETS, OUTPUTS = 0, slice(1, 5), slice(5, 15), 15
FARTHEST = 5.0  # largest log distance, against overflow


def detection_loss(wanted: Any, cells: Any) -> Any:
    """Focal loss of the scores, generalised IoU of the boxes and absolute error of the points, over the face cells.

    Args:
        wanted: (n, cells, COLUMNS) as `cells.targets` makes them.
        cells: (n, cells, OUTPUTS).
    """
    faces = ops.maximum(1.0, ops.sum(wanted[..., BOXED]))
    scores = ops.sum(focal(wanted[..., FACE], cells[..., SCORE]) * wanted[..., WEIGHT])
    boxes = ops.sum(box_error(wanted[..., DISTANCES], cells[..., LOG_DISTANCES]) * wanted[..., BOXED])
    off = ops.mean(ops.abs(cells[..., OFFSETS] - wanted[..., POINTS]), -1)
    points = ops.sum(off * wanted[..., POINTED])
    return (scores + BOX_WEIGHT * boxes + POINT_WEIGHT * points) / faces


def focal(truth: Any, logits: Any) -> Any:
    """Focal loss (Lin et al. 2017): cross-entropy that forgives what is nearly right."""
    probability = ops.sigmoid(logits)
    entropy = ops.softplus(logits) - truth * logits
    off = truth * (1 - probability) + (1 - truth) * probability
    balance = truth * ALPHA + (1 - truth) * (1 - ALPHA)
    return balance * off**GAMMA * entropy


def box_error(wanted: Any, log_distances: Any) -> Any:
    """1 - generalised IoU (Rezatofighi et al. 2019) of boxes around one centre, given as four distances."""
    found = ops.exp(ops.clip(log_distances, -FARTHEST, FARTHEST))
    shared = _area(ops.minimum(found, wanted))
    both = _area(found) + _area(wanted) - shared
    hull = _area(ops.maximum(found, wanted))
    return 1 - shared / ops.maximum(both, 1e-6) + (hull - both) / ops.maximum(hull, 1e-6)


def _area(distances: Any) -> Any:
    """Left, top, right, bottom around the centre; a box that does not hold the centre has no area."""
    width = ops.maximum(distances[..., 0] + distances[..., 2], 0)
    height = ops.maximum(distances[..., 1] + distances[..., 3], 0)
    return width * height

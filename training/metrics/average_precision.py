"""Average precision of detections: greedy matching per image, then the area under the precision-recall curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.numerics import box_iou

TRUE_POSITIVE = 1
FALSE_POSITIVE = 0
IGNORED = -1


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision over recall, one entry per detection that counts, highest score first.

    Attributes:
        precision, recall, scores: Shape (n,); precision and recall of all detections down to this score.
        value: Average precision by all-point interpolation: the area under the curve after each precision was raised
            to the best at any higher recall. NaN if no box counts.
    """

    precision: np.ndarray
    recall: np.ndarray
    scores: np.ndarray
    value: float

    def at(self, score: float) -> tuple[float, int]:
        """Recall and number of false positives at a score threshold."""
        kept = int(np.count_nonzero(self.scores >= score))
        if not kept:
            return 0.0, 0
        return float(self.recall[kept - 1]), round(kept * (1 - float(self.precision[kept - 1])))


def average_precision(
    detections: Sequence[np.ndarray], truth: Sequence[np.ndarray], counted: Sequence[np.ndarray], min_iou: float
) -> Curve:
    """Score the detections of many images.

    Args:
        detections: By image, x1, y1, x2, y2 and score, shape (n, 5).
        truth: By image, the true boxes as x1, y1, x2, y2, shape (m, 4).
        counted: By image, which true boxes count, bool (m,); the others are neither positive nor negative.
        min_iou: Least intersection over union of a match.
    """
    images = list(zip(detections, truth, counted, strict=True))
    outcomes = [match_detections(rows, boxes, which, min_iou) for rows, boxes, which in images]
    faces = sum(int(np.count_nonzero(which)) for _, _, which in images)
    scores = np.concatenate([np.empty(0), *(np.asarray(rows)[:, 4] for rows, _, _ in images)])
    return _curve(np.concatenate([np.empty(0, int), *outcomes]), scores, faces)


def match_detections(detections: np.ndarray, boxes: np.ndarray, counted: np.ndarray, min_iou: float) -> np.ndarray:
    """Match the detections of one image greedily, highest score first.

    A detection takes the counted box of largest overlap that is still free. One that gets none is ignored if it
    overlaps a box that does not count, else it is a false positive.

    Args:
        detections, boxes, counted, min_iou: As for `average_precision`, of one image.
    Returns:
        TRUE_POSITIVE, FALSE_POSITIVE or IGNORED for each detection, int64 (n,), in the given order.
    """
    overlap = box_iou(np.asarray(detections[:, :4], float), np.asarray(boxes, float).reshape(-1, 4))
    overlap[overlap < min_iou] = 0
    free = np.array(counted, bool)
    ignorable: np.ndarray = np.any(overlap[:, ~free], axis=1)
    outcomes = np.where(ignorable, IGNORED, FALSE_POSITIVE)
    for row in np.argsort(-detections[:, 4], kind="stable"):
        candidates = overlap[row] * free
        if candidates.any():
            outcomes[row] = TRUE_POSITIVE
            free[candidates.argmax()] = False
    return outcomes


def _curve(outcomes: np.ndarray, scores: np.ndarray, faces: int) -> Curve:
    order = np.argsort(-scores, kind="stable")
    order = order[outcomes[order] != IGNORED]
    true_positives = np.cumsum(outcomes[order] == TRUE_POSITIVE)
    precision, recall = true_positives / np.arange(1, len(order) + 1), true_positives / max(1, faces)
    best_after = np.maximum.accumulate(precision[::-1])[::-1]
    value = float(np.sum(np.diff(recall, prepend=0.0) * best_after)) if faces else float("nan")
    return Curve(precision, recall, scores[order], value)

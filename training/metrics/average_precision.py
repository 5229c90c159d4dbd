"""Average precision of detections: greedy matching in each picture, then the area under precision over recall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.numerics import box_iou

TRUE_POSITIVE, FALSE_POSITIVE, IGNORED = 1, 0, -1


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision over recall, one entry for every detection that counts, the surest first.

    Attributes:
        precision, recall, scores: Shape (n,); the first two are those of all detections down to this score.
        value: Average precision: the area under the curve after each precision was raised to the best that any
            larger recall has (all-point interpolation). NaN where no box is counted.
    """

    precision: np.ndarray
    recall: np.ndarray
    scores: np.ndarray
    value: float

    def at(self, score: float) -> tuple[float, int]:
        """Recall and number of false detections where those below `score` are left out."""
        kept = int(np.count_nonzero(self.scores >= score))
        if not kept:
            return 0.0, 0
        return float(self.recall[kept - 1]), round(kept * (1 - float(self.precision[kept - 1])))


def average_precision(
    found: Sequence[np.ndarray], truth: Sequence[np.ndarray], counted: Sequence[np.ndarray], overlap: float
) -> Curve:
    """Score detections in many pictures.

    In every picture the surest detection chooses first: of the counted boxes that are still free and reach the
    overlap, the one it overlaps most. One that gets none but reaches a box that is not counted is dropped, however
    many do so; any other is false.

    Args:
        found: By picture, x1, y1, x2, y2 and score, shape (n, 5).
        truth: By picture, the true boxes, shape (m, 4), in the same pixels.
        counted: By picture, which of them count, bool (m,); the others count neither for nor against.
        overlap: Least intersection over union of a match.
    """
    pictures = list(zip(found, truth, counted, strict=True))
    decided = [match_detections(rows, boxes, which, overlap) for rows, boxes, which in pictures]
    faces = sum(int(np.count_nonzero(which)) for _, _, which in pictures)
    scores = np.concatenate([np.empty(0), *(np.asarray(rows)[:, 4] for rows, _, _ in pictures)])
    return _curve(np.concatenate([np.empty(0, int), *decided]), scores, faces)


def match_detections(found: np.ndarray, boxes: np.ndarray, counted: np.ndarray, overlap: float) -> np.ndarray:
    """RIGHT, FALSE or DROPPED for each detection of a picture, in their given order; as `average_precision` says."""
    reached = box_iou(np.asarray(found[:, :4], float), np.asarray(boxes, float).reshape(-1, 4))
    reached[reached < overlap] = 0
    free = np.array(counted, bool)
    spared: np.ndarray = np.any(reached[:, ~free], axis=1)
    decided = np.where(spared, IGNORED, FALSE_POSITIVE)
    for row in np.argsort(-found[:, 4], kind="stable"):
        candidates = reached[row] * free
        if candidates.any():
            decided[row] = TRUE_POSITIVE
            free[candidates.argmax()] = False
    return decided


def _curve(decided: np.ndarray, scores: np.ndarray, faces: int) -> Curve:
    order = np.argsort(-scores, kind="stable")
    order = order[decided[order] != IGNORED]
    right = np.cumsum(decided[order] == TRUE_POSITIVE)
    precision, recall = right / np.arange(1, len(order) + 1), right / max(1, faces)
    best_after = np.maximum.accumulate(precision[::-1])[::-1]
    value = float(np.sum(np.diff(recall, prepend=0.0) * best_after)) if faces else float("nan")
    return Curve(precision, recall, scores[order], value)

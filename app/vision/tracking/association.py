"""Associate detections with tracked faces, by the positions that the motion model predicts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.domain import Box, Face
from app.numerics import ema_weight
from app.vision.inference.face_pose import has_landmarks
from app.vision.tracking.assignment import best_assignment
from app.vision.tracking.kalman import BoxKalmanFilter, occlusion_offset

# A lost face keeps its key this long: longer than one person takes to walk behind another.
LOST_FACE_TTL_S = 2.0
# Gate: maximum distance from the predicted position in sides of the face, and its growth per second out of sight. A
# part of the predicted speed is added: whoever disappears behind something may slow down there.
GATE_SIDES = 0.7
GATE_GROWTH_SIDES_PER_S = 1.4
GATE_SPEED_FRACTION = 0.5
# Costs of a match besides distance, in sides of the face: per unit of log size ratio, for a face that the last
# detection missed (it may be occluded), and per second since it was last seen.
SIZE_COST = 1.0
MISSING_COST = 0.15
ABSENCE_COST_PER_S = 0.2
# Gain of a perfect match. Half of it limits the gate, so that every gain inside the gate is positive.
MAX_GAIN = 4.0
# A detection near a lost face with a score below this fraction of the face's usual score is neither that face nor a new
# one: the edge of an occluder may look like a part of a face.
MIN_SCORE_FRACTION = 0.65
# Time constant of the usual score.
SCORE_EMA_S = 1.0
# A face this slow (in sides per second) is left to the motion model for this long after it was located. A head that
# starts to move with 3 sides/s² is predicted within .002 of its side over one frame of 30 a second.
PREDICTABLE_SIDES_PER_S = 1.0
PREDICTABLE_S = 1 / 15
# Time stamps jitter; a face this close to its time is located.
TIME_STAMP_TOLERANCE_S = 0.002
# Mean landmark movement of a still face, in sides of the face: smaller ones are jitter.
STILL_SIDES = 0.004


@dataclass(slots=True)
class _TrackedFace:
    key: int
    face: Face
    motion: BoxKalmanFilter
    seen_at_s: float
    usual_score: float
    predicted: tuple[float, Face] | None = None

    def update(self, face: Face, now_s: float) -> None:
        face = hold_if_still(self.face, face)
        self.motion.correct(face.box, now_s)
        weight = ema_weight(max(0.0, now_s - self.seen_at_s), SCORE_EMA_S)
        self.usual_score += weight * (face.score - self.usual_score)
        self.face, self.seen_at_s, self.predicted = face, now_s, None

    def predict(self, now_s: float) -> Face:
        """The face at its predicted position; asked for several times in a frame."""
        if self.predicted is None or self.predicted[0] != now_s:
            self.predicted = now_s, with_box(self.face, self.motion.predict(now_s))
        return self.predicted[1]

    def is_predictable(self, now_s: float) -> bool:
        is_recent = now_s - self.seen_at_s < PREDICTABLE_S - TIME_STAMP_TOLERANCE_S
        return is_recent and self.motion.speed <= PREDICTABLE_SIDES_PER_S


def hold_if_still(before: Face, face: Face) -> Face:
    """The new face at its previous position if its landmarks hardly moved.

    Tracking from the face's own landmarks would otherwise let a still face drift.
    """
    if before.points is None or face.points is None or not (has_landmarks(before) and has_landmarks(face)):
        return face
    x, y = (face.points - before.points).T
    movement_px = np.hypot(x, y).mean()
    if movement_px > STILL_SIDES * (face.box.width + face.box.height) / 2:
        return face
    return face.move_to(before.box, before.points)


class FaceAssociator:
    """Assigns detections to faces under internal keys; a key is never reused, not even after `reset`."""

    def __init__(self) -> None:
        self._next_key = 1
        self._tracked: list[_TrackedFace] = []
        self._detected_at_s = 0.0

    def associate(self, detections: Sequence[Face], now_s: float) -> list[int | None]:
        """Key of each detection; None if it is too uncertain to be a lost face or a new one.

        Args:
            now_s: Source time. A lost face keeps its key for `LOST_FACE_TTL_S`.
        """
        self._tracked = [tracked for tracked in self._tracked if now_s - tracked.seen_at_s <= LOST_FACE_TTL_S]
        gains = self._gains(detections, now_s)
        too_uncertain = self._too_uncertain(detections) & (gains > 0)
        # Assign uncertain pairs as well; otherwise a lost face would take the detection of another one.
        matches = {index: self._tracked[row] for row, index in _matches(gains) if not too_uncertain[row, index]}
        rejected = set(np.flatnonzero(too_uncertain.any(0)).tolist()) - matches.keys()
        keys = [
            None if index in rejected else self._update_or_add(detection, matches.get(index), now_s)
            for index, detection in enumerate(detections)
        ]
        self._detected_at_s = now_s
        return keys

    def predict(self, now_s: float) -> dict[int, Face]:
        """All tracked faces by key at their predicted positions, oldest first."""
        return {tracked.key: tracked.predict(now_s) for tracked in self._tracked}

    def predictable(self, now_s: float) -> set[int]:
        """Keys of the slow faces that were located a moment ago, so that the motion model alone is accurate."""
        return {tracked.key for tracked in self._tracked if tracked.is_predictable(now_s)}

    @property
    def max_untracked_speed(self) -> float | None:
        """Highest speed of the faces that only the motion model tracks, in sides per second; None if none."""
        speeds = (
            tracked.motion.speed
            for tracked in self._tracked
            if self._is_missing(tracked) or not tracked.face.is_trackable
        )
        return max(speeds, default=None)

    def update_face(self, key: int, face: Face, now_s: float) -> None:
        """Set the position of a tracked face from landmark tracking."""
        next(tracked for tracked in self._tracked if tracked.key == key).update(face, now_s)

    def reset(self) -> None:
        """Drop all faces, for a new source with its own clock."""
        self._tracked, self._detected_at_s = [], 0.0

    def _too_uncertain(self, detections: Sequence[Face]) -> np.ndarray:
        """Bool (tracks, detections): score too low to re-identify this lost track."""
        min_scores = [
            MIN_SCORE_FRACTION * tracked.usual_score if self._is_missing(tracked) else 0.0 for tracked in self._tracked
        ]
        return np.array([face.score for face in detections])[None] < np.array(min_scores)[:, None]

    def _gains(self, detections: Sequence[Face], now_s: float) -> np.ndarray:
        """Gain of each match, float64 (tracks, detections); 0 outside the gate.

        Not matching costs nothing, so that a distant pair is not matched for the sake of others.
        """
        predicted = [tracked.motion.predict(now_s) for tracked in self._tracked]
        distances = np.array([[_distance_sides(box, face.box) for face in detections] for box in predicted])
        distances = distances.reshape(len(predicted), len(detections))
        unseen_s = np.array([now_s - tracked.seen_at_s for tracked in self._tracked])[:, None]
        speeds = np.array([tracked.motion.speed for tracked in self._tracked])[:, None]
        gate = GATE_SIDES + (GATE_GROWTH_SIDES_PER_S + GATE_SPEED_FRACTION * speeds) * unseen_s
        in_gate = distances <= np.minimum(gate, MAX_GAIN / 2)
        missing = np.array([self._is_missing(tracked) for tracked in self._tracked])[:, None]
        return np.where(in_gate, MAX_GAIN - distances - MISSING_COST * missing - ABSENCE_COST_PER_S * unseen_s, 0.0)

    def _update_or_add(self, detection: Face, tracked: _TrackedFace | None, now_s: float) -> int:
        if tracked is None:
            motion = BoxKalmanFilter(detection.box, now_s)
            tracked = _TrackedFace(self._next_key, detection, motion, now_s, detection.score)
            self._tracked.append(tracked)
            self._next_key += 1
        else:
            tracked.update(detection, now_s)
        return tracked.key

    def _is_missing(self, tracked: _TrackedFace) -> bool:
        """Whether the last detection did not find the face."""
        return tracked.seen_at_s < self._detected_at_s


def _matches(gains: np.ndarray) -> list[tuple[int, int]]:
    """Best assignment as (track, detection) pairs; pairs outside the gate are dropped."""
    return [(row, column) for row, column in best_assignment(gains) if gains[row, column]]


def with_box(face: Face, box: Box) -> Face:
    """The face moved and scaled to another box, together with its points."""
    if face.points is None:
        return face.move_to(box, None)
    scale_x, scale_y = box.width / max(1.0, face.box.width), box.height / max(1.0, face.box.height)
    (before_x, before_y), (x, y) = face.box.center, box.center
    shift = np.array([x - before_x * scale_x, y - before_y * scale_y])
    points = face.points * np.array([scale_x, scale_y]) + shift
    return face.move_to(box, points.astype(np.float32))


def _distance_sides(predicted: Box, detected: Box) -> float:
    """Distance between the centres in sides of the face, plus the cost of another size.

    The detection may be a part of the face: its offset comes from the visible edge, its size from the longer side.
    """
    (whole_x, whole_y), (visible_x, visible_y) = predicted.center, detected.center
    correction_x, correction_y = occlusion_offset(predicted, detected)
    whole_side, visible_side = (predicted.width + predicted.height) / 2, (detected.width + detected.height) / 2
    distance = math.hypot(visible_x + correction_x - whole_x, visible_y + correction_y - whole_y)
    growth = [
        math.log(max(1.0, visible) / max(1.0, whole))
        for visible, whole in ((detected.width, predicted.width), (detected.height, predicted.height))
    ]
    size_change = max(growth) if max(growth) < 0 else sum(growth) / 2
    return distance / max(1.0, whole_side, (whole_side + visible_side) / 2) + SIZE_COST * abs(size_change)

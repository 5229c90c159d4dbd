"""Multi-face tracker: stable ids, suppression of short false detections, and smooth boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from app.domain import Face, Track
from app.vision.tracking.association import FaceAssociator
from app.vision.tracking.kalman import box_from_center_size
from app.vision.tracking.one_euro import OneEuroFilter

# Detections before a new face is shown; one may be false.
MIN_DETECTIONS = 2
# More are needed beside a shown face whose box overlaps more than this: both may belong to one half-hidden face.
MIN_DETECTIONS_BESIDE = 8
BESIDE_IOU = 0.15
# Consecutive misses that reset the count of detections.
MAX_MISSES = 2
# A missed face is shown this long, unless its box overlaps a visible one more than `BEHIND_IOU`: then it is behind it.
SHOW_MISSED_S = 0.25
BEHIND_IOU = 0.3
# If detections lie further apart, the source is a slide show: every frame is taken as it is.
SLIDE_SHOW_S = 0.35
# One-euro filter of boxes and points: cut-off at rest, and its increase per side of the face per second.
MIN_CUTOFF_HZ = 1.5
CUTOFF_SLOPE = 8.0


@dataclass(slots=True)
class _TrackState:
    """Detection history and smoothing filters of one face; `id` is None until the face is shown."""

    id: int | None = None
    detections: int = 0
    misses: int = 0
    detected_at_s: float = 0.0
    missing_since_s: float | None = None
    box_filter: OneEuroFilter = field(default_factory=lambda: OneEuroFilter(MIN_CUTOFF_HZ, CUTOFF_SLOPE))
    points_filter: OneEuroFilter = field(default_factory=lambda: OneEuroFilter(MIN_CUTOFF_HZ, CUTOFF_SLOPE))

    def record_detection(self, now_s: float) -> None:
        self.detections, self.misses = self.detections + 1, 0
        self.missing_since_s, self.detected_at_s = None, now_s

    def record_miss(self, now_s: float) -> None:
        """Count a detector run that did not find the face."""
        if self.detected_at_s == now_s:
            return
        self.misses += 1
        self.detections = 0 if self.misses > MAX_MISSES else self.detections
        self.missing_since_s = now_s if self.missing_since_s is None else self.missing_since_s

    @property
    def is_uncertain(self) -> bool:
        """Whether the face may have just appeared or disappeared."""
        return self.detections > 0 and (self.id is None or self.misses > 0)

    def smooth(self, face: Face, now_s: float) -> Face:
        """The face with filtered box and points; points are filtered relative to the box, so that they move with it."""
        measured = np.array([*face.box.center, face.box.width, face.box.height])
        side = max(1.0, (face.box.width + face.box.height) / 2)
        box = box_from_center_size(*self.box_filter.update(measured, now_s, side).tolist())
        if face.points is None:
            return face.move_to(box, None)
        relative = self.points_filter.update((face.points - measured[:2]) / measured[2:], now_s)
        points = relative * np.array([box.width, box.height]) + np.array(box.center)
        return face.move_to(box, points.astype(np.float32))


class Tracker:
    """Tracks faces by source time; ids are never reused, not even after `reset`."""

    def __init__(self, first_id: int = 1) -> None:
        self._next_id = first_id
        self._associator = FaceAssociator()
        self._states: dict[int, _TrackState] = {}
        self._detected_at_s: float | None = None
        self._has_lost_face = False  # since the last detection

    def update(self, faces: Sequence[Face], now_s: float) -> list[Track]:
        """Process a frame with detections.

        Args:
            faces: Confirmed detections.
            now_s: Source time.
        Returns:
            The tracks to show, oldest first.
        """
        is_slide_show = self._detected_at_s is None or now_s - self._detected_at_s > SLIDE_SHOW_S
        self._detected_at_s, self._has_lost_face = now_s, False
        for key, face in zip(self._associator.associate(faces, now_s), faces, strict=True):
            if key is None:
                continue
            state = self._states.setdefault(key, _TrackState())
            state.record_detection(now_s)
            if state.id is None and state.detections >= (1 if is_slide_show else self._detections_needed(face, now_s)):
                state.id, self._next_id = self._next_id, self._next_id + 1
        for state in self._states.values():
            state.record_miss(now_s)
        return self._tracks(now_s, 0.0 if is_slide_show else SHOW_MISSED_S)

    def update_tracked(self, faces: Sequence[Face | None], now_s: float) -> list[Track]:
        """Process a frame without detections.

        Args:
            faces: New positions of the faces of `predict_trackable`, None for occluded ones; empty if none could be
                tracked, which leaves all at their predicted positions.
        """
        trackable = self._trackable(now_s)
        self._has_lost_face = self._has_lost_face or any(face is None for face in faces)
        for key, face in zip(trackable, faces, strict=False):
            if face is not None:
                self._associator.update_face(key, face, now_s)
        return self._tracks(now_s, SHOW_MISSED_S)

    def predict_all(self, now_s: float) -> list[Face]:
        """All faces at their predicted positions; missing ones count as occluded."""
        predicted = self._associator.predict(now_s)
        return [
            face if self._states[key].missing_since_s is None else replace(face, occluded=True)
            for key, face in predicted.items()
        ]

    def predict_trackable(self, now_s: float) -> list[Face]:
        """Faces of the last detection without occlusion, at their predicted positions.

        Slow faces that were located a moment ago are left out: the motion model alone is accurate enough.
        """
        return list(self._trackable(now_s).values())

    @property
    def needs_detection(self) -> bool:
        """Whether a face may have just appeared or disappeared, which another detection would settle."""
        return self._has_lost_face or any(state.is_uncertain for state in self._states.values())

    @property
    def max_untracked_speed(self) -> float | None:
        """Highest speed of the faces that only the motion model tracks, in sides per second; None if none."""
        return self._associator.max_untracked_speed

    def reset(self) -> None:
        """Drop all tracks, for a new source with its own clock."""
        self._associator.reset()
        self._states, self._detected_at_s, self._has_lost_face = {}, None, False

    def _detections_needed(self, face: Face, now_s: float) -> int:
        """Detections before a new face is shown."""
        predicted = self._associator.predict(now_s)
        shown = (predicted[key] for key, state in self._states.items() if state.id is not None and key in predicted)
        is_beside = any(face.box.iou(other.box) > BESIDE_IOU for other in shown)
        return MIN_DETECTIONS_BESIDE if is_beside else MIN_DETECTIONS

    def _trackable(self, now_s: float) -> dict[int, Face]:
        predicted, predictable = self._associator.predict(now_s), self._associator.predictable(now_s)
        present = (key for key in predicted if self._states[key].missing_since_s is None and key not in predictable)
        return {key: predicted[key] for key in present if not predicted[key].occluded}

    def _tracks(self, now_s: float, show_missed_s: float) -> list[Track]:
        predicted = self._associator.predict(now_s)
        self._states = {key: self._states[key] for key in predicted}
        smoothed = [(self._states[key], self._states[key].smooth(face, now_s)) for key, face in predicted.items()]
        tracks = [
            Track(state.id, face, is_detected=state.missing_since_s is None)
            for state, face in smoothed
            if state.id is not None and (state.missing_since_s is None or now_s - state.missing_since_s < show_missed_s)
        ]
        visible = [track.face.box for track in tracks if track.is_detected]
        return [
            track
            for track in tracks
            if track.is_detected or all(track.face.box.iou(box) <= BEHIND_IOU for box in visible)
        ]

"""Match found faces to those known, by where motion puts them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.domain import Box, Face
from app.vision.inference.face_pose import has_landmarks
from app.vision.tracking.assignment import best_assignment
from app.vision.tracking.kalman import Motion, center_and_sides, uncovered

REMEMBERED_S = 2.0  # longer than somebody walks behind somebody else
# In sides of the face: how far from where it is expected a face may be found, and how much farther with each second out
# of sight, more so where it went fast (a share of its speed): whoever vanishes behind something may slow down there.
REACH, REACH_GROWS, SPEED_DOUBTED = 0.7, 1.4, 0.5
# What else speaks against a match, in the same unit: another size (by its logarithm), that the last look missed the
# face, as somebody who is covered, and each second since it was seen.
SIZE_COUNTS, MISSING_COUNTS, ABSENCE_COUNTS = 1.0, 0.15, 0.2
FARTHEST = 4.0
# Share of the usual score of somebody who is missing, below which a face near there is neither that one nor another:
# the edge of what hides a face may look like a part of it. The usual score is an average over about so many seconds.
LEAST_SURE, USUAL_S = 0.65, 1.0
REST = 0.004  # of a face's side: by how much the landmarks of a still face wander


@dataclass(slots=True)
class _Followed:
    key: int
    face: Face
    motion: Motion
    seen_at_s: float
    usual_score: float

    def see(self, face: Face, now_s: float) -> None:
        face = at_rest(self.face, face)
        self.motion.correct(face.box, now_s)
        share = -math.expm1(-max(0.0, now_s - self.seen_at_s) / USUAL_S)
        self.usual_score += share * (face.score - self.usual_score)
        self.face, self.seen_at_s = face, now_s

    def expected(self, now_s: float) -> Face:
        return moved(self.face, self.motion.expected(now_s))


def at_rest(before: Face, face: Face) -> Face:
    """The face where it was before, if its landmarks hardly moved: read from their own places they never rest."""
    if before.points is None or face.points is None or not (has_landmarks(before) and has_landmarks(face)):
        return face
    transform_points = np.linalg.norm(face.points - before.points, axis=1).mean()
    if transform_points > REST * (face.box.width + face.box.height) / 2:
        return face
    return replace(face, box=before.box, points=before.points)


class Matcher:
    """Keeps faces apart under keys of its own; a key is never given twice, not even after `reset`."""

    def __init__(self) -> None:
        self._next_key = 1
        self._followed: list[_Followed] = []
        self._looked_at_s = 0.0

    def match(self, faces: Sequence[Face], now_s: float) -> list[int | None]:
        """The key of each face of one picture; None where a bad one may be somebody who is missing.

        Args:
            now_s: The source's time. A face missing for up to `REMEMBERED_S` keeps its key.
        """
        self._followed = [one for one in self._followed if now_s - one.seen_at_s <= REMEMBERED_S]
        gains = self._gains(faces, now_s)
        doubted = self._doubted(faces) & (gains > 0)
        # Who may be there is matched all the same, lest the face that is another one's is taken instead.
        matches = {index: self._followed[row] for row, index in _matches(gains) if not doubted[row, index]}
        left_out = set(np.flatnonzero(doubted.any(0)).tolist()) - matches.keys()
        keys = [
            None if index in left_out else self._seen(face, matches.get(index), now_s)
            for index, face in enumerate(faces)
        ]
        self._looked_at_s = now_s
        return keys

    def expected(self, now_s: float) -> dict[int, Face]:
        """All that is remembered by key, the oldest first, each face where it should be at this time."""
        return {one.key: one.expected(now_s) for one in self._followed}

    @property
    def fastest(self) -> float | None:
        """Speed of the fastest face that only motion follows, in sides of it a second; None where there is none."""
        by_motion = (one for one in self._followed if self._is_missing(one) or not one.face.is_trackable)
        return max((one.motion.speed for one in by_motion), default=None)

    def follow(self, key: int, face: Face, now_s: float) -> None:
        """Take in where a known face is, as told by one who follows it."""
        known = next(one for one in self._followed if one.key == key)
        known.see(face, now_s)

    def reset(self) -> None:
        """Drop everything, for a new source with a clock of its own."""
        self._followed, self._looked_at_s = [], 0.0

    def _doubted(self, faces: Sequence[Face]) -> np.ndarray:
        """Which face is too bad to be which known one that is missing, bool (known, faces)."""
        least = [LEAST_SURE * one.usual_score if self._is_missing(one) else 0.0 for one in self._followed]
        return np.array([face.score for face in faces])[None] < np.array(least)[:, None]

    def _gains(self, faces: Sequence[Face], now_s: float) -> np.ndarray:
        """What speaks for each match, shape (known, faces); 0 where it cannot be.

        No match costs nothing, so that a pair far apart is not matched for the sake of others.
        """
        expected = [one.motion.expected(now_s) for one in self._followed]
        distances = np.array([[_distance(box, face.box) for face in faces] for box in expected])
        distances = distances.reshape(len(expected), len(faces))
        unseen_s = np.array([now_s - one.seen_at_s for one in self._followed])[:, None]
        speeds = np.array([one.motion.speed for one in self._followed])[:, None]
        reach = REACH + (REACH_GROWS + SPEED_DOUBTED * speeds) * unseen_s
        in_reach = distances <= np.minimum(reach, FARTHEST / 2)
        missing = np.array([self._is_missing(one) for one in self._followed])[:, None]
        return np.where(in_reach, FARTHEST - distances - MISSING_COUNTS * missing - ABSENCE_COUNTS * unseen_s, 0.0)

    def _seen(self, face: Face, followed: _Followed | None, now_s: float) -> int:
        if followed is None:
            followed = _Followed(self._next_key, face, Motion(face.box, now_s), now_s, face.score)
            self._followed.append(followed)
            self._next_key += 1
        else:
            followed.see(face, now_s)
        return followed.key

    def _is_missing(self, followed: _Followed) -> bool:
        """Whether the last look did not find somebody."""
        return followed.seen_at_s < self._looked_at_s


def _matches(gains: np.ndarray) -> list[tuple[int, int]]:
    """The best assignment of all, as rows and columns; who is out of reach stays without a match."""
    return [(row, column) for row, column in best_assignment(gains) if gains[row, column]]


def moved(face: Face, box: Box) -> Face:
    """The same face in another box; its points go along."""
    if face.points is None:
        return replace(face, box=box)
    scale = np.array([box.width / max(1.0, face.box.width), box.height / max(1.0, face.box.height)])
    points = (face.points - face.box.center) * scale + box.center
    return replace(face, box=box, points=points.astype(np.float32))


def _distance(expected: Box, found: Box) -> float:
    """Between the centres in sides of the face, and what another size counts.

    A part of the face may be what was found: it is where its own edge says, and as large as its longer side says.
    """
    whole, seen = center_and_sides(expected), center_and_sides(found)
    off = seen[:2] + uncovered(expected, found) - whole[:2]
    side = max(1.0, whole[2:].mean(), (whole[2:].mean() + seen[2:].mean()) / 2)
    larger = np.log(np.maximum(1.0, seen[2:]) / np.maximum(1.0, whole[2:]))
    size = larger.max() if larger.max() < 0 else larger.mean()
    return float(np.hypot(*off) / side + SIZE_COUNTS * abs(size))

"""Match detected faces to existing tracks by box overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain import Face, Track

SMALLEST_OVERLAP = 0.2
REMEMBERED_S = 0.5


@dataclass(slots=True)
class _Followed:
    id: int
    face: Face
    seen_at_s: float


class Tracker:
    """Gives every face an id that stays with it; an id is never given twice, not even after `forget`."""

    def __init__(self, first_id: int = 1) -> None:
        self._next_id = first_id
        self._followed: list[_Followed] = []

    def update(self, faces: Sequence[Face], now_s: float) -> list[Track]:
        """Match the faces of one picture.

        Args:
            now_s: The source's time. A face missing for up to `REMEMBERED_S` keeps its id, but is not returned.
        Returns:
            One track a face, in the order of `faces`.
        """
        self._followed = [one for one in self._followed if now_s - one.seen_at_s <= REMEMBERED_S]
        matches = self._matches(faces)
        return [self._seen(face, matches.get(index), now_s) for index, face in enumerate(faces)]

    def forget(self) -> None:
        """Drop every track, for a new source with a clock of its own."""
        self._followed = []

    def _matches(self, faces: Sequence[Face]) -> dict[int, _Followed]:
        """Greedy by overlap: with faces the best pair is nearly always right, whoever comes after."""
        pairs = [
            (one.face.box.overlap(face.box), index, number)
            for number, one in enumerate(self._followed)
            for index, face in enumerate(faces)
        ]
        matches: dict[int, _Followed] = {}
        taken: set[int] = set()
        for overlap, index, number in sorted(pairs, reverse=True):
            if overlap < SMALLEST_OVERLAP:
                break
            if index not in matches and number not in taken:
                matches[index] = self._followed[number]
                taken.add(number)
        return matches

    def _seen(self, face: Face, followed: _Followed | None, now_s: float) -> Track:
        if followed is None:
            followed = _Followed(self._next_id, face, now_s)
            self._next_id += 1
            self._followed.append(followed)
        followed.face, followed.seen_at_s = face, now_s
        return Track(followed.id, face)

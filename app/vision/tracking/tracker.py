"""Follow people: ids stay with them, no passing mistake of the detector is shown, and boxes glide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from app.domain import Face, Track
from app.vision.tracking.association import Matcher
from app.vision.tracking.kalman import box_around, center_and_sides
from app.vision.tracking.one_euro import OneEuroFilter

TIMES_FOUND = 2  # before somebody new is shown
TIMES_BESIDE, BESIDE = 8, 0.15  # likewise where boxes overlap so much: they may be of one face that is half hidden
MISSES = 2  # in a row, after which that count begins again
SHOWN_S = 0.25  # how long somebody whom the detector misses is still shown
BEHIND = 0.3  # unless by then the box overlaps another one's so much: nobody is seen behind somebody
# A source whose pictures lie further apart shows slides rather than motion: each is taken as it is.
SLIDES_S = 0.35
# At rest, in Hz, and how much it rises with the speed in sides of the face a second.
CUTOFF_HZ, SLOPE = 1.5, 8.0


@dataclass(slots=True)
class _Known:
    id: int | None = None
    found: int = 0
    misses: int = 0
    seen_at_s: float = 0.0
    missing_since_s: float | None = None
    box: OneEuroFilter = field(default_factory=lambda: OneEuroFilter(CUTOFF_HZ, SLOPE))
    points: OneEuroFilter = field(default_factory=lambda: OneEuroFilter(CUTOFF_HZ, SLOPE))

    def seen(self, now_s: float) -> None:
        self.found, self.misses, self.missing_since_s, self.seen_at_s = self.found + 1, 0, None, now_s

    def missed(self, now_s: float) -> None:
        """The detector has looked; if it did not find this face, count that."""
        if self.seen_at_s == now_s:
            return
        self.misses += 1
        self.found = 0 if self.misses > MISSES else self.found
        self.missing_since_s = now_s if self.missing_since_s is None else self.missing_since_s

    @property
    def is_in_doubt(self) -> bool:
        return self.found > 0 and (self.id is None or self.misses > 0)

    def glide(self, face: Face, now_s: float) -> Face:
        """The face with its place filtered; the points follow the box and are filtered within it."""
        side = max(1.0, (face.box.width + face.box.height) / 2)
        box = box_around(self.box.update(center_and_sides(face.box), now_s, side))
        if face.points is None:
            return replace(face, box=box)
        shares = self.points.update((face.points - face.box.center) / (face.box.width, face.box.height), now_s)
        return replace(face, box=box, points=(shares * (box.width, box.height) + box.center).astype(np.float32))


class Tracker:
    """Follows people by the source's time; an id is never given twice, not even after `reset`."""

    def __init__(self, first_id: int = 1) -> None:
        self._next_id = first_id
        self._matcher = Matcher()
        self._known: dict[int, _Known] = {}
        self._looked_at_s: float | None = None
        self._lost = False  # somebody who was followed

    def update(self, faces: Sequence[Face], now_s: float) -> list[Track]:
        """Who is shown in a picture in which the detector has looked, those longest known first.

        Args:
            faces: What it found.
            now_s: The source's time.
        """
        slides = self._looked_at_s is None or now_s - self._looked_at_s > SLIDES_S
        self._looked_at_s, self._lost = now_s, False
        for key, face in zip(self._matcher.match(faces, now_s), faces, strict=True):
            if key is None:
                continue
            known = self._known.setdefault(key, _Known())
            known.seen(now_s)
            if known.id is None and known.found >= (1 if slides else self._times_wanted(face, now_s)):
                known.id, self._next_id = self._next_id, self._next_id + 1
        for known in self._known.values():
            known.missed(now_s)
        return self._shown(now_s, 0.0 if slides else SHOWN_S)

    def remembered(self, now_s: float) -> list[Face]:
        """Where motion leads everybody; who is missing counts as covered."""
        expected = self._matcher.expected(now_s)
        return [
            face if self._known[key].missing_since_s is None else replace(face, occluded=True)
            for key, face in expected.items()
        ]

    def expected(self, now_s: float) -> list[Face]:
        """Where motion leads those whom the last look found and of whom nothing covers a part, to be followed."""
        return list(self._followable(now_s).values())

    def follow(self, faces: Sequence[Face | None], now_s: float) -> list[Track]:
        """Who is shown in a picture between two looks.

        Args:
            faces: Those of `expected` where they are now, None for who is covered; empty where nobody can tell, so that
                they all are where motion leads.
        """
        known = self._followable(now_s)
        self._lost = self._lost or any(face is None for face in faces)
        for key, face in zip(known, faces, strict=False):
            if face is not None:
                self._matcher.follow(key, face, now_s)
        return self._shown(now_s, SHOWN_S)

    @property
    def in_doubt(self) -> bool:
        """Whether another look would tell of somebody who may have come or gone."""
        return self._lost or any(one.is_in_doubt for one in self._known.values())

    @property
    def fastest(self) -> float | None:
        """Speed of the fastest person whom only motion follows, in sides of the face a second; None without one."""
        return self._matcher.fastest

    def reset(self) -> None:
        """Drop everybody, for a new source with a clock of its own."""
        self._matcher.reset()
        self._known, self._looked_at_s, self._lost = {}, None, False

    def _times_wanted(self, face: Face, now_s: float) -> int:
        """How often somebody new is to be found before being shown."""
        expected = self._matcher.expected(now_s)
        shown = (expected[key] for key, known in self._known.items() if known.id is not None and key in expected)
        return TIMES_BESIDE if any(face.box.iou(other.box) > BESIDE for other in shown) else TIMES_FOUND

    def _followable(self, now_s: float) -> dict[int, Face]:
        expected = self._matcher.expected(now_s)
        seen = (key for key in expected if self._known[key].missing_since_s is None)
        return {key: expected[key] for key in seen if not expected[key].occluded}

    def _shown(self, now_s: float, shown_s: float) -> list[Track]:
        expected = self._matcher.expected(now_s)
        self._known = {key: self._known[key] for key in expected}
        glided = [(self._known[key], self._known[key].glide(face, now_s)) for key, face in expected.items()]
        tracks = [
            Track(known.id, face, seen=known.missing_since_s is None)
            for known, face in glided
            if known.id is not None and (known.missing_since_s is None or now_s - known.missing_since_s < shown_s)
        ]
        seen = [track.face.box for track in tracks if track.seen]
        return [one for one in tracks if one.seen or all(one.face.box.iou(box) <= BEHIND for box in seen)]

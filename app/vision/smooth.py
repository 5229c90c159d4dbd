"""Average what the models say of a track over time, so that labels do not flicker."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.domain import Attributes, Track

EMOTION_S = 0.4  # an expression lasts a second or so
STEADY_S = 5.0  # age and sex do not change while one looks
FORGET_S = 2.0


@dataclass(slots=True)
class _Memory:
    attributes: Attributes
    since_s: float
    at_s: float


class Smoother:
    """Keeps an average for every track, by the source's time."""

    def __init__(self) -> None:
        self._memories: dict[int, _Memory] = {}

    def update(self, tracks: Sequence[Track], read: Sequence[Attributes], now_s: float) -> list[Track]:
        """The tracks with attributes averaged up to now.

        Args:
            read: What the models say of each track in this picture.
            now_s: The source's time in seconds.
        """
        self._memories = {id: one for id, one in self._memories.items() if now_s - one.at_s <= FORGET_S}
        pairs = zip(tracks, read, strict=True)
        return [replace(track, attributes=self._averaged(track.id, fresh, now_s)) for track, fresh in pairs]

    def forget(self) -> None:
        """Drop everything, for a new source with a clock of its own."""
        self._memories = {}

    def _averaged(self, id: int, fresh: Attributes, now_s: float) -> Attributes:
        memory = self._memories.get(id)
        if memory is None:
            self._memories[id] = _Memory(fresh, now_s, now_s)
            return fresh
        step_s = max(0.0, now_s - memory.at_s)
        quick = 1 - math.exp(-step_s / EMOTION_S)
        # A plain mean at first, so that one bad first reading is soon outvoted.
        slow = step_s / min(STEADY_S, now_s - memory.since_s + step_s) if step_s else 0.0
        memory.attributes, memory.at_s = _mixed(memory.attributes, fresh, quick, slow), now_s
        return memory.attributes


def _mixed(old: Attributes, new: Attributes, quick: float, slow: float) -> Attributes:
    emotion = new.emotion
    if old.emotion is not None and new.emotion is not None:
        emotion = {label: _toward(old.emotion.get(label, p), p, quick) for label, p in new.emotion.items()}
    return Attributes(emotion, _steady(old.age_years, new.age_years, slow), _steady(old.p_female, new.p_female, slow))


def _steady(old: float | None, new: float | None, share: float) -> float | None:
    return new if old is None or new is None else _toward(old, new, share)


def _toward(old: float, new: float, share: float) -> float:
    return old + (new - old) * share

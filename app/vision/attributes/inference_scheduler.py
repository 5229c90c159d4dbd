"""Which faces a model reads in which picture, by the source's time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.domain import Track

EARLY_S = 0.002  # time stamps are not exact
# Expressions come and go: readings a second of one face, of all together, and in one picture. The model reads both
# mirror images each time, so a reading costs as much as two of single ones.
OFTEN, OFTEN_OF_ALL, OFTEN_AT_ONCE = 15.0, 36.0, 4
# Age, sex and race stay: after each reading the next one is longer off, up to a limit; readings in one picture.
SELDOM_FIRST_S, SELDOM_GROWS, SELDOM_S, SELDOM_AT_ONCE = 0.2, 1.5, 3.0, 2
MASKS_S = 0.5  # likewise, of masks: they are put on and off, and two readings should show it within a second or so
# A picture much worse than the best one so far is left out, unless none better comes for so many times that wait.
GOOD, PATIENCE = 0.7, 3.0
FORGET_S = 10.0  # longer than anybody who comes back is remembered

Quality = Callable[[Track], float]


@dataclass(slots=True)
class _Read:
    at_s: float
    times: int = 0
    best: float = 0.0


class Schedule(Protocol):
    """The pace of one model.

    Attributes:
        wait: How many times as long as usual to wait between two readings of a face.
    """

    wait: float

    def due(self, tracks: Sequence[Track], now_s: float, quality: Quality) -> dict[int, float]:
        """The indices of the tracks to read now, each with how good its picture is.

        A face that was never read always is.
        """

    def reset(self) -> None:
        """Begin a new source."""


class Often:
    """Every face many times a second, fewer times where there are many; the quality does not matter."""

    def __init__(self) -> None:
        self.wait = 1.0
        self._read: dict[int, _Read] = {}

    def due(self, tracks: Sequence[Track], now_s: float, quality: Quality) -> dict[int, float]:
        self._read = _remembered(self._read, tracks, now_s)
        every_s = self.wait * max(1 / OFTEN, len(tracks) / OFTEN_OF_ALL)
        new, waiting = _waiting(self._read, tracks, now_s, lambda read: every_s)
        chosen = [*new, *waiting[:OFTEN_AT_ONCE]]
        for index in chosen:
            self._read[tracks[index].id] = _Read(now_s)
        return dict.fromkeys(chosen, 1.0)

    def reset(self) -> None:
        self._read = {}


class Seldom:
    """A few good pictures of every face soon, then one now and then.

    Args:
        longest_s: How far off the next reading is at most, but for bad pictures.
    """

    def __init__(self, longest_s: float = SELDOM_S) -> None:
        self.wait, self._longest_s = 1.0, longest_s
        self._read: dict[int, _Read] = {}

    def due(self, tracks: Sequence[Track], now_s: float, quality: Quality) -> dict[int, float]:
        self._read = _remembered(self._read, tracks, now_s)
        new, waiting = _waiting(self._read, tracks, now_s, self._every_s)
        chosen = {index: quality(tracks[index]) for index in new}
        for index in waiting:
            if len(chosen) >= len(new) + SELDOM_AT_ONCE:
                break
            read, good = self._read[tracks[index].id], quality(tracks[index])
            if good >= GOOD * read.best or now_s - read.at_s >= PATIENCE * self._every_s(read):
                chosen[index] = good
        for index, good in chosen.items():
            read = self._read.get(tracks[index].id, _Read(now_s))
            self._read[tracks[index].id] = _Read(now_s, read.times + 1, max(read.best, good))
        return chosen

    def reset(self) -> None:
        self._read = {}

    def _every_s(self, read: _Read) -> float:
        return self.wait * min(self._longest_s, SELDOM_FIRST_S * SELDOM_GROWS ** (read.times - 1))


def _remembered(read: dict[int, _Read], tracks: Sequence[Track], now_s: float) -> dict[int, _Read]:
    here = {track.id for track in tracks}
    return {id: one for id, one in read.items() if id in here or now_s - one.at_s <= FORGET_S}


def _waiting(
    read: dict[int, _Read], tracks: Sequence[Track], now_s: float, every_s: Callable[[_Read], float]
) -> tuple[list[int], list[int]]:
    """Indices of the tracks that were never read, and of those whose time has come, the longest waiting first."""
    new = [index for index, track in enumerate(tracks) if track.id not in read]
    known = [(read[track.id], index) for index, track in enumerate(tracks) if track.id in read]
    due = [(one.at_s, index) for one, index in known if now_s - one.at_s >= every_s(one) - EARLY_S]
    return new, [index for _, index in sorted(due)]

"""Decide which faces each attribute model runs on in which frame, by source time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.domain import Track

# Time stamps jitter; a face this close to its time is due.
TIME_STAMP_TOLERANCE_S = 0.002
# Expressions last fractions of a second. Limits in model runs per second for one face and for all faces, and in runs
# per frame; a run costs two forward passes, since the emotion model averages over the mirrored image.
FIXED_RATE_HZ = 15.0
FIXED_RATE_ALL_FACES_HZ = 36.0
FIXED_RATE_MAX_PER_FRAME = 4
# For constant attributes the interval starts short and grows with every run up to a limit.
BACKOFF_FIRST_INTERVAL_S = 0.2
BACKOFF_FACTOR = 1.5
BACKOFF_MAX_INTERVAL_S = 3.0
BACKOFF_MAX_PER_FRAME = 2
# States change, such as glasses that are put on; two runs should show it within about a second.
STATE_MAX_INTERVAL_S = 0.5
# Skip crops below 70 % of the best quality so far, unless three intervals have passed.
MIN_RELATIVE_QUALITY = 0.7
MAX_SKIPPED_INTERVALS = 3.0
# Longer than the tracker remembers a lost face.
FORGET_AFTER_S = 10.0

QualityFunction = Callable[[Track], float]


@dataclass(slots=True)
class _LastRun:
    at_s: float
    count: int = 0
    best_quality: float = 0.0


class InferenceScheduler(Protocol):
    """Schedule of one model.

    Attributes:
        interval_factor: Factor on the time between two runs on a face.
    """

    interval_factor: float

    def select(self, tracks: Sequence[Track], now_s: float, quality: QualityFunction) -> dict[int, float]:
        """Select the tracks to run the model on now; a face without any run is always selected.

        Returns:
            Index into `tracks` -> crop quality, 0 to 1.
        """

    def reset(self) -> None:
        """Start a new source."""


class FixedRateScheduler:
    """Runs on every face at a fixed rate, lower if there are many faces; ignores the crop quality."""

    def __init__(self) -> None:
        self.interval_factor = 1.0
        self._last_runs: dict[int, _LastRun] = {}

    def select(self, tracks: Sequence[Track], now_s: float, quality: QualityFunction) -> dict[int, float]:
        """Select the tracks that are due, each with quality 1."""
        self._last_runs = _without_old(self._last_runs, tracks, now_s)
        interval_s = self.interval_factor * max(1 / FIXED_RATE_HZ, len(tracks) / FIXED_RATE_ALL_FACES_HZ)
        new, due = _new_and_due(self._last_runs, tracks, now_s, lambda last: interval_s)
        selected = [*new, *due[:FIXED_RATE_MAX_PER_FRAME]]
        for index in selected:
            self._last_runs[tracks[index].id] = _LastRun(now_s)
        return dict.fromkeys(selected, 1.0)

    def reset(self) -> None:
        """Start a new source."""
        self._last_runs = {}


class BackoffScheduler:
    """Runs on a few good crops of every face soon, then at growing intervals.

    Args:
        max_interval_s: Upper limit of the interval, except for poor crops.
    """

    def __init__(self, max_interval_s: float = BACKOFF_MAX_INTERVAL_S) -> None:
        self.interval_factor, self._max_interval_s = 1.0, max_interval_s
        self._last_runs: dict[int, _LastRun] = {}

    def select(self, tracks: Sequence[Track], now_s: float, quality: QualityFunction) -> dict[int, float]:
        """Select the tracks that are due, each with its crop quality."""
        self._last_runs = _without_old(self._last_runs, tracks, now_s)
        new, due = _new_and_due(self._last_runs, tracks, now_s, self._interval_s)
        selected = {index: quality(tracks[index]) for index in new}
        for index in due:
            if len(selected) >= len(new) + BACKOFF_MAX_PER_FRAME:
                break
            score = quality(tracks[index])
            if self._accepts(self._last_runs[tracks[index].id], score, now_s):
                selected[index] = score
        for index, score in selected.items():
            last = self._last_runs.get(tracks[index].id, _LastRun(now_s))
            self._last_runs[tracks[index].id] = _LastRun(now_s, last.count + 1, max(last.best_quality, score))
        return selected

    def reset(self) -> None:
        """Start a new source."""
        self._last_runs = {}

    def _accepts(self, last: _LastRun, score: float, now_s: float) -> bool:
        """Whether the crop is good enough, or has been waited for long enough."""
        has_waited = now_s - last.at_s >= MAX_SKIPPED_INTERVALS * self._interval_s(last)
        return has_waited or score >= MIN_RELATIVE_QUALITY * last.best_quality

    def _interval_s(self, last: _LastRun) -> float:
        grown_s = BACKOFF_FIRST_INTERVAL_S * BACKOFF_FACTOR ** (last.count - 1)
        return self.interval_factor * min(self._max_interval_s, grown_s)


def _without_old(last_runs: dict[int, _LastRun], tracks: Sequence[Track], now_s: float) -> dict[int, _LastRun]:
    current = {track.id for track in tracks}
    return {id: last for id, last in last_runs.items() if id in current or now_s - last.at_s <= FORGET_AFTER_S}


def _new_and_due(
    last_runs: dict[int, _LastRun], tracks: Sequence[Track], now_s: float, interval_s: Callable[[_LastRun], float]
) -> tuple[list[int], list[int]]:
    """Indices of the tracks without any run, and of those whose interval has passed, the longest waiting first."""
    new = [index for index, track in enumerate(tracks) if track.id not in last_runs]
    known = [(last_runs[track.id], index) for index, track in enumerate(tracks) if track.id in last_runs]
    due = [
        (last.at_s, index) for last, index in known if now_s - last.at_s >= interval_s(last) - TIME_STAMP_TOLERANCE_S
    ]
    return new, [index for _, index in sorted(due)]

"""When pictures are taken: at the pace of their own times, and only a few of them while nobody watches."""

from __future__ import annotations

from app.vision.capture.frame_source import Clock

IDLE_S = 0.5  # twice a second, so that the state is known and whoever comes finds people where they are
LINGER_S = 2.0  # who loads a page anew, or takes a snapshot every second, finds the same people
EARLY_S = 0.002  # time stamps are not exact
LATE_S = 0.5  # a source that lags by more starts counting anew instead of racing to catch up


class Pace:
    """Follows the time at which pictures come; the first one is always due."""

    def __init__(self) -> None:
        self._rests_from_s = self._next_s = float("-inf")

    def is_due(self, now_s: float, watched: bool) -> bool:
        """Whether to take the picture that comes now; whoever is told so does."""
        if watched:
            self._rests_from_s = now_s + LINGER_S
        due = now_s < self._rests_from_s or now_s >= self._next_s - EARLY_S
        if due:
            self._next_s = now_s + IDLE_S
        return due


class Pacer:
    """Says how long to wait so that pictures come at the pace of their own times."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._start_s: float | None = None

    def wait_s(self, time_s: float) -> float:
        now = self._clock()
        if self._start_s is None or now - self._start_s - time_s > LATE_S:
            self._start_s = now - time_s
        return max(0.0, self._start_s + time_s - now)

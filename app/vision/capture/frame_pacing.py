"""Pace frames: play files at their own frame rate, and read only a few frames while there are no viewers."""

from __future__ import annotations

import math

from app.vision.capture.frame_source import Clock

# Without viewers two frames per second are enough to know the state of the camera and to keep the tracks.
IDLE_INTERVAL_S = 0.5
# Full rate continues this long after the last viewer: a page reload finds the same tracks.
LINGER_S = 2.0
# Time stamps jitter; a frame this close to its time is due.
TIME_STAMP_TOLERANCE_S = 0.002
# A source that is later than this restarts its clock instead of catching up in a burst.
MAX_LAG_S = 0.5


class IdleThrottle:
    """Selects the frames to analyse: all of them for viewers, a few without; always the first one."""

    def __init__(self) -> None:
        self._idle_from_s = self._next_s = float("-inf")

    def is_due(self, now_s: float, has_viewers: bool) -> bool:
        """Whether to analyse the frame that arrives now; the caller must then do so."""
        if has_viewers:
            self._idle_from_s = now_s + LINGER_S
        due = now_s < self._idle_from_s or now_s >= self._next_s - TIME_STAMP_TOLERANCE_S
        if due:
            self._next_s = now_s + IDLE_INTERVAL_S
        return due


class PlaybackClock:
    """Maps the time stamps of a file to waiting times, for playback at its own rate, of at most `max_wait_s`."""

    def __init__(self, clock: Clock, max_wait_s: float = math.inf) -> None:
        self._clock, self._max_wait_s = clock, max_wait_s
        self._started_at_s: float | None = None

    def wait_s(self, time_s: float) -> float:
        """Seconds to wait until a frame with this time stamp is due."""
        now_s = self._clock()
        if self._started_at_s is None or now_s - self._started_at_s - time_s > MAX_LAG_S:
            self._started_at_s = now_s - time_s
        # A header may claim that the next frame is due in an hour.
        self._started_at_s = min(self._started_at_s, now_s + self._max_wait_s - time_s)
        return max(0.0, self._started_at_s + time_s - now_s)

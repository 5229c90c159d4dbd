"""The newest result, who waits for it, and which views are watched."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain import FrameResult
from app.errors import TooManyViews

MAX_VIEWS = 16
LATENCIES = 600  # frames over which percentiles are taken


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """Milliseconds from reading a frame to publishing it."""

    recent_ms: float | None
    p50_ms: float | None
    p95_ms: float | None


class ViewSubscription:
    """One viewer of one view; closing it twice counts once."""

    def __init__(self, broadcaster: FrameBroadcaster, key: str) -> None:
        self._hub = broadcaster
        self.key = key
        self._open = True

    def close(self) -> None:
        if self._open:
            self._open = False
            self._hub.leave(self.key)


class FrameBroadcaster:
    """Hands the newest result to any number of viewers, who wait without polling and skip what they miss.

    Attributes:
        newest: The newest result; None before the first.
        closed: True once the server stops; streams end.
    """

    def __init__(
        self,
        views_changed: Callable[[Sequence[str]], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        max_views: int = MAX_VIEWS,
    ) -> None:
        self._views_changed = views_changed
        self._clock = clock
        self._most_views = max_views
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._told: Sequence[str] = ()
        self._viewers: Counter[str] = Counter()
        self._arrived = threading.Event()
        self._published_s = 0.0
        self._latencies: deque[tuple[float, float]] = deque(maxlen=LATENCIES)
        self.newest: FrameResult | None = None
        self.closed = False

    def publish(self, result: FrameResult) -> None:
        """Make a result the newest and wake everyone who waits."""
        now_s = self._clock()
        with self._lock:
            self._published_s = now_s
            self._latencies.append((now_s, 1000 * (now_s - result.read_at_s)))
            self.newest = result
            arrived, self._arrived = self._arrived, threading.Event()
        arrived.set()

    def newer(self, than: FrameResult | None, timeout_s: float) -> FrameResult | None:
        """The newest result if it is another than `than`, else the next one; None if none comes in time."""
        with self._lock:
            newest, arrived = self.newest, self._arrived
        if newest is not than:
            return newest
        arrived.wait(timeout_s)
        return self.newest if self.newest is not than else None

    def watch(self, key: str) -> ViewSubscription:
        """Count one viewer of a view until the watch is closed.

        Raises:
            TooManyViews: the view would be one too many.
        """
        with self._lock:
            if key not in self._viewers and len(self._viewers) >= self._most_views:
                raise TooManyViews(f"{self._most_views} different views are drawn already; close one or show the same")
            self._viewers[key] += 1
        self._tell()
        return ViewSubscription(self, key)

    def leave(self, key: str) -> None:
        """Count one viewer less (called by `ViewSubscription`)."""
        with self._lock:
            self._viewers[key] -= 1
            if not self._viewers[key]:
                del self._viewers[key]
        self._tell()

    @property
    def viewers(self) -> int:
        return self._viewers.total()

    @property
    def age_s(self) -> float | None:
        """Seconds since the newest result came; None before the first."""
        return None if self.newest is None else max(0.0, self._clock() - self._published_s)

    def latency(self) -> LatencySummary:
        """The median of the last second, and percentiles of the last `LATENCIES` frames."""
        with self._lock:
            pairs = list(self._latencies)
        since_s = self._clock() - 1.0
        recent = sorted(ms for published_s, ms in pairs if published_s >= since_s)
        every = sorted(ms for _, ms in pairs)
        return LatencySummary(_quantile(recent or every[-1:], 0.5), _quantile(every, 0.5), _quantile(every, 0.95))

    def close(self) -> None:
        """End every stream."""
        self.closed = True
        self._arrived.set()

    def _tell(self) -> None:
        """Pass on the views in use if they changed; one at a time, so that the last word is the newest."""
        with self._telling:
            with self._lock:
                keys = sorted(self._viewers)
            if keys != list(self._told):
                self._told = keys
                self._views_changed(keys)


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    return round(ordered[round(share * (len(ordered) - 1))], 2) if ordered else None

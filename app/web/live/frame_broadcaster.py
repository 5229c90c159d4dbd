"""Publish the newest frame result to all viewers and track which views are in use."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain import FrameResult
from app.web.live.view_allocation import ViewAllocation, ViewSubscription

# Distinct views at a time. Each is drawn and encoded for every frame; JPEG alone takes 0.75 ms at 640x480.
MAX_VIEWS = 16
# Frames over which latency percentiles are computed: 20 s at 30 frames per second.
LATENCY_WINDOW_FRAMES = 600
# Age of the frames that count for the recent latency.
RECENT_LATENCY_S = 1.0


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """Milliseconds from reading a frame to publishing its result; None before the first frame."""

    recent_ms: float | None
    p50_ms: float | None
    p95_ms: float | None


class FrameBroadcaster:
    """Hands the newest result to any number of viewers. They wait without polling and skip frames they miss.

    Args:
        on_views_changed: Called with the sorted keys of all views in use when they change.
        clock: Monotonic time in seconds.
        max_views: Limit of distinct views.
        default_key: The view that always has a place.

    Attributes:
        newest: The newest result; None before the first.
        closed: True once the server stops, which ends all streams.
    """

    def __init__(
        self,
        on_views_changed: Callable[[Sequence[str]], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        max_views: int = MAX_VIEWS,
        default_key: str = "",
    ) -> None:
        self._on_views_changed = on_views_changed
        self._clock = clock
        self._lock = threading.Lock()
        self._report_lock = threading.Lock()
        self._reported_views: Sequence[str] = ()
        self._views = ViewAllocation(max_views, default_key)
        self._new_frame = threading.Event()
        self._published_at_s = 0.0
        self._latencies: deque[tuple[float, float]] = deque(maxlen=LATENCY_WINDOW_FRAMES)
        self.newest: FrameResult | None = None
        self.closed = False

    def publish(self, result: FrameResult) -> None:
        """Store the newest result and wake all waiting viewers."""
        now_s = self._clock()
        with self._lock:
            self._published_at_s = now_s
            self._latencies.append((now_s, 1000 * (now_s - result.read_at_s)))
            self.newest = result
            new_frame, self._new_frame = self._new_frame, threading.Event()
        new_frame.set()

    def wait_for_newer(self, than: FrameResult | None, timeout_s: float) -> FrameResult | None:
        """Return the newest result if it is not `than`, else wait for the next one; None on timeout."""
        with self._lock:
            newest, new_frame = self.newest, self._new_frame
        if newest is not than:
            return newest
        new_frame.wait(timeout_s)
        return self.newest if self.newest is not than else None

    def subscribe(self, key: str, client: str = "", alternatives: Sequence[str] = ()) -> ViewSubscription:
        """Add one viewer of a view until the subscription is closed.

        Args:
            client: Whose viewer it is: each client is entitled to one view.
            alternatives: Views of which one in use is shown instead if there is no place for another view; the key of
                the subscription tells which.

        Raises:
            TooManyViews: the limit of distinct views is reached, and none of them can give way.
        """
        subscription = ViewSubscription(key, client, self._unsubscribe)
        with self._lock:
            self._views.add(subscription, alternatives)
        self._report_views()
        return subscription

    def _unsubscribe(self, subscription: ViewSubscription) -> None:
        with self._lock:
            self._views.remove(subscription)
        self._report_views()

    @property
    def viewers(self) -> int:
        """Number of open subscriptions."""
        return self._views.viewers

    @property
    def age_s(self) -> float | None:
        """Seconds since the newest result was published; None before the first."""
        return None if self.newest is None else max(0.0, self._clock() - self._published_at_s)

    def latency(self) -> LatencySummary:
        """The median of the last second and the percentiles of the last `LATENCY_WINDOW_FRAMES` frames."""
        with self._lock:
            samples = list(self._latencies)
        since_s = self._clock() - RECENT_LATENCY_S
        recent_ms = sorted(latency_ms for published_at_s, latency_ms in samples if published_at_s >= since_s)
        all_ms = sorted(latency_ms for _, latency_ms in samples)
        return LatencySummary(_quantile(recent_ms or all_ms[-1:], 0.5), _quantile(all_ms, 0.5), _quantile(all_ms, 0.95))

    def close(self) -> None:
        """End all streams."""
        self.closed = True
        self._new_frame.set()

    def _report_views(self) -> None:
        """Report the views in use if they changed. Serialised, so that the last report is the newest state."""
        with self._report_lock:
            with self._lock:
                keys = sorted(self._views.keys)
            if keys != list(self._reported_views):
                self._reported_views = keys
                self._on_views_changed(keys)


def _quantile(sorted_values: Sequence[float], fraction: float) -> float | None:
    """Nearest-rank quantile, rounded to two digits; None without values."""
    return round(sorted_values[round(fraction * (len(sorted_values) - 1))], 2) if sorted_values else None

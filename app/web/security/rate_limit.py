"""Limit how often each client may do something."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

# Clients remembered at a time, which bounds memory. Beyond it the least recently active client is forgotten.
MAX_KEYS = 4096


class RateLimit:
    """Sliding-window limit per key.

    Args:
        max_uses: Uses that a key may make within any window.
        window_s: Length of the window in seconds.
        clock: Monotonic time in seconds.
    """

    def __init__(self, max_uses: int, window_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.window_s = window_s
        self._max_uses = max_uses
        self._clock = clock
        self._use_times_s: OrderedDict[str, deque[float]] = OrderedDict()

    def try_use(self, key: str) -> bool:
        """Count one use and return True; return False without counting if the limit is reached."""
        if self.is_exhausted(key):
            return False
        times_s = self._use_times_s.setdefault(key, deque())
        times_s.append(self._clock())
        self._use_times_s.move_to_end(key)
        while len(self._use_times_s) > MAX_KEYS:
            self._use_times_s.popitem(last=False)
        return True

    def is_exhausted(self, key: str) -> bool:
        """Whether the key has reached the limit."""
        times_s = self._use_times_s.get(key, deque())
        while times_s and times_s[0] <= self._clock() - self.window_s:
            times_s.popleft()
        return len(times_s) >= self._max_uses

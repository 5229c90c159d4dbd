"""Bound how often one client may do something."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

MAX_KEYS = 4096  # clients remembered; of more the longest unseen is forgotten


class RateLimit:
    """At most `most` uses a key within any `within_s` seconds."""

    def __init__(self, most: int, within_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.within_s = within_s
        self._most = most
        self._clock = clock
        self._uses: OrderedDict[str, deque[float]] = OrderedDict()

    def use(self, key: str) -> bool:
        """Count one use; False, and nothing counted, where the key has none left."""
        if self.spent(key):
            return False
        uses = self._uses.setdefault(key, deque())
        uses.append(self._clock())
        self._uses.move_to_end(key)
        while len(self._uses) > MAX_KEYS:
            self._uses.popitem(last=False)
        return True

    def spent(self, key: str) -> bool:
        """Whether the key has no use left now."""
        uses = self._uses.get(key, deque())
        while uses and uses[0] <= self._clock() - self.within_s:
            uses.popleft()
        return len(uses) >= self._most

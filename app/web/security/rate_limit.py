"""Limit how often each client may do something."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable

# Clients remembered at a time, which bounds memory. Beyond it the least recently active client is forgotten.
MAX_KEYS = 4096
# A network provider assigns at least this prefix of IPv6 to one customer (RFC 6177), who may use any address in it.
IPV6_CUSTOMER_PREFIX_BITS = 64


def client_network(address: str) -> str:
    """The key under which a client is counted: its IPv4 address, or the /64 network of its IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_CUSTOMER_PREFIX_BITS), strict=False))


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


class TokenBucket:
    """Limit of a single connection: a burst, then a steady rate. Uses constant memory.

    Args:
        burst: Uses that are possible at once.
        per_s: Uses regained per second.
        clock: Monotonic time in seconds.
    """

    def __init__(self, burst: int, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._per_s, self._clock = burst, per_s, clock
        self._tokens, self._updated_at_s = float(burst), clock()

    def try_use(self) -> bool:
        """Count one use and return True; False if the bucket is empty."""
        now_s = self._clock()
        self._tokens = min(self._burst, self._tokens + (now_s - self._updated_at_s) * self._per_s)
        self._updated_at_s = now_s
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

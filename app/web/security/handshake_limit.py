"""Limit the Socket.IO connections of each client, and drop those that never finish their handshake."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

# A page finishes its handshake within one round trip; this also suits a slow mobile network.
HANDSHAKE_TIMEOUT_S = 5.0
# Unfinished handshakes of one client at a time. Each is dropped after the timeout: at most 20 a second.
MAX_UNFINISHED = 100
# Connections of one client at a time, finished or not: several pages of everyone behind one address. One that ends
# early counts until the timeout, since the library also remembers it for a while: at most 51 new ones a second.
MAX_OPEN = 256
# Connections of all clients, which bounds memory: 8 to 10 kB each (measured).
MAX_TOTAL = 2048


@dataclass(slots=True)
class _Connection:
    client: str
    opened_at_s: float
    is_finished: bool = False
    has_ended: bool = False


class HandshakeLimit:
    """Counts connections by client. May be used from several threads.

    Args:
        clock: Monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._connections: dict[str, _Connection] = {}
        self._open: Counter[str] = Counter()
        self._unfinished: Counter[str] = Counter()

    def may_begin(self, client: str) -> bool:
        """Whether the client may open a further connection."""
        with self._lock:
            return (
                self._unfinished[client] < MAX_UNFINISHED
                and self._open[client] < MAX_OPEN
                and len(self._connections) < MAX_TOTAL
            )

    def begin(self, sid: str, client: str) -> None:
        """Count a new connection, whose handshake is unfinished."""
        with self._lock:
            self._connections[sid] = _Connection(client, self._clock())
            self._open[client] += 1
            self._unfinished[client] += 1

    def finish(self, sid: str) -> None:
        """Note that the handshake of a connection is finished."""
        with self._lock:
            connection = self._connections.get(sid)
            if connection is not None and not connection.is_finished:
                connection.is_finished = True
                _subtract(self._unfinished, connection.client)

    def end(self, sid: str) -> None:
        """Note that a connection was closed. May be called twice."""
        self.finish(sid)
        with self._lock:
            connection = self._connections.get(sid)
            if connection is not None:
                connection.has_ended = True

    def expire(self) -> list[str]:
        """Forget ended connections; returns the ids of those whose handshake is unfinished after the timeout."""
        before_s = self._clock() - HANDSHAKE_TIMEOUT_S
        with self._lock:
            old = [(sid, item) for sid, item in self._connections.items() if item.opened_at_s <= before_s]
            for sid, connection in old:
                if connection.has_ended:
                    del self._connections[sid]
                    _subtract(self._open, connection.client)
            return [sid for sid, connection in old if not connection.is_finished]


def _subtract(counts: Counter[str], client: str) -> None:
    """Subtract one and forget a client without connections, so that memory is bounded."""
    counts[client] -= 1
    if not counts[client]:
        del counts[client]

"""Limits on connections and requests, the same for every server, and the log line of a refused request."""

from __future__ import annotations

import logging

# A connection without requests is closed after this; twice the interval of Socket.IO's pings.
KEEP_ALIVE_S = 20.0
# Time that a client may take to receive a part of a response or to send a request.
SOCKET_TIMEOUT_S = 30.0
# Longest request line; the longest that gunicorn can be set to.
MAX_LINE_BYTES = 8190

log = logging.getLogger(__name__)


def log_refused_request(address: str, status: int) -> None:
    """Log a request that is no HTTP or too long. Nothing that the client sent is repeated."""
    log.warning("refused a malformed request of %s: status %d", address, status)

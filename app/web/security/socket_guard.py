"""Keep Socket.IO connections within limits: handshakes, idle ones that were never finished, messages of each."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.web.security.handshake_limit import HANDSHAKE_TIMEOUT_S, HandshakeLimit
from app.web.security.rate_limit import TokenBucket, client_network

# Messages of one connection: twice as many as are carried out, so that a busy page is told and not cut off.
MESSAGE_BURST = 60
MESSAGES_PER_S = 6.0
# How often unfinished handshakes are looked for.
CHECK_INTERVAL_S = 1.0
SOCKET_PATH = "/socket.io/"
# Key of a connection's id in its WSGI environment.
CONNECTION_ID = "app.connection_id"

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

log = logging.getLogger(__name__)


class SocketGuard:
    """Watches the connections of an Engine.IO server through its event handlers.

    Args:
        server: The `engineio.Server`, whose handlers are wrapped.
        clock: Monotonic time in seconds.
    """

    def __init__(self, server: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._clock = clock
        self._limit = HandshakeLimit(clock)
        self._budgets: dict[str, TokenBucket] = {}
        self._closed = server.create_event()
        self._inner = dict(server.handlers)
        for event, handler in (("connect", self._connect), ("message", self._message), ("disconnect", self._end)):
            server.on(event, handler)

    def middleware(self, inner: Wsgi) -> Wsgi:
        """WSGI middleware in front of the Engine.IO server: refuses handshakes beyond the limits and of other sites."""

        def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            if not _is_handshake(environ):
                return inner(environ, start_response)
            if environ.get("HTTP_SEC_FETCH_SITE", "none") not in ("same-origin", "none"):
                return refuse(start_response, "403 Forbidden", "only pages of this server may connect")
            if self._closed.is_set() or not self._limit.may_begin(_client(environ)):
                log.warning("refused a connection of %s: too many are open or unfinished", environ.get("REMOTE_ADDR"))
                return refuse(start_response, "429 Too Many Requests", "too many connections; try again in a moment")
            return inner(environ, start_response)

        return guarded

    def finish_handshake(self, environ: dict[str, Any]) -> None:
        """Note that the connection with this WSGI environment has finished its handshake."""
        self._limit.finish(environ.get(CONNECTION_ID, ""))

    def run(self) -> None:
        """Drop unfinished handshakes until closed. For a background task."""
        while not self._closed.wait(CHECK_INTERVAL_S):
            for sid in self._limit.expire():
                self._close(sid)

    def close(self) -> None:
        """End `run` and all connections, of which some wait for up to 20 s for something to send."""
        self._closed.set()
        for sid in list(self._server.sockets):
            self._close(sid)

    def _connect(self, sid: str, environ: dict[str, Any]) -> Any:
        environ[CONNECTION_ID] = sid
        self._limit.begin(sid, _client(environ))
        self._budgets[sid] = TokenBucket(MESSAGE_BURST, MESSAGES_PER_S, self._clock)
        return self._inner["connect"](sid, environ)

    def _message(self, sid: str, data: Any) -> Any:
        budget = self._budgets.get(sid)
        if budget is not None and not budget.try_use():
            log.warning("closed a connection that sent more than %d messages at once", MESSAGE_BURST)
            return self._close(sid)
        return self._inner["message"](sid, data)

    def _end(self, sid: str, reason: str) -> Any:
        self._limit.end(sid)
        self._budgets.pop(sid, None)
        return self._inner["disconnect"](sid, reason)

    def _close(self, sid: str) -> None:
        """Close a connection without waiting for its client, as `engineio.Server.disconnect` would."""
        socket = self._server.sockets.get(sid)
        if socket is None:
            self._limit.end(sid)
            return
        socket.close(wait=False, abort=True, reason=self._server.reason.SERVER_DISCONNECT)
        with suppress(KeyError):  # a request of the client has removed it
            del self._server.sockets[sid]


def _is_handshake(environ: dict[str, Any]) -> bool:
    """Whether a request opens a connection: one without the id of a connection."""
    return environ.get("PATH_INFO", "").startswith(SOCKET_PATH) and "sid" not in parse_qs(
        environ.get("QUERY_STRING", "")
    )


def _client(environ: dict[str, Any]) -> str:
    """The key under which handshakes are counted.

    Pages of this server are counted apart from other programs at the same address, so that a flood of these does not
    keep the owner's page out. Browsers do not let other pages set the headers that tell them apart.
    """
    kind = "page" if is_own_page(environ) else "other"
    return f"{client_network(environ.get('REMOTE_ADDR', ''))} {kind}"


def is_own_page(environ: dict[str, Any]) -> bool:
    """Whether a request comes from a page of this server."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return bool(environ.get("HTTP_SEC_FETCH_SITE") == "same-origin")
    with suppress(ValueError):
        return bool(urlsplit(origin).netloc.lower() == environ.get("HTTP_HOST", "").lower())
    return False


def refuse(start_response: Callable[..., Any], status: str, reason: str) -> Iterable[bytes]:
    """Answer a request that opens no connection with one line of JSON."""
    body = f'{{"error": "{reason}"}}\n'.encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
        ("Retry-After", f"{HANDSHAKE_TIMEOUT_S:.0f}"),
    ]
    start_response(status, headers)
    return [body]

"""WebSockets on operating-system threads, with limits on what a client sends."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import simple_websocket
from engineio.async_drivers.threading import SimpleWebSocketWSGI
from wsproto.events import CloseConnection, Event
from wsproto.utilities import LocalProtocolError

from app.web.security.rate_limit import TokenBucket
from app.web.servers.websocket_frame_limits import FRAME_BURST, FRAMES_PER_S, POLICY_VIOLATION, TOO_MANY_FRAMES

log = logging.getLogger(__name__)


class LimitedWebSocketServer(SimpleWebSocketWSGI):
    """Engine.IO's server side of a WebSocket, which opens a `LimitedWebSocket`.

    Engine.IO does not pass its limit on the size of a message to `simple_websocket`.
    """

    def __init__(self, handler: Callable[..., Any], server: Any) -> None:
        super().__init__(handler, server)
        self._max_message_bytes = int(server.max_http_buffer_size)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Serve the connection until it is closed; ends as the web server expects it of a connection taken over."""
        self.ws = LimitedWebSocket(environ, max_message_size=self._max_message_bytes)
        response = self.app(self)
        # The web server closes the connection next. A thread that still used it could write to a new one with the same
        # file descriptor.
        self.close()
        self.ws.thread.join()
        if self.ws.mode == "gunicorn":
            raise StopIteration
        if self.ws.mode == "werkzeug":
            raise ConnectionError
        return response


class LimitedWebSocket(simple_websocket.Server):
    """Closes the connection when frames come too fast."""

    def handshake(self) -> None:
        """Answer the handshake, then count what the client sends."""
        super().handshake()
        self.ws: Any = CountedFrames(self.ws, self.environ.get("REMOTE_ADDR", ""))

    def _thread(self) -> None:
        """Read until the connection ends, then wake `receive`, which the inherited method can miss."""
        try:
            super()._thread()
        finally:
            self.connected = False
            self.event.set()

    def close(self, reason: int | None = None, message: str | None = None) -> None:
        """Close the connection. The inherited method leaves a thread waiting for a client that does not answer."""
        with suppress(OSError, LocalProtocolError, simple_websocket.ConnectionClosed):  # it is being closed already
            super().close(reason, message)
        self.connected = False
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)


class CountedFrames:
    """A `wsproto.WSConnection` that ends when frames come too fast.

    Args:
        inner: The connection.
        address: Of the client, for the log.
    """

    def __init__(self, inner: Any, address: str) -> None:
        self._inner, self._address = inner, address
        self._budget = TokenBucket(FRAME_BURST, FRAMES_PER_S)

    def events(self) -> Iterator[Event]:
        """What the client has sent. Messages come in parts, one for each frame."""
        for event in self._inner.events():
            if not self._budget.try_use():
                log.warning(TOO_MANY_FRAMES, self._address)
                yield CloseConnection(POLICY_VIOLATION, "Too many frames.")
                return
            yield event

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

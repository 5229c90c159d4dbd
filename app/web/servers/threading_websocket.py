"""WebSockets on operating-system threads, with limits on what a client sends."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import simple_websocket
from engineio.async_drivers.threading import SimpleWebSocketWSGI
from wsproto.events import BytesMessage, CloseConnection, Event, TextMessage
from wsproto.utilities import LocalProtocolError

from app.web.security.rate_limit import TokenBucket
from app.web.servers.websocket_frame_limits import (
    CAMERA_LIMITS,
    PAGE_LIMITS,
    POLICY_VIOLATION,
    TOO_MANY_FRAMES,
    FrameLimits,
)

log = logging.getLogger(__name__)


class LimitedWebSocketServer(SimpleWebSocketWSGI):
    """Engine.IO's server side of a WebSocket, which opens a `LimitedWebSocket`.

    Engine.IO does not pass its limit on the size of a message to `simple_websocket`.

    Args:
        handler: Called with this object.
        server: Has `max_http_buffer_size`, the bytes of the longest message.
    """

    limits: FrameLimits = PAGE_LIMITS
    receive_bytes = 4096

    def __init__(self, handler: Callable[..., Any], server: Any) -> None:
        super().__init__(handler, server)
        self._max_message_bytes = int(server.max_http_buffer_size)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Serve the connection until it is closed; ends as the web server expects it of a connection taken over."""
        self.ws = LimitedWebSocket(
            self.limits, environ, max_message_size=self._max_message_bytes, receive_bytes=self.receive_bytes
        )
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

    def refuse(self, code: int, line: str) -> None:
        """Close the connection with a code and a line of at most 123 bytes."""
        self.ws.close(code, line)


class CameraWebSocketServer(LimitedWebSocketServer):
    """Server side of the WebSocket of a browser that gives its camera."""

    limits = CAMERA_LIMITS
    receive_bytes = 65536


class LimitedWebSocket(simple_websocket.Server):
    """Closes the connection when frames come too fast, or messages before those sent earlier were read."""

    def __init__(self, limits: FrameLimits, *args: Any, **options: Any) -> None:
        self._limits = limits
        super().__init__(*args, **options)

    def handshake(self) -> None:
        """Answer the handshake, then count what the client sends."""
        super().handshake()
        self.ws: Any = CountedFrames(self.ws, self.environ.get("REMOTE_ADDR", ""), self._limits)

    def send(self, data: str | bytes) -> None:
        """Send a message. The inherited method may send only a part of a long one."""
        if not self.connected:
            raise simple_websocket.ConnectionClosed(self.close_reason, self.close_message)
        message = BytesMessage(data=data) if isinstance(data, bytes) else TextMessage(data=data)
        try:
            self.sock.sendall(self.ws.send(message))
        except LocalProtocolError:  # another thread closes it
            raise simple_websocket.ConnectionClosed(self.close_reason, self.close_message) from None

    def _handle_events(self) -> bool:
        goes_on = bool(super()._handle_events())
        if len(self.input_buffer) > self._limits.waiting:
            log.warning(TOO_MANY_FRAMES, self.environ.get("REMOTE_ADDR", ""))
            self.close(POLICY_VIOLATION, "Too many messages.")
            return False
        return goes_on

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
        limits: Of the frames.
    """

    def __init__(self, inner: Any, address: str, limits: FrameLimits) -> None:
        self._inner, self._address = inner, address
        self._budget = TokenBucket(limits.burst, limits.per_s)

    def events(self) -> Iterator[Event]:
        """What the client has sent. Messages come in parts, at least one for each frame; the last one is counted."""
        for event in self._inner.events():
            if getattr(event, "frame_finished", True) and not self._budget.try_use():
                log.warning(TOO_MANY_FRAMES, self._address)
                yield CloseConnection(POLICY_VIOLATION, "Too many frames.")
                return
            yield event

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

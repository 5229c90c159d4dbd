"""The Socket.IO server: limits message sizes and logs malformed input as one line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, cast

from flask import Flask
from flask_socketio import SocketIO
from socketio.packet import BINARY_ACK, BINARY_EVENT, EVENT, Packet

from app.web.security.socket_guard import SocketGuard

# The largest valid message, a session name or a source of 1000 characters, is smaller than this.
MAX_MESSAGE_BYTES = 16 * 1024
# A client that does not respond is disconnected within the sum of both.
PING_INTERVAL_S = 10
PING_TIMEOUT_S = 10
# Characters of a malformed message's error that are logged.
MAX_LOGGED_CHARACTERS = 200
# Events that the library triggers itself; clients must not send them.
RESERVED_EVENTS = ("connect", "disconnect")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

log = logging.getLogger(__name__)


def build_socketio(app: Flask, async_mode: str, upload_limits: Mapping[str, int]) -> tuple[SocketIO, SocketGuard]:
    """Add Socket.IO to the app. Only pages of the same origin may connect, which is the library's default.

    Args:
        upload_limits: Most bytes of a body by path, where it is not `MAX_MESSAGE_BYTES`.
    Returns:
        The Socket.IO server, and the guard of its connections, which still has to be run.
    """
    logger = _one_line_logger()
    socketio = SocketIO(
        app,
        async_mode=async_mode,
        manage_session=False,
        # Events of a page one after the other: one thread for each would let a page start any number of them.
        async_handlers=False,
        max_http_buffer_size=MAX_MESSAGE_BYTES,
        ping_interval=PING_INTERVAL_S,
        ping_timeout=PING_TIMEOUT_S,
        logger=logger,
        engineio_logger=logger,
        serializer=TextOnlyPacket,
    )
    engine = socketio.server.eio
    # The classes that the library has for each async mode, a table of its instance, with limits on WebSocket frames.
    engine._async = {**engine._async, "websocket": _websocket_class(async_mode)}
    guard = SocketGuard(engine)
    app.wsgi_app = MalformedRequestGuard(guard.middleware(app.wsgi_app), upload_limits)  # type: ignore[method-assign]
    return socketio, guard


def _websocket_class(async_mode: str) -> type:
    """The WebSocket server of an async mode. Importing the other one would import eventlet where it is not used."""
    module = import_module(f"app.web.servers.{async_mode}_websocket")
    return cast(type, module.LimitedWebSocketServer)


class TextOnlyPacket(Packet):
    """Rejects binary packets. No event uses them, and the library would buffer their parts without limit."""

    def decode(self, encoded_packet: Any) -> int:
        """Decode a packet; returns the number of binary attachments.

        Raises:
            ValueError: the packet is binary, or an event without a valid name.
        """
        attachments: int = super().decode(encoded_packet)
        if self.packet_type in (BINARY_EVENT, BINARY_ACK):
            raise ValueError("binary packets are not supported")
        if self.packet_type == EVENT and not _has_event_name(self.data):
            raise ValueError("an event must be a list that begins with its name")
        return attachments


class MalformedRequestGuard:
    """WSGI middleware: rejects long bodies before reading them, and closes WebSockets that send malformed packets.

    Without it Engine.IO raises on malformed packets and waits without limit for bodies of unknown length.
    """

    def __init__(self, inner: Wsgi, upload_limits: Mapping[str, int]) -> None:
        self._inner, self._upload_limits = inner, upload_limits

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            limit = self._upload_limits.get(environ.get("PATH_INFO", ""), MAX_MESSAGE_BYTES)
            if int(environ.get("CONTENT_LENGTH") or 0) > limit:
                return _reject(start_response, "413 Content Too Large")
            if environ.get("HTTP_TRANSFER_ENCODING"):  # a body of unknown length
                return _reject(start_response, "411 Length Required")
            return self._inner(environ, start_response)
        except (OSError, StopIteration):  # the client has disconnected; gunicorn's end of a WebSocket
            raise
        except Exception as error:
            log.warning("closed a connection after a malformed request: %s", _first_line(error))
            return _reject(start_response, "400 Bad Request")


def _reject(start_response: Callable[..., Any], status: str) -> Iterable[bytes]:
    start_response(status, [("Connection", "close"), ("Content-Length", "0")])
    return [b""]


def _has_event_name(data: Any) -> bool:
    """Whether data begins with an event name that clients may send."""
    return isinstance(data, list) and bool(data) and isinstance(data[0], str) and data[0] not in RESERVED_EVENTS


def _one_line_logger() -> logging.Logger:
    logger = logging.getLogger("app.web.socketio")
    logger.setLevel(logging.WARNING)
    logger.addFilter(_remove_traceback)
    return logger


def _remove_traceback(record: logging.LogRecord) -> bool:
    """Log one line without a traceback: malformed input is not an error of this server."""
    if record.exc_info and record.exc_info[1]:
        record.msg, record.args = f"{record.getMessage()}: {_first_line(record.exc_info[1])}", ()
        record.exc_info = None
    return True


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0][:MAX_LOGGED_CHARACTERS] if lines else ''}"

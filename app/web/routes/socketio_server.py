"""Socket.IO on the app, made to bear what strangers send: small messages, and one line where they make no sense."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from flask_socketio import SocketIO
from socketio.packet import BINARY_ACK, BINARY_EVENT, EVENT, Packet

LARGEST_MESSAGE = 16 * 1024  # bytes; nothing that people send is larger
RESERVED = ("connect", "disconnect")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

log = logging.getLogger(__name__)


def build(app: Flask, async_mode: str) -> SocketIO:
    """Same origin only, which is the library's default; a silent client is gone within 20 s."""
    quiet = _one_line_logger()
    socketio = SocketIO(
        app,
        async_mode=async_mode,
        manage_session=False,
        max_http_buffer_size=LARGEST_MESSAGE,
        ping_interval=10,
        ping_timeout=10,
        logger=quiet,
        engineio_logger=quiet,
        serializer=TextOnlyPacket,
    )
    app.wsgi_app = MalformedRequestGuard(app.wsgi_app)  # type: ignore[method-assign]
    return socketio


class TextOnlyPacket(Packet):
    """A packet without binary parts, which nobody here sends and which would be gathered without bound."""

    def decode(self, encoded_packet: Any) -> int:
        attachments: int = super().decode(encoded_packet)
        if self.packet_type in (BINARY_EVENT, BINARY_ACK):
            raise ValueError("binary packets are not taken")
        if self.packet_type == EVENT and not _names_an_event(self.data):
            raise ValueError("an event must be a list that begins with its name")
        return attachments


class MalformedRequestGuard:
    """Refuse what is too long before it is read, and drop a WebSocket whose packets cannot be read.

    Engine.IO lets the errors of the latter through, and waits without end for whoever posts too much.
    """

    def __init__(self, inner: Wsgi) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            if int(environ.get("CONTENT_LENGTH") or 0) > LARGEST_MESSAGE:
                return _refuse(start_response, "413 Content Too Large")
            if environ.get("HTTP_TRANSFER_ENCODING"):  # a body without an end
                return _refuse(start_response, "411 Length Required")
            return self._inner(environ, start_response)
        except OSError:  # the connection is gone
            raise
        except Exception as error:
            log.warning("dropped a connection that makes no sense: %s", _first_line(error))
            return _refuse(start_response, "400 Bad Request")


def _refuse(start_response: Callable[..., Any], status: str) -> Iterable[bytes]:
    start_response(status, [("Connection", "close"), ("Content-Length", "0")])
    return [b""]


def _names_an_event(data: Any) -> bool:
    """Whether data starts with a name; the library's own events are no names for people to send."""
    return isinstance(data, list) and bool(data) and isinstance(data[0], str) and data[0] not in RESERVED


def _one_line_logger() -> logging.Logger:
    logger = logging.getLogger("app.web.socketio")
    logger.setLevel(logging.WARNING)
    logger.addFilter(_without_traceback)
    return logger


def _without_traceback(record: logging.LogRecord) -> bool:
    """What a stranger sent is no fault of ours: one line, no traceback."""
    if record.exc_info and record.exc_info[1]:
        record.msg, record.args = f"{record.getMessage()}: {_first_line(record.exc_info[1])}", ()
        record.exc_info = None
    return True


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0][:200] if lines else ''}"

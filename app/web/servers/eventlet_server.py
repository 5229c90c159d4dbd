"""Eventlet's web server: one thread, in which green threads take turns. The standard library must be patched."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import eventlet
import eventlet.tpool
import eventlet.wsgi

from app.web.security.tls_listener import TlsListener
from app.web.servers import request_limits
from app.web.servers.request_limits import KEEP_ALIVE_S, MAX_LINE_BYTES, log_refused_request

run_blocking = eventlet.tpool.execute


def yield_now() -> None:
    """Let other green threads run."""
    eventlet.sleep(0)


def start(listener: socket.socket, app: Any, tls: ssl.SSLContext | None) -> Callable[[], None]:
    """Serve in the background; returns a function that ends it.

    It runs in a green thread, since the server waits for open streams before it returns.
    """
    thread = eventlet.spawn(_serve, TlsListener(listener, tls), app, tls is not None)
    return thread.kill


def _serve(listener: TlsListener, app: Any, secure: bool) -> None:
    eventlet.wsgi.server(
        listener,
        app,
        environ={"wsgi.url_scheme": "https", "HTTPS": "on"} if secure else None,
        protocol=Protocol,
        log_output=False,
        debug=False,
        keepalive=KEEP_ALIVE_S,
        socket_timeout=request_limits.SOCKET_TIMEOUT_S,
        url_length_limit=MAX_LINE_BYTES,
        # Send every part of a stream at once. By default eventlet collects 4 kB first.
        minimum_chunk_size=0,
    )


class Protocol(eventlet.wsgi.HttpProtocol):
    """One connection. Failed ones end without a traceback, refused requests are one line of the app's log.

    The inherited classes print a line for some refused requests to the error stream and none for others.
    """

    def handle(self) -> None:
        """Handle requests until the client disconnects, for example because it speaks no TLS."""
        with suppress(OSError):
            super().handle()

    def finish(self) -> None:
        """Close the connection."""
        with suppress(OSError):
            super().finish()

    def handle_one_request(self) -> None:
        """Read and answer one request."""
        self._is_accepted, self._error_status = False, 0
        super().handle_one_request()
        if self.raw_requestline and not self._is_accepted:
            log_refused_request(self.client_address[0], self._refused_status())

    def get_environ(self) -> dict[str, Any]:
        """The WSGI environment; built for well-formed requests only."""
        self._is_accepted = True
        return dict(super().get_environ())

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a malformed request."""
        self._error_status = int(code)
        super().send_error(code, message, explain)

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing; `handle_one_request` logs the request."""

    def _refused_status(self) -> int:
        """The status of the answer. Eventlet writes some answers itself: 414 and 400."""
        if self._error_status:
            return self._error_status
        is_long = len(self.raw_requestline) >= MAX_LINE_BYTES
        return int(HTTPStatus.REQUEST_URI_TOO_LONG if is_long else HTTPStatus.BAD_REQUEST)

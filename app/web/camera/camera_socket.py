"""The route of a browser that gives its camera: who may use it, and its WebSocket on each web server.

Safari opens no WebSocket to a server whose certificate the user has accepted but not installed. The same address then
takes messages as requests (`POST`), one after the other, each with its answer.

A plain WebSocket and no Socket.IO event: Socket.IO buffers the parts of binary events without limit and has one limit
of message size for all pages, and its answers cannot refuse a connection with a line.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from app.web.camera.browser_camera import BrowserCameras
from app.web.camera.camera_access import pass_of
from app.web.camera.camera_connection import MAX_MESSAGE_BYTES
from app.web.camera.camera_requests import CameraRequests, new_connection
from app.web.security.rate_limit import RateLimit, client_network
from app.web.security.socket_guard import is_own_page, refuse

# Messages as requests, and the end of them; everything else is a WebSocket.
REQUEST_METHODS = ("POST", "DELETE")
SOCKET_PATH = "/camera/socket"
# Connections that a client may open within the window: a page tries again at most twice a second.
MAX_OPENED = 30
OPENED_WINDOW_S = 10.0
# Status and reason for a browser without a valid pass.
NOT_ADMITTED = ("401 Unauthorized", "scan the code on the live page to give a camera")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _MessageLimit:
    """The one attribute of an Engine.IO server that the WebSocket classes read."""

    max_http_buffer_size: int = MAX_MESSAGE_BYTES


class CameraSocket:
    """WSGI middleware: serves the WebSocket to browsers with a pass, which alone may send messages above 16 KiB.

    Args:
        inner: The rest of the app.
        cameras: The browser cameras, of which the pass of a request chooses one.
        async_mode: Of the web server: `threading` or `eventlet`.
    """

    def __init__(self, inner: Wsgi, cameras: BrowserCameras, async_mode: str) -> None:
        self._inner, self._cameras = inner, cameras
        # Importing the other server's module would import eventlet where it is not used.
        self._server_class = import_module(f"app.web.servers.{async_mode}_websocket").CameraWebSocketServer
        self._opened = RateLimit(MAX_OPENED, OPENED_WINDOW_S)
        self._requests = CameraRequests()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != SOCKET_PATH:
            return self._inner(environ, start_response)
        camera = self._cameras.of_pass(pass_of(environ))
        refusal = self._refusal(environ, is_admitted=camera is not None)
        if refusal is not None or camera is None:
            return refuse(start_response, *(refusal or NOT_ADMITTED))
        if environ["REQUEST_METHOD"] == "DELETE":
            return self._requests.end(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST":
            return self._requests.answer(camera, environ, start_response)
        # JPEG does not get smaller, and a compressed message may hide a long one.
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        connection = new_connection(camera, environ)
        return self._server_class(connection.run, _MessageLimit())(environ, start_response)

    def run(self) -> None:
        """End connections whose browser sends no further requests. For a background task."""
        self._requests.run()

    def close(self) -> None:
        """End `run`."""
        self._requests.close()

    def _refusal(self, environ: dict[str, Any], *, is_admitted: bool) -> tuple[str, str] | None:
        """Status and reason for refusing a connection or request; None if it is admitted."""
        is_request = environ["REQUEST_METHOD"] in REQUEST_METHODS
        if not is_request and environ.get("HTTP_UPGRADE", "").lower() != "websocket":
            return "400 Bad Request", "this address is for WebSockets"
        if "HTTP_ORIGIN" in environ and not is_own_page(environ):
            return "403 Forbidden", "only pages of this server may connect"
        if not is_admitted:
            return NOT_ADMITTED
        if not is_request and not self._opened.try_use(client_network(environ.get("REMOTE_ADDR", ""))):
            return "429 Too Many Requests", "too many connections; try again in a moment"
        return None

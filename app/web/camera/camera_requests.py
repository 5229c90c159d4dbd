"""Messages of a browser's camera as requests, for browsers that open no WebSocket to this server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from werkzeug.wrappers import Request

from app.web.camera.browser_camera import SILENT_AFTER_S, BrowserCamera
from app.web.camera.camera_access import pass_of
from app.web.camera.camera_connection import MAX_MESSAGE_BYTES, CameraConnection, Refusal
from app.web.language.request_language import choose_language
from app.web.security.rate_limit import TokenBucket
from app.web.security.socket_guard import refuse

# Requests of one browser: the rate of its camera, and notes.
REQUEST_BURST = 120
REQUESTS_PER_S = 60.0
CHECK_INTERVAL_S = 1.0
# Close codes of the WebSocket are these statuses of HTTP, above 4000.
STATUSES = {4400: "400 Bad Request", 4401: "401 Unauthorized", 4409: "409 Conflict"}


@dataclass(slots=True)
class _Sender:
    """A browser that sends requests; each opening of its page has another `page`."""

    page: str
    connection: CameraConnection
    budget: TokenBucket
    heard_at_s: float


class CameraRequests:
    """Answers requests as `CameraConnection` answers messages; a browser has one connection at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._senders: dict[str, _Sender] = {}
        self._closed = threading.Event()

    def answer(
        self, camera: BrowserCamera, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer the request of a browser that is admitted to a camera."""
        length = int(environ.get("CONTENT_LENGTH") or -1)
        if not 0 <= length <= MAX_MESSAGE_BYTES:
            return refuse(start_response, "413 Content Too Large", "a frame has at most 2 MB; send a smaller one")
        body = environ["wsgi.input"].read(length)
        sender = self._sender(camera, environ)
        if not sender.budget.try_use():
            return refuse(start_response, "429 Too Many Requests", "too many requests; try again in a moment")
        is_note = environ.get("CONTENT_TYPE", "").startswith("text/")
        try:
            answer = sender.connection.answer(body.decode(errors="replace") if is_note else body)
        except Refusal as refusal:
            sender.connection.close()
            return refuse(start_response, STATUSES[refusal.code], str(refusal))
        headers = [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(answer)))]
        start_response("200 OK", [*headers, ("Cache-Control", "no-store")])
        return [answer]

    def end(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The page that sends this request gives its camera no longer; another browser may at once."""
        with self._lock:
            sender = self._senders.get(str(pass_of(environ)))
            if sender is not None and sender.page == _page_of(environ):
                del self._senders[sender.connection.pass_text]
                sender.connection.close()
        start_response("204 No Content", [("Cache-Control", "no-store")])
        return []

    def run(self) -> None:
        """End the connections of browsers that have fallen silent, until closed."""
        while not self._closed.wait(CHECK_INTERVAL_S):
            now_s = self._clock()
            with self._lock:
                silent = [key for key, one in self._senders.items() if now_s - one.heard_at_s > SILENT_AFTER_S]
                ended = [self._senders.pop(key).connection for key in silent]
            for connection in ended:
                connection.close()

    def close(self) -> None:
        """End `run`."""
        self._closed.set()

    def _sender(self, camera: BrowserCamera, environ: dict[str, Any]) -> _Sender:
        """The connection of the page that sends a request; that of an older page of the same browser ends."""
        page, pass_text, now_s = _page_of(environ), str(pass_of(environ)), self._clock()
        with self._lock:
            before = self._senders.get(pass_text)
            if before is not None and before.page == page:
                before.heard_at_s = now_s
                return before
            budget = TokenBucket(REQUEST_BURST, REQUESTS_PER_S)
            sender = _Sender(page, new_connection(camera, environ), budget, now_s)
            self._senders[pass_text] = sender
        if before is not None:
            before.connection.close()
        return sender


def new_connection(camera: BrowserCamera, environ: dict[str, Any]) -> CameraConnection:
    """The connection of the browser that sends a request, or opens a WebSocket with it."""
    language = choose_language(Request(environ))
    return CameraConnection(camera, str(pass_of(environ)), environ.get("REMOTE_ADDR", ""), language)


def _page_of(environ: dict[str, Any]) -> str:
    return parse_qs(environ.get("QUERY_STRING", "")).get("page", [""])[0]

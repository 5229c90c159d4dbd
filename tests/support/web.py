"""The web app on a fake link to the vision process."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_socketio import SocketIO, SocketIOTestClient
from werkzeug.serving import make_server

from app.domain import FaceResult
from app.sessions.store import SessionStore
from app.settings import Settings
from app.web import ServerContext, close_app, create_app
from app.web.live.live_camera import LiveCamera
from app.web.live.services import EXTENSION_NAME, Services
from tests.support.fakes import FakeLink, fake_jpeg_index, status_body
from tests.support.interface.openapi import OpenApiChecker

TOKEN = "token-of-the-tests"


def wait_until(condition: Callable[[], Any], timeout_s: float = 5.0) -> Any:
    """Wait for a true value of `condition` and return it; fail after the timeout."""
    deadline_s = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline_s, "the condition was not met in time"
        time.sleep(0.005)
    return value


@dataclass
class RunningApp:
    """A running app and its parts; `of` names one of several cameras, by default the first."""

    app: Flask
    socketio: SocketIO
    links: Mapping[str, FakeLink]
    services: Services

    @property
    def link(self) -> FakeLink:
        """The link of the first camera."""
        return self.links[self.camera.name]

    @property
    def camera(self) -> LiveCamera:
        """The first camera."""
        return self.services.cameras.first

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def connect_page(self, of: str | None = None) -> SocketIOTestClient:
        return self.socketio.test_client(self.app, query_string=f"?camera={of}" if of else None)

    def send_event(self, socket: SocketIOTestClient, event: str, *payload: Any) -> dict[str, Any]:
        """Send an event and return its acknowledgement."""
        return socket.emit(event, *payload, callback=True)

    def start_vision(self, of: str | None = None, **camera: Any) -> None:
        """Report a running vision process with its models; `camera` overrides values of its camera."""
        live_camera = self.services.cameras.find(of)
        link = self.links[live_camera.name]
        link.feed("vision", {"state": "running", "pid": 4711, "restarts": 0, "error": None})
        link.feed("status", status_body(**camera))
        wait_until(lambda: live_camera.state.models_known)

    def publish_frame(self, index: int, *faces: FaceResult, latency_s: float = 0.01, of: str | None = None) -> None:
        """Publish a frame and wait until it is processed."""
        live_camera = self.services.cameras.find(of)
        before = live_camera.broadcaster.newest
        self.links[live_camera.name].feed_frame(index, faces, latency_s)
        wait_until(lambda: live_camera.broadcaster.newest is not before)


class Viewer:
    """Reads `/video_feed` part by part, as a browser does: up to the next boundary."""

    def __init__(self, port: int, query: str = "", timeout_s: float = 5.0) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
        self._connection.request("GET", f"/video_feed{query}")
        self.response = self._connection.getresponse()
        assert self.response.readline() == b"\r\n"

    def part(self) -> tuple[int, bytes]:
        """Frame index and bytes of the next image, one of `fake_jpeg`, which names its frame."""
        jpeg = self.image()
        return fake_jpeg_index(jpeg), jpeg

    def image(self) -> bytes:
        """Bytes of the next image."""
        while (line := self.response.readline()) != b"Content-Type: image/jpeg\r\n":
            assert line in (b"\r\n", b"--frame\r\n"), line
        assert self.response.readline() == b"\r\n"
        return b"".join(iter(self.response.readline, b"--frame\r\n")).removesuffix(b"\r\n")

    def close(self) -> None:
        self.response.close()
        self._connection.close()


@contextmanager
def running_app(
    folder: Path, token: str | None = None, webhook_secret: bytes | None = None, **settings: Any
) -> Iterator[RunningApp]:
    """Run an app with its sessions in `folder`; at the end, all requests and answers have to be as described."""
    known = Settings(data=str(folder), **settings)
    links = {name: FakeLink() for name in known.cameras}
    app, socketio = create_app(links, SessionStore(folder), known, ServerContext(token, webhook_secret))
    checker = OpenApiChecker(app)
    try:
        yield RunningApp(app, socketio, links, app.extensions[EXTENSION_NAME])
    finally:
        close_app(app)
    assert not checker.problems, f"see app/web/openapi.json: {checker.problems}"


@contextmanager
def http_server(app: Flask) -> Iterator[int]:
    """Serve over HTTP with a thread per request; yields the port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

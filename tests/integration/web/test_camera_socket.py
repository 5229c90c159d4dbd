"""The WebSocket of a browser's camera on both web servers: what it refuses, and how it ends a connection."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest
import requests
from simple_websocket import Client, ConnectionClosed, ConnectionError

from app.settings import SERVERS
from app.web.camera.browser_camera import SILENT_AFTER_S
from app.web.camera.camera_connection import BAD_MESSAGE, MAX_MESSAGE_BYTES, TAKEN
from app.web.routes.socketio_server import MAX_MESSAGE_BYTES as MAX_PAGE_MESSAGE_BYTES
from app.web.servers.websocket_frame_limits import CAMERA_LIMITS, MESSAGE_TOO_LONG, POLICY_VIOLATION
from tests.support.server_process import WebProcess
from tests.unit.web.camera.test_jpeg_header import jpeg

NOTE = '{"giving": true}'
JPEG = jpeg(640, 360, quality=90)


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    server = WebProcess(tmp_path_factory.mktemp(request.param), server=request.param)
    yield server
    assert "Traceback" not in server.log
    server.stop()


def cookie(server: WebProcess) -> str:
    """The pass of a browser that has opened a link."""
    link = requests.post(f"{server.url}/api/camera-link", timeout=5).json()
    path = f"{urlsplit(link['url']).path}?{urlsplit(link['url']).query}"
    answer = requests.get(server.url + path, allow_redirects=False, timeout=5)
    return f"camera-{server.port}={answer.cookies[f'camera-{server.port}']}"


@contextmanager
def connected(server: WebProcess, given: str, **headers: str) -> Iterator[Client]:
    url = f"ws://127.0.0.1:{server.port}/camera/socket"
    client = Client.connect(url, headers={"Cookie": given, **headers})
    try:
        yield client
    finally:
        with suppress(ConnectionClosed, OSError):
            client.close()
        client.thread.join(5)


def close_code(client: Client) -> int:
    """The code with which the server ends the connection; 1006 if a reset has overtaken it."""
    deadline_s = time.monotonic() + 10
    while time.monotonic() < deadline_s:
        try:
            client.receive(timeout=1)
        except ConnectionClosed as closed:
            return int(closed.reason or 1006)
    raise AssertionError("the connection is still open")


def frame(data: bytes) -> bytes:
    return struct.pack("!d", 1000.0) + data


def test_every_message_gets_one_answer(server: WebProcess):
    with connected(server, cookie(server)) as phone:
        for message in (NOTE, frame(JPEG), frame(JPEG)):
            phone.send(message)
            answer = phone.receive(5)
            assert isinstance(answer, bytes)
            assert b'"wanted": "elsewhere"' in answer, "the server shows its demo"
        assert len(JPEG) > MAX_PAGE_MESSAGE_BYTES, "more than a page may send"


def test_a_frame_above_2_mb_ends_the_connection(server: WebProcess):
    with connected(server, cookie(server)) as phone:
        with suppress(OSError):
            phone.send(bytes(MAX_MESSAGE_BYTES + 1))
        assert close_code(phone) in (MESSAGE_TOO_LONG, 1006)
    with connected(server, cookie(server)) as phone:
        phone.send(frame(bytes(MAX_MESSAGE_BYTES - 8)))
        assert close_code(phone) == BAD_MESSAGE, "as large as a frame may be, but no JPEG"


@pytest.mark.parametrize("message", [b"", frame(b"GIF89a" + bytes(1000)), frame(jpeg(progressive=True)), "hello"])
def test_what_is_no_frame_ends_the_connection_with_a_line(server: WebProcess, message: str | bytes):
    with connected(server, cookie(server)) as phone:
        phone.send(message)
        assert close_code(phone) == BAD_MESSAGE
        assert "docs/api.md" in str(phone.close_message) or "canvas" in str(phone.close_message)


def test_a_second_phone_is_refused_with_a_line(server: WebProcess):
    with connected(server, cookie(server)) as first, connected(server, cookie(server)) as second:
        first.send(NOTE)
        assert first.receive(5)
        second.send(NOTE)
        assert close_code(second) == TAKEN
        assert "another browser" in str(second.close_message)
        first.send(NOTE)
        assert first.receive(5), "the first one stays"


@pytest.mark.parametrize("given", ["", "camera-0=x", "camera-{port}=guessed"])
def test_without_a_pass_no_connection_is_opened(server: WebProcess, given: str):
    with pytest.raises(ConnectionError), connected(server, given.format(port=server.port)):
        pass


def test_pages_of_other_sites_open_no_connection(server: WebProcess):
    given = cookie(server)
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        with pytest.raises(ConnectionError), connected(server, given, Origin=origin):
            pass


def test_frames_sent_without_waiting_for_answers_do_not_pile_up(server: WebProcess):
    with connected(server, cookie(server)) as phone:
        memory_bytes = server.memory_bytes
        with suppress(ConnectionClosed, OSError):
            for _ in range(200):
                phone.send(frame(JPEG))
        with suppress(AssertionError):
            assert close_code(phone) in (POLICY_VIOLATION, 1006)
        assert server.memory_bytes - memory_bytes < 40e6
    assert requests.get(f"{server.url}/api/status", timeout=5).status_code == 200


def test_too_many_websocket_frames_end_the_connection(server: WebProcess):
    with connected(server, cookie(server)) as phone:
        with suppress(ConnectionClosed, OSError):
            for _ in range(3 * CAMERA_LIMITS.burst):
                phone.sock.sendall(b"\x89\x80\0\0\0\0")  # a ping
        assert close_code(phone) in (POLICY_VIOLATION, 1006)


def post(server: WebProcess, given: str, message: str | bytes, page: str = "a", **headers: str) -> requests.Response:
    kind = "text/plain;charset=UTF-8" if isinstance(message, str) else "application/octet-stream"
    headers = {"Cookie": given, "Content-Type": kind, **headers}
    return requests.post(f"{server.url}/camera/socket?page={page}", data=message, headers=headers, timeout=5)


def test_a_browser_without_websockets_sends_requests_by_the_same_rules(server: WebProcess):
    given, other = cookie(server), cookie(server)
    for message in (NOTE, frame(JPEG)):
        answer = post(server, given, message)
        assert answer.status_code == 200
        assert b'"wanted": "elsewhere"' in answer.content
    refused = post(server, other, NOTE)
    assert (refused.status_code, "another browser" in refused.json()["error"]) == (409, True)
    assert post(server, given, frame(b"GIF89a" + bytes(1000))).status_code == 400
    assert post(server, given, bytes(MAX_MESSAGE_BYTES + 1)).status_code == 413
    assert post(server, "", NOTE).status_code == 401
    assert post(server, given, NOTE, Origin="https://evil.example").status_code == 403
    time.sleep(SILENT_AFTER_S + 2)
    assert post(server, other, NOTE).status_code == 200, "the first one has gone"
    assert post(server, given, NOTE).status_code == 409
    ended = requests.delete(f"{server.url}/camera/socket?page=a", headers={"Cookie": other}, timeout=5)
    assert (ended.status_code, post(server, given, NOTE).status_code) == (204, 200)
    post(server, other, '{"giving": 0}')

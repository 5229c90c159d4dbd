"""Limits on single connections of the web process: WebSocket frames, handshakes, events and views."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
import requests

from app.web.live.frame_broadcaster import MAX_VIEWS
from app.web.routes.events import MAX_EVENTS
from app.web.routes.socketio_server import MAX_MESSAGE_BYTES
from app.web.security.handshake_limit import HANDSHAKE_TIMEOUT_S, MAX_UNFINISHED
from app.web.security.socket_guard import CHECK_INTERVAL_S, MESSAGE_BURST
from app.web.servers.websocket_frame_limits import FRAME_BURST, MESSAGE_TOO_LONG, POLICY_VIOLATION
from tests.support.processes.flood import CONTINUATION, HANDSHAKE, PING, TEXT, frame, open_websocket
from tests.support.server_process import WebProcess
from tests.support.web import wait_until

CLOSE_FRAME = 0x88


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    server = WebProcess(tmp_path_factory.mktemp("limits"))
    yield server
    assert "Traceback" not in server.log
    server.stop()


def close_code(connection: socket.socket) -> int | None:
    """Read to the end of a WebSocket; returns the code of the server's close frame, None without one."""
    received = b""
    with suppress(ConnectionResetError):
        while data := connection.recv(65536):
            received += data
    frames = split_frames(received)
    codes = [struct.unpack("!H", payload[:2])[0] for opcode, payload in frames if opcode == CLOSE_FRAME and payload]
    return codes[0] if codes else None


def split_frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    """First byte and payload of each frame of a server."""
    while len(data) >= 2:
        opcode, length, start = data[0], data[1], 2
        if length == 126:
            (length,), start = struct.unpack("!H", data[2:4]), 4
        yield opcode, data[start : start + length]
        data = data[start + length :]


def test_a_message_in_fragments_ends_at_16_kib(server: WebProcess):
    with closing(open_websocket(server.port)) as connection:
        connection.sendall(frame(TEXT, b"4", final=False))
        for _ in range(4):
            connection.sendall(frame(CONTINUATION, b"x" * (MAX_MESSAGE_BYTES // 4), final=False))
        assert close_code(connection) == MESSAGE_TOO_LONG


def test_a_message_in_fragments_below_the_limit_is_read(server: WebProcess):
    message = b'421["camera_pause",{}]'
    with closing(open_websocket(server.port)) as connection:
        connection.sendall(frame(TEXT, message[:5], final=False))
        connection.sendall(frame(PING, b"between"))
        connection.sendall(frame(CONTINUATION, message[5:]))
        received = [b""]
        wait_until(lambda: received.append(connection.recv(65536)) or b'431[{"ok":true' in b"".join(received))


@pytest.mark.parametrize("data", [frame(CONTINUATION, b"x", final=False), frame(PING, b""), frame(0xA, b"")])
def test_too_many_frames_end_the_connection(server: WebProcess, data: bytes):
    with closing(open_websocket(server.port)) as connection:
        connection.sendall(frame(TEXT, b"4", final=False))
        connection.sendall(data * 2 * FRAME_BURST)
        # None: a reset has overtaken the close frame, since the server leaves the rest unread.
        assert close_code(connection) in (POLICY_VIOLATION, None)
    assert "too many WebSocket frames" in server.log


def test_too_many_events_are_refused_and_then_end_the_connection(server: WebProcess):
    with closing(open_websocket(server.port)) as connection:
        connection.sendall(camera_pauses(MAX_EVENTS + 10))
        received = [b""]
        wait_until(lambda: received.append(connection.recv(65536)) or b"".join(received).count(b'"ok":false') == 10)
        assert b"".join(received).count(b'"ok":true') == MAX_EVENTS
        connection.sendall(camera_pauses(2 * MESSAGE_BURST))
        assert close_code(connection) in (POLICY_VIOLATION, 1000, None)


def camera_pauses(number: int) -> bytes:
    """Events that ask for an acknowledgement."""
    return b"".join(frame(TEXT, f'42{index}["camera_pause",{{}}]'.encode()) for index in range(number))


def test_too_many_events_over_polling_end_the_connection(server: WebProcess):
    with requests.Session() as session:
        url = f"{server.url}{HANDSHAKE}"
        url += f"&sid={json.loads(session.get(url, timeout=5).text[1:])['sid']}"
        session.post(url, data=b"40", timeout=5)
        packets = b"\x1e".join([b'42["camera_pause",{}]'] * 16)
        statuses = [session.post(url, data=packets, timeout=5).status_code for _ in range(2 * MESSAGE_BURST // 16)]
    assert statuses[0] == 200
    assert statuses[-1] == 400


def test_websocket_drafts_without_limits_are_refused(server: WebProcess):
    request = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
    request += "Upgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n"
    with closing(socket.create_connection(("127.0.0.1", server.port), 5)) as connection:
        connection.sendall(request.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 400")


def test_unfinished_handshakes_are_limited_and_dropped_within_seconds(server: WebProcess):
    url = f"{server.url}{HANDSHAKE}"
    started_s = time.monotonic()
    with requests.Session() as session:
        answers = [session.get(url, timeout=5) for _ in range(MAX_UNFINISHED)]
        sids = [json.loads(answer.text[1:])["sid"] for answer in answers]
        refused = session.get(url, timeout=5)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, f"{HANDSHAKE_TIMEOUT_S:.0f}")
        own_page = session.get(url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=5)
        assert own_page.status_code == 200, "the page of the owner at the same address"
        wait_until(lambda: session.get(url, timeout=5).status_code == 200, 10)
        elapsed_s = time.monotonic() - started_s
        print(f"measured: {MAX_UNFINISHED} unfinished handshakes were dropped after {elapsed_s:.1f} s")
        assert elapsed_s < HANDSHAKE_TIMEOUT_S + 2 * CHECK_INTERVAL_S + 3
        assert "Invalid session" in session.get(f"{url}&sid={sids[0]}", timeout=5).text


def test_images_on_other_sites_open_no_connections(server: WebProcess):
    for site in ("cross-site", "same-site"):
        answer = requests.get(f"{server.url}{HANDSHAKE}", headers={"Sec-Fetch-Site": site}, timeout=5)
        assert answer.status_code == 403


class Stream:
    """`/video_feed` of a client with its own address on this computer."""

    def __init__(self, port: int, show: str | None, address: str = "127.0.0.1") -> None:
        query = "" if show is None else f"?show={show}"
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5, source_address=(address, 0))
        self._connection.request("GET", f"/video_feed{query}")
        self.response = self._connection.getresponse()

    def has_frames(self) -> bool:
        """Whether frames arrive; False if the server ends the stream."""
        return any(self.response.readline().startswith(b"Content-Type: image/jpeg") for _ in range(20))

    def has_ended(self) -> bool:
        with suppress(http.client.IncompleteRead):
            while self.response.read1(65536):
                pass
        return True

    def close(self) -> None:
        self.response.close()
        self._connection.close()


def test_one_client_with_all_views_keeps_nobody_out(server: WebProcess):
    words = ("boxes", "landmarks", "ids", "race", "mask")
    shows = [",".join(word for bit, word in enumerate(words) if number >> bit & 1) for number in range(MAX_VIEWS)]
    greedy = [Stream(server.port, show) for show in shows]
    assert [stream.response.status for stream in greedy] == [200] * MAX_VIEWS
    others = [Stream(server.port, None), Stream(server.port, None, "127.0.0.2")]
    others += [Stream(server.port, f"sex,{word}", f"127.0.0.{number}") for number, word in enumerate(words, 3)]
    assert [stream.response.status for stream in others] == [200] * len(others)
    assert all(stream.has_frames() for stream in others)
    for path in ("/snapshot.jpg", "/snapshot.jpg?show=blur"):
        assert requests.get(server.url + path, timeout=5).status_code == 200
    assert greedy[0].has_frames(), "its first view stays"
    assert greedy[1].has_ended()
    for stream in (*greedy, *others):
        stream.close()

"""Requests that are no HTTP or too long: their answers, and the lines about them in the server's log."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from app.logs import MAX_REPEATS
from tests.e2e.server import Server

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
# Request and the statuses that may answer it; the two servers read different parts of it first.
MALFORMED = {
    "address": (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n", {414}),
    "one long header": (GET + b"X: " + b"x" * 100_000 + b"\r\n\r\n", {400, 431}),
    "many headers": (GET + b"".join(b"X-%d: y\r\n" % number for number in range(2000)) + b"\r\n", {400, 431}),
    "no HTTP": (b"\x16\x03\x01\x02\x00 \xff\x1b[31m\r\n\r\n", {400}),
    "no version": (b"GET / HTTP/banana\r\n\r\n", {400}),
    "bad length": (GET + b"Content-Length: -5\r\n\r\n", {400}),
}  # fmt: skip
REPEATS = 10


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server("demo", tmp_path_factory.mktemp("refused"), fps=5, options=["--log-json"])
    server.start()
    yield server
    server.stop()


def status_of(port: int, request: bytes) -> int | None:
    """The status of the answer; None if the connection was reset, since the server leaves the rest unread."""
    answer = b""
    with closing(socket.create_connection(("127.0.0.1", port), 10)) as connection, suppress(OSError):
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(4096):
            answer += part
    match = re.match(rb"HTTP/1\.[01] (\d+)", answer) or re.search(rb"Error code: (\d+)", answer)
    return int(match[1]) if match else None


def test_malformed_requests_are_answered_and_logged_in_one_form_and_not_without_end(server: Server):
    port = int(server.url.rpartition(":")[2])
    for name, (request, statuses) in MALFORMED.items():
        answers = {status_of(port, request) for _ in range(REPEATS)} - {None}
        assert answers <= statuses, name
    lines = (server.data / "server.log").read_text().splitlines()
    events = [json.loads(line) for line in lines if not line.startswith("Open ")]
    refused = [event for event in events if "malformed" in event["message"]]
    assert len(refused) == MAX_REPEATS < REPEATS * len(MALFORMED)
    for event in refused:
        assert re.fullmatch(r"refused a malformed request of 127\.0\.0\.1: status 4\d\d", event["message"])
        assert event["level"] == "warning"
    assert server.health()["status"] == "ok"

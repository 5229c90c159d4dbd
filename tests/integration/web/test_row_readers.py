"""Many programs that read the rows of a session cost the video nothing, and all get every row."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import psutil
import pytest

from tests.support.page import Page
from tests.support.server_process import WebProcess
from tests.support.web import Viewer

pytestmark = pytest.mark.soak

READERS = 90
WATCHED_S = 5.0


def connect(port: int) -> socket.socket:
    """A reader of rows whose buffer the system fills."""
    reader = socket.create_connection(("127.0.0.1", port), timeout=5)
    reader.sendall(b"GET /api/live.jsonl HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert reader.recv(4096).startswith(b"HTTP/1.1 200")
    return reader


def received_ids(reader: socket.socket) -> list[int]:
    """The ids of the rows that have arrived."""
    reader.setblocking(False)
    data = bytearray()
    try:
        while part := reader.recv(65536):
            data += part
    except BlockingIOError:
        pass
    return [json.loads(line)["id"] for line in data.splitlines() if line.startswith(b"{")]


def test_ninety_readers_get_every_row_and_the_video_its_rate(tmp_path: Path):
    web = WebProcess(tmp_path)
    process = psutil.Process(web.process.pid)
    assert Page(web.url).request("session_start", {"rate": 10})["ok"]
    viewer = Viewer(web.port)
    readers = [connect(web.port) for _ in range(READERS)]
    first, started_s, busy_s = viewer.part()[0], time.monotonic(), process.cpu_times().user
    last, received = first, 1
    while time.monotonic() < started_s + WATCHED_S:
        last, received = viewer.part()[0], received + 1
    cores = (process.cpu_times().user - busy_s) / WATCHED_S
    ids = [received_ids(reader) for reader in readers]
    share = received / (last - first + 1)
    print(f"measured: {share:.0%} of {last - first} frames in {WATCHED_S:g} s, {cores:.0%} of a core")
    assert share >= 0.95
    assert all(len(one) >= 10 * (WATCHED_S - 1) for one in ids)
    assert all(one == list(range(one[0], one[-1] + 1)) for one in ids)
    for reader in readers:
        reader.close()
    viewer.close()
    web.stop()

"""Generated events and queries against the web process on eventlet: no status 500, no traceback, no memory growth.

`FUZZ_EXAMPLES=10000` makes more of them (`make soak`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simple_websocket import Client, ConnectionClosed

from app.paths import PROJECT
from app.web.routes.events import HANDLERS
from tests.support.web import wait_until

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1000"))
EVENTS_PER_PAGE = 25  # below the rate limit, which has tests of its own
MAX_GROWTH_BYTES = 30 * 2**20

FUZZ = settings(
    max_examples=EXAMPLES // 2,
    deadline=None,
    database=None,
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)

texts = st.text(max_size=150) | st.sampled_from(
    ["", "demo", "0", "/etc/passwd", "../../x", "' OR 1=1 --", "<b>", "\u202e"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
nearly_valid = st.fixed_dictionaries(
    {}, optional={"name": texts | values, "id": st.integers() | values, "source": texts}
)
payloads = st.lists(nearly_valid | values, max_size=2)
event_names = st.sampled_from(sorted(HANDLERS))
parts = texts | st.integers().map(str)
paths = st.one_of(
    parts.map(lambda part: f"/api/sessions/{quote(part, safe='')}"),
    parts.map(lambda part: f"/api/sessions/{quote(part)}/export.csv"),
    parts.map(lambda part: f"/sessions/{quote(part)}"),
    parts.map(lambda part: f"/static/{quote(part)}"),
    parts.map(lambda part: f"/{quote(part)}"),
    parts.map(lambda part: f"/video_feed?show={quote(part)}"),
    parts.map(lambda part: f"/snapshot.jpg?show={quote(part)}"),
    parts.map(lambda part: f"/socket.io/?EIO={quote(part)}&transport={quote(part)}"),
    st.sampled_from(["/", "/healthz", "/api/status", "/api/cameras", "/api/sessions", "/socket.io/?EIO=4"]),
)
methods = st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])


class ServerProcess:
    """The web process and its memory."""

    def __init__(self, folder: Path) -> None:
        self.stderr = (folder / "stderr").open("w+")
        command = [sys.executable, "-W", "ignore", "-m", "tests.support.processes.eventlet_server", str(folder)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, stderr=self.stderr, text=True)
        assert self.process.stdout is not None
        self.base_url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        self.http = requests.Session()

    def memory(self) -> int:
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def stop(self) -> str:
        """Stop the process and return its error output."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.poll() is None, "the server has ended by itself"
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
        self.http.close()
        self.stderr.seek(0)
        with self.stderr as output:
            return output.read()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path)
    wait_until(lambda: server.http.get(f"{server.base_url}/healthz", timeout=5).status_code == 200)
    for path in ("/", "/api/status", "/api/sessions", "/snapshot.jpg"):
        assert server.http.get(server.base_url + path, timeout=5).status_code == 200
    before = server.memory()
    yield server
    growth_bytes = server.memory() - before
    print(f"measured: {EXAMPLES // 2} examples, memory {growth_bytes / 2**20:+.1f} MB")
    assert "Traceback" not in server.stop()
    assert growth_bytes < MAX_GROWTH_BYTES


class EventSender:
    """Sends events and reads their acknowledgements; opens a new page before the rate limit applies."""

    def __init__(self, base_url: str) -> None:
        self._url = f"ws{base_url[4:]}/socket.io/?EIO=4&transport=websocket"
        self._socket: Any = None
        self._sent = 0

    def send(self, name: str, payload: list[Any]) -> dict[str, Any]:
        if self._sent % EVENTS_PER_PAGE == 0:
            self.close()
            self._socket = Client.connect(self._url)
            self._socket.send("40")
        self._sent += 1
        self._socket.send(f"42{self._sent}" + json.dumps([name, *payload]))
        head = f"43{self._sent}["
        while not (text := self._socket.receive(5) or "").startswith(head):
            assert text, f"no acknowledgement of {name} {payload}"
            if text == "2":
                self._socket.send("3")
        return dict(json.loads(text[len(head) - 1 :])[0])

    def close(self) -> None:
        if self._socket is not None:
            with suppress(ConnectionClosed):
                self._socket.close()


def test_every_generated_event_is_acknowledged_in_one_line(server: ServerProcess):
    pages = EventSender(server.base_url)

    @FUZZ
    @given(name=event_names, payload=payloads)
    def fuzz(name: str, payload: list[Any]) -> None:
        reply = pages.send(name, payload)
        assert reply["ok"] in (True, False)
        assert "\n" not in reply.get("error", "")

    fuzz()
    pages.close()


def test_no_generated_query_returns_500(server: ServerProcess):
    @FUZZ
    @given(method=methods, path=paths, body=st.binary(max_size=200))
    def fuzz(method: str, path: str, body: bytes) -> None:
        with server.http.request(method, server.base_url + path, data=body, timeout=10, stream=True) as reply:
            assert reply.status_code < 500 or reply.status_code == 503
            if "json" in reply.headers.get("Content-Type", "") and reply.status_code >= 400 and method != "HEAD":
                assert "\n" not in reply.json().get("error", "")

    fuzz()

"""Generated events and queries against the web process: no status 500, no traceback, no memory growth.

`FUZZ_EXAMPLES=10000` makes more of them (`make soak`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simple_websocket import Client, ConnectionClosed

from app.web.routes.events import HANDLERS
from tests.support.server_process import WebProcess
from tests.support.web import wait_until

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "400"))
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


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture
def server(tmp_path: Path, http: requests.Session) -> Iterator[WebProcess]:
    server = WebProcess(tmp_path)
    wait_until(lambda: http.get(f"{server.url}/healthz", timeout=5).status_code == 200)
    for path in ("/", "/api/status", "/api/sessions", "/snapshot.jpg"):
        assert http.get(server.url + path, timeout=5).status_code == 200
    before = server.memory_bytes
    yield server
    growth_bytes = server.memory_bytes - before
    print(f"measured: {EXAMPLES // 2} examples, memory {growth_bytes / 2**20:+.1f} MB")
    server.stop()
    assert "Traceback" not in server.log
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


def test_every_generated_event_is_acknowledged_in_one_line(server: WebProcess):
    pages = EventSender(server.url)

    @FUZZ
    @given(name=event_names, payload=payloads)
    def fuzz(name: str, payload: list[Any]) -> None:
        reply = pages.send(name, payload)
        assert reply["ok"] in (True, False)
        assert "\n" not in reply.get("error", "")

    fuzz()
    pages.close()


def test_no_generated_query_returns_500(server: WebProcess, http: requests.Session):
    @FUZZ
    @given(method=methods, path=paths, body=st.binary(max_size=200))
    def fuzz(method: str, path: str, body: bytes) -> None:
        with http.request(method, server.url + path, data=body, timeout=10, stream=True) as reply:
            assert reply.status_code < 500 or reply.status_code == 503
            if "json" in reply.headers.get("Content-Type", "") and reply.status_code >= 400 and method != "HEAD":
                assert "\n" not in reply.json().get("error", "")

    fuzz()

"""`run --database` on eventlet: a session end to end, and viewers beside a database that does not answer."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
import socketio

from tests.e2e.server import Server, wait_until
from tests.support.postgresql.server import TestServer

pytestmark = pytest.mark.timeout(180)

# Below the time after which a call of the database is given up (`disk_worker.CALL_TIMEOUT_S`).
SILENCE_S = 4.0
# Of an answer that needs no database, on a busy computer; one that waited for it would take `SILENCE_S`.
SOON_S = 2.0


@pytest.fixture
def running(
    server: TestServer, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Server, TestServer]]:
    for name, value in server.environ.items():
        monkeypatch.setenv(name, value)
    app = Server("demo", tmp_path, fps=15, options=["--database", server.url(database)])
    app.start()
    yield app, server
    server.resume()
    app.stop()


def ask(app: Server, event: str, payload: dict) -> dict:
    with socketio.SimpleClient() as page:
        page.connect(app.url, transports=["polling"], wait_timeout=10)
        return page.call(event, payload, timeout=10)


def rows_of(server: TestServer, database: str, session_id: int) -> list[int]:
    """The seconds of a session that have rows."""
    found = server.psql(f"SELECT DISTINCT time_ms / 1000 FROM observations WHERE session_id = {session_id}", database)
    return sorted(map(int, found.split()))


def frame_after_s(app: Server) -> tuple[int, float]:
    """Number of the newest frame, and how long the answer took."""
    started_s = time.monotonic()
    with urllib.request.urlopen(f"{app.url}/snapshot.jpg", timeout=10) as response:
        return int(response.headers["X-Frame"]), time.monotonic() - started_s


def test_a_session_is_recorded_and_viewers_do_not_wait_for_the_database(
    running: tuple[Server, TestServer], database: str
):
    app, server = running
    told = ask(app, "session_start", {"name": "On a server"})
    assert told["ok"], told
    session_id = told["session"]["id"]
    wait_until(lambda: len(rows_of(server, database, session_id)) >= 2, 30, "two seconds of rows")
    server.pause()
    stopped_s, answers = time.monotonic(), list[list[dict]]()
    asked = Thread(target=lambda: answers.append(app.get_json("/api/sessions")["sessions"]))
    asked.start()
    frames, times_s = [], []
    while time.monotonic() < stopped_s + SILENCE_S:
        frame, took_s = frame_after_s(app)
        frames.append(frame)
        times_s.append(took_s)
        time.sleep(0.1)
    assert not answers, "the list did not need the database"
    server.resume()
    asked.join(10)
    assert max(times_s) < SOON_S
    assert frames[-1] > frames[0] + 5, "pictures went on"
    assert [one["name"] for one in answers[0]] == ["On a server"]
    wait_until(lambda: rows_of(server, database, session_id)[-1] >= SILENCE_S + 4, 30, "rows after it")
    assert ask(app, "session_stop", {})["ok"]
    seconds = rows_of(server, database, session_id)
    assert len(set(range(seconds[0], seconds[-1])) - set(seconds)) <= 1, "the rows of the silence are there"
    assert app.get_json(f"/api/sessions/{session_id}")["session"]["running"] is False

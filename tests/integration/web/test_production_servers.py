"""The web process on its production server; the complete server on each of the two."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from app.paths import PROJECT
from app.sessions.store import SessionStore
from tests.e2e.server import free_port
from tests.support.fakes import fake_jpeg
from tests.support.page import Page
from tests.support.server_process import WebProcess
from tests.support.web import Viewer, wait_until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WebProcess]:
    server = WebProcess(tmp_path)
    yield server
    server.process.kill()


def test_streams_sessions_and_a_clean_end(server: WebProcess, tmp_path: Path):
    viewers = [Viewer(server.port, f"?show={show}") for show in ("", "boxes")]
    for viewer, show in zip(viewers, ("", "boxes"), strict=True):
        index, picture = viewer.part()
        assert picture == fake_jpeg(index, show)
    page = Page(server.url)
    live = requests.get(f"{server.url}/api/live.jsonl", stream=True, timeout=5)
    assert page.request("session_start", {"name": "in production"})["ok"]
    assert page.request("session_start", {})["ok"] is False
    row = next(json.loads(line) for line in live.iter_lines() if line)
    assert (row["session_id"], row["track_id"], row["time_s"], row["dominant"]) == (1, 1, 0.0, "happy")
    health = requests.get(f"{server.url}/healthz", timeout=5).json()
    assert (health["status"], health["viewers"]) == ("ok", 2)
    detail = requests.get(f"{server.url}/api/sessions/1", timeout=5).json()
    assert detail["persons"][0]["person_seconds"] == 1

    asked_at_s = time.monotonic()
    server.stop()
    assert time.monotonic() - asked_at_s < 5
    assert "Traceback" not in server.log
    (summary,) = SessionStore(tmp_path).sessions()
    assert summary["ended_at"] > detail["timeline"][0]["at"]
    assert summary["person_seconds"] == 2


def test_a_disconnected_viewer_is_removed(server: WebProcess):
    viewer = Viewer(server.port)
    viewer.image()
    viewer.close()
    wait_until(lambda: requests.get(f"{server.url}/healthz", timeout=5).json()["viewers"] == 0)


@pytest.mark.parametrize(
    ("name", "has_eventlet"), [pytest.param("eventlet", True, marks=pytest.mark.soak), ("threading", False)]
)
def test_the_threaded_server_runs_without_eventlet(name: str, has_eventlet: bool, tmp_path: Path):
    port, log_file = free_port(), tmp_path / "log.txt"
    options = ["--server", name, "--source", "demo", "--fps", "10", "--port", str(port), "--data", str(tmp_path)]
    with log_file.open("w") as log:
        command = [sys.executable, "-X", "importtime", "-m", "app", "run", *options]
        process = subprocess.Popen(command, cwd=PROJECT, stdout=log, stderr=log)
    try:
        wait_until(lambda: "Open http" in log_file.read_text(), 30)
        viewer, page = wait_until(lambda: connect(port), 10)
        assert viewer.image().startswith(b"\xff\xd8")
        assert page.request("camera_resume", {})["ok"]
        stopped_at_s = time.monotonic()
        process.terminate()
        assert process.wait(10) == 0
        assert time.monotonic() - stopped_at_s < 5
    finally:
        process.kill()
    output = log_file.read_text()
    assert "Traceback" not in output
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in output.splitlines() if "import time:" in line
    }
    assert {"flask", "engineio"} <= imported
    assert ("eventlet" in imported, "gunicorn" in imported) == (has_eventlet, not has_eventlet)


def connect(port: int) -> tuple[Viewer, Page] | None:
    with suppress(OSError):
        return Viewer(port, timeout_s=20), Page(f"http://127.0.0.1:{port}")
    return None

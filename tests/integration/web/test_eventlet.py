"""The web process on eventlet, as in production."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from app.paths import PROJECT
from app.sessions.store import SessionStore
from tests.support.fakes import fake_jpeg
from tests.support.page import Page
from tests.support.web import Viewer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-W", "ignore", "-m", "tests.support.processes.eventlet_server", str(tmp_path)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    yield process
    process.kill()
    process.wait(5)
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()


@pytest.fixture
def base_url(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    port = server.stdout.readline().strip()
    assert port, "the server did not start"
    return f"http://127.0.0.1:{port}"


def port_of(base_url: str) -> int:
    return int(base_url.rpartition(":")[2])


def test_streams_sessions_and_a_clean_end(server: subprocess.Popen[str], base_url: str, tmp_path: Path):
    viewers = [Viewer(port_of(base_url), f"?show={show}") for show in ("", "boxes")]
    for viewer, show in zip(viewers, ("", "boxes"), strict=True):
        index, picture = viewer.part()
        assert picture == fake_jpeg(index, show)
    page = Page(base_url)
    assert page.request("session_start", {"name": "on eventlet"})["ok"]
    assert page.request("session_start", {})["ok"] is False
    time.sleep(1.3)
    health = requests.get(f"{base_url}/healthz", timeout=5).json()
    assert (health["status"], health["viewers"]) == ("ok", 2)
    detail = requests.get(f"{base_url}/api/sessions/1", timeout=5).json()
    assert detail["persons"][0]["person_seconds"] == 1

    assert server.stdin is not None
    asked_at_s = time.monotonic()
    server.stdin.close()
    assert server.wait(5) == 0
    assert time.monotonic() - asked_at_s < 5
    assert server.stderr is not None
    assert "Traceback" not in server.stderr.read()
    (summary,) = SessionStore(tmp_path).sessions()
    assert summary["ended_at"] > detail["timeline"][0]["at"]
    assert summary["person_seconds"] == 2


def test_a_disconnected_viewer_is_removed(base_url: str):
    viewer = Viewer(port_of(base_url))
    viewer.part()
    viewer.close()
    deadline_s = time.monotonic() + 5
    while requests.get(f"{base_url}/healthz", timeout=5).json()["viewers"]:
        assert time.monotonic() < deadline_s
        time.sleep(0.05)

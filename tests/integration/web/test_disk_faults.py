"""A full disk; a read-only, locked, corrupt or removed file: the live view continues and no saved data is lost."""

from __future__ import annotations

import os
import re
import resource
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from app.sessions.disk_worker import CALL_TIMEOUT_S
from app.sessions.imports import archive_import
from app.sessions.rows.records import NewSession
from app.sessions.store import FILE_NAME, SessionStore
from tests.support.exports.archives import export_session
from tests.support.fakes import make_face
from tests.support.sessions import make_record, session_attributes
from tests.support.web import RunningApp, running_app, wait_until

NOBODY_UID = 65534
# How long another program holds the file in the long test.
HELD_S = 30.0


class RecordingHarness:
    """A running session with one person, on a clock that the test advances."""

    def __init__(self, web: RunningApp, folder: Path) -> None:
        self.web, self.file = web, folder / FILE_NAME
        self.page = web.connect_page()
        self.second = 0
        web.start_vision()
        self._started_s = time.monotonic()
        self._replace_recorder_clock()
        self.id = web.send_event(self.page, "session_start", {"name": "kept"})["session"]["id"]

    def _replace_recorder_clock(self) -> None:
        self.web.camera.recorder._clock = lambda: self._started_s + self.second

    def pass_second(self) -> None:
        """Advance the clock by one second with a face in it; the live view shows it."""
        captured_at_s = self._started_s + self.second + 0.01
        self.web.publish_frame(self.second, make_face(), latency_s=time.monotonic() - captured_at_s)
        self.second += 1

    def rows(self) -> list[int]:
        with closing(sqlite3.connect(self.file)) as connection:
            return [row[0] for row in connection.execute("SELECT time_ms / 1000 FROM observations ORDER BY 1")]

    def storage_problem(self) -> str:
        """`storage` of the newest status event; empty without a problem."""
        states = [event["args"][0] for event in self.page.get_received() if event["name"] == "status"]
        self._newest = (states or [getattr(self, "_newest", {"storage": None})])[-1]
        return self._newest["storage"] or ""

    def wait_for_problem(self, words: str) -> None:
        def is_reported() -> bool:
            self.pass_second()
            time.sleep(0.05)
            return words in self.storage_problem()

        wait_until(is_reported, 10)

    def wait_for_recovery(self) -> None:
        def is_solved() -> bool:
            self.pass_second()
            time.sleep(0.05)
            return self.storage_problem() == ""

        wait_until(is_solved, 10)

    def stop(self) -> dict[str, Any]:
        acknowledgement = self.web.send_event(self.page, "session_stop", {})
        assert acknowledgement["ok"], acknowledgement
        return dict(acknowledgement["session"])


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[RecordingHarness]:
    with running_app(tmp_path) as web:
        yield start_recording(web, tmp_path)


def start_recording(web: RunningApp, folder: Path) -> RecordingHarness:
    """Start a session and wait until three seconds are saved."""
    recording = RecordingHarness(web, folder)
    for _ in range(4):
        recording.pass_second()
    wait_until(lambda: recording.rows() == [0, 1, 2])
    return recording


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Callable[[], None]]:
    """A file system of this size, or without root a limit on file sizes; yields a function that ends the fault."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", folder], capture_output=True)
    if mounted.returncode == 0:
        try:
            yield lambda: (folder / "filler").unlink()
        finally:
            subprocess.run(["umount", "-l", folder], check=True)
        return
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def fill_disk(folder: Path, spare_bytes: int = 0) -> None:
    """Fill the disk, but for so much."""
    if not os.path.ismount(folder):
        limit = max(4096, spare_bytes)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        return
    with (folder / "filler").open("wb", buffering=0) as filler:
        with suppress(OSError):
            while True:
                filler.write(bytes(512))
        filler.truncate(filler.tell() - spare_bytes)


def test_a_full_disk_is_reported_and_the_session_is_complete_afterwards(tmp_path: Path):
    folder = tmp_path / "small"
    folder.mkdir()
    with small_disk(folder, 400) as make_room, running_app(folder) as web:
        recording = start_recording(web, folder)
        fill_disk(folder)
        recording.wait_for_problem("full" if os.path.ismount(folder) else "disk I/O error")
        assert recording.web.client.get("/healthz").status_code == 200
        make_room()
        recording.wait_for_recovery()
        assert recording.stop()["person_seconds"] == recording.second
        assert recording.rows() == list(range(recording.second))


def test_a_merge_on_a_full_disk_is_refused_and_changes_nothing(tmp_path: Path):
    folder = tmp_path / "small"
    folder.mkdir()
    with small_disk(folder, 400) as make_room, running_app(folder) as web:
        recording = start_recording(web, folder)
        web.publish_frame(100, make_face(1), make_face(2), latency_s=0)
        recording.stop()
        before = web.client.get("/api/sessions/1").get_json()
        assert [person["id"] for person in before["persons"]] == [1, 2]
        fill_disk(folder)
        answer = web.client.post("/api/sessions/1/people/merge", json={"people": [1, 2]})
        assert answer.status_code == 503
        assert re.fullmatch(r"cannot change the session: .*(full|I/O error).*", answer.get_json()["error"])
        make_room()
        assert web.client.get("/api/sessions/1").get_json() == before
        assert web.client.post("/api/sessions/1/people/merge", json={"people": [1, 2]}).status_code == 200
        assert len(web.client.get("/api/sessions/1").get_json()["persons"]) == 1
        assert web.client.post("/api/sessions/1/undo").status_code == 200
        assert web.client.get("/api/sessions/1").get_json() == before


def test_an_import_onto_a_disk_that_becomes_full_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = SessionStore(tmp_path / "source")
    rows = [make_record(time_s, track_id) for track_id in range(1, 11) for time_s in range(200)]
    number = source.start(
        NewSession("Elsewhere", source="0", demo=False, attributes=session_attributes(("happy", "sad")))
    )["id"]
    source.add(number, rows)
    source.stop(number, 200)
    export_session(source, number, tmp_path / "session.zip")
    archive = (tmp_path / "session.zip").read_bytes()
    monkeypatch.setattr(archive_import, "BATCH_ROWS", 100)
    folder = tmp_path / "small"
    folder.mkdir()
    with small_disk(folder, 8000) as make_room, running_app(folder) as web:
        start_recording(web, folder).stop()
        before = web.client.get("/api/sessions").get_json(), web.client.get("/api/sessions/1").get_json()
        fill_disk(folder, spare_bytes=150_000)
        answer = web.client.post("/api/sessions/import", data=archive)
        assert answer.status_code == 503, answer.text
        assert re.fullmatch(r"cannot import the session: .*(full|I/O error).*", answer.get_json()["error"])
        assert (web.client.get("/api/sessions").get_json(), web.client.get("/api/sessions/1").get_json()) == before
        make_room()
        imported = web.client.post("/api/sessions/import", data=archive)
        assert imported.status_code == 201, imported.text
        assert imported.get_json()["person_seconds"] == 2000
        number = imported.get_json()["id"]
        with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
            assert connection.execute("SELECT DISTINCT session_id FROM observations").fetchall() == [(1,), (number,)]


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make a folder read-only for this process, also if it runs as root."""
    paths = [folder, *folder.iterdir()]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    was_root = os.geteuid() == 0
    if was_root:
        for parent in folder.parents:
            with suppress(OSError):
                parent.chmod(parent.stat().st_mode | 0o055)
        os.seteuid(NOBODY_UID)
    try:
        yield
    finally:
        if was_root:
            os.seteuid(0)
        for path in [folder, *folder.iterdir()]:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_read_only_folder_is_reported_and_the_session_is_complete_afterwards(
    recording: RecordingHarness, tmp_path: Path
):
    with read_only(tmp_path):
        recording.wait_for_problem("recording has stopped")
        assert "readonly" in recording.storage_problem() or "unable to open" in recording.storage_problem()
        assert recording.web.client.get("/healthz").status_code == 200
    recording.wait_for_recovery()
    recording.stop()
    assert recording.rows() == list(range(recording.second))


def test_a_locked_file_is_reported_and_the_session_is_complete_afterwards(recording: RecordingHarness):
    with closing(sqlite3.connect(recording.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        recording.wait_for_problem("another program has locked")
        answer = recording.web.client.put(f"/api/sessions/{recording.id}/marker-names", json={"1": "Trailer 1"})
        assert answer.status_code == 503
        assert "another program has locked" in answer.get_json()["error"]
        assert recording.web.client.get("/healthz").status_code == 200
        other.rollback()
    recording.wait_for_recovery()
    recording.stop()
    assert recording.rows() == list(range(recording.second))


@pytest.mark.soak
def test_a_file_that_another_program_holds_for_30_s_loses_nothing_and_edits_are_refused(
    recording: RecordingHarness, caplog: pytest.LogCaptureFixture
):
    web, base = recording.web, f"/api/sessions/{recording.id}"
    edits = (("PATCH", "people/1", {"name": "Anna"}), ("POST", "markers", {"name": "x"}), ("DELETE", "people/1", None))
    with closing(sqlite3.connect(recording.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        released_at_s = time.monotonic() + HELD_S
        for method, path, body in edits:
            asked_at_s = time.monotonic()
            answer = web.client.open(f"{base}/{path}", method=method, json=body)
            assert time.monotonic() - asked_at_s < CALL_TIMEOUT_S
            assert answer.status_code == 503
            assert "another program has locked" in answer.get_json()["error"]
        first_id, first_second = web.services.rows.last_id, recording.second
        while time.monotonic() < released_at_s:
            recording.pass_second()
            time.sleep(0.05)
        assert web.services.rows.last_id - first_id >= recording.second - first_second - 1, "rows go on meanwhile"
        assert "another program has locked" in recording.storage_problem()
        assert web.client.get("/healthz").status_code == 200
        assert web.client.get(base).status_code == 200
        other.rollback()
    recording.wait_for_recovery()
    assert web.client.post(f"{base}/markers", json={"name": "Stimulus"}).status_code == 201
    recording.stop()
    lines = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    print(f"measured: 0 of {recording.second} rows lost; {lines}")
    assert [line.partition(":")[0] for line in lines] == ["recording is interrupted", "recording has resumed"]
    assert recording.rows() == list(range(recording.second))


def test_a_file_damaged_while_in_use_is_moved_aside_and_the_session_continues(recording: RecordingHarness):
    content = bytearray(recording.file.read_bytes())
    content[:4096] = b"\xa5" * 4096
    recording.file.write_bytes(content)
    recording.wait_for_problem("recording has stopped")
    recording.wait_for_problem("rows of 1 sessions were recovered")
    (kept,) = recording.file.parent.glob("*.corrupt-????????T??????")
    assert len(kept.read_bytes()) == len(content)
    summary = recording.stop()
    assert (summary["name"], summary["id"]) == ("kept", recording.id)
    lost = set(range(recording.second)) - set(recording.rows())
    print(f"measured: {len(lost)} of {recording.second} rows lost")
    assert lost == set()


def test_a_removed_file_is_created_again(recording: RecordingHarness):
    for file in recording.file.parent.glob(f"{FILE_NAME}*"):
        file.unlink()
    recording.wait_for_problem("recording has stopped")
    recording.wait_for_recovery()
    assert recording.stop()["name"] == "kept"
    assert recording.rows()[-1] == recording.second - 1

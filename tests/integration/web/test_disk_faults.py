"""A full disk, a file that is read-only, locked, damaged or gone: the live view goes on and nothing saved is lost."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from app.sessions.store import FILE_NAME
from tests.support.fakes import make_face
from tests.support.web import RunningApp, running_app, wait_until

NOBODY = 65534


class Recording:
    """A running session with one person, in which the seconds pass at the test's command."""

    def __init__(self, web: RunningApp, folder: Path) -> None:
        self.web, self.file = web, folder / FILE_NAME
        self.page = web.socket()
        self.second = 0
        web.ready()
        self._started_s = time.monotonic()
        self._web_clock_is_ours()
        self.id = web.ask(self.page, "session_start", {"name": "kept"})["session"]["id"]

    def _web_clock_is_ours(self) -> None:
        self.web.services.recorder._clock = lambda: self._started_s + self.second

    def pass_second(self) -> None:
        """One more second with a face in it; the live view shows it."""
        self.web.frame(self.second, make_face())
        self.second += 1

    def rows(self) -> list[int]:
        with closing(sqlite3.connect(self.file)) as connection:
            return [row[0] for row in connection.execute("SELECT time_s FROM person_seconds ORDER BY 1")]

    def told(self) -> str:
        """What the newest status event says of the keeping of sessions."""
        states = [event["args"][0] for event in self.page.get_received() if event["name"] == "status"]
        self._newest = (states or [getattr(self, "_newest", {"storage": None})])[-1]
        return self._newest["storage"] or ""

    def until_told(self, words: str) -> None:
        def told() -> bool:
            self.pass_second()
            time.sleep(0.05)
            return words in self.told()

        wait_until(told, 10)

    def until_well(self) -> None:
        def well() -> bool:
            self.pass_second()
            time.sleep(0.05)
            return self.told() == ""

        wait_until(well, 10)

    def stop(self) -> dict[str, Any]:
        answer = self.web.ask(self.page, "session_stop", {})
        assert answer["ok"], answer
        return dict(answer["session"])


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Recording]:
    with running_app(tmp_path) as web:
        yield started(web, tmp_path)


def started(web: RunningApp, folder: Path) -> Recording:
    """A session with three seconds on the disk."""
    recording = Recording(web, folder)
    for _ in range(4):
        recording.pass_second()
    wait_until(lambda: recording.rows() == [0, 1, 2])
    return recording


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Callable[[], None]]:
    """A file system of this size, else (not root) a limit on the size of files; gives what ends the fault."""
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


def fill(folder: Path) -> None:
    """Leave no byte free."""
    if not os.path.ismount(folder):
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        return
    with suppress(OSError), (folder / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(512))


def test_a_full_disk_is_told_and_the_session_is_whole_once_there_is_room(tmp_path: Path):
    folder = tmp_path / "small"
    folder.mkdir()
    with small_disk(folder, 400) as make_room, running_app(folder) as web:
        recording = started(web, folder)
        fill(folder)
        recording.until_told("full" if os.path.ismount(folder) else "disk I/O error")
        assert recording.web.client.get("/healthz").status_code == 200
        make_room()
        recording.until_well()
        assert recording.stop()["person_seconds"] == recording.second
        assert recording.rows() == list(range(recording.second))


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make it so for this process, which may be root's."""
    paths = [folder, *folder.iterdir()]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    was_root = os.geteuid() == 0
    if was_root:
        for parent in folder.parents:
            with suppress(OSError):
                parent.chmod(parent.stat().st_mode | 0o055)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if was_root:
            os.seteuid(0)
        for path in [folder, *folder.iterdir()]:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_folder_made_read_only_is_told_and_the_session_goes_on_afterwards(recording: Recording, tmp_path: Path):
    with read_only(tmp_path):
        recording.until_told("recording has stopped")
        assert "readonly" in recording.told() or "unable to open" in recording.told()
        assert recording.web.client.get("/healthz").status_code == 200
    recording.until_well()
    recording.stop()
    assert recording.rows() == list(range(recording.second))


def test_a_file_that_another_program_locks_is_told_and_the_session_is_whole_afterwards(recording: Recording):
    with closing(sqlite3.connect(recording.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        recording.until_told("locked")
        assert recording.web.client.get("/healthz").status_code == 200
        other.rollback()
    recording.until_well()
    recording.stop()
    assert recording.rows() == list(range(recording.second))


def test_a_file_damaged_while_it_is_in_use_is_kept_and_the_session_goes_on_in_a_new_one(recording: Recording):
    content = bytearray(recording.file.read_bytes())
    content[:4096] = b"\xa5" * 4096
    recording.file.write_bytes(content)
    recording.until_told("recording has stopped")
    recording.until_told("was moved to")
    (kept,) = recording.file.parent.glob("*.corrupt-*")
    assert len(kept.read_bytes()) == len(content), "what can be read of it can still be saved"
    summary = recording.stop()
    assert (summary["name"], summary["id"]) == ("kept", recording.id)
    assert set(recording.rows()) >= set(range(4, recording.second))


def test_a_file_that_somebody_removes_is_begun_again(recording: Recording):
    for file in recording.file.parent.glob(f"{FILE_NAME}*"):
        file.unlink()
    recording.until_told("recording has stopped")
    recording.until_well()
    assert recording.stop()["name"] == "kept"
    assert recording.rows()[-1] == recording.second - 1

"""Deleted data is removed from the bytes on the disk, not only from the tables."""

import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from app.errors import SessionError
from app.sessions.rows.records import NewSession
from app.sessions.store import FILE_NAME, SessionStore
from tests.support.sessions import START, WallClock, make_record, session_attributes, write_version_1

SESSION_NAMES = ("Zanzibar interview of Ms Unmistakable", "Renamed to Wuppertal")


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
def store(tmp_path: Path, clock: WallClock):
    store = SessionStore(tmp_path, now=clock)
    # An open connection keeps SQLite from removing its journal by itself.
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as onlooker:
        onlooker.execute("SELECT * FROM sessions").fetchall()
        yield store


def record_session(store: SessionStore, label: str = "gloating", seconds: int = 400) -> int:
    """Store a renamed session with enough records to fill several database pages."""
    labels = ("happy", "calm")
    attributes = session_attributes(labels)
    session_id = store.start(NewSession(SESSION_NAMES[0], source="demo", demo=True, attributes=attributes))["id"]
    store.add(session_id, [make_record(time_s, 7, 0.875, labels=labels, mask=label) for time_s in range(seconds)])
    store.rename(session_id, SESSION_NAMES[1])
    store.stop(session_id, seconds)
    return session_id


def words_on_disk(folder: Path, *words: str) -> set[str]:
    """The words that occur anywhere in the folder's files."""
    content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return {word for word in words if word.encode() in content}


def words_in(file: Path, *words: str) -> set[str]:
    return {word for word in words if word.encode() in file.read_bytes()}


def folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def test_a_deleted_session_leaves_nothing(store: SessionStore, tmp_path: Path):
    remaining_id = record_session(store, "smirking")
    session_id = record_session(store)
    assert words_on_disk(tmp_path, *SESSION_NAMES, "gloating") == {*SESSION_NAMES, "gloating"}
    store.rename(remaining_id, "Kept")
    assert store.delete(session_id)
    assert words_on_disk(tmp_path, *SESSION_NAMES, "gloating") == set()
    assert words_on_disk(tmp_path, "Kept", "smirking") == {"Kept", "smirking"}
    assert (store.session(remaining_id) or {})["person_seconds"] == 400


def test_delete_all_leaves_nothing_and_frees_the_space(store: SessionStore, tmp_path: Path):
    for _ in range(3):
        record_session(store)
    damaged = tmp_path / f"{FILE_NAME}.corrupt-20260101T000000"
    damaged.write_text(f"{SESSION_NAMES[0]} in a damaged file")
    damaged.with_name(f"{damaged.name}-wal").write_text(SESSION_NAMES[1])
    before = folder_bytes(tmp_path)
    assert store.delete_all() == 3
    assert store.sessions() == []
    assert words_on_disk(tmp_path, *SESSION_NAMES, "gloating") == set()
    assert folder_bytes(tmp_path) < before / 2
    assert sorted(path.name for path in tmp_path.glob("*corrupt*")) == []
    assert record_session(store) == 4, "ids are never reused"


def test_a_new_folder_is_readable_by_its_owner_only(tmp_path: Path):
    SessionStore(tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_delete_all_is_refused_while_a_session_runs(store: SessionStore):
    record_session(store)
    store.start(NewSession("Running", source=None, demo=False, attributes=session_attributes(())))
    with pytest.raises(SessionError, match="stop it"):
        store.delete_all()
    assert len(store.sessions()) == 2


def test_overdue_sessions_and_corrupt_copies_are_deleted_from_the_bytes(
    store: SessionStore, tmp_path: Path, clock: WallClock
):
    record_session(store)
    assert store.back_up()
    clock.now += timedelta(days=1)
    younger = record_session(store, "smirking")
    running = store.start(NewSession("Running", source=None, demo=False, attributes=session_attributes(())))["id"]
    aside = [tmp_path / f"{FILE_NAME}.corrupt-{name}" for name in ("20260131T000000", "20260215T000000")]
    for path, moment in zip(aside, (START, START + timedelta(days=15)), strict=True):
        path.touch()
        os.utime(path, (moment.timestamp(), moment.timestamp()))
    assert store.delete_overdue(timedelta(days=2)) == ()
    clock.now += timedelta(days=1, hours=1)
    assert [f"{ended:%d %H:%M}" for ended in store.delete_overdue(timedelta(days=2))] == ["31 14:10"]
    assert [session["id"] for session in store.sessions()] == [running, younger]
    assert words_on_disk(tmp_path, "gloating") == set()
    assert [path.exists() for path in aside] == [False, True]


def test_deletion_reaches_the_backup_and_the_copy_before_a_migration(tmp_path: Path, clock: WallClock):
    write_version_1(tmp_path / FILE_NAME, 300)
    store = SessionStore(tmp_path, now=clock)
    kept = record_session(store, "smirking")
    deleted = record_session(store)
    assert store.back_up()
    before = tmp_path / f"{FILE_NAME}.before-v5"
    assert {"smirking", "gloating"} == words_in(tmp_path / f"{FILE_NAME}.backup", "smirking", "gloating")
    assert store.delete(deleted)
    assert words_on_disk(tmp_path, "gloating") == set()
    assert "smirking" in words_in(tmp_path / f"{FILE_NAME}.backup", "smirking")
    assert words_in(before, "Trailer test") == {"Trailer test"}
    assert store.delete(1)
    assert words_on_disk(tmp_path, "Trailer test") == set()
    assert not before.exists(), "a copy without sessions is removed"
    assert (store.session(kept) or {})["person_seconds"] == 400
    assert store.delete_all() == 1
    assert not list(tmp_path.glob("*.backup*"))


def test_a_damaged_backup_is_removed_with_the_next_deletion(store: SessionStore, tmp_path: Path):
    session_id = record_session(store)
    (tmp_path / f"{FILE_NAME}.backup").write_text(f"{SESSION_NAMES[0]} in a damaged file")
    assert store.delete(session_id)
    assert words_on_disk(tmp_path, SESSION_NAMES[0]) == set()


def test_a_reader_that_keeps_the_journal_is_reported(tmp_path: Path, clock: WallClock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.sessions.database.sqlite.engine.LOCK_TIMEOUT_S", 0.1)
    warned: list[str] = []
    store = SessionStore(tmp_path, now=clock, warn=warned.append)
    session_id = record_session(store)
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM sessions").fetchall()
        assert store.delete(session_id)
    assert "another program" in warned[-1]
    assert store.sessions() == []
    assert words_on_disk(tmp_path, *SESSION_NAMES) == set(), "removed once the reader has closed"

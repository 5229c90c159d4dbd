"""The sessions file: stored data, repairs and refused operations."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from app.errors import SessionError, UnknownItem
from app.sessions.analysis.selection import EVERYTHING, select_by
from app.sessions.rows.records import NewSession
from app.sessions.store import FILE_NAME, SessionStore
from tests.support.sessions import WallClock, make_record, session_attributes

ATTRIBUTES = session_attributes(("happy", "sad"))


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
def store(tmp_path: Path, clock: WallClock) -> SessionStore:
    return SessionStore(tmp_path, now=clock)


def start_session(store: SessionStore, name: str | None = None) -> int:
    return store.start(NewSession(name, source="demo", demo=True, attributes=ATTRIBUTES))["id"]


def test_a_session_and_its_records_are_stored(store: SessionStore, tmp_path: Path, clock: WallClock):
    session_id = start_session(store, "Trailer test")
    store.add(session_id, [make_record(0), make_record(1), make_record(1, track_id=2, happy=0.1)])
    ended = store.stop(session_id, 10.5)
    again = SessionStore(tmp_path, now=clock).session(session_id)
    assert ended == again
    assert again is not None
    assert again["started_at"] == "2026-01-31T14:03:22.125+00:00"
    assert again["ended_at"] == "2026-01-31T14:03:32.625+00:00"
    assert (again["duration_s"], again["persons"], again["person_seconds"]) == (10.5, 2, 3)
    assert again["histogram"] == {"happy": 2, "sad": 1}
    assert again["dominant"] == "happy"
    assert again["demo"] is True


def test_a_session_without_a_name_is_named_after_its_id(store: SessionStore):
    assert store.start(NewSession(None, source=None, demo=False, attributes=ATTRIBUTES))["name"] == "Session 1"


def test_ids_are_never_reused(store: SessionStore):
    first = start_session(store)
    store.stop(first, 1)
    assert store.delete(first)
    assert start_session(store) == first + 1


def test_delete_removes_the_records_and_refuses_a_running_session(store: SessionStore, tmp_path: Path):
    session_id = start_session(store)
    store.add(session_id, [make_record(0)])
    with pytest.raises(SessionError, match="running"):
        store.delete(session_id)
    store.stop(session_id, 1)
    assert store.delete(session_id)
    assert not store.delete(session_id)
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        assert connection.execute("SELECT count(*) FROM observations").fetchone() == (0,)


def test_a_person_has_one_record_per_second(store: SessionStore):
    session_id = start_session(store)
    store.add(session_id, [make_record(0, happy=0.8)])
    store.add(session_id, [make_record(0, happy=0.1), make_record(1)])
    stored = store.records(session_id)
    assert stored[1] == [make_record(0, happy=0.8), make_record(1)]


def test_the_newest_session_comes_first(store: SessionStore, clock: WallClock):
    for _ in range(3):
        store.stop(start_session(store), 1)
        clock.now += timedelta(hours=1)
    assert [session["id"] for session in store.sessions()] == [3, 2, 1]


@pytest.mark.parametrize("session_id", [0, -1, 99, 2**53, 2**70])
def test_an_unknown_id_returns_none(store: SessionStore, session_id: int):
    assert store.session(session_id) is None
    for read in (store.detail, store.records):
        with pytest.raises(UnknownItem, match="there is no session"):
            read(session_id)
    assert store.rename(session_id, "x") is None
    assert store.stop(session_id, 1) is None
    assert not store.delete(session_id)


def test_an_interrupted_session_is_closed_at_its_last_record(store: SessionStore, tmp_path: Path, clock: WallClock):
    with_records, without = start_session(store), start_session(store)
    store.add(with_records, [make_record(0), make_record(41)])
    clock.now += timedelta(days=2)
    reopened = {session["id"]: session for session in SessionStore(tmp_path, now=clock).sessions()}
    assert reopened[with_records]["ended_at"] == "2026-01-31T14:04:03.125+00:00"
    everything = SessionStore(tmp_path, now=clock).read(
        with_records, lambda connection, header, now: select_by(connection, header, EVERYTHING, now)
    )
    assert everything.spans == [(0, 42_000)], "the last row belongs to it"
    assert reopened[without]["ended_at"] == reopened[without]["started_at"]
    assert not reopened[with_records]["running"]
    assert reopened[with_records]["interrupted"]
    assert reopened[without]["interrupted"]


def test_a_second_server_does_not_shorten_a_running_session(store: SessionStore, tmp_path: Path, clock: WallClock):
    session_id = start_session(store)
    store.add(session_id, [make_record(0)])
    SessionStore(tmp_path, now=clock)  # considers the session interrupted by a crash
    stopped = store.stop(session_id, 100.0)
    assert stopped is not None
    assert stopped["duration_s"] == 100.0
    assert not stopped["interrupted"]


@pytest.mark.parametrize("damage", [b"this is no database " * 50, b"SQLite format 3\x00" + b"\xff" * 4000])
def test_a_corrupt_file_is_moved_aside_and_a_new_one_created(tmp_path: Path, clock: WallClock, damage: bytes):
    (tmp_path / FILE_NAME).write_bytes(damage)
    store = SessionStore(tmp_path, now=clock)
    kept = tmp_path / f"{FILE_NAME}.corrupt-20260131T140322"
    assert kept.read_bytes() == damage
    assert store.notice is not None
    assert kept.name in store.notice
    assert start_session(store) == 1


def test_warnings_go_to_the_given_function(store: SessionStore, tmp_path: Path, caplog):
    start_session(store)
    warned: list[str] = []
    SessionStore(tmp_path, warn=warned.append)
    (tmp_path / FILE_NAME).write_bytes(b"this is no database " * 50)
    SessionStore(tmp_path, warn=warned.append)
    (tmp_path / "blocked").touch()
    SessionStore(tmp_path / "blocked", warn=warned.append)
    assert [line.partition(":")[0].split()[-1] for line in warned] == ["record", "corrupt", str(tmp_path / "blocked")]
    assert not caplog.records, "a real thread must not touch logging's green locks"


def test_an_empty_file_is_initialised(tmp_path: Path):
    (tmp_path / FILE_NAME).touch()
    store = SessionStore(tmp_path)
    assert store.notice is None
    assert store.sessions() == []


def test_an_unwritable_folder_is_a_one_line_error_and_retried(tmp_path: Path):
    (tmp_path / "data").write_text("a file where the folder should be")
    store = SessionStore(tmp_path / "data")
    assert store.notice is not None
    with pytest.raises(SessionError, match="--data") as refused:
        start_session(store)
    assert "\n" not in str(refused.value)
    (tmp_path / "data").unlink()
    assert start_session(store) == 1


def test_a_locked_file_is_not_moved_aside(store: SessionStore, tmp_path: Path):
    store.sessions()
    blocker = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    with pytest.raises(SessionError, match="locked"):
        start_session(store)
    blocker.rollback()
    blocker.close()
    assert start_session(store) == 1

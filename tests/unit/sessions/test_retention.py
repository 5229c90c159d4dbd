"""Sessions are deleted after the configured number of days."""

import logging
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from app.errors import SessionError
from app.sessions.disk_worker import DiskWorker
from app.sessions.retention import Retention
from app.sessions.rows.records import NewSession
from app.sessions.store import SessionStore
from tests.support.sessions import WallClock, session_attributes
from tests.support.web import wait_until

KEEP_DAYS = 30


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
def store(tmp_path: Path, clock: WallClock) -> SessionStore:
    store = SessionStore(tmp_path, now=clock)
    record(store, "Old")
    return store


@pytest.fixture
def worker():
    worker = DiskWorker()
    yield worker
    worker.close()


def record(store: SessionStore, name: str) -> None:
    attributes = session_attributes(())
    store.stop(store.start(NewSession(name, source=None, demo=False, attributes=attributes))["id"], 1.0)


def let_days_pass(store: SessionStore, clock: WallClock, days: int) -> None:
    """Check once a day, as a server that runs all the time does every hour."""
    for _ in range(days):
        clock.now += timedelta(days=1)
        store.delete_overdue(timedelta(days=KEEP_DAYS))


def test_old_sessions_are_deleted_at_startup_and_later(
    store: SessionStore, worker: DiskWorker, clock: WallClock, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    let_days_pass(store, clock, KEEP_DAYS - 1)
    record(store, "New")
    clock.now += timedelta(days=1, hours=1)
    retention = Retention(store, worker, KEEP_DAYS, interval_s=0.01)
    wait_until(lambda: [session["name"] for session in worker.call(store.sessions)] == ["New"])
    wait_until(lambda: "deleted 1 sessions older than 30 days, which ended from 2026-01-31 14:03" in caplog.text)
    for _ in range(KEEP_DAYS):
        clock.now += timedelta(days=1)
        worker.call(store.delete_overdue, timedelta(days=KEEP_DAYS))
    wait_until(lambda: worker.call(store.sessions) == [])
    retention.close()


def test_sessions_are_kept_within_their_days_and_forever_with_0_days(
    store: SessionStore, worker: DiskWorker, clock: WallClock
):
    let_days_pass(store, clock, KEEP_DAYS - 1)
    retentions = [Retention(store, worker, KEEP_DAYS)]
    worker.call(lambda: None)  # runs after all queued calls
    clock.now += timedelta(days=3650)
    retentions.append(Retention(store, worker, 0))
    worker.call(lambda: None)
    assert len(store.sessions()) == 1
    for retention in retentions:
        retention.close()


def test_a_clock_set_far_ahead_deletes_nothing_of_today_however_often_the_server_starts(
    tmp_path: Path, worker: DiskWorker, clock: WallClock
):
    warned: list[str] = []
    for day in range(40):
        record(SessionStore(tmp_path, now=clock), f"day {day}")
        let_days_pass(SessionStore(tmp_path, now=clock), clock, 1)
    before = len(SessionStore(tmp_path, now=clock).sessions())
    clock.now += timedelta(days=3650)
    for _ in range(20):
        store = SessionStore(tmp_path, now=clock, warn=warned.append)
        Retention(store, worker, KEEP_DAYS).close()
        worker.call(lambda: None)
        clock.now += timedelta(minutes=5)
    assert before - len(store.sessions()) <= 1
    assert len(warned) == 1
    assert "the clock shows 2036-03-09, but was last seen at 2026-03-12" in warned[0]


def test_a_backup_is_made_every_day(store: SessionStore, worker: DiskWorker, clock: WallClock, tmp_path: Path):
    backup = tmp_path / "sessions.sqlite3.backup"
    retention = Retention(store, worker, 0, interval_s=0.01)
    wait_until(backup.exists)
    first = backup.stat().st_mtime
    record(store, "Later")
    clock.now += timedelta(hours=23)
    worker.call(store.back_up)
    assert backup.stat().st_mtime == first
    clock.now += timedelta(hours=1)
    wait_until(lambda: backup.stat().st_mtime == first + 86400)
    with closing(sqlite3.connect(backup)) as connection:
        assert [row[0] for row in connection.execute("SELECT name FROM sessions ORDER BY id")] == ["Old", "Later"]
    retention.close()


def test_a_file_that_cannot_be_copied_leaves_the_last_backup(store: SessionStore, clock: WallClock, tmp_path: Path):
    assert store.back_up()
    content = (tmp_path / "sessions.sqlite3.backup").read_bytes()
    clock.now += timedelta(days=1)
    (tmp_path / "sessions.sqlite3.backup.unfinished").mkdir()
    with pytest.raises(SessionError, match="cannot back up") as refused:
        store.back_up()
    assert "\n" not in str(refused.value)
    assert (tmp_path / "sessions.sqlite3.backup").read_bytes() == content


def test_a_failed_deletion_is_reported_and_retried(
    store: SessionStore, worker: DiskWorker, clock: WallClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    let_days_pass(store, clock, KEEP_DAYS - 1)
    clock.now += timedelta(days=1, hours=1)
    away = tmp_path.with_name("away")
    (tmp_path / "sessions.sqlite3").rename(away)
    (tmp_path / "sessions.sqlite3").mkdir()
    retention = Retention(store, worker, KEEP_DAYS, interval_s=0.01)
    wait_until(lambda: "could not delete" in caplog.text)
    (tmp_path / "sessions.sqlite3").rmdir()
    away.rename(tmp_path / "sessions.sqlite3")
    wait_until(lambda: "deleted 1 sessions" in caplog.text)
    retention.close()

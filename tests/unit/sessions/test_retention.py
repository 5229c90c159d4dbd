"""Sessions are deleted after the configured number of days."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from app.sessions.disk_worker import DiskWorker
from app.sessions.retention import Retention
from app.sessions.store import SessionStore
from tests.support.web import wait_until
from tests.unit.sessions.test_store import WallClock


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
def store(tmp_path: Path, clock: WallClock) -> SessionStore:
    store = SessionStore(tmp_path, now=clock)
    store.stop(store.start("Old", source=None, demo=False, labels=())["id"], 1.0)
    return store


@pytest.fixture
def worker():
    worker = DiskWorker()
    yield worker
    worker.close()


def test_old_sessions_are_deleted_at_startup_and_later(store: SessionStore, worker: DiskWorker, clock: WallClock):
    clock.now += timedelta(days=31)
    store.stop(store.start("New", source=None, demo=False, labels=())["id"], 1.0)
    retention = Retention(store, worker, 30, now=clock, interval_s=0.01)
    wait_until(lambda: [session["name"] for session in worker.call(store.sessions)] == ["New"])
    clock.now += timedelta(days=31)
    wait_until(lambda: worker.call(store.sessions) == [])
    retention.close()


def test_sessions_are_kept_within_their_days_and_forever_with_0_days(
    store: SessionStore, worker: DiskWorker, clock: WallClock
):
    clock.now += timedelta(days=29)
    retentions = [Retention(store, worker, 30, now=clock)]
    clock.now += timedelta(days=3650)
    retentions.append(Retention(store, worker, 0, now=clock))
    worker.call(lambda: None)  # runs after all queued calls
    assert len(store.sessions()) == 1
    for retention in retentions:
        retention.close()


def test_a_failed_deletion_is_reported_and_retried(
    store: SessionStore, worker: DiskWorker, clock: WallClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    clock.now += timedelta(days=31)
    away = tmp_path.with_name("away")
    (tmp_path / "sessions.sqlite3").rename(away)
    (tmp_path / "sessions.sqlite3").mkdir()
    retention = Retention(store, worker, 30, now=clock, interval_s=0.01)
    wait_until(lambda: "could not delete" in caplog.text)
    (tmp_path / "sessions.sqlite3").rmdir()
    away.rename(tmp_path / "sessions.sqlite3")
    wait_until(lambda: "deleted 1 sessions" in caplog.text)
    retention.close()

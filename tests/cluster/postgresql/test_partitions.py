"""Rows by day: created ahead, found by the plans of queries, dropped by retention."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.sessions.analysis.selection import Filter, select_by
from app.sessions.analysis.timeline import timeline
from app.sessions.database.server_address import ServerAddress
from app.sessions.database.sums import rebuild_sums
from app.sessions.queries import insert_records
from app.sessions.rows.records import NewSession, SessionHeader
from app.sessions.store import SessionStore
from tests.support.postgresql.query_plans import explain_all
from tests.support.postgresql.server import TestServer
from tests.support.sessions import START, WallClock, make_record, session_attributes

ATTRIBUTES = session_attributes(("happy", "sad"))
DAYS = 4


def record_days(address: ServerAddress, clock: WallClock, seconds: int = 300) -> tuple[SessionStore, list[int]]:
    """A session a day, and the store."""
    store, ids = SessionStore(address, now=clock), []
    for _ in range(DAYS):
        session_id = store.start(NewSession(None, source="0", demo=False, attributes=ATTRIBUTES))["id"]
        store.add(session_id, [make_record(time, track) for time in range(seconds) for track in (1, 2)])
        store.stop(session_id, seconds)
        ids.append(session_id)
        clock.now += timedelta(days=1)
    return store, ids


def partitions(server: TestServer, database: str) -> list[str]:
    names = server.psql("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1", database)
    return names.split()


def test_retention_drops_whole_days(server: TestServer, database: str, address: ServerAddress):
    clock = WallClock()
    store, ids = record_days(address, clock)
    days = ["20260131", "20260201", "20260202", "20260203", "20260204"]  # the last one was created ahead
    tables = ("label_sums", "observations", "sums")
    assert partitions(server, database) == [f"{table}_{day}" for table in tables for day in days]
    assert [one // 1_000_000 for one in ids] == [20260131, 20260201, 20260202, 20260203]
    clock.now = START + timedelta(days=2, hours=1)
    store.delete_overdue(timedelta(days=1))
    assert [one["id"] for one in store.sessions()] == ids[:0:-1]
    assert partitions(server, database) == [f"{table}_{day}" for table in tables for day in days[1:]]
    clock.now = START + timedelta(days=3, hours=1)
    (extra,) = [store.start(NewSession(None, source="0", demo=False, attributes=ATTRIBUTES))["id"]]
    store.stop(extra, 10)
    store.delete_overdue(timedelta(days=1))
    assert [one["id"] for one in store.sessions()] == [extra, ids[3], ids[2]]
    assert server.psql("SELECT count(*) FROM observations", database) == "1200"


def test_a_day_with_a_session_that_stays_is_kept(server: TestServer, database: str, address: ServerAddress):
    clock = WallClock()
    store = SessionStore(address, now=clock)
    new = NewSession(None, source="0", demo=False, attributes=ATTRIBUTES)
    short, long = (store.start(replace(new, camera=camera))["id"] for camera in "ab")
    for one in (short, long):
        store.add(one, [make_record(0)])
    store.stop(short, 10)
    clock.now += timedelta(days=2)
    store.stop(long, 2 * 86_400)
    store.delete_overdue(timedelta(days=1))
    assert [one["id"] for one in store.sessions()] == [long]
    assert len(store.records(long)[1]) == 1
    assert server.psql("SELECT count(*) FROM observations", database) == "1"


@pytest.mark.parametrize("what", ["detail", "timeline", "records"])
def test_queries_of_a_session_read_one_day_by_its_index(address: ServerAddress, what: str):
    store, ids = record_days(address, WallClock(), seconds=2000)
    plans = explain_all(store, lambda: reads(store, ids[1])[what]())
    tables = [scan for plan in plans for scan in plan]
    rows = [scan for scan in tables if scan.table.startswith(("observations", "sums", "label_sums"))]
    assert rows, "no query reads rows"
    assert {scan.table.rpartition("_")[2] for scan in rows} == {"20260201"}, "other days are not even looked at"
    assert {scan.kind for scan in rows} <= {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}, rows


def test_a_session_that_statistics_do_not_know_is_summed_up_by_index(
    server: TestServer, database: str, address: ServerAddress
):
    """The server counts a day's rows from time to time, and a session that came since then has none for it."""
    store = SessionStore(address, now=WallClock())
    first = NewSession(None, source="0", demo=False, attributes=ATTRIBUTES)
    known, new = (store.start(replace(first, camera=name))["id"] for name in "ab")
    rows = [make_record(time, track) for time in range(600) for track in (1, 2)]
    store.add(known, rows)
    server.psql("ANALYZE", database)

    def record(connection: Any, header: SessionHeader, _: Any) -> None:
        insert_records(connection, header, rows)
        rebuild_sums(connection, header.id, header.attributes, header.rate)

    plans = explain_all(store, lambda: store.edit(new, record))
    touched = [scan for plan in plans for scan in plan if scan.table == "touched"]
    assert len(touched) >= 2, "no sums were computed from a list of intervals"
    assert {scan.loops for scan in touched} == {1}, "all intervals were compared with each row"


def reads(store: SessionStore, session_id: int) -> dict[str, Any]:
    def zoom(connection: Any, header: SessionHeader, now: Any) -> Any:
        chosen = Filter(start_ms=60_500, end_ms=120_500)
        return timeline(connection, select_by(connection, header, chosen, now), (), points=400)

    return {
        "detail": lambda: store.detail(session_id),
        "timeline": lambda: store.read(session_id, zoom),
        "records": lambda: store.records(session_id),
    }

"""Several nodes on one database: creation, migration, rows that come twice, leases, and a server that goes away."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from app.errors import SessionError
from app.sessions.database.postgresql.postgresql_server import LEASE
from app.sessions.database.schema import LABEL_SUMS, SCHEMA_VERSION, SUMS
from app.sessions.database.server_address import ServerAddress
from app.sessions.database.sums import rebuild_sums
from app.sessions.disk_worker import DiskWorker
from app.sessions.recording.lease_renewal import LeaseRenewal
from app.sessions.rows.records import NewSession, SessionHeader
from app.sessions.store import SessionStore
from tests.support.postgresql.server import TestServer
from tests.support.sessions import WallClock, make_record, session_attributes

ATTRIBUTES = session_attributes(("happy", "sad"))
NODES = 6
# Long enough for a renewal on a busy computer.
SHORT_LEASE = timedelta(seconds=3)


def start(store: SessionStore, camera: str | None = None) -> int:
    session_id: int = store.start(NewSession(None, source="0", demo=False, attributes=ATTRIBUTES, camera=camera))["id"]
    return session_id


def at_once(count: int, function: Callable[[int], Any]) -> list[Any]:
    """The results of calls at the same time."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(function, range(count)))


def test_nodes_that_start_together_create_the_tables_once(address: ServerAddress, server: TestServer, database: str):
    stores = at_once(NODES, lambda _: SessionStore(address))
    assert [store.notice for store in stores] == [None] * NODES
    ids = at_once(NODES, lambda node: start(stores[node], f"camera {node}"))
    assert len(set(ids)) == NODES
    assert server.psql("SELECT version_num FROM alembic_version", database) == str(SCHEMA_VERSION)


def test_tables_of_the_version_before_are_migrated_once(address: ServerAddress, server: TestServer, database: str):
    session_id = start(SessionStore(address))
    server.psql("DROP INDEX running_cameras, ix_markers_session_id, ix_edits_session_id", database)
    server.psql("ALTER TABLE sessions DROP COLUMN leased_until", database)
    server.psql("UPDATE alembic_version SET version_num = '4'", database)
    stores = at_once(NODES, lambda _: SessionStore(address))
    assert [store.notice for store in stores] == [None] * NODES
    assert server.psql("SELECT version_num FROM alembic_version", database) == str(SCHEMA_VERSION)
    assert (stores[0].session(session_id) or {})["running"] is False, "nobody holds it"
    indexes = server.psql(
        "SELECT indexname FROM pg_indexes WHERE tablename IN ('sessions', 'markers', 'edits')", database
    )
    assert {"running_cameras", "ix_markers_session_id", "ix_edits_session_id"} <= set(indexes.split())


def test_a_newer_database_is_refused_in_one_line(address: ServerAddress, server: TestServer, database: str):
    SessionStore(address)
    server.psql("UPDATE alembic_version SET version_num = '999'", database)
    store = SessionStore(address)
    assert store.notice == "the database has a newer version (999); update the app or give another one"
    with pytest.raises(SessionError, match="newer version"):
        store.sessions()


def test_rows_that_come_twice_and_from_several_nodes_count_once(address: ServerAddress):
    stores = [SessionStore(address) for _ in range(4)]
    session_id = start(stores[0])
    batches = [[make_record(time, track) for track in (1, 2, 3)] for time in range(120)]

    def save(node: int) -> None:
        for batch in batches[node % 2 :: 2] + batches[:20]:  # two nodes have the same rows, and all the first ones
            stores[node].add(session_id, batch)

    at_once(4, save)
    stored = stores[0].records(session_id)[1]
    assert [(row.time_ms, row.track_id) for row in stored] == [
        (1000 * t, track) for t in range(120) for track in (1, 2, 3)
    ]
    before = stores[0].read(session_id, read_sums)
    stores[0].edit(session_id, rebuild)
    assert stores[0].read(session_id, read_sums) == before
    assert (stores[0].session(session_id) or {})["person_seconds"] == 360


def read_sums(connection: Any, header: SessionHeader, _: Any) -> list[Any]:
    tables = (SUMS, LABEL_SUMS)
    rows = (connection.execute(select(one).where(one.c.session_id == header.id)).all() for one in tables)
    return [sorted(map(tuple, of_table)) for of_table in rows]


def rebuild(connection: Any, header: SessionHeader, _: Any) -> None:
    for table in (SUMS, LABEL_SUMS):
        connection.execute(table.delete().where(table.c.session_id == header.id))
    rebuild_sums(connection, header.id, header.attributes, header.rate)


def test_a_camera_runs_one_session_at_a_time(address: ServerAddress):
    stores = [SessionStore(address) for _ in range(NODES)]

    def try_to_start(node: int) -> int | str:
        try:
            return start(stores[node], "door")
        except SessionError as error:
            return str(error)

    results = at_once(NODES, try_to_start)
    (session_id,) = [one for one in results if isinstance(one, int)]
    refused = "cannot start the session: another session of this camera is running; stop it first"
    assert [one for one in results if one != session_id] == [refused] * (NODES - 1)
    start(stores[0], "window")
    stores[1].stop(session_id, 1.0)
    assert isinstance(try_to_start(2), int)


def test_the_session_of_a_dead_node_is_ended_when_its_lease_is_over(address: ServerAddress):
    clock = WallClock()
    dead, alive = SessionStore(address, now=clock), SessionStore(address, now=clock)
    session_id, other_id = start(dead, "door"), start(alive, "window")
    dead.add(session_id, [make_record(0), make_record(7)])
    clock.now += LEASE - timedelta(seconds=1)
    assert alive.renew(other_id)
    alive.close_abandoned()
    assert (alive.session(session_id) or {})["running"], "its lease goes on for a second"
    clock.now += timedelta(seconds=2)
    alive.close_abandoned()
    assert (alive.session(session_id) or {})["ended_at"] == "2026-01-31T14:03:29.125+00:00", "its last row"
    assert (alive.session(other_id) or {})["running"]
    assert dead.renew(session_id), "the node was only slow: its session goes on"
    assert (alive.session(session_id) or {})["running"]
    clock.now += 2 * LEASE
    next_id = start(alive, "door")
    assert (alive.session(session_id) or {})["running"] is False
    with pytest.raises(SessionError, match="another session of this camera is running"):
        dead.renew(session_id)
    alive.stop(next_id, 1.0)
    assert not alive.renew(next_id), "a stopped session stays so"


def test_a_start_does_not_end_the_sessions_and_imports_of_other_nodes(address: ServerAddress):
    clock = WallClock()
    node = SessionStore(address, now=clock)
    session_id = start(node)
    import_id = node.begin_import(ATTRIBUTES, {"started_at": "2026-01-31T14:03:22.125+00:00", "demo": False})
    second = SessionStore(address, now=clock)
    assert (second.session(session_id) or {})["running"]
    node.edit_import(import_id, lambda *_: None)
    clock.now += 2 * LEASE
    warned: list[str] = []
    SessionStore(address, now=clock, warn=warned.append)
    assert len(warned) == 2
    with pytest.raises(SessionError, match="deleted while it was imported"):
        node.edit_import(import_id, lambda *_: None)


def test_a_server_that_was_restarted_loses_nothing_that_was_saved(
    server: TestServer, address: ServerAddress, database: str
):
    store = SessionStore(address)
    session_id = start(store)
    store.add(session_id, [make_record(0)])
    server.stop("immediate")
    with pytest.raises(SessionError, match="check that PostgreSQL runs") as refused:
        store.add(session_id, [make_record(1)])
    assert "\n" not in str(refused.value)
    absent = SessionStore(address)
    assert "cannot open the database: postgresql+psycopg://faces@127.0.0.1" in (absent.notice or "")
    server.start()
    store.add(session_id, [make_record(1)])
    assert [row.time_ms for row in absent.records(session_id)[1]] == [0, 1000]
    assert absent.notice is None


def test_a_replaced_database_gets_its_tables_at_the_next_use(server: TestServer, address: ServerAddress, database: str):
    store = SessionStore(address)
    session = store.start(NewSession(None, source="0", demo=False, attributes=ATTRIBUTES))
    server.drop_database(database)
    server.create_database(database)
    with pytest.raises(SessionError):
        store.add(session["id"], [make_record(0)])
    store.restore(session, ATTRIBUTES)
    store.add(session["id"], [make_record(0)])
    assert len(store.records(session["id"])[1]) == 1


def test_a_snapshot_does_not_see_what_is_written_meanwhile(address: ServerAddress):
    store, other = SessionStore(address), SessionStore(address)
    session_id = start(store)
    store.add(session_id, [make_record(0)])

    def read(connection: Any, header: SessionHeader, _: Any) -> tuple[int, int]:
        count = text("SELECT count(*) FROM observations")
        before = connection.execute(count).scalar_one()
        other.add(session_id, [make_record(1)])
        return before, connection.execute(count).scalar_one()

    assert store.read(session_id, read) == (1, 1)
    assert len(store.records(session_id)[1]) == 2


def test_a_node_renews_the_leases_of_its_sessions_while_it_runs(address: ServerAddress):
    node, other = SessionStore(address), SessionStore(address)
    node.database.lease = SHORT_LEASE
    session_id = start(node)
    worker = DiskWorker()
    renewal = LeaseRenewal(node, worker, lambda: [session_id])
    time.sleep(2 * SHORT_LEASE.total_seconds())
    other.close_abandoned()
    assert (other.session(session_id) or {})["running"]
    renewal.close()
    time.sleep(2 * SHORT_LEASE.total_seconds())
    other.close_abandoned()
    assert (other.session(session_id) or {})["running"] is False
    worker.close()

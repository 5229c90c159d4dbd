"""Measure what a session's page asks for among many rows in PostgreSQL.

`python -m tests.support.postgresql.many_rows --rows 50000000`

A new server in a temporary folder gets four sessions a day of three hours with 40 people, one row a second: 1.7 million
rows a day. The rows of one session are made in SQLite, the others are copies of it under other ids. 50 million rows
take 18 GB of disk; with `--folder` they stay there, and the next run measures them again.
"""

from __future__ import annotations

import argparse
import math
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from app.attributes.attribute_set import AttributeSet, load_attributes
from app.bench.session_rates import open_page, write_session
from app.sessions.analysis.selection import Filter
from app.sessions.analysis.suggestions import suggest_merges
from app.sessions.database.postgresql.partitions import PARTITIONED, day_of
from app.sessions.database.schema import SEGMENTS
from app.sessions.export.archive import write_archive
from app.sessions.export.small_tables import READERS
from app.sessions.rows.records import NewSession, recorded_attributes
from app.sessions.store import FILE_NAME, SessionStore
from app.settings import Settings
from tests.support.postgresql.query_plans import Scan, explain_all
from tests.support.postgresql.server import TestServer
from tests.support.sessions import WallClock

SETTINGS = (
    *("fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0"),
    *("max_wal_size=8GB", "autovacuum=off"),
    *("shared_buffers=1GB", "work_mem=32MB", "maintenance_work_mem=256MB"),
)
SECONDS, PEOPLE, RATE = 3 * 3600, 40, 1
SESSION_ROWS = SECONDS * PEOPLE * RATE
SESSIONS_A_DAY = 4
DATABASE = "rows"
REPEATS = 3
RUN_ONCE = ("export as a ZIP archive",)
DAYS = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'observations'::regclass"


def fill(server: TestServer, store: SessionStore, clock: WallClock, rows: int) -> None:
    """Write whole days of sessions with at least this number of rows."""
    attributes = recorded_attributes(load_attributes(Settings().models))
    original = start(store, attributes)
    with tempfile.TemporaryDirectory() as folder:
        write_session(SessionStore(folder), SECONDS, PEOPLE, RATE)
        load_rows(store, Path(folder) / FILE_NAME, original)
    for _ in range(math.ceil(rows / SESSION_ROWS / SESSIONS_A_DAY)):
        clock.now += timedelta(days=1)
        started_s = time.perf_counter()
        copy_rows(server, original, [start(store, attributes) for _ in range(SESSIONS_A_DAY)])
        print(f"{clock.now:%Y-%m-%d}: {time.perf_counter() - started_s:.0f} s", flush=True)
    store.delete(original)


def copy_rows(server: TestServer, original: int, copies: Sequence[int]) -> None:
    """Copy the rows of a session to new ones of one day.

    The server writes no log of tables that are emptied in the same transaction, and checks no references meanwhile.
    """
    day = f"{day_of(copies[0]):%Y%m%d}"
    partitions = ", ".join(f"{table.name}_{day}" for table in PARTITIONED)
    statements = ["SET session_replication_role = replica", f"TRUNCATE {partitions}"]
    for table in (*PARTITIONED, SEGMENTS):
        listed = server.psql(
            "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM "
            f"information_schema.columns WHERE table_name = '{table.name}' AND column_name <> 'session_id'",
            DATABASE,
        )
        target = table.name if table is SEGMENTS else f"{table.name}_{day}"
        key = ", ".join(one.name for one in table.primary_key)
        for copy in copies:
            rows = f"SELECT {copy}, {listed} FROM {table.name} WHERE session_id = {original} ORDER BY {key}"
            statements.append(f"INSERT INTO {target} (session_id, {listed}) {rows}")
    server.psql("; ".join(statements), DATABASE)
    server.psql(f"VACUUM (FREEZE, ANALYZE) {partitions}", DATABASE)


def start(store: SessionStore, attributes: AttributeSet) -> int:
    """Create a session without rows; returns its id."""
    session_id: int = store.start(NewSession(None, source="demo", demo=True, attributes=attributes, rate=RATE))["id"]
    store.stop(session_id, SECONDS)
    return session_id


def load_rows(store: SessionStore, path: Path, session_id: int) -> None:
    """Copy the rows of the only session of a file."""
    with closing(sqlite3.connect(path)) as file, store.database.transaction("load rows") as connection:
        cursor = connection.connection.driver_connection.cursor()
        for table in (*PARTITIONED, SEGMENTS):
            rows = file.execute(f"SELECT * FROM {table.name}")
            names = [column[0] for column in rows.description]
            place = names.index("session_id")
            with cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row([*row[:place], session_id, *row[place + 1 :]])


def tasks(store: SessionStore, session_id: int) -> dict[str, Callable[[], Any]]:
    """What the page of a session asks for."""
    third_ms = 1000 * SECONDS // 3
    return {
        "figures and timeline of the whole session": lambda: open_page(store, session_id, Filter()),
        "the same, zoomed to two minutes": lambda: open_page(
            store, session_id, Filter(start_ms=third_ms + 137, end_ms=third_ms + 120_137)
        ),
        "the same, ten minutes of three people": lambda: open_page(
            store, session_id, Filter(people=(1, 2, 3), start_ms=60_300, end_ms=660_300)
        ),
        "detail": lambda: store.detail(session_id),
        "people, as in exports": lambda: store.read(session_id, _read_people),
        "people who may be the same": lambda: store.read(session_id, suggest_merges),
        "export as a ZIP archive": lambda: _export(store, session_id),
        "the list of sessions": store.sessions,
    }


def measure(server: TestServer, store: SessionStore, session_id: int) -> None:
    """Print the time of each task, and what its queries read."""
    for name, task in tasks(store, session_id).items():
        times = [_spent(server, task) for _ in range(1 if name in RUN_ONCE else REPEATS)]
        wall_s, server_s, own_s = sorted(times)[len(times) // 2]
        print(f"{name}: {wall_s:.3f} s (processor: server {server_s:.3f}, app {own_s:.3f})", flush=True)
        parts = tuple(table.name for table in PARTITIONED)
        scans = [scan for plan in explain_all(store, task) for scan in plan if scan.table.startswith(parts)]
        tell_plans(scans, int(server.psql(DAYS, DATABASE)))


def tell_plans(scans: Sequence[Scan], days: int) -> None:
    """Print how many days were read, and how."""
    read = {scan.table.rpartition("_")[2] for scan in scans}
    print(f"    {len(read)} of {days} days, {sum(scan.blocks for scan in scans):,} blocks of 8 kB")
    rows: Counter[tuple[str, str]] = Counter()
    for scan in scans:
        rows[scan.kind, scan.table.rpartition("_")[0]] += scan.rows
    for (kind, table), count in sorted(rows.items()):
        print(f"    {kind} of {table}: {count:,} rows", flush=True)


def _read_people(connection: Any, header: Any, _: Any) -> None:
    list(READERS["people"](connection, header))


def _export(store: SessionStore, session_id: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_archive(Path(folder) / "session.zip", partial(store.read, session_id))


def _spent(server: TestServer, task: Callable[[], Any]) -> tuple[float, float, float]:
    """Seconds that passed, and of the processor in the server and here."""
    before = time.perf_counter(), server.processor_s(), time.process_time()
    task()
    after = time.perf_counter(), server.processor_s(), time.process_time()
    wall_s, server_s, own_s = (end - start for start, end in zip(before, after, strict=True))
    return wall_s, server_s, own_s


def main() -> None:
    """Fill a server and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000, help="rows in all")
    parser.add_argument("--folder", type=Path, help="where the data stays, to be measured again without filling")
    options = parser.parse_args()
    server = TestServer(SETTINGS, options.folder)
    try:
        if server.is_new:
            server.create_database(DATABASE)
        clock = WallClock()
        store = SessionStore(server.address(DATABASE), now=clock)
        if server.is_new:
            fill(server, store, clock, options.rows)
        ids = [int(one) for one in server.psql("SELECT id FROM sessions ORDER BY id", DATABASE).split()]
        size = int(server.psql(f"SELECT pg_database_size('{DATABASE}')"))
        count = len(ids) * SESSION_ROWS
        print(f"{count:,} rows of {len(ids)} sessions: {size / 1e9:.1f} GB, {size / count:.0f} bytes a row in all")
        print(f"load average {psutil.getloadavg()[0]:.1f}", flush=True)
        measure(server, store, ids[len(ids) // 2])
    finally:
        server.close()


if __name__ == "__main__":
    main()

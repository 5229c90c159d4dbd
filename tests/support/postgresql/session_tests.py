"""A plugin of pytest that runs the tests of sessions on PostgreSQL: `pytest -p tests.support.postgresql.session_tests`.

Every folder of sessions becomes a database of its own on one server. Sessions are numbered from 1 in one partition, as
the tests expect of a file. Tests that are about the file itself are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from app.sessions import session_database
from app.sessions.database.postgresql import postgresql_server
from app.sessions.database.postgresql.partitions import PARTITIONED
from app.sessions.database.postgresql.postgresql_server import PostgresqlServer
from app.sessions.database.schema import SESSION_NUMBERS
from tests.support.postgresql.server import TestServer, missing

# Words in the names of tests about the file: its damage, copies and lock, what they read from it by `sqlite3`, sessions
# that the next server closes at once (`tests/cluster/postgresql/test_nodes.py`), and ids without gaps.
ABOUT_THE_FILE = (
    *("corrupt", "unwritable", "locked_file", "empty_file", "warnings_go_to", "disk_that_is_full", "newer_file"),
    *(
        "delete_removes_the_records",
        "read_while_it_is_recorded",
        "imported_session_is_the_same",
        "exported_while_it_runs",
    ),
    *("session_ends_now_and", "error_leaves_nothing", "killed_import", "interrupted_session", "second_server"),
    *("backup", "cannot_be_copied", "failed_deletion", "clock_set_far_ahead"),
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests of the file."""
    left_out = [item for item in items if any(word in item.name for word in ABOUT_THE_FILE)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[TestServer]:
    """The server of this run."""
    if reason := missing():
        pytest.exit(reason, returncode=0)
    server = TestServer()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def _on_postgresql(postgresql: TestServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    databases: dict[Path, str] = {}
    stores: list[PostgresqlServer] = []

    def open_database(place: Path | str, now: Any, warn: Any, repair: Any) -> PostgresqlServer:
        path = Path(place)
        if path not in databases:
            databases[path] = "t" + hashlib.sha256(str(path).encode()).hexdigest()[:20]
            postgresql.create_database(databases[path])
        opened = PostgresqlServer(postgresql.address(databases[path]), now=now, warn=warn, repair=repair)
        stores.append(opened)
        return opened

    monkeypatch.setattr(session_database, "_open_database", open_database)
    monkeypatch.setattr(postgresql_server, "new_id", _number)
    for name in ("drop_days", "create_partitions", "day_of"):
        monkeypatch.setattr(postgresql_server, name, lambda *_: None)
    yield
    for name in databases.values():
        postgresql.drop_database(name)


def _number(connection: Connection, _: Any) -> int:
    for table in PARTITIONED:
        connection.execute(text(f"CREATE TABLE IF NOT EXISTS {table.name}_all PARTITION OF {table.name} DEFAULT"))
    return int(connection.execute(select(SESSION_NUMBERS.next_value())).scalar_one())

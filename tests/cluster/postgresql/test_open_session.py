"""A session of a PostgreSQL server as pandas data frames."""

from __future__ import annotations

from pathlib import Path

import pandas
import pytest

from app.errors import SessionError, UnknownItem
from app.sessions import open_session
from app.sessions.database.server_address import ServerAddress
from app.sessions.rows.records import NewSession
from app.sessions.session_tables import TABLES
from app.sessions.store import SessionStore
from tests.support.exports.archives import export_session, write_full_session
from tests.support.postgresql.server import PASSWORD, ROLE, TestServer
from tests.support.sessions import WallClock


@pytest.fixture
def url(server: TestServer, database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in server.environ.items():
        monkeypatch.setenv(name, value)
    return server.url(database)


def test_every_table_is_that_of_the_archive_also_for_a_role_that_only_reads(
    server: TestServer, database: str, address: ServerAddress, url: str, tmp_path: Path
):
    store = SessionStore(address, now=WallClock())
    session_id = write_full_session(store)
    export_session(store, session_id, tmp_path / "session.zip")
    server.psql(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}' IN ROLE pg_read_all_data", database)
    reader = url.replace(f"//{ROLE}@", "//reader@")
    for table in TABLES:
        stored = open_session(session_id, table, database=reader)
        pandas.testing.assert_frame_equal(stored, open_session(tmp_path / "session.zip", table))
        assert len(stored) > 0
    server.psql("DROP ROLE reader", database)


def test_a_running_session_is_read_and_not_ended(address: ServerAddress, url: str, monkeypatch: pytest.MonkeyPatch):
    store = SessionStore(address)
    full = write_full_session(store)
    kept = store.attributes(full)
    assert kept
    running = store.start(NewSession("Running", source="0", demo=False, attributes=kept))["id"]
    monkeypatch.setenv("DATABASE_URL", url)
    assert len(open_session(running)) == 0, "the address of the environment counts"
    assert (store.session(running) or {})["running"]


def test_what_cannot_be_read_is_named_in_one_line(
    server: TestServer, database: str, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    with pytest.raises(SessionError, match=r"there are no sessions in postgresql\+psycopg://faces@.*; give the URL"):
        open_session(1, database=url)
    store = SessionStore(server.address(database), now=WallClock())
    with pytest.raises(UnknownItem, match="there is no session 9 in postgresql.*; see the list"):
        open_session(9, database=url)
    with store._transaction("test") as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9'")
    with pytest.raises(SessionError, match="has version 9, not 5; update the app"):
        open_session(1, database=url)
    with pytest.raises(SessionError, match="there is no sessions file"):
        open_session(1, data=tmp_path)
    monkeypatch.setenv("DATABASE_PASSWORD", "wrong secret")
    with pytest.raises(SessionError, match="check that PostgreSQL runs and the password") as refused:
        open_session(1, database=url)
    assert "wrong secret" not in str(refused.value)
    assert "\n" not in str(refused.value)

"""Read the sessions of a server without changing them, also while nodes record into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from app.errors import SessionError
from app.sessions.database.postgresql.postgresql_server import open_engine
from app.sessions.database.revisions.upgrade import read_version
from app.sessions.database.schema import SCHEMA_VERSION, VERSIONS
from app.sessions.database.server_address import ServerAddress


@contextmanager
def read_only_connection(address: ServerAddress) -> Iterator[Connection]:
    """A connection in a transaction that sees one state of the database, and is undone at the end.

    Raises:
        SessionError: it has no sessions, it has another version, or it cannot be read.
        SettingsError: psycopg is not installed.
    """
    engine = open_engine(address).execution_options(isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection:
            _check_version(connection, str(address))
            yield connection
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())
        raise SessionError(f"cannot read {address}: {reason}; check that PostgreSQL runs and the password") from None
    finally:
        engine.dispose()


def _check_version(connection: Connection, place: str) -> None:
    if not inspect(connection).has_table(VERSIONS.name):
        raise SessionError(f"there are no sessions in {place}; give the URL of --database")
    version = read_version(connection) or 0
    if version != SCHEMA_VERSION:
        remedy = "update the app" if version > SCHEMA_VERSION else "start the server once, which migrates it"
        raise SessionError(f"{place} has version {version}, not {SCHEMA_VERSION}; {remedy}")

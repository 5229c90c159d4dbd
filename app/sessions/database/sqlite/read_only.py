"""Read the sessions file without changing it, also while a server records into it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.errors import SessionError
from app.sessions.database.schema import SCHEMA_VERSION
from app.sessions.database.sqlite.engine import LOCK_TIMEOUT_S


@contextmanager
def read_only_connection(path: Path) -> Iterator[Connection]:
    """A connection in a transaction that sees one state of the file.

    Raises:
        SessionError: there is no such file, it has another version, or it cannot be read.
    """
    if not path.is_file():
        raise SessionError(f"there is no sessions file {path}; give the folder of --data")
    engine = create_engine("sqlite://", creator=lambda: _connect(path), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.execute(text("BEGIN"))
            version = connection.execute(text("PRAGMA user_version")).scalar() or 0
            if version != SCHEMA_VERSION:
                remedy = "update the app" if version > SCHEMA_VERSION else "start the server once, which migrates it"
                raise SessionError(f"{path} has version {version}, not {SCHEMA_VERSION}; {remedy}")
            yield connection
    except (DBAPIError, sqlite3.Error) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise SessionError(f"cannot read {path}: {reason}; check the file and that this user may read it") from None


def _connect(path: Path) -> sqlite3.Connection:
    address = f"{path.resolve().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=LOCK_TIMEOUT_S, isolation_level=None)
    connection.execute("PRAGMA temp_store=MEMORY")  # lists of tracks and intervals of a query
    return connection

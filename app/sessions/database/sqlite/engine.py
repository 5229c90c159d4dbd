"""How SQLite is configured, and what its errors mean."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

# How long to wait for another program's lock; shorter than the timeout of a call of `DiskWorker`.
LOCK_TIMEOUT_S = 2


def create_file_engine(path: Path) -> Engine:
    """An engine that opens the file for each use, so that any thread may use it."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"timeout": LOCK_TIMEOUT_S})
    event.listen(engine, "connect", _configure)
    # Python's sqlite3 would begin transactions only at the first change of a row, not of a table.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _configure(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # overwrite deleted content with zeros
    connection.execute("PRAGMA temp_store=MEMORY")  # lists of tracks and intervals of a query


def is_corruption(error: DBAPIError) -> bool:
    """Whether the file is corrupt, rather than locked, full or unreachable, or the statement invalid."""
    return type(error.orig) is sqlite3.DatabaseError


def is_locked(error: DBAPIError) -> bool:
    """Whether another program holds the file for longer than `LOCK_TIMEOUT_S`."""
    return getattr(error.orig, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def is_missing_table(error: DBAPIError) -> bool:
    """Whether the file lacks a table, which means that it was replaced while the app was running."""
    return "no such table" in str(error.orig)

"""The tables of the sessions file and how SQLite is configured."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.sessions.records import LABEL_COUNT_KEYS

# Increase only for changes that make the file unusable for older versions of the app.
SCHEMA_VERSION = 1
# How long to wait for another program's lock; shorter than the timeout of a call of `DiskWorker`.
LOCK_TIMEOUT_S = 2
METADATA = MetaData()

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("source", Text),
    Column("demo", Boolean, nullable=False),
    Column("labels", JSON, nullable=False),
    sqlite_autoincrement=True,  # ids of deleted sessions are never reused
)

PERSON_SECONDS = Table(
    "person_seconds",
    METADATA,
    Column("session_id", Integer, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", Integer, primary_key=True),
    Column("time_s", Integer, primary_key=True),
    Column("frames", Integer, nullable=False),
    Column("dominant", Text),
    Column("probabilities", JSON(none_as_null=True)),
    Column("age_years", Float),
    Column("p_female", Float),
    *(Column(name, Text) for name in LABEL_COUNT_KEYS),  # added to older files when they are opened
    sqlite_with_rowid=False,
)

GAPS = Table(
    "gaps",
    METADATA,
    Column("session_id", Integer, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("start_s", Integer, primary_key=True),
    Column("end_s", Integer, nullable=False),
    sqlite_with_rowid=False,
)


def create_file_engine(path: Path) -> Engine:
    """An engine that opens the file for each use, so that any thread may use it."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"timeout": LOCK_TIMEOUT_S})
    event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # overwrite deleted content with zeros


def create_missing(connection: Connection) -> None:
    """Create the tables and columns that a new or older file lacks. Existing ones are not changed."""
    METADATA.create_all(connection)
    existing = {column["name"] for column in inspect(connection).get_columns(PERSON_SECONDS.name)}
    for column in PERSON_SECONDS.columns:
        if column.name not in existing:
            column_type = column.type.compile(connection.dialect)
            connection.execute(text(f"ALTER TABLE {PERSON_SECONDS.name} ADD COLUMN {column.name} {column_type}"))


def is_corruption(error: DBAPIError) -> bool:
    """Whether the file is corrupt, rather than locked, full or unreachable, or the statement invalid."""
    return type(error.orig) is sqlite3.DatabaseError


def is_missing_table(error: DBAPIError) -> bool:
    """Whether the file lacks a table, which means that it was replaced while the app was running."""
    return "no such table" in str(error.orig)


def move_aside(path: Path, now: datetime) -> Path:
    """Rename a corrupt file and its journal files; returns the new path."""
    moved = path.with_name(f"{path.name}.corrupt-{now:%Y%m%dT%H%M%S}")
    for suffix in ("-wal", "-shm"):
        journal = path.with_name(path.name + suffix)
        if journal.exists():
            journal.rename(moved.with_name(moved.name + suffix))
    path.rename(moved)
    return moved


def corrupt_copies(path: Path) -> list[Path]:
    """All files that `move_aside` has renamed so far."""
    return sorted(path.parent.glob(f"{path.name}.corrupt-*"))

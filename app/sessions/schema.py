"""The tables of the sessions file and how it is opened."""

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

from app.sessions.records import COUNTED

VERSION = 1  # raised only where an app of the version before could not use the file
LOCKED_S = 2  # how long another program's lock is waited for
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
    sqlite_autoincrement=True,  # an id that was deleted is never given again
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
    *(Column(name, Text) for name in COUNTED),  # files that were begun without one get it when they are opened
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


def open_engine(path: Path) -> Engine:
    """An engine that opens the file anew for every use, so that any thread may use it."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"timeout": LOCKED_S})
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # what is deleted or replaced is overwritten with zeros


def create_missing(connection: Connection) -> None:
    """Create the tables and columns that a new or an older file lacks; all that is there stays as it is."""
    METADATA.create_all(connection)
    known = {column["name"] for column in inspect(connection).get_columns(PERSON_SECONDS.name)}
    for column in PERSON_SECONDS.columns:
        if column.name not in known:
            kind = column.type.compile(connection.dialect)
            connection.execute(text(f"ALTER TABLE {PERSON_SECONDS.name} ADD COLUMN {column.name} {kind}"))


def is_damage(error: DBAPIError) -> bool:
    """Whether the file itself is broken, rather than locked, full, out of reach, or asked for what cannot be."""
    return type(error.orig) is sqlite3.DatabaseError


def is_new(error: DBAPIError) -> bool:
    """Whether the file lacks its tables, as one that somebody has put in the place of ours."""
    return "no such table" in str(error.orig)


def keep_aside(path: Path, now: datetime) -> Path:
    """Rename the file, and what SQLite keeps beside it, out of the way."""
    kept = path.with_name(f"{path.name}.corrupt-{now:%Y%m%dT%H%M%S}")
    for beside in ("-wal", "-shm"):
        side_file = path.with_name(path.name + beside)
        if side_file.exists():
            side_file.rename(kept.with_name(kept.name + beside))
    path.rename(kept)
    return kept


def kept_aside(path: Path) -> list[Path]:
    """What `keep_aside` has kept of a file so far."""
    return sorted(path.parent.glob(f"{path.name}.corrupt-*"))

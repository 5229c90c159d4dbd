"""The tables of the sessions file and how SQLite is configured."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    TableClause,
    Text,
    column,
    create_engine,
    event,
    inspect,
    table,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.attributes.attribute import Attribute, ColumnType, SessionColumn
from app.attributes.attribute_set import AttributeSet, own_attributes
from app.attributes.stored_attribute import attributes_from_descriptions

# Increase with every change of the tables, and add the step to `migrations`. Older versions of the app refuse the file.
SCHEMA_VERSION = 4
# How long to wait for another program's lock; shorter than the timeout of a call of `DiskWorker`.
LOCK_TIMEOUT_S = 2
METADATA = MetaData()


def _session_key() -> Column[int]:
    return Column("session_id", Integer, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)


def _session_reference() -> Column[int]:
    return Column("session_id", Integer, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False)


def _key(name: str, type: type[Any] = Integer) -> Column[Any]:
    return Column(name, type, primary_key=True, autoincrement=False)


SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),  # empty while the session is being imported
    Column("started_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("source", Text),
    Column("demo", Boolean, nullable=False),
    # The descriptions of what the session keeps, so that it can be read when a model is gone.
    Column("attributes", Text, nullable=False),
    Column("rate", Float, nullable=False, server_default="1"),
    # JSON: a list of texts, and an object with the names of markers by key.
    Column("tags", Text, nullable=False, server_default="[]"),
    Column("marker_names", Text, nullable=False, server_default="{}"),
    Column("camera", Text),  # name of one of several cameras
    sqlite_autoincrement=True,  # ids of deleted sessions are never reused
)

# One row a track and interval. The columns of attributes are added when a session that has them is started. `recovery`
# tells the rows of tables apart by their types: this one has an integer where that of version 2 had a text.
OBSERVATIONS = Table(
    "observations",
    METADATA,
    _session_key(),
    _key("track_id"),
    _key("time_ms"),
    Column("duration_ms", Integer, nullable=False),
    Column("frames", Integer, nullable=False),
    Column("score", Integer),  # 1/10,000
    *(Column(f"box_{name}", Integer) for name in ("x1", "y1", "x2", "y2")),  # 1/10 pixel
    sqlite_with_rowid=False,
)

# Sums of the observations by track and interval of `level_s` seconds (`sums`). A column `NAME_rows` counts the rows
# that have the value.
SUMS = Table(
    "sums",
    METADATA,
    _session_key(),
    _key("level_s"),
    _key("track_id"),
    _key("start_ms"),
    *(Column(name, Integer, nullable=False) for name in ("rows", "duration_ms", "frames")),
    sqlite_with_rowid=False,
)

# Time with each label, by column of the label, track and interval.
LABEL_SUMS = Table(
    "label_sums",
    METADATA,
    _session_key(),
    _key("level_s"),
    _key("name", Text),
    _key("track_id"),
    _key("start_ms"),
    _key("label", Text),
    Column("duration_ms", Integer, nullable=False),
    sqlite_with_rowid=False,
)

GAPS = Table(
    "gaps",
    METADATA,
    _session_key(),
    _key("start_s"),
    Column("end_s", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Which person a track shows from a time on; null for a person who was removed. Edits change this table alone.
SEGMENTS = Table(
    "segments",
    METADATA,
    _session_key(),
    _key("track_id"),
    _key("start_ms"),
    Column("person_id", Integer),
    sqlite_with_rowid=False,
)

# People with a name.
PEOPLE = Table(
    "people",
    METADATA,
    _session_key(),
    _key("person_id"),
    Column("name", Text, nullable=False),
    sqlite_with_rowid=False,
)

EDITS = Table(
    "edits",
    METADATA,
    Column("id", Integer, primary_key=True),
    _session_reference(),
    Column("edited_at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("before", Text, nullable=False),  # JSON: the segments and names that the edit replaced
    sqlite_autoincrement=True,
)

MARKERS = Table(
    "markers",
    METADATA,
    Column("id", Integer, primary_key=True),
    _session_reference(),
    Column("start_ms", Integer, nullable=False),
    Column("end_ms", Integer),  # null for a point
    Column("name", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("key", Integer),
    Column("excluded", Boolean, nullable=False),
    Column("created_at", Text, nullable=False),
    sqlite_autoincrement=True,
)

# One row: what `retention_limit` remembers of the clock.
RETENTION = Table(
    "retention",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("seen_at", Text, nullable=False),
    Column("pending_at", Text),
    Column("deleted_at", Text),
)

# How the columns of attributes are declared.
COLUMN_TYPES = {ColumnType.TEXT: "TEXT", ColumnType.DECIMAL: "INTEGER"}
# Sessions of one file mostly share one description.
DESCRIPTIONS_IN_MEMORY = 32


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


def observations_of(attributes: Iterable[Attribute]) -> TableClause:
    """The table of observations with the columns of these attributes, for queries."""
    fixed = (column(one.name, one.type) for one in OBSERVATIONS.columns)
    return table(OBSERVATIONS.name, *fixed, *(column(one.name) for one in columns_of(attributes)))


def sums_of(attributes: Iterable[Attribute]) -> TableClause:
    """The table of sums with the columns of these attributes, for queries."""
    fixed = (column(one.name, one.type) for one in SUMS.columns)
    return table(SUMS.name, *fixed, *(column(name, Integer) for name in sum_columns(attributes)))


def columns_of(attributes: Iterable[Attribute]) -> list[SessionColumn]:
    """The columns of attributes, in order."""
    return [column for attribute in attributes for column in attribute.columns]


def decimal_columns(attributes: Iterable[Attribute]) -> list[str]:
    """The names of the columns that hold numbers."""
    return [column.name for column in columns_of(attributes) if column.type is ColumnType.DECIMAL]


def sum_columns(attributes: Iterable[Attribute]) -> list[str]:
    """The names of the columns with the sum and the number of rows of each number."""
    return [f"{name}{suffix}" for name in decimal_columns(attributes) for suffix in ("", "_rows")]


def create_missing_tables(connection: Connection) -> None:
    """Create the tables that a new file lacks, with the columns of the app's own attributes."""
    METADATA.create_all(connection)
    add_missing_columns(connection, [one for one in own_attributes() if one.derive is None])


def add_missing_columns(connection: Connection, attributes: Iterable[Attribute]) -> None:
    """Add the columns of attributes that the file lacks. Existing ones are not changed."""
    attributes = list(attributes)
    _add_columns(connection, OBSERVATIONS, [(one.name, COLUMN_TYPES[one.type]) for one in columns_of(attributes)])
    _add_columns(connection, SUMS, [(name, "INTEGER NOT NULL DEFAULT 0") for name in sum_columns(attributes)])


def _add_columns(connection: Connection, table: Table, columns: Iterable[tuple[str, str]]) -> None:
    existing = {one["name"].lower() for one in inspect(connection).get_columns(table.name)}
    quote = connection.dialect.identifier_preparer.quote
    for name, declared in columns:
        if name.lower() not in existing:  # SQLite ignores the case of names
            connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {quote(name)} {declared}"))
            existing.add(name.lower())


def attributes_to_text(attributes: AttributeSet) -> str:
    """The descriptions of attributes, as they are stored with a session."""
    return json.dumps(attributes.describe())


@lru_cache(maxsize=DESCRIPTIONS_IN_MEMORY)
def attributes_from_text(stored: str) -> AttributeSet:
    """The attributes that `attributes_to_text` stored.

    Raises:
        ValueError: the text is damaged.
    """
    return attributes_from_descriptions(json.loads(stored))


def is_corruption(error: DBAPIError) -> bool:
    """Whether the file is corrupt, rather than locked, full or unreachable, or the statement invalid."""
    return type(error.orig) is sqlite3.DatabaseError


def is_locked(error: DBAPIError) -> bool:
    """Whether another program holds the file for longer than `LOCK_TIMEOUT_S`."""
    return getattr(error.orig, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def is_missing_table(error: DBAPIError) -> bool:
    """Whether the file lacks a table, which means that it was replaced while the app was running."""
    return "no such table" in str(error.orig)

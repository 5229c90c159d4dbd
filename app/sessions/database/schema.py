"""The tables of the sessions file and how SQLite is configured."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from functools import lru_cache
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
from sqlalchemy.types import TypeEngine

from app.attributes.attribute import Attribute, ColumnType
from app.attributes.attribute_set import AttributeSet, own_attributes
from app.attributes.stored_attribute import attributes_from_descriptions

# Increase with every change of the tables, and add the step to `migrations`. Older versions of the app refuse the file.
SCHEMA_VERSION = 2
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
    # The descriptions of what the session keeps, so that it can be read when a model is gone.
    Column("attributes", Text, nullable=False),
    sqlite_autoincrement=True,  # ids of deleted sessions are never reused
)

# The columns of attributes are added when a file is opened or a session that has them is started.
PERSON_SECONDS = Table(
    "person_seconds",
    METADATA,
    Column("session_id", Integer, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", Integer, primary_key=True),
    Column("time_s", Integer, primary_key=True),
    Column("frames", Integer, nullable=False),
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

# One row: what `retention_limit` remembers of the clock.
RETENTION = Table(
    "retention",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("seen_at", Text, nullable=False),
    Column("pending_at", Text),
    Column("deleted_at", Text),
)

COLUMN_TYPES: Mapping[ColumnType, TypeEngine[Any]] = {
    ColumnType.TEXT: Text(),
    ColumnType.REAL: Float(),
    ColumnType.PROBABILITIES: JSON(none_as_null=True),
}
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


def person_seconds_of(attributes: Iterable[Attribute]) -> TableClause:
    """The table of person-seconds with the columns of these attributes, for queries."""
    fixed = (column(one.name, one.type) for one in PERSON_SECONDS.columns)
    return table(
        PERSON_SECONDS.name,
        *fixed,
        *(column(one.name, COLUMN_TYPES[one.type]) for attribute in attributes for one in attribute.columns),
    )


def create_missing_tables(connection: Connection) -> None:
    """Create the tables that a new file lacks, with the columns of the app's own attributes."""
    METADATA.create_all(connection)
    add_missing_columns(connection, (one for one in own_attributes() if one.derive is None))


def add_missing_columns(connection: Connection, attributes: Iterable[Attribute]) -> None:
    """Add the columns of attributes that the file lacks. Existing ones are not changed."""
    existing = {one["name"].lower() for one in inspect(connection).get_columns(PERSON_SECONDS.name)}
    quote = connection.dialect.identifier_preparer.quote
    for one in (one for attribute in attributes for one in attribute.columns):
        if one.name.lower() not in existing:  # SQLite ignores the case of names
            column_type = COLUMN_TYPES[one.type].compile(connection.dialect)
            connection.execute(text(f"ALTER TABLE {PERSON_SECONDS.name} ADD COLUMN {quote(one.name)} {column_type}"))
            existing.add(one.name.lower())


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


def is_missing_table(error: DBAPIError) -> bool:
    """Whether the file lacks a table, which means that it was replaced while the app was running."""
    return "no such table" in str(error.orig)

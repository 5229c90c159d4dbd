"""The tables of sessions, the same in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Sequence,
    String,
    Table,
    TableClause,
    Text,
    column,
    false,
    func,
    inspect,
    table,
    text,
)
from sqlalchemy.types import TypeEngine

from app.attributes.attribute import Attribute, ColumnType, SessionColumn
from app.attributes.attribute_set import own_attributes

# Increase with every change of the tables, and add the step to `revisions`. Older apps refuse a newer version.
SCHEMA_VERSION = 5
METADATA = MetaData()

# Milliseconds of a session, ids and sums exceed 32 bits. SQLite's integers take as many bytes as they need.
BIG_INTEGER = BigInteger().with_variant(Integer(), "sqlite")
# Ordered and compared by code points, as SQLite does.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")


# PostgreSQL keeps rows by day, which the id of their session begins with (`postgresql.partitions`).
BY_DAY = "RANGE (session_id)"


def _session_key() -> Column[int]:
    return Column("session_id", BIG_INTEGER, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)


def _session_reference() -> Column[int]:
    reference = ForeignKey("sessions.id", ondelete="CASCADE")
    return Column("session_id", BIG_INTEGER, reference, nullable=False, index=True)


def _key(name: str, type: TypeEngine[Any] = BIG_INTEGER) -> Column[Any]:
    return Column(name, type, primary_key=True, autoincrement=False)


SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id", BIG_INTEGER, primary_key=True),
    Column("name", TEXT, nullable=False),  # empty while the session is being imported
    Column("started_at", TEXT, nullable=False),
    Column("ended_at", TEXT),
    Column("source", TEXT),
    Column("demo", Boolean, nullable=False),
    # The descriptions of what the session keeps, so that it can be read when a model is gone.
    Column("attributes", TEXT, nullable=False),
    Column("rate", Float, nullable=False, server_default="1"),
    # JSON: a list of texts, and an object with the names of markers by key.
    Column("tags", TEXT, nullable=False, server_default="[]"),
    Column("marker_names", TEXT, nullable=False, server_default="{}"),
    Column("camera", TEXT),  # name of one of several cameras
    # Until when a running session or an import is held by the node that writes it; null where there is only one node.
    Column("leased_until", TEXT),
    # Whether its server stopped without ending it, so that it ends with its last row.
    Column("interrupted", Boolean, nullable=False, server_default=false()),
    sqlite_autoincrement=True,  # ids of deleted sessions are never reused
)

# One running session a camera, where several nodes can start one. An import has no name.
RUNNING_CAMERAS = Index(
    "running_cameras",
    func.coalesce(SESSIONS.c.camera, ""),
    unique=True,
    postgresql_where=SESSIONS.c.ended_at.is_(None) & (SESSIONS.c.name != ""),
).ddl_if(dialect="postgresql")

# In PostgreSQL an id is the day as YYYYMMDD, then six digits; JavaScript represents it exactly.
IDS_A_DAY = 1_000_000
# The six digits. SQLite has no sequences.
SESSION_NUMBERS = Sequence("session_numbers", minvalue=1, maxvalue=IDS_A_DAY - 1, cycle=True, metadata=METADATA)

# One row a track and interval. The columns of attributes are added when a session that has them is started. `recovery`
# tells the rows of tables apart by their types: this one has an integer where that of version 2 had a text.
OBSERVATIONS = Table(
    "observations",
    METADATA,
    _session_key(),
    _key("track_id"),
    _key("time_ms"),
    Column("duration_ms", BIG_INTEGER, nullable=False),
    Column("frames", Integer, nullable=False),
    Column("score", Integer),  # 1/10,000
    *(Column(f"box_{name}", Integer) for name in ("x1", "y1", "x2", "y2")),  # 1/10 pixel
    postgresql_partition_by=BY_DAY,
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
    *(Column(name, BIG_INTEGER, nullable=False) for name in ("rows", "duration_ms", "frames")),
    postgresql_partition_by=BY_DAY,
    sqlite_with_rowid=False,
)

# Time with each label, by column of the label, track and interval.
LABEL_SUMS = Table(
    "label_sums",
    METADATA,
    _session_key(),
    _key("level_s"),
    _key("name", TEXT),
    _key("track_id"),
    _key("start_ms"),
    _key("label", TEXT),
    Column("duration_ms", BIG_INTEGER, nullable=False),
    postgresql_partition_by=BY_DAY,
    sqlite_with_rowid=False,
)

GAPS = Table(
    "gaps",
    METADATA,
    _session_key(),
    _key("start_s"),
    Column("end_s", BIG_INTEGER, nullable=False),
    sqlite_with_rowid=False,
)

# Which person a track shows from a time on; null for a person who was removed. Edits change this table alone.
SEGMENTS = Table(
    "segments",
    METADATA,
    _session_key(),
    _key("track_id"),
    _key("start_ms"),
    Column("person_id", BIG_INTEGER),
    sqlite_with_rowid=False,
)

# People with a name.
PEOPLE = Table(
    "people",
    METADATA,
    _session_key(),
    _key("person_id"),
    Column("name", TEXT, nullable=False),
    sqlite_with_rowid=False,
)

EDITS = Table(
    "edits",
    METADATA,
    Column("id", BIG_INTEGER, primary_key=True),
    _session_reference(),
    Column("edited_at", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("summary", TEXT, nullable=False),
    Column("before", TEXT, nullable=False),  # JSON: the segments and names that the edit replaced
    sqlite_autoincrement=True,
)

MARKERS = Table(
    "markers",
    METADATA,
    Column("id", BIG_INTEGER, primary_key=True),
    _session_reference(),
    Column("start_ms", BIG_INTEGER, nullable=False),
    Column("end_ms", BIG_INTEGER),  # null for a point
    Column("name", TEXT, nullable=False),
    Column("note", TEXT, nullable=False),
    Column("key", Integer),
    Column("excluded", Boolean, nullable=False),
    Column("created_at", TEXT, nullable=False),
    sqlite_autoincrement=True,
)

# One row: what `retention_limit` remembers of the clock.
RETENTION = Table(
    "retention",
    METADATA,
    Column("id", BIG_INTEGER, primary_key=True),
    Column("seen_at", TEXT, nullable=False),
    Column("pending_at", TEXT),
    Column("deleted_at", TEXT),
)

# One row: the version of the tables. Alembic names the table and its column.
VERSIONS = Table("alembic_version", METADATA, Column("version_num", String(32), primary_key=True))

# How the columns of attributes are declared.
COLUMN_TYPES: Mapping[ColumnType, TypeEngine[Any]] = {ColumnType.TEXT: TEXT, ColumnType.DECIMAL: Integer()}


def observations_of(attributes: Iterable[Attribute]) -> TableClause:
    """The table of observations with the columns of these attributes, for queries."""
    fixed = (column(one.name, one.type) for one in OBSERVATIONS.columns)
    return table(OBSERVATIONS.name, *fixed, *(column(one.name) for one in columns_of(attributes)))


def sums_of(attributes: Iterable[Attribute]) -> TableClause:
    """The table of sums with the columns of these attributes, for queries."""
    fixed = (column(one.name, one.type) for one in SUMS.columns)
    return table(SUMS.name, *fixed, *(column(name, BIG_INTEGER) for name in sum_columns(attributes)))


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
    of_rows = [(one.name, COLUMN_TYPES[one.type], "") for one in columns_of(attributes)]
    _add_columns(connection, OBSERVATIONS, of_rows)
    _add_columns(connection, SUMS, [(name, BIG_INTEGER, " NOT NULL DEFAULT 0") for name in sum_columns(attributes)])


def _add_columns(connection: Connection, table: Table, columns: Iterable[tuple[str, TypeEngine[Any], str]]) -> None:
    existing = {one["name"].lower() for one in inspect(connection).get_columns(table.name)}
    quote = connection.dialect.identifier_preparer.quote
    for name, type, constraint in columns:
        if name.lower() not in existing:  # SQLite ignores the case of names
            definition = f"{quote(name)} {type.compile(connection.dialect)}{constraint}"
            # Another node may have added it meanwhile; SQLite, which one server writes, has no such clause.
            unless = "" if connection.dialect.name == "sqlite" else "IF NOT EXISTS "
            connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {unless}{definition}"))
            existing.add(name.lower())

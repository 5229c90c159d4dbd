"""The tables of a session as they are stored, which an archive holds so that it can be imported again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select, tuple_

from app.attributes.attribute_set import AttributeSet
from app.sessions.database.schema import (
    EDITS,
    GAPS,
    MARKERS,
    OBSERVATIONS,
    PEOPLE,
    SEGMENTS,
    observations_of,
)
from app.sessions.rows.records import SessionHeader, to_iso
from app.sessions.rows.row_codec import RowCodec

# What an archive says it is.
FORMAT = "live-face-analysis session"
# Increase when the tables of `STORED_FILES` change.
ARCHIVE_SCHEMA = 4
FOLDER = "stored/"
HEADER_FILE = FOLDER + "session.json"
# All tables of a session besides its rows.
SMALL_TABLES: Sequence[Table] = (SEGMENTS, PEOPLE, MARKERS, EDITS, GAPS)
# Columns that an import chooses anew.
OWN_COLUMNS = ("id", "session_id")
# Rows that are read at once, so that recording goes on between.
PAGE_ROWS = 5000


def file_of(table: Table) -> str:
    """The file of a table in an archive."""
    return f"{FOLDER}{table.name}.jsonl"


OBSERVATIONS_FILE = file_of(OBSERVATIONS)
STORED_FILES = (HEADER_FILE, OBSERVATIONS_FILE, *(file_of(table) for table in SMALL_TABLES))


def column_names(table: Table) -> list[str]:
    """The columns of a small table in its file, in order."""
    return [column.name for column in table.c if column.name not in OWN_COLUMNS]


def observation_names(attributes: AttributeSet) -> Sequence[str]:
    """The columns of rows in their file, in order."""
    return RowCodec(attributes).names[1:]


def header_values(header: SessionHeader, app_version: str) -> dict[str, Any]:
    """The content of `HEADER_FILE`."""
    return {
        "format": FORMAT,
        "schema": ARCHIVE_SCHEMA,
        "app": app_version,
        "session": {
            "name": header.name,
            "started_at": to_iso(header.started_at),
            "ended_at": header.ended_at and to_iso(header.ended_at),
            "interrupted": header.interrupted,
            "source": header.source,
            "camera": header.camera,
            "demo": header.demo,
            "rate": header.rate,
            "tags": list(header.tags),
            "marker_names": dict(header.marker_names),
        },
        "attributes": header.attributes.describe(),
    }


def read_small_table(connection: Connection, session_id: int, table: Table) -> Iterator[Sequence[Any]]:
    """The rows of a small table in the order of their keys."""
    columns = [table.c[name] for name in column_names(table)]
    query = select(*columns).where(table.c.session_id == session_id).order_by(*table.primary_key)
    return (list(row) for row in connection.execute(query))


def read_observations(
    connection: Connection, header: SessionHeader, after: tuple[int, int] | None
) -> list[Sequence[Any]]:
    """The next `PAGE_ROWS` rows of a session, ordered by track and time.

    Args:
        after: Track and time of the last row before; None for the first page.
    """
    table = observations_of(header.attributes)
    query = select(*(table.c[name] for name in observation_names(header.attributes)))
    query = query.where(table.c.session_id == header.id)
    if after is not None:
        query = query.where(tuple_(table.c.track_id, table.c.time_ms) > tuple_(*after))
    query = query.order_by(table.c.track_id, table.c.time_ms).limit(PAGE_ROWS)
    return [list(row) for row in connection.execute(query)]


def table_by_file() -> Mapping[str, Table]:
    """The small tables by their file."""
    return {file_of(table): table for table in SMALL_TABLES}

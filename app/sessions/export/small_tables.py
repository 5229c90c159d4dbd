"""The tables of a session besides its rows, for people and programs: people, markers, gaps and edits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from app.sessions.database.schema import GAPS
from app.sessions.edits.markers import select_markers
from app.sessions.edits.people import select_edits
from app.sessions.edits.segments import select_names, select_segments
from app.sessions.rows.records import SessionHeader, to_iso, to_seconds

Rows = list[list[Any]]


def people_rows(connection: Connection, header: SessionHeader) -> Rows:
    """Which person each track shows, ordered by track and time."""
    names = select_names(connection, header.id)
    return [
        [
            *(one.person_id, None if one.person_id is None else names.get(one.person_id), one.track_id),
            *(to_seconds(one.start_ms), None if one.end_ms is None else to_seconds(one.end_ms)),
        ]
        for one in select_segments(connection, header.id)
    ]


def marker_rows(connection: Connection, header: SessionHeader) -> Rows:
    """Markers, ordered by time."""
    return [
        [
            *(one.name, to_seconds(one.start_ms), None if one.end_ms is None else to_seconds(one.end_ms)),
            *(one.note, one.key, one.excluded, _utc(one.created_at)),
        ]
        for one in select_markers(connection, header.id)
    ]


def gap_rows(connection: Connection, header: SessionHeader) -> Rows:
    """Times without frames, in order."""
    query = select(GAPS.c.start_s, GAPS.c.end_s).where(GAPS.c.session_id == header.id).order_by(GAPS.c.start_s)
    return [list(row) for row in connection.execute(query)]


def edit_rows(connection: Connection, header: SessionHeader) -> Rows:
    """Edits of people that were not undone, the oldest first."""
    return [[_utc(one.edited_at), one.kind, one.summary] for one in reversed(select_edits(connection, header.id))]


# By name of the table; the columns are those of `columns.TABLE_COLUMNS`.
READERS: Mapping[str, Callable[[Connection, SessionHeader], Rows]] = {
    "people": people_rows,
    "markers": marker_rows,
    "gaps": gap_rows,
    "edits": edit_rows,
}


def _utc(time: datetime) -> str:
    return to_iso(time.astimezone(UTC))

"""Queries of the sessions file and conversions between rows and records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update

from app.attributes.attribute_set import AttributeSet
from app.attributes.stored_attribute import attributes_from_text
from app.sessions.database.schema import (
    GAPS,
    OBSERVATIONS,
    RETENTION,
    SESSIONS,
    observations_of,
)
from app.sessions.database.statements import insert_new, insert_or_replace
from app.sessions.database.sums import update_sums
from app.sessions.edits.segments import insert_tracks
from app.sessions.retention_limit import SeenTime
from app.sessions.rows.records import Gap, Observation, SessionHeader, to_iso
from app.sessions.rows.row_codec import RowCodec

# JavaScript represents larger integers inexactly.
MAX_SESSION_ID = 2**53 - 1
# False for a session that is being imported.
IS_WHOLE = or_(SESSIONS.c.name != "", SESSIONS.c.ended_at.is_not(None))


def update_session(session_id: int) -> Any:
    """An UPDATE statement for one session."""
    return update(SESSIONS).where(SESSIONS.c.id == session_id)


def select_header(
    connection: Connection, session_id: int, *, is_whole: bool = True, is_locked: bool = False
) -> SessionHeader | None:
    """One session's header; None if it does not exist.

    Args:
        is_whole: False for the header of a session that is being imported.
        is_locked: Whether other nodes wait to change the session until this transaction ends. The rows and the sums
            of a session are written by one node at a time.
    """
    if not 0 < session_id <= MAX_SESSION_ID:
        return None
    condition = IS_WHOLE if is_whole else ~IS_WHOLE
    query = select(SESSIONS).where(SESSIONS.c.id == session_id, condition)
    if is_locked:
        query = query.with_for_update(key_share=True)  # SQLite locks the file instead
    row = connection.execute(query).one_or_none()
    return None if row is None else row_to_header(row)


def row_to_header(row: Row[Any]) -> SessionHeader:
    """Convert a row of `sessions`."""
    return SessionHeader(
        id=row.id,
        name=row.name,
        started_at=datetime.fromisoformat(row.started_at),
        ended_at=datetime.fromisoformat(row.ended_at) if row.ended_at else None,
        source=row.source,
        demo=row.demo,
        attributes=attributes_from_text(row.attributes),
        rate=row.rate,
        tags=json.loads(row.tags),
        marker_names=json.loads(row.marker_names),
        camera=row.camera,
        interrupted=row.interrupted,
    )


def select_records(connection: Connection, header: SessionHeader) -> list[Observation]:
    """A session's rows, ordered by time and track."""
    table, codec = observations_of(header.attributes), RowCodec(header.attributes)
    query = select(*(table.c[name] for name in codec.names)).where(table.c.session_id == header.id)
    return [codec.decode(row) for row in connection.execute(query.order_by(table.c.time_ms, table.c.track_id))]


def insert_records(connection: Connection, header: SessionHeader, records: Sequence[Observation]) -> None:
    """Save rows and add them to the sums. Existing ones (same track and time) are not changed."""
    if not records:
        return
    codec = RowCodec(header.attributes)
    insert_rows(connection, header, [codec.encode(header.id, record) for record in records])


def insert_rows(connection: Connection, header: SessionHeader, rows: Sequence[dict[str, Any]]) -> None:
    """Save rows as `RowCodec` encodes them, and add them to the sums; as `insert_records`."""
    insert_encoded(connection, header.attributes, rows)
    insert_tracks(connection, header.id, {row["track_id"] for row in rows})
    keys = [(row["track_id"], row["time_ms"]) for row in rows]
    update_sums(connection, header.id, header.attributes, header.rate, keys)


def insert_encoded(connection: Connection, attributes: AttributeSet, rows: Sequence[dict[str, Any]]) -> None:
    """Save rows as `RowCodec` encodes them, without adding them to the sums."""
    connection.execute(insert_new(connection, observations_of(attributes)), rows)


def select_gaps(connection: Connection, session_id: int) -> list[Gap]:
    """A session's gaps, ordered by start."""
    rows = connection.execute(select(GAPS).where(GAPS.c.session_id == session_id).order_by(GAPS.c.start_s))
    return [Gap(row.start_s, row.end_s) for row in rows]


def insert_gaps(connection: Connection, session_id: int, gaps: Sequence[Gap]) -> None:
    """Save gaps. Existing ones (same start) are not changed."""
    if gaps:
        rows = [{"session_id": session_id, "start_s": gap.start_s, "end_s": gap.end_s} for gap in gaps]
        connection.execute(insert_new(connection, GAPS), rows)


def last_time_ms(connection: Connection, session_id: int) -> int:
    """When the last row of a session ends, in milliseconds since its start; 0 without rows."""
    last = select(func.max(OBSERVATIONS.c.time_ms + OBSERVATIONS.c.duration_ms))
    return connection.execute(last.where(OBSERVATIONS.c.session_id == session_id)).scalar() or 0


def close_session(connection: Connection, header: SessionHeader) -> None:
    """End an interrupted session with the start of its last row, or at its own start if it has none."""
    last = select(func.max(OBSERVATIONS.c.time_ms)).where(OBSERVATIONS.c.session_id == header.id)
    time_ms = connection.execute(last).scalar() or 0
    ended_at = to_iso(header.time_at(time_ms / 1000))
    connection.execute(update_session(header.id).values(ended_at=ended_at, interrupted=True))


def select_end_times(connection: Connection, before: datetime | None = None) -> list[datetime]:
    """When the ended sessions ended, in order; with `before` only those that ended earlier."""
    query = select(SESSIONS.c.ended_at).where(SESSIONS.c.ended_at.is_not(None)).order_by(SESSIONS.c.ended_at)
    if before is not None:
        query = query.where(SESSIONS.c.ended_at < to_iso(before))
    return [datetime.fromisoformat(text) for text in connection.execute(query).scalars()]


def select_seen_time(connection: Connection) -> SeenTime | None:
    """What retention remembers of the clock; None in a new file."""
    row = connection.execute(select(RETENTION)).one_or_none()
    if row is None:
        return None
    pending_at, deleted_at = (text and datetime.fromisoformat(text) for text in (row.pending_at, row.deleted_at))
    return SeenTime(datetime.fromisoformat(row.seen_at), pending_at, deleted_at)


def store_seen_time(connection: Connection, seen: SeenTime) -> None:
    """Remember the clock."""
    values = {"pending_at": seen.pending_at, "deleted_at": seen.deleted_at}
    texts = {name: time and to_iso(time) for name, time in values.items()}
    row = {"id": 1, "seen_at": to_iso(seen.seen_at), **texts}
    connection.execute(insert_or_replace(connection, RETENTION, ["id"], row))

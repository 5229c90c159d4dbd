"""Queries of the sessions file and conversions between rows and records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, column, func, insert, select, update

from app.sessions.attribute_columns import AttributeColumns
from app.sessions.database.schema import (
    GAPS,
    PERSON_SECONDS,
    RETENTION,
    SESSIONS,
    attributes_from_text,
    person_seconds_of,
)
from app.sessions.records import Gap, PersonSecond, SessionHeader, to_iso
from app.sessions.retention_limit import SeenTime
from app.sessions.summary import session_summary

# JavaScript represents larger integers inexactly.
MAX_SESSION_ID = 2**53 - 1


def update_session(session_id: int) -> Any:
    """An UPDATE statement for one session."""
    return update(SESSIONS).where(SESSIONS.c.id == session_id)


def select_header(connection: Connection, session_id: int) -> SessionHeader | None:
    """One session's header; None if it does not exist."""
    if not 0 < session_id <= MAX_SESSION_ID:
        return None
    row = connection.execute(select(SESSIONS).where(SESSIONS.c.id == session_id)).one_or_none()
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
    )


def select_records(connection: Connection, header: SessionHeader) -> list[PersonSecond]:
    """A session's records, ordered by second and person."""
    table = person_seconds_of(header.attributes)
    query = select(table).where(table.c.session_id == header.id).order_by(table.c.time_s, table.c.person_id)
    columns = [AttributeColumns(attribute) for attribute in header.attributes]
    return [_row_to_record(row, columns) for row in connection.execute(query)]


def insert_records(connection: Connection, header: SessionHeader, records: Sequence[PersonSecond]) -> None:
    """Save records. Existing ones (same person and second) are not changed."""
    if records:
        columns = [AttributeColumns(attribute) for attribute in header.attributes]
        rows = [_record_to_row(header.id, columns, record) for record in records]
        connection.execute(insert(person_seconds_of(header.attributes)).prefix_with("OR IGNORE"), rows)


def select_gaps(connection: Connection, session_id: int) -> list[Gap]:
    """A session's gaps, ordered by start."""
    rows = connection.execute(select(GAPS).where(GAPS.c.session_id == session_id).order_by(GAPS.c.start_s))
    return [Gap(row.start_s, row.end_s) for row in rows]


def insert_gaps(connection: Connection, session_id: int, gaps: Sequence[Gap]) -> None:
    """Save gaps. Existing ones (same start) are not changed."""
    if gaps:
        rows = [{"session_id": session_id, "start_s": gap.start_s, "end_s": gap.end_s} for gap in gaps]
        connection.execute(insert(GAPS).prefix_with("OR IGNORE"), rows)


def count_labels(connection: Connection, headers: Iterable[SessionHeader]) -> dict[int, dict[str, int]]:
    """Person-seconds by session and label of the main statistics."""
    counts: dict[int, dict[str, int]] = {}
    ids_by_column: dict[str, list[int]] = {}
    for header in headers:
        ids_by_column.setdefault(header.attributes.headline.columns[0].name, []).append(header.id)
    for name, ids in ids_by_column.items():
        id_column, label_column = PERSON_SECONDS.c.session_id, column(name, Text)
        query = select(id_column, label_column, func.count()).where(id_column.in_(ids))
        for session_id, label, count in connection.execute(query.group_by(id_column, label_column)):
            if label is not None:
                counts.setdefault(session_id, {})[label] = count
    return counts


def count_persons(connection: Connection, session_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Number of persons and of person-seconds by session."""
    session_id = PERSON_SECONDS.c.session_id
    persons = func.count(PERSON_SECONDS.c.person_id.distinct())
    query = select(session_id, persons, func.count()).where(session_id.in_(session_ids)).group_by(session_id)
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}


def summarize(connection: Connection, headers: Sequence[SessionHeader], now: datetime) -> list[dict[str, Any]]:
    """The summaries of sessions, in the same order."""
    label_counts = count_labels(connection, headers)
    person_counts = count_persons(connection, [header.id for header in headers])
    summaries = []
    for header in headers:
        counts = label_counts.get(header.id, {})
        persons, person_seconds = person_counts.get(header.id, (0, 0))
        summaries.append(session_summary(header, counts, persons=persons, person_seconds=person_seconds, now=now))
    return summaries


def close_session(connection: Connection, header: SessionHeader) -> None:
    """End a session at its last record, or at its start if it has none."""
    last_time_s = select(func.max(PERSON_SECONDS.c.time_s)).where(PERSON_SECONDS.c.session_id == header.id)
    time_s = connection.execute(last_time_s).scalar()
    connection.execute(update_session(header.id).values(ended_at=to_iso(header.time_at(time_s or 0))))


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
    statement = insert(RETENTION).prefix_with("OR REPLACE").values(id=1, seen_at=to_iso(seen.seen_at), **texts)
    connection.execute(statement)


def _row_to_record(row: Sequence[Any], columns: Sequence[AttributeColumns]) -> PersonSecond:
    _, person_id, time_s, frames, *values = row
    estimates, start = {}, 0
    for one in columns:
        end = start + len(one.names)
        estimate = one.estimate(values[start:end])
        if estimate is not None:
            estimates[one.attribute.name] = estimate
        start = end
    return PersonSecond(person_id, time_s, frames, estimates)


def _record_to_row(session_id: int, columns: Sequence[AttributeColumns], record: PersonSecond) -> dict[str, Any]:
    row = {
        "session_id": session_id,
        "person_id": record.person_id,
        "time_s": record.time_s,
        "frames": record.frames,
    }
    for one in columns:
        row |= one.by_name(record.estimates.get(one.attribute.name))
    return row

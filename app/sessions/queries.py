"""Queries of the sessions file and conversions between rows and records."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from app.sessions.records import LABEL_COUNT_KEYS, Gap, PersonSecond, SessionHeader
from app.sessions.schema import GAPS, PERSON_SECONDS, SESSIONS

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
        labels=tuple(row.labels),
    )


def select_records(connection: Connection, session_id: int) -> list[PersonSecond]:
    """A session's records, ordered by second and person."""
    order = (PERSON_SECONDS.c.time_s, PERSON_SECONDS.c.person_id)
    rows = connection.execute(select(PERSON_SECONDS).where(PERSON_SECONDS.c.session_id == session_id).order_by(*order))
    return [
        PersonSecond(
            row.person_id,
            row.time_s,
            row.frames,
            row.dominant,
            tuple(row.probabilities) if row.probabilities else None,
            row.age_years,
            row.p_female,
            **{name: getattr(row, name) for name in LABEL_COUNT_KEYS},
        )
        for row in rows
    ]


def record_to_row(session_id: int, record: PersonSecond) -> dict[str, Any]:
    """Convert a record to the values of a row."""
    return {
        "session_id": session_id,
        "person_id": record.person_id,
        "time_s": record.time_s,
        "frames": record.frames,
        "dominant": record.dominant,
        "probabilities": list(record.probabilities) if record.probabilities else None,
        "age_years": record.age_years,
        "p_female": record.p_female,
        **{name: getattr(record, name) for name in LABEL_COUNT_KEYS},
    }


def select_gaps(connection: Connection, session_id: int) -> list[Gap]:
    """A session's gaps, ordered by start."""
    rows = connection.execute(select(GAPS).where(GAPS.c.session_id == session_id).order_by(GAPS.c.start_s))
    return [Gap(row.start_s, row.end_s) for row in rows]


def gap_to_row(session_id: int, gap: Gap) -> dict[str, Any]:
    """Convert a gap to the values of a row."""
    return {"session_id": session_id, "start_s": gap.start_s, "end_s": gap.end_s}


def count_labels(connection: Connection, session_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Person-seconds by session and dominant label."""
    columns = (PERSON_SECONDS.c.session_id, PERSON_SECONDS.c.dominant)
    query = select(*columns, func.count()).where(PERSON_SECONDS.c.session_id.in_(session_ids)).group_by(*columns)
    counts: dict[int, dict[str, int]] = {}
    for session_id, label, count in connection.execute(query):
        if label is not None:
            counts.setdefault(session_id, {})[label] = count
    return counts


def count_persons(connection: Connection, session_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Number of persons and of person-seconds by session."""
    session_id = PERSON_SECONDS.c.session_id
    persons = func.count(PERSON_SECONDS.c.person_id.distinct())
    query = select(session_id, persons, func.count()).where(session_id.in_(session_ids)).group_by(session_id)
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}

"""Rows of the sessions file, and what they stand for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from app.sessions.records import COUNTED, Gap, PersonSecond, SessionHead
from app.sessions.schema import GAPS, PERSON_SECONDS, SESSIONS

LARGEST_ID = 2**53 - 1  # beyond it JavaScript loses digits


def only(session_id: int) -> Any:
    """A change of one session's head."""
    return update(SESSIONS).where(SESSIONS.c.id == session_id)


def head(connection: Connection, session_id: int) -> SessionHead | None:
    """One session's head; None if there is none."""
    if not 0 < session_id <= LARGEST_ID:
        return None
    row = connection.execute(select(SESSIONS).where(SESSIONS.c.id == session_id)).one_or_none()
    return None if row is None else head_of(row)


def head_of(row: Row[Any]) -> SessionHead:
    """A row of `sessions` as a head."""
    return SessionHead(
        id=row.id,
        name=row.name,
        started_at=datetime.fromisoformat(row.started_at),
        ended_at=datetime.fromisoformat(row.ended_at) if row.ended_at else None,
        source=row.source,
        demo=row.demo,
        labels=tuple(row.labels),
    )


def records(connection: Connection, session_id: int) -> list[PersonSecond]:
    """A session's records by second and person."""
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
            **{name: getattr(row, name) for name in COUNTED},
        )
        for row in rows
    ]


def row_values(session_id: int, record: PersonSecond) -> dict[str, Any]:
    """A record as a row."""
    return {
        "session_id": session_id,
        "person_id": record.person_id,
        "time_s": record.time_s,
        "frames": record.frames,
        "dominant": record.dominant,
        "probabilities": list(record.probabilities) if record.probabilities else None,
        "age_years": record.age_years,
        "p_female": record.p_female,
        **{name: getattr(record, name) for name in COUNTED},
    }


def gaps(connection: Connection, session_id: int) -> list[Gap]:
    """A session's gaps, in order."""
    rows = connection.execute(select(GAPS).where(GAPS.c.session_id == session_id).order_by(GAPS.c.start_s))
    return [Gap(row.start_s, row.end_s) for row in rows]


def gap_values(session_id: int, gap: Gap) -> dict[str, Any]:
    """A gap as a row."""
    return {"session_id": session_id, "start_s": gap.start_s, "end_s": gap.end_s}


def counts(connection: Connection, ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Person-seconds by session and dominant label."""
    columns = (PERSON_SECONDS.c.session_id, PERSON_SECONDS.c.dominant)
    query = select(*columns, func.count()).where(PERSON_SECONDS.c.session_id.in_(ids)).group_by(*columns)
    counts: dict[int, dict[str, int]] = {}
    for session_id, label, count in connection.execute(query):
        if label is not None:
            counts.setdefault(session_id, {})[label] = count
    return counts


def totals(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Persons and person-seconds by session."""
    session_id = PERSON_SECONDS.c.session_id
    people = func.count(PERSON_SECONDS.c.person_id.distinct())
    query = select(session_id, people, func.count()).where(session_id.in_(ids)).group_by(session_id)
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}

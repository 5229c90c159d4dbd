"""Summaries of sessions for the list: totals of all rows, from the longest intervals of the sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from app.sessions.analysis.aggregates import Aggregates
from app.sessions.analysis.selection import EVERYTHING, select_by
from app.sessions.database.schema import LABEL_SUMS, SEGMENTS, SUMS
from app.sessions.database.statements import sum_integers
from app.sessions.database.sums import LEVELS_S
from app.sessions.edits.markers import count_markers
from app.sessions.rows.attribute_columns import label_column
from app.sessions.rows.frame_sums import histogram, most_frequent
from app.sessions.rows.records import SessionHeader, to_iso, whole_seconds


def summarize(connection: Connection, headers: Sequence[SessionHeader], now: datetime) -> list[dict[str, Any]]:
    """The summaries of sessions, in the same order."""
    ids = [header.id for header in headers]
    durations, people, markers = (
        _durations_ms(connection, ids),
        _people(connection, ids),
        count_markers(connection, ids),
    )
    labels = _label_durations_ms(connection, headers)
    changed = _with_removed_people(connection, ids)
    summaries = []
    for header in headers:
        counts, duration_ms = labels.get(header.id, {}), durations.get(header.id, 0)
        if header.id in changed:
            counts, duration_ms = _without_removed_people(connection, header, now)
        summaries.append(
            session_summary(header, counts, persons=people.get(header.id, 0), person_ms=duration_ms, now=now)
            | {"markers": markers.get(header.id, 0)}
        )
    return summaries


def session_summary(
    header: SessionHeader, label_ms: Mapping[str, int], *, persons: int, person_ms: int, now: datetime
) -> dict[str, Any]:
    """The `summary` of docs/api.md, without the number of markers."""
    by_label = histogram(header.labels, label_ms)
    return {
        "id": header.id,
        "name": header.name,
        "started_at": to_iso(header.started_at),
        "ended_at": to_iso(header.ended_at) if header.ended_at else None,
        "running": header.ended_at is None,
        "interrupted": header.interrupted,
        "source": header.source,
        "camera": header.camera,
        "demo": header.demo,
        "duration_s": round(header.duration_ms(now) / 1000, 1),
        "persons": persons,
        "person_seconds": whole_seconds(person_ms),
        "dominant": most_frequent(by_label),
        "histogram": by_label,
        "rate": int(header.rate) if header.rate.is_integer() else header.rate,
        "tags": list(header.tags),
    }


def _durations_ms(connection: Connection, ids: Iterable[int]) -> dict[int, int]:
    query = select(SUMS.c.session_id, sum_integers(SUMS.c.duration_ms))
    query = query.where(SUMS.c.session_id.in_(ids), SUMS.c.level_s == LEVELS_S[-1]).group_by(SUMS.c.session_id)
    return {session_id: duration_ms for session_id, duration_ms in connection.execute(query)}


def _label_durations_ms(connection: Connection, headers: Iterable[SessionHeader]) -> dict[int, dict[str, int]]:
    """The time with each label of the main statistics, by session."""
    ids_by_column: dict[str | None, list[int]] = {}
    for header in headers:
        ids_by_column.setdefault(label_column(header.attributes.headline), []).append(header.id)
    durations: dict[int, dict[str, int]] = {}
    sums = LABEL_SUMS.c
    for name, ids in ids_by_column.items():
        query = select(sums.session_id, sums.label, sum_integers(sums.duration_ms)).where(
            sums.session_id.in_(ids), sums.level_s == LEVELS_S[-1], sums.name == name
        )
        for session_id, label, duration_ms in connection.execute(query.group_by(sums.session_id, sums.label)):
            durations.setdefault(session_id, {})[label] = duration_ms
    return durations


def _people(connection: Connection, ids: Iterable[int]) -> dict[int, int]:
    query = select(SEGMENTS.c.session_id, func.count(SEGMENTS.c.person_id.distinct()))
    query = query.where(SEGMENTS.c.session_id.in_(ids)).group_by(SEGMENTS.c.session_id)
    return {session_id: count for session_id, count in connection.execute(query)}


def _with_removed_people(connection: Connection, ids: Iterable[int]) -> set[int]:
    query = select(SEGMENTS.c.session_id).distinct().where(SEGMENTS.c.person_id.is_(None))
    return set(connection.execute(query.where(SEGMENTS.c.session_id.in_(ids))).scalars())


def _without_removed_people(connection: Connection, header: SessionHeader, now: datetime) -> tuple[dict[str, int], int]:
    everyone = Aggregates(connection, select_by(connection, header, EVERYTHING, now), by_person=False)
    label_times = everyone.label_times(label_column(header.attributes.headline) or "")
    return {one.label: one.duration_ms for one in label_times}, sum(one.duration_ms for one in everyone.totals([]))

"""Import an exported session: the same rows, people, markers and edits, under a new number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from app.errors import InvalidRequest, SessionError
from app.sessions import queries
from app.sessions.analysis.summaries import summarize
from app.sessions.database.schema import OBSERVATIONS, SEGMENTS
from app.sessions.disk_worker import run_directly
from app.sessions.edits.segments import insert_tracks
from app.sessions.export.archive_reader import SessionArchive, refuse_damage
from app.sessions.export.stored_tables import SMALL_TABLES, column_names, file_of
from app.sessions.imports.archive_checks import check_attributes, check_header, check_observations, check_small_rows
from app.sessions.rows.records import SessionHeader, to_iso
from app.sessions.store import SessionStore

# Rows of one transaction: a tenth of a second, so that recording goes on beside.
BATCH_ROWS = 2000

Call = Callable[..., Any]


def import_archive(
    archive: SessionArchive, store: SessionStore, *, now: datetime, keep_days: int = 0, call: Call = run_directly
) -> dict[str, Any]:
    """Import a session; returns its summary. If it fails, nothing of it is left.

    Args:
        keep_days: Days after which sessions are deleted; 0 keeps them. An older session is refused.
        call: `call(function, *args)` runs each of the many steps, for example on the thread of the disk.
    Raises:
        UnreadableArchive: the archive is damaged.
        InvalidRequest: the session is too old, or its columns clash with those of others.
        SessionError: it cannot be saved.
    """
    with refuse_damage():
        values = check_header(archive.session)
        check_attributes(archive.attributes)
    _refuse_overdue(values, now, keep_days)
    begun = {**values, "started_at": to_iso(values["started_at"])}
    for name in ("name", "ended_at"):
        del begun[name]
    session_id = call(store.begin_import, archive.attributes, begun)
    try:
        rows = check_observations(archive)
        while call(_add_batch, store, session_id, rows):
            pass
        whole = _Whole(archive, values["name"], values["ended_at"])
        summary: dict[str, Any] = call(store.edit_import, session_id, whole.write)
        return summary
    except BaseException:
        with suppress(SessionError):
            call(store.discard, session_id)
        raise


def _refuse_overdue(values: dict[str, Any], now: datetime, keep_days: int) -> None:
    age = now - (values["ended_at"] or values["started_at"])
    if keep_days and age >= timedelta(days=keep_days):
        raise InvalidRequest(
            f"the session is {age.days} days old, and sessions are deleted here after {keep_days} days; "
            "start the server with a larger --keep-days, or 0, to import it"
        )


def _add_batch(store: SessionStore, session_id: int, rows: Iterator[dict[str, Any]]) -> bool:
    """Save the next rows; returns whether there were any."""
    batch = [{"session_id": session_id, **row} for row in islice(rows, BATCH_ROWS)]
    if batch:
        store.edit_import(session_id, lambda connection, header, _: queries.insert_rows(connection, header, batch))
    return bool(batch)


@dataclass(frozen=True, slots=True)
class _Whole:
    """What makes a session whole after its rows: everything else, and at last its name and end."""

    archive: SessionArchive
    name: str
    ended_at: datetime | None

    def write(self, connection: Connection, header: SessionHeader, now: datetime) -> dict[str, Any]:
        """Write it; returns the summary of the session."""
        of_session = SEGMENTS.c.session_id == header.id
        tracks = set(connection.execute(select(SEGMENTS.c.track_id).where(of_session)).scalars())
        connection.execute(delete(SEGMENTS).where(of_session))
        for table in SMALL_TABLES:
            rows = check_small_rows(table, self.archive.rows(file_of(table), column_names(table)))
            stored = [{"session_id": header.id, **row} for row in rows]
            if stored:
                connection.execute(insert(table), stored)
        insert_tracks(connection, header.id, tracks)
        ended_at = self.ended_at or _last_time(connection, header)
        values = {"name": self.name, "ended_at": to_iso(ended_at)}
        connection.execute(queries.update_session(header.id).values(values))
        imported = queries.select_header(connection, header.id)
        return summarize(connection, [imported] if imported else [], now)[0]


def _last_time(connection: Connection, header: SessionHeader) -> datetime:
    """The start of the last row: the end of a session that was running when it was exported."""
    times = select(OBSERVATIONS.c.time_ms).where(OBSERVATIONS.c.session_id == header.id)
    last_ms = connection.execute(times.order_by(OBSERVATIONS.c.time_ms.desc()).limit(1)).scalar() or 0
    return header.time_at(last_ms / 1000)

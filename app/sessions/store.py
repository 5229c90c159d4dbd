"""The sessions file: opening, mending, writing and reading it; every call blocks on the disk."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from app.errors import SessionError
from app.sessions import summary
from app.sessions.records import PersonSecond, SessionHead, iso, utc_now
from app.sessions.schema import METADATA, PERSON_SECONDS, SESSIONS, VERSION, is_damage, keep_aside, open_engine

FILE_NAME = "sessions.sqlite3"
LARGEST_ID = 2**53 - 1  # beyond it JavaScript loses digits

log = logging.getLogger(__name__)


class SessionStore:
    """Sessions in `<folder>/sessions.sqlite3`.

    A folder that cannot be written leaves the store closed: every use tries to open it again and raises SessionError
    where that fails. A damaged file is kept aside and a new one begun.

    Args:
        warn: Told what a person should know, in one line, by whichever thread opens the file.

    Attributes:
        notice: What a person should know about the file, in one line; None if all is well.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        now: Callable[[], datetime] = utc_now,
        warn: Callable[[str], None] = log.warning,
    ) -> None:
        self.path = Path(folder) / FILE_NAME
        self.notice: str | None = None
        self._now, self._warn = now, warn
        self._engine: Engine | None = None
        try:
            self._opened()
        except SessionError as error:
            self.notice = str(error)
            warn(self.notice)

    def start(self, name: str | None, *, source: str | None, demo: bool, labels: Sequence[str]) -> dict[str, Any]:
        """Begin a session and return its summary; without a name it is called after its id."""
        values = {"name": name or "", "source": source, "demo": demo, "labels": list(labels)}
        with self._transaction("start the session") as connection:
            result = connection.execute(insert(SESSIONS).values(started_at=iso(self._now()), **values))
            (session_id,) = result.inserted_primary_key or (0,)
            if not name:
                connection.execute(_only(session_id).values(name=f"Session {session_id}"))
            return self._summary(connection, session_id) or {}

    def add(self, session_id: int, records: Sequence[PersonSecond]) -> None:
        """Save records; one that is already there (same person and second) stays as it is."""
        if not records:
            return
        rows = [_row_values(session_id, record) for record in records]
        with self._transaction("save to the session") as connection:
            connection.execute(insert(PERSON_SECONDS).prefix_with("OR IGNORE"), rows)

    def stop(self, session_id: int, elapsed_s: float) -> dict[str, Any] | None:
        """End a running session `elapsed_s` seconds after its start; None if there is no such session."""
        with self._transaction("stop the session") as connection:
            head = _head(connection, session_id)
            if head is None:
                return None
            connection.execute(_only(session_id).values(ended_at=iso(head.moment(elapsed_s))))
            return self._summary(connection, session_id)

    def rename(self, session_id: int, name: str) -> dict[str, Any] | None:
        """Name a session; its summary, or None if there is no such session."""
        with self._transaction("rename the session") as connection:
            if _head(connection, session_id) is not None:
                connection.execute(_only(session_id).values(name=name))
            return self._summary(connection, session_id)

    def mark_demo(self, session_id: int) -> None:
        """Note that a session's numbers come, at least in part, from the demo."""
        with self._transaction("save to the session") as connection:
            connection.execute(_only(session_id).values(demo=True))

    def delete(self, session_id: int) -> bool:
        """Delete a session with its records; False if there is none.

        Raises:
            SessionError: it is running.
        """
        with self._transaction("delete the session") as connection:
            head = _head(connection, session_id)
            if head is None:
                return False
            if head.ended_at is None:
                raise SessionError(f"session {session_id} is running; stop it before deleting it")
            connection.execute(delete(SESSIONS).where(SESSIONS.c.id == session_id))
            return True

    def sessions(self) -> list[dict[str, Any]]:
        """Every session's summary, the newest first."""
        with self._reading() as connection:
            heads = connection.execute(select(SESSIONS).order_by(SESSIONS.c.id.desc())).all()
            return self._summaries(connection, [_head_of(row) for row in heads])

    def session(self, session_id: int) -> dict[str, Any] | None:
        """One session's summary; None if there is none."""
        with self._reading() as connection:
            return self._summary(connection, session_id)

    def detail(self, session_id: int) -> dict[str, Any] | None:
        """One session's detail (docs/api.md); None if there is none."""
        with self._reading() as connection:
            head = _head(connection, session_id)
            return summary.detail(head, _records(connection, session_id), self._now()) if head else None

    def records(self, session_id: int) -> tuple[SessionHead, dict[str, Any], list[PersonSecond]] | None:
        """One session's head, summary and records by second and person; None if there is none."""
        with self._reading() as connection:
            head = _head(connection, session_id)
            if head is None:
                return None
            return head, self._summaries(connection, [head])[0], _records(connection, session_id)

    def _summary(self, connection: Connection, session_id: int) -> dict[str, Any] | None:
        head = _head(connection, session_id)
        return self._summaries(connection, [head])[0] if head else None

    def _summaries(self, connection: Connection, heads: Sequence[SessionHead]) -> list[dict[str, Any]]:
        ids = [head.id for head in heads]
        counts = _counts(connection, ids)
        totals = _totals(connection, ids)
        now = self._now()
        return [
            summary.summary(
                head,
                counts.get(head.id, {}),
                persons=totals.get(head.id, (0, 0))[0],
                person_seconds=totals.get(head.id, (0, 0))[1],
                now=now,
            )
            for head in heads
        ]

    @contextmanager
    def _transaction(self, purpose: str) -> Iterator[Connection]:
        engine = self._opened()
        try:
            with engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise SessionError(f"cannot {purpose}: {self.path}: {error.orig}; check the disk and --data") from error

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._transaction("read the sessions") as connection:
            yield connection

    def _opened(self) -> Engine:
        """The engine; opens the file at the first use and again after a failure."""
        if self._engine is None:
            self._engine = _open(self.path, self._set_aside, self._warn)
        return self._engine

    def _set_aside(self) -> None:
        kept = keep_aside(self.path, self._now())
        self.notice = f"{self.path} was damaged: it is kept as {kept.name} and a new file is begun"
        self._warn(self.notice)


def _open(path: Path, set_aside: Callable[[], None], warn: Callable[[str], None]) -> Engine:
    engine = open_engine(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _prepare(engine, warn)
        except DBAPIError as error:
            if not is_damage(error):
                raise
            set_aside()
            _prepare(engine, warn)
    except (OSError, DBAPIError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error.strerror
        message = f"cannot keep sessions in {path.parent}: {reason}; give a writable folder by --data"
        raise SessionError(message) from error
    return engine


def _prepare(engine: Engine, warn: Callable[[str], None]) -> None:
    """Check the file, create what is missing and close what a crash left open."""
    with engine.begin() as connection:
        found = connection.execute(text("PRAGMA quick_check(1)")).scalar()
        if found != "ok":
            raise DBAPIError("PRAGMA quick_check", None, sqlite3.DatabaseError(str(found)))
        version = connection.execute(text("PRAGMA user_version")).scalar() or 0
        if version > VERSION:
            raise SessionError(f"{FILE_NAME} is of a newer version ({version}); update the app or give another --data")
        METADATA.create_all(connection)
        connection.execute(text(f"PRAGMA user_version={VERSION}"))
        _close_left_open(connection, warn)


def _close_left_open(connection: Connection, warn: Callable[[str], None]) -> None:
    """End every open session at its last record, or at its start where it has none."""
    last = func.max(PERSON_SECONDS.c.time_s)
    for row in connection.execute(select(SESSIONS).where(SESSIONS.c.ended_at.is_(None))).all():
        head = _head_of(row)
        time_s = connection.execute(select(last).where(PERSON_SECONDS.c.session_id == head.id)).scalar()
        connection.execute(_only(head.id).values(ended_at=iso(head.moment(time_s or 0))))
        warn(f"session {head.id} was still open; it is closed at its last record")


def _only(session_id: int) -> Any:
    return update(SESSIONS).where(SESSIONS.c.id == session_id)


def _head(connection: Connection, session_id: int) -> SessionHead | None:
    if not 0 < session_id <= LARGEST_ID:
        return None
    row = connection.execute(select(SESSIONS).where(SESSIONS.c.id == session_id)).one_or_none()
    return None if row is None else _head_of(row)


def _head_of(row: Row[Any]) -> SessionHead:
    return SessionHead(
        id=row.id,
        name=row.name,
        started_at=datetime.fromisoformat(row.started_at),
        ended_at=datetime.fromisoformat(row.ended_at) if row.ended_at else None,
        source=row.source,
        demo=row.demo,
        labels=tuple(row.labels),
    )


def _records(connection: Connection, session_id: int) -> list[PersonSecond]:
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
        )
        for row in rows
    ]


def _row_values(session_id: int, record: PersonSecond) -> dict[str, Any]:
    return {
        "session_id": session_id,
        "person_id": record.person_id,
        "time_s": record.time_s,
        "frames": record.frames,
        "dominant": record.dominant,
        "probabilities": list(record.probabilities) if record.probabilities else None,
        "age_years": record.age_years,
        "p_female": record.p_female,
    }


def _counts(connection: Connection, ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Person-seconds by session and dominant label."""
    columns = (PERSON_SECONDS.c.session_id, PERSON_SECONDS.c.dominant)
    query = select(*columns, func.count()).where(PERSON_SECONDS.c.session_id.in_(ids)).group_by(*columns)
    counts: dict[int, dict[str, int]] = {}
    for session_id, label, count in connection.execute(query):
        if label is not None:
            counts.setdefault(session_id, {})[label] = count
    return counts


def _totals(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Persons and person-seconds by session."""
    session_id = PERSON_SECONDS.c.session_id
    people = func.count(PERSON_SECONDS.c.person_id.distinct())
    query = select(session_id, people, func.count()).where(session_id.in_(ids)).group_by(session_id)
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}

"""The sessions file: opening, mending, writing and reading it; every call blocks on the disk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select
from sqlalchemy.exc import DBAPIError

from app.errors import SessionError
from app.sessions import queries, summary
from app.sessions.database_file import FILE_NAME, close_left_open, open_file, reason
from app.sessions.queries import LARGEST_ID
from app.sessions.records import Entry, Gap, PersonSecond, SessionHead, iso, utc_now
from app.sessions.schema import GAPS, PERSON_SECONDS, SESSIONS, is_damage, is_new, keep_aside
from app.sessions.secure_delete import erase, remove_kept_aside

__all__ = ["FILE_NAME", "LARGEST_ID", "SessionStore"]

log = logging.getLogger(__name__)


class SessionStore:
    """Sessions in `<folder>/sessions.sqlite3`.

    A folder that cannot be written leaves the store closed: every use tries to open it again and raises SessionError
    where that fails. A damaged file is kept aside and a new one begun, also while it is in use.

    Args:
        warn: Told what a person should know, in one line, by whichever thread opens the file.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        now: Callable[[], datetime] = utc_now,
        warn: Callable[[str], None] = log.warning,
    ) -> None:
        self.path = Path(folder) / FILE_NAME
        self._unopened: str | None = None
        self._damaged: str | None = None
        self._now, self._warn = now, warn
        self._engine: Engine | None = None
        self._mended = False
        try:
            self._opened()
        except SessionError as error:
            warn(str(error))

    def start(self, name: str | None, *, source: str | None, demo: bool, labels: Sequence[str]) -> dict[str, Any]:
        """Begin a session and return its summary; without a name it is called after its id."""
        values = {"name": name or "", "source": source, "demo": demo, "labels": list(labels)}
        with self._transaction("start the session") as connection:
            result = connection.execute(insert(SESSIONS).values(started_at=iso(self._now()), **values))
            (session_id,) = result.inserted_primary_key or (0,)
            if not name:
                connection.execute(queries.only(session_id).values(name=f"Session {session_id}"))
            return self._summary(connection, session_id) or {}

    def add(self, session_id: int, entries: Sequence[Entry]) -> None:
        """Save records and gaps; one that is already there (same person and second) stays as it is."""
        records = [queries.row_values(session_id, entry) for entry in entries if isinstance(entry, PersonSecond)]
        gaps = [queries.gap_values(session_id, entry) for entry in entries if isinstance(entry, Gap)]
        with self._transaction("save to the session") as connection:
            for table, values in ((PERSON_SECONDS, records), (GAPS, gaps)):
                if values:
                    connection.execute(insert(table).prefix_with("OR IGNORE"), values)

    def restore(self, session: Mapping[str, Any], labels: Sequence[str]) -> None:
        """Put a running session into a file that does not know it, as after the old one was set aside."""
        values = {key: session[key] for key in ("id", "name", "started_at", "source", "demo")}
        with self._transaction("save to the session") as connection:
            connection.execute(insert(SESSIONS).prefix_with("OR IGNORE").values(**values, labels=list(labels)))

    def discard(self, session_id: int) -> None:
        """Remove a session that began when nobody waited for it any more."""
        with self._transaction("discard the session") as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.id == session_id))

    def stop(self, session_id: int, elapsed_s: float) -> dict[str, Any] | None:
        """End a running session `elapsed_s` seconds after its start; None if there is no such session."""
        with self._transaction("stop the session") as connection:
            head = queries.head(connection, session_id)
            if head is None:
                return None
            connection.execute(queries.only(session_id).values(ended_at=iso(head.moment(elapsed_s))))
            return self._summary(connection, session_id)

    def rename(self, session_id: int, name: str) -> dict[str, Any] | None:
        """Name a session; its summary, or None if there is no such session."""
        with self._transaction("rename the session") as connection:
            if queries.head(connection, session_id) is not None:
                connection.execute(queries.only(session_id).values(name=name))
            return self._summary(connection, session_id)

    def mark_demo(self, session_id: int) -> None:
        """Note that a session's numbers come, at least in part, from the demo."""
        with self._transaction("save to the session") as connection:
            connection.execute(queries.only(session_id).values(demo=True))

    def delete(self, session_id: int) -> bool:
        """Delete a session with its records for good; False if there is none.

        Raises:
            SessionError: it is running.
        """
        with self._transaction("delete the session") as connection:
            head = queries.head(connection, session_id)
            if head is None:
                return False
            if head.ended_at is None:
                raise SessionError(f"session {session_id} is running; stop it before deleting it")
            connection.execute(delete(SESSIONS).where(SESSIONS.c.id == session_id))
        self._erase(compact=False)
        return True

    def delete_all(self) -> int:
        """Delete every session for good, and what damaged files were kept; says how many sessions there were.

        Raises:
            SessionError: one is running.
        """
        with self._transaction("delete the sessions") as connection:
            if connection.execute(select(SESSIONS.c.id).where(SESSIONS.c.ended_at.is_(None))).first():
                raise SessionError("a session is running; stop it before deleting all")
            count = connection.execute(delete(SESSIONS)).rowcount
        self._erase(compact=True)
        self._remove_kept_aside(None)
        return count

    def delete_ended_before(self, moment: datetime) -> int:
        """Delete for good what ended before a moment, and damaged files not written since; how many sessions."""
        with self._transaction("delete the sessions") as connection:
            count = connection.execute(delete(SESSIONS).where(SESSIONS.c.ended_at < iso(moment))).rowcount
        if count:
            self._erase(compact=True)
        self._remove_kept_aside(moment)
        return count

    def sessions(self) -> list[dict[str, Any]]:
        """Every session's summary, the newest first."""
        with self._reading() as connection:
            heads = connection.execute(select(SESSIONS).order_by(SESSIONS.c.id.desc())).all()
            return self._summaries(connection, [queries.head_of(row) for row in heads])

    def session(self, session_id: int) -> dict[str, Any] | None:
        """One session's summary; None if there is none."""
        with self._reading() as connection:
            return self._summary(connection, session_id)

    def detail(self, session_id: int) -> dict[str, Any] | None:
        """One session's detail (docs/api.md); None if there is none."""
        with self._reading() as connection:
            head = queries.head(connection, session_id)
            if head is None:
                return None
            found = queries.records(connection, session_id)
            return summary.detail(head, found, self._now(), queries.gaps(connection, session_id))

    def records(self, session_id: int) -> tuple[SessionHead, dict[str, Any], list[PersonSecond]] | None:
        """One session's head, summary and records by second and person; None if there is none."""
        with self._reading() as connection:
            head = queries.head(connection, session_id)
            if head is None:
                return None
            return head, self._summaries(connection, [head])[0], queries.records(connection, session_id)

    def _summary(self, connection: Connection, session_id: int) -> dict[str, Any] | None:
        head = queries.head(connection, session_id)
        return self._summaries(connection, [head])[0] if head else None

    def _summaries(self, connection: Connection, heads: Sequence[SessionHead]) -> list[dict[str, Any]]:
        ids = [head.id for head in heads]
        counts = queries.counts(connection, ids)
        totals = queries.totals(connection, ids)
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
            if is_damage(error) or is_new(error):
                self._engine = None  # the next use checks the file, and begins a new one if need be
            why = reason(error, self.path)
            raise SessionError(f"cannot {purpose}: {self.path}: {why}; check the disk and --data") from error

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._transaction("read the sessions") as connection:
            yield connection

    def _erase(self, *, compact: bool) -> None:
        engine = self._opened()
        try:
            if not erase(engine, compact=compact):
                self._warn("another program reads the sessions file: traces of what was deleted stay until it lets go")
        except DBAPIError as error:
            why = f"{self.path}: {reason(error, self.path)}; check the disk and delete another"
            raise SessionError(f"deleted, but traces of it may stay in {why}") from error

    def _remove_kept_aside(self, before: datetime | None) -> None:
        try:
            remove_kept_aside(self.path, before)
        except OSError as error:
            raise SessionError(f"cannot delete a damaged file beside {self.path}: {error.strerror}") from error
        if before is None:
            self._damaged = None

    @property
    def notice(self) -> str | None:
        """What a person should know about the file, in one line; None if all is well."""
        return self._unopened or self._damaged

    def _opened(self) -> Engine:
        """The engine; opens the file at the first use and again after a failure."""
        if self._engine is None:
            try:
                self._engine = open_file(self.path, self._set_aside, self._mend)
            except SessionError as error:
                self._unopened = str(error)
                raise
            self._unopened, self._mended = None, True
        return self._engine

    def _mend(self, connection: Connection) -> None:
        """At the first opening only: later there may be a session that runs."""
        if not self._mended:
            close_left_open(connection, self._warn)

    def _set_aside(self) -> None:
        kept = keep_aside(self.path, self._now())
        self._damaged = f"{self.path} was damaged: it is kept as {kept.name} and a new file is begun"
        self._warn(self._damaged)

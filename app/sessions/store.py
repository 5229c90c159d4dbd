"""The sessions file: open, repair, write and read it. Every call blocks on the disk."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select
from sqlalchemy.exc import DBAPIError

from app.attributes.attribute_set import AttributeSet
from app.errors import SessionError
from app.sessions import queries
from app.sessions.database.copies import (
    backup_path,
    corrupt_copies,
    delete_missing_sessions,
    needs_backup,
    write_copy,
)
from app.sessions.database.database_file import FILE_NAME, error_reason, open_database
from app.sessions.database.schema import (
    SESSIONS,
    add_missing_columns,
    attributes_to_text,
    is_corruption,
    is_missing_table,
)
from app.sessions.database.secure_delete import purge_journal, remove_corrupt_copies
from app.sessions.overdue import delete_overdue
from app.sessions.queries import MAX_SESSION_ID
from app.sessions.records import Gap, PersonSecond, SessionEntry, SessionHeader, to_iso, utc_now
from app.sessions.summary import session_detail

__all__ = ["FILE_NAME", "MAX_SESSION_ID", "SessionStore"]

log = logging.getLogger(__name__)


class SessionStore:
    """Sessions in `<folder>/sessions.sqlite3`.

    If the folder cannot be written, every use tries to open the file again and raises SessionError on failure. A
    corrupt file is moved aside and its readable rows are recovered into a new one, also while the app is running.

    Args:
        folder: Created if it does not exist.
        now: The current time.
        warn: Called with one-line warnings, by the thread that opens the file.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        now: Callable[[], datetime] = utc_now,
        warn: Callable[[str], None] = log.warning,
    ) -> None:
        self.path = Path(folder) / FILE_NAME
        self._open_error: str | None = None
        self._corruption_notice: str | None = None
        self._now, self._warn = now, warn
        self._engine: Engine | None = None
        self._is_repaired = False
        try:
            self._open_engine()
        except SessionError as error:
            warn(str(error))

    def start(self, name: str | None, *, source: str | None, demo: bool, attributes: AttributeSet) -> dict[str, Any]:
        """Create a session that keeps these attributes and return its summary; without a name it is named by its id."""
        values = {"name": name or "", "source": source, "demo": demo, "attributes": attributes_to_text(attributes)}
        with self._transaction("start the session") as connection:
            add_missing_columns(connection, attributes)
            result = connection.execute(insert(SESSIONS).values(started_at=to_iso(self._now()), **values))
            (session_id,) = result.inserted_primary_key or (0,)
            if not name:
                connection.execute(queries.update_session(session_id).values(name=f"Session {session_id}"))
            return self._summary(connection, session_id) or {}

    def add(self, session_id: int, entries: Sequence[SessionEntry]) -> None:
        """Save records and gaps. Existing ones (same person and second) are not changed.

        Raises:
            SessionError: the session does not exist, or the file cannot be written.
        """
        with self._transaction("save to the session") as connection:
            header = queries.select_header(connection, session_id)
            if header is None:
                raise SessionError(f"there is no session {session_id} in {self.path}; it was deleted meanwhile")
            queries.insert_records(connection, header, [one for one in entries if isinstance(one, PersonSecond)])
            queries.insert_gaps(connection, session_id, [one for one in entries if isinstance(one, Gap)])

    def restore(self, session: Mapping[str, Any], attributes: AttributeSet) -> None:
        """Add a running session to a file that lacks it, for example after the file was removed."""
        values = {key: session[key] for key in ("id", "name", "started_at", "source", "demo")}
        with self._transaction("save to the session") as connection:
            add_missing_columns(connection, attributes)
            statement = insert(SESSIONS).prefix_with("OR IGNORE")
            connection.execute(statement.values(**values, attributes=attributes_to_text(attributes)))

    def discard(self, session_id: int) -> None:
        """Remove a session whose start timed out."""
        with self._transaction("discard the session") as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.id == session_id))

    def stop(self, session_id: int, elapsed_s: float) -> dict[str, Any] | None:
        """End a running session `elapsed_s` seconds after its start; None if it does not exist."""
        with self._transaction("stop the session") as connection:
            header = queries.select_header(connection, session_id)
            if header is None:
                return None
            ended_at = to_iso(header.time_at(elapsed_s))
            connection.execute(queries.update_session(session_id).values(ended_at=ended_at))
            return self._summary(connection, session_id)

    def rename(self, session_id: int, name: str) -> dict[str, Any] | None:
        """Rename a session; returns its summary, or None if it does not exist."""
        with self._transaction("rename the session") as connection:
            if queries.select_header(connection, session_id) is not None:
                connection.execute(queries.update_session(session_id).values(name=name))
            return self._summary(connection, session_id)

    def mark_demo(self, session_id: int) -> None:
        """Mark a session whose records come, at least in part, from the demo."""
        with self._transaction("save to the session") as connection:
            connection.execute(queries.update_session(session_id).values(demo=True))

    def delete(self, session_id: int) -> bool:
        """Delete a session with its records for good; False if it does not exist.

        Raises:
            SessionError: the session is running.
        """
        with self._transaction("delete the session") as connection:
            header = queries.select_header(connection, session_id)
            if header is None:
                return False
            if header.ended_at is None:
                raise SessionError(f"session {session_id} is running; stop it before deleting it")
            connection.execute(delete(SESSIONS).where(SESSIONS.c.id == session_id))
        self._purge(compact=False)
        return True

    def delete_all(self) -> int:
        """Delete all sessions and all copies of the file for good; returns the number of sessions.

        Raises:
            SessionError: a session is running.
        """
        with self._transaction("delete the sessions") as connection:
            if connection.execute(select(SESSIONS.c.id).where(SESSIONS.c.ended_at.is_(None))).first():
                raise SessionError("a session is running; stop it before deleting all")
            count = connection.execute(delete(SESSIONS)).rowcount
        self._purge(compact=True)
        self._remove_corrupt_copies(None)
        return count

    def delete_overdue(self, keep_for: timedelta) -> Sequence[datetime]:
        """Delete sessions that ended, and corrupt copies last written, longer ago than this; but see `retention_limit`.

        Returns:
            When the deleted sessions ended, in order.
        """
        copied_at = [datetime.fromtimestamp(copy.stat().st_mtime, UTC) for copy in corrupt_copies(self.path)]
        with self._transaction("delete the sessions") as connection:
            overdue = delete_overdue(connection, self._now(), keep_for, copied_at, self._warn)
        if overdue.ended:
            self._purge(compact=True)
        if overdue.before:
            self._remove_corrupt_copies(overdue.before)
        return overdue.ended

    def back_up(self) -> bool:
        """Copy the file if it has sessions and the last backup is a day old; returns whether it did.

        Raises:
            SessionError: the copy cannot be written. The last one is kept.
        """
        with self._transaction("read the sessions") as connection:
            has_sessions = connection.execute(select(SESSIONS.c.id).limit(1)).first() is not None
        if not has_sessions or not needs_backup(self.path, self._now()):
            return False
        try:
            write_copy(self.path, backup_path(self.path), self._now())
        except (OSError, sqlite3.Error) as error:
            raise SessionError(
                f"cannot back up {self.path}: {error_reason(error, self.path)}; check the disk"
            ) from error
        return True

    def sessions(self) -> list[dict[str, Any]]:
        """The summaries of all sessions, newest first."""
        with self._transaction("read the sessions") as connection:
            rows = connection.execute(select(SESSIONS).order_by(SESSIONS.c.id.desc())).all()
            return queries.summarize(connection, [queries.row_to_header(row) for row in rows], self._now())

    def session(self, session_id: int) -> dict[str, Any] | None:
        """One session's summary; None if it does not exist."""
        with self._transaction("read the sessions") as connection:
            return self._summary(connection, session_id)

    def attributes(self, session_id: int) -> AttributeSet | None:
        """What one session keeps; None if it does not exist."""
        with self._transaction("read the sessions") as connection:
            header = queries.select_header(connection, session_id)
            return None if header is None else header.attributes

    def detail(self, session_id: int) -> dict[str, Any] | None:
        """One session's detail (docs/api.md); None if it does not exist."""
        with self._transaction("read the sessions") as connection:
            header = queries.select_header(connection, session_id)
            if header is None:
                return None
            records = queries.select_records(connection, header)
            return session_detail(header, records, self._now(), queries.select_gaps(connection, session_id))

    def records(self, session_id: int) -> tuple[SessionHeader, dict[str, Any], list[PersonSecond]] | None:
        """One session's header, summary and records, ordered by second and person; None if it does not exist."""
        with self._transaction("read the sessions") as connection:
            header = queries.select_header(connection, session_id)
            if header is None:
                return None
            (summary,) = queries.summarize(connection, [header], self._now())
            return header, summary, queries.select_records(connection, header)

    @property
    def notice(self) -> str | None:
        """What the user should know about the file, in one line; None without a problem."""
        return self._open_error or self._corruption_notice

    def _summary(self, connection: Connection, session_id: int) -> dict[str, Any] | None:
        header = queries.select_header(connection, session_id)
        return queries.summarize(connection, [header], self._now())[0] if header else None

    @contextmanager
    def _transaction(self, purpose: str) -> Iterator[Connection]:
        engine = self._open_engine()
        try:
            with engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            if is_corruption(error) or is_missing_table(error):
                self._engine = None  # the next use checks the file and creates a new one if necessary
            reason = error_reason(error, self.path)
            raise SessionError(f"cannot {purpose}: {self.path}: {reason}; check the disk and --data") from error

    def _purge(self, *, compact: bool) -> None:
        """Remove the traces of deleted sessions from the journal and from the copies."""
        engine = self._open_engine()
        try:
            if not purge_journal(engine, compact=compact):
                self._warn("another program is reading the sessions file: deleted data remains until it closes it")
            delete_missing_sessions(self.path)
        except (OSError, sqlite3.Error) as error:
            reason = error_reason(error, self.path)
            advice = "check the disk and delete another session"
            raise SessionError(f"deleted, but traces may remain in {self.path}: {reason}; {advice}") from error

    def _remove_corrupt_copies(self, before: datetime | None) -> None:
        try:
            remove_corrupt_copies(self.path, before)
        except OSError as error:
            raise SessionError(f"cannot delete a corrupt copy of {self.path}: {error.strerror}") from error
        if before is None:
            self._corruption_notice = None

    def _open_engine(self) -> Engine:
        """The engine. Opens the file at the first use and again after a failure."""
        if self._engine is None:
            try:
                self._engine = open_database(self.path, self._now(), self._report_corruption, self._repair)
            except SessionError as error:
                self._open_error = str(error)
                raise
            self._open_error, self._is_repaired = None, True
        return self._engine

    def _repair(self, connection: Connection) -> None:
        """Close interrupted sessions, but only at the first opening: later a session may be running."""
        if self._is_repaired:
            return
        for row in connection.execute(select(SESSIONS).where(SESSIONS.c.ended_at.is_(None))).all():
            queries.close_session(connection, queries.row_to_header(row))
            self._warn(f"session {row.id} was still open; closed at its last record")

    def _report_corruption(self, line: str) -> None:
        self._corruption_notice = line
        self._warn(line)

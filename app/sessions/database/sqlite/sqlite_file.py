"""The sessions file as a database: opened when it is used, again after a failure, and repaired."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from app.errors import SessionError
from app.sessions.database.sqlite.copies import (
    backup_path,
    corrupt_copies,
    delete_missing_sessions,
    needs_backup,
    write_copy,
)
from app.sessions.database.sqlite.database_file import FILE_NAME, error_reason, open_database
from app.sessions.database.sqlite.engine import is_corruption, is_locked, is_missing_table
from app.sessions.database.sqlite.secure_delete import purge_journal, remove_corrupt_copies


class SqliteFile:
    """The file `<folder>/sessions.sqlite3`; see `Database`.

    If the folder cannot be written, every use tries to open the file again and raises SessionError on failure. A
    corrupt file is moved aside and its readable rows are recovered into a new one, also while the app is running.

    Args:
        folder: Created if it does not exist.
        now: The current time.
        warn: Called with one-line warnings, by the thread that opens the file.
        repair: Called in the transaction that first opens the file: later, a session may be running.
    """

    lease: timedelta | None = None

    def __init__(
        self,
        folder: Path,
        *,
        now: Callable[[], datetime],
        warn: Callable[[str], None],
        repair: Callable[[Connection], None],
    ) -> None:
        self.path = folder / FILE_NAME
        self.place = str(self.path)
        self._now, self._warn, self._repair = now, warn, repair
        self._open_error: str | None = None
        self._corruption_notice: str | None = None
        self._engine: Engine | None = None
        self._is_repaired = False
        try:
            self.open_engine()
        except SessionError as error:
            warn(str(error))

    @property
    def notice(self) -> str | None:
        """What the user should know about the file, in one line; None without a problem."""
        return self._open_error or self._corruption_notice

    @contextmanager
    def transaction(self, purpose: str, *, is_snapshot: bool = False) -> Iterator[Connection]:
        """A transaction, which sees one state of the file in any case."""
        engine = self.open_engine()
        try:
            with engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            if is_corruption(error) or is_missing_table(error):
                self._engine = None  # the next use checks the file and creates a new one if necessary
            if is_locked(error):
                raise SessionError(
                    f"cannot {purpose}: another program has locked {self.path}; close it, or try again in a moment"
                ) from error
            reason = error_reason(error, self.path)
            raise SessionError(f"cannot {purpose}: {self.path}: {reason}; check the disk and --data") from error

    def new_session_id(self, connection: Connection, now: datetime) -> int | None:
        """None: SQLite numbers the sessions."""
        return None

    def prepare_rows(self, connection: Connection, session_id: int) -> None:
        """Nothing: all sessions share their tables."""

    def delete_rows(self, connection: Connection, session_ids: Collection[int]) -> None:
        """Nothing: the rows are deleted with the sessions."""

    def purge(self, *, compact: bool) -> None:
        """Remove the traces of deleted sessions from the journal and from the copies."""
        engine = self.open_engine()
        try:
            if not purge_journal(engine, compact=compact):
                self._warn("another program is reading the sessions file: deleted data remains until it closes it")
            delete_missing_sessions(self.path)
        except (OSError, sqlite3.Error) as error:
            reason = error_reason(error, self.path)
            advice = "check the disk and delete another session"
            raise SessionError(f"deleted, but traces may remain in {self.path}: {reason}; {advice}") from error

    def corrupt_copy_times(self) -> Sequence[datetime]:
        """When each corrupt file that was moved aside was last written."""
        return [datetime.fromtimestamp(copy.stat().st_mtime, UTC) for copy in corrupt_copies(self.path)]

    def remove_corrupt_copies(self, before: datetime | None) -> None:
        """Remove the corrupt files that were moved aside; with `before` only those last written earlier."""
        try:
            remove_corrupt_copies(self.path, before)
        except OSError as error:
            raise SessionError(f"cannot delete a corrupt copy of {self.path}: {error.strerror}") from error
        if before is None:
            self._corruption_notice = None

    def back_up(self) -> bool:
        """Copy the file if the last backup is a day old; raises SessionError and keeps the last one if it cannot."""
        if not needs_backup(self.path, self._now()):
            return False
        try:
            write_copy(self.path, backup_path(self.path), self._now())
        except (OSError, sqlite3.Error) as error:
            raise SessionError(
                f"cannot back up {self.path}: {error_reason(error, self.path)}; check the disk"
            ) from error
        return True

    def open_engine(self) -> Engine:
        """The engine. Opens the file at the first use and again after a failure."""
        if self._engine is None:
            try:
                self._engine = open_database(self.path, self._now(), self._report_corruption, self._repair_once)
            except SessionError as error:
                self._open_error = str(error)
                raise
            self._open_error, self._is_repaired = None, True
        return self._engine

    def _repair_once(self, connection: Connection) -> None:
        if not self._is_repaired:
            self._repair(connection)

    def _report_corruption(self, line: str) -> None:
        self._corruption_notice = line
        self._warn(line)

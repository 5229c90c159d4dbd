"""Open the sessions file when it is used, again after a failure, and repair it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.exc import DBAPIError

from app.errors import SessionError
from app.sessions import queries
from app.sessions.database.database_file import FILE_NAME, error_reason, open_database
from app.sessions.database.schema import SESSIONS, is_corruption, is_locked, is_missing_table
from app.sessions.rows.records import utc_now

log = logging.getLogger(__name__)


class SessionFile:
    """The file `<folder>/sessions.sqlite3`.

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

    @property
    def notice(self) -> str | None:
        """What the user should know about the file, in one line; None without a problem."""
        return self._open_error or self._corruption_notice

    @contextmanager
    def _transaction(self, purpose: str) -> Iterator[Connection]:
        engine = self._open_engine()
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
        if connection.execute(delete(SESSIONS).where(~queries.IS_WHOLE)).rowcount:
            self._warn("an import was interrupted: what there was of its session was removed; import it again")
        for row in connection.execute(select(SESSIONS).where(SESSIONS.c.ended_at.is_(None))).all():
            queries.close_session(connection, queries.row_to_header(row))
            self._warn(f"session {row.id} was still open; closed at its last record")

    def _report_corruption(self, line: str) -> None:
        self._corruption_notice = line
        self._warn(line)

"""The database of a store of sessions, and the repair of what a stopped server left in it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, select

from app.sessions import queries
from app.sessions.database.database import Database
from app.sessions.database.schema import SESSIONS
from app.sessions.database.sqlite.sqlite_file import SqliteFile
from app.sessions.rows.records import utc_now

log = logging.getLogger(__name__)


class SessionDatabase:
    """The sessions in a folder.

    Args:
        folder: Created if it does not exist.
        now: The current time.
        warn: Called with one-line warnings, by the thread that opens the database.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        now: Callable[[], datetime] = utc_now,
        warn: Callable[[str], None] = log.warning,
    ) -> None:
        self._now, self._warn = now, warn
        self.database: Database = SqliteFile(Path(folder), now=now, warn=warn, repair=self._repair)

    @property
    def notice(self) -> str | None:
        """What the user should know about the database, in one line; None without a problem."""
        return self.database.notice

    def _transaction(self, purpose: str, *, is_snapshot: bool = False) -> AbstractContextManager[Connection]:
        return self.database.transaction(purpose, is_snapshot=is_snapshot)

    def _repair(self, connection: Connection) -> None:
        """Close interrupted sessions and remove interrupted imports."""
        if connection.execute(delete(SESSIONS).where(~queries.IS_WHOLE)).rowcount:
            self._warn("an import was interrupted: what there was of its session was removed; import it again")
        for row in connection.execute(select(SESSIONS).where(SESSIONS.c.ended_at.is_(None))).all():
            queries.close_session(connection, queries.row_to_header(row))
            self._warn(f"session {row.id} was still open; closed at its last record")

"""The database of a store of sessions, and the repair of what a stopped server left in it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, or_, select

from app.sessions import queries
from app.sessions.database.database import Database
from app.sessions.database.schema import SESSIONS
from app.sessions.database.server_address import ServerAddress
from app.sessions.database.sqlite.sqlite_file import SqliteFile
from app.sessions.rows.records import to_iso, utc_now

log = logging.getLogger(__name__)


class SessionDatabase:
    """The sessions in a folder or on a server.

    Args:
        place: A folder, which is created if it does not exist, or the address of a PostgreSQL server
            (`server_address.parse_address`).
        now: The current time. Nodes that share a server need clocks that agree within seconds.
        warn: Called with one-line warnings, by the thread that opens the database.
    """

    def __init__(
        self,
        place: Path | str | ServerAddress,
        *,
        now: Callable[[], datetime] = utc_now,
        warn: Callable[[str], None] = log.warning,
    ) -> None:
        self._now, self._warn = now, warn
        self.database = _open_database(place, now, warn, self._close_abandoned)

    @property
    def notice(self) -> str | None:
        """What the user should know about the database, in one line; None without a problem."""
        return self.database.notice

    def _transaction(self, purpose: str, *, is_snapshot: bool = False) -> AbstractContextManager[Connection]:
        return self.database.transaction(purpose, is_snapshot=is_snapshot)

    def _lease_end(self) -> str | None:
        """Until when what is written now is held by this node; None where there is only one."""
        return to_iso(self._now() + self.database.lease) if self.database.lease else None

    def _close_abandoned(self, connection: Connection) -> None:
        """Close interrupted sessions and remove interrupted imports: those that no node holds, or not any more."""
        is_abandoned = or_(SESSIONS.c.leased_until.is_(None), SESSIONS.c.leased_until < to_iso(self._now()))
        if connection.execute(delete(SESSIONS).where(~queries.IS_WHOLE, is_abandoned)).rowcount:
            self._warn("an import was interrupted: what there was of its session was removed; import it again")
        is_running = SESSIONS.c.ended_at.is_(None) & queries.IS_WHOLE
        for row in connection.execute(select(SESSIONS).where(is_running, is_abandoned)).all():
            queries.close_session(connection, queries.row_to_header(row))
            self._warn(f"session {row.id} was still open; closed at its last record")


def _open_database(
    place: Path | str | ServerAddress,
    now: Callable[[], datetime],
    warn: Callable[[str], None],
    repair: Callable[[Connection], None],
) -> Database:
    if isinstance(place, ServerAddress):
        # Not imported, and its driver not needed, where sessions are in a file.
        from app.sessions.database.postgresql.postgresql_server import PostgresqlServer

        return PostgresqlServer(place, now=now, warn=warn, repair=repair)
    return SqliteFile(Path(place), now=now, warn=warn, repair=repair)

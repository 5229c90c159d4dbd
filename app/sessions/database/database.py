"""Where sessions are stored: the seam between what is about sessions and what is about a file or a server."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection


class Database(Protocol):
    """An SQLite file (`sqlite.sqlite_file`) or a PostgreSQL server (`postgresql.postgresql_server`).

    Attributes:
        place: The file or the address of the server, as messages name it.
        lease: How long a session that nobody renews counts as running; None where only one server can write, which
            ends the sessions that it finds running when it starts.
    """

    place: str
    lease: timedelta | None

    @property
    def notice(self) -> str | None:
        """What the user should know about the database, in one line; None without a problem."""

    def transaction(self, purpose: str, *, is_snapshot: bool = False) -> AbstractContextManager[Connection]:
        """A transaction, opening the database if necessary. Errors of the database become SessionError.

        Args:
            purpose: What it is for, to complete "cannot ...".
            is_snapshot: Whether all its statements see the same state, which changes may then collide with.
        """

    def new_session_id(self, connection: Connection, now: datetime) -> int | None:
        """The id of a new session; None where the database numbers them."""

    def prepare_rows(self, connection: Connection, session_id: int) -> None:
        """Make room for the rows of a session with an id that this database may not have given."""

    def delete_rows(self, connection: Connection, session_ids: Collection[int]) -> None:
        """Delete rows of sessions that are about to be deleted, where that is cheaper than with the sessions."""

    def purge(self, *, compact: bool) -> None:
        """Remove the traces of deleted sessions; `compact` also returns their space to the disk."""

    def corrupt_copy_times(self) -> Sequence[datetime]:
        """When each copy of a corrupt database was last written."""

    def remove_corrupt_copies(self, before: datetime | None) -> None:
        """Remove the copies of corrupt databases; with `before` only those last written earlier."""

    def back_up(self) -> bool:
        """Copy the database if the app keeps a daily copy and the last one is a day old; returns whether it did."""

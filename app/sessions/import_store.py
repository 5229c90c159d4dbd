"""Import a session in many short transactions. It has no name before it is whole, and nobody sees it until then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, String, delete, insert, inspect

from app.attributes.attribute import ColumnType
from app.attributes.attribute_set import AttributeSet
from app.attributes.stored_attribute import attributes_to_text
from app.errors import InvalidRequest, SessionError
from app.sessions import queries
from app.sessions.database.schema import (
    OBSERVATIONS,
    SESSIONS,
    add_missing_columns,
    columns_of,
)
from app.sessions.rows.records import SessionHeader
from app.sessions.session_database import SessionDatabase

Result = TypeVar("Result")

PURPOSE = "import the session"
# PostgreSQL allows 1,600 columns and SQLite 2,000; of the sums each number has two.
MAX_COLUMNS = 750


class ImportStore(SessionDatabase):
    """Imports of sessions. What a stopped import leaves is removed when the file is opened again.

    What an import on a full disk leaves cannot be removed at once: that is done when something else is deleted, or with
    the next import.
    """

    _left: frozenset[int] = frozenset()

    def begin_import(self, attributes: AttributeSet, values: Mapping[str, Any]) -> int:
        """Create a session that keeps these attributes; returns its id.

        Args:
            values: Columns of `sessions` besides the name, the end and the attributes.
        Raises:
            InvalidRequest: the file keeps other values under the name of one of its columns, or has too many columns.
        """
        self.discard_left()
        with self._transaction(PURPOSE) as connection:
            _check_columns(connection, attributes)
            row = {**values, "name": "", "attributes": attributes_to_text(attributes)}
            return self._insert_session(connection, attributes, row)

    def edit_import(self, session_id: int, function: Callable[[Connection, SessionHeader, datetime], Result]) -> Result:
        """The result of a function that changes a session which is being imported.

        Raises:
            SessionError: the session does not exist any more.
        """
        with self._transaction(PURPOSE) as connection:
            header = queries.select_header(connection, session_id, is_whole=False, is_locked=True)
            if header is None:
                raise SessionError("the session was deleted while it was imported; import it again")
            if self.database.lease:
                connection.execute(queries.update_session(session_id).values(leased_until=self._lease_end()))
            return function(connection, header, self._now())

    def _insert_session(self, connection: Connection, attributes: AttributeSet, values: Mapping[str, Any]) -> int:
        """Insert a session that keeps these attributes, after those whose leases have run out; returns its id."""
        row = {**values, "leased_until": self._lease_end()}
        # Before the tables are used: it may create partitions, for which other nodes must not wait with a lock.
        if (session_id := self.database.new_session_id(connection, self._now())) is not None:
            row["id"] = session_id
        add_missing_columns(connection, attributes)
        if self.database.lease:
            self._close_abandoned(connection)
        (inserted_id,) = connection.execute(insert(SESSIONS).values(row)).inserted_primary_key or (0,)
        return int(inserted_id)

    def discard(self, session_id: int) -> None:
        """Remove a session whose start timed out, or whose import failed."""
        self._left |= {session_id}
        self.discard_left()

    def discard_left(self) -> None:
        """Remove what could not be discarded before."""
        if self._left:
            with self._transaction("discard the session") as connection:
                connection.execute(delete(SESSIONS).where(SESSIONS.c.id.in_(self._left)))
            self._left = frozenset()


def _check_columns(connection: Connection, attributes: AttributeSet) -> None:
    """Refuse columns that the file has with another type: SQLite would convert the values."""
    known = {
        one["name"].lower(): isinstance(one["type"], String)
        for one in inspect(connection).get_columns(OBSERVATIONS.name)
    }
    wanted = {one.name.lower(): one.type is ColumnType.TEXT for one in columns_of(attributes)}
    clash = next((name for name, is_text in wanted.items() if known.get(name, is_text) != is_text), None)
    if clash is not None:
        raise InvalidRequest(
            f"the sessions here keep other values under the name {clash!r}; import it into another folder (--data)"
        )
    if len(known | wanted) > MAX_COLUMNS:
        raise InvalidRequest(
            f"sessions would have more than {MAX_COLUMNS} columns; import it into another folder (--data)"
        )

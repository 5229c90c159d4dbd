"""The store of sessions: start, write, read and delete them. Every call blocks on the disk or the server."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, select

from app.attributes.attribute_set import AttributeSet
from app.attributes.stored_attribute import attributes_to_text
from app.errors import SessionError, UnknownItem
from app.sessions import queries
from app.sessions.analysis.detail import session_detail
from app.sessions.analysis.summaries import summarize
from app.sessions.database.schema import SESSIONS, add_missing_columns
from app.sessions.database.sqlite.database_file import FILE_NAME
from app.sessions.database.statements import insert_new
from app.sessions.import_store import ImportStore
from app.sessions.overdue import delete_overdue
from app.sessions.queries import MAX_SESSION_ID
from app.sessions.rows.records import Gap, NewSession, Observation, SessionEntry, SessionHeader, to_iso

__all__ = ["FILE_NAME", "MAX_SESSION_ID", "SessionStore"]

Result = TypeVar("Result")


class SessionStore(ImportStore):
    """Sessions in `<folder>/sessions.sqlite3`: start, write, read and delete them."""

    def start(self, new: NewSession) -> dict[str, Any]:
        """Create a session; returns its summary."""
        texts = {"attributes": attributes_to_text(new.attributes), "marker_names": json.dumps(dict(new.marker_names))}
        kept = {key: getattr(new, key) for key in ("source", "demo", "rate", "camera")}
        with self._transaction("start the session") as connection:
            values = {**kept, **texts, "name": new.name or "", "started_at": to_iso(self._now())}
            session_id = self._insert_session(connection, new.attributes, values)
            if not new.name:
                connection.execute(queries.update_session(session_id).values(name=f"Session {session_id}"))
            return self._summary(connection, session_id) or {}

    def add(self, session_id: int, entries: Sequence[SessionEntry]) -> None:
        """Save rows and gaps. Existing ones (same track and time) are not changed.

        Raises:
            SessionError: the session does not exist, or the file cannot be written.
        """
        with self._transaction("save to the session") as connection:
            header = queries.select_header(connection, session_id, is_locked=True)
            if header is None:
                raise SessionError(
                    f"there is no session {session_id} in {self.database.place}; it was deleted meanwhile"
                )
            queries.insert_records(connection, header, [one for one in entries if isinstance(one, Observation)])
            queries.insert_gaps(connection, session_id, [one for one in entries if isinstance(one, Gap)])

    def restore(self, session: Mapping[str, Any], attributes: AttributeSet) -> None:
        """Add a running session to a file that lacks it, for example after the file was removed."""
        values = {key: session[key] for key in ("id", "name", "started_at", "source", "demo", "rate", "camera")}
        with self._transaction("save to the session") as connection:
            add_missing_columns(connection, attributes)
            statement = insert_new(connection, SESSIONS)
            self.database.prepare_rows(connection, session["id"])
            values |= {"attributes": attributes_to_text(attributes), "leased_until": self._lease_end()}
            connection.execute(statement.values(values))

    def renew(self, session_id: int) -> bool:
        """Hold a running session for another lease; where it was ended since its lease ran out, it goes on.

        Returns:
            False if it was stopped or deleted.
        Raises:
            SessionError: its camera runs another session by now.
        """
        if not self.database.lease:
            return True
        with self._transaction("go on with the session") as connection:
            held = queries.update_session(session_id).where(SESSIONS.c.leased_until.is_not(None))
            values = {"leased_until": self._lease_end(), "ended_at": None, "interrupted": False}
            return bool(connection.execute(held.values(values)).rowcount)

    def close_abandoned(self) -> None:
        """End the running sessions whose leases have run out, as those of nodes that died."""
        if self.database.lease:
            with self._transaction("end the sessions of stopped servers") as connection:
                self._close_abandoned(connection)

    def stop(self, session_id: int, elapsed_s: float) -> dict[str, Any] | None:
        """End a running session `elapsed_s` seconds after its start; None if it does not exist."""
        with self._transaction("stop the session") as connection:
            header = queries.select_header(connection, session_id)
            if header is None:
                return None
            ended_at = to_iso(header.time_at(elapsed_s))
            values = {"ended_at": ended_at, "leased_until": None, "interrupted": False}
            connection.execute(queries.update_session(session_id).values(values))
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
        self.discard_left()
        self.database.purge(compact=False)
        return True

    def delete_all(self) -> int:
        """Delete all sessions and all copies of the file for good; returns the number of sessions.

        Raises:
            SessionError: a session is running.
        """
        with self._transaction("delete the sessions") as connection:
            is_running = SESSIONS.c.ended_at.is_(None) & queries.IS_WHOLE
            if connection.execute(select(SESSIONS.c.id).where(is_running)).first():
                raise SessionError("a session is running; stop it before deleting all")
            self.database.delete_rows(connection, connection.execute(select(SESSIONS.c.id)).scalars().all())
            count = connection.execute(delete(SESSIONS)).rowcount
        self.database.purge(compact=True)
        self.database.remove_corrupt_copies(None)
        return count

    def delete_overdue(self, keep_for: timedelta) -> Sequence[datetime]:
        """Delete sessions that ended, and corrupt copies last written, longer ago than this; but see `retention_limit`.

        Returns:
            When the deleted sessions ended, in order.
        """
        copied_at = self.database.corrupt_copy_times()
        with self._transaction("delete the sessions") as connection:
            overdue = delete_overdue(connection, self.database, self._now(), keep_for, copied_at, self._warn)
        if overdue.ended:
            self.database.purge(compact=True)
        if overdue.before:
            self.database.remove_corrupt_copies(overdue.before)
        return overdue.ended

    def back_up(self) -> bool:
        """Copy the sessions file if it has sessions and the last backup is a day old; returns whether it did.

        Raises:
            SessionError: the copy cannot be written. The last one is kept.
        """
        with self._transaction("read the sessions") as connection:
            has_sessions = connection.execute(select(SESSIONS.c.id).limit(1)).first() is not None
        return has_sessions and self.database.back_up()

    def sessions(self) -> list[dict[str, Any]]:
        """The summaries of all sessions, newest first."""
        return self.read_all(summarize)

    def session(self, session_id: int) -> dict[str, Any] | None:
        """One session's summary; None if it does not exist."""
        with self._transaction("read the sessions") as connection:
            return self._summary(connection, session_id)

    def read_all(self, function: Callable[[Connection, Sequence[SessionHeader], datetime], Result]) -> Result:
        """The result of a function that reads sessions, given their headers, newest first, and the current time."""
        with self._transaction("read the sessions", is_snapshot=True) as connection:
            rows = connection.execute(select(SESSIONS).where(queries.IS_WHOLE).order_by(SESSIONS.c.id.desc())).all()
            return function(connection, [queries.row_to_header(row) for row in rows], self._now())

    def read(self, session_id: int, function: Callable[[Connection, SessionHeader, datetime], Result]) -> Result:
        """The result of a function that reads one session, given the current time.

        Raises:
            UnknownItem: there is no such session; also whatever the function raises.
        """
        return self._call("read the session", session_id, function, is_edit=False)

    def edit(self, session_id: int, function: Callable[[Connection, SessionHeader, datetime], Result]) -> Result:
        """The result of a function that changes one session; if it raises, nothing has changed."""
        return self._call("change the session", session_id, function, is_edit=True)

    def attributes(self, session_id: int) -> AttributeSet | None:
        """What one session keeps; None if it does not exist."""
        with self._transaction("read the sessions") as connection:
            header = queries.select_header(connection, session_id)
            return None if header is None else header.attributes

    def detail(self, session_id: int, with_figures: bool = True) -> dict[str, Any]:
        """One session's detail (docs/api.md), or what is quickly known of it; raises as `read` does."""

        def read(connection: Connection, header: SessionHeader, now: datetime) -> dict[str, Any]:
            gaps = queries.select_gaps(connection, session_id)
            return session_detail(connection, header, now, gaps, with_figures=with_figures)

        return self.read(session_id, read)

    def records(self, session_id: int) -> tuple[SessionHeader, list[Observation]]:
        """One session's header and rows, ordered by time and track; raises as `read` does."""
        return self.read(session_id, lambda connection, header, _: (header, queries.select_records(connection, header)))

    def _summary(self, connection: Connection, session_id: int) -> dict[str, Any] | None:
        header = queries.select_header(connection, session_id)
        return summarize(connection, [header], self._now())[0] if header else None

    def _call(
        self,
        purpose: str,
        session_id: int,
        function: Callable[[Connection, SessionHeader, datetime], Result],
        *,
        is_edit: bool,
    ) -> Result:
        with self._transaction(purpose, is_snapshot=not is_edit) as connection:
            header = queries.select_header(connection, session_id, is_locked=is_edit)
            if header is None:
                raise UnknownItem(f"there is no session {session_id}; see the list of sessions")
            return function(connection, header, self._now())

"""Delete the sessions that are older than they may become, as far as `retention_limit` allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from app.sessions import queries
from app.sessions.database.database import Database
from app.sessions.database.schema import SESSIONS
from app.sessions.retention_limit import SeenTime, plan_deletion
from app.sessions.rows.records import to_iso


@dataclass(frozen=True, slots=True)
class Overdue:
    """What was deleted.

    Attributes:
        ended: When the deleted sessions ended, in order.
        before: Corrupt copies that were last written earlier are overdue too; None if nothing may be deleted.
    """

    ended: Sequence[datetime] = ()
    before: datetime | None = None


def delete_overdue(
    connection: Connection,
    database: Database,
    now: datetime,
    keep_for: timedelta,
    copied_at: Sequence[datetime],
    warn: Callable[[str], None],
) -> Overdue:
    """Delete sessions that ended longer ago than `keep_for`, and remember the clock.

    Args:
        copied_at: When the corrupt copies were last written.
        warn: Called with one line if the clock has jumped ahead.
    """
    seen = _advance_seen_time(connection, now, warn)
    oldest = min([*queries.select_end_times(connection)[:1], *copied_at], default=None)
    deletion = plan_deletion(seen, now, keep_for, oldest)
    queries.store_seen_time(connection, deletion.seen if deletion else seen)
    if deletion is None:
        return Overdue()
    ended = queries.select_end_times(connection, deletion.before)
    is_overdue = SESSIONS.c.ended_at < to_iso(deletion.before)
    database.delete_rows(connection, connection.execute(select(SESSIONS.c.id).where(is_overdue)).scalars().all())
    connection.execute(delete(SESSIONS).where(is_overdue))
    return Overdue(ended, deletion.before)


def _advance_seen_time(connection: Connection, now: datetime, warn: Callable[[str], None]) -> SeenTime:
    """What is known of the clock; in a file that knows nothing, it was last seen when the newest session ended."""
    seen = queries.select_seen_time(connection)
    if seen is None:
        seen = SeenTime(min([now, *queries.select_end_times(connection)[-1:]]))
    advanced = seen.advance(now)
    if advanced.pending_at and not seen.pending_at:
        warn(
            f"the clock shows {now:%Y-%m-%d}, but was last seen at {seen.seen_at:%Y-%m-%d}: old sessions are "
            "deleted one day's worth at a time; set the clock if it is wrong"
        )
    return advanced

"""How much retention may delete at a time, so that a clock that is set far ahead does not delete every session."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

DAY = timedelta(days=1)
# Time between two checks after which the clock may have been set: longer than a computer that is used
# every day is off.
MAX_STEP = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class SeenTime:
    """What is remembered of the clock between checks, also while no server runs.

    Attributes:
        seen_at: The last time that the clock showed without a jump of more than `MAX_STEP`.
        pending_at: The time after such a jump; None without one.
        deleted_at: When a day's worth of overdue sessions was last deleted; None if never.
    """

    seen_at: datetime
    pending_at: datetime | None = None
    deleted_at: datetime | None = None

    def advance(self, now: datetime) -> SeenTime:
        """The memory after the clock showed `now`.

        The time after a jump is believed once the clock has gone on for a day without being set back.
        """
        seen_at, pending_at = self.seen_at, self.pending_at
        if pending_at is not None and now < pending_at:
            pending_at = None  # set back
        if pending_at is not None and now - pending_at >= DAY:
            seen_at, pending_at = pending_at, None
        if now - seen_at > MAX_STEP:
            return replace(self, seen_at=seen_at, pending_at=pending_at or now)
        return replace(self, seen_at=now, pending_at=None)

    def limit(self, now: datetime, keep_for: timedelta) -> datetime:
        """Sessions that ended earlier are overdue: `keep_for` before now, or before a day after the last time seen."""
        return (now if self.pending_at is None else self.seen_at + DAY) - keep_for

    def may_delete_backlog(self, now: datetime) -> bool:
        """Whether a day has passed since the last day's worth of overdue sessions was deleted."""
        return self.deleted_at is None or not timedelta(0) <= now - self.deleted_at < DAY


@dataclass(frozen=True, slots=True)
class Deletion:
    """What to delete now, and what to remember.

    Attributes:
        before: Sessions that ended earlier are deleted.
        seen: To be stored with the deletion.
    """

    before: datetime
    seen: SeenTime


def plan_deletion(seen: SeenTime, now: datetime, keep_for: timedelta, oldest: datetime | None) -> Deletion | None:
    """What to delete: all that is overdue, but at most the sessions of one day if it is more than one day's worth.

    Args:
        seen: As advanced to `now`.
        oldest: The earliest end of a session; None without sessions.
    Returns:
        None if nothing may be deleted at present.
    """
    limit = seen.limit(now, keep_for)
    if oldest is None or oldest >= limit or not seen.may_delete_backlog(now):
        return None
    if oldest + DAY < limit:
        return Deletion(oldest + DAY, replace(seen, deleted_at=now))
    return Deletion(limit, seen)

"""Delete for good: nothing of what was deleted stays in the sessions file, in its journal or in files kept aside."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.sessions.schema import kept_aside


def erase(engine: Engine, *, compact: bool) -> bool:
    """Take the journal's pages, old ones among them, into the file and empty it; deleted rows are zeros there already.

    Args:
        compact: Also give the room of deleted rows back.
    Returns:
        False where another program reads the file and keeps the journal as it is until it lets go.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        emptied = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0] == 0
        if emptied and compact:
            with suppress(DBAPIError):  # wants room for a second file; without it the zeros stay
                connection.execute(text("VACUUM"))
            emptied = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0] == 0
        return emptied


def remove_kept_aside(path: Path, before: datetime | None = None) -> None:
    """Remove the damaged files that were kept beside `path`; with `before` only those not written since."""
    for kept in kept_aside(path):
        if before is None or kept.stat().st_mtime < before.timestamp():
            kept.unlink()

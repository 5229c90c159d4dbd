"""Remove all traces of deleted sessions from the sessions file, its journal and corrupt copies."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.sessions.schema import corrupt_copies


def purge_journal(engine: Engine, *, compact: bool) -> bool:
    """Write the journal into the file and truncate it. Deleted rows in the file are zeros already.

    Args:
        compact: Also return the space of deleted rows to the disk.
    Returns:
        False if another program is reading the file, which keeps the journal until that program closes it.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_empty = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0] == 0
        if is_empty and compact:
            with suppress(DBAPIError):  # VACUUM needs space for a second file; without it the zeros remain
                connection.execute(text("VACUUM"))
            is_empty = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0] == 0
        return is_empty


def remove_corrupt_copies(path: Path, before: datetime | None = None) -> None:
    """Remove the corrupt copies of the file; with `before` only those last modified earlier."""
    for copy in corrupt_copies(path):
        if before is None or copy.stat().st_mtime < before.timestamp():
            copy.unlink()

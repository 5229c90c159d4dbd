"""Remove all traces of deleted sessions from the sessions file, its journal and corrupt copies."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from app.sessions.database.sqlite.copies import corrupt_copies


def purge_journal(engine: Engine, *, compact: bool) -> bool:
    """Write the journal into the file and truncate it. Deleted rows in the file are zeros already.

    Args:
        compact: Also return the space of deleted rows to the disk.
    Returns:
        False if another program is reading the file, which keeps the journal until that program closes it.
    Raises:
        sqlite3.Error: the file cannot be written.
    """
    with closing(engine.raw_connection()) as connection:  # outside of a transaction
        cursor = connection.cursor()
        is_empty = _empty_journal(cursor)
        if is_empty and compact:
            with suppress(sqlite3.Error):  # VACUUM needs space for a second file; without it the zeros remain
                cursor.execute("VACUUM")
            is_empty = _empty_journal(cursor)
        return is_empty


def remove_corrupt_copies(path: Path, before: datetime | None = None) -> None:
    """Remove the corrupt copies of the file; with `before` only those last modified earlier."""
    for copy in corrupt_copies(path):
        if before is None or copy.stat().st_mtime < before.timestamp():
            copy.unlink()


def _empty_journal(cursor) -> bool:  # type: ignore[no-untyped-def]
    return bool(cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)

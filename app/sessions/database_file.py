"""Open the sessions file: check it, create missing tables, and repair what a crash left behind."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from app.errors import SessionError
from app.sessions.queries import row_to_header, update_session
from app.sessions.records import to_iso
from app.sessions.schema import (
    PERSON_SECONDS,
    SCHEMA_VERSION,
    SESSIONS,
    create_file_engine,
    create_missing,
    is_corruption,
)

FILE_NAME = "sessions.sqlite3"
# Below this the disk counts as full: the journal files that SQLite creates beside the file need more.
MIN_FREE_BYTES = 128 * 1024


def open_database(path: Path, move_aside: Callable[[], None], repair: Callable[[Connection], None]) -> Engine:
    """Open, check and repair the file. A corrupt one is moved aside and a new one created.

    Raises:
        SessionError: the file cannot be used.
    """
    engine = create_file_engine(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # not readable by other users of this computer
        try:
            _prepare(engine, repair)
        except DBAPIError as error:
            if not is_corruption(error):
                raise
            move_aside()
            _prepare(engine, repair)
    except (OSError, DBAPIError) as error:
        reason = error_reason(error, path) if isinstance(error, DBAPIError) else error.strerror
        message = f"cannot save sessions in {path.parent}: {reason}; give a writable folder with --data"
        raise SessionError(message) from error
    return engine


def error_reason(error: DBAPIError, path: Path) -> str:
    """Why the database failed, in words. SQLite itself reports a full disk only in some cases."""
    with suppress(OSError):
        if shutil.disk_usage(path.parent).free < MIN_FREE_BYTES:
            return "the disk is full"
    return str(error.orig)


def _prepare(engine: Engine, repair: Callable[[Connection], None]) -> None:
    """Check the file and create missing tables."""
    with engine.begin() as connection:
        check_result = connection.execute(text("PRAGMA quick_check(1)")).scalar()
        if check_result != "ok":
            raise DBAPIError("PRAGMA quick_check", None, sqlite3.DatabaseError(str(check_result)))
        version = connection.execute(text("PRAGMA user_version")).scalar() or 0
        if version > SCHEMA_VERSION:
            raise SessionError(f"{FILE_NAME} has a newer version ({version}); update the app or give another --data")
        create_missing(connection)
        connection.execute(text(f"PRAGMA user_version={SCHEMA_VERSION}"))
        repair(connection)


def close_interrupted_sessions(connection: Connection, warn: Callable[[str], None]) -> None:
    """End every session that a crash left open at its last record, or at its start if it has none."""
    last_time_s = func.max(PERSON_SECONDS.c.time_s)
    for row in connection.execute(select(SESSIONS).where(SESSIONS.c.ended_at.is_(None))).all():
        header = row_to_header(row)
        time_s = connection.execute(select(last_time_s).where(PERSON_SECONDS.c.session_id == header.id)).scalar()
        connection.execute(update_session(header.id).values(ended_at=to_iso(header.time_at(time_s or 0))))
        warn(f"session {header.id} was still open; closed at its last record")

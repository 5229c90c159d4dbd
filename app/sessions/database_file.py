"""Open the sessions file: check it, create what is missing, mend what a crash left."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from app.errors import SessionError
from app.sessions.queries import head_of, only
from app.sessions.records import iso
from app.sessions.schema import PERSON_SECONDS, SESSIONS, VERSION, create_missing, is_damage, open_engine

FILE_NAME = "sessions.sqlite3"
LITTLE_ROOM = 128 * 1024  # bytes; what SQLite keeps beside the file needs more


def open_file(path: Path, set_aside: Callable[[], None], mend: Callable[[Connection], None]) -> Engine:
    """Open, check and mend the file; a damaged one is set aside first.

    Raises:
        SessionError: it cannot be used.
    """
    engine = open_engine(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # nobody else on this computer reads it
        try:
            _prepare(engine, mend)
        except DBAPIError as error:
            if not is_damage(error):
                raise
            set_aside()
            _prepare(engine, mend)
    except (OSError, DBAPIError) as error:
        why = reason(error, path) if isinstance(error, DBAPIError) else error.strerror
        message = f"cannot keep sessions in {path.parent}: {why}; give a writable folder by --data"
        raise SessionError(message) from error
    return engine


def reason(error: DBAPIError, path: Path) -> str:
    """Why the database refuses, in words; SQLite itself tells a full disk only now and then."""
    with suppress(OSError):
        if shutil.disk_usage(path.parent).free < LITTLE_ROOM:
            return "the disk is full"
    return str(error.orig)


def _prepare(engine: Engine, mend: Callable[[Connection], None]) -> None:
    """Check the file and create what is missing."""
    with engine.begin() as connection:
        found = connection.execute(text("PRAGMA quick_check(1)")).scalar()
        if found != "ok":
            raise DBAPIError("PRAGMA quick_check", None, sqlite3.DatabaseError(str(found)))
        version = connection.execute(text("PRAGMA user_version")).scalar() or 0
        if version > VERSION:
            raise SessionError(f"{FILE_NAME} is of a newer version ({version}); update the app or give another --data")
        create_missing(connection)
        connection.execute(text(f"PRAGMA user_version={VERSION}"))
        mend(connection)


def close_left_open(connection: Connection, warn: Callable[[str], None]) -> None:
    """End every session that a crash left open at its last record, or at its start where it has none."""
    last = func.max(PERSON_SECONDS.c.time_s)
    for row in connection.execute(select(SESSIONS).where(SESSIONS.c.ended_at.is_(None))).all():
        head = head_of(row)
        time_s = connection.execute(select(last).where(PERSON_SECONDS.c.session_id == head.id)).scalar()
        connection.execute(only(head.id).values(ended_at=iso(head.moment(time_s or 0))))
        warn(f"session {head.id} was still open; it is closed at its last record")

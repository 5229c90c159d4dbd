"""Open the sessions file: check its version, migrate it, recover a damaged one, and create what is missing."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from app.errors import SessionError
from app.sessions.database.private_files import create_private_file, create_private_folder
from app.sessions.database.revisions.upgrade import BASELINE, stamp, upgrade
from app.sessions.database.schema import SCHEMA_VERSION, create_missing_tables
from app.sessions.database.sqlite.copies import (
    UNFINISHED_SUFFIX,
    move_aside,
    path_before_migration,
    readable_copies,
    remove_with_journals,
    write_copy,
)
from app.sessions.database.sqlite.engine import create_file_engine, is_corruption
from app.sessions.database.sqlite.migrations import migrate
from app.sessions.database.sqlite.page_reader import PageReader
from app.sessions.database.sqlite.recovery import recover

FILE_NAME = "sessions.sqlite3"
RECOVERED_SUFFIX = ".recovered"
# Below this the disk counts as full: the journal files that SQLite creates beside the file need more.
MIN_FREE_BYTES = 128 * 1024

Repair = Callable[[Connection], None]


def open_database(path: Path, now: datetime, report: Callable[[str], None], repair: Repair) -> Engine:
    """Open, check, migrate and repair the file.

    A corrupt file is moved aside, and what can be read of it is recovered into a new one. A file of a newer version is
    not touched.

    Args:
        now: The current time, for the names and times of copies.
        report: Called with one line if the file was corrupt.
        repair: Called in the transaction that opens the file.
    Raises:
        SessionError: the file cannot be used.
    """
    try:
        create_private_folder(path.parent)
        _refuse_newer_version(path)
        create_private_file(path)
        engine = create_file_engine(path)
        try:
            _prepare(engine, path, now, repair)
        except DBAPIError as error:
            if not is_corruption(error):
                raise
            report(_replace_corrupt(path, now, repair))
    except (OSError, DBAPIError, sqlite3.Error) as error:
        message = (
            f"cannot save sessions in {path.parent}: {error_reason(error, path)}; give a writable folder with --data"
        )
        raise SessionError(message) from error
    return engine


def error_reason(error: Exception, path: Path) -> str:
    """Why the database failed, in words. SQLite itself reports a full disk only in some cases."""
    with suppress(OSError):
        if shutil.disk_usage(path.parent).free < MIN_FREE_BYTES:
            return "the disk is full"
    if isinstance(error, DBAPIError):
        return str(error.orig)
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _refuse_newer_version(path: Path) -> None:
    """Check the version without SQLite, which would change the file when it opens it."""
    if not path.exists():
        return
    with PageReader(path) as reader:
        version = reader.user_version
    if version > SCHEMA_VERSION:
        raise SessionError(f"{FILE_NAME} has a newer version ({version}); update the app or give another --data")


def _prepare(engine: Engine, path: Path, now: datetime, repair: Repair) -> None:
    """Check the file, migrate an older one after copying it, and create what is missing."""
    with engine.begin() as connection:
        check_result = connection.execute(text("PRAGMA quick_check(1)")).scalar()
        if check_result != "ok":
            raise DBAPIError("PRAGMA quick_check", None, sqlite3.DatabaseError(str(check_result)))
        version = _version(connection)
    if version is not None and version < SCHEMA_VERSION:
        write_copy(path, path_before_migration(path, SCHEMA_VERSION), now)
    with engine.begin() as connection:
        if version is not None:
            migrate(connection, version)
        create_missing_tables(connection)
        if version is None:
            stamp(connection, SCHEMA_VERSION)
        elif version < SCHEMA_VERSION:
            stamp(connection, max(version, BASELINE))
            upgrade(connection, max(version, BASELINE))
        connection.execute(text(f"PRAGMA user_version={SCHEMA_VERSION}"))
        repair(connection)


def _version(connection: Connection) -> int | None:
    """The schema version; None for a file without tables."""
    if not connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'sessions'")).first():
        return None
    return connection.execute(text("PRAGMA user_version")).scalar() or 0


def _replace_corrupt(path: Path, now: datetime, repair: Repair) -> str:
    """Recover what can be read of a corrupt file into a new one and exchange them; returns a line for the user.

    Until then the corrupt file stays in its place, so that a recovery that fails or is killed is tried again.
    """
    new = path.with_name(path.name + RECOVERED_SUFFIX + UNFINISHED_SUFFIX)
    remove_with_journals(new)
    create_private_file(new)
    with create_file_engine(new).begin() as connection:
        create_missing_tables(connection)
        stamp(connection, SCHEMA_VERSION)
        recovered = recover(connection, path, readable_copies(path))
        connection.execute(text(f"PRAGMA user_version={SCHEMA_VERSION}"))
        repair(connection)
    moved = move_aside(path, now)
    new.replace(path)
    return f"{path} is corrupt: it was moved to {moved.name} and a new file was created; {recovered}"

"""Copies of the sessions file: the daily backup, those before migrations, and corrupt files that were moved aside."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

from app.sessions.database.private_files import create_private_file

BACKUP_SUFFIX = ".backup"
BEFORE_SUFFIX = ".before-v"
CORRUPT_SUFFIX = ".corrupt-"
UNFINISHED_SUFFIX = ".unfinished"
BACKUP_INTERVAL_S = 24 * 3600.0
# How long to wait for another program that reads a copy.
LOCK_TIMEOUT_S = 1.0


def backup_path(path: Path) -> Path:
    """Where the daily backup of the file lies."""
    return path.with_name(path.name + BACKUP_SUFFIX)


def path_before_migration(path: Path, version: int) -> Path:
    """Where the copy lies that is made before the file is migrated to a schema version."""
    return path.with_name(f"{path.name}{BEFORE_SUFFIX}{version}")


def readable_copies(path: Path) -> list[Path]:
    """All copies that SQLite made, the newest version first."""
    before = sorted(path.parent.glob(f"{path.name}{BEFORE_SUFFIX}[0-9]*"), reverse=True)
    return [one for one in (backup_path(path), *before) if one.exists() and not one.name.endswith(UNFINISHED_SUFFIX)]


def corrupt_copies(path: Path) -> list[Path]:
    """All files that `move_aside` has renamed so far."""
    return sorted(path.parent.glob(f"{path.name}{CORRUPT_SUFFIX}*"))


def needs_backup(path: Path, now: datetime) -> bool:
    """Whether the backup is missing or a day old, or comes from a time ahead of the clock."""
    backup = backup_path(path)
    return not backup.exists() or abs(now.timestamp() - backup.stat().st_mtime) >= BACKUP_INTERVAL_S


def write_copy(path: Path, copy: Path, now: datetime) -> None:
    """Copy the file by SQLite's backup, with what its journal holds; an existing copy is replaced at the end.

    Raises:
        sqlite3.Error: the file or the copy is damaged, locked, or the disk is full; the existing copy is kept.
        OSError: the folder cannot be written.
    """
    unfinished = copy.with_name(copy.name + UNFINISHED_SUFFIX)
    try:
        unfinished.unlink(missing_ok=True)
        create_private_file(unfinished)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(unfinished)) as target:
            source.backup(target)
            _check(target)
            target.execute("PRAGMA journal_mode=DELETE")  # no journal files beside the copy
        os.utime(unfinished, (now.timestamp(), now.timestamp()))
        unfinished.replace(copy)
    finally:
        unfinished.unlink(missing_ok=True)


def delete_missing_sessions(path: Path) -> None:
    """Delete from every copy the sessions that the file does not have; remove copies that are unreadable or empty then.

    Raises:
        sqlite3.Error: a copy is locked, or the disk is full.
        OSError: a copy cannot be removed.
    """
    for unfinished in path.parent.glob(f"{path.name}.*{UNFINISHED_SUFFIX}*"):
        unfinished.unlink(missing_ok=True)
    for copy in readable_copies(path):
        if not _keep_sessions_of(path, copy):
            remove_with_journals(copy)


def remove_with_journals(copy: Path) -> None:
    """Remove a copy and the journal files beside it."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        copy.with_name(copy.name + suffix).unlink(missing_ok=True)


def move_aside(path: Path, now: datetime) -> Path:
    """Rename a corrupt file and its journal files; returns the new path."""
    moved = path.with_name(f"{path.name}{CORRUPT_SUFFIX}{now:%Y%m%dT%H%M%S}")
    for suffix in ("-wal", "-shm"):
        journal = path.with_name(path.name + suffix)
        if journal.exists():
            journal.rename(moved.with_name(moved.name + suffix))
    path.rename(moved)
    return moved


def _check(connection: sqlite3.Connection) -> None:
    (result,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if result != "ok":
        raise sqlite3.DatabaseError(result)


def _keep_sessions_of(path: Path, copy: Path) -> bool:
    """Delete the other sessions from a copy; returns whether it has sessions left."""
    modified_s = copy.stat().st_mtime
    try:
        with closing(sqlite3.connect(copy, timeout=LOCK_TIMEOUT_S, isolation_level=None)) as connection:
            _delete_others(connection, path)
            (count,) = connection.execute("SELECT count(*) FROM sessions").fetchone()
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:  # locked, or the disk is full
            raise
        return False
    os.utime(copy, (time.time(), modified_s))  # the age of a backup counts from when it was made
    return bool(count)


def _delete_others(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("ATTACH ? AS file", (str(path),))
    others = "FROM main.sessions WHERE id NOT IN (SELECT id FROM file.sessions)"
    if connection.execute("SELECT 1 " + others + " LIMIT 1").fetchone():
        connection.execute("DELETE " + others)
    connection.execute("DETACH file")

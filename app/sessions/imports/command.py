"""Imports on the command line, into the folder of sessions that no server uses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import SessionError
from app.paths import data_folder
from app.sessions.database.sqlite.folder_lock import FolderLock
from app.sessions.export.archive_reader import SessionArchive
from app.sessions.imports.archive_import import import_archive
from app.sessions.open_store import open_store
from app.sessions.rows.records import utc_now
from app.sessions.store import SessionStore
from app.settings import Settings


def import_file(path: Path, settings: Settings) -> str:
    """Import an archive into the folder of the settings; returns a line about its session.

    Raises:
        SessionError: a server uses the folder, or the session cannot be saved.
        UnreadableArchive, InvalidRequest: as `import_archive`.
    """
    hint = "or import the archive on its page of sessions"
    with SessionArchive(path) as archive, locked_store(settings, "import", hint) as store:
        return summary_line(import_archive(archive, store, now=utc_now(), keep_days=settings.keep_days))


@contextmanager
def locked_store(settings: Settings, command: str, hint: str) -> Iterator[SessionStore]:
    """The sessions of the settings; those in a folder no server can use meanwhile.

    Args:
        hint: What else to do where a server uses it.
    Raises:
        SessionError: a server uses it.
    """
    if settings.database:
        yield open_store(settings, os.environ)
        return
    folder = data_folder(settings.data)
    try:
        lock = FolderLock(folder, f"{command} (process {os.getpid()})")
    except SessionError as error:
        raise SessionError(f"{error}; {hint}") from None
    try:
        yield open_store(settings, os.environ)
    finally:
        lock.close()


def summary_line(summary: dict[str, object], where: str | None = None) -> str:
    """A line about an imported session, and where it is; by default its page."""
    place = where or f"at /sessions/{summary['id']} of the server"
    return f"{summary['name']}: {summary['duration_s']:g} s, people: {summary['persons']}, {place}"

"""One server per folder of sessions: a lock that ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from app.errors import SessionError
from app.sessions.database.private_files import create_private_file, create_private_folder

LOCK_NAME = "sessions.lock"


class FolderLock:
    """Held while a server uses the sessions in a folder.

    Args:
        folder: Created if it does not exist. A folder that cannot be written is not locked, since nothing is saved
            there.
        holder: Who holds the lock, for the message to others, such as an address.
    Raises:
        SessionError: another process holds it.
    """

    def __init__(self, folder: Path, holder: str) -> None:
        self._descriptor: int | None = None
        path = folder / LOCK_NAME
        try:
            create_private_folder(folder)
            create_private_file(path)
            self._descriptor = os.open(path, os.O_RDWR)  # not inherited by the vision process
        except OSError:
            return
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = os.read(self._descriptor, 200).decode(errors="replace").strip() or "another process"
            self.close()
            raise SessionError(
                f"the sessions in {folder} are in use by {other}; stop it, or give another folder with --data"
            ) from None
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, f"{holder}\n".encode())

    def close(self) -> None:
        """Release the lock. May be called twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

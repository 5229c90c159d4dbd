"""Create folders and files that only their owner may read, whatever the umask."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600
OTHERS_MODE = 0o077


def create_private_folder(folder: Path) -> None:
    """Create a folder and its missing parents. The rights of existing ones, which the operator chose, stay.

    Raises:
        OSError: it cannot be created.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        one.chmod(FOLDER_MODE)
    if not folder.is_dir():
        folder.mkdir()  # raises the error of a file in its place


def create_private_file(path: Path) -> None:
    """Create an empty file, or take away the rights of others to an existing one. SQLite gives its journals the same.

    Raises:
        OSError: it cannot be created.
    """
    if path.exists():
        if path.stat().st_mode & OTHERS_MODE and path.stat().st_uid == os.geteuid():
            path.chmod(FILE_MODE)
        return
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, FILE_MODE))
    path.chmod(FILE_MODE)

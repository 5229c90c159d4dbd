"""Unpack a ZIP archive of pictures and videos from somebody unknown."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from app.analysis.inputs import MEDIA_SUFFIXES
from app.errors import UnreadableMedia

MAX_FILES = 100_000
# Longest path in an archive; together with the folder it has to stay below the 4096 bytes of Linux.
MAX_PATH_BYTES = 1000
BLOCK_BYTES = 1 << 20
REMEDY = "pack the pictures again"
ENCRYPTED_FLAG = 0x1  # APPNOTE.TXT of PKWARE, 4.4.4


def unpack(archive: Path, folder: Path, max_bytes: int) -> None:
    """Write the pictures and videos of an archive to a new folder; other files are left out.

    Args:
        max_bytes: Most bytes of all files together.
    Raises:
        UnreadableMedia: the archive is damaged, encrypted, holds too much, or a path that leads outside.
    """
    part = folder.with_name(folder.name + ".part")
    try:
        with zipfile.ZipFile(archive) as opened:
            _write(opened, _checked(opened.infolist(), max_bytes), part, max_bytes)
    except UnreadableMedia:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, MemoryError) as error:
        detail = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise _refused(f"cannot be unpacked ({detail.splitlines()[0]})") from None
    part.rename(folder)  # at once: after an interruption it is unpacked again


def _checked(entries: Sequence[zipfile.ZipInfo], max_bytes: int) -> list[zipfile.ZipInfo]:
    """The entries to unpack. One bad path refuses the whole archive, since nobody makes one by accident."""
    if len(entries) > MAX_FILES:
        raise _refused(f"has {len(entries):,} files; the limit is {MAX_FILES:,}")
    for entry in entries:
        _check_path(entry.filename)
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise _refused(f"has a link, {entry.filename[:100]!r}")
    wanted = [entry for entry in entries if not entry.is_dir() and _is_media(entry.filename)]
    if not wanted:
        raise _refused("has no picture or video")
    if any(entry.flag_bits & ENCRYPTED_FLAG for entry in wanted):
        raise _refused("is encrypted")
    if sum(entry.file_size for entry in wanted) > max_bytes:
        raise _too_large(max_bytes)
    return wanted


def _check_path(name: str) -> None:
    windows = PureWindowsPath(name)
    leads_outside = ".." in {*PurePosixPath(name).parts, *windows.parts} or windows.drive or windows.root
    if leads_outside or len(os.fsencode(name)) > MAX_PATH_BYTES:
        raise _refused(f"has a path that leads outside or is too long, {name[:100]!r}")


def _is_media(name: str) -> bool:
    """By suffix; macOS packs a hidden `._name` beside every file."""
    path = PurePosixPath(name)
    return path.suffix.lower() in MEDIA_SUFFIXES and not path.name.startswith(".")


def _write(opened: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], part: Path, max_bytes: int) -> None:
    """Write the files, counting what comes: the sizes in an archive may be wrong."""
    left = max_bytes
    for entry in entries:
        target = part / entry.filename
        target.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(entry) as source, target.open("wb") as file:
            while block := source.read(BLOCK_BYTES):
                left -= len(block)
                if left < 0:
                    raise _too_large(max_bytes)
                file.write(block)


def _too_large(max_bytes: int) -> UnreadableMedia:
    return _refused(f"holds more than {max_bytes / 1e6:,.0f} MB; the server's --max-upload-mb limits it")


def _refused(reason: str) -> UnreadableMedia:
    return UnreadableMedia(f"the archive {reason}; {REMEDY}", "archive")

"""Walk the files of a folder, a tar or a tar.gz alike."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from app.errors import UnreadableMedia

PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


def pictures(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (name inside `path`, bytes) of every picture, sorted in a folder, in stored order in a tar.

    A folder's file that cannot be read comes with no bytes.

    Raises:
        UnreadableMedia: `path` is neither a folder nor a tar, or the tar breaks off.
    """
    if path.is_dir():
        yield from _in_folder(path)
    elif path.is_file() and is_tar(path):
        yield from _in_tar(path)
    else:
        raise UnreadableMedia(f"{path} is neither a folder nor a tar file; give one of both")


def is_tar(path: Path) -> bool:
    """Whether `path` is a tar, compressed or not."""
    try:
        return path.is_file() and tarfile.is_tarfile(path)
    except (OSError, EOFError, zlib.error):
        return False


def _in_folder(path: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(path.rglob("*")):
        if _is_picture(file.name) and file.is_file():
            yield file.relative_to(path).as_posix(), _content(file)


def _in_tar(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile() and _is_picture(member.name.rpartition("/")[2]):
                    content = archive.extractfile(member)
                    yield member.name.removeprefix("./"), content.read() if content else b""
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise UnreadableMedia(f"{path} breaks off or is damaged ({error}); fetch it again") from None


def _is_picture(name: str) -> bool:
    """macOS packs a hidden `._name` beside every file, which is no picture."""
    return name.lower().endswith(PICTURES) and not name.startswith(".")


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""

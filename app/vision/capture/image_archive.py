"""Iterate over the image files of a folder, a tar or a tar.gz."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from app.errors import UnreadableMedia
from app.vision.capture.image_file import IMAGE_SUFFIXES, open_regular_file


def iter_images(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (name inside `path`, bytes) of every image, sorted in a folder, in stored order in a tar.

    An unreadable file in a folder yields no bytes.

    Raises:
        UnreadableMedia: `path` is neither a folder nor a tar, or the tar is damaged.
    """
    if path.is_dir():
        yield from _in_folder(path)
    elif path.is_file() and is_tar(path):
        yield from _in_tar(path)
    else:
        raise UnreadableMedia(f"{path} is neither a folder nor a tar file; give one of them")


def is_tar(path: Path) -> bool:
    """Whether `path` is a tar file, compressed or not."""
    try:
        return path.is_file() and tarfile.is_tarfile(path)
    except (OSError, EOFError, zlib.error):
        return False


def _in_folder(path: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(path.rglob("*")):
        if _is_image(file.name) and file.is_file():
            yield file.relative_to(path).as_posix(), _content(file)


def _in_tar(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile() and _is_image(member.name.rpartition("/")[2]):
                    content = archive.extractfile(member)
                    yield member.name.removeprefix("./"), content.read() if content else b""
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise UnreadableMedia(f"{path} is incomplete or damaged ({error}); download it again") from None


def _is_image(name: str) -> bool:
    """Judge by suffix; hidden files are excluded, since macOS packs a `._name` beside every file."""
    return Path(name).suffix.lower() in IMAGE_SUFFIXES and not name.startswith(".")


def _content(file: Path) -> bytes:
    try:
        with open_regular_file(file) as opened:
            return opened.read()
    except (OSError, ValueError):
        return b""

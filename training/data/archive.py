"""Walk the files of a folder, a tar or a tar.gz alike."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

from app.errors import UnreadableMedia

PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


def pictures(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (name inside `path`, bytes) of every picture, sorted in a folder, in stored order in a tar.

    Raises:
        UnreadableMedia: `path` is neither a folder nor a tar.
    """
    if path.is_dir():
        yield from _in_folder(path)
    elif path.is_file() and tarfile.is_tarfile(path):
        yield from _in_tar(path)
    else:
        raise UnreadableMedia(f"{path} is neither a folder nor a tar file; give one of both")


def _in_folder(path: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(path.rglob("*")):
        if file.suffix.lower() in PICTURES and file.is_file():
            yield file.relative_to(path).as_posix(), file.read_bytes()


def _in_tar(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and member.name.lower().endswith(PICTURES):
                content = archive.extractfile(member)
                if content is not None:
                    yield member.name.removeprefix("./"), content.read()

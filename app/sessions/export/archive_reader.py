"""Read an exported session. Nothing is unpacked to the disk, and only the files of an export are looked at."""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any, Self, cast

from app.attributes.attribute_set import AttributeSet
from app.attributes.stored_attribute import attributes_from_descriptions
from app.errors import UnreadableArchive
from app.sessions.export.stored_tables import ARCHIVE_SCHEMA, FORMAT, HEADER_FILE, STORED_FILES

# The setting --max-upload-mb limits what a server reads; this is for files of one's own.
DEFAULT_MAX_BYTES = 20_000_000_000
# Of the list of files at the end, which zipfile reads at once; an export has 13 files.
MAX_DIRECTORY_BYTES = 1_000_000
# The end of a ZIP archive (APPNOTE.TXT of PKWARE, 4.3.16): 22 bytes and a comment of at most 65,535.
END_BYTES = 22 + 65_535
END_START, END64_START, END64_BYTES = b"PK\x05\x06", b"PK\x06\x07", 20
# Of one line: a merge of a thousand tracks takes 30 kB.
MAX_LINE_BYTES = 4_000_000
# What zipfile, zlib and json raise on damaged, encrypted or foreign content.
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, MemoryError),
    *(ValueError, TypeError, LookupError, RuntimeError),
)


class SessionArchive:
    """An exported session; use it in a `with` statement.

    Args:
        file: Its path, or an open file, which stays open.
        max_bytes: Most bytes that its files may hold when they are unpacked.

    Attributes:
        session: Name, times, source, rate, tags and names of markers, as they stand in the archive.
        attributes: What the session keeps.
    Raises:
        UnreadableArchive: the file is no exported session, is damaged, too large, or comes from another version.
    """

    def __init__(self, file: Path | IO[bytes], max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._bytes_left, self._resources = max_bytes, ExitStack()
        try:
            with refuse_damage():
                opened = self._resources.enter_context(file.open("rb")) if isinstance(file, Path) else file
                _check_directory(opened)
                self._zip = self._resources.enter_context(zipfile.ZipFile(opened))
            _check_entries(self._zip.infolist(), max_bytes)
            content = self._header()
            self.session: Mapping[str, Any] = content["session"]
            with refuse_damage():
                self.attributes: AttributeSet = attributes_from_descriptions(content["attributes"])
        except BaseException:
            self._resources.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._resources.close()

    def rows(self, name: str, columns: Sequence[str]) -> Iterator[list[Any]]:
        """The rows of a stored table, in order.

        Args:
            name: File in the archive, JSON Lines.
            columns: The columns that it has to have.
        Raises:
            UnreadableArchive: it is damaged, or has other columns.
        """
        with refuse_damage(), self.open(name) as file:
            lines = self._lines(file, name)
            if next(lines, None) != list(columns):
                raise _damaged(f"{name} has other columns than its session")
            for values in lines:
                if not isinstance(values, list) or len(values) != len(columns):
                    raise _damaged(f"a line of {name} does not have {len(columns)} values")
                yield values

    def open(self, name: str) -> IO[bytes]:
        """A file of the archive, for reading."""
        with refuse_damage():
            return io.BufferedReader(cast(io.RawIOBase, self._zip.open(name)))

    def _lines(self, file: IO[bytes], name: str) -> Iterator[Any]:
        while line := file.readline(MAX_LINE_BYTES):
            self._bytes_left -= len(line)
            if self._bytes_left < 0:
                raise _too_large()
            if not line.endswith(b"\n"):
                raise _damaged(f"a line of {name} is too long or cut off")
            yield json.loads(line)

    def _header(self) -> Mapping[str, Any]:
        with refuse_damage(), self.open(HEADER_FILE) as file:
            content = json.loads(file.read(MAX_LINE_BYTES))
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise UnreadableArchive("the archive holds no exported session; choose a ZIP from the page of a session")
        if content.get("schema") != ARCHIVE_SCHEMA:
            raise UnreadableArchive(
                f"the archive has schema {content.get('schema')!r:.20}, and this version of the app imports schema "
                f"{ARCHIVE_SCHEMA}; update the app that is older, and export the session again"
            )
        if not isinstance(content.get("session"), dict) or not isinstance(content.get("attributes"), list):
            raise _damaged(f"{HEADER_FILE} lacks the session")
        return content


@contextmanager
def refuse_damage() -> Iterator[None]:
    """Turn what damaged content raises into one line."""
    try:
        yield
    except DAMAGE as error:
        if isinstance(error, UnreadableArchive):
            raise
        detail = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise _damaged(detail.splitlines()[0][:200]) from None


def _check_directory(file: IO[bytes]) -> None:
    """Refuse a list of files that fills the memory. Only archives above 2 GB have it in the form of ZIP64."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - END_BYTES))
    end = file.read()
    at = end.rfind(END_START)
    if at < 0:
        raise zipfile.BadZipFile("it is no ZIP archive, or cut off")
    size = int.from_bytes(end[at + 12 : at + 16], "little")
    if size > MAX_DIRECTORY_BYTES or end[max(0, at - END64_BYTES) : at].startswith(END64_START):
        raise _too_large()


def _check_entries(entries: Sequence[zipfile.ZipInfo], max_bytes: int) -> None:
    names = [entry.filename for entry in entries]
    outside = next((name for name in names if _leads_outside(name)), None)
    if outside is not None:
        raise _damaged(f"it has a path that leads outside, {outside[:100]!r}")
    missing = next((name for name in STORED_FILES if name not in names), None)
    if missing is not None:
        raise UnreadableArchive(
            f"the archive has no {missing}, so it is no exported session; choose a ZIP from the page of a session"
        )
    twice = next((name for name in STORED_FILES if names.count(name) > 1), None)
    if twice is not None:
        raise _damaged(f"it has {twice} twice")
    if sum(entry.file_size for entry in entries if entry.filename in STORED_FILES) > max_bytes:
        raise _too_large()


def _leads_outside(name: str) -> bool:
    windows = PureWindowsPath(name)
    return bool(".." in {*PurePosixPath(name).parts, *windows.parts} or windows.drive or windows.root)


def _damaged(detail: str) -> UnreadableArchive:
    return UnreadableArchive(f"the archive is damaged ({detail}); export the session again")


def _too_large() -> UnreadableArchive:
    return UnreadableArchive("the archive holds more than this server accepts; start it with a larger --max-upload-mb")

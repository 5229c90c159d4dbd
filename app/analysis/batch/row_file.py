"""The rows of a run in a file to which lines are added, so that it and its manifest agree after any interruption."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from app.analysis.batch.manifest import Manifest, Outcome
from app.errors import SettingsError

# Rows are written, flushed to the disk and recorded this often; an interruption loses so much work at most.
COMMIT_PERIOD_S = 1.0
COPY_BYTES = 1 << 20


class RowFile:
    """Lines of a text file and the manifest that knows whose they are.

    After an interruption the file may be longer than the manifest says: the rest is cut off. While rows of changed
    files are dropped there are two files, and the manifest knows which one counts.
    """

    def __init__(self, path: Path, manifest: Manifest, header: bytes, clock: Callable[[], float]) -> None:
        """Open the file as the manifest says.

        Args:
            header: First line, or nothing.
            clock: Seconds, for the time of the next commit.
        Raises:
            SettingsError: it lacks rows that the manifest has.
        """
        self._path, self._manifest, self._header, self._clock = path, manifest, header, clock
        self._copy = path.with_name(path.name + ".new")
        self._buffer, self._committed_at_s = bytearray(), clock()
        self._finish_swap()
        self._length = int(manifest.get("length", "0"))
        self._file = self._open()

    def add(self, file: int, rows: bytes) -> None:
        """Add whole lines with rows of a file."""
        start = self._length + len(self._buffer)
        self._buffer += rows
        self._manifest.add_chunk(file, start, start + len(rows))
        self._commit_if_due()

    def finish(self, file: int, outcome: Outcome) -> None:
        """Record that all rows of a file were added."""
        self._manifest.finish(file, outcome)
        self._commit_if_due()

    def commit(self) -> None:
        """Write the rows, then record them."""
        self._committed_at_s = self._clock()
        self._file.write(self._buffer)
        self._length += len(self._buffer)
        self._buffer.clear()
        _flush(self._file)
        self._manifest.put("length", str(self._length))
        self._manifest.commit()

    def drop_unknown_rows(self) -> None:
        """Remove the rows that the manifest no longer has, such as those of changed files."""
        is_complete = self._manifest.chunk_bytes() + len(self._header) == self._length
        if is_complete and self._manifest.get("header", "") == self._header.decode():
            return
        with self._copy.open("wb") as copy:
            copy.write(self._header)
            self._copy_chunks(copy)
            _flush(copy)
            length = copy.tell()
        self._manifest.put("length", str(length))
        self._manifest.put("header", self._header.decode())
        self._manifest.put("swap", "1")
        self._manifest.commit()
        self._file.close()
        self._finish_swap()
        self._length = length
        self._file = self._open()

    def close(self) -> None:
        """Write and record everything."""
        self.commit()
        self._file.close()

    def abandon(self) -> None:
        """Go back to the last commit. An interruption may have come at any moment, also within a commit."""
        self._manifest.roll_back()
        self._file.close()
        os.truncate(self._path, int(self._manifest.get("length", "0")))

    def _copy_chunks(self, copy: BinaryIO) -> None:
        with self._path.open("rb") as original:
            for row_id, start, stop in self._manifest.chunks():
                position = copy.tell()
                original.seek(start)
                copy.write(original.read(stop - start))
                self._manifest.move_chunk(row_id, position, copy.tell())

    def _finish_swap(self) -> None:
        """Put the copy into place; after an interruption it may already be there."""
        if self._manifest.get("swap", "0") == "1":
            if self._copy.exists():
                os.replace(self._copy, self._path)
            self._manifest.put("swap", "0")
            self._manifest.commit()

    def _open(self) -> BinaryIO:
        size = self._path.stat().st_size if self._path.exists() else None
        if size is None and self._length:  # the user deleted it to start again
            self._manifest.clear()
            self._length = 0
        if self._length > (size or 0):
            raise SettingsError(
                f"{str(self._path)!r} is shorter than its manifest says; "
                f"delete {self._manifest.path.name!r} and it to start again"
            )
        file = self._path.open("ab")
        file.truncate(self._length)
        if not self._length:
            file.write(self._header)
            self._length = len(self._header)
            _flush(file)
            self._manifest.put("length", str(self._length))
            self._manifest.put("header", self._header.decode())
            self._manifest.commit()
        return file

    def _commit_if_due(self) -> None:
        if self._clock() - self._committed_at_s >= COMMIT_PERIOD_S or len(self._buffer) > COPY_BYTES:
            self.commit()


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())

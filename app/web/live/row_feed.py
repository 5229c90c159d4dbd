"""The newest rows of sessions as lines, which any number of readers wait for; the memory is bounded."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from app.errors import AppError

# Rows that are kept for readers that come back: 5 hours of one person at a row a second, 50 s of 40 people at 10. About
# 500 bytes each with the app's own attributes.
KEPT_ROWS = 20_000
# Each takes a thread of `--server threading`, of 512.
MAX_READERS = 100
# Rows that are sent at once to a reader that has to catch up: about 250 kB.
MAX_LINES_AT_ONCE = 500


class TooManyReaders(AppError, RuntimeError):
    """More programs read the rows at a time than are served."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that a reader has not had yet.

    Attributes:
        last_id: The id of the last of them.
        missed: Rows before them that the reader has not had and that are not kept any more.
    """

    data: bytes
    last_id: int
    missed: int = 0


class RowFeed:
    """Numbers rows and keeps the newest ones.

    Args:
        last_id: Before the first id. Ids of a later start of the server should be higher, so that they name one row.

    Attributes:
        closed: True once the server stops, which ends all readers.
    """

    def __init__(self, last_id: int, *, kept_rows: int = KEPT_ROWS, max_readers: int = MAX_READERS) -> None:
        self._lock = threading.Lock()
        self._lines: deque[bytes] = deque(maxlen=kept_rows)
        self._first_id, self.last_id = last_id + 1, last_id
        self._changed = threading.Event()
        self._readers, self._max_readers = 0, max_readers
        self.closed = False

    def publish(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Give rows their ids and wake all readers."""
        with self._lock:
            for row in rows:
                self.last_id += 1
                self._lines.append(json.dumps({"id": self.last_id, **row}, separators=(",", ":")).encode() + b"\n")
            changed, self._changed = self._changed, threading.Event()
        changed.set()

    def position(self, after: int | None) -> int:
        """The id after which a reader begins. Of an unknown id, all that is kept is new to the reader."""
        return self.last_id if after is None else after if after <= self.last_id else self._first_id - 1

    def wait(self, position: int, timeout_s: float) -> Lines | None:
        """Up to `MAX_LINES_AT_ONCE` lines after a position; waits for the next one, and returns None on timeout."""
        with self._lock:
            changed = self._changed
            if position < self.last_id:
                return self._after(position)
        changed.wait(timeout_s)
        with self._lock:
            return self._after(position) if position < self.last_id else None

    @contextmanager
    def reader(self) -> Iterator[None]:
        """Count a reader until the end; raises TooManyReaders."""
        with self._lock:
            if self._readers >= self._max_readers:
                raise TooManyReaders(f"{self._readers} programs read the rows already; close one")
            self._readers += 1
        try:
            yield
        finally:
            with self._lock:
                self._readers -= 1

    def forget(self) -> None:
        """Drop all rows, since their session was deleted. Readers do not count them as missed."""
        with self._lock:
            self._lines.clear()
            self._first_id = self.last_id + 1

    def close(self) -> None:
        """End all readers."""
        self.closed = True
        self._changed.set()

    def _after(self, position: int) -> Lines:
        oldest_id = self.last_id - len(self._lines) + 1
        missed = max(0, oldest_id - max(position + 1, self._first_id))
        start = max(0, position + 1 - oldest_id)
        end = min(len(self._lines), start + MAX_LINES_AT_ONCE)
        # An index near either end of a deque is fast, unlike a slice of it.
        data = b"".join([self._lines[index] for index in range(start, end)])
        return Lines(data, oldest_id + end - 1, missed)

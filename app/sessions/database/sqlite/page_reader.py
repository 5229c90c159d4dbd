"""Read the pages of a SQLite file, also of a damaged one that SQLite refuses (https://sqlite.org/fileformat2.html)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAGIC = b"SQLite format 3\x00"
HEADER_BYTES = 100
DEFAULT_PAGE_BYTES = 4096
# As the header states it; 1 stands for 65,536.
PAGE_BYTES = (1, 512, 1024, 2048, 4096, 8192, 16384, 32768)
# Bytes 21 to 23 of every header.
PAYLOAD_FRACTIONS = bytes((64, 32, 32))
WAL_HEADER_BYTES = 32
WAL_FRAME_HEADER_BYTES = 24
# Types of the pages of a b-tree that hold rows: of a table with rowids, and of one without (as of indexes).
TABLE_LEAF, INDEX_LEAF, INDEX_INTERIOR = 0x0D, 0x0A, 0x02
# Bytes of the integers of a record, by serial type.
INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as it is stored; `rowid` is None in tables without rowids."""

    rowid: int | None
    values: Sequence[Any]


class PageReader:
    """The pages of a file, with those of its write-ahead log that were committed. Only reads; needs no lock.

    Args:
        path: The file; a log beside it is named `PATH-wal`.
    Raises:
        OSError: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        header = self._file.read(HEADER_BYTES)
        is_valid = _is_header(header)
        declared = int.from_bytes(header[16:18], "big") if is_valid else DEFAULT_PAGE_BYTES
        self.page_bytes = 65536 if declared == 1 else declared
        self._usable_bytes = self.page_bytes - (header[20] if is_valid else 0)
        # A page that is cut off is read as far as it goes.
        self._file_pages = -(-path.stat().st_size // self.page_bytes)
        self._logged = self._read_log(path.with_name(f"{path.name}-wal"))

    def __enter__(self) -> PageReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def pages(self) -> int:
        """Number of pages, of the file and of the log."""
        return max(self._file_pages, *self._logged, 0)

    @property
    def user_version(self) -> int:
        """The schema version that the app has set; 0 without a valid header."""
        header = self.page(1)[:HEADER_BYTES]
        return int.from_bytes(header[60:64], "big") if _is_header(header) else 0

    def page(self, number: int) -> bytes:
        """The content of a page, counted from 1; shorter or empty where the file ends."""
        if number in self._logged:
            return self._logged[number]
        self._file.seek((number - 1) * self.page_bytes)
        return self._file.read(self.page_bytes)

    def rows(self, *page_types: int) -> Iterator[list[StoredRow | None]]:
        """The rows of each page of these types, in no order; None stands for a damaged one."""
        for number in range(1, self.pages + 1):
            page = self.page(number)
            start = HEADER_BYTES if number == 1 else 0
            if len(page) > start + 12 and page[start] in page_types:
                yield list(self._rows_of_page(page, start))

    def _rows_of_page(self, page: bytes, start: int) -> Iterator[StoredRow | None]:
        kind, count = page[start], int.from_bytes(page[start + 3 : start + 5], "big")
        first = start + (12 if kind == INDEX_INTERIOR else 8)
        for pointer in range(first, first + 2 * count, 2):
            try:
                yield self._read_cell(page, kind, int.from_bytes(page[pointer : pointer + 2], "big"))
            except (IndexError, ValueError, struct.error):
                yield None

    def _read_cell(self, page: bytes, kind: int, at: int) -> StoredRow:
        at += 4 if kind == INDEX_INTERIOR else 0  # the number of the child page
        size, at = _read_varint(page, at)
        rowid = None
        if kind == TABLE_LEAF:
            rowid, at = _read_varint(page, at)
        return StoredRow(rowid, _parse_record(self._read_payload(page, kind, at, size)))

    def _read_payload(self, page: bytes, kind: int, at: int, size: int) -> bytes:
        """The bytes of a record, of which a long one continues on overflow pages."""
        usable = self._usable_bytes
        largest = usable - 35 if kind == TABLE_LEAF else (usable - 12) * 64 // 255 - 23
        if size <= largest:
            return page[at : at + size]
        if size > self.pages * self.page_bytes:
            raise ValueError("the record is larger than the file")
        smallest = (usable - 12) * 32 // 255 - 23
        local = smallest + (size - smallest) % (usable - 4)
        local = local if local <= largest else smallest
        parts, left = [page[at : at + local]], size - local
        following = int.from_bytes(page[at + local : at + local + 4], "big")
        while left > 0:
            overflow = self.page(following) if 0 < following <= self.pages else b""
            if len(overflow) <= 4:
                raise ValueError("an overflow page is missing")
            parts.append(overflow[4 : 4 + min(left, usable - 4)])
            left -= usable - 4
            following = int.from_bytes(overflow[:4], "big")
        return b"".join(parts)

    def _read_log(self, path: Path) -> dict[int, bytes]:
        """The newest committed content of the pages in a write-ahead log."""
        if not path.exists():
            return {}
        content = path.read_bytes()
        salts, committed, pending = content[16:24], dict[int, bytes](), dict[int, bytes]()
        step = WAL_FRAME_HEADER_BYTES + self.page_bytes
        for start in range(WAL_HEADER_BYTES, len(content) - step + 1, step):
            number, pages_after_commit = struct.unpack_from(">II", content, start)
            if content[start + 8 : start + 16] != salts:  # left from before the log was last emptied
                break
            pending[number] = content[start + WAL_FRAME_HEADER_BYTES : start + step]
            if pages_after_commit:
                committed |= pending
                pending = {}
        return committed


def _is_header(header: bytes) -> bool:
    """Whether a file begins as a SQLite file does."""
    is_known = header.startswith(MAGIC) and header[21:24] == PAYLOAD_FRACTIONS
    return is_known and int.from_bytes(header[16:18], "big") in PAGE_BYTES


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """An integer of 1 to 9 bytes, and the position after it."""
    value = 0
    for index in range(8):
        byte = data[at + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return value << 8 | data[at + 8], at + 9


def _parse_record(payload: bytes) -> list[Any]:
    """The values of a record.

    Raises:
        ValueError: it is not one; also IndexError and struct.error.
    """
    header_bytes, at = _read_varint(payload, 0)
    if header_bytes > len(payload):
        raise ValueError("the record is cut off")
    types: Iterable[int] = payload[at:header_bytes]
    if not payload[at:header_bytes].isascii():  # else each type has one byte
        types, end = [], at
        while end < header_bytes:
            serial_type, end = _read_varint(payload, end)
            types.append(serial_type)
    at, values = header_bytes, []
    for serial_type in types:
        value, at = _parse_value(payload, serial_type, at)
        values.append(value)
    if at != len(payload):
        raise ValueError("the record is longer than its values")
    return values


def _parse_value(payload: bytes, serial_type: int, at: int) -> tuple[Any, int]:
    if serial_type in INTEGER_BYTES:
        end = at + INTEGER_BYTES[serial_type]
        return int.from_bytes(payload[at:end], "big", signed=True), end
    if serial_type >= 12:
        end = at + (serial_type - 12) // 2
        return payload[at:end].decode() if serial_type % 2 else payload[at:end], end
    if serial_type == 7:
        return struct.unpack_from(">d", payload, at)[0], at + 8
    if serial_type in (0, 8, 9):
        return {0: None, 8: 0, 9: 1}[serial_type], at
    raise ValueError("the type of a value is reserved")

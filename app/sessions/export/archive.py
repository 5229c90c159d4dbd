"""Write a session with everything that is known of it to a ZIP archive (docs/sessions.md)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from sqlalchemy import Connection

from app import __version__
from app.sessions.analysis.selection import Filter, select_by
from app.sessions.export.columns import TABLE_COLUMNS
from app.sessions.export.documents import CsvWriter
from app.sessions.export.readme import readme_text
from app.sessions.export.row_table import RowTable
from app.sessions.export.small_tables import READERS
from app.sessions.export.stored_tables import (
    HEADER_FILE,
    OBSERVATIONS_FILE,
    SMALL_TABLES,
    column_names,
    file_of,
    header_values,
    observation_names,
    read_observations,
    read_small_table,
)
from app.sessions.rows.records import SessionHeader

Result = TypeVar("Result")


class ReadSession(Protocol):
    """Runs a function of connection, header and current time that reads the session, and returns its result."""

    def __call__(self, function: Callable[[Connection, SessionHeader, datetime], Result], /) -> Result:
        """Run it in a transaction of its own."""


def write_archive(path: Path, read: ReadSession) -> None:
    """Write the archive of a session in many short transactions, so that recording goes on between them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        _write_rows(archive, read)
        _write_observations(archive, read)
        read(lambda connection, header, _: _write_small_files(archive, connection, header))


def _write_rows(archive: zipfile.ZipFile, read: ReadSession) -> None:
    table = read(lambda connection, header, now: RowTable(select_by(connection, header, Filter(), now)))
    with archive.open("rows.csv", "w", force_zip64=True) as file:
        writer = _csv_writer(file, table.names)
        for window in table.windows():
            read(partial(_write_window, writer, table, window))
        read(lambda *_: writer.close())


def _write_window(
    writer: CsvWriter, table: RowTable, window: tuple[int, int], connection: Connection, *_: object
) -> None:
    writer.write(table.read(connection, *window))


def _write_observations(archive: zipfile.ZipFile, read: ReadSession) -> None:
    with archive.open(OBSERVATIONS_FILE, "w", force_zip64=True) as file:
        after: tuple[int, int] | None = None
        while after := read(partial(_write_page, file, after)):
            pass


def _write_page(
    file: IO[bytes], after: tuple[int, int] | None, connection: Connection, header: SessionHeader, *_: object
) -> tuple[int, int] | None:
    """Write the rows after a track and time, at first below the names of the columns; returns the last one's."""
    rows = read_observations(connection, header, after)
    file.write(_lines(rows if after else [observation_names(header.attributes), *rows]))
    return (rows[-1][0], rows[-1][1]) if rows else None


def _write_small_files(archive: zipfile.ZipFile, connection: Connection, header: SessionHeader) -> None:
    """Everything else in one transaction, after the rows, so that no row lacks its person."""
    archive.writestr("README.md", readme_text(header, __version__))
    archive.writestr(HEADER_FILE, json.dumps(header_values(header, __version__), indent=1))
    for name, columns in TABLE_COLUMNS.items():
        with archive.open(f"{name}.csv", "w") as file:
            writer = _csv_writer(file, [column.name for column in columns])
            writer.write(READERS[name](connection, header))
            writer.close()
    for table in SMALL_TABLES:
        rows = read_small_table(connection, header.id, table)
        archive.writestr(file_of(table), _lines([column_names(table), *rows]))


def _csv_writer(file: Any, names: Sequence[str]) -> CsvWriter:
    return CsvWriter(io.TextIOWrapper(file, encoding="utf-8", newline=""), names)


def _lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """JSON Lines: a list of values a line."""
    return b"".join(json.dumps(list(row), separators=(",", ":")).encode() + b"\n" for row in rows)

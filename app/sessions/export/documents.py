"""Write the table of a session as CSV, JSON, Parquet or Excel, window by window."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TextIO

import xlsxwriter

from app.errors import InvalidRequest
from app.sessions.export.columns import ColumnKind
from app.sessions.export.row_table import RowTable, escape_formula

# Rows that one sheet holds, the header included.
EXCEL_ROWS = 1_048_576


class TableWriter(Protocol):
    """Writes a table to a file, some rows at a time."""

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows, in the order of the columns."""

    def close(self) -> None:
        """Finish the file."""


class CsvWriter:
    """Comma-separated values, UTF-8, one header line; cells that look like formulas are quoted."""

    def __init__(self, file: TextIO, names: Sequence[str]) -> None:
        self._file, self._writer = file, csv.writer(file)
        self.write([names])

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows."""
        self._writer.writerows([escape_formula(value) for value in row] for row in rows)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class JsonWriter:
    """`{"session": summary, "rows": [row, ...]}`."""

    def __init__(self, path: Path, names: Sequence[str], summary: Mapping[str, Any]) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._names, self._is_first = names, True
        self._file.write(f'{{"session": {json.dumps(summary)}, "rows": [')

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows."""
        for row in rows:
            self._file.write(("" if self._is_first else ",") + "\n")
            self._file.write(json.dumps(dict(zip(self._names, row, strict=True))))
            self._is_first = False

    def close(self) -> None:
        """Finish the file."""
        self._file.write("]}\n")
        self._file.close()


class ParquetWriter:
    """Parquet with typed columns, a row group a window."""

    def __init__(self, path: Path, table: RowTable) -> None:
        arrow, parquet = _arrow_library("pyarrow"), _arrow_library("pyarrow.parquet")
        types = {ColumnKind.INTEGER: arrow.int64(), ColumnKind.NUMBER: arrow.float64()}
        self._schema = arrow.schema([(one.name, types.get(one.kind, arrow.string())) for one in table.columns])
        self._arrow, self._writer = arrow, parquet.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows."""
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            arrays = [
                self._arrow.array(column, type=field.type) for column, field in zip(columns, self._schema, strict=True)
            ]
            self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()


class ExcelWriter:
    """A workbook with one sheet; text is never taken for a formula or an address."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._sheet = self._book.add_worksheet("rows")
        self._sheet.freeze_panes(1, 0)
        self._count = 0
        self.write([names])

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows; raises InvalidRequest beyond what a sheet holds."""
        if self._count + len(rows) > EXCEL_ROWS:
            raise InvalidRequest(f"a sheet of Excel holds {EXCEL_ROWS:,} rows; choose a shorter time, CSV or Parquet")
        for row in rows:
            self._sheet.write_row(self._count, 0, row)
            self._count += 1

    def close(self) -> None:
        """Finish the file."""
        self._book.close()


def table_writer(extension: str, path: Path, table: RowTable, summary: Mapping[str, Any]) -> TableWriter:
    """The writer of a form: `csv`, `json`, `parquet` or `xlsx`.

    Raises:
        InvalidRequest: the library of this form is not installed.
    """
    writers: Mapping[str, Callable[[], TableWriter]] = {
        "csv": lambda: CsvWriter(path.open("w", newline="", encoding="utf-8"), table.names),
        "json": lambda: JsonWriter(path, table.names, summary),
        "parquet": lambda: ParquetWriter(path, table),
        "xlsx": lambda: ExcelWriter(path, table.names),
    }
    return writers[extension]()


def _arrow_library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise InvalidRequest(
            "Parquet needs pyarrow, which is not installed; run pip install '.[batch]', or choose CSV or Excel"
        ) from None

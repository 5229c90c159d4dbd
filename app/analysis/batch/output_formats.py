"""The files that `--out` writes: JSON Lines, CSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from app.analysis.results import Result
from app.analysis.rows import columns, result_rows
from app.attributes.attribute_set import AttributeSet
from app.errors import SettingsError

SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}
# Rows of one row group of a Parquet file; all of them are in memory at once.
ROW_GROUP = 20_000

Encode = Callable[[Result], bytes]


def output_format(path: Path) -> str:
    """`jsonl`, `csv` or `parquet`, by the suffix.

    Raises:
        SettingsError: another suffix, or Parquet without pyarrow.
    """
    name = SUFFIXES.get(path.suffix.lower())
    if name is None:
        raise SettingsError(f"--out {str(path)!r} has an unknown suffix; give one of {', '.join(SUFFIXES)}")
    if name == "parquet":
        _pyarrow()
    return name


def rows_path(path: Path) -> Path:
    """The file to which rows are added: the output itself, for Parquet a file beside it."""
    return path.with_name(path.name + ".rows") if output_format(path) == "parquet" else path


def header(format: str, attributes: AttributeSet) -> bytes:
    """First line of the file of rows."""
    return _csv_line(list(columns(attributes))) if format == "csv" else b""


def encoder(format: str, attributes: AttributeSet) -> Encode:
    """Function that gives the lines of a result, each ended by a newline."""
    if format == "jsonl":
        return lambda result: json.dumps(result.to_dict()).encode() + b"\n"
    names = list(columns(attributes))
    if format == "csv":
        return lambda result: b"".join(
            _csv_line([row.get(name) for name in names]) for row in result_rows(result, attributes)
        )
    return lambda result: b"".join(
        json.dumps(_printable(row)).encode() + b"\n" for row in result_rows(result, attributes)
    )


def write_parquet(rows: Path, path: Path, attributes: AttributeSet) -> None:
    """Write the Parquet file from its rows; it appears under its name once it is complete."""
    pyarrow, parquet = _pyarrow()
    types = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64()}
    schema = pyarrow.schema([(name, types[kind]) for name, kind in columns(attributes).items()])
    part = path.with_name(path.name + ".part")
    with parquet.ParquetWriter(part, schema) as writer:
        for group in _groups(rows):
            writer.write_table(pyarrow.Table.from_pylist(group, schema=schema))
    os.replace(part, path)


def _groups(rows: Path) -> Iterator[list[dict[str, Any]]]:
    with rows.open(encoding="utf-8") as file:
        while group := [json.loads(line) for line in islice(file, ROW_GROUP)]:
            yield group


def _csv_line(values: list[Any]) -> bytes:
    from app.sessions.export.row_table import escape_formula

    text = io.StringIO()
    csv.writer(text).writerow([escape_formula(value) for value in values])
    return text.getvalue().encode("utf-8", "surrogateescape")


def _printable(row: dict[str, Any]) -> dict[str, Any]:
    """The row with a path that is text, which the name of a file need not be."""
    return row | {"path": os.fsencode(row["path"]).decode("utf-8", "backslashreplace")}


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise SettingsError(
            "a Parquet file needs pyarrow; install the extra 'batch' (pip install '.[batch]'), or write .jsonl or .csv"
        ) from None
    return pyarrow, parquet

"""Tables of a session as pandas data frames, from the sessions file and from archives alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING, Any

from app.errors import SettingsError
from app.sessions.export.columns import ColumnKind, TableColumn
from app.sessions.export.row_table import escape_formula, unescape_formula

if TYPE_CHECKING:
    import pandas

# Integers may be missing, and texts too.
DTYPES = {
    ColumnKind.INTEGER: "Int64",
    ColumnKind.NUMBER: "float64",
    ColumnKind.TEXT: "string",
    ColumnKind.TIME: "string",
    ColumnKind.FLAG: "bool",
}


def import_pandas() -> Any:
    """The package pandas.

    Raises:
        SettingsError: it is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise SettingsError("a data frame needs pandas; install it (pip install pandas)") from None
    return pandas


def frame_of_rows(rows: Iterable[Sequence[Any]], columns: Sequence[TableColumn]) -> pandas.DataFrame:
    """The data frame of rows with these columns; times in UTC."""
    pandas = import_pandas()
    frame = pandas.DataFrame(list(rows), columns=[column.name for column in columns], dtype=object)
    return _with_times(frame.astype({column.name: DTYPES[column.kind] for column in columns}), columns)


def frame_of_csv(file: IO[bytes], columns: Sequence[TableColumn]) -> pandas.DataFrame:
    """The data frame of an exported table; the same as `frame_of_rows` gives for what was exported."""
    pandas = import_pandas()
    shown = {escape_formula(column.name): column for column in columns}
    texts = [name for name, column in shown.items() if DTYPES[column.kind] == "string"]
    frame = pandas.read_csv(
        file,
        usecols=shown.__contains__,
        dtype={name: DTYPES[column.kind] for name, column in shown.items()},
        keep_default_na=False,
        na_values={name: [""] for name in shown if name not in texts},
    )
    missing = [name for name in shown if name not in frame]
    if lacking := next((name for name in missing if not shown[name].is_computed), None):
        raise ValueError(f"a table has no column {lacking}")
    for name in missing:  # as in exports that older versions wrote
        del shown[name]
    for name in (name for name in texts if name in shown):
        frame[name] = frame[name].map(unescape_formula).astype("string")
    frame.columns = [shown[name].name for name in frame.columns]
    return _with_times(frame, list(shown.values()))


def _with_times(frame: pandas.DataFrame, columns: Sequence[TableColumn]) -> pandas.DataFrame:
    """The frame with empty texts as missing, and times as such."""
    pandas = import_pandas()
    for column in columns:
        if column.kind is ColumnKind.TEXT:
            frame[column.name] = frame[column.name].replace("", pandas.NA)
        if column.kind is ColumnKind.TIME:
            frame[column.name] = pandas.to_datetime(frame[column.name], utc=True, format="ISO8601")
    return frame

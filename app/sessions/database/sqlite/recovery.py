"""Recover the rows of a damaged sessions file into a new one, page by page; what is lost comes from its copies."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from app.attributes.stored_attribute import attributes_from_text
from app.sessions.database.schema import (
    EDITS,
    GAPS,
    MARKERS,
    OBSERVATIONS,
    PEOPLE,
    SEGMENTS,
    SESSIONS,
    add_missing_columns,
)
from app.sessions.database.sqlite.migrations import descriptions_from_labels
from app.sessions.database.sqlite.page_reader import INDEX_INTERIOR, INDEX_LEAF, TABLE_LEAF, PageReader, StoredRow
from app.sessions.database.sqlite.version_2_rows import (
    CREATE_PERSON_SECONDS,
    PERSON_SECONDS,
    add_segments,
    convert_person_seconds,
)
from app.sessions.database.sums import rebuild_sums

# Columns that were renamed since version 1.
NEW_COLUMN_NAMES = {"labels": "attributes"}
# Tables without rowids, in the order in which a page is compared with them, and tables with rowids. Sums are not
# recovered, but computed again.
ROW_TABLES = (PERSON_SECONDS, OBSERVATIONS.name)
KEYED_TABLES = (GAPS.name, SEGMENTS.name, PEOPLE.name, *ROW_TABLES)
ROWID_TABLES = (MARKERS.name, EDITS.name)
# Tables to which columns were added, so that older rows have fewer.
GROWING_TABLES = (*ROW_TABLES, SESSIONS.name)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a new file got.

    Attributes:
        sessions: Number of sessions.
        rows: Rows of people from the damaged file.
        copied_rows: Further ones, from its copies.
        lost_rows: Those that were readable, but whose session was not.
    """

    sessions: int
    rows: int
    copied_rows: int
    lost_rows: int

    def __str__(self) -> str:
        parts = [f"{self.rows} rows of {self.sessions} sessions were recovered"]
        parts += [f"{self.copied_rows} more come from the backup"] if self.copied_rows else []
        parts += [f"{self.lost_rows} belong to no readable session"] if self.lost_rows else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table in the order of its records.

    Attributes:
        types: Declared types, such as `INTEGER`.
        required: Number of values that every record has; those of columns added later may be missing.
    """

    names: tuple[str, ...]
    types: tuple[str, ...]
    required: int

    def values(self, row: StoredRow) -> list[Any] | None:
        """The values of a row of this table, one per column; None if it belongs to another table or is damaged."""
        count = len(row.values)
        if not self.required <= count <= len(self.names):
            return None
        values = [*row.values, *[None] * (len(self.names) - count)]
        if row.rowid is not None:
            values[0] = row.rowid  # SQLite stores null for an integer primary key
        fits = all(
            _fits(value, declared, required=index < self.required)
            for index, (value, declared) in enumerate(zip(values, self.types, strict=True))
        )
        return values if fits else None


def recover(connection: Connection, damaged: Path, copies: Sequence[Path]) -> Recovered:
    """Insert everything that can be read into a new file with its tables, in the transaction of the connection.

    Rows of versions before 3 are converted together at the end, so that the ids of tracks agree.
    """
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    raw.execute(CREATE_PERSON_SECONDS)
    sources = (damaged, *copies)
    for source in sources:
        _recover_sessions(raw, source)
    stored = [row[0] for row in raw.execute("SELECT DISTINCT attributes FROM sessions")]
    add_missing_columns(connection, [attribute for one in stored for attribute in attributes_from_text(one)])
    ids = {row[0] for row in raw.execute("SELECT id FROM sessions")}
    (rows, lost), *_ = [_recover_rows(raw, source, ids) for source in sources]
    convert_person_seconds(connection)
    for header in connection.execute(select(SESSIONS)).all():
        add_segments(connection, header.id)
        rebuild_sums(connection, header.id, attributes_from_text(header.attributes), header.rate)
    (total,) = raw.execute("SELECT count(*) FROM observations").fetchone()
    return Recovered(len(ids), rows, total - rows, lost)


def _recover_sessions(raw: sqlite3.Connection, source: Path) -> None:
    with PageReader(source) as reader:
        layout = _read_layouts(reader, raw)[SESSIONS.name]
        rows = [row for page in reader.rows(TABLE_LEAF) for row in page if row]
    sessions = [session for row in rows if (session := _read_session(layout, row))]
    for session in sessions:
        known = {
            name: value for name, value in session.items() if value is not None
        }  # else the defaults of new columns
        _insert(raw, SESSIONS.name, list(known), [list(known.values())])
    highest = max((row.values[1] for row in rows if _is_sequence(row)), default=0)
    raw.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (highest, SESSIONS.name))


def _read_session(layout: Layout, row: StoredRow) -> dict[str, Any] | None:
    """The columns of a session; None for a row of another table or a damaged one."""
    values = layout.values(row)
    if values is None:
        return None
    session = {NEW_COLUMN_NAMES.get(name, name): value for name, value in zip(layout.names, values, strict=True)}
    try:
        datetime.fromisoformat(session["started_at"])
        datetime.fromisoformat(session["ended_at"] or session["started_at"])
        session["attributes"] = descriptions_from_labels(session["attributes"])
        attributes_from_text(session["attributes"])
    except (KeyError, TypeError, ValueError):
        return None
    return session


def _recover_rows(raw: sqlite3.Connection, source: Path, ids: set[int]) -> tuple[int, int]:
    """Insert what belongs to known sessions; returns the number of inserted and of lost rows of people."""
    inserted = lost = 0
    with PageReader(source) as reader:
        layouts = _read_layouts(reader, raw)
        _add_columns(raw, PERSON_SECONDS, layouts[PERSON_SECONDS])
        for name, values in _sound_rows(reader, layouts):
            session = layouts[name].names.index("session_id")
            known = [one for one in values if one[session] in ids]
            count = _insert(raw, name, layouts[name].names, known)
            if name in ROW_TABLES:
                inserted, lost = inserted + count, lost + len(values) - len(known)
    return inserted, lost


def _sound_rows(reader: PageReader, layouts: Mapping[str, Layout]) -> Iterator[tuple[str, list[list[Any]]]]:
    """The rows of each page of a table without rowids, then those of tables with rowids.

    A page of the former with a damaged row is left out whole: the others may be wrong without looking so.
    """
    for page in reader.rows(INDEX_LEAF, INDEX_INTERIOR):
        for name in KEYED_TABLES:
            values = [layouts[name].values(row) if row else None for row in page]
            if values and all(values):
                yield name, [one for one in values if one]
                break
    for row in (row for page in reader.rows(TABLE_LEAF) for row in page if row):
        for name in ROWID_TABLES:
            if (found := layouts[name].values(row)) is not None:
                yield name, [found]


def _add_columns(raw: sqlite3.Connection, table: str, layout: Layout) -> None:
    """Add the columns of a layout that a table lacks."""
    existing = {row[1] for row in raw.execute(f"PRAGMA table_info({table})")}
    for name, declared in zip(layout.names, layout.types, strict=True):
        if name not in existing:
            raw.execute(f"ALTER TABLE {table} ADD COLUMN {_quote(name)} {declared}")


def _insert(raw: sqlite3.Connection, table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Insert rows that the table lacks; returns their number. Columns that it does not have are left out."""
    existing = {row[1] for row in raw.execute(f"PRAGMA table_info({table})")}
    kept = [index for index, name in enumerate(names) if name in existing]
    columns = ", ".join(_quote(names[index]) for index in kept)
    marks = ", ".join("?" * len(kept))
    # The table is one of ours, the columns are quoted and exist.
    statement = f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608
    return max(0, raw.executemany(statement, [[row[index] for index in kept] for row in rows]).rowcount)


def _read_layouts(reader: PageReader, raw: sqlite3.Connection) -> Mapping[str, Layout]:
    """The layouts of the tables: those in the file's own schema, and of the new file where that is damaged."""
    names = (SESSIONS.name, *KEYED_TABLES, *ROWID_TABLES)
    layouts = {name: _layout(raw, name) for name in names}
    with closing(sqlite3.connect(":memory:")) as memory:
        for row in (row for page in reader.rows(TABLE_LEAF) for row in page if row):
            if len(row.values) == 5 and row.values[0] == "table" and row.values[1] in names:
                try:
                    memory.execute(row.values[4])
                    layouts[row.values[1]] = _layout(memory, row.values[1])
                except sqlite3.Error:  # damaged
                    continue
    return layouts


def _layout(connection: sqlite3.Connection, table: str) -> Layout:
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    needed = [
        index + 1
        for index, (_, _, _, is_required, default, key) in enumerate(columns)
        if (is_required and default is None) or key
    ]
    required = max(needed) if table in GROWING_TABLES else len(columns)
    return Layout(tuple(one[1] for one in columns), tuple(one[2].upper() for one in columns), required)


def _fits(value: Any, declared: str, *, required: bool) -> bool:
    """Whether a column may have this value. The required columns are those before the last one that is not null."""
    if value is None:
        return not (required and declared in ("INTEGER", "BOOLEAN"))
    if declared == "JSON":
        return isinstance(value, str) and _is_json(value)
    return isinstance(value, TYPES.get(declared, object))


TYPES: Mapping[str, type | tuple[type, ...]] = {
    "INTEGER": int,
    "BOOLEAN": int,
    "TEXT": str,
    "FLOAT": (int, float),
}


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _is_sequence(row: StoredRow) -> bool:
    """Whether this row of SQLite's own table says the highest id of a session so far."""
    return len(row.values) == 2 and row.values[0] == SESSIONS.name and isinstance(row.values[1], int)


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

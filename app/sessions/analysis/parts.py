"""Divide times into whole intervals of the sums and single rows, so that any span is summed up exactly and quickly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Column, Connection, MetaData, Table, insert

from app.sessions.analysis.selection import Selection
from app.sessions.database.schema import BIG_INTEGER
from app.sessions.database.statements import empty_temporary_table
from app.sessions.database.sums import levels_of

# Level of single rows.
ROWS = 0
# What to sum up, in a temporary table: SQLite looks up the rows of each part.
PARTS = Table(
    "parts",
    MetaData(),
    *(Column(name, BIG_INTEGER) for name in ("session_id", "level_s", "person_id", "track_id", "start_ms", "end_ms")),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)


def fill_parts(connection: Connection, selection: Selection, step_ms: int | None = None, origin_ms: int = 0) -> None:
    """Write the parts of a selection.

    Args:
        step_ms: Length of the steps that no part may cross; None for none.
        origin_ms: Where the first step begins.
    """
    levels = [
        level
        for level in levels_of(selection.header.rate)
        if step_ms is None or (step_ms % (1000 * level) == 0 and origin_ms % (1000 * level) == 0)
    ]
    levels.sort(reverse=True)
    _fill(connection, selection, levels)


def fill_rows(connection: Connection, selection: Selection) -> None:
    """Write the parts of a selection for reading its rows one by one."""
    _fill(connection, selection, [])


def _fill(connection: Connection, selection: Selection, levels: Sequence[int]) -> None:
    empty_temporary_table(connection, PARTS)
    values = [
        {
            **{"session_id": selection.header.id, "level_s": level_s, "person_id": person_id, "track_id": track_id},
            **{"start_ms": start, "end_ms": end},
        }
        for person_id, track_id, start_ms, end_ms in selection.ranges()
        for level_s, start, end in divide(start_ms, end_ms, levels)
    ]
    if values:
        connection.execute(insert(PARTS), values)


def divide(start_ms: int, end_ms: int, levels_s: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Level, start and end of the parts of a time: whole intervals of the longest level, with finer ones at its ends.

    Args:
        levels_s: Lengths of intervals in seconds, the longest first; single rows are left at the end.
    """
    if start_ms >= end_ms:
        return
    if not levels_s:
        yield ROWS, start_ms, end_ms
        return
    level_s, *finer = levels_s
    length_ms = 1000 * level_s
    first, last = -(-start_ms // length_ms) * length_ms, end_ms // length_ms * length_ms
    if first >= last:
        yield from divide(start_ms, end_ms, finer)
        return
    yield from divide(start_ms, first, finer)
    yield level_s, first, last
    yield from divide(last, end_ms, finer)

"""Keep the sums of a session's rows by track and interval, so that long sessions are summed up quickly.

Each level is summed up from the next finer one, and the finest from the rows. An interval is always computed anew from
what is stored, so that rows that are saved twice do not count twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    MetaData,
    Select,
    Table,
    and_,
    column,
    func,
    insert,
    literal,
    select,
    table,
)

from app.attributes.attribute import Attribute
from app.attributes.attribute_set import AttributeSet
from app.sessions.database.schema import (
    BIG_INTEGER,
    LABEL_SUMS,
    SUMS,
    decimal_columns,
    observations_of,
    sum_columns,
    sums_of,
)
from app.sessions.database.statements import empty_temporary_table, insert_or_replace, names_partition, sum_integers
from app.sessions.rows.attribute_columns import label_column

# Lengths of the intervals in seconds: a zoom level of the page is a multiple of one of them.
LEVELS_S = (1, 10, 60)

# The intervals to compute anew, in a temporary table. Its session makes SQLite look up the rows of each interval.
TOUCHED = Table(
    "touched",
    MetaData(),
    *(Column(name, BIG_INTEGER) for name in ("session_id", "track_id", "start_ms")),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)


def levels_of(rate: float) -> tuple[int, ...]:
    """The levels that a session has: those longer than a row, and always the last one."""
    return tuple(level for level in LEVELS_S if level * rate > 1 or level == LEVELS_S[-1])


def update_sums(
    connection: Connection, session_id: int, attributes: AttributeSet, rate: float, rows: Iterable[tuple[int, int]]
) -> None:
    """Compute the intervals anew that contain these rows.

    Args:
        rows: Track and time in milliseconds of each.
    """
    keys = set(rows)
    for level_s, finer_s in _steps(rate):
        length_ms = 1000 * level_s
        keys = {(track_id, time_ms // length_ms * length_ms) for track_id, time_ms in keys}
        empty_temporary_table(connection, TOUCHED)
        values = [{"session_id": session_id, "track_id": track, "start_ms": start} for track, start in sorted(keys)]
        if values:
            connection.execute(insert(TOUCHED), values)
            _sum_up(connection, session_id, attributes, level_s, finer_s)


def rebuild_sums(connection: Connection, session_id: int, attributes: AttributeSet, rate: float) -> None:
    """Compute all sums of a session."""
    observations = observations_of(())
    for level_s, finer_s in _steps(rate):
        length_ms = 1000 * level_s
        empty_temporary_table(connection, TOUCHED)
        start = observations.c.time_ms // length_ms * length_ms
        intervals = select(observations.c.session_id, observations.c.track_id, start).distinct()
        connection.execute(
            insert(TOUCHED).from_select(list(TOUCHED.c), intervals.where(observations.c.session_id == session_id))
        )
        _sum_up(connection, session_id, attributes, level_s, finer_s)


def count_rows(source: FromClause, name: str) -> ColumnElement[int]:
    """The number of rows that have a value, in the sums or among the observations."""
    return source.c[f"{name}_rows"] if f"{name}_rows" in source.c else source.c[name].is_not(None).cast(Integer)


def _steps(rate: float) -> Iterable[tuple[int, int | None]]:
    """Each level with the finer one that it is summed up from; None stands for the rows."""
    levels = levels_of(rate)
    return zip(levels, (None, *levels[:-1]), strict=True)


def _sum_up(
    connection: Connection, session_id: int, attributes: AttributeSet, level_s: int, finer_s: int | None
) -> None:
    """Replace the sums of the touched intervals."""
    source: FromClause = observations_of(attributes) if finer_s is None else sums_of(attributes)
    rows = _touched_rows(connection, session_id, source, level_s, finer_s)
    connection.execute(_insert_sums(connection, attributes, source, rows, level_s))
    for name in (name for attribute in attributes if (name := label_column(attribute))):
        labels = source if finer_s is None else LABEL_SUMS.alias("finer")
        connection.execute(_insert_label_sums(connection, session_id, labels, level_s, finer_s, name))


def _touched_rows(
    connection: Connection, session_id: int, source: FromClause, level_s: int, finer_s: int | None
) -> Select[Any]:
    """The touched intervals with what lies in them; no columns yet."""
    time = source.c.time_ms if finer_s is None else source.c.start_ms
    conditions = [
        source.c.session_id == TOUCHED.c.session_id,
        *names_partition(connection, source.c.session_id, session_id),
        source.c.track_id == TOUCHED.c.track_id,
        time >= TOUCHED.c.start_ms,
        time < TOUCHED.c.start_ms + 1000 * level_s,
    ]
    if finer_s is not None:
        conditions.append(source.c.level_s == finer_s)
    return select().select_from(TOUCHED.join(source, and_(*conditions)))


def _insert_sums(
    connection: Connection, attributes: Iterable[Attribute], source: FromClause, rows: Select[Any], level_s: int
) -> Any:
    names = decimal_columns(attributes)
    totals: list[ColumnElement[Any]] = [sum_integers(source.c.rows) if "rows" in source.c else func.count()]
    totals += [sum_integers(source.c[name]) for name in ("duration_ms", "frames")]
    for name in names:
        totals += [func.coalesce(sum_integers(source.c[name]), 0), sum_integers(count_rows(source, name))]
    key = (TOUCHED.c.session_id, literal(level_s), TOUCHED.c.track_id, TOUCHED.c.start_ms)
    query = rows.add_columns(*key, *totals).group_by(*TOUCHED.c)
    columns = [*(one.name for one in SUMS.c), *sum_columns(attributes)]
    target = table(SUMS.name, *(column(name) for name in columns))
    return insert_or_replace(connection, target, [one.name for one in SUMS.primary_key], query)


def _insert_label_sums(
    connection: Connection, session_id: int, source: FromClause, level_s: int, finer_s: int | None, name: str
) -> Any:
    label = source.c[name] if finer_s is None else source.c.label
    rows = _touched_rows(connection, session_id, source, level_s, finer_s).where(label.is_not(None))
    if finer_s is not None:
        rows = rows.where(source.c.name == name)
    key = (TOUCHED.c.session_id, literal(level_s), literal(name), TOUCHED.c.track_id, TOUCHED.c.start_ms)
    query = rows.add_columns(*key, label, sum_integers(source.c.duration_ms))
    query = query.group_by(*TOUCHED.c, label)
    return insert_or_replace(connection, LABEL_SUMS, [one.name for one in LABEL_SUMS.primary_key], query)

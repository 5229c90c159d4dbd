"""What SQLite and PostgreSQL write differently: inserts that meet existing rows, sums of integers, temporary tables."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, TableClause, delete, func
from sqlalchemy.schema import CreateTable

from app.sessions.database.schema import BIG_INTEGER, IDS_A_DAY


def insert_new(connection: Connection, target: TableClause) -> Any:
    """An INSERT that leaves rows with the same key as they are."""
    return _insert(connection, target).on_conflict_do_nothing()


def insert_or_replace(
    connection: Connection, target: TableClause, key: Sequence[str], rows: Select[Any] | dict[str, Any]
) -> Any:
    """An INSERT that replaces the other columns of rows with the same key.

    Args:
        rows: One row by column, or a query whose columns have the names of those of `target`, in order.
    """
    statement = _insert(connection, target)
    names = list(rows) if isinstance(rows, dict) else [one.name for one in target.c]
    statement = statement.values(rows) if isinstance(rows, dict) else statement.from_select(names, rows)
    changed = {name: statement.excluded[name] for name in names if name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=changed)


def sum_integers(numbers: ColumnElement[Any]) -> ColumnElement[Any]:
    """The sum of integers as an integer. PostgreSQL sums up large integers as decimal numbers."""
    return func.sum(numbers).cast(BIG_INTEGER)


def names_partition(
    connection: Connection, column: ColumnElement[int], session_id: int
) -> Sequence[ColumnElement[bool]]:
    """What a query adds that finds its session in a temporary table, so that PostgreSQL plans for one day alone.

    The whole day is named, not the session: the statistics may not know a new session yet, and the plan would be made
    for one without rows. Nothing in SQLite, which would begin with all these rows instead of the few of the table.
    """
    first_id = session_id // IDS_A_DAY * IDS_A_DAY
    return () if connection.dialect.name == "sqlite" else (column.between(first_id, first_id + IDS_A_DAY - 1),)


def empty_temporary_table(connection: Connection, table: Table) -> None:
    """Create a temporary table, or remove its rows if this connection has it."""
    connection.execute(CreateTable(table, if_not_exists=True))
    connection.execute(delete(table))


def _insert(connection: Connection, target: TableClause) -> Any:
    # Both dialects have the clause, each in a class of its own; only the one in use is imported.
    return import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(target)

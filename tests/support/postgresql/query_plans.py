"""The plans of the queries that a function sends to PostgreSQL, as the server made them when it ran them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from app.sessions.database.postgresql.postgresql_server import PostgresqlServer
from app.sessions.store import SessionStore


@dataclass(frozen=True, slots=True)
class Scan:
    """A table that was read.

    Attributes:
        kind: Such as `Index Scan`.
        index: None without one.
        rows: How many rows it gave, in all loops.
        loops: How often it was read.
        blocks: Blocks of 8 kB that it read, from memory or disk.
    """

    table: str
    kind: str
    index: str | None
    rows: int
    loops: int
    blocks: int


def explain_all(store: SessionStore, function: Callable[[], Any]) -> list[list[Scan]]:
    """The scans of each query of a function that reads rows or sums, by `EXPLAIN (ANALYZE)` before the query itself."""
    database = store.database
    assert isinstance(database, PostgresqlServer)
    plans: list[list[Scan]] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        source = statement.partition("FROM")[2]
        if statement.startswith(("SELECT", "INSERT")) and ("observations" in source or "sums" in source):
            with connection.connection.driver_connection.cursor() as own:
                own.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
                (answer,) = own.fetchone()
            plan = answer if isinstance(answer, list) else json.loads(answer)
            plans.append(list(_scans(plan[0]["Plan"])))

    engine = database.engine
    event.listen(engine, "before_cursor_execute", explain)
    try:
        function()
    finally:
        event.remove(engine, "before_cursor_execute", explain)
    return plans


def _scans(node: Mapping[str, Any]) -> Iterator[Scan]:
    if "Relation Name" in node and node.get("Actual Loops"):
        loops = int(node["Actual Loops"])
        rows, blocks = round(node["Actual Rows"] * loops), node["Shared Hit Blocks"] + node["Shared Read Blocks"]
        yield Scan(node["Relation Name"], node["Node Type"], node.get("Index Name"), rows, loops, blocks)
    for child in node.get("Plans", ()):
        yield from _scans(child)

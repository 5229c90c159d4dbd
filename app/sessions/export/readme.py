"""The README of an exported archive: what each file holds, and the columns of each table."""

from __future__ import annotations

from collections.abc import Iterable

from app.sessions.export.columns import TABLE_COLUMNS, TableColumn, columns_of_table
from app.sessions.rows.records import SessionHeader, to_iso

TABLE_TEXTS = {
    "rows": "One row a person and interval. Removed people and excluded spans are left out, as in all figures.",
    "people": "Which person each track shows, and from when to when.",
    "markers": "Points and spans of time.",
    "gaps": "Whole seconds without frames.",
    "edits": "What was changed about people, the oldest edit first.",
}


def readme_text(header: SessionHeader, app_version: str) -> str:
    """The README in Markdown."""
    ended_at = "running when it was exported" if header.ended_at is None else to_iso(header.ended_at)
    if header.interrupted:
        ended_at += " with its last row: the server stopped without ending it"
    lines = [
        f"# {header.name}",
        "",
        f"A session of live-face-analysis {app_version}.",
        "",
        f"- Started {to_iso(header.started_at)}, ended {ended_at}",
        f"- Source: {'demo' if header.demo else header.source or 'unknown'}",
        f"- {header.rate:g} rows a person and second",
        *([f"- Tags: {', '.join(header.tags)}"] if header.tags else []),
        "",
        "All times are UTC; times in seconds count from the start of the session. Tables are CSV in UTF-8 with one",
        "header line; an empty cell means unknown. An apostrophe stands before text that spreadsheets would evaluate.",
        "",
        "`stored/` holds the session as the app stores it, removed people and excluded spans included. The import on",
        "the page of sessions reads only this folder and gives the same session back.",
        "",
    ]
    for name in ("rows", *TABLE_COLUMNS):
        lines += [f"## {name}.csv", "", TABLE_TEXTS[name], "", *_table(columns_of_table(name, header.attributes)), ""]
    return "\n".join(lines)


def _table(columns: Iterable[TableColumn]) -> list[str]:
    rows = (f"| `{one.name}` | {one.kind} | {one.text} |" for one in columns)
    return ["| column | kind | meaning |", "|---|---|---|", *rows]

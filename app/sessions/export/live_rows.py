"""The rows of the running session as other programs read them while they are recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from app.attributes.attribute_set import AttributeSet
from app.sessions.export.columns import attribute_columns, row_order
from app.sessions.export.row_table import with_labels
from app.sessions.rows.attribute_columns import AttributeColumns
from app.sessions.rows.records import Observation, to_iso, to_seconds


def live_rows(
    session: Mapping[str, Any], attributes: AttributeSet, rows: Sequence[Observation]
) -> list[dict[str, Any]]:
    """Rows with the columns of exports, except those that later edits decide: person, name and markers.

    Args:
        session: The summary of the running session.
        attributes: What it keeps.
    """
    names = [column.name for column in attribute_columns(attributes)]
    columns, order = [AttributeColumns(attribute) for attribute in attributes], row_order(attributes)
    started_at = datetime.fromisoformat(session["started_at"]).astimezone(UTC)
    return [
        {
            "session_id": session["id"],
            "track_id": row.track_id,
            "at": to_iso(started_at + timedelta(milliseconds=row.time_ms)),
            "time_s": to_seconds(row.time_ms),
            "duration_s": to_seconds(row.duration_ms),
            "frames": row.frames,
            "score": row.score,
            **_box(row),
            **_in_order(names, with_labels(columns, [_values(one, row) for one in columns]), order),
        }
        for row in rows
    ]


def _values(columns: AttributeColumns, row: Observation) -> list[Any]:
    return columns.values(row.estimates.get(columns.attribute.name))


def _in_order(names: Sequence[str], values: Sequence[Any], order: Sequence[int]) -> dict[str, Any]:
    return {names[index]: values[index] for index in order}


def _box(row: Observation) -> dict[str, float | None]:
    box = row.box
    values = (box.x1, box.y1, box.x2, box.y2) if box else (None,) * 4
    return dict(zip(("x1", "y1", "x2", "y2"), values, strict=True))

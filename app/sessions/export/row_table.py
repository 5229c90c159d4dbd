"""The rows of a session as one tidy table: a line a person and interval, a column a value (docs/sessions.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, and_, select

from app.sessions.analysis.parts import PARTS, ROWS, fill_rows
from app.sessions.analysis.selection import Selection
from app.sessions.analysis.timeline import time_range
from app.sessions.database.schema import observations_of
from app.sessions.database.statements import names_partition
from app.sessions.export.columns import row_columns, row_order
from app.sessions.rows.attribute_columns import AttributeColumns, has_mean_label, mean_label
from app.sessions.rows.records import to_iso, to_seconds
from app.sessions.rows.row_codec import BOX_SCALE, FIXED_COLUMNS, SCORE_SCALE

# Characters with which spreadsheets begin a formula, full-width forms included, or which they skip before it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Rows of one person that are read at once, so that recording goes on between.
WINDOW_ROWS = 60


def escape_formula(value: Any) -> Any:
    """Quote text that a spreadsheet would evaluate as a formula; other values are returned as they are.

    Text that looks quoted already is quoted once more, so that `unescape_formula` gives back what was there.
    """
    return "'" + value if isinstance(value, str) and _is_formula(value) else value


def unescape_formula(value: str) -> str:
    """The text that `escape_formula` quoted; other text is returned as it is."""
    return value[1:] if value.startswith("'") and _is_formula(value) else value


class RowTable:
    """The selected rows of a session, ordered by time and track.

    Attributes:
        columns: In order; the probabilities of the main statistics come last.
    """

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        attributes = selection.header.attributes
        self._columns = [AttributeColumns(attribute) for attribute in attributes]
        self._order = row_order(attributes)
        self.columns = row_columns(attributes)
        self._markers_at: tuple[int, str | None] = (-1, None)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def windows(self) -> list[tuple[int, int]]:
        """Times in milliseconds that are read one after the other."""
        start_ms, end_ms = time_range(self.selection)
        window_ms = round(1000 * WINDOW_ROWS / self.selection.header.rate)
        return [(one, one + window_ms) for one in range(start_ms, end_ms, window_ms)]

    def read(self, connection: Connection, start_ms: int, end_ms: int) -> list[list[Any]]:
        """The rows of a window, in the order of `names`."""
        spans = [(max(a, start_ms), min(b, end_ms)) for a, b in self.selection.spans if a < end_ms and start_ms < b]
        fill_rows(connection, replace(self.selection, spans=spans, end_ms=2**53))
        table = observations_of(self.selection.header.attributes)
        stored = [table.c[name] for name in (*FIXED_COLUMNS, *(name for one in self._columns for name in one.names))]
        joined = and_(
            table.c.session_id == PARTS.c.session_id,
            *names_partition(connection, table.c.session_id, self.selection.header.id),
            table.c.track_id == PARTS.c.track_id,
            table.c.time_ms >= PARTS.c.start_ms,
            table.c.time_ms < PARTS.c.end_ms,
        )
        query = select(PARTS.c.person_id, *stored).select_from(PARTS.join(table, joined))
        query = query.where(PARTS.c.level_s == ROWS).order_by(table.c.time_ms, table.c.track_id)
        return [self._row(row) for row in connection.execute(query)]

    def read_all(self, connection: Connection) -> Iterator[list[Any]]:
        """All rows."""
        for window in self.windows():
            yield from self.read(connection, *window)

    def _row(self, row: Sequence[Any]) -> list[Any]:
        header = self.selection.header
        person_id, session_id, track_id, time_ms, duration_ms, frames, score, *rest = row
        box, stored = rest[:4], rest[4:]
        own: list[list[Any]] = []
        for one in self._columns:
            count = len(one.names)
            own.append(one.from_stored(stored[:count]))
            stored = stored[count:]
        values = with_labels(self._columns, own)
        return [
            *(session_id, person_id, self.selection.names.get(person_id), track_id),
            to_iso(header.time_at(time_ms / 1000).astimezone(UTC)),
            *(to_seconds(time_ms), to_seconds(duration_ms), frames),
            None if score is None else score / SCORE_SCALE,
            *(None if value is None else value / BOX_SCALE for value in box),
            self._markers(time_ms, duration_ms),
            *(values[index] for index in self._order),
        ]

    def _markers(self, time_ms: int, duration_ms: int) -> str | None:
        """The names of the spans around a row and of the points in it; None without any."""
        if self._markers_at[0] != time_ms:
            end_ms = time_ms + duration_ms
            names = (
                marker.name
                for marker in self.selection.markers
                if (
                    marker.start_ms < end_ms and time_ms < marker.end_ms
                    if marker.end_ms is not None
                    else time_ms <= marker.start_ms < end_ms
                )
            )
            self._markers_at = time_ms, "; ".join(dict.fromkeys(names)) or None
        return self._markers_at[1]


def with_labels(columns: Sequence[AttributeColumns], values: Sequence[Sequence[Any]]) -> list[Any]:
    """The values of a row by attribute in one list, with the labels of mean probabilities, as `attribute_columns`."""
    labelled = [one.attribute for one in columns if has_mean_label(one.attribute)]
    needed = {name for one in labelled for name in (one.name, *(one.min_number or ())[:1])}
    pairs = list(zip(columns, values, strict=True))
    estimates = {one.attribute.name: one.estimate(own) for one, own in pairs if one.attribute.name in needed}
    row: list[Any] = []
    for one, own in pairs:
        row += own
        if one.attribute in labelled:
            row.append(mean_label(one.attribute, estimates))
    return row


def _is_formula(text: str) -> bool:
    return text.lstrip("' ").startswith(FORMULA_STARTS)

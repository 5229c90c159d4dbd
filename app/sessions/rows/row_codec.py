"""Convert rows of a session to the values of the table of observations, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.attributes.attribute_set import AttributeSet
from app.domain import Box
from app.face_json import BOX_DIGITS, SCORE_DIGITS
from app.sessions.rows.attribute_columns import AttributeColumns
from app.sessions.rows.records import Observation

FIXED_COLUMNS = (
    *("session_id", "track_id", "time_ms", "duration_ms", "frames", "score"),
    *("box_x1", "box_y1", "box_x2", "box_y2"),
)
SCORE_SCALE = 10**SCORE_DIGITS
BOX_SCALE = 10**BOX_DIGITS


class RowCodec:
    """Encodes and decodes the rows of sessions that keep these attributes.

    Attributes:
        names: The columns of a stored row, in order.
    """

    def __init__(self, attributes: AttributeSet) -> None:
        self.columns = [AttributeColumns(attribute) for attribute in attributes]
        self.names = (*FIXED_COLUMNS, *(name for one in self.columns for name in one.names))

    def encode(self, session_id: int, row: Observation) -> dict[str, Any]:
        """The values by column."""
        box = (row.box.x1, row.box.y1, row.box.x2, row.box.y2) if row.box else (None,) * 4
        values = [session_id, row.track_id, row.time_ms, row.duration_ms, row.frames, _scale(row.score, SCORE_SCALE)]
        values += [_scale(value, BOX_SCALE) for value in box]
        for one in self.columns:
            values += one.stored(row.estimates.get(one.attribute.name))
        return dict(zip(self.names, values, strict=True))

    def decode(self, values: Sequence[Any]) -> Observation:
        """The row with these values, in the order of `names`."""
        _, track_id, time_ms, duration_ms, frames, score, *box = values[: len(FIXED_COLUMNS)]
        estimates, start = {}, len(FIXED_COLUMNS)
        for one in self.columns:
            end = start + len(one.names)
            estimate = one.estimate(one.from_stored(values[start:end]))
            if estimate is not None:
                estimates[one.attribute.name] = estimate
            start = end
        known_box = None if None in box else Box(*(value / BOX_SCALE for value in box))
        known_score = None if score is None else score / SCORE_SCALE
        return Observation(track_id, time_ms, frames, estimates, duration_ms, known_score, known_box)


def _scale(value: float | None, scale: int) -> int | None:
    return None if value is None else round(value * scale)

"""Export a session's records as CSV and JSON rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from app.sessions.records import LABEL_COUNT_KEYS, PersonSecond, SessionHeader, to_iso

COLUMNS = ("session_id", "person_id", "at", "time_s", "frames", "dominant", "age_years", "p_female", *LABEL_COUNT_KEYS)

# Characters with which spreadsheets begin a formula, full-width forms included, or which they skip before it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def to_rows(header: SessionHeader, records: Sequence[PersonSecond]) -> list[dict[str, Any]]:
    """One dictionary per record: the `row` of docs/api.md."""
    return [_row(header, record) for record in records]


def to_csv(header: SessionHeader, records: Sequence[PersonSecond]) -> str:
    """The same rows as CSV text with a header line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(escape_formula(name) for name in (*COLUMNS, *header.labels))
    for row in to_rows(header, records):
        writer.writerow(escape_formula(value) for value in row.values())
    return out.getvalue()


def escape_formula(value: Any) -> Any:
    """Quote text that a spreadsheet would evaluate as a formula; other values are returned as they are."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return "'" + value
    return value


def _row(header: SessionHeader, record: PersonSecond) -> dict[str, Any]:
    probabilities = record.probabilities or (None,) * len(header.labels)
    return {
        "session_id": header.id,
        "person_id": record.person_id,
        "at": to_iso(header.time_at(record.time_s)),
        "time_s": record.time_s,
        "frames": record.frames,
        "dominant": record.dominant,
        "age_years": record.age_years,
        "p_female": record.p_female,
        **{name: getattr(record, name) for name in LABEL_COUNT_KEYS},
        **dict(zip(header.labels, probabilities, strict=True)),
    }

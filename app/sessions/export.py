"""A session's records as CSV and JSON rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from app.sessions.records import COUNTED, PersonSecond, SessionHead, iso

_COLUMNS = ("session_id", "person_id", "at", "time_s", "frames", "dominant", "age_years", "p_female", *COUNTED)

# What spreadsheets begin a formula with, in their wide forms too, and what they skip before it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def rows(head: SessionHead, records: Sequence[PersonSecond]) -> list[dict[str, Any]]:
    """One dictionary a record, as the `row` of docs/api.md."""
    return [_row(head, record) for record in records]


def to_csv(head: SessionHead, records: Sequence[PersonSecond]) -> str:
    """The same rows as CSV text with a header line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(safe_cell(name) for name in (*_COLUMNS, *head.labels))
    for row in rows(head, records):
        writer.writerow(safe_cell(value) for value in row.values())
    return out.getvalue()


def safe_cell(value: Any) -> Any:
    """Keep a spreadsheet from taking text for a formula; numbers stay as they are."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return "'" + value
    return value


def _row(head: SessionHead, record: PersonSecond) -> dict[str, Any]:
    probabilities = record.probabilities or (None,) * len(head.labels)
    return {
        "session_id": head.id,
        "person_id": record.person_id,
        "at": iso(head.moment(record.time_s)),
        "time_s": record.time_s,
        "frames": record.frames,
        "dominant": record.dominant,
        "age_years": record.age_years,
        "p_female": record.p_female,
        **{name: getattr(record, name) for name in COUNTED},
        **dict(zip(head.labels, probabilities, strict=True)),
    }

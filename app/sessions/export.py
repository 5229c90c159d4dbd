"""Export a session's records as CSV and JSON rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from app.attributes.attribute import Attribute, SessionForm
from app.sessions.attribute_columns import AttributeColumns
from app.sessions.records import PersonSecond, SessionHeader, to_iso

# Characters with which spreadsheets begin a formula, full-width forms included, or which they skip before it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def to_rows(header: SessionHeader, records: Sequence[PersonSecond]) -> list[dict[str, Any]]:
    """One dictionary per record: the `row` of docs/api.md."""
    columns = [AttributeColumns(attribute) for attribute in header.attributes]
    return [_row(header, columns, record) for record in records]


def to_csv(header: SessionHeader, records: Sequence[PersonSecond]) -> str:
    """The same rows as CSV text with a header line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(escape_formula(name) for name in to_rows(header, [PersonSecond(0, 0, 0)])[0])
    for row in to_rows(header, records):
        writer.writerow(escape_formula(value) for value in row.values())
    return out.getvalue()


def escape_formula(value: Any) -> Any:
    """Quote text that a spreadsheet would evaluate as a formula; other values are returned as they are."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return "'" + value
    return value


def _row(header: SessionHeader, columns: Sequence[AttributeColumns], record: PersonSecond) -> dict[str, Any]:
    """The values in the order of the columns; the probabilities of the main statistics come last."""
    row: dict[str, Any] = {
        "session_id": header.id,
        "person_id": record.person_id,
        "at": to_iso(header.time_at(record.time_s)),
        "time_s": record.time_s,
        "frames": record.frames,
    }
    probabilities: dict[str, Any] = {}
    for attribute, values in (
        (one.attribute, one.by_name(record.estimates.get(one.attribute.name))) for one in columns
    ):
        if attribute.session is not SessionForm.DISTRIBUTION:
            row |= values
            continue
        (label_column, label), (column, by_label) = values.items()
        row[label_column] = label
        prefix, cells = ("", probabilities) if attribute.is_headline else (f"{column}_", row)
        cells |= {f"{prefix}{label}": p for label, p in _by_label(attribute, by_label).items()}
    return row | probabilities


def _by_label(attribute: Attribute, probabilities: Sequence[float] | None) -> dict[str, float | None]:
    if not probabilities:
        return dict.fromkeys(attribute.labels)
    return dict(zip(attribute.labels, probabilities, strict=True))

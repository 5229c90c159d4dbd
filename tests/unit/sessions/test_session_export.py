"""CSV and JSON rows of a session."""

import csv
import io
from datetime import UTC, datetime

import pytest

from app.sessions import export
from app.sessions.records import PersonSecond, SessionHeader

HEAD = SessionHeader(3, "x", datetime(2026, 1, 31, 14, 0, tzinfo=UTC), None, "0", False, ("happy", "=sad"))
RECORDS = [
    PersonSecond(1, 0, 28, "happy", (0.9, 0.1), 34.1, 0.9, "none", "asian"),
    PersonSecond(2, 5, 3, "=sad", (0.2, 0.8), None, None),
    PersonSecond(2, 6, 3),
]


def test_csv_reads_back_as_the_rows():
    header, *lines = csv.reader(io.StringIO(export.to_csv(HEAD, RECORDS)))
    assert header[:5] == ["session_id", "person_id", "at", "time_s", "frames"]
    assert [line[:2] for line in lines] == [["3", "1"], ["3", "2"], ["3", "2"]]
    assert [line[header.index("mask")] for line in lines] == ["none", "", ""]
    assert [line[header.index("race")] for line in lines] == ["asian", "", ""]
    assert lines[1][2] == "2026-01-31T14:00:05.000+00:00"
    assert lines[2][5:] == [""] * 7


def test_no_text_cell_begins_like_a_formula():
    text = export.to_csv(HEAD, RECORDS)
    assert all(not cell.startswith(("=", "+", "@")) for line in csv.reader(io.StringIO(text)) for cell in line)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1+1"])
def test_formulas_are_quoted_and_numbers_unchanged(text: str):
    assert export.escape_formula(text) == "'" + text
    assert export.escape_formula(-1.5) == -1.5
    assert export.escape_formula("plain = text") == "plain = text"

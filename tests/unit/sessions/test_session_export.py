"""CSV and JSON rows of a session."""

import csv
import io
from datetime import UTC, datetime

import pytest

from app.attributes.estimate import ClassEstimate, VectorEstimate
from app.attributes.kinds import ClassAttribute, VectorAttribute
from app.sessions import export
from app.sessions.records import PersonSecond, SessionHeader
from tests.support.sessions import make_record, session_attributes

GAZE = VectorAttribute(name="gaze", title="Gaze", position=60, labels=("x", "y"))
GLASSES = ClassAttribute(name="glasses", title="Glasses", position=1000, labels=("none", "glasses"))
STARTED_AT = datetime(2026, 1, 31, 14, 0, tzinfo=UTC)
LABELS = ("happy", "=sad")
HEAD = SessionHeader(3, "x", STARTED_AT, None, "0", False, session_attributes(LABELS))
RECORDS = [
    make_record(0, 1, 0.9, frames=28, labels=LABELS, mask="none", race="asian"),
    make_record(5, 2, 0.2, frames=3, labels=LABELS, age_years=None, p_female=None),
    PersonSecond(2, 6, 3),
]


def test_csv_reads_back_as_the_rows():
    header, *lines = csv.reader(io.StringIO(export.to_csv(HEAD, RECORDS)))
    assert header == [
        *("session_id", "person_id", "at", "time_s", "frames", "dominant", "age_years", "p_female", "race", "mask"),
        *("happy", "'=sad"),
    ]
    assert lines[0][2:5] == ["2026-01-31T14:00:00.000+00:00", "0", "28"]
    assert lines[0][5:] == ["happy", "34.1", "0.9", "asian", "none", "0.9", "0.1"]
    assert lines[1][2:] == ["2026-01-31T14:00:05.000+00:00", "5", "3", "'=sad", "", "", "", "", "0.2", "0.8"]
    assert lines[2][5:] == [""] * 7


def test_further_attributes_come_before_the_probabilities():
    head = SessionHeader(3, "x", STARTED_AT, None, "0", False, session_attributes(LABELS, GAZE, GLASSES))
    estimates = {"gaze": VectorEstimate({"x": 0.5, "y": -0.5}), "glasses": ClassEstimate(label="glasses")}
    known, unknown = export.to_rows(head, [PersonSecond(1, 0, 30, estimates), PersonSecond(1, 1, 30)])
    assert list(known)[-6:] == ["mask", "gaze_x", "gaze_y", "glasses", *LABELS]
    assert (known["gaze_x"], known["gaze_y"], known["glasses"]) == (0.5, -0.5, "glasses")
    assert known.keys() == unknown.keys()
    assert {unknown[name] for name in list(unknown)[5:]} == {None}


def test_no_text_cell_begins_like_a_formula():
    text = export.to_csv(HEAD, RECORDS)
    assert all(not cell.startswith(("=", "+", "@")) for line in csv.reader(io.StringIO(text)) for cell in line)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1+1"])
def test_formulas_are_quoted_and_numbers_unchanged(text: str):
    assert export.escape_formula(text) == "'" + text
    assert export.escape_formula(-1.5) == -1.5
    assert export.escape_formula("plain = text") == "plain = text"

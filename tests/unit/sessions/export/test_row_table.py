"""The exported table of a session: columns, times, safe cells, and files that pandas opens."""

import csv
from datetime import datetime
from pathlib import Path

import pytest

from app.attributes.estimate import VectorEstimate
from app.attributes.kinds import ClassAttribute, VectorAttribute
from app.sessions.analysis.selection import EVERYTHING, select_by
from app.sessions.edits.markers import add_marker
from app.sessions.edits.people import name_person
from app.sessions.export.documents import table_writer
from app.sessions.export.file_names import file_name
from app.sessions.export.row_table import RowTable, escape_formula
from app.sessions.rows.records import NewSession, Observation
from app.sessions.store import SessionStore
from tests.support.sessions import WallClock, make_record, session_attributes

GAZE = VectorAttribute(name="gaze", title="Gaze", position=60, labels=("x", "y"))
GLASSES = ClassAttribute(name="glasses", title="Glasses", position=1000, labels=("none", "glasses"))
LABELS = ("happy", "=sad")
COLUMNS = [
    *("session_id", "person_id", "person_name", "track_id", "at", "time_s", "duration_s", "frames", "score"),
    *("x1", "y1", "x2", "y2", "markers", "dominant", "age_years", "age_low", "age_high", "p_female", "sex"),
    *("race", "mask"),
    *("gaze_x", "gaze_y", "glasses", "happy", "=sad"),
]


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    store = SessionStore(tmp_path, now=WallClock())
    attributes = session_attributes(LABELS, GAZE, GLASSES)
    store.start(NewSession("=cmd", source="0", demo=False, attributes=attributes))
    gaze = {"gaze": VectorEstimate({"x": 0.5, "y": -0.5})}
    rows = [
        make_record(0, labels=LABELS, mask="none"),
        make_record(5, 2, 0.2, labels=LABELS, p_female=0.6),
        Observation(2, 6000, 3, gaze),
    ]
    store.add(1, rows)
    store.stop(1, 200)

    def annotate(connection, header, now):
        add_marker(connection, header, {"name": "@film", "time": 4, "end": 6}, now, None)
        name_person(connection, 1, 1, "=Anna", now)

    store.edit(1, annotate)
    return store


def export(store: SessionStore, path: Path) -> Path:
    def write(connection, header, now):
        table = RowTable(select_by(connection, header, EVERYTHING, now))
        writer = table_writer(path.suffix[1:], path, table, {"id": 1})
        for window in table.windows():
            writer.write(table.read(connection, *window))
        writer.close()

    store.read(1, write)
    return path


def test_csv_has_the_rows_with_harmless_cells(store: SessionStore, tmp_path: Path):
    with export(store, tmp_path / "rows.csv").open(newline="") as file:
        header, *lines = csv.reader(file)
    assert header == [*COLUMNS[:-1], "'=sad"]
    assert lines[0][1:7] == ["1", "'=Anna", "1", "2026-01-31T14:03:22.125+00:00", "0.0", "1.0"]
    assert dict(zip(COLUMNS, lines[1], strict=True))["markers"] == "'@film"
    assert lines[1][14:16] == ["'=sad", "34.1"]
    assert [line[COLUMNS.index("sex")] for line in lines] == ["female", "unsure", ""], "0.9, 0.6 and unknown"
    assert lines[2][-5:] == ["0.5", "-0.5", "", "", ""]
    assert all(not cell.startswith(("=", "+", "@")) for line in lines for cell in line)


@pytest.mark.parametrize("extension", ["csv", "json", "parquet", "xlsx"])
def test_pandas_opens_every_form(store: SessionStore, tmp_path: Path, extension: str):
    import pandas

    path = export(store, tmp_path / f"rows.{extension}")
    readers = {"csv": pandas.read_csv, "parquet": pandas.read_parquet, "xlsx": pandas.read_excel}
    if extension == "json":
        frame = pandas.DataFrame(pandas.read_json(path, typ="series")["rows"])
    else:
        frame = readers[extension](path)
    assert len(frame) == 3
    assert [name.lstrip("'") for name in frame.columns] == COLUMNS
    assert frame["happy"].tolist()[:2] == [0.8, 0.2]
    assert frame["time_s"].tolist() == [0.0, 5.0, 6.0]
    assert datetime.fromisoformat(str(frame["at"].iloc[1])).utcoffset().total_seconds() == 0
    assert str(frame["person_name"].iloc[0]).lstrip("'") == "=Anna"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1+1"])
def test_formulas_are_quoted_and_numbers_unchanged(text: str):
    assert escape_formula(text) == "'" + text
    assert escape_formula(-1.5) == -1.5
    assert escape_formula("plain = text") == "plain = text"


def test_file_names_are_safe():
    assert file_name("../../etc/passwd: Tag 1", 3, "csv") == "etc-passwd-Tag-1-session-3.csv"
    assert file_name("Session 3", 3, "csv") == file_name("???", 3, "csv") == "session-3.csv"

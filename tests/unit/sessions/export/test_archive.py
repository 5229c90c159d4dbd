"""The archive of a session: documented tables that pandas opens, and data frames from it and from the sessions file."""

from __future__ import annotations

import csv
import io
import re
import sys
import zipfile
from pathlib import Path

import pytest

from app.errors import AppError, InvalidRequest, SessionError, SettingsError, UnknownItem, UnreadableArchive
from app.paths import PROJECT
from app.sessions import open_session
from app.sessions.export.columns import FIXED_ROW_COLUMNS, TABLE_COLUMNS
from app.sessions.rows.records import NewSession
from app.sessions.session_tables import TABLES
from app.sessions.store import FILE_NAME, SessionStore
from tests.support.exports.archives import LABELS, SECONDS, export_session, write_full_session
from tests.support.sessions import START, WallClock


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sessions file with a session, and its archive."""
    folder = tmp_path_factory.mktemp("exported")
    store = SessionStore(folder, now=WallClock())
    export_session(store, write_full_session(store), folder / "session.zip")
    return folder


def test_the_readme_describes_every_column_of_every_table(folder: Path):
    with zipfile.ZipFile(folder / "session.zip") as archive:
        readme = archive.read("README.md").decode()
        for table in TABLES:
            header = next(csv.reader(io.TextIOWrapper(archive.open(f"{table}.csv"), encoding="utf-8")))
            section = readme.partition(f"## {table}.csv\n")[2].partition("\n## ")[0]
            described = re.findall(r"^\| `(.+)` \| (?:integer|number|text|time|flag) \| .+ \|$", section, re.MULTILINE)
            assert [name.removeprefix("'") for name in header] == described, table
    assert "Emotion: mean probability of happy, 0 to 1" in readme
    assert "2 rows a person and second" in readme


def test_the_documentation_describes_the_same_columns():
    text = (PROJECT / "docs/sessions.md").read_text(encoding="utf-8")
    for column in (*FIXED_ROW_COLUMNS, *(column for columns in TABLE_COLUMNS.values() for column in columns)):
        assert f"| `{column.name}` | {column.kind} | {column.text} |" in text


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_the_same_data_frame_from_the_archive_and_from_the_file(folder: Path, table: str):
    import pandas

    stored = open_session(1, table, data=folder)
    pandas.testing.assert_frame_equal(open_session(folder / "session.zip", table), stored)
    assert len(stored) > 0


def test_an_archive_of_before_the_sex_label_was_exported_still_opens(folder: Path, tmp_path: Path):
    import pandas

    older = tmp_path / "older.zip"
    with zipfile.ZipFile(folder / "session.zip") as archive, zipfile.ZipFile(older, "w") as written:
        for entry in archive.namelist():
            content = archive.read(entry)
            if entry == "rows.csv":
                frame = pandas.read_csv(io.BytesIO(content), dtype="string", keep_default_na=False).drop(columns="sex")
                content = frame.to_csv(index=False).encode()
            written.writestr(entry, content)
    rows = open_session(folder / "session.zip")
    assert rows["sex"].notna().any()
    pandas.testing.assert_frame_equal(open_session(older), rows.drop(columns="sex"))


def test_the_rows_are_those_of_the_figures(folder: Path):
    import pandas

    rows = open_session(str(folder / "session.zip"))
    assert rows["happy"].dtype == "float64"
    assert sorted(rows["person_id"].unique()) == [1, 2, 5, 6]
    assert set(rows["person_name"].dropna()) == {"=Anna"}
    assert not rows["time_s"].between(20, 21.9).any(), "an excluded span"
    assert set(rows["markers"].dropna()) == {"Film", "NA"}
    assert rows["at"].min() == pandas.Timestamp(START)
    assert (rows["happy"] + rows[LABELS[1]]).round(3).eq(1).all()
    assert rows["time_s"].max() == SECONDS - 0.5
    markers = open_session(folder / "session.zip", "markers")
    assert markers["name"].tolist() == ["Film", "'=Pause", "NA"]
    assert markers["excluded"].tolist() == [False, True, False]


def test_a_session_is_read_while_it_is_recorded(folder: Path, tmp_path: Path):
    store = SessionStore(tmp_path)
    write_full_session(store)
    running = store.start(NewSession("Running", source="0", demo=False, attributes=store.attributes(1)))["id"]
    with store._transaction("test"):
        assert len(open_session(1, data=tmp_path)) > 0
        assert len(open_session(running, data=tmp_path)) == 0
    assert store.session(running)["running"], "reading closed a session of the server"


@pytest.mark.parametrize(
    ("arguments", "error", "reason"),
    [
        ((9,), UnknownItem, "there is no session 9 in .*; see the list"),
        ((1, "faces"), InvalidRequest, "there is no table 'faces'; the tables are rows, people"),
        (("gone.zip",), UnreadableArchive, "No such file"),
    ],
)
def test_what_cannot_be_opened_is_named_in_one_line(folder: Path, arguments: tuple, error: type[AppError], reason: str):
    with pytest.raises(error, match=reason) as caught:
        open_session(*arguments, data=folder)
    assert "\n" not in str(caught.value)


def test_a_missing_or_newer_file_is_named_and_left_alone(tmp_path: Path):
    with pytest.raises(SessionError, match="there is no sessions file"):
        open_session(1, data=tmp_path)
    store = SessionStore(tmp_path)
    with store._transaction("test") as connection:
        connection.exec_driver_sql("PRAGMA user_version=9")
    with pytest.raises(SessionError, match="has version 9, not 5; update the app"):
        open_session(1, data=tmp_path)
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 500)
    with pytest.raises(SessionError, match="cannot read .*; check the file"):
        open_session(1, data=tmp_path)


def test_without_pandas_the_remedy_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(SettingsError, match="needs pandas; install it"):
        open_session(1, data=folder)

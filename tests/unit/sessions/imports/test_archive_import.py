"""An exported session comes back exactly, and a bad archive changes nothing."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli import cli
from app.errors import AppError, InvalidRequest, SessionError, UnreadableArchive
from app.sessions.database.sqlite.folder_lock import FolderLock
from app.sessions.edits.people import undo_edit
from app.sessions.export import stored_tables
from app.sessions.export.archive_reader import SessionArchive
from app.sessions.imports import archive_import
from app.sessions.imports.archive_import import import_archive
from app.sessions.rows.records import NewSession
from app.sessions.store import SessionStore
from tests.support.exports.archives import (
    GLASSES,
    LABELS,
    change_header,
    change_lines,
    export_session,
    rewrite,
    stored_content,
    write_full_session,
)
from tests.support.sessions import START, WallClock, make_record, session_attributes

ROWS, SEGMENTS, MARKERS = "stored/observations.jsonl", "stored/segments.jsonl", "stored/markers.jsonl"
EDITS, PEOPLE = "stored/edits.jsonl", "stored/people.jsonl"
MAX_BYTES = 1_000_000


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the file of a session, its archive, and another file."""
    folder = tmp_path_factory.mktemp("prepared")
    store = SessionStore(folder / "first", now=WallClock())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored_tables, "PAGE_ROWS", 70)
        export_session(store, write_full_session(store), folder / "session.zip")
    other = SessionStore(folder / "other", now=WallClock())
    attributes = session_attributes(LABELS, GLASSES)
    other.stop(other.start(NewSession("Here before", source="0", demo=False, attributes=attributes))["id"], 3)
    return folder


@pytest.fixture
def archive(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(archive_import, "BATCH_ROWS", 90)
    return Path(shutil.copy(prepared / "session.zip", tmp_path))


@pytest.fixture
def other(prepared: Path, tmp_path: Path) -> SessionStore:
    shutil.copytree(prepared / "other", tmp_path / "other")
    return SessionStore(tmp_path / "other", now=WallClock())


@pytest.fixture
def store(prepared: Path, tmp_path: Path) -> SessionStore:
    shutil.copytree(prepared / "first", tmp_path / "first")
    return SessionStore(tmp_path / "first", now=WallClock())


def test_an_archive_tells_whether_its_session_was_interrupted(archive: Path, other: SessionStore):
    change_header(archive, interrupted=True)
    assert import_file(archive, other)["interrupted"]
    change_header(archive, without=("interrupted",))
    assert not import_file(archive, other)["interrupted"], "an older archive does not say so"
    change_header(archive, interrupted="yes")
    with pytest.raises(UnreadableArchive, match="interrupted is neither true nor false"):
        import_file(archive, other)


def import_file(path: Path, store: SessionStore, **options: Any) -> dict[str, Any]:
    with SessionArchive(path, MAX_BYTES) as archive:
        return import_archive(archive, store, now=START, **options)


def test_an_imported_session_is_the_same_in_every_row_and_its_edits_can_be_undone(
    archive: Path, store: SessionStore, other: SessionStore, tmp_path: Path
):
    summary = import_file(archive, other)
    assert summary == {**store.session(1), "id": summary["id"]}
    before = stored_content(tmp_path / "first", 1)
    assert len(before["observations"]) == 350
    assert all(before.values()), "a table of the session was empty, so nothing was compared"
    assert stored_content(tmp_path / "other", summary["id"]) == before
    for number in range(4):
        store.edit(1, lambda connection, *_: undo_edit(connection, 1))
        other.edit(summary["id"], lambda connection, *_: undo_edit(connection, summary["id"]))
        assert stored_content(tmp_path / "other", summary["id"]) == stored_content(tmp_path / "first", 1), number


def test_a_session_exported_while_it_runs_ends_with_its_last_row(store: SessionStore, other: SessionStore, tmp_path):
    store.start(NewSession("Running", source=None, demo=True, attributes=session_attributes(("happy", "sad"))))
    store.add(2, [make_record(time_s) for time_s in range(5)])
    summary = import_file(export_session(store, 2, tmp_path / "running.zip"), other)
    assert (summary["running"], summary["duration_s"], summary["person_seconds"]) == (False, 4.0, 5)


def set_value(line: int, column: int, value: Any) -> Callable[[list[Any]], None]:
    def change(lines: list[Any]) -> None:
        lines[line][column] = value

    return change


def swap(lines: list[Any]) -> None:
    lines[1], lines[2] = lines[2], lines[1]


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def flip_a_bit(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo(ROWS).header_offset + 400
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def add_bomb(path: Path) -> None:
    rewrite(path, {EDITS: b"[1]\n" * MAX_BYTES})


BAD: list[tuple[str, Callable[[Path], object], str]] = [
    ("no archive", lambda path: path.write_bytes(b"PK" * 50), "no ZIP archive"),
    ("cut off", cut_off, "cut off"),
    ("one bit", flip_a_bit, "damaged"),
    ("bomb", add_bomb, "holds more than this server accepts"),
    ("outside", lambda path: rewrite(path, {"../../evil.txt": b"x"}), "leads outside"),
    ("outside, Windows", lambda path: rewrite(path, {"C:\\evil.txt": b"x"}), "leads outside"),
    ("pictures", lambda path: rewrite(path, {"stored/session.json": None, "a.jpg": b"x"}), "no exported session"),
    ("another app's", lambda path: rewrite(path, {"stored/session.json": b"{}"}), "no exported session"),
    ("nested", lambda path: rewrite(path, {"stored/session.json": b"[" * 100_000}), "damaged"),
    (
        "newer",
        lambda path: change_header(path, _schema=5),
        "has schema 5, and this version.* imports schema 4",
    ),
    ("attributes", lambda path: change_header(path, _attributes=[{"name": "x"}]), "the stored description"),
    ("no name", lambda path: change_header(path, name=""), "a name has 1 to 120 characters"),
    ("times", lambda path: change_header(path, ended_at="2020-01-01T00:00:00+00:00"), "ends before it starts"),
    ("year 1", lambda path: change_header(path, started_at="0001-01-01T00:00:00+00:00"), "is no time of a session"),
    ("rate", lambda path: change_header(path, rate=-1), "its rate is no number"),
    ("order", lambda path: change_lines(path, ROWS, swap), "not in order"),
    ("twice", lambda path: change_lines(path, ROWS, lambda lines: lines.insert(200, lines[199])), "there twice"),
    ("columns", lambda path: change_lines(path, ROWS, set_value(0, 3, "number")), "has other columns"),
    ("short", lambda path: change_lines(path, ROWS, lambda lines: lines[300].pop()), "does not have"),
    ("text", lambda path: change_lines(path, ROWS, set_value(300, 4, "0.5")), "is no stored number"),
    ("label", lambda path: change_lines(path, ROWS, set_value(300, 9, "<b>")), "is no label of its attribute"),
    ("time", lambda path: change_lines(path, ROWS, set_value(350, 1, 2**60)), "outside of a session"),
    ("segment", lambda path: change_lines(path, SEGMENTS, set_value(1, 1, "0")), "has the wrong type"),
    ("segment twice", lambda path: change_lines(path, SEGMENTS, lambda lines: lines.append(lines[1])), "there twice"),
    ("marker", lambda path: change_lines(path, MARKERS, set_value(1, 1, 5)), "is reversed or empty"),
    ("key", lambda path: change_lines(path, MARKERS, set_value(1, 4, 12)), "is not 1 to 9"),
    ("person", lambda path: change_lines(path, PEOPLE, set_value(1, 1, "a\u2028b")), "control characters"),
    ("undo", lambda path: change_lines(path, EDITS, set_value(1, 3, '{"segments": [[1]], "names": {}}')), "damaged"),
]


@pytest.mark.parametrize(("spoil", "reason"), [pytest.param(*rest, id=name) for name, *rest in BAD])
def test_a_bad_archive_is_refused_in_one_line_and_nothing_is_left(
    archive: Path, other: SessionStore, tmp_path: Path, spoil: Callable[[Path], object], reason: str
):
    spoil(archive)
    sessions, content = other.sessions(), stored_content(tmp_path / "other", 1)
    with pytest.raises(UnreadableArchive, match="(?i)" + reason) as caught:
        import_file(archive, other)
    assert "\n" not in str(caught.value)
    assert "; " in str(caught.value), "the line says what to do"
    assert len(str(caught.value)) < 400
    assert (other.sessions(), stored_content(tmp_path / "other", 1)) == (sessions, content)
    assert not any(stored_content(tmp_path / "other", 2).values())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "session.zip"]


def test_names_of_columns_that_clash_are_refused(archive: Path, other: SessionStore):
    with SessionArchive(archive) as opened:
        described = opened.attributes.describe()
    glasses = next(one for one in described if one["name"] == "glasses")
    for name in ("track_id", "age_years", "p_female", "Mask"):
        glasses["name"] = name
        with pytest.raises(UnreadableArchive, match="two columns are named"):
            import_file(change_header(archive, _attributes=described), other)
    glasses["name"] = "later"
    with other._transaction("test") as connection:
        connection.exec_driver_sql("ALTER TABLE observations ADD COLUMN later INTEGER")
    with pytest.raises(InvalidRequest, match="keep other values under the name 'later'"):
        import_file(change_header(archive, _attributes=described), other)


def test_an_old_session_is_refused_where_it_would_be_deleted_at_once(archive: Path, other: SessionStore):
    with SessionArchive(archive) as opened, pytest.raises(InvalidRequest, match="31 days old.*after 30 days"):
        import_archive(opened, other, now=START + timedelta(days=31, minutes=1), keep_days=30)
    assert import_file(archive, other, keep_days=30)["name"] == "=Trailer test"


def test_the_command_line_imports_unless_a_server_uses_the_folder(archive: Path, tmp_path: Path):
    arguments = ["import", str(archive), "--data", str(tmp_path / "data"), "--keep-days", "0"]
    lock = FolderLock(tmp_path / "data", "http://127.0.0.1:5000 (process 7)")
    refused = CliRunner().invoke(cli, arguments)
    lock.close()
    assert refused.exit_code == 1
    assert "in use by http://127.0.0.1:5000 (process 7)" in refused.output
    assert "or import the archive on its page of sessions" in refused.output
    done = CliRunner().invoke(cli, arguments)
    assert done.output == "=Trailer test: 40 s, people: 4, at /sessions/1 of the server\n"
    assert SessionStore(tmp_path / "data").session(1)["name"] == "=Trailer test"


def test_what_a_killed_import_leaves_is_never_seen_and_removed_at_the_next_start(
    archive: Path, other: SessionStore, tmp_path: Path
):
    steps = 0

    def call(function: Callable[..., Any], *args: Any) -> Any:
        nonlocal steps
        steps += 1
        if steps > 3:
            raise SessionError("killed")
        return function(*args)

    with pytest.raises(SessionError, match="killed"):
        import_file(archive, other, call=call)
    assert len(stored_content(tmp_path / "other", 2)["observations"]) == 180
    assert [session["name"] for session in other.sessions()] == ["Here before"]
    assert other.session(2) is None
    assert not other.delete(2)
    lines: list[str] = []
    reopened = SessionStore(tmp_path / "other", warn=lines.append)
    assert lines == ["an import was interrupted: what there was of its session was removed; import it again"]
    assert not any(stored_content(tmp_path / "other", 2).values())
    assert import_file(archive, reopened)["id"] == 3


def test_deleting_all_ends_an_import(archive: Path, other: SessionStore):
    def call(function: Callable[..., Any], *args: Any) -> Any:
        if function is archive_import._add_batch:
            other.delete_all()
        return function(*args)

    with pytest.raises(AppError, match="deleted while it was imported; import it again"):
        import_file(archive, other, call=call)
    assert other.sessions() == []

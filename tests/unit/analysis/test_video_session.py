"""`analyze VIDEO --session NAME`: a session of a real video, in the folder of the sessions or as an archive."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import cli
from app.paths import PROJECT
from app.sessions.database.sqlite.folder_lock import FolderLock
from app.sessions.export.archive_reader import SessionArchive
from app.sessions.imports.archive_import import import_archive
from app.sessions.rows.records import utc_now
from app.sessions.store import SessionStore
from tests.support.exports.archives import stored_content

CLIPS = PROJECT.parent / "shared" / "data" / "clips"
PORTRAIT = PROJECT / "app" / "assets" / "portraits" / "eileen_collins.png"


@pytest.fixture
def clip() -> Path:
    """6.4 s: nobody, then one woman from about 4 s on."""
    path = CLIPS / "noface_face.mov"
    if not path.is_file():
        pytest.skip(f"no clip at {path}")
    return path


def analyze(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["analyze", *map(str, arguments)], env={"MODELS": "", "FACE_DETECTOR": ""})


def test_a_video_becomes_a_session_at_its_own_times_and_the_same_one_through_an_archive(clip: Path, tmp_path: Path):
    options = ("--session", "Clip", "--rate", 10, "--every", "1s")
    done = analyze(clip, *options, "--data", tmp_path / "data")
    assert done.exit_code == 0, done.output
    assert "Clip: 7 s, people: 1, at /sessions/1 of the server" in done.output
    store = SessionStore(tmp_path / "data")
    header, rows = store.records(1)
    assert (header.name, header.source, header.rate, header.demo) == ("Clip", "noface_face.mov", 1.0, False)
    assert [row.time_ms for row in rows] == [4000, 5000, 6000]
    assert {row.track_id for row in rows} == {1}
    assert all(row.box and row.score and row.label("emotion") for row in rows)
    assert store.detail(1)["session"]["person_seconds"] == 3

    done = analyze(clip, *options, "--out", tmp_path / "clip.zip")
    assert done.exit_code == 0, done.output
    with SessionArchive(tmp_path / "clip.zip") as archive:
        assert import_archive(archive, store, now=utc_now())["id"] == 2
    first, second = (stored_content(tmp_path / "data", number) for number in (1, 2))
    assert first["observations"] == second["observations"]


def test_a_folder_that_a_server_uses_is_refused_before_anything_is_analysed(clip: Path, tmp_path: Path):
    lock = FolderLock(tmp_path, "http://127.0.0.1:5000 (process 7)")
    refused = analyze(clip, "--session", "Clip", "--data", tmp_path)
    lock.close()
    assert refused.exit_code == 1
    assert "in use by http://127.0.0.1:5000 (process 7)" in refused.output
    assert "--out NAME.zip and import it on the page of sessions" in refused.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sessions.lock"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((PORTRAIT,), "needs a video, and .*eileen_collins.png' is none"),
        ((PORTRAIT.parent,), "needs a video"),
        (("a.mp4", "b.mp4"), "one video, and 2 paths are given"),
        (("a.mp4", "--json", "-"), "--session does not go with --json"),
        (("a.mp4", "--crops"), "--session does not go with --crops"),
        (("a.mp4", "--out", "a.csv"), "writes a ZIP archive, not 'a.csv'"),
        (("gone.mp4",), "there is no file 'gone.mp4'"),
    ],
)
def test_what_is_no_video_is_refused_in_one_line(tmp_path: Path, arguments: tuple[object, ...], reason: str):
    refused = analyze(*arguments, "--session", "Clip", "--data", tmp_path / "data")
    assert refused.exit_code == 1
    assert re.search(f"^Error: .*{reason}.*; .*$", refused.output, re.MULTILINE), refused.output


def test_a_bad_name_is_refused(tmp_path: Path):
    refused = analyze("a.mp4", "--session", " ", "--data", tmp_path)
    assert "a name has 1 to 120 characters" in refused.output

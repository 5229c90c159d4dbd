"""Archives of sessions over HTTP: exported by one server and imported by another, beside a recording."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.exports.archives import change_header, stored_content, write_full_session
from tests.support.fakes import make_face
from tests.support.web import RunningApp, running_app


@pytest.fixture
def web(tmp_path: Path) -> Iterator[RunningApp]:
    with running_app(tmp_path, max_upload_mb=1) as web:
        web.services.disk_worker.call(write_full_session, web.services.store)  # which alone writes the file
        yield web


def test_a_session_goes_out_and_comes_back_while_another_is_recorded(web: RunningApp, tmp_path: Path):
    web.start_vision()
    web.send_event(web.connect_page(), "session_start", {"name": "Running"})
    web.publish_frame(1, make_face(1))
    answer = web.client.get("/api/sessions/1/export.zip")
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"] == "attachment; filename=Trailer-test-session-1.zip"
    for body in (answer.data, {"file": (io.BytesIO(answer.data), "session.zip")}):
        imported = web.client.post("/api/sessions/import", data=body)
        assert imported.status_code == 201, imported.text
        number = imported.get_json()["id"]
        assert imported.headers["Location"] == f"/api/sessions/{number}"
        assert stored_content(tmp_path, number) == stored_content(tmp_path, 1)
        figures = [web.client.get(f"/api/sessions/{one}/figures").get_json() for one in (1, number)]
        assert figures[0] == figures[1]
    listed = web.client.get("/api/sessions").get_json()["sessions"]
    assert [one["name"] for one in listed] == ["=Trailer test", "=Trailer test", "Running", "=Trailer test"]


def test_bad_requests_are_refused_in_one_line(web: RunningApp, tmp_path: Path):
    client = web.client
    refused = client.get("/api/sessions/1/export.zip?people=1")
    assert (refused.status_code, "holds the whole session" in refused.get_json()["error"]) == (400, True)
    archive = client.get("/api/sessions/1/export.zip").data
    old = tmp_path / "old.zip"
    old.write_bytes(archive)
    change_header(old, started_at="2020-01-01T00:00:00+00:00", ended_at="2020-01-01T00:01:00+00:00")
    bomb = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content + b"[]\n" * 400_000 if name == "stored/edits.jsonl" else content)
    for body, status, reason in (
        (b"", 400, "no file"),
        (b"PK\x03\x04 and nothing", 422, "no ZIP archive"),
        (archive[:-50], 422, "cut off"),
        (bomb.getvalue(), 422, "larger --max-upload-mb"),
        (old.read_bytes(), 400, "larger --keep-days"),
    ):
        answer = client.post("/api/sessions/import", data=body)
        assert (answer.status_code, reason in answer.get_json()["error"]) == (status, True), answer.get_json()
    assert client.post("/api/sessions/import", data=b"x" * 1_100_000).status_code == 413
    assert len(client.get("/api/sessions").get_json()["sessions"]) == 1

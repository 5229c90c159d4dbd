"""Pictures and jobs that clients send: accepted, refused, cancelled, and continued after a restart."""

from __future__ import annotations

import io
import json
import os
import signal
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest
from PIL import Image

from app.jobs import job_runner, picture_process
from app.jobs.job_store import ENDED_STATES
from app.jobs.picture_process import MAX_PICTURE_BYTES, MAX_PICTURES, PictureProcess
from app.paths import ASSETS
from app.processes.child_process import ChildProcess, start_analysis
from tests.support.web import TOKEN, RunningApp, running_app, wait_until

PORTRAIT = (ASSETS / "portraits" / "eileen_collins.png").read_bytes()
JOB_TIMEOUT_S = 60.0


@pytest.fixture(autouse=True)
def normal_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_runner, "MODULE", "tests.support.processes.job_at_normal_priority")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running_app(tmp_path_factory.mktemp("analysis"), max_upload_mb=20) as web:
        yield web


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def picture(value: int = 90, size: tuple[int, int] = (40, 40)) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, (value, value, value)).save(content, "PNG")
    return content.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG file that claims this size and has no pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    header = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def video(frames: int = 30) -> bytes:
    content = io.BytesIO()
    with av.open(content, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(frames):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return content.getvalue()


def send_job(web: RunningApp, body: bytes, **query: str) -> dict[str, Any]:
    response = web.client.post("/api/jobs", data=body, query_string=query)
    assert response.status_code == 202, response.text
    job: dict[str, Any] = response.get_json()
    assert response.headers["Location"] == f"/api/jobs/{job['id']}"
    return job


def wait_for_end(web: RunningApp, job: dict[str, Any]) -> dict[str, Any]:
    def ended() -> Any:
        state = web.client.get(f"/api/jobs/{job['id']}").get_json()
        return state if state["state"] in ENDED_STATES else None

    return wait_until(ended, JOB_TIMEOUT_S)


def result(web: RunningApp, job: dict[str, Any]) -> list[dict[str, Any]]:
    response = web.client.get(f"/api/jobs/{job['id']}/result")
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


def files_of(web: RunningApp, job: dict[str, Any]) -> set[str]:
    return {path.name for path in (web.services.jobs.store.folder / job["id"]).iterdir()}


def test_a_picture_is_analysed_as_a_body_and_as_a_form(web: RunningApp):
    plain = web.client.post("/api/analyze", data=PORTRAIT, query_string={"name": "../a/portrait.png"})
    assert plain.status_code == 200, plain.text
    record = plain.get_json()
    assert (record["path"], record["width"], record["height"], len(record["faces"])) == ("portrait.png", 512, 512, 1)
    assert record["faces"][0]["emotion"]["label"] == "happy"
    form = {"note": "a field", "picture": (io.BytesIO(PORTRAIT), "/photos/portrait.png")}
    assert web.client.post("/api/analyze", data=form).get_json() == record
    unnamed = web.client.post("/api/analyze", data=picture())
    assert (unnamed.get_json()["path"], unnamed.get_json()["faces"]) == (None, [])
    pid = web.services.pictures.process.pid
    assert pid is not None
    assert pid != os.getpid()
    assert psutil.Process(pid).nice() > psutil.Process().nice()


@pytest.mark.parametrize(
    ("body", "status", "line"),
    [
        (b"", 400, "the request has no file"),
        (b"words", 422, "cannot read the image"),
        (PORTRAIT[:5000], 422, "replace or remove it"),
        (b'{"path": "/etc/passwd", "url": "file:///etc/passwd"}', 422, "unknown image format"),
        (png_header(8000, 6300), 422, "it has 50 megapixels; the limit is 50"),
        (bytes(MAX_PICTURE_BYTES + 20_000), 413, None),
    ],
    ids=["empty", "words", "truncated", "path", "megapixels", "bytes"],
)
def test_what_is_no_picture_is_refused_in_one_line(web: RunningApp, body: bytes, status: int, line: str | None):
    response = web.client.post("/api/analyze", data=body)
    assert response.status_code == status
    if line:
        assert line in response.get_json()["error"]
        assert "\n" not in response.get_json()["error"]


@pytest.mark.parametrize(
    "form",
    [
        b'--b\r\nContent-Disposition: form-data; name="a"; filename="a.png"\r\n\r\nhalf',
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nonly a field\r\n--b--\r\n',
        b"--b\r\nnothing: here\r\n\r\nx\r\n--b--\r\n",
    ],
)
def test_malformed_forms_are_refused(web: RunningApp, form: bytes):
    response = web.client.post("/api/analyze", data=form, content_type="multipart/form-data; boundary=b")
    assert response.status_code == 400
    assert "send" in response.get_json()["error"]


def test_too_many_pictures_at_once_are_refused(web: RunningApp):
    places = [web.services.pictures.place() for _ in range(MAX_PICTURES)]
    for place in places:
        place.__enter__()
    try:
        response = web.client.post("/api/analyze", data=PORTRAIT)
    finally:
        for place in places:
            place.__exit__(None, None, None)
    assert response.status_code == 503
    assert "try again in a moment" in response.get_json()["error"]
    assert web.client.post("/api/analyze", data=picture()).status_code == 200


def test_a_process_that_dies_or_hangs_costs_one_picture(web: RunningApp, tmp_path: Path):
    pictures = PictureProcess(web.services.settings, timeout_s=20.0)
    try:
        pictures.analyze(picture(), None)
        assert pictures.process.pid is not None
        os.kill(pictures.process.pid, signal.SIGKILL)
        with pytest.raises(picture_process.UnreadableMedia, match=r"ended \(signal 9\); send another one"):
            pictures.analyze(picture(), None)
        pictures.analyze(picture(), None)
        os.kill(pictures.process.pid, signal.SIGSTOP)
        pictures.process.timeout_s = 0.5
        with pytest.raises(picture_process.UnreadableMedia, match=r"longer than 0\.5 s; send a smaller one"):
            pictures.analyze(picture(), None)
        pictures.process.timeout_s = 20.0
        assert pictures.analyze(PORTRAIT, "a.png")["faces"]
    finally:
        pictures.close()


def test_without_models_a_picture_is_refused_with_the_reason(tmp_path: Path):
    with running_app(tmp_path, models=str(tmp_path)) as web:
        for _ in range(2):
            response = web.client.post("/api/analyze", data=PORTRAIT)
            assert response.status_code == 503
            assert "model" in response.get_json()["error"]


def test_a_job_with_pictures_has_a_row_for_each_and_deletes_them(web: RunningApp):
    files = {"a/portrait.png": PORTRAIT, "b.png": picture(), "broken.jpg": b"words", "notes.txt": b"", "._b.png": b"x"}
    form = {"file": (io.BytesIO(zipped(files)), "photos.zip")}
    job = web.client.post("/api/jobs", data=form).get_json()
    assert (job["name"], job["kind"], job["result"]) == ("photos.zip", "zip", None)
    assert web.client.get(f"/api/jobs/{job['id']}/result").status_code in (200, 409)
    ended = wait_for_end(web, job)
    assert (ended["state"], ended["error"]) == ("done", None)
    assert (ended["files"], ended["frames"]) == ({"total": 3, "done": 3, "unreadable": 1}, 2)
    rows = {row["path"]: row for row in result(web, job)}
    assert set(rows) == {"a/portrait.png", "b.png", "broken.jpg"}
    assert rows["a/portrait.png"]["faces"][0]["emotion"]["label"] == "happy"
    assert "error" in rows["broken.jpg"]
    wait_until(lambda: not {"media", "upload"} & files_of(web, job))
    assert job["id"] in [one["id"] for one in web.client.get("/api/jobs").get_json()["jobs"]]
    assert web.client.delete(f"/api/jobs/{job['id']}").status_code == 204
    for path in (f"/api/jobs/{job['id']}", f"/api/jobs/{job['id']}/result"):
        assert web.client.get(path).status_code == 404
    assert not (web.services.jobs.store.folder / job["id"]).exists()


def test_a_job_with_a_video_keeps_it_if_asked_to(web: RunningApp):
    job = send_job(web, video(), name="/tmp/clip", every_s="0.5", keep_files="true")
    assert (job["name"], job["kind"]) == ("clip.mp4", "video")
    ended = wait_for_end(web, job)
    assert (ended["state"], ended["frames"], ended["frames_total"]) == ("done", 6, 6)
    assert [(row["path"], row["frame"]) for row in result(web, job)] == [("clip.mp4", 5 * n) for n in range(6)]
    assert "media" in files_of(web, job)
    web.client.delete(f"/api/jobs/{job['id']}")


@pytest.mark.parametrize(
    ("body", "line"),
    [(zipped({"../outside.png": picture()}), "leads outside"), (b"no video", "no file could be read")],
    ids=["archive", "video"],
)
def test_what_cannot_be_analysed_fails_in_one_line(web: RunningApp, body: bytes, line: str):
    """tests/unit/analysis/service/test_unpack.py has all that is refused."""
    job = send_job(web, body)
    ended = wait_for_end(web, job)
    assert ended["state"] == "failed"
    assert line in ended["error"]
    assert not list(web.services.jobs.store.folder.parent.rglob("outside*"))
    wait_until(lambda: not {"media", "upload"} & files_of(web, job))
    web.client.delete(f"/api/jobs/{job['id']}")


def test_jobs_are_refused_when_too_many_wait_or_they_are_too_large(web: RunningApp, monkeypatch: pytest.MonkeyPatch):
    assert web.client.post("/api/jobs", data=bytes(20_100_000)).status_code == 413
    assert web.client.post("/api/jobs", data=b"", query_string={"every_s": "1"}).status_code == 400
    for query in ({"every_s": "nan"}, {"every_s": "0"}, {"keep_files": "1"}):
        assert web.client.post("/api/jobs", data=b"x", query_string=query).status_code == 400
    monkeypatch.setattr(job_runner, "MAX_UNFINISHED_JOBS", 0)
    assert web.client.post("/api/jobs", data=b"x").status_code == 503
    monkeypatch.setattr("app.web.routes.analysis.MIN_FREE_BYTES", 1 << 60)
    assert web.client.post("/api/jobs", data=b"x").status_code == 507
    wait_until(lambda: not list(web.services.jobs.store.folder.glob(".*")))
    for path in ("/api/jobs/0123456789abcdef", "/api/jobs/..", "/api/jobs/.0123456789abcdef"):
        assert web.client.get(path).status_code == 404
        assert web.client.delete(path).status_code == 404


def many_pictures(count: int = 30) -> bytes:
    return zipped({f"{number:03}.png": picture(number, (900, 900)) for number in range(count)})


def test_a_running_job_is_cancelled_and_removed(web: RunningApp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()
    job = send_job(web, many_pictures())
    wait_until(lambda: web.client.get(f"/api/jobs/{job['id']}").get_json()["state"] == "running", JOB_TIMEOUT_S)
    running = web.services.jobs._running
    assert running is not None
    process = psutil.Process(running[1].pid)
    assert process.nice() == 19
    assert web.client.delete(f"/api/jobs/{job['id']}").status_code == 204
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    wait_until(lambda: not list(web.services.jobs.store.folder.glob(f"*{job['id']}")))


def test_a_job_goes_on_after_a_restart_and_a_crash(tmp_path: Path):
    with running_app(tmp_path) as web:
        job = send_job(web, many_pictures())

        def analysed() -> Any:
            files = web.client.get(f"/api/jobs/{job['id']}").get_json()["files"]
            return files and files["done"] >= 5

        wait_until(analysed, JOB_TIMEOUT_S)
    (tmp_path / "jobs" / ".0000000000000000").mkdir()  # an upload that the former server did not finish
    with running_app(tmp_path) as web:
        wait_until(lambda: web.services.jobs._running, JOB_TIMEOUT_S)
        running = web.services.jobs._running
        assert running is not None
        time.sleep(0.5)
        os.kill(running[1].pid, signal.SIGKILL)
        ended = wait_for_end(web, job)
        assert (ended["state"], ended["files"]) == ("done", {"total": 30, "done": 30, "unreadable": 0})
        assert sorted(row["path"] for row in result(web, job)) == [f"{number:03}.png" for number in range(30)]
        assert not (tmp_path / "jobs" / ".0000000000000000").exists()


def test_a_job_whose_process_always_ends_is_given_up(tmp_path: Path):
    def start(module: str, *given: Any) -> ChildProcess:
        return start_analysis("tests.support.processes.ends_at_once", *given)

    with running_app(tmp_path) as web:
        web.services.jobs._start = start
        ended = wait_for_end(web, send_job(web, b"a video"))
        assert (
            ended["error"] == "the job was given up: its process ended 3 times (exit code 7); send fewer or other files"
        )


def test_old_jobs_are_deleted_like_sessions(tmp_path: Path):
    with running_app(tmp_path, keep_days=1) as web:
        job = send_job(web, b"no video")
        wait_for_end(web, job)
        store = web.services.jobs.store
        wait_until(lambda: web.services.jobs._running is None)
        store.update(job["id"], ended_at="2026-01-01T00:00:00+00:00")
    with running_app(tmp_path, keep_days=1) as web:
        wait_until(lambda: web.client.get("/api/jobs").get_json()["jobs"] == [])


def test_the_token_and_the_origin_count_as_everywhere(tmp_path: Path):
    with running_app(tmp_path, token=TOKEN) as web:
        for method, path in (("post", "/api/analyze"), ("post", "/api/jobs"), ("get", "/api/jobs")):
            assert getattr(web.client, method)(path).status_code == 401
    with running_app(tmp_path) as web:
        foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        for method, path in (("post", "/api/analyze"), ("post", "/api/jobs"), ("delete", "/api/jobs/1")):
            assert getattr(web.client, method)(path, headers=foreign, data=b"x").status_code == 403

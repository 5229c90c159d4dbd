"""Pictures and jobs that clients send to be analysed. No route takes a path or an address."""

from __future__ import annotations

import math
import os
import re
import shutil
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO

from flask import Blueprint, Response, jsonify, request, send_file
from werkzeug.exceptions import BadRequest, Conflict, HTTPException, UnsupportedMediaType

from app.jobs.job_runner import JobRunner
from app.jobs.job_store import ENDED_STATES, UPLOAD_FILE
from app.jobs.lesson_process import MAX_REQUEST_BYTES
from app.jobs.picture_process import MAX_PICTURE_BYTES
from app.settings import Settings
from app.web.live.services import current_services
from app.web.routes.uploads import receive_file

# A form is longer than its file.
FORM_OVERHEAD_BYTES = 16 * 1024
# Left free on the disk, so that a job does not keep sessions from being saved.
MIN_FREE_BYTES = 1_000_000_000
# A ZIP archive is on the disk twice while it is unpacked.
SPACE_FACTOR = 2
# What every ZIP archive with a file begins with (APPNOTE.TXT of PKWARE, 4.3.7).
ZIP_START = b"PK\x03\x04"
# Of a file name; file systems allow 255.
MAX_NAME_BYTES = 200
# Suffixes of videos by which they are told from pictures; another one gets DEFAULT_VIDEO_SUFFIX.
VIDEO_SUFFIX = re.compile(r"\.(mp4|m4v|mov|avi|mkv|webm|mpg|mpeg|wmv|ogv|ts)", re.IGNORECASE)
DEFAULT_VIDEO_SUFFIX = ".mp4"
EVERY_LIMITS_S = (0.01, 86_400.0)
SHOWN_KEYS = (
    ("id", "name", "kind", "every_s", "keep_files", "created_at")
    + ("state", "started_at", "ended_at", "files", "frames", "frames_total", "error")
)  # fmt: skip

blueprint = Blueprint("analysis", __name__)


class InsufficientStorage(HTTPException):
    """The disk is too full (RFC 4918, section 11.5); werkzeug has no class for it."""

    code = 507


def upload_limits(settings: Settings) -> dict[str, int]:
    """Most bytes of a body by path, for the routes that receive files."""
    jobs = settings.max_upload_mb * 1_000_000
    return {
        "/api/analyze": MAX_PICTURE_BYTES + FORM_OVERHEAD_BYTES,
        "/api/jobs": jobs + FORM_OVERHEAD_BYTES,
        "/api/learn": MAX_REQUEST_BYTES,
    }


@blueprint.post("/api/analyze")
def analyze() -> Response:
    """The record of one picture."""
    pictures = current_services().pictures
    with pictures.place():
        content = bytearray()
        name = receive_file(request, _limit(), content.extend)
        return jsonify(pictures.analyze(bytes(content), _base_name(name)))


@blueprint.post("/api/jobs")
def create_job() -> tuple[Response, int, dict[str, str]]:
    """Receive a video or a ZIP archive of pictures, and analyse it when it is its turn."""
    jobs = current_services().jobs
    options = {"every_s": _interval_s(), "keep_files": _flag("keep_files")}
    _check_space(jobs.store.folder, request.content_length or 0)
    folder = jobs.begin()
    is_accepted = False
    try:
        name, kind = _receive_upload(jobs, folder / UPLOAD_FILE)
        job = jobs.accept(folder, {"name": _upload_name(name, kind), "kind": kind, **options})
        is_accepted = True
    finally:
        if not is_accepted:
            jobs.refuse(folder)
    return jsonify(_shown(job)), 202, {"Location": f"/api/jobs/{job['id']}"}


@blueprint.get("/api/jobs")
def list_jobs() -> Response:
    """All jobs, oldest first."""
    jobs = current_services().jobs
    return jsonify(jobs=[_shown(job) for job in jobs.run_blocking(jobs.store.all)])


@blueprint.get("/api/jobs/<job_id>")
def read_job(job_id: str) -> Response:
    """State and progress of one job."""
    return jsonify(_shown(current_services().jobs.read(job_id)))


@blueprint.get("/api/jobs/<job_id>/result")
def job_result(job_id: str) -> Response:
    """The records of a job as JSON Lines; 409 until it has ended."""
    jobs = current_services().jobs
    job = jobs.read(job_id)
    path = jobs.store.result_path(job_id)
    if job["state"] not in ENDED_STATES or not path.exists():
        raise Conflict(f"job {job_id} has no result: it is {job['state']}; see GET /api/jobs/{job_id}")
    name = f"{PurePosixPath(job['name']).stem}.jsonl"
    response = send_file(
        path, mimetype="application/x-ndjson", as_attachment=True, download_name=name, conditional=False, etag=False
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.delete("/api/jobs/<job_id>")
def delete_job(job_id: str) -> tuple[str, int]:
    """Cancel a job and delete it with all its files."""
    current_services().jobs.delete(job_id)
    return "", 204


def _receive_upload(jobs: JobRunner, path: Path) -> tuple[str | None, str]:
    """Write the file of the request to the disk; returns its name and its kind, `zip` or `video`."""
    start = bytearray()
    with jobs.run_blocking(_create_private, path) as file:

        def write(block: bytes) -> None:
            if len(start) < len(ZIP_START):
                start.extend(block[: len(ZIP_START)])
            jobs.run_blocking(file.write, block)

        name = receive_file(request, _limit(), write)
    if start[:2] == b"PK" and not start.startswith(ZIP_START):
        raise UnsupportedMediaType("the archive is empty or split; send one ZIP archive with pictures")
    return name, "zip" if start.startswith(ZIP_START) else "video"


def _limit() -> int:
    return upload_limits(current_services().settings)[request.path]


def _create_private(path: Path) -> BinaryIO:
    """Create a file that only its owner may read."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb")


def _check_space(folder: Path, length: int) -> None:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if shutil.disk_usage(existing).free < SPACE_FACTOR * length + MIN_FREE_BYTES:
        raise InsufficientStorage("the disk of the server is too full for this file; delete other jobs, or send less")


def _base_name(name: str | None) -> str | None:
    """The last part of a path that the client sent, without control characters."""
    if name is None:
        return None
    last = PurePosixPath(PureWindowsPath(name).name).name
    printable = "".join(character for character in last if character.isprintable())
    return printable.encode()[-MAX_NAME_BYTES:].decode(errors="ignore") or None


def _upload_name(name: str | None, kind: str) -> str:
    """Name of a job's file. The suffix of a video tells the analysis that it is one."""
    shown = (_base_name(name) or "").lstrip(".") or kind
    is_named_well = kind != "video" or VIDEO_SUFFIX.fullmatch(PurePosixPath(shown).suffix)
    return shown if is_named_well else shown + DEFAULT_VIDEO_SUFFIX


def _interval_s() -> float | None:
    """The parameter `every_s`."""
    text = request.args.get("every_s")
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    low, high = EVERY_LIMITS_S
    if not low <= value <= high:
        raise BadRequest(f"every_s={text[:40]!r} is no interval; give seconds from {low:g} to {high:g}")
    return value


def _flag(name: str) -> bool:
    text = request.args.get(name, "false")
    if text not in ("true", "false"):
        raise BadRequest(f"{name}={text[:40]!r} is unknown; give true or false")
    return text == "true"


def _shown(job: dict[str, Any]) -> dict[str, Any]:
    """A job as in docs/api.md."""
    has_result = job["state"] in ENDED_STATES and job["files"] is not None
    result = f"/api/jobs/{job['id']}/result" if has_result else None
    return {**{key: job.get(key) for key in SHOWN_KEYS}, "result": result}

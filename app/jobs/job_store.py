"""Jobs on disk: a folder each, with what was sent, the state and the result.

A job is its folder, so that its state and its files cannot disagree, and deleting the folder deletes it. The sessions
file would not do: only the web process writes it, while a job's own process writes its progress; and its copies would
keep the names of deleted files.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.errors import AppError
from app.sessions.database.private_files import create_private_folder
from app.sessions.rows.records import to_iso, utc_now

REQUEST_FILE, STATE_FILE = "job.json", "state.json"
UPLOAD_FILE, MEDIA_FOLDER = "upload", "media"
RESULT_FILE = "result.jsonl"
ID_BYTES = 8
ID = re.compile(rf"[0-9a-f]{{{2 * ID_BYTES}}}")
# Folders of jobs that are not yet, or no longer, there.
UNFINISHED_PREFIX = "."
ENDED_STATES = ("done", "failed")
# What a job has until its process writes more.
FIRST_STATE: Mapping[str, Any] = {
    "state": "waiting",
    "started_at": None,
    "ended_at": None,
    "files": None,
    "frames": 0,
    "error": None,
    "crashes": 0,
}


class JobError(AppError, RuntimeError):
    """A job cannot be accepted or read."""


class JobNotFound(JobError):
    """There is no such job."""


class JobStore:
    """Jobs below one folder. Every call blocks on the disk.

    Args:
        folder: Created with the first job.
        now: The current time.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime] = utc_now) -> None:
        self.folder, self._now = folder, now

    def begin(self) -> Path:
        """A folder for a job that is being received; `create` makes it a job, `remove_folder` removes it.

        Raises:
            JobError: the folder cannot be written.
        """
        path = self.folder / (UNFINISHED_PREFIX + secrets.token_hex(ID_BYTES))
        try:
            create_private_folder(path)
        except OSError as error:
            reason = f"cannot save jobs in {self.folder}: {error.strerror}"
            raise JobError(f"{reason}; give a writable folder with --data") from None
        return path

    def create(self, received: Path, request: Mapping[str, Any]) -> str:
        """Make a received folder a job; returns its id.

        Args:
            request: `name`, `kind`, `every_s` and `keep_files`.
        """
        job_id = received.name.removeprefix(UNFINISHED_PREFIX)
        write_json(received / REQUEST_FILE, {**request, "created_at": to_iso(self._now())})
        received.rename(self.folder / job_id)
        return job_id

    def read(self, job_id: str) -> dict[str, Any] | None:
        """A job's request and state; None if it does not exist."""
        if not ID.fullmatch(job_id):
            return None
        path = self.folder / job_id
        request = read_json(path / REQUEST_FILE)
        return request and {"id": job_id, **request, **FIRST_STATE, **(read_json(path / STATE_FILE) or {})}

    def all(self) -> list[dict[str, Any]]:
        """All jobs, oldest first."""
        with suppress(FileNotFoundError):
            jobs = filter(None, (self.read(path.name) for path in self.folder.iterdir()))
            return sorted(jobs, key=lambda job: (job["created_at"], job["id"]))
        return []

    def unfinished(self) -> list[dict[str, Any]]:
        """The jobs that are still to do, oldest first."""
        return [job for job in self.all() if job["state"] not in ENDED_STATES]

    def update(self, job_id: str, **values: Any) -> None:
        """Change values of a job's state, while its process does not run; nothing if it does not exist."""
        path = self.folder / job_id
        with suppress(FileNotFoundError):
            write_json(path / STATE_FILE, {**(read_json(path / STATE_FILE) or {}), **values})

    def fail(self, job_id: str, error: str) -> None:
        """End a job with an error."""
        self.update(job_id, state="failed", ended_at=to_iso(self._now()), error=error)

    def result_path(self, job_id: str) -> Path:
        """The file with the result, which need not exist."""
        return self.folder / job_id / RESULT_FILE

    def remove_media(self, job: Mapping[str, Any]) -> None:
        """Delete what was sent, unless the job is to keep it."""
        if not job["keep_files"]:
            path = self.folder / job["id"]
            (path / UPLOAD_FILE).unlink(missing_ok=True)
            shutil.rmtree(path / MEDIA_FOLDER, ignore_errors=True)

    def delete(self, job_id: str) -> bool:
        """Delete a job with all its files; False if it does not exist."""
        hidden = self.folder / (UNFINISHED_PREFIX + job_id)
        if not ID.fullmatch(job_id):
            return False
        try:
            (self.folder / job_id).rename(hidden)  # at once, so that a job is never half there
        except FileNotFoundError:
            return False
        self.remove_folder(hidden)
        return True

    def remove_folder(self, path: Path) -> None:
        """Delete a folder of `begin`."""
        shutil.rmtree(path, ignore_errors=True)

    def remove_abandoned(self) -> None:
        """Delete what a former server had not received or not deleted completely. Only before this one receives."""
        for path in self.folder.glob(f"{UNFINISHED_PREFIX}*"):
            self.remove_folder(path)

    def remove_overdue(self, keep_for: timedelta) -> None:
        """Delete the media of ended jobs, and jobs that ended longer ago than `keep_for`; 0 keeps them."""
        for job in self.all():
            if job["state"] in ENDED_STATES:
                self.remove_media(job)
                if keep_for and datetime.fromisoformat(job["ended_at"]) < self._now() - keep_for:
                    self.delete(job["id"])


def read_json(path: Path) -> dict[str, Any] | None:
    """The content of a file; None without one, or if it is damaged."""
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return content


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Replace a file at once, so that no reader sees half of it.

    Raises:
        FileNotFoundError: its folder does not exist.
    """
    part = path.with_name(path.name + ".part")
    with part.open("w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)

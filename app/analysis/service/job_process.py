"""Does one job: `python -m app.analysis.service.job_process FD FOLDER`, started by `JobRunner`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.analysis.analyzer import open_video
from app.analysis.batch.progress import Progress, Summary
from app.analysis.batch.run import BatchOptions, run_batch
from app.analysis.inputs import find_media
from app.analysis.service.connection import connect, end_with_server
from app.analysis.service.unpack import unpack
from app.errors import AppError, UnreadableMedia
from app.jobs.job_store import MEDIA_FOLDER, REQUEST_FILE, RESULT_FILE, STATE_FILE, UPLOAD_FILE, read_json, write_json
from app.sessions.rows.records import to_iso, utc_now
from app.settings import Settings

# The lowest: jobs take what the live view leaves.
NICENESS = 19
# One: jobs are to leave cores to the live view.
WORKERS = 1
# Period of the progress in the state.
REPORT_PERIOD_S = 0.5


def main(descriptor: int, folder: Path) -> None:
    """Do the job; if this process was interrupted before, go on where it stopped."""
    connection, settings = connect(descriptor, NICENESS)
    end_with_server(connection)
    state = JobState(folder)
    request = read_json(folder / REQUEST_FILE)
    if request is None:  # the job was deleted meanwhile
        return
    with suppress(FileNotFoundError):  # of the state: the job was deleted meanwhile
        state.write(state="running", started_at=state.values.get("started_at") or to_iso(utc_now()))
        try:
            summary = run_job(folder, request, settings, state)
        except AppError as error:
            state.end(str(error))
        else:
            state.end(f"no file could be read: {dict(summary.unreadable)}; see the result" if summary.failed else None)


class JobState:
    """The state file of a job, which only this process writes while it runs."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock, self._written_at_s = folder / STATE_FILE, clock, float("-inf")
        self.values = read_json(self._path) or {}

    def write(self, **values: Any) -> None:
        """Change values now."""
        self.values |= values
        self._written_at_s = self._clock()
        write_json(self._path, self.values)

    def report(self, progress: Progress) -> None:
        """Write the progress if it is time to."""
        files = {"total": progress.total, "done": progress.done, "unreadable": progress.unreadable}
        self.values |= {"files": files, "frames": progress.frames}
        if self._clock() - self._written_at_s >= REPORT_PERIOD_S:
            self.write()

    def end(self, error: str | None) -> None:
        """Write that the job has ended."""
        self.write(state="failed" if error else "done", ended_at=to_iso(utc_now()), error=error)


def run_job(folder: Path, request: Mapping[str, Any], settings: Settings, state: JobState) -> Summary:
    """Unpack what was sent and analyse it; the rows have the names that the client knows.

    Raises:
        AppError: what was sent cannot be analysed at all.
    """
    media = folder / MEDIA_FOLDER
    if not media.is_dir():
        _place_media(folder, media, request, settings)
    options = BatchOptions(every_s=request["every_s"], workers=WORKERS)
    absolute = _with_absolute_paths(settings)
    os.environ["PYTHONSAFEPATH"] = "1"  # the workers must not import from the folder of the media
    os.chdir(media)
    paths = sorted(os.path.normpath(file.path) for file in find_media(["."]))
    if request["kind"] == "video":
        state.write(frames_total=_count_frames(paths[0], request["every_s"]))
    summary = run_batch(paths, folder / RESULT_FILE, absolute, options, on_progress=state.report)
    state.values["frames"] = summary.pictures
    return summary


def _with_absolute_paths(settings: Settings) -> Settings:
    detector = os.path.abspath(settings.detector) if os.path.isfile(settings.detector) else None
    return settings.with_options(models=os.path.abspath(settings.models), detector=detector)


def _place_media(folder: Path, media: Path, request: Mapping[str, Any], settings: Settings) -> None:
    upload = folder / UPLOAD_FILE
    if request["kind"] == "zip":
        unpack(upload, media, settings.max_upload_mb * 1_000_000)
        return
    part = media.with_name(media.name + ".part")
    part.mkdir(exist_ok=True)
    upload.rename(part / request["name"])
    part.rename(media)


def _count_frames(path: str, every_s: float | None) -> int | None:
    """About how many frames of a video will be analysed; None if it does not tell its duration."""
    with suppress(UnreadableMedia), open_video(path, every_s) as video:
        interval_s = max(every_s or 0.0, 1 / video.fps)
        return round(video.duration_s / interval_s) or None
    return None


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))

"""Run jobs one after another, each in a process of its own at low priority, also those of a former server."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.errors import AppError
from app.jobs.job_store import ENDED_STATES, JobNotFound, JobStore
from app.jobs.request_process import AnalysisBusy
from app.processes.child_process import ChildProcess, start_analysis
from app.sessions.disk_worker import RunBlocking
from app.settings import Settings

MODULE = "app.analysis.service.job_process"
# Period of the check whether the job's process has ended.
POLL_PERIOD_S = 0.2
# Pause after a failure of the disk.
RETRY_PERIOD_S = 10.0
# Results are kept for whole days, so that an hour of delay does not matter.
CLEANING_PERIOD_S = 3600.0
# A process that ends this often without finishing would never finish; the manifest lets each go on where it stopped.
MAX_CRASHES = 3
MAX_UNFINISHED_JOBS = 20
# Files that are received at a time.
MAX_UPLOADS = 2

log = logging.getLogger(__name__)


class JobRunner:
    """Accepts, runs and cancels jobs. A thread of its own runs them; the methods may be called from any.

    Args:
        folder: Folder of the jobs.
        settings: Detector, models and limits.
        run_blocking: Runs disk access without blocking the server.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        run_blocking: RunBlocking,
        *,
        start: Callable[..., ChildProcess] = start_analysis,
    ) -> None:
        self.store = JobStore(folder)
        self.run_blocking = run_blocking
        self._settings, self._start = settings, start
        self._uploads = threading.BoundedSemaphore(MAX_UPLOADS)
        self._wake, self._closing = threading.Event(), threading.Event()
        self._running: tuple[str, ChildProcess] | None = None
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def begin(self) -> Path:
        """A folder for the files of a new job; end it with `accept` or `refuse`.

        Raises:
            AnalysisBusy: enough files are being received, or jobs are waiting.
            JobError: the folder cannot be written.
        """
        if not self._uploads.acquire(blocking=False):
            raise AnalysisBusy(f"{MAX_UPLOADS} files are being received; try again in a moment")
        try:
            if len(self.run_blocking(self.store.unfinished)) >= MAX_UNFINISHED_JOBS:
                raise AnalysisBusy(f"{MAX_UNFINISHED_JOBS} jobs are waiting; try again when one is done")
            path: Path = self.run_blocking(self.store.begin)
        except AppError:
            self._uploads.release()
            raise
        return path

    def accept(self, received: Path, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make received files a job, which then waits for its turn; returns it."""
        job_id = self.run_blocking(self.store.create, received, request)
        self._uploads.release()
        self._wake.set()
        return self.read(job_id)

    def refuse(self, received: Path) -> None:
        """Delete received files."""
        self.run_blocking(self.store.remove_folder, received)
        self._uploads.release()

    def read(self, job_id: str) -> dict[str, Any]:
        """A job's request and state.

        Raises:
            JobNotFound: it does not exist.
        """
        job: dict[str, Any] | None = self.run_blocking(self.store.read, job_id)
        if job is None:
            raise JobNotFound(f"there is no job {job_id!r}; see GET /api/jobs")
        return job

    def delete(self, job_id: str) -> None:
        """End a job and delete it with all its files.

        Raises:
            JobNotFound: it does not exist.
        """
        self.read(job_id)
        running = self._running
        if running is not None and running[0] == job_id:
            running[1].end()
        self.run_blocking(self.store.delete, job_id)

    def close(self) -> None:
        """End the running job's process; the next server goes on with it. May be called twice."""
        self._closing.set()
        self._wake.set()
        running = self._running
        if running is not None:
            running[1].end()

    def _run(self) -> None:
        self.run_blocking(self.store.remove_abandoned)
        while not self._closing.is_set():
            pause_s = CLEANING_PERIOD_S
            try:
                waiting = self.run_blocking(self.store.unfinished)
                if waiting:
                    self._run_job(waiting[0])
                    continue
                self.run_blocking(self.store.remove_overdue, timedelta(days=self._settings.keep_days))
            except OSError as error:  # a full or failing disk
                log.warning("cannot run jobs, retrying: %s", error)
                pause_s = RETRY_PERIOD_S
            self._wake.wait(pause_s)
            self._wake.clear()

    def _run_job(self, job: Mapping[str, Any]) -> None:
        """Run one job until its process has ended."""
        process = self._start(MODULE, self._settings, str(self.store.folder / job["id"]))
        self._running = job["id"], process
        while process.poll() is None and not self._closing.wait(POLL_PERIOD_S):
            pass
        self._running = None
        process.end()
        if self._closing.is_set():
            return
        # Not logged within: a system thread that logs would wait for a green thread.
        has_ended = self.run_blocking(self._conclude, job["id"], process.exit_reason)
        if not has_ended:
            log.warning("the process of job %s ended (%s)", job["id"], process.exit_reason)

    def _conclude(self, job_id: str, exit_reason: str) -> bool:
        """Delete the media of an ended job; False if it has not ended. Fail one whose process ended too often."""
        job = self.store.read(job_id)
        if job is None:  # it was deleted
            return True
        if job["state"] in ENDED_STATES:
            self.store.remove_media(job)
            return True
        self.store.update(job_id, crashes=job["crashes"] + 1)
        if job["crashes"] + 1 >= MAX_CRASHES:
            reason = f"its process ended {MAX_CRASHES} times ({exit_reason})"
            self.store.fail(job_id, f"the job was given up: {reason}; send fewer or other files")
        return False

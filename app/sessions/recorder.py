"""Turn results into at most one record a person and second while a session runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from app.domain import FrameResult
from app.errors import SessionError
from app.sessions.disk_worker import DiskWorker
from app.sessions.records import Entry
from app.sessions.session_accumulator import SessionAccumulator
from app.sessions.store import SessionStore

TRY_AGAIN_S = 2.0  # how long a disk that has refused is left alone
USUAL_FPS = 30.0
SLOW_S = 3.0  # a disk that takes longer is told of

log = logging.getLogger(__name__)


class Recorder:
    """At most one session at a time; `add` never waits for the disk."""

    def __init__(self, store: SessionStore, worker: DiskWorker, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._worker = worker
        self._clock = clock
        self._control = threading.Lock()  # one start, stop or rename at a time; may wait for the disk
        self._state = threading.RLock()  # guards the sums; never held while waiting
        self._running: SessionAccumulator | None = None
        self._saving: Future[None] | None = None
        self._tried_at_s = 0.0
        self._refusal: str | None = None
        self._fps = USUAL_FPS  # of the pictures so far, also while no session runs

    @property
    def current(self) -> dict[str, Any] | None:
        """The running session as `status` shows it; None while none runs."""
        running = self._running
        return {key: running.summary[key] for key in ("id", "name", "started_at", "demo")} if running else None

    @property
    def trouble(self) -> str | None:
        """Why the running session is not being saved, in one line; None while it is."""
        if self._running is None:
            return None
        if self._refusal:
            return f"recording has stopped and will resume automatically: {self._refusal}"
        if self._is_saving() and self._clock() - self._tried_at_s > SLOW_S:
            return "recording has stopped and will resume automatically: the disk does not respond; check it and --data"
        return None

    def start(self, name: str | None, *, source: str | None, demo: bool, labels: Sequence[str]) -> dict[str, Any]:
        """Begin a session; returns its summary.

        Raises:
            SessionError: one is running, or the file cannot be written.
        """
        with self._control:
            if self._running:
                raise SessionError(f"session {self._running.summary['id']} is running; stop it first")
            started_s = self._clock()
            begun = self._worker.post(lambda: self._store.start(name, source=source, demo=demo, labels=labels))
            try:
                summary = self._worker.wait(begun)
            except SessionError:
                self._discard(begun)
                raise
            with self._state:
                self._running, self._refusal = SessionAccumulator(summary, tuple(labels), started_s), None
            log.info("session %d: started", summary["id"])
            return summary

    def stop(self) -> dict[str, Any]:
        """End the running session; returns its summary.

        Raises:
            SessionError: none is running, or its end cannot be saved (it then stays open for another try).
        """
        with self._control:
            running = self._running
            if running is None:
                raise SessionError("no session is running; start one first")
            elapsed_s = self._clock() - running.started_s
            with self._state:
                saved = self._save(
                    running, running.advance(max(running.second, int(elapsed_s)), self._fps), at_once=True
                )
            if saved:
                self._worker.wait(saved)  # a session that has ended cannot be added to
            summary = self._worker.call(self._store.stop, running.summary["id"], elapsed_s)
            with self._state:
                self._running = None
            log.info("session %d: stopped", running.summary["id"])
            return summary or running.summary

    def rename(self, session_id: int, name: str) -> dict[str, Any]:
        """Name a session, running or not; returns its summary.

        Raises:
            SessionError: there is no such session, or the file cannot be written.
        """
        with self._control:
            summary = self._worker.call(self._store.rename, session_id, name)
            if summary is None:
                raise SessionError(f"there is no session {session_id}; reload the list")
            if self._running and self._running.summary["id"] == session_id:
                self._running.summary["name"] = name
            return summary

    def add(self, result: FrameResult) -> None:
        """Count a result into the running session, if there is one."""
        with self._state:
            running, fps = self._running, self._fps
            self._fps = result.fps or fps
            if running is None:
                return
            second = max(0, int(self._clock() - running.started_s))
            if second > running.second:
                self._save(running, running.advance(second, fps))
            running.add(result.faces)

    def source_changed(self, demo: bool) -> None:
        """A session that ever showed the demo says so."""
        with self._state:
            running = self._running
            if running and demo and not running.summary["demo"]:
                running.summary["demo"] = True
                self._worker.post(self._store.mark_demo, running.summary["id"])

    def live(self) -> dict[str, Any] | None:
        """The running session's totals as `stats` shows them; None while none runs."""
        with self._state:
            return self._running.live(self._clock()) if self._running else None

    def close(self) -> None:
        """Stop a running session, if there is one."""
        if self._running:
            self.stop()

    def _save(
        self, running: SessionAccumulator, entries: Sequence[Entry], at_once: bool = False
    ) -> Future[None] | None:
        """Send to the disk what it has not got yet, unless it is busy or has just refused."""
        running.keep(entries)
        if not running.unsaved or not (at_once or self._may_try()):
            return None
        batch, running.unsaved = running.unsaved, []
        self._tried_at_s = self._clock()
        self._saving = saved = self._worker.post(self._write, running, batch)
        saved.add_done_callback(lambda future: self._after_saving(running, batch, future))
        return saved

    def _may_try(self) -> bool:
        return not self._is_saving() and (self._refusal is None or self._clock() - self._tried_at_s >= TRY_AGAIN_S)

    def _is_saving(self) -> bool:
        return self._saving is not None and not self._saving.done()

    def _write(self, running: SessionAccumulator, batch: Sequence[Entry]) -> None:
        """Save; after a refusal the file may be a new one, which does not know the session."""
        if self._refusal is not None:
            self._store.restore(running.summary, running.labels)
        self._store.add(running.summary["id"], batch)

    def _after_saving(self, running: SessionAccumulator, batch: Sequence[Entry], future: Future[None]) -> None:
        error = future.exception()
        if error is not None:
            with self._state:
                running.put_back(batch)
        if (error is not None) != (self._refusal is not None):
            log.warning("%s", f"recording stalls: {error}" if error else "recording goes on")
        self._refusal = str(error) if error else None
        if error is None:
            with self._state:
                self._save(running, [])  # what came meanwhile

    def _discard(self, begun: Future[dict[str, Any]]) -> None:
        """Leave no session behind that begins too late, when nobody waits for it any more."""
        if begun.cancel():
            return

        def drop(future: Future[dict[str, Any]]) -> None:
            if future.exception() is None:
                self._worker.post(self._store.discard, future.result()["id"])

        begun.add_done_callback(drop)

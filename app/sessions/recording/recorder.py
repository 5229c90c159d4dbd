"""Record a session: at most one row per track and interval, saved without blocking the frames."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from app.attributes.attribute_set import AttributeSet
from app.domain import FrameResult
from app.errors import SessionError
from app.sessions.disk_worker import DiskWorker
from app.sessions.recording.recording_store import RecordingStore
from app.sessions.recording.session_accumulator import SessionAccumulator
from app.sessions.recording.session_snapshot import take_snapshot
from app.sessions.rows.records import Observation, SessionEntry

# Pause after a failed save, so that a failing disk is not tried again at every second of the session.
RETRY_DELAY_S = 2.0
# Frame rate assumed before the first frame; common for webcams.
DEFAULT_FPS = 30.0
# What pages know of the running session.
CURRENT_KEYS = ("id", "name", "started_at", "demo", "rate", "marker_names")
# A save that takes longer than this is reported on the page.
SLOW_SAVE_S = 3.0

RowListener = Callable[[Mapping[str, Any], AttributeSet, Sequence[Observation]], None]

log = logging.getLogger(__name__)


class Recorder:
    """Records at most one session at a time, which exists already. `add` never waits for the disk.

    Args:
        clock: Monotonic time in seconds.
        on_rows: Called with the session's summary, what it keeps, and its newest rows, before they are saved.
    """

    def __init__(
        self,
        store: RecordingStore,
        worker: DiskWorker,
        *,
        clock: Callable[[], float] = time.monotonic,
        on_rows: RowListener = lambda *_: None,
    ) -> None:
        self._store = store
        self._worker = worker
        self._clock = clock
        self._on_rows = on_rows
        self._control_lock = threading.Lock()  # one start, stop or rename at a time; held while waiting for the disk
        self._state_lock = threading.RLock()  # guards the accumulator; never held while waiting
        self._accumulator: SessionAccumulator | None = None
        self._save: Future[None] | None = None
        self._save_started_at_s = 0.0
        self._save_error: str | None = None
        # Of the two newest frames, also while no session is running. One that was held up tells a rate that is too low.
        self._last_fps = (DEFAULT_FPS, DEFAULT_FPS)

    @property
    def current(self) -> dict[str, Any] | None:
        """The running session, as in the `status` event; None while none is running."""
        session = self._accumulator
        return {key: session.summary[key] for key in CURRENT_KEYS} if session else None

    def elapsed_ms(self, session_id: int) -> int | None:
        """Milliseconds since the start of the running session; None if this session is not running."""
        session = self._accumulator
        if session is None or session.summary["id"] != session_id:
            return None
        return max(0, round(1000 * (self._clock() - session.started_at_s)))

    @property
    def save_problem(self) -> str | None:
        """Why the running session is not being saved, in one line; None while it is."""
        if self._accumulator is None:
            return None
        if self._save_error:
            return f"recording has stopped and will resume automatically: {self._save_error}"
        if self._is_saving() and self._clock() - self._save_started_at_s > SLOW_SAVE_S:
            reason = "the disk does not respond; check it and --data"
            return f"recording has stopped and will resume automatically: {reason}"
        return None

    def resume(self, session: SessionAccumulator) -> None:
        """Go on with a session that exists already.

        Raises:
            SessionError: a session is running already.
        """
        with self._control_lock:
            self._refuse_another()
            self._record(session)
        log.info("session %d: recording", session.summary["id"])

    def stop(self) -> dict[str, Any]:
        """Stop the running session; returns its summary.

        Raises:
            SessionError: no session is running, or its end cannot be saved. It then stays open for another attempt.
        """
        with self._control_lock:
            session = self._accumulator
            if session is None:
                raise SessionError("no session is running; start one first")
            elapsed_s = self._clock() - session.started_at_s
            with self._state_lock:
                last = session.interval_at(session.started_at_s + elapsed_s)
                self._advance(session, max(session.interval, last), max(self._last_fps))
                save = self._start_save(session)
            if save:
                self._worker.wait(save)  # a stopped session accepts no more records
            summary = self._worker.call(self._store.stop, session.summary["id"], elapsed_s)
            with self._state_lock:
                self._accumulator = None
            log.info("session %d: stopped", session.summary["id"])
            return summary or session.summary

    def rename(self, session_id: int, name: str) -> dict[str, Any]:
        """Rename a session, running or not; returns its summary.

        Raises:
            SessionError: the session does not exist, or the file cannot be written.
        """
        with self._control_lock:
            summary = self._worker.call(self._store.rename, session_id, name)
            if summary is None:
                raise SessionError(f"there is no session {session_id}; reload the list")
            if self._accumulator and self._accumulator.summary["id"] == session_id:
                self._accumulator.summary["name"] = name
            return summary

    def name_markers(self, session_id: int, names: Mapping[str, str]) -> None:
        """Note new names of markers of the running session, if it is this one."""
        with self._state_lock:
            if self._accumulator and self._accumulator.summary["id"] == session_id:
                self._accumulator.summary["marker_names"] = dict(names)

    def add(self, result: FrameResult) -> None:
        """Add a frame's result to the running session, if there is one, at the time when the frame was captured."""
        with self._state_lock:
            session, previous_fps = self._accumulator, max(self._last_fps)
            self._last_fps = self._last_fps[1], result.fps or self._last_fps[1]
            if session is None:
                return
            interval, second = session.interval_at(result.read_at_s), session.second
            if interval > session.interval:
                self._advance(session, interval, previous_fps)
                if session.second > second:
                    self._save_if_possible(session)
            session.add(result.faces)

    def note_source(self, demo: bool) -> None:
        """Mark the running session as a demo if it ever showed the demo."""
        with self._state_lock:
            session = self._accumulator
            if session and demo and not session.summary["demo"]:
                session.summary["demo"] = True
                self._worker.submit(self._store.mark_demo, session.summary["id"])

    def live_totals(self) -> dict[str, Any] | None:
        """The running session's totals, as in the `stats` event; None while none is running."""
        with self._state_lock:
            return self._accumulator.live_totals(self._clock()) if self._accumulator else None

    def snapshot(self) -> dict[str, Any] | None:
        """The running session for a process that goes on with it, and its age; None while none is running."""
        with self._state_lock:
            session = self._accumulator
            return {**take_snapshot(session), "age_s": self._clock() - session.started_at_s} if session else None

    def _refuse_another(self) -> None:
        if self._accumulator:
            raise SessionError(f"session {self._accumulator.summary['id']} is running; stop it first")

    def _record(self, session: SessionAccumulator) -> None:
        with self._state_lock:
            self._accumulator, self._save_error = session, None

    def _advance(self, session: SessionAccumulator, interval: int, fps: float) -> None:
        """Finish the current interval: queue its rows for the disk, and hand them on."""
        entries = session.advance(interval, fps)
        session.queue(entries)
        if rows := [one for one in entries if isinstance(one, Observation)]:
            self._on_rows(session.summary, session.attributes, rows)

    def _save_if_possible(self, session: SessionAccumulator) -> None:
        """Save the unsaved entries, unless a save is in progress or has just failed."""
        may_retry = self._save_error is None or self._clock() - self._save_started_at_s >= RETRY_DELAY_S
        if may_retry and not self._is_saving():
            self._start_save(session)

    def _start_save(self, session: SessionAccumulator) -> Future[None] | None:
        """Submit the unsaved entries to the disk worker; None if there are none."""
        if not session.unsaved:
            return None
        batch, session.unsaved = session.unsaved, []
        self._save_started_at_s = self._clock()
        self._save = save = self._worker.submit(self._write, session, batch)
        save.add_done_callback(lambda future: self._finish_save(session, batch, future))
        return save

    def _is_saving(self) -> bool:
        return self._save is not None and not self._save.done()

    def _write(self, session: SessionAccumulator, batch: Sequence[SessionEntry]) -> None:
        """Save entries. After a failure the file may be a new one, which lacks the session."""
        if self._save_error is not None:
            self._store.restore(session.summary, session.attributes)
        self._store.add(session.summary["id"], batch)

    def _finish_save(self, session: SessionAccumulator, batch: Sequence[SessionEntry], future: Future[None]) -> None:
        error = future.exception()
        if error is not None:
            with self._state_lock:
                session.requeue(batch)
        if (error is not None) != (self._save_error is not None):
            log.warning("%s", f"recording is interrupted: {error}" if error else "recording has resumed")
        self._save_error = str(error) if error else None
        if error is None:
            with self._state_lock:
                self._save_if_possible(session)  # entries queued in the meantime

"""The recorder of a camera as a web node sees it: the session is created and ended here, and recorded by the camera."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from app.cluster.node.redis_link import RedisLink
from app.domain import FrameResult
from app.errors import SessionError
from app.sessions.disk_worker import DiskWorker
from app.sessions.recording.recorder import CURRENT_KEYS
from app.sessions.recording.session_creation import create_session
from app.sessions.recording.session_snapshot import take_snapshot
from app.sessions.rows.records import NewSession
from app.sessions.store import SessionStore

log = logging.getLogger(__name__)


class RemoteRecorder:
    """A `SessionRecorder` for a camera of another process.

    Args:
        clock: Monotonic time in seconds.
    """

    def __init__(
        self, link: RedisLink, store: SessionStore, worker: DiskWorker, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._link, self._store, self._worker, self._clock = link, store, worker, clock
        self._control_lock = threading.Lock()  # one start, stop or rename of this node at a time
        self._marked_as_demo: int | None = None

    @property
    def current(self) -> dict[str, Any] | None:
        """The running session, as in the `status` event; None while none is running."""
        session = self._link.session
        return {key: session[key] for key in CURRENT_KEYS} if session else None

    @property
    def save_problem(self) -> str | None:
        """Why its rows are not saved, in one line; None while they are."""
        return self._link.storage

    def elapsed_ms(self, session_id: int) -> int | None:
        """Milliseconds since the start of the running session; None if this session is not running."""
        session = self._link.session
        if session is None or session["id"] != session_id:
            return None
        return int(session["elapsed_ms"]) + round(1000 * (self._clock() - self._link.told_at_s))

    def start(self, new: NewSession) -> dict[str, Any]:
        """Create a session and have the camera record it; returns its summary.

        Raises:
            SessionError: a session is running already, the camera does not answer, or it cannot be created.
        """
        with self._control_lock:
            if current := self.current:
                raise SessionError(f"session {current['id']} is running; stop it first")
            started_at_s = self._clock()
            summary, session = create_session(self._store, self._worker, new, started_at_s)
            try:
                self._link.ask("record", {"session": take_snapshot(session), "age_s": self._clock() - started_at_s})
            except SessionError:
                self._worker.submit(self._store.discard, summary["id"])
                raise
            self._link.session = {**session.summary, "elapsed_ms": 0}  # until the camera tells it
            self._link.told_at_s = self._clock()
            log.info("session %d: started", summary["id"])
            return summary

    def stop(self) -> dict[str, Any]:
        """Stop the running session; returns its summary.

        Raises:
            SessionError: no session is running, or its end cannot be saved.
        """
        with self._control_lock:
            current = self.current
            if current is None:
                raise SessionError("no session is running; start one first")
            elapsed_s = float(self._link.ask("end", {"session_id": current["id"]}))
            summary = self._worker.call(self._store.stop, current["id"], elapsed_s)
            self._link.session = None
            log.info("session %d: stopped", current["id"])
            return summary or current

    def rename(self, session_id: int, name: str) -> dict[str, Any]:
        """Rename a session, running or not; returns its summary.

        Raises:
            SessionError: the session does not exist, or the file cannot be written.
        """
        with self._control_lock:
            summary = self._worker.call(self._store.rename, session_id, name)
            if summary is None:
                raise SessionError(f"there is no session {session_id}; reload the list")
            if self.elapsed_ms(session_id) is not None:
                self._link.send("rename", {"session_id": session_id, "name": name})
            return summary

    def name_markers(self, session_id: int, names: Mapping[str, str]) -> None:
        """Note new names of markers of the running session, if it is this one."""
        if self.elapsed_ms(session_id) is not None:
            self._link.send("name_markers", {"session_id": session_id, "names": dict(names)})

    def add(self, result: FrameResult) -> None:
        """Nothing: the camera's process adds its frames."""

    def note_source(self, demo: bool) -> None:
        """Mark the running session as a demo once the camera tells that it is one; each node does, to no harm."""
        session = self._link.session
        if session and session["demo"] and session["id"] != self._marked_as_demo:
            self._marked_as_demo = session["id"]
            self._worker.submit(self._store.mark_demo, session["id"])

    def live_totals(self) -> dict[str, Any] | None:
        """The running session's totals, as in the `stats` event; None while none is running."""
        totals = self._link.totals
        return dict(totals) if totals and self._link.session else None

    def close(self) -> None:
        """Nothing: the session goes on without this node."""

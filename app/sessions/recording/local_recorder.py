"""The recorder of a camera of this server: creates, records and ends its sessions."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from app.sessions.disk_worker import DiskWorker
from app.sessions.recording.recorder import Recorder, RowListener
from app.sessions.recording.session_creation import create_session
from app.sessions.rows.records import NewSession
from app.sessions.store import SessionStore

log = logging.getLogger(__name__)


class LocalRecorder(Recorder):
    """A `SessionRecorder` that keeps the sessions in the store itself.

    Args:
        clock, on_rows: As of `Recorder`.
    """

    def __init__(
        self,
        store: SessionStore,
        worker: DiskWorker,
        *,
        clock: Callable[[], float] = time.monotonic,
        on_rows: RowListener = lambda *_: None,
    ) -> None:
        super().__init__(store, worker, clock=clock, on_rows=on_rows)
        self._sessions = store

    def start(self, new: NewSession) -> dict[str, Any]:
        """Start a session that keeps what is served of its attributes; returns its summary.

        Raises:
            SessionError: a session is running already, or the file cannot be written.
        """
        with self._control_lock:
            self._refuse_another()
            summary, session = create_session(self._sessions, self._worker, new, self._clock())
            self._record(session)
            log.info("session %d: started", summary["id"])
            return summary

    def close(self) -> None:
        """Stop the running session, if there is one."""
        if self.current:
            self.stop()

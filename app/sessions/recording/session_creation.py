"""Create a session that is recorded from now on; if the disk answers too late, it is removed again."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from typing import Any, Protocol

from app.errors import SessionError
from app.sessions.disk_worker import DiskWorker
from app.sessions.recording.session_accumulator import SessionAccumulator
from app.sessions.rows.records import NewSession, recorded_attributes


class CreatingStore(Protocol):
    """What creating a session needs of a `SessionStore`."""

    def start(self, new: NewSession) -> dict[str, Any]:
        """Create a session; returns its summary."""

    def discard(self, session_id: int) -> None:
        """Remove a session."""


def create_session(
    store: CreatingStore, worker: DiskWorker, new: NewSession, started_at_s: float
) -> tuple[dict[str, Any], SessionAccumulator]:
    """Create a session that keeps what is served of the attributes; returns its summary, and itself to be recorded.

    Raises:
        SessionError: it cannot be written.
    """
    kept = recorded_attributes(new.attributes)
    start = worker.submit(store.start, replace(new, attributes=kept))
    try:
        summary = worker.wait(start)
    except SessionError:
        _discard_when_done(store, worker, start)
        raise
    return summary, SessionAccumulator({**summary, "marker_names": dict(new.marker_names)}, kept, started_at_s)


def _discard_when_done(store: CreatingStore, worker: DiskWorker, start: Future[dict[str, Any]]) -> None:
    """Remove a session whose start timed out, should it be created later."""
    if start.cancel():
        return

    def discard(future: Future[dict[str, Any]]) -> None:
        if future.exception() is None:
            worker.submit(store.discard, future.result()["id"])

    start.add_done_callback(discard)

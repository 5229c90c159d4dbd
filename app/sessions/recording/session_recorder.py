"""What the web process asks of the recorder of a camera, wherever that runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from app.domain import FrameResult
from app.sessions.rows.records import NewSession


class SessionRecorder(Protocol):
    """Runs at most one session of a camera at a time; `LocalRecorder` describes each method."""

    @property
    def current(self) -> dict[str, Any] | None:
        """The running session, as in the `status` event; None while none is running."""

    @property
    def save_problem(self) -> str | None:
        """Why the running session is not being saved, in one line; None while it is."""

    def elapsed_ms(self, session_id: int) -> int | None:
        """Milliseconds since the start of the running session; None if this session is not running."""

    def start(self, new: NewSession) -> dict[str, Any]:
        """Start a session; returns its summary."""

    def stop(self) -> dict[str, Any]:
        """Stop the running session; returns its summary."""

    def rename(self, session_id: int, name: str) -> dict[str, Any]:
        """Rename a session, running or not; returns its summary."""

    def name_markers(self, session_id: int, names: Mapping[str, str]) -> None:
        """Note new names of markers of the running session, if it is this one."""

    def add(self, result: FrameResult) -> None:
        """Add a frame's result to the running session, if there is one."""

    def note_source(self, demo: bool) -> None:
        """Mark the running session as a demo if it ever showed the demo."""

    def live_totals(self) -> dict[str, Any] | None:
        """The running session's totals, as in the `stats` event; None while none is running."""

    def close(self) -> None:
        """End at the end of the server."""

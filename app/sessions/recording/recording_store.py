"""Where a recorder saves the session that it runs: the store of sessions, or the way to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from app.attributes.attribute_set import AttributeSet
from app.sessions.rows.records import SessionEntry


class RecordingStore(Protocol):
    """What a recorder needs of a `SessionStore`."""

    def add(self, session_id: int, entries: Sequence[SessionEntry]) -> None:
        """Save rows and gaps."""

    def restore(self, session: Mapping[str, Any], attributes: AttributeSet) -> None:
        """Add a running session to a file that lacks it."""

    def stop(self, session_id: int, elapsed_s: float) -> dict[str, Any] | None:
        """End a session."""

    def rename(self, session_id: int, name: str) -> dict[str, Any] | None:
        """Rename a session."""

    def mark_demo(self, session_id: int) -> None:
        """Mark a session of the demo."""

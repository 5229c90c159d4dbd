"""The session that a camera records: its rows go to the outbox, and another process may go on with it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from app.attributes.attribute_set import AttributeSet
from app.cluster.row_outbox import RowOutbox
from app.domain import FrameResult
from app.errors import SessionError
from app.sessions.disk_worker import DiskWorker
from app.sessions.recording.recorder import Recorder
from app.sessions.recording.session_snapshot import from_snapshot
from app.sessions.rows.records import SessionEntry

# Limit for the rows of a stopped session to be saved before the page is told that it has ended.
SAVE_TIMEOUT_S = 3.0


class OutboxStore:
    """What a `Recorder` takes for the store: web nodes have created the session, recorders save its rows.

    Attributes:
        elapsed_s: How long the session took that was stopped last.
    """

    def __init__(self, rows: RowOutbox) -> None:
        self._rows = rows
        self.elapsed_s = 0.0

    def add(self, session_id: int, entries: Sequence[SessionEntry]) -> None:
        """Keep rows and gaps until a recorder has saved them."""
        self._rows.add(session_id, entries)

    def stop(self, session_id: int, elapsed_s: float) -> dict[str, Any] | None:
        """Note how long the session took; the web node writes its end."""
        self.elapsed_s = elapsed_s
        return None

    def rename(self, session_id: int, name: str) -> dict[str, Any] | None:
        """Nothing: the web node has renamed it."""
        return {"id": session_id, "name": name}

    def restore(self, session: Mapping[str, Any], attributes: AttributeSet) -> None:
        """Nothing: the outbox keeps what is not saved."""

    def mark_demo(self, session_id: int) -> None:
        """Nothing: web nodes see it in the state of the camera."""


class CameraSession:
    """Records at most one session of the camera.

    Args:
        rows: Gets its rows.
    """

    def __init__(self, rows: RowOutbox) -> None:
        self._rows, self._store = rows, OutboxStore(rows)
        self._worker = DiskWorker()
        self.recorder = Recorder(self._store, self._worker)

    def begin(self, snapshot: Mapping[str, Any], age_s: float) -> None:
        """Record a session that was started `age_s` seconds ago.

        Raises:
            SessionError: another session is running.
            KeyError, TypeError, ValueError: the snapshot is damaged.
        """
        self.recorder.resume(from_snapshot(snapshot, time.monotonic() - age_s))

    def resume(self, stored: bytes | None) -> None:
        """Go on with the session of `stored`, which a process before this one has left, if there is one."""
        if stored is not None:
            snapshot = json.loads(stored)
            self.begin(snapshot, snapshot["age_s"] + max(0.0, time.time() - snapshot["at"]))

    def stored(self) -> bytes | None:
        """The running session for `resume`; None while none is running."""
        snapshot = self.recorder.snapshot()
        return None if snapshot is None else json.dumps({**snapshot, "at": time.time()}).encode()

    def add(self, result: FrameResult) -> None:
        """Add a frame."""
        self.recorder.add(result)

    def end(self, session_id: int) -> float:
        """Stop a session and wait a while until its rows are saved; returns how many seconds it took.

        Raises:
            SessionError: this session is not running.
        """
        current = self.recorder.current
        if current is None or current["id"] != session_id:
            raise SessionError(f"session {session_id} is not running")
        self.recorder.stop()
        self._rows.wait_until_saved(SAVE_TIMEOUT_S)
        return self._store.elapsed_s

    def state(self) -> dict[str, Any] | None:
        """The running session and its age, for the state of the camera; None while none is running."""
        current = self.recorder.current
        return current and {**current, "elapsed_ms": self.recorder.elapsed_ms(current["id"])}

    @property
    def problem(self) -> str | None:
        """Why rows are not saved, in one line; None while they are."""
        return self.recorder.save_problem or self._rows.problem

    def close(self) -> None:
        """End the thread of the recorder. The session goes on with the next process."""
        self._worker.close()

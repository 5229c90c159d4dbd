"""A recorder whose clock and frames the test gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from app.domain import FaceResult
from app.sessions.disk_worker import DiskWorker
from app.sessions.recording.local_recorder import LocalRecorder
from app.sessions.rows.records import NewSession, Observation
from app.sessions.store import SessionStore
from tests.support.fakes import LABELS, make_result
from tests.support.sessions import session_attributes

ATTRIBUTES = session_attributes(LABELS)


class RecorderHarness:
    """A recorder with a file and a clock that the test advances."""

    def __init__(self, folder: Path) -> None:
        self.now_s = 1000.0
        self.index = 0
        self.store = SessionStore(folder)
        self.worker = DiskWorker()
        self.recorder = LocalRecorder(self.store, self.worker, clock=lambda: self.now_s)

    def start(self) -> int:
        return self.recorder.start(NewSession("test", source="0", demo=False, attributes=ATTRIBUTES))["id"]

    def add_frame(self, *faces: FaceResult, after_s: float = 0.1) -> None:
        self.recorder.add(replace(make_result(self.index, faces), read_at_s=self.now_s))
        self.index += 1
        self.now_s += after_s

    def saved_detail(self, session_id: int, seconds: int) -> dict[str, Any] | None:
        """The session's detail if the file has this many seconds, else None."""
        detail = self.worker.call(self.store.detail, session_id)
        return detail if len(detail["timeline"]) >= seconds else None

    def records(self, session_id: int) -> list[Observation]:
        stored = self.worker.call(self.store.records, session_id)
        return stored[1]

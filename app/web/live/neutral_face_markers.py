"""Markers that tell in a recorded session from when on a person's neutral face corrects the readings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

from app.domain import FaceResult
from app.sessions.disk_worker import DiskWorker
from app.sessions.edits import markers
from app.sessions.recording.session_recorder import SessionRecorder
from app.sessions.store import SessionStore

Emit = Callable[[str, Any], None]

log = logging.getLogger(__name__)


class NeutralFaceMarkers:
    """Sets one marker per session and measurement, for the people whose neutral face was asked for."""

    def __init__(self, recorder: SessionRecorder, store: SessionStore, worker: DiskWorker) -> None:
        self._recorder, self._store, self._worker = recorder, store, worker
        self._texts: dict[int, Mapping[str, str]] = {}
        self._marked: dict[int, int] = {}

    def expect(self, person: int, name: str, note: str) -> None:
        """Set a marker with this name and note once the readings of a person are corrected."""
        self._texts[person] = {"name": name, "note": note}
        self._marked.pop(person, None)

    def forget(self, person: int) -> None:
        """Set no further marker for a person."""
        self._texts.pop(person, None)

    def receive(self, faces: Sequence[FaceResult], emit: Emit) -> None:
        """Mark what the faces of a new frame call for, without waiting for the disk.

        Args:
            emit: Sends a Socket.IO event to the pages.
        """
        corrected = [face.id for face in faces if face.neutral_face == "applied" and face.id in self._texts]
        session = self._recorder.current if corrected else None
        if session is None:
            return
        for person in corrected:
            if self._marked.get(person) != session["id"]:
                self._marked[person] = session["id"]
                self._add(session["id"], self._texts[person], emit)

    def _add(self, session_id: int, texts: Mapping[str, str], emit: Emit) -> None:
        now_ms = self._recorder.elapsed_ms(session_id)
        add = partial(markers.add_and_list, values=texts, now_ms=now_ms)
        saved = self._worker.submit(self._store.edit, session_id, add)
        saved.add_done_callback(lambda done: _tell(session_id, done, emit))


def _tell(session_id: int, saved: Future[list[dict[str, Any]]], emit: Emit) -> None:
    """Send the new list to the pages."""
    if error := saved.exception():
        log.warning("session %d: no marker of a neutral face: %s", session_id, error)
    else:
        emit("markers", {"session": session_id, "markers": saved.result()})

"""Turn results into at most one record a person and second while a session runs."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from app.domain import FrameResult
from app.errors import SessionError
from app.sessions.records import PersonSecond
from app.sessions.store import SessionStore
from app.sessions.summary import dominant, histogram
from app.sessions.worker import Worker

MOST_UNSAVED = 3600  # records kept for another try while the disk refuses them

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Sum:
    """Sums over the frames of one person in one second."""

    frames: int = 0
    probabilities: dict[str, float] = field(default_factory=dict)
    emotion_frames: int = 0
    ages: list[float] = field(default_factory=list)
    p_female: list[float] = field(default_factory=list)

    def add(self, face: Mapping[str, Any]) -> None:
        self.frames += 1
        if "emotion" in face:
            self.emotion_frames += 1
            for label, p in face["emotion"]["probabilities"].items():
                self.probabilities[label] = self.probabilities.get(label, 0.0) + p
        if "age" in face:
            self.ages.append(face["age"]["years"])
        if "sex" in face:
            self.p_female.append(face["sex"]["p_female"])

    def record(self, person_id: int, time_s: int, labels: Sequence[str]) -> PersonSecond:
        frames = self.emotion_frames
        means = tuple(round(self.probabilities.get(label, 0.0) / frames, 4) for label in labels) if frames else None
        age, p_female = _mean(self.ages), _mean(self.p_female)
        return PersonSecond(
            person_id,
            time_s,
            self.frames,
            dominant(labels, means),
            means or None,
            None if age is None else round(age, 1),
            None if p_female is None else round(p_female, 4),
        )


@dataclass(slots=True)
class _Running:
    """The running session and its totals so far."""

    summary: dict[str, Any]
    labels: tuple[str, ...]
    started_s: float
    second: int = 0
    sums: dict[int, _Sum] = field(default_factory=dict)
    unsaved: list[PersonSecond] = field(default_factory=list)
    people: set[int] = field(default_factory=set)
    seconds: Counter[str] = field(default_factory=Counter)
    totals: dict[str, float] = field(default_factory=dict)
    person_seconds: int = 0

    def take(self) -> list[PersonSecond]:
        """The records of the second just past; counts them into the totals."""
        records = [one.record(person_id, self.second, self.labels) for person_id, one in sorted(self.sums.items())]
        self.sums = {}
        for record in records:
            self._count(record)
        return records

    def _count(self, record: PersonSecond) -> None:
        self.people.add(record.person_id)
        if record.dominant is None or record.probabilities is None:
            return
        self.seconds[record.dominant] += 1
        self.person_seconds += 1
        for label, p in zip(self.labels, record.probabilities, strict=True):
            self.totals[label] = self.totals.get(label, 0.0) + p


class Recorder:
    """At most one session at a time; `add` never waits for the disk."""

    def __init__(self, store: SessionStore, worker: Worker, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._worker = worker
        self._clock = clock
        self._control = threading.Lock()  # one start, stop or rename at a time; may wait for the disk
        self._state = threading.RLock()  # guards the sums; never held while waiting
        self._running: _Running | None = None
        self._failing = False

    @property
    def current(self) -> dict[str, Any] | None:
        """The running session as `status` shows it; None while none runs."""
        running = self._running
        return {key: running.summary[key] for key in ("id", "name", "started_at", "demo")} if running else None

    def start(self, name: str | None, *, source: str | None, demo: bool, labels: Sequence[str]) -> dict[str, Any]:
        """Begin a session; returns its summary.

        Raises:
            SessionError: one is running, or the file cannot be written.
        """
        with self._control:
            if self._running:
                raise SessionError(f"session {self._running.summary['id']} is running; stop it first")
            started_s = self._clock()
            summary = self._worker.call(lambda: self._store.start(name, source=source, demo=demo, labels=labels))
            with self._state:
                self._running = _Running(summary, tuple(labels), started_s)
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
            with self._state:
                saved = self._save(running, running.take())
            if saved:
                self._worker.wait(saved)  # a session that has ended cannot be added to
            summary = self._worker.call(self._store.stop, running.summary["id"], self._clock() - running.started_s)
            with self._state:
                self._running = None
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
            if self._running:
                self._add(self._running, result)

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
            return self._live(self._running) if self._running else None

    def close(self) -> None:
        """Stop a running session, if there is one."""
        if self._running:
            self.stop()

    def _add(self, running: _Running, result: FrameResult) -> None:
        second = max(0, int(self._clock() - running.started_s))
        if second > running.second:
            self._save(running, running.take())
            running.second = second
        for face in result.faces:
            running.sums.setdefault(face["id"], _Sum()).add(face)

    def _save(self, running: _Running, records: Iterable[PersonSecond]) -> Future[None] | None:
        batch, running.unsaved = [*running.unsaved, *records], []
        if not batch:
            return None
        saved = self._worker.post(self._store.add, running.summary["id"], batch)
        saved.add_done_callback(lambda future: self._after_saving(running, batch, future))
        return saved

    def _after_saving(self, running: _Running, batch: list[PersonSecond], future: Future[None]) -> None:
        error = future.exception()
        if error is not None:
            with self._state:
                running.unsaved = [*batch, *running.unsaved][-MOST_UNSAVED:]
        if (error is not None) != self._failing:
            self._failing = error is not None
            log.warning("%s", f"recording stalls: {error}" if error else "recording goes on")

    def _live(self, running: _Running) -> dict[str, Any]:
        seconds = running.person_seconds
        return {
            "id": running.summary["id"],
            "name": running.summary["name"],
            "elapsed_s": round(max(0.0, self._clock() - running.started_s), 1),
            "persons": len(running.people | running.sums.keys()),
            "histogram": histogram(running.labels, running.seconds),
            "mean": {label: round(total / seconds, 4) for label, total in running.totals.items()},
        }


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None

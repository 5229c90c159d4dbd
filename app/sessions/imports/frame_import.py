"""Make a session of frames that were not recorded live, such as those of a video, at their own times."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Self

from sqlalchemy import Connection

from app.attributes.attribute_set import AttributeSet
from app.domain import FaceResult
from app.errors import SessionError
from app.sessions import queries
from app.sessions.analysis.summaries import summarize
from app.sessions.recording.session_accumulator import SessionAccumulator
from app.sessions.rows.records import (
    RATES,
    Gap,
    Observation,
    SessionEntry,
    SessionHeader,
    recorded_attributes,
    to_iso,
    utc_now,
)
from app.sessions.store import SessionStore

# Rows and gaps of one transaction.
BATCH_ENTRIES = 2000


def rate_of_frames(frames_per_s: float, max_rate: float) -> float:
    """The highest rate of `RATES` at which every interval has a frame, or one of whole seconds for fewer frames."""
    fitting = [rate for rate in RATES if rate <= min(frames_per_s, max_rate)]
    return max(fitting) if fitting else 1 / math.ceil(1 / frames_per_s)


class FrameImport:
    """Writes a session that nobody sees before it is whole. Use it in a `with` statement: an error removes it.

    Args:
        attributes: What is known of the frames; the session keeps what a recorded one would.
        source: What the frames come from, in words.
        frames_per_s: How many frames a second there are. A frame stands for the time from half a frame before it on.
        max_rate: Rows a person and second at most.
    Raises:
        SessionError: the session cannot be saved.
    """

    def __init__(
        self, store: SessionStore, attributes: AttributeSet, *, source: str, frames_per_s: float, max_rate: float
    ) -> None:
        self._store, self._frames_per_s = store, frames_per_s
        kept, rate = recorded_attributes(attributes), rate_of_frames(frames_per_s, max_rate)
        values = {"started_at": to_iso(utc_now()), "source": source, "demo": False, "rate": rate}
        self._session_id = store.begin_import(kept, values)
        self._accumulator = SessionAccumulator({"id": self._session_id, "rate": rate}, kept, -0.5 / frames_per_s)
        self._entries: list[SessionEntry] = []
        self._end_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            with suppress(SessionError):
                self._store.discard(self._session_id)

    def add(self, time_s: float, faces: Iterable[FaceResult]) -> None:
        """Add a frame; frames come in the order of their times."""
        interval = self._accumulator.interval_at(time_s)
        if interval > self._accumulator.interval:
            self._advance(interval)
        self._accumulator.add(faces)
        self._end_s = time_s + 1 / self._frames_per_s

    def finish(self, name: str) -> dict[str, Any]:
        """Make the session whole and visible under a name; returns its summary. It ends now."""
        self._advance(self._accumulator.interval + 1)
        self._save()

        def write(connection: Connection, header: SessionHeader, now: Any) -> dict[str, Any]:
            times = {"started_at": to_iso(now - timedelta(seconds=self._end_s)), "ended_at": to_iso(now)}
            connection.execute(queries.update_session(header.id).values(name=name, **times))
            whole = queries.select_header(connection, header.id)
            return summarize(connection, [whole] if whole else [], now)[0]

        return self._store.edit_import(self._session_id, write)

    def _advance(self, interval: int) -> None:
        self._entries += self._accumulator.advance(interval, self._frames_per_s)
        if len(self._entries) >= BATCH_ENTRIES:
            self._save()

    def _save(self) -> None:
        entries, self._entries = self._entries, []

        def write(connection: Connection, header: SessionHeader, _: object) -> None:
            queries.insert_records(connection, header, [one for one in entries if isinstance(one, Observation)])
            queries.insert_gaps(connection, header.id, [one for one in entries if isinstance(one, Gap)])

        self._store.edit_import(self._session_id, write)

"""Rows on their way to the database: kept by the camera's process until a recorder has saved them.

Redis may lose what was written to it, so an entry of the stream is not enough: a batch is sent again if it was not
confirmed and is not in the stream any more. The recorder writes a row that it has seen before no second time.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis

from app.cluster.keys import ROWS
from app.cluster.row_messages import pack_entries
from app.sessions.rows.records import SessionEntry

# Batches of a second each that are kept while Redis or the recorder is away. What is older is in Redis alone.
MAX_BATCHES = 1800
# A batch is looked for in the stream if it was not confirmed for so long.
CHECK_AFTER_S = 5.0
# Without a confirmation for so long, pages say that rows are not saved.
LATE_AFTER_S = 15.0
BATCH_ID_BYTES = 8

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Batch:
    """Entries of one second; `entry_id` is that of the stream, None until it was written."""

    id: str
    session_id: int
    packed: bytes
    added_at_s: float
    entry_id: bytes | None = None


class RowOutbox:
    """Batches that no recorder has confirmed yet. Safe for threads.

    Args:
        camera: Whose rows they are.
        clock: Monotonic time in seconds.
    """

    def __init__(self, camera: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._camera, self._clock = camera, clock
        self._changed = threading.Condition()
        self._batches: dict[str, Batch] = {}
        self._checked_at_s = clock()

    def add(self, session_id: int, entries: Sequence[SessionEntry]) -> None:
        """Keep entries of a session until they are saved; beyond the limit the oldest ones are dropped."""
        batch = Batch(secrets.token_hex(BATCH_ID_BYTES), session_id, pack_entries(entries), self._clock())
        with self._changed:
            self._batches[batch.id] = batch
            if len(self._batches) > MAX_BATCHES:
                dropped = self._batches.pop(next(iter(self._batches)))
                if dropped.entry_id is None:
                    log.error("session %d: a second of rows is lost: Redis was away for too long", dropped.session_id)

    @property
    def has_unsent(self) -> bool:
        """Whether a batch was not written to Redis yet."""
        return bool(self.unsent())

    def unsent(self) -> list[Batch]:
        """The batches that were not written to Redis yet, oldest first."""
        with self._changed:
            return [batch for batch in self._batches.values() if batch.entry_id is None]

    def add_to(self, pipeline: Any, batches: Sequence[Batch]) -> None:
        """Add batches to a pipeline, one command each."""
        for batch in batches:
            fields = {"camera": self._camera, "batch": batch.id, "session": batch.session_id, "rows": batch.packed}
            pipeline.xadd(ROWS, fields)

    def mark_sent(self, batches: Sequence[Batch], entry_ids: Sequence[bytes]) -> None:
        """Note where batches are in the stream."""
        with self._changed:
            for batch, entry_id in zip(batches, entry_ids, strict=True):
                batch.entry_id = entry_id

    def confirm(self, batch_id: str) -> None:
        """Forget a batch: it is saved."""
        with self._changed:
            self._batches.pop(batch_id, None)
            self._changed.notify_all()

    def resend_lost(self, redis: Redis) -> None:
        """Send batches again that are neither confirmed nor in the stream; looks at most every `CHECK_AFTER_S`."""
        now_s = self._clock()
        if now_s - self._checked_at_s < CHECK_AFTER_S:
            return
        self._checked_at_s = now_s
        with self._changed:
            sent = [one for one in self._batches.values() if one.entry_id and now_s - one.added_at_s >= CHECK_AFTER_S]
        with redis.pipeline(transaction=False) as pipeline:
            for batch in sent:
                pipeline.xrange(ROWS, batch.entry_id or "-", batch.entry_id or "-")
            found = pipeline.execute()
        lost = [batch for batch, entries in zip(sent, found, strict=True) if not entries]
        if lost:
            log.warning("Redis has lost %d seconds of rows; they are sent again", len(lost))
        with self._changed:
            for batch in lost:
                batch.entry_id = None

    def wait_until_saved(self, timeout_s: float) -> bool:
        """Wait until every batch is confirmed; False on timeout."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._batches, timeout_s)

    @property
    def problem(self) -> str | None:
        """Why rows are not saved, in one line; None while they are."""
        with self._changed:
            oldest = next(iter(self._batches.values()), None)
        if oldest is None or self._clock() - oldest.added_at_s < LATE_AFTER_S:
            return None
        where = "Redis does not answer" if oldest.entry_id is None else "no recorder saves them; start one"
        return f"rows are kept until they can be saved: {where}"

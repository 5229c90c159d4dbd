"""Write what a camera gives to Redis: the newest frame, its state, answers and rows. Nothing waits for Redis."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from app.cluster.keys import CAMERAS, CameraKeys
from app.cluster.row_outbox import RowOutbox
from app.errors import AppError
from app.wire import Message, pack_message

# Of each stream of frames: the newest one, and the one before for a node that reads just now.
KEPT_FRAMES = 2
# Time after which pictures and what is read from them are gone from Redis.
FRAMES_EXPIRE_MS = 5_000
KEPT_EVENTS = 50
EVENTS_EXPIRE_MS = 60_000
# The state is written at this interval, and is gone after three of them.
STATE_INTERVAL_S = 1.0
STATE_EXPIRES_MS = 3_000
# Running sessions are remembered for a process that starts again within a day.
SESSION_EXPIRES_MS = 24 * 3600 * 1000


class NotOwner(AppError, RuntimeError):
    """Another process publishes a camera of the same name."""


class Publisher:
    """Hands the newest frame to Redis, and everything else in order.

    Args:
        owner: Names this process.
        state: Gives the camera's state as JSON.
        session: Gives the running session as JSON for the next process; None while none is running.
        rows: Rows of the running session.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self,
        redis: Redis,
        name: str,
        owner: str,
        *,
        state: Callable[[], bytes],
        session: Callable[[], bytes | None],
        rows: RowOutbox,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis, self._name, self._owner, self._keys = redis, name, owner, CameraKeys(name)
        self._state, self._session, self._rows, self._clock = state, session, rows, clock
        self._changed = threading.Condition()
        self._frame: Message | None = None
        self._events: deque[bytes] = deque(maxlen=KEPT_EVENTS)
        self._next_state_at_s, self._last_state = 0.0, b""
        # Grows over restarts, so that nodes tell a frame from those of a process before.
        self._number = round(1000 * time.time())

    def put_frame(self, message: Message) -> None:
        """Publish a `frame` message, unless a newer one comes first."""
        with self._changed:
            self._frame = message
            self._changed.notify()

    def put_event(self, message: Message) -> None:
        """Publish a message for all web nodes."""
        with self._changed:
            self._events.append(pack_message(message))
            self._changed.notify()

    def put_state(self) -> None:
        """Publish the state now instead of at the next interval."""
        with self._changed:
            self._next_state_at_s = 0.0
            self._changed.notify()

    def step(self) -> None:
        """Wait for something to publish, at most until the state is due, and write it in one transaction.

        Raises:
            NotOwner: another process has taken the camera over.
            RedisError: Redis does not answer. What was not written is written by the next step, except for frames.
        """
        with self._changed:
            self._changed.wait_for(self._has_work, max(0.0, self._next_state_at_s - self._clock()))
            frame, self._frame = self._frame, None
            events = [self._events.popleft() for _ in range(len(self._events))]
        try:
            self._write(frame, events)
        except RedisError:
            with self._changed:
                self._events.extendleft(reversed(events))
            raise

    def withdraw(self) -> None:
        """Let another process take the camera over at once, since this one ends."""
        if self._redis.get(self._keys.owner) == self._owner.encode():
            self._redis.delete(self._keys.owner, self._keys.state)

    def _write(self, frame: Message | None, events: Sequence[bytes]) -> None:
        is_state_due = self._clock() >= self._next_state_at_s
        if is_state_due:
            self._check_owner()
        batches = self._rows.unsent()
        state, session = self._state() if is_state_due else None, self._session() if is_state_due or batches else None
        with self._redis.pipeline(transaction=True) as pipeline:
            if frame is not None:
                self._add_frame(pipeline, frame)
            if state is not None:
                self._add_state(pipeline, state)
                self._next_state_at_s = self._clock() + STATE_INTERVAL_S
            if session is not None:
                pipeline.set(self._keys.session, session, px=SESSION_EXPIRES_MS)
            for event in events:
                self._add_event(pipeline, event)
            first_row = len(pipeline)
            self._rows.add_to(pipeline, batches)
            replies = pipeline.execute()
        self._rows.mark_sent(batches, replies[first_row:])

    def _has_work(self) -> bool:
        return bool(self._frame is not None or self._events or self._rows.has_unsent)

    def _check_owner(self) -> None:
        """Renew the ownership; also after Redis has lost it."""
        current: Any = self._redis.get(self._keys.owner)
        if current not in (None, self._owner.encode()):
            raise NotOwner(f"camera {self._name!r} is published by {current.decode()} meanwhile; this process ends")
        self._redis.set(self._keys.owner, self._owner, px=STATE_EXPIRES_MS)

    def _add_frame(self, pipeline: Any, message: Message) -> None:
        """Add the pictures first: a node reads them once it has seen the numbers."""
        self._number += 1
        body = dict(message.body)
        for view, jpeg in zip(body["views"], message.parts, strict=True):
            pipeline.xadd(
                self._keys.pictures(view), {"n": self._number, "jpeg": jpeg}, maxlen=KEPT_FRAMES, approximate=False
            )
            pipeline.pexpire(self._keys.pictures(view), FRAMES_EXPIRE_MS)
        # The clocks of two computers have nothing in common but the time of day.
        body["read_at_s"] = time.time() - (time.monotonic() - body["read_at_s"])
        entry = {"n": self._number, "body": json.dumps(body, separators=(",", ":"))}
        pipeline.xadd(self._keys.results, entry, maxlen=KEPT_FRAMES, approximate=False)
        pipeline.pexpire(self._keys.results, FRAMES_EXPIRE_MS)

    def _add_state(self, pipeline: Any, state: bytes) -> None:
        pipeline.set(self._keys.state, state, px=STATE_EXPIRES_MS)
        pipeline.zadd(CAMERAS, {self._name: time.time()})
        if state != self._last_state:  # nodes look at the state when they see this
            self._add_event(pipeline, pack_message(Message("state", {})))
            self._last_state = state

    def _add_event(self, pipeline: Any, event: bytes) -> None:
        pipeline.xadd(self._keys.events, {"m": event}, maxlen=KEPT_EVENTS, approximate=False)
        pipeline.pexpire(self._keys.events, EVENTS_EXPIRE_MS)

"""The `VisionLink` of a web node: a camera whose process is somewhere else, through Redis."""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from redis import Redis
from redis.exceptions import RedisError

from app.cluster.camera_state import AWAY
from app.cluster.commands import send_command
from app.cluster.connection import RedisLoop, now_s
from app.cluster.keys import CameraKeys
from app.cluster.stream_reader import StreamReader, messages_of
from app.cluster.view_leases import Wanted, add_leases
from app.errors import SessionError
from app.wire import Message

# How long to wait for the next frame, and for other messages while nobody here looks at the camera.
BLOCK_S = 1.0
IDLE_BLOCK_S = 0.3
# How often to look whether the camera still gives a sign of life, and for a frame that nobody has asked for.
CHECK_INTERVAL_S = 1.0
ANSWER_TIMEOUT_S = 6.0
REQUEST_ID_BYTES = 8

log = logging.getLogger(__name__)


class RedisLink:
    """Call `receive` from one thread, the other methods from any.

    Args:
        name: Of the camera.
        clock: Monotonic time in seconds.

    Attributes:
        session: The running session as the camera tells it, with `elapsed_ms`; None while none is running.
        storage: Why its rows are not saved, in one line; None while they are.
        totals: Its totals, as in the `stats` event.
        told_at_s: When `session` was told, on `clock`.
        alive_at_s: When the camera gave its last sign of life, on `clock`.
    """

    def __init__(self, redis: Redis, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis, self.name, self._keys, self._clock = redis, name, CameraKeys(name), clock
        self._closing, self._lock = threading.Event(), threading.Lock()
        self._loop = RedisLoop(f"camera {name}", self._closing)
        self._reader = StreamReader(redis)
        self._pending: deque[Message] = deque()
        self._wanted = Wanted()
        self._state: bytes | None = b""
        self._number = 0
        self._next_check_at_s = 0.0
        self._requests: dict[str, _Request] = {}
        self._explained: tuple[str, Any] = ("", None)
        self.session: Mapping[str, Any] | None = None
        self.storage: str | None = None
        self.totals: Mapping[str, Any] | None = None
        self.told_at_s = self.alive_at_s = clock()

    def receive(self) -> Message | None:
        """Wait for the next message; None after `close`."""
        while not self._closing.is_set():
            if self._pending:
                return self._pending.popleft()
            if not self._loop.try_once(self._poll):
                self._update_state(None)
        return None

    def send(self, type: str, body: Mapping[str, Any] | None = None, parts: Sequence[bytes] = ()) -> None:
        """Send a command; it is dropped while Redis is away, except for what is leased."""
        body = dict(body or {})
        try:
            if type in ("views", "numbers"):
                self._lease(type, body)
            elif type == "explain":
                self._explained = secrets.token_hex(REQUEST_ID_BYTES), body["request"]
                self._command(type, {**body, "request": self._explained[0]})
            else:
                self._command(type, body)
        except RedisError as error:
            log.warning("camera %s: %s is not sent: Redis does not answer (%s)", self.name, type, error)

    def ask(self, type: str, body: Mapping[str, Any], timeout_s: float = ANSWER_TIMEOUT_S) -> Any:
        """Send a command and wait for its result.

        Raises:
            SessionError: the camera refuses, or does not answer.
        """
        id, request = secrets.token_hex(REQUEST_ID_BYTES), _Request()
        with self._lock:
            self._requests[id] = request
        try:
            self._command(type, {**body, "request": id})
            if not request.answered.wait(timeout_s):
                raise SessionError("the process of this camera does not answer; try again in a moment")
        except RedisError:
            raise SessionError("Redis does not answer; try again in a moment") from None
        finally:
            with self._lock:
                del self._requests[id]
        if request.error:
            raise SessionError(request.error)
        return request.result

    def renew(self, pipeline: Any, redis_now_s: float) -> None:
        """Add the renewal of leases to a pipeline."""
        add_leases(pipeline, self._keys, self._wanted, redis_now_s)

    def close(self) -> None:
        """End `receive`. The camera goes on. Safe to call twice."""
        self._closing.set()

    def _lease(self, type: str, body: Mapping[str, Any]) -> None:
        """Change what is leased, and tell the camera at once."""
        with self._lock:
            before = self._wanted
            views = tuple(body["views"]) if type == "views" else before.views
            numbers = bool(body["wanted"]) if type == "numbers" else before.numbers
            self._wanted = Wanted(views, numbers)
        redis_now_s = now_s(self._redis)
        with self._redis.pipeline(transaction=True) as pipeline:
            self.renew(pipeline, redis_now_s)
            send_command(pipeline, self.name, "leases", {})
            pipeline.execute()

    def _command(self, type: str, body: Mapping[str, Any]) -> None:
        with self._redis.pipeline(transaction=True) as pipeline:
            send_command(pipeline, self.name, type, body)
            pipeline.execute()

    def _poll(self) -> None:
        """Wait for messages of the camera, and look for its sign of life from time to time."""
        if self._clock() >= self._next_check_at_s:
            self._next_check_at_s = self._clock() + CHECK_INTERVAL_S
            self._update_state(self._read_state())
            if not self._wanted.is_any:
                newest: Any = self._redis.xrevrange(self._keys.results, count=1)
                self._take_frame([fields for _, fields in newest])
        is_any = self._wanted.is_any
        keys = [self._keys.events, *([self._keys.results] if is_any else [])]
        found = self._reader.entries(keys, BLOCK_S if is_any else IDLE_BLOCK_S)
        for message in messages_of(found.get(self._keys.events, ())):
            self._handle_event(message)
        self._take_frame(found.get(self._keys.results, ()))

    def _handle_event(self, message: Message) -> None:
        if message.type == "state":
            self._update_state(self._read_state())
        elif message.type == "answer":
            self._take_answer(message.body)
        elif message.type == "explanation":
            id, number = self._explained
            if message.body["request"] == id:
                self._pending.append(Message("explanation", {**message.body, "request": number}, message.parts))
        else:
            self._pending.append(message)

    def _take_answer(self, body: Mapping[str, Any]) -> None:
        with self._lock:
            request = self._requests.get(body["request"])
        if request is not None:
            request.error, request.result = body["error"], body["result"]
            request.answered.set()

    def _read_state(self) -> bytes | None:
        state: Any = self._redis.get(self._keys.state)
        return cast(bytes | None, state)

    def _update_state(self, state: bytes | None) -> None:
        """Turn a changed state into messages; None for a camera that gives no sign of life."""
        if state is not None:
            self.alive_at_s = self._clock()
        if state == self._state:
            return
        self._state = state
        if state is None:
            self._number = 0  # the next process may have another clock
            self._pending.append(Message("vision", AWAY))
            return
        document = json.loads(state)
        self.session, self.storage, self.told_at_s = document["session"], document["storage"], self._clock()
        self.totals = self.totals if self.session else None
        self._pending.append(Message("vision", document["vision"]))
        self._pending.append(Message("status", {**document["status"], "pause": document["pause"]}))

    def _take_frame(self, entries: Sequence[Mapping[bytes, bytes]]) -> None:
        """Make the newest of these results a `frame` message with the pictures that are wanted."""
        if not entries or (number := int(entries[-1][b"n"])) <= self._number:
            return
        self._number = number
        body = json.loads(entries[-1][b"body"])
        self.totals = body.pop("session", self.totals if self.session else None)
        pictures = self._newest_pictures([view for view in self._wanted.views if view in body["views"]], number)
        # Of the time of day, which two computers have in common as far as their clocks are set.
        body["read_at_s"] = time.monotonic() - max(0.0, time.time() - body["read_at_s"])
        self._pending.append(Message("frame", {**body, "views": list(pictures)}, list(pictures.values())))

    def _newest_pictures(self, views: Sequence[str], number: int) -> dict[str, bytes]:
        """The picture of each view of this frame, or of a newer one."""
        if not views:
            return {}
        with self._redis.pipeline(transaction=False) as pipeline:
            for view in views:
                pipeline.xrevrange(self._keys.pictures(view), count=1)
            found = pipeline.execute()
        newest = {view: entries[0][1] for view, entries in zip(views, found, strict=True) if entries}
        return {view: fields[b"jpeg"] for view, fields in newest.items() if int(fields[b"n"]) >= number}


class _Request:
    """A command that waits for its answer."""

    def __init__(self) -> None:
        self.answered = threading.Event()
        self.error: str | None = None
        self.result: Any = None

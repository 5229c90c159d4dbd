"""Events for the pages of every web node, such as a changed list of markers: a stream, since pub/sub drops what nobody
hears."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from app.cluster.connection import RedisLoop
from app.cluster.keys import PAGES
from app.cluster.stream_reader import StreamReader
from app.wire import Message, pack_message

KEPT_EVENTS = 100
EXPIRES_MS = 60_000
BLOCK_S = 1.0

log = logging.getLogger(__name__)


class PageEvents:
    """Sends events to the pages of all nodes, this one included.

    Args:
        emit: Sends an event to the pages of this node.
    """

    def __init__(self, redis: Redis, emit: Callable[[str, Any], None]) -> None:
        self._redis, self._emit = redis, emit
        self._closing, self._reader = threading.Event(), StreamReader(redis)

    def send(self, event: str, payload: Any) -> None:
        """Send an event; to the pages of this node alone while Redis is away."""
        message = pack_message(Message(event, {"payload": payload}))
        try:
            with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.xadd(PAGES, {"m": message}, maxlen=KEPT_EVENTS, approximate=False)
                pipeline.pexpire(PAGES, EXPIRES_MS)
                pipeline.execute()
        except RedisError as error:
            log.warning("pages of other nodes do not get %s: Redis does not answer (%s)", event, error)
            self._emit(event, payload)

    def run(self) -> None:
        """Pass events on to the pages of this node until closed."""
        RedisLoop("events of pages", self._closing).run(self._step)

    def close(self) -> None:
        """End `run`."""
        self._closing.set()

    def _step(self) -> None:
        for message in self._reader.read([PAGES], BLOCK_S):
            self._emit(message.type, message.body["payload"])

"""Carry what the vision process says to the viewers, the session and the pages."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from app.web.live.services import Services
from app.wire import Message, frame_from_message

STATS_EVERY_S = 0.2

log = logging.getLogger(__name__)


class MessageDispatcher:
    """Reads the link until it is closed.

    Args:
        emit: Sends an event to every page.
        yield_now: Lets other green threads run; green sockets yield only when they are empty.
    """

    def __init__(
        self,
        services: Services,
        emit: Callable[[str, Any], None],
        yield_now: Callable[[], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services = services
        self._emit = emit
        self._yield_now = yield_now
        self._clock = clock
        self._next_stats_s = clock()
        self._told_storage = services.storage
        self._handlers: dict[str, Callable[[Message], None]] = {
            "frame": self._frame,
            "status": self._status,
            "vision": self._vision,
            "cameras": self._cameras,
        }

    def run(self) -> None:
        """Handle messages until the link is closed; one that cannot be read is logged and dropped."""
        while (message := self._services.link.receive()) is not None:
            handle = self._handlers.get(message.type)
            if handle is None:
                continue
            try:
                handle(message)
            except (KeyError, TypeError, ValueError) as error:
                log.error("dropped a %s message that does not fit: %s: %s", message.type, type(error).__name__, error)
            self._yield_now()

    def _frame(self, message: Message) -> None:
        result = frame_from_message(message)
        self._services.counters.add(result)
        self._services.broadcaster.publish(result)
        self._yield_now()
        self._services.recorder.add(result)
        if self._services.storage != self._told_storage:
            self._emit_status()
        self._emit_stats()

    def _emit_stats(self) -> None:
        now_s = self._clock()
        if self._services.clients and now_s >= self._next_stats_s:
            # A steady beat, but no burst after a pause.
            self._next_stats_s = max(self._next_stats_s + STATS_EVERY_S, now_s)
            self._emit("stats", self._services.stats())

    def _status(self, message: Message) -> None:
        self._services.state.status(message.body)
        self._services.recorder.source_changed(bool(self._services.state.camera.get("demo")))
        self._emit_status()

    def _vision(self, message: Message) -> None:
        self._services.state.process(message.body)
        self._emit_status()

    def _emit_status(self) -> None:
        self._told_storage = self._services.storage
        self._emit("status", self._services.status())

    def _cameras(self, message: Message) -> None:
        self._services.cameras.heard(message.body)

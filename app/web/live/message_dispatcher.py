"""Dispatch messages of the vision process to viewers, the session recorder and pages."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from app.web.live.services import Services
from app.wire import Message, frame_from_message

# Five updates a second: people cannot read numbers that change faster.
STATS_INTERVAL_S = 0.2

log = logging.getLogger(__name__)


class MessageDispatcher:
    """Reads messages from the link until it is closed.

    Args:
        services: The server's state.
        emit: Sends a Socket.IO event to every page.
        yield_now: Lets other green threads run. Green sockets yield only while they wait for data.
        clock: Monotonic time in seconds.
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
        self._next_stats_at_s = clock()
        self._reported_storage_problem = services.storage_problem
        self._handlers: dict[str, Callable[[Message], None]] = {
            "frame": self._handle_frame,
            "status": self._handle_status,
            "vision": self._handle_process_state,
            "cameras": self._handle_cameras,
            "explanation": self._services.explanations.receive,
        }

    def run(self) -> None:
        """Handle messages until the link is closed. Log and drop malformed ones."""
        while (message := self._services.link.receive()) is not None:
            handle = self._handlers.get(message.type)
            if handle is None:
                continue
            try:
                handle(message)
            except (KeyError, TypeError, ValueError) as error:
                log.error("dropped a malformed %s message: %s: %s", message.type, type(error).__name__, error)
            self._yield_now()

    def _handle_frame(self, message: Message) -> None:
        result = frame_from_message(message)
        self._services.counters.add(result)
        self._services.broadcaster.publish(result)
        self._yield_now()
        self._services.recorder.add(result)
        if self._services.storage_problem != self._reported_storage_problem:
            self._emit_status()
        self._emit_stats()

    def _emit_stats(self) -> None:
        now_s = self._clock()
        if self._services.clients and now_s >= self._next_stats_at_s:
            # Advance by the interval for a steady rate, but do not catch up after a pause.
            self._next_stats_at_s = max(self._next_stats_at_s + STATS_INTERVAL_S, now_s)
            self._emit("stats", self._services.stats())

    def _handle_status(self, message: Message) -> None:
        self._services.state.update_status(message.body)
        self._services.recorder.note_source(demo=bool(self._services.state.camera.get("demo")))
        self._emit_status()

    def _handle_process_state(self, message: Message) -> None:
        self._services.state.update_process(message.body)
        self._emit_status()

    def _handle_cameras(self, message: Message) -> None:
        self._services.cameras.receive(message.body)

    def _emit_status(self) -> None:
        self._reported_storage_problem = self._services.storage_problem
        self._emit("status", self._services.status())

"""Dispatch messages of a vision process to viewers, the session recorder and pages of its camera."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from app.web.live.live_camera import LiveCamera
from app.wire import Message, frame_from_message

# Five updates a second: people cannot read numbers that change faster.
STATS_INTERVAL_S = 0.2

log = logging.getLogger(__name__)


class MessageDispatcher:
    """Reads messages from the link until it is closed.

    Args:
        camera: The camera of the vision process.
        yield_now: Lets other green threads run. Green sockets yield only while they wait for data.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self,
        camera: LiveCamera,
        yield_now: Callable[[], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._camera = camera
        self._yield_now = yield_now
        self._clock = clock
        self._next_stats_at_s = clock()
        self._reported_storage_problem = camera.storage_problem
        self._handlers: dict[str, Callable[[Message], None]] = {
            "frame": self._handle_frame,
            "status": self._handle_status,
            "vision": self._handle_process_state,
            "cameras": self._handle_cameras,
            "explanation": self._camera.explanations.receive,
        }

    def run(self) -> None:
        """Handle messages until the link is closed. Log and drop malformed ones."""
        while (message := self._camera.link.receive()) is not None:
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
        self._camera.counters.add(result)
        self._camera.broadcaster.publish(result)
        self._yield_now()
        self._camera.recorder.add(result)
        self._camera.neutral_face_markers.receive(result.faces, self._camera.emit)
        self._camera.follow_rules(result)
        if self._camera.storage_problem != self._reported_storage_problem:
            self._emit_status()
        self._emit_stats()

    def _emit_stats(self) -> None:
        now_s = self._clock()
        if self._camera.clients and now_s >= self._next_stats_at_s:
            # Advance by the interval for a steady rate, but do not catch up after a pause.
            self._next_stats_at_s = max(self._next_stats_at_s + STATS_INTERVAL_S, now_s)
            self._camera.emit("stats", self._camera.stats())

    def _handle_status(self, message: Message) -> None:
        self._camera.state.update_status(message.body)
        self._camera.recorder.note_source(demo=bool(self._camera.state.camera.get("demo")))
        self._emit_status()

    def _handle_process_state(self, message: Message) -> None:
        self._camera.state.update_process(message.body)
        self._emit_status()

    def _handle_cameras(self, message: Message) -> None:
        self._camera.sources.receive(message.body)

    def _emit_status(self) -> None:
        self._reported_storage_problem = self._camera.storage_problem
        self._camera.emit("status", self._camera.status())

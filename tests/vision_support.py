"""A real vision process, and the messages it gives."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from app.domain import FrameResult
from app.settings import Settings
from app.vision.process import ProcessLink
from app.wire import Message, frame_result

LONG_S = 20.0


class Watched:
    """A link, and the messages it gave so far."""

    def __init__(self, settings: Settings, **options: Any) -> None:
        self.link = ProcessLink(settings, **options)

    def until(self, wanted: str | Callable[[Message], bool], timeout_s: float = LONG_S) -> Message:
        """The next message that `wanted` (a type, or a test of the message) picks."""
        ends_s = time.monotonic() + timeout_s
        while time.monotonic() < ends_s:
            message = self.link.receive()
            assert message is not None
            if message.type == wanted if isinstance(wanted, str) else wanted(message):
                return message
        raise AssertionError(f"no {wanted} within {timeout_s} s")

    def frame(self, wanted: Callable[[FrameResult], bool] = lambda result: True) -> FrameResult:
        return frame_result(self.until(lambda message: message.type == "frame" and wanted(frame_result(message))))

    def camera(self, state: str) -> dict[str, Any]:
        """The next status whose camera is in this state."""
        picks = self.until(lambda message: message.type == "status" and message.body["camera"]["state"] == state)
        return dict(picks.body)

    def vision(self, state: str) -> dict[str, Any]:
        return dict(self.until(lambda message: message.type == "vision" and message.body["state"] == state).body)

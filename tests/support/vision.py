"""A real vision process, and the messages it gives."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from app.domain import FrameResult
from app.processes.vision_supervisor import VisionProcessLink
from app.settings import Settings
from app.wire import Message, frame_from_message
from tests.support.processes.network_camera import NetworkCamera

LONG_S = 20.0
TOLD_S, BACK_S = 3.0, 5.0  # how soon a lost camera is told, and how soon it is back once it sends again


class Watched:
    """A link, and the messages it gave so far."""

    def __init__(self, settings: Settings, **options: Any) -> None:
        self.link = VisionProcessLink(settings, **options)

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
        return frame_from_message(
            self.until(lambda message: message.type == "frame" and wanted(frame_from_message(message)))
        )

    def camera(self, state: str) -> dict[str, Any]:
        """The next status whose camera is in this state."""
        picks = self.until(lambda message: message.type == "status" and message.body["camera"]["state"] == state)
        return dict(picks.body)

    def vision(self, state: str) -> dict[str, Any]:
        return dict(self.until(lambda message: message.type == "vision" and message.body["state"] == state).body)


def patched(**constants: object) -> tuple[str, ...]:
    """Command of the vision process with other constants: `capture__loss_history__RETRY_S=1` is one of `app.vision`."""
    settings = [f"app.vision.{name.replace('__', '.')}={value!r}" for name, value in constants.items()]
    return (sys.executable, "-m", "tests.support.processes.patched_process", *settings)


# Losses that follow each other faster than people would pull a cable.
EACH_LOSS_REPORTED = patched(capture__loss_history__LOSS_WINDOW_S=0.1)


class Webcam:
    """What the made-up webcam of `tests/support/processes/webcam_process.py` does."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.does("sends")
        self.command = (sys.executable, "-m", "tests.support.processes.webcam_process", str(file))

    def does(self, state: str) -> None:
        part = self._file.with_suffix(".part")
        part.write_text(state)
        part.replace(self._file)


def seconds_until(action: Callable[[], Any]) -> float:
    started_s = time.monotonic()
    action()
    return time.monotonic() - started_s


def sizes(pid: int) -> tuple[int, int, float]:
    """Descriptors, threads and megabytes of a process."""
    process = psutil.Process(pid)
    return process.num_fds(), process.num_threads(), process.memory_info().rss / 2**20


def lose_and_regain(one: Watched, camera: NetworkCamera, fault: str, lasts_s: float = 0.0) -> tuple[float, float]:
    """One cycle: the camera fails, which is told, and comes back; after how many seconds each."""
    camera.state = fault
    told_s = seconds_until(lambda: one.camera("lost"))
    time.sleep(lasts_s)
    camera.state = "sends"
    back_s = seconds_until(lambda: (one.camera("live"), one.frame()))
    assert told_s < TOLD_S
    assert back_s < BACK_S
    return told_s, back_s

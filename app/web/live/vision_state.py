"""The last state that the vision process reported, and the cameras it detected."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from app.source_names import without_credentials

# Time for which a list of cameras is used again: short enough that a camera plugged in appears at the next look.
MAX_CAMERAS_AGE_S = 3.0
STATUS_SECTIONS = ("camera", "detail", "detector", "models")
# Distinguishes the pauses of one server; not a secret.
PAUSE_ID_BYTES = 6


class VisionState:
    """Merges the `status` and `vision` messages.

    Attributes:
        models_known: True once the vision process has described its models.
        pause: `id` and time (`at`) of the last pause that a viewer asked for; None after the source was resumed.
    """

    def __init__(self, requested_source: str) -> None:
        self.models_known = False
        self.pause: dict[str, str] | None = None
        self.camera: dict[str, Any] = {
            "state": "opening",
            "requested": without_credentials(requested_source),
            **dict.fromkeys(("source", "kind", "name")),
            "demo": False,
            **dict.fromkeys(("width", "height", "fps")),
            "duration_s": None,
            "ended": False,
            "mirrored": False,
            **dict.fromkeys(("notice", "error")),
        }
        self.vision: dict[str, Any] = {"state": "starting", "pid": None, "restarts": 0, "error": None}
        self.detail: dict[str, Any] = {"reduced": 0, "notice": None}
        self.detector: dict[str, Any] = {"name": None, "title": None, "notice": None}
        self.models: dict[str, Any] = {}
        self.trouble: str | None = None

    def update_status(self, body: Mapping[str, Any]) -> None:
        """Store the sections of a `status` message."""
        for section in STATUS_SECTIONS:
            if section in body:
                setattr(self, section, dict(body[section]))
        self.trouble = body.get("trouble", self.trouble)
        self.pause = body.get("pause", self.pause)  # of a camera that several web nodes show
        self.models_known = self.models_known or "models" in body

    def update_process(self, body: Mapping[str, Any]) -> None:
        """Store the known keys of a `vision` message."""
        self.vision = self.vision | {key: body[key] for key in self.vision if key in body}

    def start_pause(self) -> dict[str, str]:
        """Note that a viewer pauses the source. The viewer recognises its pause by the id that is returned."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.pause = {"id": secrets.token_hex(PAUSE_ID_BYTES), "at": at}
        return self.pause

    def end_pause(self) -> None:
        """Note that the source plays again."""
        self.pause = None

    @property
    def picture_problem(self) -> str | None:
        """Why there is no picture to save or record, in one line; None if there is one, or a viewer gets one."""
        reason = self._process_problem() or self._camera_problem()
        return f"there is no picture: {reason}" if reason else None

    def to_dict(self) -> dict[str, Any]:
        """The `status` event of docs/api.md without its session."""
        sections = {section: getattr(self, section) for section in STATUS_SECTIONS}
        pause = self.pause if self.camera.get("state") == "paused" else None
        return {**sections, "vision": self.vision, "trouble": self.trouble, "pause": pause}

    def _process_problem(self) -> str | None:
        if self.vision["state"] == "starting":
            return "the analysis has not started yet; try again in a moment"
        if self.vision["state"] == "running":
            return None
        return self.vision["error"] or "the analysis is not running; try again in a moment"

    def _camera_problem(self) -> str | None:
        state = self.camera.get("state")
        if state == "opening":
            return "the source is being opened; try again in a moment"
        if state == "waiting" and self.camera.get("kind") == "browser":
            return "no browser gives its camera yet; open the link of the live page in one"
        if state == "paused":
            return "the source is paused; resume it first"
        if state in ("lost", "failed"):
            return self.camera.get("error") or "the source sends no frames; choose another"
        return None


class CameraList:
    """Requests the list of cameras from the vision process, and remembers it for a while.

    Looking for cameras takes the vision process many times as long as a frame, so that requests without rest would
    slow the video.

    Args:
        send_request: Asks the vision process, which replies with a `cameras` message.
        clock: Monotonic time in seconds.
    """

    def __init__(self, send_request: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._send_request, self._clock = send_request, clock
        self._lock = threading.Lock()
        self._asked_at_s = -MAX_CAMERAS_AGE_S
        self._is_reply_due = True
        self._reply_received = threading.Event()
        self._cameras: list[dict[str, Any]] | None = None

    def receive(self, body: Mapping[str, Any]) -> None:
        """Store the list of a `cameras` message and wake all waiting requests."""
        cameras = [dict(camera) for camera in body["cameras"]]
        with self._lock:
            self._cameras, self._is_reply_due = cameras, False
            reply_received, self._reply_received = self._reply_received, threading.Event()
        reply_received.set()

    def request(self, timeout_s: float) -> list[dict[str, Any]] | None:
        """Return a list that is at most `MAX_CAMERAS_AGE_S` old; on timeout the last known one, or None."""
        with self._lock:
            reply_received = self._reply_received
            must_ask = self._clock() >= self._asked_at_s + MAX_CAMERAS_AGE_S
            if must_ask:
                self._asked_at_s, self._is_reply_due = self._clock(), True
            must_wait = self._is_reply_due
        if must_ask:
            self._send_request()
        if must_wait:
            reply_received.wait(timeout_s)
        return self._cameras

    def contains(self, source: str) -> bool:
        """Whether the last list has a camera with this source."""
        return any(camera.get("source") == source for camera in self._cameras or ())

"""The last state that the vision process reported, and the cameras it detected."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from app.settings import without_credentials

STATUS_SECTIONS = ("camera", "detail", "detector", "models")


class VisionState:
    """Merges the `status` and `vision` messages.

    Attributes:
        models_known: True once the vision process has described its models.
    """

    def __init__(self, requested_source: str) -> None:
        self.models_known = False
        self.camera: dict[str, Any] = {
            "state": "opening",
            "requested": without_credentials(requested_source),
            **dict.fromkeys(("source", "kind", "name")),
            "demo": False,
            **dict.fromkeys(("width", "height", "fps")),
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
        self.models_known = self.models_known or "models" in body

    def update_process(self, body: Mapping[str, Any]) -> None:
        """Store the known keys of a `vision` message."""
        self.vision = self.vision | {key: body[key] for key in self.vision if key in body}

    def to_dict(self) -> dict[str, Any]:
        """The `status` event of docs/api.md without its session."""
        sections = {section: getattr(self, section) for section in STATUS_SECTIONS}
        return {**sections, "vision": self.vision, "trouble": self.trouble}


class CameraList:
    """Requests the list of cameras from the vision process and waits for the reply."""

    def __init__(self, send_request: Callable[[], None]) -> None:
        self._send_request = send_request
        self._reply_received = threading.Event()
        self._cameras: list[dict[str, Any]] | None = None

    def receive(self, body: Mapping[str, Any]) -> None:
        """Store the list of a `cameras` message and wake all waiting requests."""
        self._cameras = [dict(camera) for camera in body["cameras"]]
        reply_received, self._reply_received = self._reply_received, threading.Event()
        reply_received.set()

    def request(self, timeout_s: float) -> list[dict[str, Any]] | None:
        """Return a fresh list; on timeout the last known one, or None."""
        reply_received = self._reply_received
        self._send_request()
        reply_received.wait(timeout_s)
        return self._cameras

    def contains(self, source: str) -> bool:
        """Whether the last list has a camera with this source."""
        return any(camera.get("source") == source for camera in self._cameras or ())

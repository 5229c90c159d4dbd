"""What the vision process last said of itself, and the cameras it found."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.settings import without_credentials

PARTS = ("camera", "detail", "detector", "models")


class VisionState:
    """The `status` and `vision` messages, merged.

    Attributes:
        known: True once the vision process has described its models.
    """

    def __init__(self, requested: str) -> None:
        self.known = False
        self.camera: dict[str, Any] = {
            "state": "opening",
            "requested": without_credentials(requested),
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

    def status(self, body: Mapping[str, Any]) -> None:
        """Take in what a `status` message says."""
        for part in PARTS:
            if part in body:
                setattr(self, part, dict(body[part]))
        self.trouble = body.get("trouble", self.trouble)
        self.known = self.known or "models" in body

    def process(self, body: Mapping[str, Any]) -> None:
        """Take in what a `vision` message says."""
        self.vision = self.vision | {key: body[key] for key in self.vision if key in body}

    @property
    def emotion_labels(self) -> Sequence[str]:
        """Labels of the emotion model's card; empty without one."""
        return tuple(self.models.get("emotion", {}).get("labels", ()))

    def to_dict(self) -> dict[str, Any]:
        """The status event of docs/api.md, but for its session."""
        parts = {part: getattr(self, part) for part in PARTS}
        return {**parts, "vision": self.vision, "trouble": self.trouble}


class CameraList:
    """Asks the vision process for the cameras it finds and waits for the answer."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._answered = threading.Event()
        self._cameras: list[dict[str, Any]] | None = None

    def heard(self, body: Mapping[str, Any]) -> None:
        """Take in a `cameras` message."""
        self._cameras = [dict(camera) for camera in body["cameras"]]
        answered, self._answered = self._answered, threading.Event()
        answered.set()

    def ask(self, timeout_s: float) -> list[dict[str, Any]] | None:
        """A fresh list; the last known one, or None, if no answer comes in time."""
        answered = self._answered
        self._ask()
        answered.wait(timeout_s)
        return self._cameras

    def offers(self, source: str) -> bool:
        """Whether the last list has a camera of this source."""
        return any(camera.get("source") == source for camera in self._cameras or ())

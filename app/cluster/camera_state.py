"""The state of a camera as web nodes see it: of its vision process, its source and its session."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

# A camera whose process has given no sign of life for `publisher.STATE_EXPIRES_MS`.
AWAY = {
    "state": "restarting",
    "pid": None,
    "restarts": 0,
    "error": "the process of this camera does not answer; the picture comes back with it",
}


class CameraState:
    """Collects the newest messages of a vision process. Safe for threads.

    Attributes:
        pause: `id` and time (`at`) of the pause that a viewer asked for; None after the source was resumed.
    """

    def __init__(self, blur: bool) -> None:
        self._lock = threading.Lock()
        self._blur = blur
        self._vision: Mapping[str, Any] = {"state": "starting", "pid": None, "restarts": 0, "error": None}
        self._status: Mapping[str, Any] = {}
        self.pause: Mapping[str, Any] | None = None

    def update_process(self, body: Mapping[str, Any]) -> None:
        """Store a `vision` message."""
        with self._lock:
            self._vision = body

    def update_status(self, body: Mapping[str, Any]) -> None:
        """Store a `status` message."""
        with self._lock:
            self._status = {**self._status, **body}

    @property
    def is_demo(self) -> bool:
        """Whether the source is the demo."""
        return bool(self._status.get("camera", {}).get("demo"))

    def to_json(self, session: Mapping[str, Any] | None, storage: str | None) -> bytes:
        """The state with the running session and why it is not saved.

        The id of the process is left out: it means nothing on another computer.
        """
        with self._lock:
            document = {
                "vision": {**self._vision, "pid": None},
                "status": self._status,
                "pause": self.pause,
                "blur": self._blur,
            }
        return json.dumps({**document, "session": session, "storage": storage}, separators=(",", ":")).encode()

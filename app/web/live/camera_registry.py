"""The cameras of the server by name, and which of them records a session."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

from app.errors import UnknownItem
from app.sessions.recording.recorder import Recorder
from app.web.live.live_camera import LiveCamera

# Of `LiveCamera.health`, the best first.
STATES_BY_HEALTH = ("ok", "paused", "waiting", "starting", "failing")


class CameraRegistry:
    """At least one camera. The first one is meant where a client names none."""

    def __init__(self, cameras: Sequence[LiveCamera]) -> None:
        self._cameras = {camera.name: camera for camera in cameras}
        self.first = cameras[0]

    def __iter__(self) -> Iterator[LiveCamera]:
        return iter(self._cameras.values())

    def __len__(self) -> int:
        return len(self._cameras)

    def find(self, name: str | None) -> LiveCamera:
        """The camera with this name; the first one without a name.

        Raises:
            UnknownItem: there is no such camera.
        """
        camera = self.first if name is None else self._cameras.get(name)
        if camera is None:
            raise UnknownItem(f"there is no camera {name!r}; choose from {', '.join(self._cameras)}")
        return camera

    def health(self) -> dict[str, Any]:
        """The response body of `/healthz` for several cameras: the state of the least healthy one, and each."""
        by_name = {camera.name: camera.health() for camera in self}
        states = [one["status"] for one in by_name.values()]
        return {"status": max(states, key=STATES_BY_HEALTH.index), "cameras": by_name}

    @property
    def running_sessions(self) -> Sequence[dict[str, Any]]:
        """The running session of each camera that records one, as in its `status` event."""
        return [session for camera in self if (session := camera.recorder.current)]

    def recorder_of(self, session_id: int) -> Recorder:
        """The recorder that runs a session; that of the first camera if the session is not running."""
        for camera in self:
            current = camera.recorder.current
            if current and current["id"] == session_id:
                return camera.recorder
        return self.first.recorder

    def emit_status(self) -> None:
        """Send each page the status of its camera."""
        for camera in self:
            camera.emit("status", camera.status())

    def close_streams(self) -> None:
        """End all video streams."""
        for camera in self:
            camera.broadcaster.close()

    def close(self) -> None:
        """Close all sessions and stop all vision processes, beside each other: each may take 5 s."""
        threads = [threading.Thread(target=camera.close, name=f"close {camera.name}") for camera in self]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

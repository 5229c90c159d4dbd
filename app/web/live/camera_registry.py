"""The cameras of the server by name, and which of them records a session."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from app.errors import UnknownItem
from app.sessions.recording.session_recorder import SessionRecorder
from app.web.live.live_camera import LiveCamera

# Of `LiveCamera.health`, the best first.
STATES_BY_HEALTH = ("ok", "paused", "waiting", "starting", "failing")


class CameraRegistry:
    """The cameras. The first one is meant where a client names none.

    Attributes:
        may_change: Whether cameras come and go at run time, as on a web node; then there may be none.
        is_connected: False while a web node cannot learn of its cameras.
    """

    def __init__(self, *, may_change: bool = False) -> None:
        self._cameras: Mapping[str, LiveCamera] = {}
        self.may_change = may_change
        self.is_connected: Callable[[], bool] = lambda: True

    def add(self, camera: LiveCamera) -> None:
        """Add a camera; on a web node in the order of the names."""
        cameras = {**self._cameras, camera.name: camera}
        self._cameras = dict(sorted(cameras.items())) if self.may_change else cameras

    def remove(self, name: str) -> LiveCamera:
        """Remove a camera; returns it."""
        self._cameras, removed = {key: one for key, one in self._cameras.items() if key != name}, self._cameras[name]
        return removed

    @property
    def is_wall(self) -> bool:
        """Whether the start page is a wall of all cameras."""
        return self.may_change or len(self) > 1

    @property
    def first(self) -> LiveCamera:
        """The first camera.

        Raises:
            UnknownItem: there is none.
        """
        return self.find(None)

    def __iter__(self) -> Iterator[LiveCamera]:
        return iter(self._cameras.values())

    def __len__(self) -> int:
        return len(self._cameras)

    def find(self, name: str | None) -> LiveCamera:
        """The camera with this name; the first one without a name.

        Raises:
            UnknownItem: there is no such camera.
        """
        camera = next(iter(self), None) if name is None else self._cameras.get(name)
        if camera is None and not self._cameras:
            raise UnknownItem("no camera is connected; start one with the command camera")
        if camera is None:
            raise UnknownItem(f"there is no camera {name!r}; choose from {', '.join(self._cameras)}")
        return camera

    def health(self) -> dict[str, Any]:
        """The response body of `/healthz` for several cameras: the state of the least healthy one, and each.

        A web node serves what it can: its state is whether it learns of cameras.
        """
        by_name = {camera.name: camera.health() for camera in self}
        if self.may_change:
            state = "failing" if not self.is_connected() else "ok" if by_name else "waiting"
            return {"status": state, "cameras": by_name}
        states = [one["status"] for one in by_name.values()]
        return {"status": max(states, key=STATES_BY_HEALTH.index), "cameras": by_name}

    @property
    def running_sessions(self) -> Sequence[dict[str, Any]]:
        """The running session of each camera that records one, as in its `status` event."""
        return [session for camera in self if (session := camera.recorder.current)]

    def recorder_of(self, session_id: int) -> SessionRecorder:
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

"""The browser that gives its camera: one at a time for each camera, and only while its frames are wanted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol, cast

from flask import current_app

from app.domain import PictureSize, ViewOptions
from app.errors import NotOffered
from app.web.camera.camera_access import CameraAccess
from app.web.live.live_camera import LiveCamera

# A browser says something at least once a second. After this another one may take its place.
SILENT_AFTER_S = 5.0
# Key of the `BrowserCameras` in `app.extensions`.
EXTENSION_NAME = "browser_cameras"

GIVE, PAUSED, ELSEWHERE = "give", "paused", "elsewhere"


class Giver(Protocol):
    """A connection of a browser that wants to give its camera; `pass_text` tells browsers apart."""

    pass_text: str
    opened_at_s: float


class BrowserCamera:
    """Decides which browser gives its camera, and hands its frames to the vision process.

    Args:
        live_camera: The camera whose source is the browser.
        access: Who may give a camera.
        clock: Monotonic time in seconds, the same as in the vision process.
    """

    def __init__(
        self, live_camera: LiveCamera, access: CameraAccess, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.live_camera, self.access, self.clock = live_camera, access, clock
        self._lock = threading.Lock()
        self._giver: Giver | None = None
        self._heard_at_s = 0.0

    @property
    def wanted(self) -> str:
        """What a browser should do: `give` its camera, or wait since it is `paused`, or another source is shown."""
        camera = self.live_camera.state.camera
        if camera["requested"] != "browser":
            return ELSEWHERE
        return PAUSED if camera["state"] == "paused" else GIVE

    def view_key(self, language: str) -> str:
        """The view that a browser sees of its own camera, on the small screen of a phone."""
        return ViewOptions(self.live_camera.attributes.default_show, PictureSize.SMALL, language).key

    def claim(self, giver: Giver) -> bool:
        """Whether a connection gives the camera: the first one, until it ends, falls silent, or its browser connects
        again."""
        with self._lock:
            now_s, current = self.clock(), self._giver
            if current is not None and current is not giver:
                has_ended = now_s - self._heard_at_s > SILENT_AFTER_S
                if not has_ended and not _is_newer(giver, current):
                    return False
            self._giver, self._heard_at_s = giver, now_s
            return True

    def send_frame(self, giver: Giver, jpeg: bytes, received_at_s: float, captured_at_s: float) -> None:
        """Pass a frame on."""
        body = {"received_at_s": received_at_s, "captured_at_s": captured_at_s}
        self.live_camera.link.send("camera_frame", body, [jpeg])

    def stop(self, giver: Giver) -> None:
        """Tell the vision process that the browser gives no frames for now."""
        if self._giver is giver:
            self.live_camera.link.send("camera_gone")

    def release(self, giver: Giver) -> None:
        """End of a connection."""
        self.stop(giver)
        with self._lock:
            if self._giver is giver:
                self._giver = None

    def link(self) -> tuple[str, float]:
        """Token of a valid link, and the seconds until it ends."""
        return self.access.link(self.live_camera.name)

    def revoke(self) -> None:
        """End all links and passes; the browser that gives its camera is told with its next message."""
        self.access.revoke(self.live_camera.name)
        self.live_camera.link.send("camera_gone")


class BrowserCameras:
    """The browser that gives its camera, for each camera of the server."""

    def __init__(self, cameras: Iterable[LiveCamera], access: CameraAccess) -> None:
        self.access = access
        self._by_name = {camera.name: BrowserCamera(camera, access) for camera in cameras}

    def find(self, name: str) -> BrowserCamera:
        """That of the camera with this name.

        Raises:
            NotOffered: its source is in another process.
        """
        if name not in self._by_name:
            raise NotOffered("browsers give their camera only to a server that was started with run")
        return self._by_name[name]

    def of_pass(self, given: str | None) -> BrowserCamera | None:
        """That of the camera which a pass admits to; None if it is not valid."""
        name = self.access.camera_of(given)
        return None if name is None else self._by_name[name]


def current_browser_cameras() -> BrowserCameras:
    """The browser cameras of the current app. Requires an application context."""
    return cast(BrowserCameras, current_app.extensions[EXTENSION_NAME])


def _is_newer(giver: Giver, current: Giver) -> bool:
    """Whether a connection replaces another one of the same browser."""
    return giver.pass_text == current.pass_text and giver.opened_at_s > current.opened_at_s

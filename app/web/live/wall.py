"""Pictures and states of all cameras for one page, which asks for the newest ones over a single connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from app.domain import PictureSize, ViewOptions
from app.web.live.camera_registry import CameraRegistry
from app.web.live.live_camera import LiveCamera
from app.web.live.view_allocation import ViewSubscription

# A view that no page has asked for during this time is no longer drawn. Pages ask several times a second; those of a
# busy browser pause for a second or two.
LEASE_S = 5.0
LEASE_CHECK_INTERVAL_S = 1.0
# How often to look for a new picture while none of any camera is there: between two frames of 30 a second.
POLL_INTERVAL_S = 0.02
# Without a new picture of any camera, a request is answered after this time, since states change as well.
ANSWER_TIMEOUT_S = 1.0
# What the wall shows of the state of a camera, of the `status` event.
CAMERA_KEYS = ("state", "kind", "notice", "error", "fps")
VISION_KEYS = ("state", "error")
# In place of a frame's number: the page has no picture of the camera.
NO_FRAME = "-"
# Subscribes for all walls, beside the clients of other streams.
CLIENT = "wall"


class Wall:
    """The newest pictures of all cameras. Views are leased: they are drawn while pages ask for them.

    Args:
        clock: Monotonic time in seconds.
    """

    def __init__(self, cameras: CameraRegistry, clock: Callable[[], float] = time.monotonic) -> None:
        self._cameras, self._clock = cameras, clock
        self._lock = threading.Lock()
        self._leases: dict[tuple[str, str], _Lease] = {}
        self._closed = threading.Event()

    def tiles(self) -> list[dict[str, Any]]:
        """The state of each camera, in order (docs/api.md)."""
        return [_tile(camera) for camera in self._cameras]

    def newest(self, shown: Sequence[str], language: str) -> tuple[list[dict[str, Any]], list[bytes]]:
        """Wait for a picture that the page does not show yet; returns all tiles, and the new pictures among them.

        Args:
            shown: For each camera the `frame` of the tile that the page shows, or `NO_FRAME`. With another number of
                cameras than there are, the answer comes at once.
            language: Of the labels in the pictures.

        Returns:
            The tiles as `tiles` has them, with `frame` (number of its newest picture as text, `NO_FRAME` without one)
            and `bytes` (length of the picture that follows, 0 for none); and the pictures as JPEG.
        """
        ends_s = self._clock() + ANSWER_TIMEOUT_S
        while True:
            cameras = list(self._cameras)
            frames = [self._frame(camera, language) for camera in cameras]
            has_changed = len(shown) != len(cameras)  # perhaps while the page waits
            before = [NO_FRAME] * len(cameras) if has_changed else shown
            is_new = [frame != last for (frame, _), last in zip(frames, before, strict=True)]
            if any(is_new) or has_changed or self._clock() >= ends_s or self._closed.is_set():
                break
            time.sleep(POLL_INTERVAL_S)
        pictures = [jpeg if new else b"" for (_, jpeg), new in zip(frames, is_new, strict=True)]
        tiles = [
            {**tile, "frame": frame, "bytes": len(picture)}
            for tile, (frame, _), picture in zip(map(_tile, cameras), frames, pictures, strict=True)
        ]
        return tiles, [picture for picture in pictures if picture]

    def run(self) -> None:
        """End the leases of views that nobody asks for, until closed. For a background task."""
        while not self._closed.wait(LEASE_CHECK_INTERVAL_S):
            now_s = self._clock()
            with self._lock:
                ended = [key for key, lease in self._leases.items() if now_s - lease.asked_at_s > LEASE_S]
                subscriptions = [self._leases.pop(key).subscription for key in ended]
            for subscription in subscriptions:
                subscription.close()

    def close(self) -> None:
        """End `run` and all waiting requests."""
        self._closed.set()

    def _frame(self, camera: LiveCamera, language: str) -> tuple[str, bytes]:
        """Number and JPEG of the newest frame of a camera; `NO_FRAME` and no bytes while it gives no picture."""
        key = self._lease(camera, ViewOptions(camera.attributes.default_show, PictureSize.SMALL, language).key)
        result = camera.broadcaster.newest
        if result is None or key not in result.jpegs or camera.state.picture_problem:
            return NO_FRAME, b""
        return str(result.index), result.jpegs[key]

    def _lease(self, camera: LiveCamera, key: str) -> str:
        """Have a view drawn for the next `LEASE_S`; returns the key of the view that is drawn in its place."""
        with self._lock:
            lease = self._leases.get((camera.name, key))
            if lease is None or lease.subscription.has_given_way:
                always_drawn = ViewOptions(camera.attributes.default_show).key  # also when there are too many views
                lease = _Lease(camera.broadcaster.subscribe(key, CLIENT, [always_drawn]))
                self._leases[camera.name, key] = lease
            lease.asked_at_s = self._clock()
            return lease.subscription.key


class _Lease:
    """A view of a camera that pages ask for, and when one last did."""

    def __init__(self, subscription: ViewSubscription) -> None:
        self.subscription, self.asked_at_s = subscription, 0.0


def _tile(camera: LiveCamera) -> dict[str, Any]:
    status, session = camera.state.to_dict(), camera.recorder.current
    return {
        "name": camera.name,
        "camera": {key: status["camera"].get(key) for key in CAMERA_KEYS},
        "vision": {key: status["vision"][key] for key in VISION_KEYS},
        "pause": status["pause"],
        "fps": round(camera.fps, 1),
        "reduced": status["detail"]["reduced"],
        "people": len(camera.faces_in_view),
        "session": session and session["name"],
    }

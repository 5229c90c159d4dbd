"""The server's shared state, which routes and events use, and the payloads built from it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from flask import current_app

from app.attributes.attribute_set import AttributeSet
from app.domain import FaceResult
from app.errors import AppError
from app.face_json import face_to_json
from app.jobs.job_runner import JobRunner
from app.jobs.picture_process import PictureProcess
from app.sessions.disk_worker import DiskWorker
from app.sessions.recording.recorder import Recorder
from app.sessions.retention import Retention
from app.sessions.store import SessionStore
from app.settings import Settings
from app.web.live.explanations import Explanations
from app.web.live.frame_broadcaster import FrameBroadcaster
from app.web.live.frame_counters import FrameCounters
from app.web.live.viewer_presence import ViewerPresence
from app.web.live.vision_state import CameraList, VisionState
from app.wire import VisionLink

# /healthz fails when the newest frame is older than this, or than two frame intervals of a slower source.
MAX_FRAME_AGE_S = 3.0
# Limit for each of the three disk operations at shutdown, so that the server ends within 5 s.
SHUTDOWN_DISK_TIMEOUT_S = 1.0
HEALTHY_STATES = ("ok", "paused", "waiting")
# Key of `Services` in `app.extensions`.
EXTENSION_NAME = "live_analysis"

log = logging.getLogger(__name__)


def _emit_nothing(_event: str, _payload: Any) -> None:
    """Before Socket.IO is there."""


@dataclass(slots=True)
class Services:
    """Everything that lives as long as the server.

    Attributes:
        clients: Socket.IO ids of the connected pages.
        emit: Sends a Socket.IO event to every page.
    """

    link: VisionLink
    store: SessionStore
    settings: Settings
    attributes: AttributeSet
    disk_worker: DiskWorker
    recorder: Recorder
    retention: Retention
    broadcaster: FrameBroadcaster
    state: VisionState
    cameras: CameraList
    explanations: Explanations
    presence: ViewerPresence
    pictures: PictureProcess
    jobs: JobRunner
    clients: set[str] = field(default_factory=set)
    counters: FrameCounters = field(default_factory=FrameCounters)
    emit: Callable[[str, Any], None] = _emit_nothing

    def status(self) -> dict[str, Any]:
        """The `status` event of docs/api.md."""
        privacy = {"blur": self.settings.blur, "keep_days": self.settings.keep_days}
        return {
            **self.state.to_dict(),
            "privacy": privacy,
            "storage": self.storage_problem,
            "session": self.recorder.current,
        }

    @property
    def storage_problem(self) -> str | None:
        """Why sessions are not saved, or what happened to the sessions file, in one line; None without a problem."""
        return self.recorder.save_problem or self.store.notice

    def stats(self) -> dict[str, Any] | None:
        """The `stats` event of the newest frame; None before the first."""
        result = self.broadcaster.newest
        if result is None:
            return None
        return {
            "frame": result.index,
            "fps": result.fps,
            "latency_ms": self.broadcaster.latency().recent_ms,
            "width": result.width,
            "height": result.height,
            "position_s": None if result.position_s is None else round(result.position_s, 2),
            "faces": [face_to_json(face, self.attributes) for face in result.faces],
            "session": self.recorder.live_totals(),
        }

    @property
    def faces_in_view(self) -> Sequence[FaceResult]:
        """The faces of the newest frame; none if it is older than `MAX_FRAME_AGE_S`."""
        result, age_s = self.broadcaster.newest, self.broadcaster.age_s
        return result.faces if result and age_s is not None and age_s <= MAX_FRAME_AGE_S else ()

    @property
    def is_watched(self) -> bool:
        """Whether a viewer, a page or a running session uses the results; otherwise the vision process idles."""
        return bool(self.broadcaster.viewers or self.clients or self.recorder.current)

    @property
    def is_healthy(self) -> bool:
        """Whether frames arrive, the camera is paused or it waits for the first viewer."""
        return self.health()["status"] in HEALTHY_STATES

    def health(self) -> dict[str, Any]:
        """The response body of `/healthz`."""
        age_s, latency, newest = self.broadcaster.age_s, self.broadcaster.latency(), self.broadcaster.newest
        is_fresh = age_s is not None and age_s <= max(MAX_FRAME_AGE_S, 2 / (self.state.camera.get("fps") or 1))
        vision = self.state.vision
        return {
            "status": self._health_status(is_fresh),
            "frame_age_s": None if age_s is None else round(age_s, 3),
            "fps": newest.fps if newest and is_fresh else 0.0,
            "latency_p50_ms": latency.p50_ms,
            "latency_p95_ms": latency.p95_ms,
            "camera": {"state": self.state.camera.get("state")},
            "vision": {key: vision[key] for key in ("state", "pid", "restarts")},
            "viewers": self.broadcaster.viewers,
            "watched": self.is_watched,
            "reduced": self.state.detail["reduced"],
        }

    def close(self) -> None:
        """End streams, close the session and stop the vision process within 5 s. May be called twice."""
        self.broadcaster.close()
        self.retention.close()
        self.jobs.close()
        self.pictures.close()
        self.disk_worker.set_timeout(SHUTDOWN_DISK_TIMEOUT_S)
        try:
            self.recorder.close()
        except AppError as error:
            log.warning("%s", error)
        self.link.close()
        self.disk_worker.close()

    def _health_status(self, is_fresh: bool) -> str:
        camera, vision = self.state.camera.get("state"), self.state.vision["state"]
        if vision in ("restarting", "failed") or camera in ("lost", "failed"):
            return "failing"
        if camera in ("paused", "waiting"):
            return str(camera)
        if is_fresh:
            return "ok"
        return "starting" if vision == "starting" or camera == "opening" else "failing"


def current_services() -> Services:
    """The services of the current app. Requires an application context."""
    return cast(Services, current_app.extensions[EXTENSION_NAME])

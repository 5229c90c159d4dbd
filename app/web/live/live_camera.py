"""One camera in the web process: the link to its vision process, its newest frame, viewers, session and state."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.attributes.attribute_set import AttributeSet
from app.domain import FaceResult, FrameResult, ViewOptions
from app.errors import AppError
from app.face_json import face_to_json
from app.sessions.disk_worker import DiskWorker
from app.sessions.export.live_rows import live_rows
from app.sessions.recording.local_recorder import LocalRecorder
from app.sessions.recording.session_recorder import SessionRecorder
from app.sessions.store import SessionStore
from app.settings import Settings
from app.web.live.explanations import Explanations
from app.web.live.frame_broadcaster import FrameBroadcaster
from app.web.live.frame_counters import FrameCounters
from app.web.live.neutral_face_markers import NeutralFaceMarkers
from app.web.live.row_feed import RowFeed
from app.web.live.viewer_presence import ViewerPresence
from app.web.live.vision_state import CameraList, VisionState
from app.webhook.notifications import Notifications
from app.wire import VisionLink

# /healthz fails when the newest frame is older than this, or than two frame intervals of a slower source.
MAX_FRAME_AGE_S = 3.0
HEALTHY_STATES = ("ok", "paused", "waiting")

log = logging.getLogger(__name__)


def emit_nothing(_event: str, _payload: Any) -> None:
    """Before Socket.IO is there."""


@dataclass(slots=True)
class LiveCamera:
    """Everything of one camera that lives as long as the server.

    Attributes:
        name: Tells the cameras of a server apart.
        settings: The app's settings with the source of this camera.
        follow_rules: Takes each frame, for the rules of the webhook.
        clients: Socket.IO ids of the pages that show this camera.
        emit: Sends a Socket.IO event to these pages.
    """

    name: str
    link: VisionLink
    store: SessionStore
    settings: Settings
    attributes: AttributeSet
    recorder: SessionRecorder
    broadcaster: FrameBroadcaster
    state: VisionState
    sources: CameraList
    explanations: Explanations
    neutral_face_markers: NeutralFaceMarkers
    presence: ViewerPresence
    follow_rules: Callable[[FrameResult], None]
    clients: set[str] = field(default_factory=set)
    counters: FrameCounters = field(default_factory=FrameCounters)
    emit: Callable[[str, Any], None] = emit_nothing

    @property
    def room(self) -> str:
        """The Socket.IO room of the pages that show this camera."""
        return f"camera {self.name}"

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
        return self._health_status() in HEALTHY_STATES

    @property
    def has_fresh_frame(self) -> bool:
        """Whether the newest frame is as new as frames of this source can be."""
        age_s = self.broadcaster.age_s
        return age_s is not None and age_s <= max(MAX_FRAME_AGE_S, 2 / (self.state.camera.get("fps") or 1))

    @property
    def fps(self) -> float:
        """Frames a second that are analysed; 0 while none arrive."""
        newest = self.broadcaster.newest
        return newest.fps if newest and self.has_fresh_frame else 0.0

    def health(self) -> dict[str, Any]:
        """The response body of `/healthz`."""
        age_s, latency, vision = self.broadcaster.age_s, self.broadcaster.latency(), self.state.vision
        return {
            "status": self._health_status(),
            "frame_age_s": None if age_s is None else round(age_s, 3),
            "fps": self.fps,
            "latency_p50_ms": latency.p50_ms,
            "latency_p95_ms": latency.p95_ms,
            "camera": {"state": self.state.camera.get("state")},
            "vision": {key: vision[key] for key in ("state", "pid", "restarts")},
            "viewers": self.broadcaster.viewers,
            "watched": self.is_watched,
            "reduced": self.state.detail["reduced"],
        }

    def close(self) -> None:
        """Close the session and stop the vision process. May be called twice."""
        try:
            self.recorder.close()
        except AppError as error:
            log.warning("%s", error)
        self.link.close()

    def _health_status(self) -> str:
        camera, vision = self.state.camera.get("state"), self.state.vision["state"]
        if vision in ("restarting", "failed") or camera in ("lost", "failed"):
            return "failing"
        if camera in ("paused", "waiting"):
            return str(camera)
        if self.has_fresh_frame:
            return "ok"
        return "starting" if vision == "starting" or camera == "opening" else "failing"


def open_camera(
    name: str,
    link: VisionLink,
    settings: Settings,
    *,
    store: SessionStore,
    disk_worker: DiskWorker,
    attributes: AttributeSet,
    rows: RowFeed,
    notifications: Notifications,
    recorder: SessionRecorder | None = None,
) -> LiveCamera:
    """Create the parts of a camera and connect them. Nothing is read from `link` yet.

    Args:
        settings: The app's settings with the source of this camera.
        recorder: Of a camera that another process records; by default this one does.
    """
    recorder = recorder or LocalRecorder(store, disk_worker, on_rows=lambda *session: rows.publish(live_rows(*session)))
    clients: set[str] = set()
    return LiveCamera(
        name=name,
        link=link,
        store=store,
        settings=settings,
        attributes=attributes,
        recorder=recorder,
        broadcaster=FrameBroadcaster(
            lambda keys: link.send("views", {"views": list(keys)}),
            default_key=ViewOptions(attributes.default_show).key,
        ),
        state=VisionState(settings.source),
        sources=CameraList(lambda: link.send("list_cameras")),
        explanations=Explanations(link.send),
        neutral_face_markers=NeutralFaceMarkers(recorder, store, disk_worker),
        presence=ViewerPresence(
            lambda: bool(clients or recorder.current), lambda wanted: link.send("numbers", {"wanted": wanted})
        ),
        follow_rules=notifications.watch(name, lambda: recorder.current),
        clients=clients,
    )

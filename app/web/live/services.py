"""The server's shared state, which routes and events use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app, request

from app.attributes.attribute_set import AttributeSet
from app.jobs.job_runner import JobRunner
from app.jobs.lesson_process import LessonProcess
from app.jobs.picture_process import PictureProcess
from app.sessions.disk_worker import DiskWorker
from app.sessions.retention import Retention
from app.sessions.store import SessionStore
from app.settings import Settings
from app.web.live.camera_registry import CameraRegistry
from app.web.live.live_camera import LiveCamera, emit_nothing
from app.web.live.row_feed import RowFeed
from app.web.live.wall import Wall
from app.web.webhook.notifications import Notifications

# Limit for each of the three disk operations at shutdown, so that the server ends within 5 s.
SHUTDOWN_DISK_TIMEOUT_S = 1.0
# Key of `Services` in `app.extensions`.
EXTENSION_NAME = "live_analysis"


@dataclass(slots=True)
class Services:
    """Everything that lives as long as the server.

    Attributes:
        emit: Sends a Socket.IO event to every page, whatever camera it shows.
    """

    cameras: CameraRegistry
    store: SessionStore
    settings: Settings
    attributes: AttributeSet
    disk_worker: DiskWorker
    rows: RowFeed
    notifications: Notifications
    retention: Retention
    pictures: PictureProcess
    lessons: LessonProcess
    jobs: JobRunner
    wall: Wall
    emit: Callable[[str, Any], None] = emit_nothing

    def close(self) -> None:
        """End streams, close the sessions and stop the vision processes within 5 s. May be called twice."""
        self.cameras.close_streams()
        self.rows.close()
        self.notifications.close()
        self.wall.close()
        self.retention.close()
        self.jobs.close()
        self.pictures.close()
        self.lessons.close()
        self.disk_worker.set_timeout(SHUTDOWN_DISK_TIMEOUT_S)
        self.cameras.close()
        self.disk_worker.close()


def current_services() -> Services:
    """The services of the current app. Requires an application context."""
    return cast(Services, current_app.extensions[EXTENSION_NAME])


def current_camera() -> LiveCamera:
    """The camera that the request or the handshake of the page names (`?camera=NAME`), else the first one.

    Raises:
        UnknownItem: there is no such camera.
    """
    return current_services().cameras.find(request.args.get("camera"))

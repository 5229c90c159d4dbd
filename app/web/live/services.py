"""The server's shared state, which routes and events use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app, request

from app.attributes.attribute_set import AttributeSet
from app.errors import NotOffered
from app.jobs.job_runner import JobRunner
from app.jobs.lesson_process import LessonProcess
from app.jobs.picture_process import PictureProcess
from app.sessions.disk_worker import DiskWorker
from app.sessions.recording.lease_renewal import LeaseRenewal
from app.sessions.retention import Retention
from app.sessions.store import SessionStore
from app.settings import Settings
from app.web.live.camera_registry import CameraRegistry
from app.web.live.live_camera import LiveCamera, emit_nothing
from app.web.live.row_feed import RowFeed
from app.web.live.wall import Wall
from app.webhook.notifications import Notifications

# Limit for each of the three disk operations at shutdown, so that the server ends within 5 s.
SHUTDOWN_DISK_TIMEOUT_S = 1.0
# Key of `Services` in `app.extensions`.
EXTENSION_NAME = "live_analysis"


def do_nothing() -> None:
    """Operating-system threads need not let others run."""


@dataclass(frozen=True, slots=True)
class ClientAnalysis:
    """Analysis of what clients send, in processes that load models."""

    pictures: PictureProcess
    lessons: LessonProcess
    jobs: JobRunner

    def close(self) -> None:
        """End the processes."""
        self.jobs.close()
        self.pictures.close()
        self.lessons.close()


@dataclass(slots=True)
class Services:
    """Everything that lives as long as the server.

    Attributes:
        analysis: None on a web node, which holds no models.
        yield_now: Lets other green threads run.
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
    leases: LeaseRenewal
    analysis: ClientAnalysis | None
    wall: Wall
    yield_now: Callable[[], None] = do_nothing
    emit: Callable[[str, Any], None] = emit_nothing

    @property
    def pictures(self) -> PictureProcess:
        """The process for single pictures; raises NotOffered."""
        return self._offered().pictures

    @property
    def lessons(self) -> LessonProcess:
        """The process for lessons; raises NotOffered."""
        return self._offered().lessons

    @property
    def jobs(self) -> JobRunner:
        """The jobs; raises NotOffered."""
        return self._offered().jobs

    def close(self) -> None:
        """End streams, close the sessions and stop the vision processes within 5 s. May be called twice."""
        self.cameras.close_streams()
        self.rows.close()
        self.notifications.close()
        self.wall.close()
        self.retention.close()
        self.leases.close()
        if self.analysis:
            self.analysis.close()
        self.disk_worker.set_timeout(SHUTDOWN_DISK_TIMEOUT_S)
        self.cameras.close()
        self.disk_worker.close()

    def _offered(self) -> ClientAnalysis:
        if self.analysis is None:
            raise NotOffered("this server holds no models; pictures are analysed by one that was started with run")
        return self.analysis


def current_services() -> Services:
    """The services of the current app. Requires an application context."""
    return cast(Services, current_app.extensions[EXTENSION_NAME])


def current_camera() -> LiveCamera:
    """The camera that the request or the handshake of the page names (`?camera=NAME`), else the first one.

    Raises:
        UnknownItem: there is no such camera.
    """
    return current_services().cameras.find(request.args.get("camera"))

"""The web process: pages, video streams, the JSON interface and Socket.IO, independent of the async mode."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial

from flask import Flask
from flask_socketio import SocketIO

from app.attributes.attribute_set import AttributeSet, load_attributes
from app.errors import ModelError
from app.jobs.job_runner import JobRunner
from app.jobs.lesson_process import LessonProcess
from app.jobs.picture_process import PictureProcess
from app.paths import PROJECT, data_folder, resource
from app.sessions.disk_worker import DiskWorker, RunBlocking
from app.sessions.recording.lease_renewal import LeaseRenewal
from app.sessions.recording.session_recorder import SessionRecorder
from app.sessions.retention import Retention
from app.sessions.store import SessionStore
from app.settings import Settings
from app.web.camera.browser_camera import EXTENSION_NAME as BROWSER_CAMERAS
from app.web.camera.browser_camera import BrowserCameras
from app.web.camera.camera_access import CameraAccess
from app.web.camera.camera_socket import CameraSocket
from app.web.language.request_language import install_language
from app.web.live.camera_registry import CameraRegistry
from app.web.live.live_camera import open_camera
from app.web.live.message_dispatcher import MessageDispatcher
from app.web.live.row_feed import RowFeed
from app.web.live.services import EXTENSION_NAME, ClientAnalysis, Services
from app.web.live.wall import Wall
from app.web.page_modules import install_page_modules
from app.web.routes import (
    analysis,
    api,
    camera,
    events,
    learn,
    metrics,
    pages,
    people_in_view,
    row_stream,
    session_import,
    socketio_server,
    stream,
    wall,
)
from app.web.routes.sessions import catalog, comparison, exports, figures, markers, people
from app.web.security.request_guard import install_guards
from app.web.server_context import ServerContext
from app.webhook.notifications import build_notifications
from app.wire import VisionLink

# Key of the `SocketGuard` in `app.extensions`.
SOCKET_GUARD = "socket_guard"
# Key of the `CameraSocket` there.
CAMERA_SOCKET = "camera_socket"

ROUTES = (
    *(pages, api, analysis, learn, camera, people_in_view, metrics, stream, row_stream, wall),
    *(catalog, comparison, exports, figures, markers, people, session_import),
)

__all__ = ["ServerContext", "add_camera", "close_app", "create_app", "create_node_app", "remove_camera"]


def create_app(
    links: Mapping[str, VisionLink], store: SessionStore, settings: Settings, context: ServerContext
) -> tuple[Flask, SocketIO]:
    """Build the app and start reading from `links`. End it with `close_app`.

    Args:
        links: Connection to the vision process of each camera, by its name in `settings.cameras`.
        store: The sessions file.
    """
    analysis = _build_analysis(settings, context.run_blocking)
    return _build_app(build_services(store, settings, context, CameraRegistry(), analysis), context, links)


def create_node_app(store: SessionStore, settings: Settings, context: ServerContext) -> tuple[Flask, SocketIO]:
    """Build the app of a web node, which holds no models, and whose cameras come and go (`add_camera`)."""
    services = build_services(store, settings, context, CameraRegistry(may_change=True), analysis=None)
    return _build_app(services, context, links={})


def _build_app(services: Services, context: ServerContext, links: Mapping[str, VisionLink]) -> tuple[Flask, SocketIO]:
    settings = services.settings
    app = _create_flask(settings)
    app.extensions[EXTENSION_NAME] = services
    install_language(app)
    install_page_modules(app)
    app.jinja_env.globals["offers_analysis"] = services.analysis is not None
    for module in ROUTES:
        app.register_blueprint(module.blueprint)
    api.register_error_handlers(app)
    upload_limits = analysis.upload_limits(settings) | session_import.upload_limits(settings)
    socketio, socket_guard = socketio_server.build_socketio(app, context.async_mode, upload_limits)
    events.register_events(socketio, socket_guard.finish_handshake)
    services.emit = socketio.emit
    for name, link in links.items():
        add_camera(app, name, link, settings.cameras[name])
    access = CameraAccess()
    camera_socket = _install_camera_socket(app, BrowserCameras(services.cameras, access), context.async_mode)
    install_guards(app, settings, context.token, access.admits)
    app.extensions[SOCKET_GUARD] = socket_guard
    for task in (socket_guard.run, camera_socket.run, services.wall.run):
        socketio.start_background_task(task)
    return app, socketio


def _create_flask(settings: Settings) -> Flask:
    app = Flask(
        "app",
        root_path=str(PROJECT),
        template_folder=str(resource("templates")),
        static_folder=str(resource("static")),
        instance_path=str(data_folder(settings.data)),
    )
    app.config["MAX_CONTENT_LENGTH"] = socketio_server.MAX_MESSAGE_BYTES
    return app


def add_camera(
    app: Flask, name: str, link: VisionLink, settings: Settings, recorder: SessionRecorder | None = None
) -> None:
    """Show a camera, and start reading from its link.

    Args:
        settings: The app's settings with the source of this camera.
        recorder: Of a camera that another process records; by default this one does.
    """
    services: Services = app.extensions[EXTENSION_NAME]
    socketio: SocketIO = app.extensions["socketio"]
    camera = open_camera(
        name,
        link,
        settings,
        store=services.store,
        disk_worker=services.disk_worker,
        attributes=services.attributes,
        rows=services.rows,
        notifications=services.notifications,
        recorder=recorder,
    )
    camera.emit = partial(socketio.emit, to=camera.room)
    services.cameras.add(camera)
    camera.presence.update()
    socketio.start_background_task(MessageDispatcher(camera, services.yield_now).run)


def remove_camera(app: Flask, name: str) -> None:
    """Show a camera no more; its link is closed already."""
    services: Services = app.extensions[EXTENSION_NAME]
    services.cameras.remove(name).broadcaster.close()


def _install_camera_socket(app: Flask, browser_cameras: BrowserCameras, async_mode: str) -> CameraSocket:
    """Answer the connections of browsers that give their camera in front of Flask."""
    camera_socket = CameraSocket(app.wsgi_app, browser_cameras, async_mode)
    app.extensions |= {BROWSER_CAMERAS: browser_cameras, CAMERA_SOCKET: camera_socket}
    app.wsgi_app = camera_socket  # type: ignore[method-assign]
    return camera_socket


def close_app(app: Flask) -> None:
    """End streams, close a running session and stop the vision process. May be called twice."""
    app.extensions[SOCKET_GUARD].close()
    app.extensions[CAMERA_SOCKET].close()
    app.extensions[EXTENSION_NAME].close()


def build_services(
    store: SessionStore,
    settings: Settings,
    context: ServerContext,
    cameras: CameraRegistry,
    analysis: ClientAnalysis | None,
) -> Services:
    """Create the parts of the server and connect them; cameras are added later."""
    disk_worker, attributes = DiskWorker(context.run_blocking), _load_attributes(settings)
    rows = RowFeed(last_id=round(1000 * time.time()))  # so that ids grow over restarts of the server
    notifications = build_notifications(settings, context.webhook_secret, attributes)
    return Services(
        cameras=cameras,
        store=store,
        settings=settings,
        attributes=attributes,
        disk_worker=disk_worker,
        rows=rows,
        notifications=notifications,
        retention=Retention(store, disk_worker, settings.keep_days),
        leases=LeaseRenewal(store, disk_worker, lambda: [one["id"] for one in cameras.running_sessions]),
        analysis=analysis,
        wall=Wall(cameras),
        yield_now=context.yield_now,
    )


def _build_analysis(settings: Settings, run_blocking: RunBlocking) -> ClientAnalysis:
    jobs = JobRunner(data_folder(settings.data) / "jobs", settings, run_blocking)
    return ClientAnalysis(PictureProcess(settings), LessonProcess(settings), jobs)


def _load_attributes(settings: Settings) -> AttributeSet:
    """The attributes of the models; only the app's own ones if a card is invalid, which the vision process reports."""
    try:
        return load_attributes(settings.models, settings.enabled_attributes)
    except ModelError:
        return AttributeSet()

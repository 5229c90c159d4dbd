"""The web process: pages, streams, the JSON interface and Socket.IO, on any async mode."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask_socketio import SocketIO

from app.paths import PROJECT, default_data_folder, resource
from app.sessions.disk_worker import DiskWorker, RunBlocking, call_now
from app.sessions.recorder import Recorder
from app.sessions.retention import Retention
from app.sessions.store import SessionStore
from app.settings import Settings
from app.web.live.frame_broadcaster import FrameBroadcaster
from app.web.live.message_dispatcher import MessageDispatcher
from app.web.live.services import EXTENSION_NAME, Services
from app.web.live.viewer_presence import ViewerPresence
from app.web.live.vision_state import CameraList, VisionState
from app.web.routes import api, events, metrics, pages, socketio_server, stream
from app.web.security import request_guard
from app.wire import VisionLink

__all__ = ["close_app", "create_app", "data_folder"]


def data_folder(settings: Settings) -> Path:
    """Where the sessions file lies: `settings.data`, else the default of this kind of installation."""
    return Path(settings.data).expanduser().resolve() if settings.data else default_data_folder()


def create_app(
    link: VisionLink,
    store: SessionStore,
    settings: Settings,
    *,
    token: str | None = None,
    async_mode: str = "threading",
    run_blocking: RunBlocking = call_now,
    yield_now: Callable[[], None] = lambda: None,
) -> tuple[Flask, SocketIO]:
    """The app, already reading from `link`; end it with `close_app`.

    Args:
        link: Where results come from and commands go.
        store: The sessions file.
        token: Asked of everyone; needed where others than this computer can reach the server.
        async_mode: Of Flask-SocketIO: `threading` or `eventlet`.
        run_blocking: `run_blocking(function, *args)` waits for the disk without holding up the server.
        yield_now: Lets other green threads run; nothing is needed with real threads.
    """
    app = Flask(
        "app",
        root_path=str(PROJECT),
        template_folder=str(resource("templates")),
        static_folder=str(resource("static")),
        instance_path=str(data_folder(settings)),
    )
    app.config["MAX_CONTENT_LENGTH"] = socketio_server.LARGEST_MESSAGE
    services = assemble(link, store, settings, run_blocking)
    app.extensions[EXTENSION_NAME] = services
    services.presence.update()
    for part in (pages, api, metrics, stream):
        app.register_blueprint(part.blueprint)
    api.register_errors(app)
    socketio = socketio_server.build(app, async_mode)
    events.register(socketio, lambda: socketio.emit("status", services.status()))
    request_guard.protect(app, settings, token)
    socketio.start_background_task(MessageDispatcher(services, socketio.emit, yield_now).run)
    return app, socketio


def close_app(app: Flask) -> None:
    """End the streams, close a running session, stop the vision process; may be called twice."""
    app.extensions[EXTENSION_NAME].close()


def assemble(link: VisionLink, store: SessionStore, settings: Settings, run_blocking: RunBlocking) -> Services:
    """The parts, wired to each other."""
    disk_worker = DiskWorker(run_blocking)
    recorder, clients = Recorder(store, disk_worker), set[str]()
    return Services(
        link=link,
        store=store,
        settings=settings,
        disk_worker=disk_worker,
        recorder=recorder,
        retention=Retention(store, disk_worker, settings.keep_days),
        broadcaster=FrameBroadcaster(lambda keys: link.send("views", {"views": list(keys)})),
        state=VisionState(settings.source),
        cameras=CameraList(lambda: link.send("list_cameras")),
        presence=ViewerPresence(
            lambda: bool(clients or recorder.current), lambda wanted: link.send("numbers", {"wanted": wanted})
        ),
        clients=clients,
    )

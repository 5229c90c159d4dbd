"""The command `run`: serve the cameras of this computer, each with a vision process of its own."""

from __future__ import annotations

from contextlib import ExitStack

from app.paths import data_folder
from app.processes.vision_supervisor import VisionProcessLink
from app.serving.web_server import WebServer, open_session_store
from app.sessions.database.sqlite.folder_lock import FolderLock
from app.settings import Settings
from app.web import close_app, create_app
from app.web.security.request_guard import needs_token
from app.web.security.token_auth import new_token


def serve_cameras(settings: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM, then stop the vision processes and close the sessions.

    Raises:
        PortInUse: the server cannot listen on the address.
        SettingsError: the host is no address of this computer, or the certificate or its key cannot be used.
        SessionError: another server uses the folder of the sessions.
    """
    server = WebServer(settings)
    settings = server.settings
    with ExitStack() as at_end:
        at_end.callback(FolderLock(data_folder(settings.data), server.address).close)
        at_end.callback(server.stop)
        token = new_token() if needs_token(settings) else None
        store = open_session_store(settings)
        links = {name: VisionProcessLink(camera) for name, camera in settings.cameras.items()}
        for link in links.values():
            at_end.callback(link.close)
        app, _ = create_app(links, store, settings, server.context(token))
        at_end.callback(close_app, app)
        server.serve(app, token)

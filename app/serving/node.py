"""The command `web`: serve the cameras of other processes as a web node."""

from __future__ import annotations

import os
from contextlib import ExitStack

from app.cluster.node.web_node import WebNode
from app.serving.web_server import WebServer, open_session_store
from app.settings import Settings
from app.web import close_app, create_node_app
from app.web.security.request_guard import needs_token


def serve_node(settings: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM. Sessions go on without this node; raises as `serve_cameras` does."""
    server = WebServer(settings)
    node = WebNode(server.settings, os.environ)
    with ExitStack() as at_end:
        at_end.callback(server.stop)
        token = node.shared_token() if needs_token(server.settings) else None
        app, _ = create_node_app(open_session_store(server.settings), server.settings, server.context(token))
        at_end.callback(close_app, app)
        at_end.callback(node.close)
        node.start(app)
        server.serve(app, token)

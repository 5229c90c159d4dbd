"""Run the web process on its production server, with a fake vision process.

`python -m tests.support.processes.web_process FOLDER [TIMEOUT_S [JPEG_BYTES]]` prints its port, serves 30 frames per
second with one face, disconnects clients that read nothing for TIMEOUT_S, and ends at the end of its standard input.
Then it prints how often it asked the vision process for the cameras.
The variable SERVER selects the server, as in the app.
"""

from __future__ import annotations

import importlib
import os
import sys

from app.settings import DEFAULT_CAMERA, Settings

FPS = 30
SERVER = Settings.from_env({"SERVER": os.environ.get("SERVER", "")}).server
if SERVER == "eventlet":
    import eventlet

    eventlet.monkey_patch()

import threading  # noqa: E402
import time  # noqa: E402

from app import logs  # noqa: E402
from app.sessions.store import SessionStore  # noqa: E402
from app.web import ServerContext, close_app, create_app  # noqa: E402
from app.web.servers import request_limits  # noqa: E402
from app.web.servers.listener import open_listener  # noqa: E402
from tests.support.fakes import FakeLink, make_face, status_body  # noqa: E402


def send_frames(link: FakeLink, jpeg_bytes: int) -> None:
    link.feed("vision", {"state": "running", "pid": 1, "restarts": 0, "error": None})
    link.feed("status", status_body())
    index, started_s = 0, time.monotonic()
    while not link.closed:
        link.feed_frame(index, [make_face()], padding=jpeg_bytes)
        index += 1
        time.sleep(max(0.0, started_s + index / FPS - time.monotonic()))  # at the pace of a camera, also when late


def main(folder: str, timeout_s: str = "30", jpeg_bytes: str = "0") -> None:
    logs.configure()
    request_limits.SOCKET_TIMEOUT_S = float(timeout_s)
    server = importlib.import_module(f"app.web.servers.{SERVER}_server")
    settings = Settings(data=folder, port=0, server=SERVER)
    link, listener = FakeLink(), open_listener(settings)
    context = ServerContext(async_mode=SERVER, run_blocking=server.run_blocking, yield_now=server.yield_now)
    app, _ = create_app({DEFAULT_CAMERA: link}, SessionStore(folder), settings, context)
    threading.Thread(target=send_frames, args=(link, int(jpeg_bytes)), daemon=True).start()
    stop_server = server.start(listener, app, None)
    print(listener.getsockname()[1], flush=True)
    server.run_blocking(sys.stdin.buffer.read)
    print(sum(command == "list_cameras" for command, _ in link.sent), flush=True)
    close_app(app)
    stop_server()


if __name__ == "__main__":
    main(*sys.argv[1:])

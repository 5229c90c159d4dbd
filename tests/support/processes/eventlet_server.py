"""Run the web process on eventlet, as in production, with a fake vision process.

`python -m tests.support.processes.eventlet_server FOLDER [TIMEOUT_S [JPEG_BYTES]]` prints its port, serves 30
frames per second with one face, disconnects clients that read nothing for TIMEOUT_S, and ends at the end of
its standard input.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import socket  # noqa: E402
import sys  # noqa: E402

import eventlet.tpool  # noqa: E402
import eventlet.wsgi  # noqa: E402

from app.sessions.store import SessionStore  # noqa: E402
from app.settings import Settings  # noqa: E402
from app.web import close_app, create_app  # noqa: E402
from app.web.routes.stream import SEND_BUFFER_BYTES  # noqa: E402
from tests.support.fakes import FakeLink, make_face, status_body  # noqa: E402


def send_frames(link: FakeLink, jpeg_bytes: int) -> None:
    link.feed("vision", {"state": "running", "pid": 1, "restarts": 0, "error": None})
    link.feed("status", status_body())
    index = 0
    while not link.closed:
        link.feed_frame(index, [make_face()], padding=jpeg_bytes)
        index += 1
        eventlet.sleep(1 / 30)


def main(folder: str, timeout_s: str = "30", jpeg_bytes: str = "0") -> None:
    link, listener = FakeLink(), eventlet.listen(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    app, _ = create_app(
        link,
        SessionStore(folder),
        Settings(data=folder),
        async_mode="eventlet",
        run_blocking=eventlet.tpool.execute,
        yield_now=lambda: eventlet.sleep(0),
    )
    eventlet.spawn(send_frames, link, int(jpeg_bytes))
    options = {"log_output": False, "debug": False, "minimum_chunk_size": 0, "socket_timeout": float(timeout_s)}
    eventlet.spawn(eventlet.wsgi.server, listener, app, **options)
    print(listener.getsockname()[1], flush=True)
    eventlet.tpool.execute(sys.stdin.buffer.read)
    close_app(app)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The web process as in production, on eventlet, with a fake vision process.

`python -m tests.support.eventlet_server FOLDER [STALLED_S [PICTURE_BYTES]]` prints its port, serves 30 frames a second
with a face, drops who takes nothing for STALLED_S, and ends at end of file on its standard input.
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


def feed(link: FakeLink, picture_bytes: int) -> None:
    link.feed("vision", {"state": "running", "pid": 1, "restarts": 0, "error": None})
    link.feed("status", status_body())
    index = 0
    while not link.closed:
        link.feed_frame(index, [make_face()], padding=picture_bytes)
        index += 1
        eventlet.sleep(1 / 30)


def main(folder: str, stalled_s: str = "30", picture_bytes: str = "0") -> None:
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
    eventlet.spawn(feed, link, int(picture_bytes))
    options = {"log_output": False, "debug": False, "minimum_chunk_size": 0, "socket_timeout": float(stalled_s)}
    eventlet.spawn(eventlet.wsgi.server, listener, app, **options)
    print(listener.getsockname()[1], flush=True)
    eventlet.tpool.execute(sys.stdin.buffer.read)
    close_app(app)


if __name__ == "__main__":
    main(*sys.argv[1:])

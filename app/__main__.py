"""Composition root: `python -m app` wires the vision process, the sessions and the web server together."""

from __future__ import annotations

import sys


def _serves(arguments: list[str]) -> bool:
    return not arguments or arguments[0] == "run"


if __name__ == "__main__" and _serves(sys.argv[1:]):
    # First of all, and only for serving: everything imported from here on must see the green standard library.
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eventlet greets everyone with a farewell of its own
        import eventlet

    eventlet.monkey_patch()

import logging  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
from typing import Any  # noqa: E402

from app.cli import cli  # noqa: E402
from app.errors import PortTaken  # noqa: E402
from app.settings import Settings  # noqa: E402


def serve(settings: Settings) -> None:
    """Serve the page until Ctrl-C or SIGTERM; then stop the vision process and close the session.

    Raises:
        PortTaken: the address cannot be listened on.
    """
    import eventlet
    import eventlet.tpool
    import eventlet.wsgi

    from app.sessions.store import SessionStore
    from app.vision.process import ProcessLink
    from app.web import close_app, create_app, data_folder

    listener = _listen(settings)
    store = SessionStore(data_folder(settings), warn=_warn)
    link = ProcessLink(settings)
    app = None
    try:
        app, _ = create_app(
            link,
            store,
            settings,
            async_mode="eventlet",
            run_blocking=eventlet.tpool.execute,
            yield_now=lambda: eventlet.sleep(0),
        )
        host, port = listener.getsockname()[:2]
        print(f"Open http://{_spoken(host)}:{port} (Ctrl-C stops)", flush=True)
        # A green thread of its own, since the server waits for open streams before it returns.
        # Every part of a stream is sent at once: by default small ones are gathered to 4 kB.
        eventlet.spawn(eventlet.wsgi.server, listener, app, log_output=False, debug=False, minimum_chunk_size=0)
        _wait_for_signal()
    finally:
        if app is not None:
            close_app(app)
        link.close()


def _listen(settings: Settings) -> socket.socket:
    import eventlet

    from app.web.stream import SEND_BUFFER

    try:
        listener = eventlet.listen((settings.host, settings.port), reuse_port=False)
    except OSError as error:
        raise PortTaken(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); "
            f"stop what uses it or choose another with --port {settings.port + 1}"
        ) from None
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    return listener


def _spoken(host: str) -> str:
    """The host as one types it into a browser."""
    return {"0.0.0.0": "localhost", "::": "localhost"}.get(host, host)


def _wait_for_signal() -> None:
    """Wait for Ctrl-C or SIGTERM without an exception, which would end whichever green thread runs."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _noted)
    reader.recv(1)


def _warn(line: str) -> None:
    """Not by logging: its locks are green, and a real thread that waits for one waits for ever."""
    print(line, file=sys.stderr, flush=True)


def _noted(*_: Any) -> None:
    """The signal's number has been written to the wake-up socket."""


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    cli(obj=serve)

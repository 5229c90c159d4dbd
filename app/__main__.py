"""Composition root: `python -m app` wires the vision process, the sessions and the web server together."""

from __future__ import annotations

import signal
import socket
import sys
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from app.errors import PortInUse

if TYPE_CHECKING:
    from app.settings import Settings

IDLE_S = 20.0  # a connection may wait so long between two requests
STALLED_S = 30.0  # and hold up so long what is sent or asked


def main() -> None:
    """Run the command line: `python -m app`, or `live-face-analysis` of the installed package."""
    if _serves(sys.argv[1:]):
        _patch_standard_library()
    from app import logs
    from app.cli import cli

    logs.configure()
    cli(obj=serve)


def _serves(arguments: list[str]) -> bool:
    return not arguments or arguments[0] == "run"


def _patch_standard_library() -> None:
    """Make threads and sockets cooperative. Only for serving, and before any other module of the app is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eventlet warns on import that it is deprecated
        import eventlet

    eventlet.monkey_patch()


def serve(settings: Settings) -> None:
    """Serve the page until Ctrl-C or SIGTERM; then stop the vision process and close the session.

    Raises:
        PortInUse: the address cannot be listened on.
        SettingsError: the certificate or its key cannot be used.
    """
    import eventlet
    import eventlet.tpool
    import eventlet.wsgi

    from app import logs
    from app.sessions.store import SessionStore
    from app.vision_supervisor import VisionProcessLink
    from app.web import close_app, create_app, data_folder
    from app.web.security.request_guard import needs_token
    from app.web.security.tls_listener import TlsListener, tls_context
    from app.web.security.token_auth import new_token

    logs.configure(settings.log_level, settings.log_json)
    tls = tls_context(settings)
    listener = TlsListener(_listen(settings), tls)
    token = new_token() if needs_token(settings) else None
    store = SessionStore(
        data_folder(settings), warn=lambda line: logs.warn_without_lock("sessions", line, settings.log_json)
    )
    link = VisionProcessLink(settings)
    app = None
    try:
        app, _ = create_app(
            link,
            store,
            settings,
            token=token,
            async_mode="eventlet",
            run_blocking=eventlet.tpool.execute,
            yield_now=lambda: eventlet.sleep(0),
        )
        print(f"Open {_link(listener.getsockname(), tls is not None, token)} (Ctrl-C stops)", flush=True)
        # A green thread of its own, since the server waits for open streams before it returns.
        eventlet.spawn(_serve_requests, listener, app, tls is not None)
        _wait_for_signal()
    finally:
        if app is not None:
            close_app(app)
        link.close()


def _serve_requests(listener: Any, app: Any, secure: bool) -> None:
    import eventlet.wsgi

    class Protocol(eventlet.wsgi.HttpProtocol):
        """Ends the connection where a stranger breaks it, or speaks no TLS, instead of telling all of it."""

        def handle(self) -> None:
            with suppress(OSError):
                super().handle()

        def finish(self) -> None:
            with suppress(OSError):
                super().finish()

    eventlet.wsgi.server(
        listener,
        app,
        environ={"wsgi.url_scheme": "https", "HTTPS": "on"} if secure else None,
        protocol=Protocol,
        log_output=False,
        debug=False,
        keepalive=IDLE_S,
        socket_timeout=STALLED_S,
        # Every part of a stream is sent at once: by default small ones are gathered to 4 kB.
        minimum_chunk_size=0,
    )


def _listen(settings: Settings) -> socket.socket:
    import eventlet

    from app.web.routes.stream import SEND_BUFFER_BYTES

    try:
        host = settings.host.strip("[]")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = eventlet.listen((host, settings.port), family, reuse_port=False)
    except OSError as error:
        raise PortInUse(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); "
            f"stop what uses it or choose another with --port {settings.port + 1}"
        ) from None
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    return listener


def _link(address: tuple[Any, ...], secure: bool, token: str | None) -> str:
    """What one opens in a browser; the only place where the token is ever told."""
    host, port = address[:2]
    host = _reached_by(host) if host in ("0.0.0.0", "::") else host
    host = f"[{host}]" if ":" in host else host
    return f"http{'s' if secure else ''}://{host}:{port}{f'/?token={token}' if token else ''}"


def _reached_by(host: str) -> str:
    """This computer's own address on its network, where it listens on every one; nothing is sent to learn it."""
    family, elsewhere = (socket.AF_INET6, "2001:db8::1") if host == "::" else (socket.AF_INET, "192.0.2.1")
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((elsewhere, 9))
            return str(probe.getsockname()[0])
        except OSError:  # no network
            return "localhost"


def _wait_for_signal() -> None:
    """Wait for Ctrl-C or SIGTERM without an exception, which would end whichever green thread runs."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _noted)
    reader.recv(1)


def _noted(*_: Any) -> None:
    """The signal's number has been written to the wake-up socket."""


if __name__ == "__main__":
    main()
